/* parse.c: the strict scan, then json-c, then the look for duplicate keys. What is in the tree is
 * for shape_read.c and tree.c. */
#include "json/parse.h"

#include <assert.h>
#include <limits.h>

#include "json/scan.h"

static void release(void *tree)
{
    json_object_put(tree);
}

/* Members of all objects of a tree. It recurses: the scan has bounded the depth. */
static size_t count_members(struct json_object *v)
{
    size_t n = 0;
    if (json_object_is_type(v, json_type_object)) {
        struct json_object_iter m;
        json_object_object_foreachC(v, m) n += 1 + count_members(m.val);
    } else if (json_object_is_type(v, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(v); i++)
            n += count_members(json_object_array_get_idx(v, i));
    }
    return n;
}

/* json-c's own strict mode is left off: the scan is stricter, and strict mode would call a large
 * integer malformed, which is for the reader of the field to say. */
static bool build(struct str text, struct json_object **tree)
{
    struct json_tokener *tokener = json_tokener_new_ex(JSON_MAX_DEPTH + 1);
    assert(tokener);
    *tree = json_tokener_parse_ex(tokener, text.p, (int)text.n);
    if (json_tokener_get_error(tokener) == json_tokener_continue) /* a number waits for its end */
        *tree = json_tokener_parse_ex(tokener, "", 1);
    bool good = json_tokener_get_error(tokener) == json_tokener_success;
    json_tokener_free(tokener);
    return good;
}

bool parse_strict(struct arena *a, struct str text, struct json_object **tree)
{
    struct json_stats stats;
    *tree = NULL;
    if (text.n >= INT_MAX || !scan_json(text, &stats) || !build(text, tree))
        return false;
    if (*tree)
        arena_defer(a, release, *tree);
    return count_members(*tree) == stats.members;
}

bool parsed_int(const struct json_object *v, int64_t *out)
{
    if (!json_object_is_type(v, json_type_int))
        return false;
    *out = json_object_get_int64(v);
    return *out != INT64_MIN && json_object_get_uint64(v) <= INT64_MAX;
}

struct str parsed_text(struct json_object *v)
{
    if (!json_object_is_type(v, json_type_string))
        return (struct str){NULL, 0};
    return (struct str){json_object_get_string(v), (size_t)json_object_get_string_len(v)};
}
