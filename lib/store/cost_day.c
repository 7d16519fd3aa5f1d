/* cost_day.c: writes cost_day, in the transaction that changes the ledger, or all of it anew. */
#include "store/cost_day.h"

#include <stdlib.h>

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

/* The sums of all missions stand under this one. */
static const struct id all_missions = {"0000000000000000"};

/* Calls that are added up: of one mission (or all), day, category, provider and model. */
struct sum {
    struct cost of;
    int64_t calls;
};
struct tally {
    struct sum *at;
    size_t n;
};

static struct tally tally_new(struct arena *a, size_t calls)
{
    return (struct tally){.at = arena_array(a, 2 * calls, sizeof(struct sum))};
}

/* A call of no mission counts among those of all only. */
static void count(struct tally *t, const struct cost *x, int64_t calls)
{
    if (!id_is_none(&x->mission_id))
        t->at[t->n++] = (struct sum){*x, calls};
    t->at[t->n] = (struct sum){*x, calls};
    t->at[t->n++].of.mission_id = all_missions;
}

/* In the order of the key of cost_day. */
static int by_key(const void *a, const void *b)
{
    const struct cost *x = &((const struct sum *)a)->of, *y = &((const struct sum *)b)->of;
    int64_t day = x->spent_ms / DAY_MS, other = y->spent_ms / DAY_MS;
    int order = id_cmp(&x->mission_id, &y->mission_id);
    if (order)
        return order;
    if (day != other)
        return day < other ? -1 : 1;
    if (x->category != y->category)
        return x->category - y->category;
    order = str_cmp(x->provider, y->provider);
    return order ? order : str_cmp(x->model, y->model);
}

static void add_up(struct tally *t)
{
    size_t kept = 0;
    qsort(t->at, t->n, sizeof *t->at, by_key);
    for (size_t i = 1; i < t->n; i++) {
        if (by_key(&t->at[kept], &t->at[i]) != 0) {
            t->at[++kept] = t->at[i];
            continue;
        }
        t->at[kept].calls += t->at[i].calls;
        t->at[kept].of.tokens_in += t->at[i].of.tokens_in;
        t->at[kept].of.tokens_out += t->at[i].of.tokens_out;
        t->at[kept].of.microcents += t->at[i].of.microcents;
    }
    t->n = t->n ? kept + 1 : 0;
}

/* Each row once, in the order of their key: all who write sums do it in the same order, and none
 * waits in a circle. */
static error write_down(struct ctx *c, struct tally *t)
{
    QUERY q = {
        .name = "cost_day.add",
        .sql = "INSERT INTO cost_day (tenant_id, livemode, mission_id, day, category, provider,"
               " model, calls, tokens_in, tokens_out, microcents)"
               " VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
               " ON DUPLICATE KEY UPDATE calls = calls + VALUES(calls),"
               " tokens_in = tokens_in + VALUES(tokens_in),"
               " tokens_out = tokens_out + VALUES(tokens_out),"
               " microcents = microcents + VALUES(microcents)",
    };
    struct db_rows rows = db_rows_new(c->arena, t->n, 9);
    add_up(t);
    for (size_t i = 0; i < t->n; i++) {
        const struct cost *x = &t->at[i].of;
        db_rows_add(&rows, P(&x->mission_id), P(x->spent_ms / DAY_MS), P(x->category),
                    P(x->provider), P(x->model), P(t->at[i].calls), P(x->tokens_in),
                    P(x->tokens_out), P(x->microcents));
    }
    return db_run_each(c, &q, &rows, NULL);
}

error store_cost_day_count(struct ctx *c, const struct id *call, int sign)
{
    struct cost x = {0};
    struct tally t = tally_new(c->arena, 1);
    error e = lock_call(c, call, &x);
    if (error_is(e, ERR_NOT_FOUND) || (!e && x.state == COST_RESERVED))
        return NULL;
    TRY(e);
    x.tokens_in *= sign;
    x.tokens_out *= sign;
    x.microcents *= sign;
    count(&t, &x, sign);
    return write_down(c, &t);
}

error store_cost_day_enter(struct ctx *c, const struct cost *calls, size_t n)
{
    struct tally t = tally_new(c->arena, n);
    for (size_t i = 0; i < n; i++)
        count(&t, &calls[i], 1);
    return write_down(c, &t);
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
