/* cost.c: every statement that touches cost and budget, but for the sums of analytics
 * (cost_day.c, cost_read.c). */
#include "store/cost.h"

#include "db/db.h"
#include "db/tx.h"
#include "store/cost_day.h"

#define AT(member) offsetof(struct cost, member)
static const struct col cols[] = {
    {"id", COL_ID, AT(id)},
    {"mission_id", COL_ID, AT(mission_id)},
    {"content_id", COL_ID, AT(content_id)},
    {"job_id", COL_ID, AT(job_id)},
    {"category", COL_ENUM, AT(category)},
    {"state", COL_ENUM, AT(state)},
    {"provider", COL_TEXT, AT(provider)},
    {"model", COL_TEXT, AT(model)},
    {"tokens_in", COL_INT, AT(tokens_in)},
    {"tokens_out", COL_INT, AT(tokens_out)},
    {"reserved", COL_INT, AT(reserved)},
    {"microcents", COL_INT, AT(microcents)},
    {"spent_ms", COL_TIME, AT(spent_ms)},
    {"call_key", COL_TEXT, AT(key)},
    {"answer", COL_TEXT, AT(answer)},
    {"expires_ms", COL_TIME, AT(expires_ms)},
};
#undef AT
static const struct row row = ROW(struct cost, cols);

static const struct col budget_cols[] = {
    {"spent", COL_INT, offsetof(struct budget, spent)},
    {"reserved", COL_INT, offsetof(struct budget, reserved)},
};
static const struct row budget_row = ROW(struct budget, budget_cols);

error store_budget_get(struct ctx *c, const struct id *mission, struct budget *out)
{
    QUERY q = {
        .name = "budget.get",
        .sql = "SELECT :cols FROM budget WHERE tenant_id = :tenant AND livemode = :live"
               " AND mission_id = ?",
        .row = &budget_row,
        .index = "PRIMARY",
    };
    *out = (struct budget){0};
    error e = db_one(c, &q, out, P(mission));
    return error_is(e, ERR_NOT_FOUND) ? NULL : e;
}

error store_cost_of_key(struct ctx *c, struct str key, struct cost *out)
{
    QUERY q = {
        .name = "cost.of_key",
        .sql = "SELECT :cols FROM cost WHERE tenant_id = :tenant AND livemode = :live"
               " AND call_key = ?",
        .row = &row,
        .index = "call_key",
    };
    *out = (struct cost){0};
    return db_one(c, &q, out, P(key));
}

static error insert(struct ctx *c, const struct cost *x, size_t n)
{
    QUERY q = {
        .name = "cost.insert",
        .sql = "INSERT INTO cost (tenant_id, livemode, id, mission_id, content_id, job_id,"
               " category, state, provider, model, tokens_in, tokens_out, reserved, microcents,"
               " spent_ms, call_key, expires_ms)"
               " VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, :now, ?, ?)",
    };
    struct db_rows rows = db_rows_new(c->arena, n, 14);
    for (size_t i = 0; i < n; i++)
        db_rows_add(&rows, P(&x[i].id), P(&x[i].mission_id), P(&x[i].content_id), P(&x[i].job_id),
                    P(x[i].category), P(x[i].state), P(x[i].provider), P(x[i].model),
                    P(x[i].tokens_in), P(x[i].tokens_out), P(x[i].reserved), P(x[i].microcents),
                    P(x[i].key), param_time(x[i].expires_ms));
    return db_run_each(c, &q, &rows, NULL);
}

/* A mission has no budget row before its first call. */
static error set_aside(struct ctx *c, const struct cost *x, int64_t limit, bool alone,
                       uint64_t *done)
{
    int64_t others = alone ? 0 : INT64_MAX;
    QUERY reserve = {
        .name = "budget.reserve",
        .sql = "UPDATE budget SET reserved = reserved + ? WHERE tenant_id = :tenant"
               " AND livemode = :live AND mission_id = ? AND spent + reserved <= ?"
               " AND reserved <= ?",
        .index = "PRIMARY",
    };
    QUERY open = {
        .name = "budget.open",
        .sql = "INSERT INTO budget (tenant_id, livemode, mission_id) VALUES (:tenant, :live, ?)"
               " ON DUPLICATE KEY UPDATE mission_id = VALUES(mission_id)",
    };
    TRY(db_run(c, &reserve, done, P(x->reserved), P(&x->mission_id), P(limit - x->reserved),
               P(others)));
    if (*done)
        return NULL;
    TRY(db_run(c, &open, NULL, P(&x->mission_id)));
    return db_run(c, &reserve, done, P(x->reserved), P(&x->mission_id), P(limit - x->reserved),
                  P(others));
}

error store_cost_reserve(struct ctx *c, const struct cost *x, int64_t limit, bool alone,
                         bool *granted)
{
    struct cost entry = *x;
    uint64_t done;
    TRY(set_aside(c, x, limit, alone, &done));
    *granted = done > 0;
    if (!*granted)
        return NULL;
    entry.state = COST_RESERVED;
    entry.microcents = 0;
    return insert(c, &entry, 1);
}

static error change_budget(struct ctx *c, const struct id *mission, int64_t spent, int64_t reserved)
{
    QUERY q = {
        .name = "budget.change",
        .sql = "INSERT INTO budget (tenant_id, livemode, mission_id, spent, reserved)"
               " VALUES (:tenant, :live, ?, ?, ?) ON DUPLICATE KEY UPDATE"
               " spent = spent + VALUES(spent), reserved = reserved + VALUES(reserved)",
    };
    return db_run(c, &q, NULL, P(mission), P(spent), P(reserved));
}

static error settle(struct ctx *c, const struct cost *x, enum cost_state from, uint64_t *settled)
{
    QUERY q = {
        .name = "cost.settle",
        .sql = "UPDATE cost SET state = ?, tokens_in = ?, tokens_out = ?, microcents = ?,"
               " spent_ms = :now, call_key = IF(? IS NULL, NULL, call_key), answer = ?,"
               " expires_ms = ?"
               " WHERE tenant_id = :tenant AND livemode = :live AND id = ? AND state = ?",
        .index = "PRIMARY",
    };
    return db_run(c, &q, settled, P(x->state), P(x->tokens_in), P(x->tokens_out), P(x->microcents),
                  P(x->answer), P(x->answer), param_time(x->expires_ms), P(&x->id), P(from));
}

static error book(struct ctx *c, const struct cost *x)
{
    uint64_t settled;
    TRY(settle(c, x, COST_RESERVED, &settled));
    if (settled)
        return change_budget(c, &x->mission_id, x->microcents, -x->reserved);
    if (x->state == COST_UNCLEAR)
        return NULL;
    TRY(settle(c, x, COST_UNCLEAR, &settled));
    return settled ? change_budget(c, &x->mission_id, x->microcents - x->reserved, 0) : NULL;
}

error store_cost_book(struct ctx *c, const struct cost *x)
{
    TRY(store_cost_day_count(c, &x->id, -1));
    TRY(book(c, x));
    return store_cost_day_count(c, &x->id, 1);
}

static error release(struct ctx *c, const struct cost *x)
{
    QUERY q = {
        .name = "cost.release",
        .sql = "DELETE FROM cost WHERE tenant_id = :tenant AND livemode = :live AND id = ?"
               " AND state = ?",
        .index = "PRIMARY",
    };
    uint64_t n;
    TRY(db_run(c, &q, &n, P(&x->id), P(COST_RESERVED)));
    if (n)
        return change_budget(c, &x->mission_id, 0, -x->reserved);
    TRY(db_run(c, &q, &n, P(&x->id), P(COST_UNCLEAR)));
    return n ? change_budget(c, &x->mission_id, -x->reserved, 0) : NULL;
}

error store_cost_release(struct ctx *c, const struct cost *x)
{
    TRY(store_cost_day_count(c, &x->id, -1));
    TRY(release(c, x));
    return store_cost_day_count(c, &x->id, 1);
}

error store_costs_enter(struct ctx *c, const struct cost *x, size_t n)
{
    struct cost *booked = arena_array(c->arena, n, sizeof *booked);
    for (size_t i = 0; i < n; i++) {
        booked[i] = x[i];
        booked[i].state = COST_BOOKED;
        booked[i].spent_ms = c->now_ms;
    }
    TRY(insert(c, booked, n));
    TRY(store_cost_day_enter(c, booked, n));
    for (size_t i = 0; i < n; i++)
        if (x[i].microcents)
            TRY(change_budget(c, &x[i].mission_id, x[i].microcents, 0));
    return NULL;
}

error store_cost_enter(struct ctx *c, const struct cost *x)
{
    return store_costs_enter(c, x, 1);
}

error store_cost_assign(struct ctx *c, const struct id *id, const struct id *content)
{
    QUERY q = {
        .name = "cost.assign",
        .sql = "UPDATE cost SET content_id = ? WHERE tenant_id = :tenant AND livemode = :live"
               " AND id = ?",
        .index = "PRIMARY",
    };
    return db_run(c, &q, NULL, P(content), P(id));
}

error store_cost_use(struct ctx *c, const struct id *content)
{
    QUERY q = {
        .name = "cost.use",
        .sql = "UPDATE cost SET call_key = NULL, answer = NULL, expires_ms = NULL"
               " WHERE tenant_id = :tenant AND livemode = :live AND content_id = ? AND state <> 1",
        .index = "by_content",
    };
    return db_run(c, &q, NULL, P(content));
}

/* A reservation that expired, of any tenant. */
struct expired {
    struct id tenant;
    bool live;
    struct cost cost;
};
#define AT(member) offsetof(struct expired, member)
static const struct col expired_cols[] = {
    {"tenant_id", COL_ID, AT(tenant)},
    {"livemode", COL_BOOL, AT(live)},
    {"id", COL_ID, AT(cost.id)},
    {"mission_id", COL_ID, AT(cost.mission_id)},
    {"reserved", COL_INT, AT(cost.reserved)},
};
#undef AT
static const struct row expired_row = ROW(struct expired, expired_cols);

static error book_unclear(struct ctx *c, void *arg)
{
    struct cost x = *(const struct cost *)arg;
    x.state = COST_UNCLEAR;
    x.microcents = x.reserved;
    return store_cost_book(c, &x);
}

error store_cost_expire(struct ctx *c, int64_t real_ms, uint64_t *n)
{
    QUERY find = {
        .name = "cost.expired",
        .sql = "SELECT :cols FROM cost WHERE state = 1 AND expires_ms < ? LIMIT 100",
        .row = &expired_row,
        .index = "expiring",
        .global = true,
    };
    QUERY forget = {
        .name = "cost.forget",
        .sql = "UPDATE cost SET call_key = NULL, answer = NULL, expires_ms = NULL"
               " WHERE state = 2 AND expires_ms < ? LIMIT 1000",
        .index = "expiring",
        .global = true,
    };
    struct list found;
    TRY(db_all(c, &find, &found, P(real_ms)));
    const struct expired *x = found.at;
    for (size_t i = 0; i < found.n; i++) {
        struct ctx of_tenant = *c;
        struct cost cost = x[i].cost;
        of_tenant.scope = (struct scope){x[i].tenant, x[i].live};
        TRY(in_transaction(&of_tenant, book_unclear, &cost));
    }
    TRY(db_run(c, &forget, n, P(real_ms)));
    *n += found.n;
    return NULL;
}
