/* scan.h: is this JSON, strictly? One pass, no memory, before any parser builds a tree. */
#ifndef AMP_JSON_SCAN_H
#define AMP_JSON_SCAN_H

#include "base/str.h"

enum { JSON_MAX_DEPTH = 32, JSON_MAX_VALUES = 10000 };

struct json_stats {
    size_t values;  /* all values, the top one included */
    size_t members; /* of all objects, duplicates included */
};

/* True if `text` is exactly one JSON value by RFC 8259 in valid UTF-8 without BOM, without lone
 * surrogates or U+0000 in strings, at most JSON_MAX_DEPTH deep and JSON_MAX_VALUES values. Fills
 * *stats (which may be NULL). Duplicate keys are seen by comparing stats->members with the number
 * of members that a tree of the text holds. (The name avoids json-c's prefix on purpose.) */
bool scan_json(struct str text, struct json_stats *stats);

#endif
