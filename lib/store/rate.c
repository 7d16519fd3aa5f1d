/* rate.c: every statement that touches rate_window, and nothing else. */
#include "store/rate.h"

#include "db/db.h"

#define AT(member) offsetof(struct others_windows, member)
static const struct col cols[] = {
    {"COALESCE(SUM(n), 0) AS n", COL_INT, AT(n)},
    {"MIN(opened_s) AS opened_s", COL_INT, AT(opened_s)},
};
#undef AT
static const struct row row = ROW(struct others_windows, cols);

/* Hashes use all 64 bits; the sign does not matter to the server as long as it is the same. */
static struct param owner_param(uint64_t owner)
{
    return param_int((int64_t)(owner >> 1));
}

error store_rate_tell(struct ctx *c, uint64_t owner, const struct id *host, int64_t opened_s,
                      int64_t n)
{
    QUERY q = {
        .name = "rate.tell",
        .sql = "INSERT INTO rate_window (owner, host, opened_s, n) VALUES (?, ?, ?, ?)"
               " ON DUPLICATE KEY UPDATE opened_s = VALUES(opened_s), n = VALUES(n)",
        .global = true,
    };
    return db_run(c, &q, NULL, owner_param(owner), P(host), P(opened_s), P(n));
}

error store_rate_others(struct ctx *c, uint64_t owner, const struct id *host, int64_t since_s,
                        struct others_windows *out)
{
    QUERY q = {
        .name = "rate.others",
        .sql = "SELECT :cols FROM rate_window WHERE owner = ? AND host <> ? AND opened_s >= ?",
        .row = &row,
        .index = "PRIMARY",
        .global = true,
    };
    return db_one(c, &q, out, owner_param(owner), P(host), P(since_s));
}

error store_rate_purge(struct ctx *c, int64_t before_s, uint64_t *deleted)
{
    QUERY q = {
        .name = "rate.purge",
        .sql = "DELETE FROM rate_window WHERE opened_s < ? ORDER BY opened_s LIMIT 1000",
        .index = "by_age",
        .global = true,
    };
    return db_run(c, &q, deleted, P(before_s));
}
