/* example.c: plausible objects of a shape, for people who read documentation. */
#include "json/schema.h"

#include "json/shape_impl.h"

/* Of every kind that has no better example in its table. */
static const char id_example[] = "2xK9mPqR4vN8sT3w", time_example[] = "2026-01-15T09:00:00Z";

static bool is_shown(const struct field *f, enum view view, bool first)
{
    bool writable = f->flags & F_IN && (view == VIEW_IN || !(f->flags & F_CREATE_ONLY));
    if (view == VIEW_OUT)
        return !(f->flags & F_HIDDEN) && (first || !(f->flags & F_ABSENT));
    return writable && (f->flags & F_REQUIRED || f->example);
}

static void write_id(struct writer *w, const struct field *f)
{
    char text[ID_TEXT + 1];
    struct id id;
    for (int i = 0; i < ID_LEN; i++)
        id.c[i] = id_example[i];
    write_text(w, id_print(text, f->prefix, &id));
}

static void write_value(struct writer *w, const struct field *f, enum view view);

/* What is taken if nobody says anything else is a good example, too. */
static const void *default_of(const struct shape *s, const struct field *f)
{
    const void *value = s->init ? (const char *)s->init + f->at : NULL;
    bool plain = f->kind != F_OBJECT && f->kind != F_LIST && f->kind != F_RAW;
    return value && plain && !f->example && !shape_value_is_null(f, value) ? value : NULL;
}

static void write_map(struct writer *w, const struct field *f)
{
    write_open(w, '{');
    if (f->item) {
        write_key(w, f->values ? f->values->at[1] : S("name"));
        write_value(w, f->item, VIEW_OUT);
    }
    write_close(w, '}');
}

static void write_of_kind(struct writer *w, const struct field *f, enum view view)
{
    switch (f->kind) {
    case F_ID:
        write_id(w, f);
        break;
    case F_TEXT:
        write_text(w, f->name.p ? f->name : S("text"));
        break;
    case F_ENUM:
        write_text(w, f->values->at[1]);
        break;
    case F_INT:
    case F_NUMBER:
        write_number(w, f->min > 0 ? f->min : 1, 2);
        break;
    case F_BOOL:
        write_bool(w, true);
        break;
    case F_TIME:
        write_text(w, S(time_example));
        break;
    case F_OBJECT:
        example_write(w, f->shape, view, false);
        break;
    case F_LIST:
        write_open(w, '[');
        write_value(w, f->item, view);
        write_close(w, ']');
        break;
    case F_RAW:
        write_map(w, f);
        break;
    }
}

static void write_value(struct writer *w, const struct field *f, enum view view)
{
    if (f->example)
        write_raw(w, str_of(f->example));
    else if (f->flags & F_NULLABLE && f->kind != F_OBJECT)
        write_null(w);
    else
        write_of_kind(w, f, view);
}

void example_write(struct writer *w, const struct shape *s, enum view view, bool first)
{
    write_open(w, '{');
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        const void *value = default_of(s, f);
        if (!is_shown(f, view, first))
            continue;
        write_key(w, f->name);
        if (value)
            shape_value_write(w, f, value);
        else
            write_value(w, f, view == VIEW_UPDATE ? VIEW_IN : view);
    }
    write_close(w, '}');
}
