/* shape_read.c: bodies and stored documents into structs: objects, lists, documents, and the three
 * ways of reading them. What makes a single value acceptable is in shape_value.c. */
#include "json/shape.h"

#include <assert.h>
#include <string.h>

#include "base/utf8.h"
#include "json/shape_impl.h"

enum { NAME_SHOWN = 100, FIELDS_MAX = 64 };

/* An object while it is read. */
struct target {
    const struct shape *shape;
    const struct place *at;
    char *object;
    sent held;
};

static error read_value(const struct reader *r, const struct field *f, struct json_object *v,
                        const struct place *at, void *out);

static bool is_document(const struct field *f)
{
    return f->flags & F_DOC;
}

static void fill_documents(struct arena *a, const struct shape *s, void *object);

/* The text of a document that nobody gave. An object whose defaults do not pass its own check has
 * none. */
static struct str default_document(struct arena *a, const struct field *f)
{
    if (f->kind == F_LIST)
        return S("[]");
    void *object = arena_alloc(a, f->shape->size);
    shape_clear(f->shape, object);
    fill_documents(a, f->shape, object);
    if (f->shape->check && f->shape->check(a, object))
        return (struct str){NULL, 0};
    return shape_text(a, f->shape, object);
}

/* What is stored has every key, so documents that were not given get their defaults. */
static void fill_documents(struct arena *a, const struct shape *s, void *object)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        void *value = (char *)object + f->at;
        if (f->kind == F_OBJECT && !is_document(f))
            fill_documents(a, f->shape, value);
        else if (is_document(f) && !(f->flags & (F_NULLABLE | F_ABSENT)) &&
                 shape_value_is_null(f, value))
            *(struct str *)value = default_document(a, f);
    }
}

static error check_required(const struct reader *r, const struct target *t)
{
    for (size_t i = 0; i < t->shape->n; i++) {
        const struct field *f = &t->shape->fields[i];
        struct place at = {t->at, f->name, 0};
        if (f->flags & F_REQUIRED && !(t->held >> i & 1))
            return refuse(r, &at, S("This field is required."));
    }
    return NULL;
}

/* The shape's own check, whose param is relative to this object. */
static error check_whole(const struct reader *r, const struct target *t)
{
    error e = t->shape->check ? t->shape->check(r->arena, t->object) : NULL;
    if (!e || !t->at)
        return e;
    struct place at = {t->at, e->param, 0};
    return error_with_param(r->arena, e, place_text(r->arena, e->param.p ? &at : t->at));
}

/* The field that a member of the body is for; NULL if it may be passed over. */
static error find_field(const struct reader *r, struct target *t, const struct place *at,
                        const struct field **out)
{
    *out = shape_field(t->shape, at->name);
    if (*out)
        t->held |= (sent)1 << (*out - t->shape->fields);
    else if (r->mode != READ_STORED)
        return refuse(r, &(struct place){at->in, utf8_prefix(at->name, NAME_SHOWN), 0},
                      S("Unknown field."));
    return NULL;
}

static error read_member(const struct reader *r, struct target *t, const char *key,
                         struct json_object *v)
{
    struct place at = {t->at, str_of(key), 0};
    const struct field *f;
    TRY(find_field(r, t, &at, &f));
    if (!f)
        return NULL;
    if (r->mode == READ_BODY && !(f->flags & F_IN))
        return refuse(r, &at, S("This field is read-only."));
    return read_value(r, f, v, &at, t->object + f->at);
}

static error read_object(const struct reader *r, struct json_object *v, struct target *t)
{
    assert(t->shape->n <= FIELDS_MAX);
    if (!json_object_is_type(v, json_type_object))
        return refuse(r, t->at, S("Must be an object."));
    shape_clear(t->shape, t->object);
    struct json_object_iter m;
    json_object_object_foreachC(v, m) TRY(read_member(r, t, m.key, m.val));
    if (r->mode == READ_BODY)
        TRY(check_required(r, t));
    fill_documents(r->arena, t->shape, t->object);
    return r->mode == READ_BODY ? check_whole(r, t) : NULL;
}

static error check_count(const struct reader *r, const struct field *f, size_t n,
                         const struct place *at)
{
    double max = f->min != 0 || f->max != 0 ? f->max : SHAPE_LIST_MAX;
    if ((double)n >= f->min && (double)n <= max)
        return NULL;
    if (f->min > 0)
        return refuse(r, at,
                      arena_printf(r->arena, "Must have %.0f to %.0f members.", f->min, max));
    return refuse(r, at, arena_printf(r->arena, "Must have at most %.0f members.", max));
}

static error check_unique(const struct reader *r, const struct field *f, const struct list *list,
                          const struct place *at)
{
    size_t size = shape_value_size(f->item);
    struct str *printed = arena_array(r->arena, list->n, sizeof *printed);
    for (size_t i = 0; i < list->n; i++) {
        printed[i] = shape_value_text(r->arena, f->item, (const char *)list->at + i * size);
        for (size_t earlier = 0; earlier < i; earlier++)
            if (str_eq(printed[earlier], printed[i]))
                return refuse(r, &(struct place){at, {NULL, 0}, i}, S("Must not be repeated."));
    }
    return NULL;
}

static error read_list(const struct reader *r, const struct field *f, struct json_object *v,
                       const struct place *at, struct list *out)
{
    if (!json_object_is_type(v, json_type_array))
        return refuse(r, at, S("Must be a list."));
    size_t n = json_object_array_length(v), size = shape_value_size(f->item);
    if (r->mode == READ_BODY)
        TRY(check_count(r, f, n, at));
    char *members = arena_array(r->arena, n, size);
    for (size_t i = 0; i < n; i++) {
        struct place member = {at, {NULL, 0}, i};
        TRY(read_value(r, f->item, json_object_array_get_idx(v, i), &member, members + i * size));
    }
    *out = (struct list){members, n};
    return r->mode == READ_BODY && f->flags & F_UNIQUE ? check_unique(r, f, out, at) : NULL;
}

static error read_document(const struct reader *r, const struct field *f, struct json_object *v,
                           const struct place *at, struct str *out)
{
    if (f->kind == F_LIST) {
        struct list list;
        TRY(read_list(r, f, v, at, &list));
        *out = list_text(r->arena, f, &list);
        return NULL;
    }
    struct target t = {f->shape, at, arena_alloc(r->arena, f->shape->size), 0};
    TRY(read_object(r, v, &t));
    *out = shape_text(r->arena, f->shape, t.object);
    return NULL;
}

static error read_value(const struct reader *r, const struct field *f, struct json_object *v,
                        const struct place *at, void *out)
{
    if (!v) {
        if (r->mode == READ_BODY && !(f->flags & F_NULLABLE))
            return refuse(r, at, S("Must not be null."));
        shape_value_clear(f, out);
        return NULL;
    }
    if (is_document(f))
        return read_document(r, f, v, at, out);
    if (f->kind == F_LIST)
        return read_list(r, f, v, at, out);
    if (f->kind != F_OBJECT)
        return scalar_read(r, f, v, at, out);
    struct target t = {f->shape, at, out, 0};
    return read_object(r, v, &t);
}

static error parse_body(struct arena *a, struct str text, struct json_object **out)
{
    if (!parse_strict(a, text, out) || !json_object_is_type(*out, json_type_object))
        return error_of(ERR_INVALID_JSON);
    return NULL;
}

error shape_read(struct arena *a, const struct shape *s, struct str text, void *out, sent *what)
{
    struct reader r = {a, READ_BODY};
    struct target t = {s, NULL, out, 0};
    struct json_object *body;
    TRY(parse_body(a, text, &body));
    TRY(read_object(&r, body, &t));
    *what = t.held;
    return NULL;
}

/* Does the body say what is stored? Both sides are read and printed again, so that neither the
 * notation of a time or a number nor the age of a document makes a difference. */
static bool says_the_same(struct arena *a, const struct field *f, struct json_object *v,
                          const void *stored)
{
    struct reader theirs = {a, READ_COMPARE}, ours = {a, READ_STORED};
    void *left = arena_alloc(a, shape_value_size(f)), *right = arena_alloc(a, shape_value_size(f));
    struct json_object *tree;
    if (!parse_strict(a, shape_value_text(a, f, stored), &tree))
        return false;
    if (read_value(&theirs, f, v, NULL, left) || read_value(&ours, f, tree, NULL, right))
        return false;
    return str_eq(shape_value_text(a, f, left), shape_value_text(a, f, right));
}

static error update_member(const struct reader *r, struct target *t, const char *key,
                           struct json_object *v)
{
    struct place at = {NULL, str_of(key), 0};
    const struct field *f;
    TRY(find_field(r, t, &at, &f));
    if (f->flags & F_IN && !(f->flags & F_CREATE_ONLY))
        return read_value(r, f, v, &at, t->object + f->at);
    if (str_eq(f->name, S("updated_at")) || says_the_same(r->arena, f, v, t->object + f->at))
        return NULL;
    return refuse(r, &at, S("This field is read-only."));
}

error shape_update(struct arena *a, const struct shape *s, struct str text, void *object,
                   sent *what)
{
    struct reader r = {a, READ_BODY};
    struct target t = {s, NULL, arena_alloc(a, s->size), 0};
    struct json_object *body;
    assert(s->n <= FIELDS_MAX);
    TRY(parse_body(a, text, &body));
    memcpy(t.object, object, s->size);
    struct json_object_iter m;
    json_object_object_foreachC(body, m) TRY(update_member(&r, &t, m.key, m.val));
    TRY(check_whole(&r, &t));
    memcpy(object, t.object, s->size);
    *what = t.held;
    return NULL;
}

/* What is stored was checked before: a mistake in it is ours. */
static error our_fault(struct arena *a, const char *what, error e)
{
    if (!e)
        return NULL;
    return error_because(a, ERR_INTERNAL, "stored %s: %.*s: %.*s", what, STR(e->param),
                         STR(e->message));
}

error shape_parse(struct arena *a, const struct shape *s, struct str text, void *out)
{
    struct reader r = {a, READ_STORED};
    struct target t = {s, NULL, out, 0};
    struct json_object *v;
    if (!parse_strict(a, text, &v))
        return our_fault(a, s->name, error_of(ERR_INVALID_JSON));
    return our_fault(a, s->name, read_object(&r, v, &t));
}

error list_parse(struct arena *a, const struct field *list_field, struct str text, struct list *out)
{
    struct reader r = {a, READ_STORED};
    struct json_object *v;
    if (!parse_strict(a, text, &v))
        return our_fault(a, "list", error_of(ERR_INVALID_JSON));
    return our_fault(a, "list", read_list(&r, list_field, v, NULL, out));
}
