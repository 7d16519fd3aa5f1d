/* publication.c: every statement that touches publication, and nothing else. */
#include "store/publication.h"

#include "db/db.h"

enum { PROBLEM_MAX = 900 };

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
static const struct col count_cols[] = {{"COUNT(*) AS n", COL_INT, 0}};
static const struct row count_row = ROW(int64_t, count_cols);

error store_publications_insert(struct ctx *c, const struct publication_row *const *p, size_t n)
{
    QUERY insert = {
        .name = "publication.insert",
        .sql = "INSERT INTO publication (tenant_id, livemode, content_id, attempt, state, platform,"
               " type, copy, media, publish_ms, created_ms, updated_ms)"
               " VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, :now, :now)",
    };
    struct db_rows rows = db_rows_new(c->arena, n, 8);
    for (size_t i = 0; i < n; i++)
        db_rows_add(&rows, P(&p[i]->content), P(p[i]->attempt), P(p[i]->state), P(p[i]->platform),
                    P(p[i]->type), P(p[i]->copy), P(p[i]->media), P(p[i]->publish_ms));
    return db_run_each(c, &insert, &rows, NULL);
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

error store_publications_last(struct ctx *c, struct id_list contents, struct list *out)
{
    QUERY q = {
        .name = "publication.last_all",
        .sql = "SELECT :cols FROM publication FORCE INDEX (PRIMARY) WHERE tenant_id = :tenant"
               " AND livemode = :live AND content_id IN (:ids) AND attempt = (SELECT MAX(l.attempt)"
               " FROM publication l WHERE l.tenant_id = :tenant AND l.livemode = :live"
               " AND l.content_id = publication.content_id) LIMIT 100",
        .row = &row,
        .index = "PRIMARY",
    };
    return db_all(c, &q, out, P(contents));
}

error store_publications_move(struct ctx *c, const struct publication_move *m, size_t n)
{
    QUERY q = {
        .name = "publication.move",
        .sql = "UPDATE publication SET state = ?, publish_ms = ?, sent_ms = ?,"
               " provider_post_id = ?, provider_uuid = ?, problem = ?, updated_ms = :now"
               " WHERE tenant_id = :tenant AND livemode = :live AND content_id = ? AND attempt = ?"
               " AND state = ?",
        .index = "PRIMARY",
    };
    struct db_rows rows = db_rows_new(c->arena, n, 9);
    uint64_t moved;
    for (size_t i = 0; i < n; i++) {
        const struct publication_row *p = m[i].row;
        db_rows_add(&rows, P(p->state), P(p->publish_ms), param_time(p->sent_ms),
                    P(p->provider_post_id), P(p->provider_uuid),
                    P(str_sub(p->problem, 0, PROBLEM_MAX)), P(&p->content), P(p->attempt),
                    P(m[i].from));
    }
    TRY(db_run_each(c, &q, &rows, &moved));
    return moved == n ? NULL : error_of(ERR_INVALID_STATE);
}

error store_publication_move(struct ctx *c, const struct publication_row *p,
                             enum publication_state from)
{
    return store_publications_move(c, &(struct publication_move){p, from}, 1);
}

error store_publication_is_others(struct ctx *c, struct str provider_post_id,
                                  const struct id *content, bool *others)
{
    QUERY q = {
        .name = "publication.is_others",
        .sql = "SELECT :cols FROM publication WHERE tenant_id = :tenant AND livemode = :live"
               " AND provider_post_id = ? AND content_id <> ?",
        .row = &count_row,
        .index = "by_post",
    };
    int64_t n = 0;
    TRY(db_one(c, &q, &n, P(provider_post_id), P(content)));
    *others = n > 0;
    return NULL;
}

error store_publication_on_its_way(struct ctx *c, int64_t limit, struct list *out)
{
    QUERY q = {
        .name = "publication.on_its_way",
        .sql = "SELECT :cols FROM publication WHERE tenant_id = :tenant AND livemode = :live"
               " AND state IN (1, 2, 3) ORDER BY content_id LIMIT ?",
        .row = &row,
        .index = "PRIMARY",
    };
    return db_all(c, &q, out, P(limit));
}
