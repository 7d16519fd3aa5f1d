/* tree.c: a look around in JSON whose form is not ours. Our own objects are read by shapes. */
#include "json/tree.h"

#include <math.h>

#include "json/parse.h"

/* json-c's null is a NULL pointer, which here means "absent"; this address stands for null. */
static const char null_mark;

static const struct node *to_node(struct json_object *v)
{
    return (const struct node *)(v ? (const void *)v : (const void *)&null_mark);
}

static struct json_object *of(const struct node *n)
{
    return tree_is_null(n) ? NULL : (struct json_object *)n;
}

const struct node *tree_parse(struct arena *a, struct str text)
{
    struct json_object *v;
    return parse_strict(a, text, &v) ? to_node(v) : NULL;
}

const struct node *tree_get(const struct node *n, const char *key)
{
    struct json_object *v;
    if (!tree_is_object(n) || !json_object_object_get_ex(of(n), key, &v))
        return NULL;
    return to_node(v);
}

const struct node *tree_at(const struct node *n, size_t index)
{
    return index < tree_length(n) ? to_node(json_object_array_get_idx(of(n), index)) : NULL;
}

size_t tree_length(const struct node *n)
{
    return tree_is_array(n) ? json_object_array_length(of(n)) : 0;
}

void tree_each(const struct node *n,
               bool (*fn)(void *arg, struct str key, const struct node *value), void *arg)
{
    if (!tree_is_object(n))
        return;
    struct json_object_iter m;
    json_object_object_foreachC(of(n), m)
    {
        if (!fn(arg, str_of(m.key), to_node(m.val)))
            return;
    }
}

struct str tree_text(const struct node *n)
{
    return parsed_text(of(n));
}

int64_t tree_int(const struct node *n, int64_t otherwise)
{
    static const double limit = 9223372036854775808.0; /* 2^63 */
    int64_t value;
    if (parsed_int(of(n), &value))
        return value;
    if (!json_object_is_type(of(n), json_type_double))
        return otherwise;
    double d = json_object_get_double(of(n));
    return d > -limit && d < limit && trunc(d) == d ? (int64_t)d : otherwise;
}

double tree_number(const struct node *n)
{
    int64_t whole;
    if (parsed_int(of(n), &whole))
        return (double)whole;
    if (!json_object_is_type(of(n), json_type_double))
        return NAN;
    double d = json_object_get_double(of(n));
    return isfinite(d) ? d : NAN;
}

bool tree_bool(const struct node *n, bool otherwise)
{
    struct json_object *v = of(n);
    return json_object_is_type(v, json_type_boolean) ? json_object_get_boolean(v) : otherwise;
}

bool tree_is_object(const struct node *n)
{
    return json_object_is_type(of(n), json_type_object);
}

bool tree_is_array(const struct node *n)
{
    return json_object_is_type(of(n), json_type_array);
}

bool tree_is_null(const struct node *n)
{
    return (const void *)n == (const void *)&null_mark;
}
