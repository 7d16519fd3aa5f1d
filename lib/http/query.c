/* query.c: the query string: syntax, and parameters read through a shape. */
#include "http/query.h"

#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Decodes into the arena; none if an escape is malformed or hides a NUL. */
static struct str decode(struct arena *a, struct str raw)
{
    char *out = arena_alloc(a, raw.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++) {
        int high, low;
        if (raw.p[i] != '%') {
            out[n++] = raw.p[i] == '+' ? ' ' : raw.p[i];
            continue;
        }
        if (i + 2 >= raw.n)
            return (struct str){0};
        high = hex_value(raw.p[i + 1]);
        low = hex_value(raw.p[i + 2]);
        if (high < 0 || low < 0 || high + low == 0)
            return (struct str){0};
        out[n++] = (char)(high << 4 | low);
        i += 2;
    }
    return utf8_valid((struct str){out, n}) ? (struct str){out, n} : (struct str){0};
}

static error bad(struct arena *a, struct str param, const char *why)
{
    return error_at(a, ERR_INVALID_REQUEST, param, "%s", why);
}

/* "expand", "expand[]" or "expand[7]". */
static bool is_expand(struct str name)
{
    struct str rest = str_sub(name, 6, SIZE_MAX);
    if (!str_starts(name, S("expand")))
        return false;
    if (!rest.n)
        return true;
    if (rest.n < 2 || rest.p[0] != '[' || rest.p[rest.n - 1] != ']')
        return false;
    for (size_t i = 1; i + 1 < rest.n; i++) {
        if (rest.p[i] < '0' || rest.p[i] > '9')
            return false;
    }
    return true;
}

static error take_pair(struct arena *a, struct request *r, struct str piece)
{
    struct str value = piece;
    struct str raw_name = str_cut(&value, '=');
    struct pair p = {decode(a, raw_name), decode(a, value.p ? value : S(""))};
    if (!p.name.n)
        return bad(a, S("query"), "The query string is malformed.");
    if (!p.value.p)
        return bad(a, p.name, "The value is not valid percent-encoded UTF-8.");
    if (!p.value.n)
        return bad(a, p.name, "Must not be empty.");
    for (size_t i = 0; i < r->query_count; i++) {
        if (str_eq(r->query[i].name, p.name) && !is_expand(p.name))
            return bad(a, p.name, "Must not be repeated.");
    }
    if (r->query_count == QUERY_MAX)
        return bad(a, p.name, "Too many parameters.");
    r->query[r->query_count++] = p;
    return NULL;
}

error query_split(struct arena *a, struct request *r)
{
    struct str rest = r->query_text;
    if (!rest.n)
        return NULL;
    r->query = arena_array(a, QUERY_MAX, sizeof *r->query);
    while (rest.p) {
        struct str piece = str_cut(&rest, '&');
        if (piece.n)
            TRY(take_pair(a, r, piece));
    }
    return NULL;
}

error query_expand(struct arena *a, struct request *r, bool list)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->query_count; i++) {
        struct pair p = r->query[i];
        if (!is_expand(p.name)) {
            r->query[kept++] = p;
            continue;
        }
        if (list && str_starts(p.value, S("data.")))
            p.value = str_sub(p.value, 5, SIZE_MAX);
        if (!str_eq(p.value, S("mission")))
            return bad(a, S("expand"), "Only mission can be expanded.");
        r->expand_mission = true;
    }
    r->query_count = kept;
    return NULL;
}

struct str query_get(const struct request *r, const char *name)
{
    for (size_t i = 0; i < r->query_count; i++) {
        if (str_eq(r->query[i].name, str_of(name)))
            return r->query[i].value;
    }
    return (struct str){0};
}

static const char *read_id(const struct field *f, struct str text, void *at)
{
    return id_parse(text, f->prefix, at) ? NULL : "Must be an id of the right kind.";
}

static const char *read_enum(const struct field *f, struct str text, void *at)
{
    int *value = at;
    *value = names_find(f->values, text);
    return *value ? NULL : "Is not one of the known values.";
}

static const char *read_int(const struct field *f, struct str text, void *at)
{
    int64_t *value = at;
    if (!str_int(text, value))
        return "Must be a whole number.";
    if ((f->min != 0 || f->max != 0) && ((double)*value < f->min || (double)*value > f->max))
        return "Is out of range.";
    return NULL;
}

static const char *read_time(const struct field *f, struct str text, void *at)
{
    (void)f;
    if (time_parse(text, at) || date_parse(text, at))
        return NULL;
    return "Must be an RFC 3339 time with an offset, or a date.";
}

static const char *read_text(const struct field *f, struct str text, void *at)
{
    double n = (double)utf8_length(text), max = f->max != 0 ? f->max : SHAPE_TEXT_MAX;
    if (n < f->min || n > max)
        return "Is too short or too long.";
    if (f->check) {
        const char *why = f->check(text);
        if (why)
            return why;
    }
    memcpy(at, &text, sizeof text);
    return NULL;
}

static const char *read_bool(const struct field *f, struct str text, void *at)
{
    (void)f;
    *(bool *)at = str_eq(text, S("true"));
    return str_eq(text, S("true")) || str_eq(text, S("false")) ? NULL : "Must be true or false.";
}

/* A comma list of enum values, as ints in the arena. */
static const char *read_list(struct arena *a, const struct field *f, struct str text, void *at)
{
    struct list *list = at;
    size_t max = f->max > 0 ? (size_t)f->max : SHAPE_LIST_MAX;
    int *values = arena_array(a, max, sizeof *values);
    size_t n = 0;
    while (text.p) {
        if (n == max)
            return "Has too many members.";
        if (read_enum(f->item, str_cut(&text, ','), &values[n++]))
            return "Holds something that is not one of the known values.";
    }
    *list = (struct list){values, n};
    return NULL;
}

static const char *read_value(struct arena *a, const struct field *f, struct str text, void *at)
{
    static const char *(*const readers[])(const struct field *, struct str, void *) = {
        [F_ID] = read_id,   [F_TEXT] = read_text, [F_ENUM] = read_enum,
        [F_INT] = read_int, [F_BOOL] = read_bool, [F_TIME] = read_time,
    };
    if (f->kind == F_LIST)
        return read_list(a, f, text, at);
    return readers[f->kind](f, text, at);
}

error query_read(struct arena *a, const struct request *r, const struct shape *s,
                 const struct shape *extra, void *out, sent *what)
{
    *what = 0;
    if (s && s->init)
        memcpy(out, s->init, s->size);
    for (size_t i = 0; i < r->query_count; i++) {
        const struct pair *p = &r->query[i];
        const struct field *f = s ? shape_field(s, p->name) : NULL;
        const char *why;
        if (!f && extra && shape_field(extra, p->name))
            continue;
        if (!f)
            return bad(a, p->name, "Unknown parameter.");
        why = read_value(a, f, p->value, (char *)out + f->at);
        if (why)
            return bad(a, p->name, why);
        *what |= (sent)1 << (f - s->fields);
    }
    return s && s->check ? s->check(a, out) : NULL;
}

struct page_query {
    int64_t limit;
    struct str starting_after, ending_before;
};
#define AT(member) offsetof(struct page_query, member)
static const struct page_query page_default = {.limit = 20};
static const struct field page_fields[] = {
    {.name = S("limit"),
     .kind = F_INT,
     .flags = F_IN,
     .at = AT(limit),
     .min = 1,
     .max = 100,
     .doc = "How many to answer"},
    {.name = S("starting_after"),
     .kind = F_TEXT,
     .flags = F_IN,
     .at = AT(starting_after),
     .doc = "Id of the last object seen: answers the older ones after it"},
    {.name = S("ending_before"),
     .kind = F_TEXT,
     .flags = F_IN,
     .at = AT(ending_before),
     .doc = "Id of the first object seen: answers the newer ones before it"},
};
#undef AT
const struct shape page_query_shape =
    SHAPE_INIT("page", struct page_query, page_fields, &page_default, NULL);

static error read_cursor(struct arena *a, const struct request *r, const char *name,
                         struct str prefix, struct id *out)
{
    struct str text = query_get(r, name);
    if (text.p && !id_parse(text, prefix, out))
        return bad(a, str_of(name), "Must be the id of an object of this list.");
    return NULL;
}

error query_page(struct arena *a, struct request *r, struct str prefix)
{
    struct str limit = query_get(r, "limit");
    r->page.limit = page_default.limit;
    if (limit.p && (!str_int(limit, &r->page.limit) || r->page.limit < 1 || r->page.limit > 100))
        return bad(a, S("limit"), "Must be a whole number from 1 to 100.");
    TRY(read_cursor(a, r, "starting_after", prefix, &r->page.after));
    TRY(read_cursor(a, r, "ending_before", prefix, &r->page.before));
    if (!id_is_none(&r->page.after) && !id_is_none(&r->page.before))
        return bad(a, S("ending_before"), "Must not be combined with starting_after.");
    return NULL;
}
