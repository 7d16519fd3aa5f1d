/* cost_read.c: the questions to cost_day, and to the ledger where every call is wanted. Who writes
 * them is in cost.c and cost_day.c. */
#include "store/cost_read.h"

#include "base/clock.h"
#include "db/db.h"

#define AT(member) offsetof(struct cost_sum, member)
#define SUMS                                                                                       \
    {"SUM(calls)", COL_INT, AT(calls)}, {"SUM(tokens_in)", COL_INT, AT(tokens_in)},                \
        {"SUM(tokens_out)", COL_INT, AT(tokens_out)},                                              \
    {                                                                                              \
        "SUM(microcents)", COL_INT, AT(microcents)                                                 \
    }
static const struct col day_cols[] = {
    {"day", COL_INT, AT(day)}, {"category", COL_ENUM, AT(category)}, SUMS};
static const struct row day_row = ROW(struct cost_sum, day_cols);
static const struct col model_cols[] = {
    {"provider", COL_TEXT, AT(provider)}, {"model", COL_TEXT, AT(model)}, SUMS};
static const struct row model_row = ROW(struct cost_sum, model_cols);
static const struct col mission_cols[] = {
    {"d.mission_id", COL_ID, AT(mission)},
    {"m.name", COL_TEXT, AT(name)},
    {"d.microcents", COL_INT, AT(microcents)},
};
static const struct row mission_row = ROW(struct cost_sum, mission_cols);
static const struct col sum_cols[] = {{"COALESCE(SUM(microcents), 0)", COL_INT, 0}};
static const struct row sum_row = ROW(int64_t, sum_cols);
static const struct col first_cols[] = {{"day", COL_INT, 0}};
static const struct row first_row = ROW(int64_t, first_cols);
#undef AT
#define AT(member) offsetof(struct cost_budgets, member)
static const struct col budget_cols[] = {
    {"COUNT(*)", COL_INT, AT(n)},
    {"COALESCE(SUM(JSON_VALUE(m.constraints, '$.budget_cents')), 0)", COL_INT, AT(limit_cents)},
    {"COALESCE(SUM(b.spent), 0)", COL_INT, AT(spent)},
};
static const struct row budget_row = ROW(struct cost_budgets, budget_cols);
#undef AT
#define AT(member) offsetof(struct cost, member)
static const struct col call_cols[] = {
    {"spent_ms", COL_TIME, AT(spent_ms)},    {"mission_id", COL_ID, AT(mission_id)},
    {"content_id", COL_ID, AT(content_id)},  {"category", COL_ENUM, AT(category)},
    {"provider", COL_TEXT, AT(provider)},    {"model", COL_TEXT, AT(model)},
    {"tokens_in", COL_INT, AT(tokens_in)},   {"tokens_out", COL_INT, AT(tokens_out)},
    {"microcents", COL_INT, AT(microcents)},
};
static const struct row call_row = ROW(struct cost, call_cols);
#undef AT

#define OF_ALL                                                                                     \
    " FROM cost_day WHERE tenant_id = :tenant AND livemode = :live"                                \
    " AND mission_id = '0000000000000000'"

error store_cost_of_mission(struct ctx *c, const struct id *mission, int64_t first_day,
                            int64_t last_day, int64_t *microcents)
{
    QUERY q = {
        .name = "cost_day.of_mission",
        .sql = "SELECT :cols FROM cost_day WHERE tenant_id = :tenant AND livemode = :live"
               " AND mission_id = ? AND day BETWEEN ? AND ?",
        .row = &sum_row,
        .index = "PRIMARY",
    };
    return db_one(c, &q, microcents, P(mission), P(first_day), P(last_day));
}

error store_cost_each_day(struct ctx *c, int64_t first_day, int64_t last_day, cost_fn *fn,
                          void *arg)
{
    QUERY q = {
        .name = "cost_day.each",
        .sql = "SELECT :cols" OF_ALL " AND day BETWEEN ? AND ? GROUP BY day, category"
               " ORDER BY day, category",
        .row = &day_row,
        .index = "PRIMARY",
    };
    return db_each(c, &q, fn, arg, P(first_day), P(last_day));
}

error store_cost_by_model(struct ctx *c, int64_t first_day, int64_t last_day, struct list *out)
{
    QUERY q = {
        .name = "cost_day.by_model",
        .sql = "SELECT :cols" OF_ALL " AND day BETWEEN ? AND ? GROUP BY provider, model"
               " HAVING SUM(calls) > 0 ORDER BY provider, model LIMIT 10000",
        .row = &model_row,
        .index = "PRIMARY",
    };
    return db_all(c, &q, out, P(first_day), P(last_day));
}

error store_cost_by_mission(struct ctx *c, int64_t first_day, int64_t last_day, struct list *out)
{
    QUERY q = {
        .name = "cost_day.by_mission",
        .sql = "SELECT :cols FROM (SELECT mission_id, SUM(microcents) AS microcents"
               " FROM cost_day FORCE INDEX (by_day) WHERE tenant_id = :tenant AND livemode = :live"
               " AND day BETWEEN ? AND ? AND mission_id > '0000000000000000'"
               " GROUP BY mission_id HAVING SUM(microcents) > 0"
               " ORDER BY SUM(microcents) DESC, mission_id LIMIT 100) d"
               " LEFT JOIN mission m ON m.tenant_id = :tenant AND m.livemode = :live"
               " AND m.id = d.mission_id AND m.status <> 5"
               " ORDER BY d.microcents DESC, d.mission_id",
        .row = &mission_row,
        .index = "by_day",
    };
    return db_all(c, &q, out, P(first_day), P(last_day));
}

error store_cost_first_day(struct ctx *c, int64_t *day)
{
    QUERY q = {
        .name = "cost_day.first",
        .sql = "SELECT :cols" OF_ALL " ORDER BY day LIMIT 1",
        .row = &first_row,
        .index = "PRIMARY",
    };
    return db_one(c, &q, day);
}

error store_cost_budgets(struct ctx *c, struct cost_budgets *out)
{
    QUERY q = {
        .name = "mission.budgets",
        .sql = "SELECT :cols FROM mission m FORCE INDEX (by_status) LEFT JOIN budget b"
               " ON b.tenant_id = :tenant AND b.livemode = :live AND b.mission_id = m.id"
               " WHERE m.tenant_id = :tenant AND m.livemode = :live AND m.status IN (2, 3)"
               " AND JSON_VALUE(m.constraints, '$.budget_cents') IS NOT NULL",
        .row = &budget_row,
        .index = "by_status",
    };
    return db_one(c, &q, out);
}

error store_cost_each_call(struct ctx *c, int64_t first_day, int64_t last_day, cost_fn *fn,
                           void *arg)
{
    QUERY q = {
        .name = "cost.each",
        .sql = "SELECT :cols FROM cost FORCE INDEX (by_time) WHERE tenant_id = :tenant"
               " AND livemode = :live AND spent_ms >= ? AND spent_ms < ? AND state IN (2, 3)"
               " ORDER BY spent_ms, id",
        .row = &call_row,
        .index = "by_time",
    };
    return db_each(c, &q, fn, arg, P(first_day * DAY_MS), P((last_day + 1) * DAY_MS));
}
