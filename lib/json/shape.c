/* shape.c: looking things up in a shape, and the null of each kind. Reading and printing are in
 * shape_read.c and shape_write.c. */
#include "json/shape.h"

#include <assert.h>
#include <string.h>

#include "json/shape_impl.h"

const struct field *shape_field(const struct shape *s, struct str name)
{
    for (size_t i = 0; i < s->n; i++)
        if (str_eq(s->fields[i].name, name))
            return &s->fields[i];
    return NULL;
}

bool was_sent(const struct shape *s, sent what, struct str name)
{
    const struct field *f = shape_field(s, name);
    assert(f);
    return what >> (f - s->fields) & 1;
}

int names_find(const struct names *values, struct str name)
{
    for (size_t i = 1; name.p && i < values->n; i++)
        if (str_eq(values->at[i], name))
            return (int)i;
    return 0;
}

size_t shape_value_size(const struct field *f)
{
    static const size_t sizes[] = {
        [F_ID] = sizeof(struct id),     [F_TEXT] = sizeof(struct str),
        [F_ENUM] = sizeof(int),         [F_INT] = sizeof(int64_t),
        [F_NUMBER] = sizeof(double),    [F_BOOL] = sizeof(bool),
        [F_TIME] = sizeof(int64_t),     [F_OBJECT] = 0,
        [F_LIST] = sizeof(struct list), [F_RAW] = sizeof(struct str),
    };
    if (f->flags & F_DOC)
        return sizeof(struct str);
    return f->kind == F_OBJECT ? f->shape->size : sizes[f->kind];
}

void shape_value_clear(const struct field *f, void *value)
{
    if (f->kind == F_OBJECT && !(f->flags & F_DOC)) {
        shape_clear(f->shape, value);
        return;
    }
    memset(value, 0, shape_value_size(f));
    if (f->kind == F_INT)
        *(int64_t *)value = INT_NONE;
    if (f->kind == F_NUMBER)
        *(double *)value = NAN;
}

bool shape_value_is_null(const struct field *f, const void *value)
{
    if (f->flags & F_DOC)
        return !((const struct str *)value)->p;
    switch (f->kind) {
    case F_ID:
        return id_is_none(value);
    case F_TEXT:
    case F_RAW:
        return !((const struct str *)value)->p;
    case F_ENUM:
        return *(const int *)value == 0;
    case F_INT:
        return *(const int64_t *)value == INT_NONE;
    case F_NUMBER:
        return isnan(*(const double *)value);
    case F_TIME:
        return *(const int64_t *)value == 0;
    case F_BOOL:
    case F_OBJECT:
    case F_LIST:
        break;
    }
    return false;
}

void shape_clear(const struct shape *s, void *object)
{
    if (s->init) {
        memcpy(object, s->init, s->size);
        return;
    }
    memset(object, 0, s->size);
    for (size_t i = 0; i < s->n; i++)
        shape_value_clear(&s->fields[i], (char *)object + s->fields[i].at);
}
