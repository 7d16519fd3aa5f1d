/* review.c: texts that nobody reviewed in time, and texts that a reviewer wants anew. People's own
 * decisions are the API's. */
#include "base/clock.h"
#include "base/config.h"
#include "db/tx.h"
#include "delivery/delivery.h"
#include "pipeline/strategy.h"
#include "store/content.h"

enum { BATCH = 50 };

struct waiting {
    const struct step *step;
    const struct mission *mission;
    int64_t hours;
    const struct content *due; /* the first n of these */
    size_t n;
};

/* Its place in the calendar, if that is still to come. */
static int64_t slot_ahead(const struct ctx *c, const struct content *x)
{
    return x->slot_ms > c->now_ms ? x->slot_ms : 0;
}

static error approve(struct ctx *c, struct content *x, int64_t hours)
{
    x->scheduling.scheduled_ms = slot_ahead(c, x);
    x->review.reviewed_ms = c->now_ms;
    x->review.notes =
        arena_printf(c->arena, "Approved by itself after %d hours without a review.", (int)hours);
    TRY(store_content_move(c, x,
                           x->scheduling.scheduled_ms ? CONTENT_SCHEDULED : CONTENT_APPROVED));
    return x->status == CONTENT_SCHEDULED ? delivery_schedule(c, x) : NULL;
}

/* Transaction. A person may have decided meanwhile. */
static error approve_due(struct ctx *c, void *arg)
{
    const struct waiting *w = arg;
    TRY(mission_hold(c, w->step, w->mission));
    for (size_t i = 0; i < w->n; i++) {
        struct content x;
        TRY(store_content_lock(c, &w->due[i].id, &x));
        if (x.status == CONTENT_PENDING_REVIEW)
            TRY(approve(c, &x, w->hours));
    }
    return NULL;
}

error review_run(struct ctx *c, const struct step *s, const struct charter *ch, int64_t *next_ms)
{
    int64_t hours = ch->constraints.auto_approve_after_hours;
    struct waiting w = {.step = s, .mission = ch->mission, .hours = hours};
    struct id from_the_first = {{0}};
    struct list pending;
    *next_ms = INT64_MAX;
    if (hours == INT_NONE)
        return NULL;
    TRY(store_content_in_state(c, &ch->mission->id, CONTENT_PENDING_REVIEW, &from_the_first, BATCH,
                               &pending));
    w.due = pending.at;
    while (w.n < pending.n && w.due[w.n].created_ms + hours * HOUR_MS <= c->now_ms)
        w.n++;
    if (w.n < pending.n)
        *next_ms = w.due[w.n].created_ms + hours * HOUR_MS;
    else if (w.n == BATCH)
        *next_ms = c->now_ms;
    return w.n ? in_transaction(c, approve_due, &w) : NULL;
}

/* A text that is written anew. */
struct rewrite {
    struct content content;
    const struct job *job;
};

/* Transaction: the new version takes the place of the rejected one, and waits for a review. */
static error replace(struct ctx *c, void *arg)
{
    const struct rewrite *r = arg;
    struct content x = r->content;
    bool ready;
    TRY(store_job_extend(c, r->job, r->job->locked_until_ms));
    TRY(content_is_ready(c->arena, &x, &ready));
    x.scheduling.scheduled_ms = slot_ahead(c, &x);
    TRY(store_content_rewrite(c, &x));
    TRY(drafts_used(c, &x));
    TRY(store_content_move(c, &x, CONTENT_DRAFT));
    return ready ? store_content_move(c, &x, CONTENT_PENDING_REVIEW) : NULL;
}

static error write_anew(struct ctx *c, const struct step *s, const struct charter *ch,
                        struct content *x)
{
    struct brief brief = brief_of(ch);
    struct draft d;
    int64_t ordinal;
    TRY(store_content_count_of(c, &x->mission_id, (enum platform)x->platform, &ordinal));
    struct prompt p = {
        .brief = &brief,
        .platform = (enum platform)x->platform,
        .type = (enum content_type)x->type,
        .pillar = x->metadata.pillar,
        .slot_ms = x->slot_ms,
        .seed = seed_of(ch->mission),
        .ordinal = (uint32_t)(ordinal + x->version),
        .feedback = arena_printf(c->arena, "%.*s\n%.*s", STR(x->review.rejection_reason),
                                 STR(x->review.notes)),
        .content = x->id,
    };
    TRY(drafts_write(c, s, ch, &p, 1, &d));
    TRY(d.failure);
    x->copy = shape_text(c->arena, &copy_shape, &d.copy);
    x->metadata.topic = d.topic;
    x->metadata.confidence = d.confidence;
    x->metadata.model = d.model;
    x->metadata.cost_microcents += d.cost_microcents;
    x->version++;
    return NULL;
}

error rewrite_run(struct ctx *c, struct step *s)
{
    struct rewrite r = {.job = s->job};
    struct mission m;
    struct charter ch;
    bool exhausted;
    error e = store_content_get(c, &s->job->ref, &r.content);
    if (!e)
        e = store_mission_get(c, &r.content.mission_id, &m);
    if (error_is(e, ERR_NOT_FOUND))
        return step_done(s);
    TRY(e);
    if (r.content.status != CONTENT_REJECTED)
        return step_done(s);
    TRY(charter_load(c, &m, &ch));
    e = write_anew(c, s, &ch, &r.content);
    TRY(budget_check(c, s, &m.id, &exhausted));
    if (exhausted)
        return step_retry(s, HOUR_MS, S("The budget of the mission is used up."));
    TRY(e);
    TRY(in_transaction(c, replace, &r));
    return step_done(s);
}
