/* intake.c: the first stage: reads what the mission states and counts what it amounts to. Later
 * stages decide what to make of it. */
#include "base/clock.h"
#include "pipeline/stages.h"
#include "store/brand.h"

error charter_read(struct arena *a, const struct mission *m, struct charter *out)
{
    *out = (struct charter){.mission = m};
    TRY(mission_constraints(a, m, &out->constraints));
    TRY(mission_objectives(a, m, &out->objectives));
    TRY(mission_platforms(a, m, &out->platforms));
    return mission_schedule(a, m, &out->constraints, &out->schedule);
}

error charter_load(struct ctx *c, const struct mission *m, struct charter *out)
{
    struct brand_context context;
    struct brand_voice *brand;
    TRY(charter_read(c->arena, m, out));
    if (out->constraints.use_optimal_times)
        TRY(times_load(c, out));
    if (id_is_none(&m->brand_context_id))
        return NULL;
    TRY(store_brand_get(c, &m->brand_context_id, &context));
    brand = ARENA_NEW(c->arena, struct brand_voice);
    out->brand = brand;
    out->brand_revision = context.revision;
    return brand_read(c->arena, &context, brand);
}

struct intake {
    struct list platforms; /* of int */
    int64_t slots, posts, days;
    int64_t starts_ms, ends_ms, first_ms;
    struct str zone;
    int64_t budget_cents;
};
static const struct field platform_item = {.kind = F_ENUM, .values = &platform_names};

#define AT(member) offsetof(struct intake, member)
static const struct field fields[] = {
    {.name = S("platforms"), .kind = F_LIST, .at = AT(platforms), .item = &platform_item},
    {.name = S("slots_per_platform"), .kind = F_INT, .at = AT(slots)},
    {.name = S("posts"), .kind = F_INT, .at = AT(posts)},
    {.name = S("days"), .kind = F_INT, .at = AT(days)},
    {.name = S("starts_at"), .kind = F_TIME, .at = AT(starts_ms)},
    {.name = S("ends_at"), .kind = F_TIME, .at = AT(ends_ms)},
    {.name = S("first_slot_at"), .kind = F_TIME, .at = AT(first_ms)},
    {.name = S("timezone"), .kind = F_TEXT, .at = AT(zone)},
    {.name = S("budget_cents"), .kind = F_INT, .at = AT(budget_cents)},
};
#undef AT
static const struct shape intake_shape = SHAPE("intake", struct intake, fields);

/* Counts the slots from now to the end of the mission, in strides as it may last ten years. */
static void count_slots(struct arena *a, const struct schedule *s, int64_t now_ms,
                        struct intake *out)
{
    enum { STRIDE_DAYS = 30, SLOTS = (STRIDE_DAYS + 1) * 24 * 60 };
    int64_t *slots = arena_array(a, SLOTS, sizeof *slots);
    int64_t from_ms = now_ms > s->starts_ms ? now_ms : s->starts_ms;
    for (; from_ms < s->ends_ms; from_ms += STRIDE_DAYS * DAY_MS) {
        size_t n = schedule_slots(s, from_ms, from_ms + STRIDE_DAYS * DAY_MS, slots, SLOTS);
        if (n && !out->first_ms)
            out->first_ms = slots[0];
        out->slots += (int64_t)n;
    }
}

error intake_run(struct ctx *c, struct step *s, const struct charter *ch, struct str *output)
{
    (void)s;
    struct intake in = {
        .platforms = ch->platforms,
        .days = ch->mission->duration_days,
        .starts_ms = ch->mission->starts_ms,
        .ends_ms = ch->mission->ends_ms,
        .zone = ch->constraints.timezone,
        .budget_cents = ch->constraints.budget_cents,
    };
    count_slots(c->arena, &ch->schedule, c->now_ms, &in);
    in.posts = in.slots * (int64_t)ch->platforms.n;
    *output = shape_text(c->arena, &intake_shape, &in);
    return NULL;
}
