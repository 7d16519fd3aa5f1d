/* schema.c: JSON Schema from the tables of shape.h. Examples are in example.c. */
#include "json/schema.h"

#include <assert.h>

#include "json/shape_impl.h"

static const char url_pattern[] = "^[Hh][Tt][Tt][Pp][Ss]?://[^ ]+$";

static bool has(const struct schemas *set, const struct shape *s, enum view view)
{
    for (size_t i = 0; i < set->n; i++) {
        if (set->at[i].shape == s && set->at[i].view == view)
            return true;
    }
    return false;
}

/* The parts of a body are sent whole, whether it creates or changes. */
static enum view view_of_parts(enum view view)
{
    return view == VIEW_UPDATE ? VIEW_IN : view;
}

/* What is read-only is shown in a PUT as it is answered. */
static enum view view_of_field(const struct field *f, enum view view)
{
    bool writable = f->flags & F_IN && !(f->flags & F_CREATE_ONLY);
    return view == VIEW_UPDATE && !writable ? VIEW_OUT : view;
}

static bool is_shown(const struct field *f, enum view view)
{
    if (view == VIEW_IN)
        return f->flags & F_IN;
    return !(f->flags & F_HIDDEN) && !(view == VIEW_UPDATE && f->flags & F_ABSENT);
}

static void add_parts(struct schemas *set, const struct field *f, enum view view)
{
    if (f->shape)
        schemas_add(set, f->shape, view_of_parts(view));
    if (f->alternative)
        schemas_add(set, f->alternative, view_of_parts(view));
    if (f->item)
        add_parts(set, f->item, view);
}

void schemas_add(struct schemas *set, const struct shape *s, enum view view)
{
    if (has(set, s, view))
        return;
    for (size_t i = 0; i < set->n; i++)
        assert(set->at[i].shape == s || !str_eq(str_of(set->at[i].shape->name), str_of(s->name)));
    assert(set->n < SCHEMAS_MAX);
    set->at[set->n++] = (struct schema){s, view};
    for (size_t i = 0; i < s->n; i++) {
        if (is_shown(&s->fields[i], view))
            add_parts(set, &s->fields[i], view_of_field(&s->fields[i], view));
    }
}

static struct str name_of(const struct schemas *set, const struct shape *s, enum view view)
{
    const char *suffix = "";
    assert(has(set, s, view));
    if (view == VIEW_IN && has(set, s, VIEW_OUT))
        suffix = "_input";
    else if (view == VIEW_UPDATE)
        suffix = "_update";
    return arena_printf(set->arena, "%s%s", s->name, suffix);
}

static void write_ref_member(struct writer *w, const struct schemas *set, const struct shape *s,
                             enum view view)
{
    struct str name = name_of(set, s, view);
    write_member_text(w, S("$ref"),
                      arena_printf(set->arena, "#/components/schemas/%.*s", STR(name)));
}

void schema_write_ref(struct writer *w, const struct schemas *set, const struct shape *s,
                      enum view view)
{
    write_open(w, '{');
    write_ref_member(w, set, s, view);
    write_close(w, '}');
}

static bool may_be_null(const struct field *f, enum view view)
{
    return view != VIEW_QUERY && f->flags & F_NULLABLE;
}

static void write_type(struct writer *w, const char *type, bool nullable)
{
    write_key(w, S("type"));
    if (nullable)
        write_open(w, '[');
    write_text(w, str_of(type));
    if (nullable) {
        write_text(w, S("null"));
        write_close(w, ']');
    }
}

static bool is_bounded(const struct field *f)
{
    return f->min != 0 || f->max != 0;
}

/* "minLength" and "maxLength" and the like. */
static void write_limits(struct writer *w, const struct field *f, struct str least, struct str most,
                         double most_if_unbounded)
{
    if (f->min > 0 || f->kind == F_INT || f->kind == F_NUMBER)
        write_member_number(w, least, f->min, 6);
    write_member_number(w, most, is_bounded(f) ? f->max : most_if_unbounded, 6);
}

static void write_id(struct writer *w, const struct schemas *set, const struct field *f)
{
    write_member_text(w, S("pattern"),
                      arena_printf(set->arena, "^%.*s[0-9A-Za-z]{%d}$", STR(f->prefix), ID_LEN));
}

static void write_text_rules(struct writer *w, const struct field *f, enum view view)
{
    if (view == VIEW_OUT)
        return;
    write_limits(w, f, S("minLength"), S("maxLength"), SHAPE_TEXT_MAX);
    if (f->pattern)
        write_member_text(w, S("pattern"), str_of(f->pattern));
    else if (f->flags & F_URL)
        write_member_text(w, S("pattern"), S(url_pattern));
    else if (f->flags & F_NOT_BLANK)
        write_member_text(w, S("pattern"), S("\\S"));
}

static void write_names(struct writer *w, const struct names *values, bool nullable)
{
    write_key(w, S("enum"));
    write_open(w, '[');
    for (size_t i = 1; i < values->n; i++)
        write_text(w, values->at[i]);
    if (nullable)
        write_null(w);
    write_close(w, ']');
}

/* In a URL a date stands for its midnight. */
static void write_time_format(struct writer *w, enum view view)
{
    if (view == VIEW_QUERY)
        write_member_raw(w, S("anyOf"), S("[{\"format\":\"date-time\"},{\"format\":\"date\"}]"));
    else
        write_member_text(w, S("format"), S("date-time"));
}

static void write_object(struct writer *w, const struct schemas *set, const struct field *f,
                         enum view view)
{
    const struct shape *other = f->alternative;
    bool nullable = may_be_null(f, view);
    if (!nullable && !other) {
        write_ref_member(w, set, f->shape, view_of_parts(view));
        return;
    }
    write_key(w, S("anyOf"));
    write_open(w, '[');
    schema_write_ref(w, set, f->shape, view_of_parts(view));
    if (other)
        schema_write_ref(w, set, other, view_of_parts(view));
    if (nullable)
        write_raw(w, S("{\"type\":\"null\"}"));
    write_close(w, ']');
}

static void write_value(struct writer *w, const struct schemas *set, const struct field *f,
                        enum view view);

static void write_item(struct writer *w, const struct schemas *set, const struct field *item,
                       enum view view)
{
    write_open(w, '{');
    write_value(w, set, item, view);
    write_close(w, '}');
}

static void write_list(struct writer *w, const struct schemas *set, const struct field *f,
                       enum view view)
{
    write_type(w, "array", may_be_null(f, view));
    write_key(w, S("items"));
    write_item(w, set, f->item, view);
    if (view == VIEW_OUT)
        return;
    write_limits(w, f, S("minItems"), S("maxItems"), SHAPE_LIST_MAX);
    if (f->flags & F_UNIQUE)
        write_member_bool(w, S("uniqueItems"), true);
}

/* Keys that are data, each with the same kind of value; or an object that is not described. */
static void write_map(struct writer *w, const struct schemas *set, const struct field *f,
                      enum view view)
{
    write_type(w, "object", may_be_null(f, view));
    if (f->values) {
        write_key(w, S("propertyNames"));
        write_open(w, '{');
        write_names(w, f->values, false);
        write_close(w, '}');
    }
    write_key(w, S("additionalProperties"));
    if (f->item)
        write_item(w, set, f->item, view);
    else
        write_bool(w, true);
}

static void write_number_rules(struct writer *w, const struct field *f, enum view view)
{
    if (f->kind == F_INT)
        write_member_text(w, S("format"), S("int64"));
    if (view != VIEW_OUT && is_bounded(f))
        write_limits(w, f, S("minimum"), S("maximum"), 0);
}

/* What a value of a kind looks like, as members of its schema. */
static void write_value(struct writer *w, const struct schemas *set, const struct field *f,
                        enum view view)
{
    static const char *const types[] = {
        [F_ID] = "string",     [F_TEXT] = "string",  [F_ENUM] = "string", [F_INT] = "integer",
        [F_NUMBER] = "number", [F_BOOL] = "boolean", [F_TIME] = "string", [F_OBJECT] = NULL,
        [F_LIST] = NULL,       [F_RAW] = NULL,
    };
    if (types[f->kind])
        write_type(w, types[f->kind], may_be_null(f, view));
    switch (f->kind) {
    case F_ID:
        write_id(w, set, f);
        break;
    case F_TEXT:
        write_text_rules(w, f, view);
        break;
    case F_ENUM:
        write_names(w, f->values, may_be_null(f, view));
        break;
    case F_INT:
    case F_NUMBER:
        write_number_rules(w, f, view);
        break;
    case F_TIME:
        write_time_format(w, view);
        break;
    case F_OBJECT:
        write_object(w, set, f, view);
        break;
    case F_LIST:
        write_list(w, set, f, view);
        break;
    case F_RAW:
        write_map(w, set, f, view);
        break;
    case F_BOOL:
        break;
    }
}

/* What is taken for a field that is not sent, if that can be said by one value. */
static void write_default(struct writer *w, const struct schemas *set, const struct shape *s,
                          const struct field *f, enum view view)
{
    bool is_null, nullable = may_be_null(f, view);
    const void *value;
    char *object;
    if (view == VIEW_OUT || view == VIEW_UPDATE || f->flags & F_REQUIRED || f->kind == F_OBJECT)
        return;
    if (view == VIEW_QUERY && (f->kind == F_TIME || f->kind == F_LIST))
        return;
    object = arena_alloc(set->arena, s->size);
    shape_clear(s, object);
    value = object + f->at;
    is_null = shape_value_is_null(f, value);
    if (is_null && !nullable && f->kind != F_LIST)
        return;
    write_key(w, S("default"));
    if (is_null && nullable)
        write_null(w);
    else
        shape_value_write(w, f, value);
}

void schema_write_field(struct writer *w, const struct schemas *set, const struct shape *s,
                        const struct field *f, enum view view)
{
    enum view shown = view_of_field(f, view);
    const char *repeated = shown != view ? "Read-only: only its present value is accepted. " : "";
    write_open(w, '{');
    write_value(w, set, f, shown);
    if (f->doc && view != VIEW_QUERY)
        write_member_text(w, S("description"), arena_printf(set->arena, "%s%s", repeated, f->doc));
    write_default(w, set, s, f, view);
    if (f->deprecated)
        write_member_bool(w, S("deprecated"), true);
    if (f->example) {
        write_key(w, S("examples"));
        write_open(w, '[');
        write_raw(w, str_of(f->example));
        write_close(w, ']');
    }
    write_close(w, '}');
}

static bool is_required(const struct field *f, enum view view)
{
    if (view == VIEW_OUT)
        return !(f->flags & F_ABSENT);
    return view == VIEW_IN && f->flags & F_REQUIRED;
}

static void write_required(struct writer *w, const struct shape *s, enum view view)
{
    write_key(w, S("required"));
    write_open(w, '[');
    for (size_t i = 0; i < s->n; i++) {
        if (is_shown(&s->fields[i], view) && is_required(&s->fields[i], view))
            write_text(w, s->fields[i].name);
    }
    write_close(w, ']');
}

static void write_schema(struct writer *w, const struct schemas *set, const struct schema *schema)
{
    const struct shape *s = schema->shape;
    write_open(w, '{');
    write_member_text(w, S("type"), S("object"));
    write_key(w, S("properties"));
    write_open(w, '{');
    for (size_t i = 0; i < s->n; i++) {
        if (!is_shown(&s->fields[i], schema->view))
            continue;
        write_key(w, s->fields[i].name);
        schema_write_field(w, set, s, &s->fields[i], schema->view);
    }
    write_close(w, '}');
    write_required(w, s, schema->view);
    write_member_bool(w, S("additionalProperties"), false);
    write_close(w, '}');
}

void schemas_write(struct writer *w, const struct schemas *set)
{
    for (size_t i = 0; i < set->n; i++) {
        const struct schema *schema = &set->at[i];
        write_key(w, name_of(set, schema->shape, schema->view));
        write_schema(w, set, schema);
    }
}
