/* review.c: texts that nobody reviewed in time, and texts that a reviewer wants anew. People's own
 * decisions are the API's. */
#include "base/clock.h"
#include "base/config.h"
#include "db/tx.h"
#include "delivery/delivery.h"
#include "pipeline/strategy.h"
#include "store/audit.h"
#include "store/content.h"

enum { BATCH = 50, HELD_MS = 10 * 60 * 1000 };

struct waiting {
    const struct step *step;
    const struct mission *mission;
    int64_t hours;
    const struct content *due; /* the first n of these */
    size_t n;
};

static error approve(struct ctx *c, struct content *x, int64_t hours)
{
    x->scheduling.scheduled_ms = content_planned_ms(x, c->now_ms);
    x->review.reviewed_ms = c->now_ms;
    x->review.notes =
        arena_printf(c->arena, "Approved by itself after %d hours without a review.", (int)hours);
    TRY(store_content_move(c, x,
                           x->scheduling.scheduled_ms ? CONTENT_SCHEDULED : CONTENT_APPROVED));
    TRY(store_audit_system(c, S("approveContent"), S("cnt_"), &x->id, x->review.notes));
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
        if (x.status == CONTENT_PENDING_REVIEW && x.revision == w->due[i].revision)
            TRY(approve(c, &x, w->hours));
    }
    return NULL;
}

error review_run(struct ctx *c, const struct step *s, const struct charter *ch, int64_t *next_ms)
{
    int64_t hours = ch->constraints.auto_approve_after_hours, since_ms;
    struct waiting w = {.step = s, .mission = ch->mission, .hours = hours};
    struct list due;
    *next_ms = INT64_MAX;
    if (hours == INT_NONE)
        return NULL;
    TRY(store_content_waiting(c, &ch->mission->id, c->now_ms - hours * HOUR_MS, BATCH, &due));
    w.due = due.at;
    w.n = due.n;
    if (w.n)
        TRY(in_transaction(c, approve_due, &w));
    TRY(store_content_waiting_since(c, &ch->mission->id, &since_ms));
    if (since_ms)
        *next_ms = since_ms + hours * HOUR_MS;
    return NULL;
}

/* A text that is written anew. */
struct rewrite {
    const struct step *step;
    struct charter charter;
    struct content content; /* as it was */
    struct written text;
};

/* What a reviewer wanted: why it was rejected, and what to do better. */
static struct str feedback_of(struct arena *a, const struct content *x)
{
    return str_trim(
        arena_printf(a, "%.*s\n%.*s", STR(x->review.rejection_reason), STR(x->review.notes)));
}

/* Transaction: the new version takes the place of the old one, and waits for a review, unless the
 * quality gate refused it to the last. A person may have decided otherwise meanwhile. */
static error replace(struct ctx *c, void *arg)
{
    const struct rewrite *r = arg;
    const struct quality *q = &r->text.quality;
    const struct draft *d = &r->text.draft;
    struct content x;
    struct revision why = {.cause = VERSION_REGENERATED};
    TRY(store_job_extend(c, r->step->job, r->step->job->locked_until_ms));
    TRY(store_content_lock(c, &r->content.id, &x));
    if (x.revision != r->content.revision)
        return NULL;
    why.author = x.review.reviewed_by;
    why.reason = feedback_of(c->arena, &x);
    x.copy = shape_text(c->arena, &copy_shape, &d->copy);
    x.metadata.topic = d->topic;
    x.metadata.confidence = q->confidence;
    x.metadata.model = d->model;
    x.metadata.cost_microcents += d->cost_microcents;
    x.scheduling.scheduled_ms = q->reason.p ? 0 : content_planned_ms(&x, c->now_ms);
    x.review.approvals = 0;
    x.review.rejection_reason = q->reason;
    TRY(store_content_rewrite(c, &x, &why));
    TRY(drafts_used(c, &x));
    if (!q->reason.p)
        return store_content_move(c, &x, q->waits ? CONTENT_DRAFT : CONTENT_PENDING_REVIEW);
    TRY(store_audit_system(c, S("rejectContent"), S("cnt_"), &x.id, q->reason));
    return store_content_move(c, &x, CONTENT_REJECTED);
}

/* Transaction: there is no new version, and will be none. The old one stays, with the reason. */
static error refuse(struct ctx *c, void *arg)
{
    const struct rewrite *r = arg;
    struct content x;
    TRY(store_job_extend(c, r->step->job, r->step->job->locked_until_ms));
    TRY(store_content_lock(c, &r->content.id, &x));
    if (x.revision != r->content.revision)
        return NULL;
    x.scheduling.scheduled_ms = 0;
    x.review.rejection_reason = r->text.draft.failure->cause;
    TRY(drafts_used(c, &x));
    return store_content_move(c, &x, CONTENT_REJECTED);
}

/* That there will be no text is no error: r->text.draft.failure says why. */
static error write_anew(struct ctx *c, struct rewrite *r)
{
    const struct content *x = &r->content;
    struct brief brief = brief_of(&r->charter);
    int64_t ordinal;
    TRY(store_content_count_of(c, &x->mission_id, (enum platform)x->platform, &ordinal));
    struct prompt p = {
        .brief = &brief,
        .platform = (enum platform)x->platform,
        .type = (enum content_type)x->type,
        .pillar = x->metadata.pillar,
        .topic = strategy_topic(r->charter.brand, x->metadata.pillar),
        .slot_ms = x->slot_ms,
        .seed = seed_of(r->charter.mission),
        .ordinal = (uint32_t)(ordinal + x->version),
        .feedback = feedback_of(c->arena, x),
        .content = x->id,
    };
    TRY(quality_write(c, r->step, &r->charter, &(struct list){&p, 1}, &x->id, &r->text));
    error failure = r->text.draft.failure;
    return error_is(failure, ERR_VALIDATION_FAILED) ? NULL : failure;
}

/* Until the mission is resumed, which wakes those at this stage. */
static error hold(struct step *s)
{
    s->stage = JOB_STAGE_HELD;
    return step_pause(s, HELD_MS, S("Its mission is paused."));
}

error rewrite_run(struct ctx *c, struct step *s)
{
    struct rewrite r = {.step = s};
    struct mission m;
    enum drafts_end end;
    error e = store_content_get(c, &s->job->ref, &r.content);
    s->stage = 0;
    if (!e)
        e = store_mission_get(c, &r.content.mission_id, &m);
    if (error_is(e, ERR_NOT_FOUND))
        return step_done(s);
    TRY(e);
    if (r.content.status != CONTENT_REJECTED && r.content.status != CONTENT_DRAFT)
        return step_done(s);
    if (m.status == MISSION_PAUSED)
        return hold(s);
    TRY(charter_load(c, &m, &r.charter));
    TRY(drafts_end(c, s, &m.id, write_anew(c, &r), &end));
    if (end == DRAFTS_EXHAUSTED)
        return step_retry(s, HOUR_MS, S("The budget of the mission is used up."));
    if (end == DRAFTS_UNWANTED)
        return step_again(s, c->now_ms);
    if (end == DRAFTS_AWAITED)
        return drafts_await(s);
    TRY(in_transaction(c, r.text.draft.failure ? refuse : replace, &r));
    return step_done(s);
}
