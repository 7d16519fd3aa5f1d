/* id.h: identifiers. 16 base62 characters in ASCII order (0-9A-Za-z): 7 of milliseconds since 1970,
 * then 9 random ones (53 bits), so that the order of bytes is the order of creation. The prefix
 * ("msn_") is for people and for the API; it is not stored. */
#ifndef AMP_BASE_ID_H
#define AMP_BASE_ID_H

#include "base/str.h"

enum { ID_LEN = 16, ID_TEXT = 20 /* with its prefix of four */ };

/* All zero bytes is "none". */
struct id {
    char c[ID_LEN];
};

/* A new id for an object created at `now_ms` (milliseconds since 1970, up to the year 2081). */
struct id id_new(int64_t now_ms);

/* The smallest id that could have been made at `ms`: turns a range of time into a range of ids.
 * Clamped: before 1970 the smallest of all, past 2081 the largest. */
struct id id_floor(int64_t ms);

/* The id just below all that could be made at `ms`, for bounds that are compared exclusively. */
struct id id_below(int64_t ms);

/* The largest id there is ("zzz…"). */
struct id id_max(void);

/* The milliseconds in an id. */
int64_t id_ms(const struct id *id);

/* Reads "msn_2xK9mPqR4vN8sT3w"; false if prefix, length or alphabet is wrong. */
bool id_parse(struct str text, struct str prefix, struct id *out);

/* Writes prefix and id, ID_TEXT bytes and a zero. The prefix has four bytes. */
struct str id_print(char out[ID_TEXT + 1], struct str prefix, const struct id *id);

bool id_is_none(const struct id *id);
bool id_eq(const struct id *a, const struct id *b);
int id_cmp(const struct id *a, const struct id *b);

/* The 16 characters as text, borrowed from the id. */
struct str id_str(const struct id *id);

/* `n` random base62 characters from the system's generator, not terminated. */
void id_random(char *out, size_t n);

/* Is every byte in [0-9A-Za-z]? */
bool id_is_base62(struct str s);

#endif
