/* audit.c: every statement that touches audit, and nothing else. */
#include "store/audit.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "db/db.h"

enum { DETAIL_MAX = 300, REQUEST_ID_MAX = 128, ADDRESS_MAX = 45, ACTION_MAX = 64 };

#define AT(member) offsetof(struct audit, member)
static const struct col cols[] = {
    {"id", COL_ID, AT(id)},
    {"actor", COL_TEXT, AT(actor)},
    {"action", COL_TEXT, AT(action)},
    {"object", COL_TEXT, AT(object)},
    {"detail", COL_TEXT, AT(detail)},
    {"status", COL_INT, AT(status)},
    {"address", COL_TEXT, AT(address)},
    {"request_id", COL_TEXT, AT(request_id)},
    {"livemode", COL_BOOL, AT(livemode)},
    {"created_ms", COL_TIME, AT(created_ms)},
};
#undef AT
static const struct row row = ROW(struct audit, cols);
static const struct col number_cols[] = {{"COUNT(*) AS n", COL_INT, 0}};
static const struct row number_row = ROW(int64_t, number_cols);

/* What belongs to no tenant. */
static const struct id installation = {
    {'0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0'}};

static const struct id *owner(const struct ctx *c)
{
    return id_is_none(&c->scope.tenant) ? &installation : &c->scope.tenant;
}

error store_audits_insert(struct ctx *c, const struct audit *a, size_t n)
{
    QUERY q = {
        .name = "audit.insert",
        .sql = "INSERT INTO audit (tenant_id, livemode, id, actor, action, "
               "object, detail, status,"
               " address, request_id, created_ms) VALUES "
               "(?, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        .global = true, /* or of the installation */
    };
    int64_t real_ms = clock_ms();
    struct db_rows rows = db_rows_new(c->arena, n, 10);
    struct id *ids = arena_array(c->arena, n, sizeof *ids);
    for (size_t i = 0; i < n; i++) {
        ids[i] = id_new(real_ms);
        db_rows_add(&rows, P(owner(c)), P(&ids[i]), P(a[i].actor),
                    P(str_sub(a[i].action, 0, ACTION_MAX)), P(a[i].object),
                    P(utf8_prefix(a[i].detail, DETAIL_MAX)), P(a[i].status),
                    P(str_sub(a[i].address, 0, ADDRESS_MAX)),
                    P(str_sub(a[i].request_id, 0, REQUEST_ID_MAX)), P(real_ms));
    }
    return db_run_each(c, &q, &rows, NULL);
}

error store_audit_insert(struct ctx *c, const struct audit *a)
{
    return store_audits_insert(c, a, 1);
}

error store_audit_system(struct ctx *c, struct str action, struct str prefix,
                         const struct id *object, struct str detail)
{
    char text[ID_TEXT + 1];
    struct audit entry = {
        .actor = S("system"),
        .action = action,
        .object = object ? id_print(text, prefix, object) : (struct str){0},
        .detail = detail,
        .status = INT_NONE,
        .request_id = c->request_id,
    };
    return store_audit_insert(c, &entry);
}

#define RANGE(index, condition)                                                                    \
    " FROM audit FORCE INDEX (" index ") WHERE tenant_id = ? AND livemode = :live" condition       \
    " AND id > ? AND id < ? AND (? IS NULL OR actor = ?) AND (? IS NULL OR action = ?)"            \
    " AND (? IS NULL OR object = ?)"
#define KIND(suffix, key, condition)                                                               \
    {                                                                                              \
        {.name = "audit.older" suffix,                                                             \
         .row = &row,                                                                              \
         .index = key,                                                                             \
         .global = true,                                                                           \
         .sql = "SELECT :cols" RANGE(key, condition) " ORDER BY id DESC LIMIT ?"},                 \
            {.name = "audit.newer" suffix,                                                         \
             .row = &row,                                                                          \
             .index = key,                                                                         \
             .global = true,                                                                       \
             .sql = "SELECT :cols" RANGE(key, condition) " ORDER BY id ASC LIMIT ?"},              \
            {.name = "audit.count" suffix,                                                         \
             .row = &number_row,                                                                   \
             .index = key,                                                                         \
             .global = true,                                                                       \
             .sql = "SELECT :cols FROM (SELECT 1" RANGE(key, condition) " LIMIT ?) AS some"},      \
    }

enum shape_of_question { OLDER, NEWER, COUNT };
QUERY all[] = KIND("", "PRIMARY", "");
QUERY by_actor[] = KIND("_by_actor", "by_actor", " AND actor = ?");
QUERY by_action[] = KIND("_by_action", "by_action", " AND action = ?");
QUERY by_object[] = KIND("_by_object", "by_object", " AND object = ?");

/* The bounds of the ids of a page, both exclusive: the filter's and the cursor's. An entry's id
 * holds its time. */
struct bounds {
    struct id lower, upper;
};

static struct bounds bounds_of(const struct audit_filter *f, const struct page *page)
{
    struct bounds b = {id_below(f->created_after), page_upper(&(struct page){0})};
    if (f->created_before != INT64_MAX)
        b.upper = id_below(f->created_before);
    if (page && !id_is_none(&page->after) && id_cmp(&page->after, &b.upper) < 0)
        b.upper = page->after;
    if (page && !id_is_none(&page->before) && id_cmp(&page->before, &b.lower) > 0)
        b.lower = page->before;
    return b;
}

/* The index of the narrowest filter that is set, and its value. */
static const struct query *narrowest(const struct audit_filter *f, struct str *value)
{
    const struct {
        struct str value;
        const struct query *queries;
    } kinds[] = {{f->object, by_object}, {f->actor, by_actor}, {f->action, by_action}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        *value = kinds[i].value;
        if (value->p)
            return kinds[i].queries;
    }
    return all;
}

#define FILTER_ARGS(b, f)                                                                          \
    P(&(b).lower), P(&(b).upper), P((f)->actor), P((f)->actor), P((f)->action), P((f)->action),    \
        P((f)->object), P((f)->object)

error store_audit_page(struct ctx *c, const struct audit_filter *f, const struct page *page,
                       struct list *out)
{
    struct str value;
    struct bounds b = bounds_of(f, page);
    const struct query *q = narrowest(f, &value) + (id_is_none(&page->before) ? OLDER : NEWER);
    if (!value.p)
        return db_all(c, q, out, P(owner(c)), FILTER_ARGS(b, f), P(page->limit + 1));
    return db_all(c, q, out, P(owner(c)), P(value), FILTER_ARGS(b, f), P(page->limit + 1));
}

error store_audit_count(struct ctx *c, const struct audit_filter *f, int64_t *out)
{
    struct str value;
    struct bounds b = bounds_of(f, NULL);
    const struct query *q = narrowest(f, &value) + COUNT;
    if (!value.p)
        return db_one(c, q, out, P(owner(c)), FILTER_ARGS(b, f), P(AUDIT_COUNT_MAX));
    return db_one(c, q, out, P(owner(c)), P(value), FILTER_ARGS(b, f), P(AUDIT_COUNT_MAX));
}

error store_audit_purge(struct ctx *c, int64_t before_ms, uint64_t *deleted)
{
    QUERY q = {
        .name = "audit.purge",
        .sql = "DELETE FROM audit WHERE created_ms < ? ORDER BY created_ms LIMIT 1000",
        .index = "by_age",
        .global = true,
    };
    return db_run(c, &q, deleted, P(before_ms));
}
