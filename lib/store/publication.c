/* publication.c: every statement that touches publication and integration, and nothing else. */
#include "store/publication.h"

#include "db/db.h"

enum { METRICOOL = 1, PROBLEM_MAX = 900 };

#define AT(member) offsetof(struct publication_row, member)
static const struct col cols[] = {
    {"content_id", COL_ID, AT(content)},
    {"attempt", COL_INT, AT(attempt)},
    {"state", COL_ENUM, AT(state)},
    {"platform", COL_ENUM, AT(platform)},
    {"type", COL_ENUM, AT(type)},
    {"copy", COL_TEXT, AT(copy)},
    {"media", COL_TEXT, AT(media)},
    {"publish_ms", COL_TIME, AT(publish_ms)},
    {"sent_ms", COL_TIME, AT(sent_ms)},
    {"provider_post_id", COL_TEXT, AT(provider_post_id)},
    {"provider_uuid", COL_TEXT, AT(provider_uuid)},
    {"problem", COL_TEXT, AT(problem)},
};
#undef AT
static const struct row row = ROW(struct publication_row, cols);
static const struct col attempt_cols[] = {{"COALESCE(MAX(attempt), 0) AS n", COL_INT, 0}};
static const struct row attempt_row = ROW(int64_t, attempt_cols);

#define AT(member) offsetof(struct integration, member)
static const struct col integration_cols[] = {
    {"blog_id", COL_TEXT, AT(blog_id)},           {"user_id", COL_TEXT, AT(user_id)},
    {"blog_name", COL_TEXT, AT(blog_name)},       {"zone", COL_TEXT, AT(zone)},
    {"networks", COL_TEXT, AT(networks)},         {"token_sealed", COL_TEXT, AT(token_sealed)},
    {"token_key_id", COL_INT, AT(token_key_id)},  {"status", COL_ENUM, AT(status)},
    {"last_error", COL_TEXT, AT(last_error)},     {"last_sync_ms", COL_TIME, AT(last_sync_ms)},
    {"connected_ms", COL_TIME, AT(connected_ms)},
};
#undef AT
static const struct row integration_row = ROW(struct integration, integration_cols);

error store_publication_insert(struct ctx *c, struct publication_row *p)
{
    QUERY last = {
        .name = "publication.last_attempt",
        .sql = "SELECT :cols FROM publication WHERE tenant_id = :tenant AND livemode = :live"
               " AND content_id = ?",
        .row = &attempt_row,
        .index = NULL, /* answered from the index alone, which EXPLAIN calls "optimized away" */
    };
    QUERY insert = {
        .name = "publication.insert",
        .sql = "INSERT INTO publication (tenant_id, livemode, content_id, attempt, state, platform,"
               " type, copy, media, publish_ms, created_ms, updated_ms)"
               " VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, :now, :now)",
    };
    TRY(db_one(c, &last, &p->attempt, P(&p->content)));
    p->attempt++;
    return db_run(c, &insert, NULL, P(&p->content), P(p->attempt), P(p->state), P(p->platform),
                  P(p->type), P(p->copy), P(p->media), P(p->publish_ms));
}

error store_publication_last(struct ctx *c, const struct id *content, struct publication_row *out)
{
    QUERY q = {
        .name = "publication.last",
        .sql = "SELECT :cols FROM publication WHERE tenant_id = :tenant AND livemode = :live"
               " AND content_id = ? ORDER BY attempt DESC LIMIT 1",
        .row = &row,
        .index = "PRIMARY",
    };
    *out = (struct publication_row){0};
    return db_one(c, &q, out, P(content));
}

error store_publication_move(struct ctx *c, const struct publication_row *p,
                             enum publication_state from)
{
    QUERY q = {
        .name = "publication.move",
        .sql = "UPDATE publication SET state = ?, publish_ms = ?, sent_ms = ?,"
               " provider_post_id = ?, provider_uuid = ?, problem = ?, updated_ms = :now"
               " WHERE tenant_id = :tenant AND livemode = :live AND content_id = ? AND attempt = ?"
               " AND state = ?",
        .index = "PRIMARY",
    };
    uint64_t n;
    TRY(db_run(c, &q, &n, P(p->state), P(p->publish_ms), param_time(p->sent_ms),
               P(p->provider_post_id), P(p->provider_uuid), P(str_sub(p->problem, 0, PROBLEM_MAX)),
               P(&p->content), P(p->attempt), P(from)));
    return n ? NULL : error_of(ERR_INVALID_STATE);
}

error store_integration_get(struct ctx *c, struct integration *out)
{
    QUERY q = {
        .name = "integration.get",
        .sql = "SELECT :cols FROM integration WHERE tenant_id = :tenant AND livemode = :live"
               " AND provider = ?",
        .row = &integration_row,
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
               " blog_name, zone, networks, token_sealed, token_key_id, status, last_error,"
               " last_sync_ms, connected_ms)"
               " VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
               " ON DUPLICATE KEY UPDATE blog_id = VALUES(blog_id), user_id = VALUES(user_id),"
               " blog_name = VALUES(blog_name), zone = VALUES(zone),"
               " networks = VALUES(networks), token_sealed = VALUES(token_sealed),"
               " token_key_id = VALUES(token_key_id), status = VALUES(status),"
               " last_error = VALUES(last_error), last_sync_ms = VALUES(last_sync_ms),"
               " connected_ms = VALUES(connected_ms)",
    };
    return db_run(c, &q, NULL, P(METRICOOL), P(i->blog_id), P(i->user_id), P(i->blog_name),
                  P(i->zone), P(i->networks), P(i->token_sealed), P(i->token_key_id), P(i->status),
                  P(i->last_error), param_time(i->last_sync_ms), P(i->connected_ms));
}

error store_integration_health(struct ctx *c, enum integration_status status, struct str problem)
{
    QUERY q = {
        .name = "integration.health",
        .sql = "UPDATE integration SET status = ?, last_error = ?, last_sync_ms = :now"
               " WHERE tenant_id = :tenant AND livemode = :live AND provider = ?",
        .index = "PRIMARY",
    };
    return db_run(c, &q, NULL, P(status), P(str_sub(problem, 0, PROBLEM_MAX)), P(METRICOOL));
}
