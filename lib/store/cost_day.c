/* cost_day.c: writes cost_day, in the transaction that changes the ledger, or all of it anew. */
#include "store/cost_day.h"

#include "base/clock.h"
#include "db/db.h"
#include "store/cost.h"

#define AT(member) offsetof(struct cost, member)
static const struct col call_cols[] = {
    {"mission_id", COL_ID, AT(mission_id)},  {"category", COL_ENUM, AT(category)},
    {"state", COL_ENUM, AT(state)},          {"provider", COL_TEXT, AT(provider)},
    {"model", COL_TEXT, AT(model)},          {"tokens_in", COL_INT, AT(tokens_in)},
    {"tokens_out", COL_INT, AT(tokens_out)}, {"microcents", COL_INT, AT(microcents)},
    {"spent_ms", COL_TIME, AT(spent_ms)},
};
#undef AT
static const struct row call_row = ROW(struct cost, call_cols);

static error lock_call(struct ctx *c, const struct id *call, struct cost *out)
{
    QUERY q = {
        .name = "cost.lock",
        .sql = "SELECT :cols FROM cost WHERE tenant_id = :tenant AND livemode = :live AND id = ?"
               " FOR UPDATE",
        .row = &call_row,
        .index = "PRIMARY",
    };
    return db_one(c, &q, out, P(call));
}

#define ADD                                                                                        \
    "INSERT INTO cost_day (tenant_id, livemode, mission_id, day, category, provider,"              \
    " model, calls, tokens_in, tokens_out, microcents) VALUES"
#define OF_ALL " (:tenant, :live, '0000000000000000', ?, ?, ?, ?, ?, ?, ?, ?)"
#define TO_WHAT_IS_THERE                                                                           \
    " ON DUPLICATE KEY UPDATE calls = calls + VALUES(calls),"                                      \
    " tokens_in = tokens_in + VALUES(tokens_in), tokens_out = tokens_out + VALUES(tokens_out),"    \
    " microcents = microcents + VALUES(microcents)"

/* What a sum of calls is about. */
static bool is_alike(const struct cost *a, const struct cost *b)
{
    return id_eq(&a->mission_id, &b->mission_id) && a->spent_ms / DAY_MS == b->spent_ms / DAY_MS &&
           a->category == b->category && str_eq(a->provider, b->provider) &&
           str_eq(a->model, b->model);
}

/* A call of no mission counts among those of all. */
static error add_to_all(struct ctx *c, const struct cost *x, int64_t calls)
{
    QUERY q = {.name = "cost_day.add_to_all", .sql = ADD OF_ALL TO_WHAT_IS_THERE};
    return db_run(c, &q, NULL, P(x->spent_ms / DAY_MS), P(x->category), P(x->provider), P(x->model),
                  P(calls), P(x->tokens_in), P(x->tokens_out), P(x->microcents));
}

static error add(struct ctx *c, const struct cost *x, int64_t calls)
{
    QUERY q = {
        .name = "cost_day.add",
        .sql = ADD " (:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?)," OF_ALL TO_WHAT_IS_THERE,
    };
    int64_t day = x->spent_ms / DAY_MS;
    if (id_is_none(&x->mission_id))
        return add_to_all(c, x, calls);
    return db_run(c, &q, NULL, P(&x->mission_id), P(day), P(x->category), P(x->provider),
                  P(x->model), P(calls), P(x->tokens_in), P(x->tokens_out), P(x->microcents),
                  P(day), P(x->category), P(x->provider), P(x->model), P(calls), P(x->tokens_in),
                  P(x->tokens_out), P(x->microcents));
}

error store_cost_day_count(struct ctx *c, const struct id *call, int sign)
{
    struct cost x = {0};
    error e = lock_call(c, call, &x);
    if (error_is(e, ERR_NOT_FOUND) || (!e && x.state == COST_RESERVED))
        return NULL;
    TRY(e);
    x.tokens_in *= sign;
    x.tokens_out *= sign;
    x.microcents *= sign;
    return add(c, &x, sign);
}

error store_cost_day_enter(struct ctx *c, const struct cost *calls, size_t n)
{
    bool *done = arena_array(c->arena, n, sizeof *done);
    for (size_t i = 0; i < n; i++) {
        struct cost sum = calls[i];
        int64_t alike = 1;
        for (size_t k = i + 1; k < n && !done[i]; k++) {
            if (done[k] || !is_alike(&calls[i], &calls[k]))
                continue;
            sum.tokens_in += calls[k].tokens_in;
            sum.tokens_out += calls[k].tokens_out;
            sum.microcents += calls[k].microcents;
            alike++;
            done[k] = true;
        }
        if (!done[i])
            TRY(add(c, &sum, alike));
    }
    return NULL;
}

static const struct col count_cols[] = {{"COUNT(*)", COL_INT, 0}};
static const struct row count_row = ROW(int64_t, count_cols);

#define MINE " WHERE tenant_id = :tenant AND livemode = :live"

static error lock_calls(struct ctx *c)
{
    QUERY q = {
        .name = "cost.lock_all",
        .sql = "SELECT :cols FROM cost FORCE INDEX (PRIMARY)" MINE " FOR UPDATE",
        .row = &count_row,
        .index = "PRIMARY",
    };
    int64_t n;
    return db_one(c, &q, &n);
}

#define INTO                                                                                       \
    "INSERT INTO cost_day (tenant_id, livemode, mission_id, day, category, provider, model,"       \
    " calls, tokens_in, tokens_out, microcents) SELECT :tenant, :live, "
#define OF_CALLS                                                                                   \
    "spent_ms DIV 86400000 AS d, category, provider, model, COUNT(*), SUM(tokens_in),"             \
    " SUM(tokens_out), SUM(microcents) FROM cost FORCE INDEX (PRIMARY)" MINE                       \
    " AND state IN (2, 3)"

error store_cost_day_rebuild(struct ctx *c)
{
    QUERY clear = {
        .name = "cost_day.clear",
        .sql = "DELETE FROM cost_day" MINE,
        .index = "PRIMARY",
    };
    QUERY calls = {
        .name = "cost_day.calls",
        .sql = INTO "mission_id, " OF_CALLS
                    " AND mission_id IS NOT NULL GROUP BY mission_id, d, category, provider, model",
        .index = "PRIMARY",
    };
    QUERY all = {
        .name = "cost_day.all",
        .sql = INTO "'0000000000000000', " OF_CALLS " GROUP BY d, category, provider, model",
        .index = "PRIMARY",
    };
    TRY(lock_calls(c));
    TRY(db_run(c, &clear, NULL));
    TRY(db_run(c, &calls, NULL));
    return db_run(c, &all, NULL);
}
