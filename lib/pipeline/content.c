/* content.c: the third stage: writes texts for the slots of the coming days that have none. What
 * they say is the writer's (llm/); what becomes of them when their time comes is publish.c's. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "db/tx.h"
#include "delivery/delivery.h"
#include "pipeline/strategy.h"
#include "store/audit.h"
#include "store/content.h"

enum { BATCH = 50, SLOTS_MAX = 10000 };

/* A place in the calendar without a text. */
struct gap {
    int64_t slot_ms;
    enum platform platform;
    uint64_t ordinal; /* of the text to come, among the mission's on the platform */
};

struct batch {
    const struct step *step;
    const struct charter *charter;
    struct strategy strategy;
    struct gap *gaps;
    size_t n;
    struct prompt *prompts;
    struct written *texts;
    struct content *contents; /* as many as were written */
    size_t contents_count;
    size_t inserted;
};

static int64_t horizon_ms(const struct ctx *c)
{
    return c->now_ms + c->config->horizon_days * DAY_MS;
}

struct brief brief_of(const struct charter *ch)
{
    return (struct brief){
        .name = ch->mission->name,
        .description = ch->mission->description,
        .objectives = ch->objectives,
        .tone = ch->constraints.tone.n || !ch->brand ? ch->constraints.tone : ch->brand->tone,
        .language = ch->constraints.language,
        .excluded_topics = ch->constraints.excluded_topics,
        .brand = ch->brand,
    };
}

uint64_t seed_of(const struct mission *m)
{
    uint64_t seed;
    memcpy(&seed, m->id.c + ID_LEN - sizeof seed, sizeof seed); /* the random part of the id */
    return seed;
}

static int by_slot(const void *a, const void *b)
{
    const struct gap *x = a, *y = b;
    if (x->slot_ms != y->slot_ms)
        return x->slot_ms < y->slot_ms ? -1 : 1;
    return (int)x->platform - (int)y->platform;
}

/* A platform's slots up to the horizon, in order, from the beginning of today on: of a day of at
 * most 25 hours. */
static struct list slots_around(const struct ctx *c, const struct charter *ch, enum platform p)
{
    struct schedule s = charter_schedule(c->arena, ch, p);
    int64_t *slots = arena_array(c->arena, SLOTS_MAX, sizeof *slots);
    size_t n = schedule_slots(&s, c->now_ms - 25 * HOUR_MS, horizon_ms(c), slots, SLOTS_MAX);
    return (struct list){slots, n};
}

static bool same_day(struct str zone, int64_t a_ms, int64_t b_ms)
{
    struct civil a, b;
    zone_civil(zone, a_ms, &a, NULL);
    zone_civil(zone, b_ms, &b, NULL);
    return a.day == b.day && a.month == b.month && a.year == b.year;
}

/* A text that stands beside the slots, since the plan was another when it was written, fills the
 * nearest of its day that nobody has filled. */
static void fill_nearest(struct str zone, const struct list *slots, bool *filled, int64_t text_ms)
{
    const int64_t *slot = slots->at;
    size_t best = slots->n;
    for (size_t i = 0; i < slots->n; i++) {
        bool far = llabs(slot[i] - text_ms) > DAY_MS;
        if (far || filled[i] || !same_day(zone, slot[i], text_ms))
            continue;
        if (best == slots->n || llabs(slot[i] - text_ms) < llabs(slot[best] - text_ms))
            best = i;
    }
    if (best < slots->n)
        filled[best] = true;
}

/* Which slots have a text? Both lists are in order. */
static void fill(struct arena *a, struct str zone, const struct list *slots,
                 const struct list *texts, bool *filled)
{
    const int64_t *slot = slots->at, *text = texts->at;
    int64_t *beside = arena_array(a, texts->n + 1, sizeof *beside);
    size_t n = 0, at = 0;
    for (size_t i = 0; i < texts->n; i++) {
        while (at < slots->n && slot[at] < text[i])
            at++;
        if (at < slots->n && slot[at] == text[i])
            filled[at] = true;
        else
            beside[n++] = text[i];
    }
    for (size_t i = 0; i < n; i++)
        fill_nearest(zone, slots, filled, beside[i]);
}

/* Those of the slots to come that a platform has no text for; *n is their number. */
static error gaps_of(struct ctx *c, const struct charter *ch, enum platform p,
                     const struct list *slots, struct gap *out, size_t *n)
{
    const int64_t *slot = slots->at;
    bool *filled = arena_array(c->arena, slots->n + 1, sizeof *filled);
    struct list texts;
    *n = 0;
    if (!slots->n)
        return NULL;
    TRY(store_content_slots(c, &ch->mission->id, p, c->now_ms - 25 * HOUR_MS, horizon_ms(c),
                            &texts));
    fill(c->arena, ch->schedule.zone, slots, &texts, filled);
    for (size_t i = 0; i < slots->n; i++) {
        if (!filled[i] && slot[i] >= c->now_ms)
            out[(*n)++] = (struct gap){slot[i], p, 0};
    }
    return NULL;
}

/* All gaps up to the horizon, the next first. */
static error find_gaps(struct ctx *c, struct batch *b)
{
    const struct charter *ch = b->charter;
    const int *platform = ch->platforms.at;
    struct list slots[PLATFORM_COUNT];
    size_t room = 0;
    for (size_t i = 0; i < ch->platforms.n; i++) {
        slots[i] = i && !ch->times ? slots[0] : slots_around(c, ch, (enum platform)platform[i]);
        room += slots[i].n;
    }
    b->gaps = arena_array(c->arena, room + 1, sizeof *b->gaps);
    for (size_t i = 0; i < ch->platforms.n; i++) {
        size_t n;
        TRY(gaps_of(c, ch, (enum platform)platform[i], &slots[i], b->gaps + b->n, &n));
        b->n += n;
    }
    qsort(b->gaps, b->n, sizeof *b->gaps, by_slot);
    return NULL;
}

error content_free_slot(struct ctx *c, const struct charter *ch, enum platform p, int64_t *slot_ms)
{
    struct list slots = slots_around(c, ch, p);
    struct gap *gaps = arena_array(c->arena, slots.n + 1, sizeof *gaps);
    size_t n;
    TRY(gaps_of(c, ch, p, &slots, gaps, &n));
    *slot_ms = n ? gaps[0].slot_ms : 0;
    return NULL;
}

/* Numbers the texts to come. */
static error number(struct ctx *c, struct batch *b)
{
    const struct charter *ch = b->charter;
    int64_t next[PLATFORM_COUNT] = {0};
    const int *platform = ch->platforms.at;
    for (size_t i = 0; i < ch->platforms.n; i++)
        TRY(store_content_count_of(c, &ch->mission->id, (enum platform)platform[i],
                                   &next[platform[i]]));
    for (size_t i = 0; i < b->n; i++)
        b->gaps[i].ordinal = (uint64_t)next[b->gaps[i].platform]++;
    return NULL;
}

static error write_texts(struct ctx *c, struct batch *b)
{
    struct brief brief = brief_of(b->charter);
    b->prompts = arena_array(c->arena, b->n, sizeof *b->prompts);
    b->texts = arena_array(c->arena, b->n, sizeof *b->texts);
    for (size_t i = 0; i < b->n; i++) {
        const struct gap *g = &b->gaps[i];
        struct str pillar = strategy_theme(&b->strategy, g->ordinal)->name;
        b->prompts[i] = (struct prompt){
            .brief = &brief,
            .platform = g->platform,
            .type = strategy_type(&b->strategy, g->platform, g->ordinal),
            .pillar = pillar,
            .topic = strategy_topic(b->charter->brand, pillar),
            .slot_ms = g->slot_ms,
            .seed = seed_of(b->charter->mission),
            .ordinal = (uint32_t)g->ordinal,
            .content = id_new(c->now_ms),
        };
    }
    return quality_write(c, b->step, b->charter, &(struct list){b->prompts, b->n}, NULL, b->texts);
}

/* Is there no text, and will there be none however often one asks? The place is taken all the same,
 * so that people see why. */
static bool is_refused(struct written *w)
{
    if (!error_is(w->draft.failure, ERR_VALIDATION_FAILED))
        return false;
    w->draft.copy = (struct copy){.primary = S("")};
    w->quality = (struct quality){.reason = w->draft.failure->cause};
    return true;
}

/* What needs no review goes straight into the calendar; what the platform takes only with an image
 * waits for a person as a draft; what was refused to the last is kept, in its place, for people to
 * see why. */
static void make_content(struct ctx *c, const struct batch *b, size_t i, struct content *out)
{
    const struct constraints *k = &b->charter->constraints;
    const struct prompt *p = &b->prompts[i];
    const struct draft *d = &b->texts[i].draft;
    const struct quality *q = &b->texts[i].quality;
    enum content_status status = quality_status(k, q);
    *out = (struct content){
        .id = p->content,
        .mission_id = b->charter->mission->id,
        .platform = (int)p->platform,
        .type = (int)p->type,
        .status = (int)status,
        .slot_ms = p->slot_ms,
        .copy = shape_text(c->arena, &copy_shape, &d->copy),
        .visuals = S("[]"),
        .metadata = {.topic = d->topic,
                     .pillar = p->pillar,
                     .tags = S("[]"),
                     .language = d->language.n ? d->language : k->language,
                     .confidence = q->confidence,
                     .model = d->model,
                     .cost_microcents = d->cost_microcents},
        .scheduling = {.scheduled_ms = q->reason.p ? 0 : p->slot_ms, .zone = k->timezone},
        .review = {.required = k->require_approval || status == CONTENT_PENDING_REVIEW,
                   .approvals_required = k->min_approvals,
                   .rejection_reason = q->reason},
        .version = 1,
        .hooks = b->charter->mission->hooks,
        .livemode = c->scope.live,
        .created_ms = c->now_ms,
        .updated_ms = c->now_ms,
    };
}

static void make_contents(struct ctx *c, struct batch *b)
{
    b->contents = arena_array(c->arena, b->n, sizeof *b->contents);
    for (size_t i = 0; i < b->n; i++) {
        const struct draft *d = &b->texts[i].draft;
        if (!d->failure || is_refused(&b->texts[i]))
            make_content(c, b, i, &b->contents[b->contents_count++]);
        if (!d->failure)
            continue;
        log_event(c, LOG_LEVEL_WARN, "content.unwritten",
                  L_STR("platform", platform_names.at[b->gaps[i].platform]),
                  L_STR("cause", d->failure->cause));
    }
}

/* What the quality gate decided in the place of a reviewer. Missions without any review decide
 * nothing. */
static error record_decision(struct ctx *c, const struct charter *ch, const struct content *x)
{
    if (x->status == CONTENT_REJECTED)
        return store_audit_system(c, S("rejectContent"), S("cnt_"), &x->id,
                                  x->review.rejection_reason);
    if (x->status != CONTENT_SCHEDULED || isnan(ch->constraints.auto_approve_threshold))
        return NULL;
    return store_audit_system(c, S("approveContent"), S("cnt_"), &x->id,
                              arena_printf(c->arena, "Confidence %.2f, threshold %.2f.",
                                           x->metadata.confidence,
                                           ch->constraints.auto_approve_threshold));
}

/* Transaction: the texts, each with the job that brings it out. A slot that was filled by somebody
 * else meanwhile stays as it is. */
static error insert(struct ctx *c, void *arg)
{
    struct batch *b = arg;
    size_t n = b->contents_count;
    bool *taken = arena_array(c->arena, n, sizeof *taken);
    struct content *due = arena_array(c->arena, n, sizeof *due);
    struct list scheduled = {due, 0};
    b->inserted = 0;
    TRY(mission_hold(c, b->step, b->charter->mission));
    TRY(store_contents_insert(c, b->contents, n, taken));
    for (size_t i = 0; i < n; i++) {
        const struct content *x = &b->contents[i];
        if (taken[i])
            continue;
        TRY(drafts_used(c, x));
        TRY(record_decision(c, b->charter, x));
        if (x->status == CONTENT_SCHEDULED)
            due[scheduled.n++] = *x;
        b->inserted++;
    }
    return delivery_schedule_all(c, &scheduled);
}

error content_run(struct ctx *c, const struct step *s, const struct charter *ch,
                  struct str strategy, struct content_progress *out)
{
    struct batch b = {.step = s, .charter = ch};
    *out = (struct content_progress){0};
    TRY(find_gaps(c, &b));
    if (!b.n)
        return NULL;
    out->missing = b.n;
    b.n = b.n < BATCH ? b.n : BATCH;
    TRY(strategy_read(c->arena, strategy, &b.strategy));
    TRY(number(c, &b));
    TRY(write_texts(c, &b));
    make_contents(c, &b);
    TRY(in_transaction(c, insert, &b));
    out->written = b.inserted;
    out->refused = b.n - b.contents_count;
    out->missing -= b.n - out->refused;
    return NULL;
}

int64_t content_next_ms(const struct ctx *c, const struct charter *ch)
{
    const int *platform = ch->platforms.at;
    int64_t next = INT64_MAX, slot;
    for (size_t i = 0; i < (ch->times ? ch->platforms.n : 1); i++) {
        struct schedule s = charter_schedule(c->arena, ch, (enum platform)platform[i]);
        if (schedule_slots(&s, horizon_ms(c), ch->mission->ends_ms, &slot, 1) && slot < next)
            next = slot;
    }
    if (next == INT64_MAX)
        return next;
    return next - c->config->horizon_days * DAY_MS + 1; /* the horizon itself is not in it */
}

struct summary {
    int64_t texts, published, rejected;
};
static const struct field summary_fields[] = {
    {.name = S("texts"), .kind = F_INT, .at = offsetof(struct summary, texts)},
    {.name = S("published"), .kind = F_INT, .at = offsetof(struct summary, published)},
    {.name = S("rejected"), .kind = F_INT, .at = offsetof(struct summary, rejected)},
};
static const struct shape summary_shape = SHAPE("content_summary", struct summary, summary_fields);

error content_summary(struct ctx *c, const struct mission *m, struct str *output)
{
    int64_t counts[CONTENT_STATUS_COUNT];
    struct summary s = {0};
    TRY(store_content_by_state(c, &m->id, counts));
    for (int i = 0; i < CONTENT_STATUS_COUNT; i++)
        s.texts += counts[i];
    s.published = counts[CONTENT_PUBLISHED];
    s.rejected = counts[CONTENT_REJECTED];
    *output = shape_text(c->arena, &summary_shape, &s);
    return NULL;
}
