/* shape_write.c: objects to JSON by their table. List pages are printed here: no allocation, no
 * formatting function. */
#include "json/shape.h"

#include <assert.h>

#include "json/shape_impl.h"

enum { TEXT_CEILING = 16 << 20 }; /* far above the largest body with all its defaults filled in */

static void write_list(struct writer *w, const struct field *item, const struct list *list)
{
    const char *p = list->at;
    size_t size = shape_value_size(item);
    write_open(w, '[');
    for (size_t i = 0; i < list->n; i++)
        shape_value_write(w, item, p + i * size);
    write_close(w, ']');
}

/* A document is JSON already; lists are never null. */
static void write_document(struct writer *w, const struct field *f, struct str json)
{
    write_raw(w, !json.p && f->kind == F_LIST ? S("[]") : json);
}

static void write_id(struct writer *w, const struct field *f, const struct id *id)
{
    char text[ID_TEXT + 1];
    if (id_is_none(id))
        write_null(w);
    else
        write_text(w, id_print(text, f->prefix, id));
}

static void write_name(struct writer *w, const struct field *f, int value)
{
    assert(value >= 0 && (size_t)value < f->values->n);
    write_text(w, value ? f->values->at[value] : (struct str){NULL, 0});
}

static void write_integer(struct writer *w, int64_t value)
{
    if (value == INT_NONE)
        write_null(w);
    else
        write_int(w, value);
}

void shape_value_write(struct writer *w, const struct field *f, const void *value)
{
    if (f->flags & F_DOC) {
        write_document(w, f, *(const struct str *)value);
        return;
    }
    switch (f->kind) {
    case F_ID:
        write_id(w, f, value);
        break;
    case F_TEXT:
        write_text(w, *(const struct str *)value);
        break;
    case F_ENUM:
        write_name(w, f, *(const int *)value);
        break;
    case F_INT:
        write_integer(w, *(const int64_t *)value);
        break;
    case F_NUMBER:
        write_number(w, *(const double *)value, f->decimals ? f->decimals : 2);
        break;
    case F_BOOL:
        write_bool(w, *(const bool *)value);
        break;
    case F_TIME:
        write_time(w, *(const int64_t *)value);
        break;
    case F_OBJECT:
        shape_write(w, f->shape, value);
        break;
    case F_LIST:
        write_list(w, f->item, value);
        break;
    case F_RAW:
        write_raw(w, *(const struct str *)value);
        break;
    }
}

void shape_write_members(struct writer *w, const struct shape *s, const void *object)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->fields[i];
        const char *value = (const char *)object + f->at;
        if (f->flags & F_HIDDEN || (f->flags & F_ABSENT && shape_value_is_null(f, value)))
            continue;
        write_key(w, f->name);
        shape_value_write(w, f, value);
    }
}

void shape_write(struct writer *w, const struct shape *s, const void *object)
{
    write_open(w, '{');
    shape_write_members(w, s, object);
    write_close(w, '}');
}

static struct str finished(const struct writer *w)
{
    assert(!w->out->full);
    return buf_str(w->out);
}

struct str shape_text(struct arena *a, const struct shape *s, const void *object)
{
    struct writer w;
    write_init(&w, buf_new(a, TEXT_CEILING));
    shape_write(&w, s, object);
    return finished(&w);
}

struct str list_text(struct arena *a, const struct field *list_field, const struct list *list)
{
    struct writer w;
    write_init(&w, buf_new(a, TEXT_CEILING));
    write_list(&w, list_field->item, list);
    return finished(&w);
}

struct str shape_value_text(struct arena *a, const struct field *f, const void *value)
{
    struct writer w;
    write_init(&w, buf_new(a, TEXT_CEILING));
    shape_value_write(&w, f, value);
    return finished(&w);
}
