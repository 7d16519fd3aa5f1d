/* idempotency.c: every statement that touches idempotency, and nothing else. */
#include "store/idempotency.h"

#include "db/db.h"

#define AT(member) offsetof(struct idempotency, member)
static const struct col cols[] = {
    {"fingerprint", COL_TEXT, AT(fingerprint)},
    {"status", COL_INT, AT(status)},
    {"locked_until_ms", COL_INT, AT(locked_until_ms)},
    {"location", COL_TEXT, AT(location)},
    {"etag", COL_TEXT, AT(etag)},
    {"body_sealed", COL_TEXT, AT(body_sealed)},
    {"created_ms", COL_TIME, AT(created_ms)},
};
#undef AT
static const struct row row = ROW(struct idempotency, cols);

#define THIS                                                                                       \
    " WHERE tenant_id = :tenant AND livemode = :live AND principal = ? AND idempotency_key = ?"

error store_idempotency_get(struct ctx *c, struct str principal, struct str key, int64_t since_ms,
                            struct idempotency *out)
{
    QUERY q = {
        .name = "idempotency.get",
        .sql = "SELECT :cols FROM idempotency" THIS " AND created_ms >= ?",
        .row = &row,
        .index = "PRIMARY",
    };
    *out = (struct idempotency){.principal = principal, .key = key};
    return db_one(c, &q, out, P(principal), P(key), P(since_ms));
}

/* db_is_duplicate(): there is one already. */
static error insert(struct ctx *c, const struct idempotency *i)
{
    QUERY q = {
        .name = "idempotency.insert",
        .sql = "INSERT INTO idempotency (tenant_id, livemode, principal, idempotency_key,"
               " fingerprint, status, locked_until_ms, location, etag, body_sealed, created_ms)"
               " VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    };
    return db_run(c, &q, NULL, P(i->principal), P(i->key), P(i->fingerprint), P(i->status),
                  P(i->locked_until_ms), P(i->location), P(i->etag), P(i->body_sealed),
                  P(i->created_ms));
}

error store_idempotency_put(struct ctx *c, const struct idempotency *i, int64_t since_ms,
                            int64_t real_ms, bool *placed)
{
    QUERY clear = {
        .name = "idempotency.clear",
        .sql = "DELETE FROM idempotency" THIS
               " AND (created_ms < ? OR status = 0 AND locked_until_ms < ?)",
        .index = "PRIMARY",
    };
    error e = insert(c, i);
    uint64_t cleared = 0;
    if (db_is_duplicate(e)) { /* seldom, so what is out of date is cleared only then */
        TRY(db_run(c, &clear, &cleared, P(i->principal), P(i->key), P(since_ms), P(real_ms)));
        if (cleared)
            e = insert(c, i);
    }
    *placed = !e;
    return db_is_duplicate(e) ? NULL : e;
}

error store_idempotency_finish(struct ctx *c, const struct idempotency *i)
{
    QUERY q = {
        .name = "idempotency.finish",
        .sql = "UPDATE idempotency SET status = ?, location = ?, etag = ?, body_sealed = ?" THIS
               " AND status = 0 AND locked_until_ms = ?",
        .index = "PRIMARY",
    };
    return db_run(c, &q, NULL, P(i->status), P(i->location), P(i->etag), P(i->body_sealed),
                  P(i->principal), P(i->key), P(i->locked_until_ms));
}

error store_idempotency_drop(struct ctx *c, const struct idempotency *i)
{
    QUERY q = {
        .name = "idempotency.drop",
        .sql = "DELETE FROM idempotency" THIS " AND status = 0 AND locked_until_ms = ?",
        .index = "PRIMARY",
    };
    return db_run(c, &q, NULL, P(i->principal), P(i->key), P(i->locked_until_ms));
}

error store_idempotency_purge(struct ctx *c, int64_t before_ms, uint64_t *deleted)
{
    QUERY q = {
        .name = "idempotency.purge",
        .sql = "DELETE FROM idempotency WHERE created_ms < ? ORDER BY created_ms LIMIT 1000",
        .index = "by_age",
        .global = true,
    };
    return db_run(c, &q, deleted, P(before_ms));
}

struct str idempotency_context(struct arena *a, const struct id *tenant, bool live, struct str key)
{
    return arena_printf(a, "%.*s %d %.*s", STR(id_str(tenant)), live, STR(key));
}
