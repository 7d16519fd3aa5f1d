/* tree.h: JSON from elsewhere (providers, token parts) to look around in. Backed by json-c after
 * the strict scan; whoever uses it sees neither. A NULL node is "absent", and every function takes
 * it. */
#ifndef AMP_JSON_TREE_H
#define AMP_JSON_TREE_H

#include "base/arena.h"

struct node; /* opaque; lives until the arena is reset */

/* Parses; NULL if the text is not strict JSON, has duplicate keys, or is too deep or large. */
const struct node *tree_parse(struct arena *a, struct str text);

/* A member of an object, a member of an array; NULL if absent or of another kind. */
const struct node *tree_get(const struct node *n, const char *key);
const struct node *tree_at(const struct node *n, size_t index);

/* Members of an array (0 for anything else). */
size_t tree_length(const struct node *n);

/* Calls fn for each member of an object, in order, until it returns false. */
void tree_each(const struct node *n,
               bool (*fn)(void *arg, struct str key, const struct node *value), void *arg);

/* The value if it is of that kind: text (none otherwise), integer (also an integral float, or
 * `otherwise`), number (NAN), boolean (`otherwise`). Text is borrowed from the tree. */
struct str tree_text(const struct node *n);
int64_t tree_int(const struct node *n, int64_t otherwise);
double tree_number(const struct node *n);
bool tree_bool(const struct node *n, bool otherwise);

/* What it is. */
bool tree_is_object(const struct node *n);
bool tree_is_array(const struct node *n);
bool tree_is_null(const struct node *n); /* a JSON null, not absence */

#endif
