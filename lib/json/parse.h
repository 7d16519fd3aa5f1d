/* parse.h: from text to json-c, the only way into it. Private to this room. */
#ifndef AMP_JSON_PARSE_H
#define AMP_JSON_PARSE_H

#include <json-c/json.h>

#include "base/arena.h"

/* Parses what scan_json() accepts and has no duplicate keys; false otherwise. *tree, which is NULL
 * for a JSON null, lives until the arena is reset. */
bool parse_strict(struct arena *a, struct str text, struct json_object **tree);

/* The value of an integer (no fraction, no exponent); false if it is none, or is not between
 * -INT64_MAX and INT64_MAX. json-c by itself clamps. */
bool parsed_int(const struct json_object *v, int64_t *out);

/* The text of a string, borrowed from it; none if it is another kind. */
struct str parsed_text(struct json_object *v);

#endif
