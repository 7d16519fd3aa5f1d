/* brand.c: every statement that touches brand_context, and nothing else. */
#include "store/brand.h"

#include "db/db.h"
#include "domain/mission.h"

#define AT(member) offsetof(struct brand_context, member)
static const struct col cols[] = {
    {"id", COL_ID, AT(id)},
    {"name", COL_TEXT, AT(name)},
    {"voice", COL_TEXT, AT(voice)},
    {"tone", COL_TEXT, AT(tone)},
    {"audience", COL_TEXT, AT(audience)},
    {"topics", COL_TEXT, AT(topics)},
    {"preferred_words", COL_TEXT, AT(preferred_words)},
    {"banned_words", COL_TEXT, AT(banned_words)},
    {"links", COL_TEXT, AT(links)},
    {"hashtags", COL_TEXT, AT(hashtags)},
    {"examples", COL_TEXT, AT(examples)},
    {"livemode", COL_BOOL, AT(livemode)},
    {"created_ms", COL_TIME, AT(created_ms)},
    {"updated_ms", COL_TIME, AT(updated_ms)},
    {"revision", COL_INT, AT(revision)},
};
#undef AT
static const struct row row = ROW(struct brand_context, cols);
static const struct col id_cols[] = {{"id", COL_ID, 0}};
static const struct row id_row = ROW(struct id, id_cols);
static const struct col number_cols[] = {{"COUNT(*) AS n", COL_INT, 0}};
static const struct row number_row = ROW(int64_t, number_cols);

#define ONE                                                                                        \
    "SELECT :cols FROM brand_context WHERE tenant_id = :tenant AND livemode = :live AND id = ?"

error store_brand_get(struct ctx *c, const struct id *id, struct brand_context *out)
{
    QUERY q = {.name = "brand.get", .sql = ONE, .row = &row, .index = "PRIMARY"};
    *out = (struct brand_context){0};
    return db_one(c, &q, out, P(id));
}

error store_brand_lock(struct ctx *c, const struct id *id, struct brand_context *out)
{
    QUERY q = {.name = "brand.lock", .sql = ONE " FOR UPDATE", .row = &row, .index = "PRIMARY"};
    *out = (struct brand_context){0};
    return db_one(c, &q, out, P(id));
}

error store_brand_hold(struct ctx *c, const struct id *id)
{
    QUERY q = {
        .name = "brand.hold",
        .sql = ONE " LOCK IN SHARE MODE",
        .row = &id_row,
        .index = "PRIMARY",
    };
    struct id found;
    return db_one(c, &q, &found, P(id));
}

#define PAGE(direction, condition)                                                                 \
    "SELECT :cols FROM brand_context WHERE tenant_id = :tenant AND livemode = :live "              \
    "AND " condition " ORDER BY id " direction " LIMIT ?"

error store_brand_page(struct ctx *c, const struct page *page, struct list *out)
{
    QUERY older = {
        .name = "brand.page_older",
        .sql = PAGE("DESC", "id < ?"),
        .row = &row,
        .index = "PRIMARY",
    };
    QUERY newer = {
        .name = "brand.page_newer",
        .sql = PAGE("ASC", "id > ?"),
        .row = &row,
        .index = "PRIMARY",
    };
    bool up = !id_is_none(&page->before);
    struct id cursor = up ? page->before : page_upper(page);
    return db_all(c, up ? &newer : &older, out, P(&cursor), P(page->limit + 1));
}

error store_brand_count(struct ctx *c, int64_t *n)
{
    QUERY q = {
        .name = "brand.count",
        .sql = "SELECT :cols FROM brand_context WHERE tenant_id = :tenant AND livemode = :live",
        .row = &number_row,
        .index = "PRIMARY",
    };
    return db_one(c, &q, n);
}

error store_brand_insert(struct ctx *c, const struct brand_context *b)
{
    QUERY q = {
        .name = "brand.insert",
        .sql = "INSERT INTO brand_context (tenant_id, livemode, id, name, voice, tone, audience,"
               " topics, preferred_words, banned_words, links, hashtags, examples, created_ms,"
               " updated_ms) VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    };
    return db_run(c, &q, NULL, P(&b->id), P(b->name), P(b->voice), P(b->tone), P(b->audience),
                  P(b->topics), P(b->preferred_words), P(b->banned_words), P(b->links),
                  P(b->hashtags), P(b->examples), P(b->created_ms), P(b->updated_ms));
}

error store_brand_update(struct ctx *c, const struct brand_context *b)
{
    QUERY q = {
        .name = "brand.update",
        .sql = "UPDATE brand_context SET name = ?, voice = ?, tone = ?, audience = ?, topics = ?,"
               " preferred_words = ?, banned_words = ?, links = ?, hashtags = ?, examples = ?,"
               " updated_ms = ?, revision = revision + 1"
               " WHERE tenant_id = :tenant AND livemode = :live AND id = ?",
        .index = "PRIMARY",
    };
    return db_run(c, &q, NULL, P(b->name), P(b->voice), P(b->tone), P(b->audience), P(b->topics),
                  P(b->preferred_words), P(b->banned_words), P(b->links), P(b->hashtags),
                  P(b->examples), P(b->updated_ms), P(&b->id));
}

error store_brand_delete(struct ctx *c, const struct id *id)
{
    QUERY q = {
        .name = "brand.delete",
        .sql = "DELETE FROM brand_context WHERE tenant_id = :tenant AND livemode = :live"
               " AND id = ?",
        .index = "PRIMARY",
    };
    return db_run(c, &q, NULL, P(id));
}

error store_brand_in_use(struct ctx *c, const struct id *id, bool *used)
{
    QUERY q = {
        .name = "brand.in_use",
        .sql = "SELECT :cols FROM mission WHERE tenant_id = :tenant AND livemode = :live"
               " AND brand_context_id = ? AND status < ? LIMIT 1",
        .row = &id_row,
        .index = "by_brand",
    };
    struct id mission;
    error e = db_one(c, &q, &mission, P(id), P(MISSION_COMPLETED));
    *used = !e;
    return error_is(e, ERR_NOT_FOUND) ? NULL : e;
}
