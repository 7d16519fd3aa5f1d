/* costs.c: GET /analytics/costs. Sums come from roll-ups, in one snapshot, in microcents; they
 * become cents at the very end, where each breakdown is shared out so that it adds up. */
#include "domain/costs.h"

#include "api/question.h"
#include "api/routes.h"

#include "base/clock.h"
#include "db/tx.h"
#include "http/reply.h"
#include "store/cost_read.h"
#include <assert.h>

/* A question, and the sums that answer it. */
struct spent {
    struct question asked;
    struct series series; /* for its dates */
    struct cost_part *points;
    struct cost_part categories[COST_PUBLISHING]; /* in the order of their numbers, from 1 */
    int64_t total;
};

static error add_day(void *arg, const void *row)
{
    const struct cost_sum *sum = row;
    struct spent *s = arg;
    s->total += sum->microcents;
    s->points[series_place(&s->series, sum->day)].microcents += sum->microcents;
    if (sum->category > COST_CATEGORY_NONE && sum->category <= COST_PUBLISHING)
        s->categories[sum->category - 1].microcents += sum->microcents;
    return NULL;
}

static error settle(struct ctx *c, struct spent *s)
{
    const struct figures_query *query = c->req->filter;
    int64_t first;
    if (query->granularity == GRANULARITY_HOUR)
        return error_at(c->arena, ERR_INVALID_REQUEST, S("granularity"),
                        "Costs are kept by the day.");
    TRY(question_settle(c, query, &s->asked));
    if (query->period == PERIOD_ALL) { /* the first that was spent may be from before all figures */
        error e = store_cost_first_day(c, &first);
        if (e && !error_is(e, ERR_NOT_FOUND))
            return e;
        if (!e && first < s->asked.period.first)
            s->asked.period.first = first;
    }
    TRY(series_make(c->arena, &s->asked.period, (enum granularity)query->granularity, &s->series));
    s->points = arena_array(c->arena, s->series.n, sizeof *s->points);
    for (size_t i = 0; i < s->series.n; i++)
        s->points[i].date = s->series.points[i].date;
    return store_cost_each_day(c, s->asked.period.first, s->asked.period.last, add_day, s);
}

static struct cost_part part_of(const struct cost_sum *sum)
{
    return (struct cost_part){.provider = sum->provider,
                              .model = sum->model,
                              .mission_id = sum->mission,
                              .mission_name = sum->name,
                              .calls = sum->calls,
                              .tokens_in = sum->tokens_in,
                              .tokens_out = sum->tokens_out,
                              .microcents = sum->microcents};
}

/* As many parts as sums, and room for one more. */
static struct list parts_of(struct arena *a, const struct list *sums)
{
    struct cost_part *parts = arena_array(a, sums->n + 1, sizeof *parts);
    const struct cost_sum *sum = sums->at;
    for (size_t i = 0; i < sums->n; i++)
        parts[i] = part_of(&sum[i]);
    return (struct list){parts, sums->n};
}

/* The models of a provider stand together. */
static struct list providers_of(struct arena *a, const struct list *models)
{
    const struct cost_part *model = models->at;
    struct cost_part *parts = arena_array(a, models->n + 1, sizeof *parts);
    size_t n = 0;
    for (size_t i = 0; i < models->n; i++) {
        if (!n || !str_eq(parts[n - 1].provider, model[i].provider))
            parts[n++] = (struct cost_part){.provider = model[i].provider};
        parts[n - 1].calls += model[i].calls;
        parts[n - 1].tokens_in += model[i].tokens_in;
        parts[n - 1].tokens_out += model[i].tokens_out;
        parts[n - 1].microcents += model[i].microcents;
    }
    return (struct list){parts, n};
}

/* What the missions that are not listed have cost stands at the end. */
static void add_others(struct list *missions, int64_t total)
{
    struct cost_part *part = (struct cost_part *)missions->at;
    assert(part);
    for (size_t i = 0; i < missions->n; i++)
        total -= part[i].microcents;
    if (total > 0)
        part[missions->n++] = (struct cost_part){.microcents = total};
}

static error read_parts(struct ctx *c, struct spent *s, struct costs *out)
{
    int64_t first = s->asked.period.first, last = s->asked.period.last;
    struct list models, missions, categories = {s->categories, COST_PUBLISHING};
    TRY(store_cost_by_model(c, first, last, &models));
    TRY(store_cost_by_mission(c, first, last, &missions));
    out->by_model = parts_of(c->arena, &models);
    out->by_provider = providers_of(c->arena, &out->by_model);
    out->by_mission = parts_of(c->arena, &missions);
    add_others(&out->by_mission, s->total);
    out->time_series = (struct list){s->points, s->series.n};
    costs_share(c->arena, &out->by_model);
    costs_share(c->arena, &out->by_provider);
    costs_share(c->arena, &out->by_mission);
    costs_share(c->arena, &out->time_series);
    costs_share(c->arena, &categories);
    out->by_category = (struct costs_category){
        s->categories[COST_GENERATION - 1].cents,
        s->categories[COST_IMAGES - 1].cents,
        s->categories[COST_PUBLISHING - 1].cents,
    };
    return NULL;
}

static error read_budget(struct ctx *c, struct costs_budget *out)
{
    struct cost_budgets found;
    TRY(store_cost_budgets(c, &found));
    *out = (struct costs_budget){INT_NONE, figures_cents(found.spent), INT_NONE};
    if (!found.n)
        return NULL;
    out->limit_cents = found.limit_cents;
    out->remaining_cents = out->limit_cents - out->spent_cents;
    return NULL;
}

/* What was reached in the period, on all platforms: costs are not known by platform. */
static error read_reached(struct ctx *c, const struct spent *s, struct figures *out)
{
    struct metrics_range range = question_range(&s->asked);
    const struct metrics_sum *sum;
    struct list platforms;
    range.platform_set = 0;
    TRY(store_metrics_by_platform(c, &range, &platforms));
    sum = platforms.at;
    for (size_t i = 0; i < platforms.n; i++)
        figures_add(out, &sum[i].figures);
    return NULL;
}

static error read_costs(struct ctx *c, void *arg)
{
    struct costs *out = arg;
    struct spent s = {0};
    struct figures reached = {0};
    TRY(settle(c, &s));
    *out = (struct costs){.period = period_dates_of(c->arena, &s.asked.period),
                          .total_cents = figures_cents(s.total)};
    TRY(read_parts(c, &s, out));
    TRY(read_budget(c, &out->budget));
    TRY(read_reached(c, &s, &reached));
    out->cost_per_post_cents = cost_per(s.total, reached.posts);
    out->cost_per_engagement_cents = cost_per(s.total, reached.engagements);
    return NULL;
}

static error costs(struct ctx *c)
{
    struct costs out;
    TRY(in_snapshot(c, read_costs, &out));
    return reply(c, 200, &costs_shape, &out);
}

const struct route costs_routes[] = {
    {GET, "/analytics/costs", costs, "analytics:read", R_READ | R_REMEMBER | R_AS_OF,
     .query = &figures_query_shape, .out = &costs_shape,
     .doc = "What was spent, on what, and what came of it"},
    {0},
};
