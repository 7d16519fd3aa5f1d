/* version.c: every statement that touches content_version and content_sketch, and nothing else. */
#include "store/version.h"

#include "db/db.h"

#define AT(member) offsetof(struct version, member)
static const struct col cols[] = {
    {"id", COL_ID, AT(id)},
    {"version", COL_INT, AT(version)},
    {"copy", COL_TEXT, AT(copy)},
    {"visuals", COL_TEXT, AT(visuals)},
    {"cause", COL_ENUM, AT(cause)},
    {"author", COL_TEXT, AT(author)},
    {"reason", COL_TEXT, AT(reason)},
    {"confidence", COL_NUMBER, AT(confidence)},
    {"model", COL_TEXT, AT(model)},
    {"livemode", COL_BOOL, AT(livemode)},
    {"created_ms", COL_TIME, AT(created_ms)},
};
#undef AT
static const struct row row = ROW(struct version, cols);

static const struct col sketch_cols[] = {
    {"s.content_id", COL_ID, offsetof(struct sketch_row, content_id)},
    {"s.sketch", COL_TEXT, offsetof(struct sketch_row, sketch)},
};
static const struct row sketch_row = ROW(struct sketch_row, sketch_cols);

error store_version_keep(struct ctx *c, const struct id *content)
{
    QUERY q = {
        .name = "version.keep",
        .sql = "INSERT INTO content_version (tenant_id, livemode, content_id, id, version, copy,"
               " visuals, cause, confidence, model, created_ms)"
               " SELECT tenant_id, livemode, id, id, 1, copy, visuals, 1, confidence, model,"
               " created_ms FROM content WHERE tenant_id = :tenant AND livemode = :live AND id = ?",
        .index = "PRIMARY",
    };
    return db_run(c, &q, NULL, P(content));
}

error store_version_insert(struct ctx *c, const struct id *content, const struct version *v)
{
    QUERY q = {
        .name = "version.insert",
        .sql = "INSERT INTO content_version (tenant_id, livemode, content_id, id, version, copy,"
               " visuals, cause, author, reason, confidence, model, created_ms)"
               " VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, :now)",
    };
    return db_run(c, &q, NULL, P(content), P(&v->id), P(v->version), P(v->copy), P(v->visuals),
                  P(v->cause), P(v->author), P(v->reason), P(v->confidence), P(v->model));
}

#define PAGE(direction, condition)                                                                 \
    "SELECT :cols FROM content_version WHERE tenant_id = :tenant AND livemode = :live"             \
    " AND content_id = ? AND " condition " ORDER BY id " direction " LIMIT ?"

error store_version_page(struct ctx *c, const struct id *content, const struct page *page,
                         struct list *out, bool *more)
{
    QUERY older = {
        .name = "version.page_older",
        .sql = PAGE("DESC", "id < ?"),
        .row = &row,
        .index = "PRIMARY",
    };
    QUERY newer = {
        .name = "version.page_newer",
        .sql = PAGE("ASC", "id > ?"),
        .row = &row,
        .index = "PRIMARY",
    };
    bool up = !id_is_none(&page->before);
    struct id cursor = up ? page->before : page_upper(page);
    TRY(db_all(c, up ? &newer : &older, out, P(content), P(&cursor), P(page->limit + 1)));
    page_finish(page, out, sizeof(struct version), more);
    return NULL;
}

static error sketch_content(struct arena *a, const struct content *x, struct sketch *out)
{
    struct copy copy;
    TRY(content_copy(a, x, &copy));
    struct list shingles = shingles_of(a, &copy);
    *out = sketch_of(&shingles);
    return NULL;
}

error store_sketches_put(struct ctx *c, const struct content *x, size_t n, const bool *skip)
{
    QUERY q = {
        .name = "sketch.put",
        .sql = "INSERT INTO content_sketch (tenant_id, livemode, mission_id, content_id, sketch) "
               "VALUES "
               "(:tenant, :live, ?, ?, ?)"
               " ON DUPLICATE KEY UPDATE sketch = VALUES(sketch)",
    };
    struct db_rows rows = db_rows_new(c->arena, n, 3);
    struct sketch *s = arena_array(c->arena, n, sizeof *s);
    for (size_t i = 0; i < n; i++) {
        struct str bytes = {(const char *)s[i].at, sizeof s[i].at};
        if (skip && skip[i])
            continue;
        TRY(sketch_content(c->arena, &x[i], &s[i]));
        db_rows_add(&rows, P(&x[i].mission_id), P(&x[i].id), P(bytes));
    }
    return db_run_each(c, &q, &rows, NULL);
}

error store_sketches(struct ctx *c, const struct id *mission, int64_t limit, struct list *out)
{
    QUERY q = {
        .name = "sketch.newest",
        .sql = "SELECT :cols FROM content_sketch s STRAIGHT_JOIN content c"
               " ON c.tenant_id = s.tenant_id AND c.livemode = s.livemode AND c.id = s.content_id"
               " WHERE s.tenant_id = :tenant AND s.livemode = :live AND s.mission_id = ?"
               " AND c.status NOT IN (4, 9) ORDER BY s.content_id DESC LIMIT ?",
        .row = &sketch_row,
        .index = "PRIMARY",
    };
    return db_all(c, &q, out, P(mission), P(limit));
}
