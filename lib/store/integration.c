/* integration.c: every statement that touches integration, and nothing else. */
#include "store/integration.h"

#include "db/db.h"

enum { METRICOOL = 1, PROBLEM_MAX = 900 };

#define AT(member) offsetof(struct integration, member)
static const struct col cols[] = {
    {"blog_id", COL_TEXT, AT(blog_id)},
    {"user_id", COL_TEXT, AT(user_id)},
    {"blog_name", COL_TEXT, AT(blog_name)},
    {"zone", COL_TEXT, AT(zone)},
    {"networks", COL_TEXT, AT(networks)},
    {"pinterest_board_id", COL_TEXT, AT(pinterest_board_id)},
    {"token_sealed", COL_TEXT, AT(token_sealed)},
    {"status", COL_ENUM, AT(status)},
    {"last_error", COL_TEXT, AT(last_error)},
    {"last_sync_ms", COL_TIME, AT(last_sync_ms)},
    {"connected_ms", COL_TIME, AT(connected_ms)},
    {"latency_ms", COL_INT, AT(latency_ms)},
    {"failures", COL_INT, AT(failures)},
    {"pause_ms", COL_INT, AT(pause_ms)},
    {"slot_ms", COL_INT, AT(slot_ms)},
};
#undef AT
static const struct row row = ROW(struct integration, cols);

error store_integration_get(struct ctx *c, struct integration *out)
{
    QUERY q = {
        .name = "integration.get",
        .sql = "SELECT :cols FROM integration WHERE tenant_id = :tenant AND livemode = :live"
               " AND provider = ?",
        .row = &row,
        .index = "PRIMARY",
    };
    *out = (struct integration){0};
    return db_one(c, &q, out, P(METRICOOL));
}

error store_integration_lock(struct ctx *c, struct integration *out)
{
    QUERY q = {
        .name = "integration.lock",
        .sql = "SELECT :cols FROM integration WHERE tenant_id = :tenant AND livemode = :live"
               " AND provider = ? FOR UPDATE",
        .row = &row,
        .index = "PRIMARY",
    };
    *out = (struct integration){0};
    return db_one(c, &q, out, P(METRICOOL));
}

error store_integration_put(struct ctx *c, const struct integration *i)
{
    QUERY q = {
        .name = "integration.put",
        .sql = "INSERT INTO integration (tenant_id, livemode, provider, blog_id, user_id,"
               " blog_name, zone, networks, pinterest_board_id, token_sealed, status, last_error,"
               " last_sync_ms, connected_ms, latency_ms)"
               " VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
               " ON DUPLICATE KEY UPDATE blog_id = VALUES(blog_id), user_id = VALUES(user_id),"
               " blog_name = VALUES(blog_name), zone = VALUES(zone),"
               " networks = VALUES(networks),"
               " pinterest_board_id = VALUES(pinterest_board_id),"
               " token_sealed = VALUES(token_sealed),"
               " status = VALUES(status),"
               " last_error = VALUES(last_error), last_sync_ms = VALUES(last_sync_ms),"
               " connected_ms = VALUES(connected_ms), latency_ms = VALUES(latency_ms),"
               " failures = 0, pause_ms = 0",
    };
    return db_run(c, &q, NULL, P(METRICOOL), P(i->blog_id), P(i->user_id), P(i->blog_name),
                  P(i->zone), P(i->networks), P(i->pinterest_board_id), P(i->token_sealed),
                  P(i->status), P(str_sub(i->last_error, 0, PROBLEM_MAX)),
                  param_time(i->last_sync_ms), P(i->connected_ms), P(i->latency_ms));
}

error store_integration_health(struct ctx *c, const struct integration *i)
{
    QUERY q = {
        .name = "integration.health",
        .sql = "UPDATE integration SET status = ?, last_error = ?, last_sync_ms = ?,"
               " latency_ms = ?, failures = ?, pause_ms = ?, slot_ms = ?"
               " WHERE tenant_id = :tenant AND livemode = :live AND provider = ?",
        .index = "PRIMARY",
    };
    return db_run(c, &q, NULL, P(i->status), P(str_sub(i->last_error, 0, PROBLEM_MAX)),
                  param_time(i->last_sync_ms), P(i->latency_ms), P(i->failures), P(i->pause_ms),
                  P(i->slot_ms), P(METRICOOL));
}
