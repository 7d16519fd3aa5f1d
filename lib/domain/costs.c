/* costs.c: how the answer of /analytics/costs looks, and how its cents are shared out. */
#include "domain/costs.h"

#define AT(member) offsetof(struct cost_part, member)
#define CENTS                                                                                      \
    {                                                                                              \
        .name = S("cents"), .kind = F_INT, .at = AT(cents), .doc = "What it cost", .example = "12" \
    }
#define PROVIDER                                                                                   \
    {                                                                                              \
        .name = S("provider"), .kind = F_TEXT, .at = AT(provider), .doc = "Who was paid",          \
        .example = "\"openai\""                                                                    \
    }
#define USAGE                                                                                      \
    {.name = S("calls"), .kind = F_INT, .at = AT(calls), .doc = "Calls made"},                     \
        {.name = S("tokens_in"), .kind = F_INT, .at = AT(tokens_in), .doc = "Tokens sent"},        \
    {                                                                                              \
        .name = S("tokens_out"), .kind = F_INT, .at = AT(tokens_out), .doc = "Tokens received"     \
    }
static const struct field provider_fields[] = {PROVIDER, USAGE, CENTS};
static const struct shape provider_shape =
    SHAPE("cost_by_provider", struct cost_part, provider_fields);
static const struct field provider_item = {.kind = F_OBJECT, .shape = &provider_shape};
static const struct field model_fields[] = {PROVIDER,
                                            {.name = S("model"),
                                             .kind = F_TEXT,
                                             .at = AT(model),
                                             .doc = "The model that was asked",
                                             .example = "\"gpt-4o-mini\""},
                                            USAGE,
                                            CENTS};
static const struct shape model_shape = SHAPE("cost_by_model", struct cost_part, model_fields);
static const struct field model_item = {.kind = F_OBJECT, .shape = &model_shape};
static const struct field mission_fields[] = {
    {.name = S("mission_id"),
     .kind = F_ID,
     .flags = F_NULLABLE,
     .at = AT(mission_id),
     .prefix = S("msn_"),
     .doc = "The mission; null: all that are not listed, together"},
    {.name = S("mission_name"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(mission_name),
     .doc = "Its name, null if it has been deleted",
     .example = "\"My Mission\""},
    CENTS,
};
static const struct shape cost_mission_shape =
    SHAPE("cost_by_mission", struct cost_part, mission_fields);
static const struct field mission_item = {.kind = F_OBJECT, .shape = &cost_mission_shape};
static const struct field cost_point_fields[] = {
    {.name = S("date"),
     .kind = F_TEXT,
     .at = AT(date),
     .doc = "Start of the day, the ISO week or the month, UTC",
     .example = "\"2026-01-15\""},
    CENTS,
};
static const struct shape cost_point_shape =
    SHAPE("cost_point", struct cost_part, cost_point_fields);
static const struct field cost_point_item = {.kind = F_OBJECT, .shape = &cost_point_shape};
#undef AT

#define AT(member) offsetof(struct costs_budget, member)
static const struct field budget_fields[] = {
    {.name = S("limit_cents"),
     .kind = F_INT,
     .flags = F_NULLABLE,
     .at = AT(limit_cents),
     .doc = "What the active and paused missions that have a budget may spend; null if none has",
     .example = "100000"},
    {.name = S("spent_cents"),
     .kind = F_INT,
     .at = AT(spent_cents),
     .doc = "What these missions have spent in all their time"},
    {.name = S("remaining_cents"),
     .kind = F_INT,
     .flags = F_NULLABLE,
     .at = AT(remaining_cents),
     .doc = "The difference; null if there is no limit",
     .example = "100000"},
};
#undef AT
static const struct shape budget_shape = SHAPE("costs_budget", struct costs_budget, budget_fields);

#define AT(member) offsetof(struct costs_category, member)
static const struct field category_fields[] = {
    {.name = S("generation"), .kind = F_INT, .at = AT(generation), .doc = "Writing, in cents"},
    {.name = S("images"), .kind = F_INT, .at = AT(images), .doc = "Pictures, in cents"},
    {.name = S("publishing"), .kind = F_INT, .at = AT(publishing), .doc = "Publishing, in cents"},
};
#undef AT
static const struct shape category_shape =
    SHAPE("costs_category", struct costs_category, category_fields);

#define AT(member) offsetof(struct costs, member)
static const struct field costs_fields[] = {
    {.name = S("period"),
     .kind = F_OBJECT,
     .at = AT(period),
     .shape = &period_shape,
     .doc = "What the figures are about"},
    {.name = S("total_cents"), .kind = F_INT, .at = AT(total_cents), .doc = "Spent in all"},
    {.name = S("budget"),
     .kind = F_OBJECT,
     .at = AT(budget),
     .shape = &budget_shape,
     .doc = "Budgets as they stand now, whatever the period"},
    {.name = S("by_provider"),
     .kind = F_LIST,
     .at = AT(by_provider),
     .item = &provider_item,
     .doc = "Of each provider"},
    {.name = S("by_model"),
     .kind = F_LIST,
     .at = AT(by_model),
     .item = &model_item,
     .doc = "Of each model"},
    {.name = S("by_mission"),
     .kind = F_LIST,
     .at = AT(by_mission),
     .item = &mission_item,
     .doc = "Of the hundred most expensive missions, and of the others together"},
    {.name = S("by_category"),
     .kind = F_OBJECT,
     .at = AT(by_category),
     .shape = &category_shape,
     .doc = "What it was spent for"},
    {.name = S("time_series"),
     .kind = F_LIST,
     .at = AT(time_series),
     .item = &cost_point_item,
     .doc = "Without gaps"},
    {.name = S("cost_per_post_cents"),
     .kind = F_NUMBER,
     .flags = F_NULLABLE,
     .at = AT(cost_per_post_cents),
     .doc = "For each post published in the period; null if none was",
     .example = "1.25"},
    {.name = S("cost_per_engagement_cents"),
     .kind = F_NUMBER,
     .flags = F_NULLABLE,
     .at = AT(cost_per_engagement_cents),
     .doc = "For each engagement gained in the period; null if there was none",
     .example = "0.04"},
};
#undef AT
const struct shape costs_shape = SHAPE("costs", struct costs, costs_fields);

void costs_share(struct arena *a, const struct list *parts)
{
    struct cost_part *p = (struct cost_part *)parts->at;
    int64_t *microcents = arena_array(a, parts->n + 1, sizeof *microcents);
    int64_t *cents = arena_array(a, parts->n + 1, sizeof *cents);
    for (size_t i = 0; i < parts->n; i++)
        microcents[i] = p[i].microcents;
    figures_split_cents(microcents, cents, parts->n);
    for (size_t i = 0; i < parts->n; i++)
        p[i].cents = cents[i];
}

double cost_per(int64_t microcents, int64_t n)
{
    if (n <= 0)
        return NAN;
    return round((double)microcents / (double)MICROCENTS_PER_CENT / (double)n * 100) / 100;
}
