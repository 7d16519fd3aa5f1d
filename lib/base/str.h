/* str.h: text as a pointer and a length. Borrowed, never owned, not terminated by a zero. */
#ifndef AMP_BASE_STR_H
#define AMP_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A piece of text. p == NULL is "none", which JSON and SQL know as null; {"", 0} is empty. */
struct str {
    const char *p;
    size_t n;
};

/* A string literal as a struct str; also good as a static initialiser. */
#define S(literal) ((struct str){(literal), sizeof(literal) - 1})

/* For printf: "%.*s", STR(s). */
#define STR(s) (int)(s).n, (s).p ? (s).p : ""

/* The text of a C string, which is borrowed; NULL gives none. */
struct str str_of(const char *c_string);

/* Same bytes? None equals only none. */
bool str_eq(struct str a, struct str b);

/* Order by bytes, shorter first where one begins the other: <0, 0, >0. */
int str_cmp(struct str a, struct str b);

/* Same but for ASCII case (header names, schemes). */
bool str_eq_nocase(struct str a, struct str b);

bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* Does the text hold this one, ASCII case aside? */
bool str_contains_nocase(struct str s, struct str needle);

/* The part from byte `from` on, at most `n` bytes; clipped to what is there. */
struct str str_sub(struct str s, size_t from, size_t n);

/* Without ASCII white space at both ends. */
struct str str_trim(struct str s);

/* Takes the text before `separator` off the front of *rest and returns it; the last piece is what
 * remains, and then *rest becomes none. Returns none when *rest is none. */
struct str str_cut(struct str *rest, char separator);

/* A plain decimal integer, an optional '-', no plus, no leading zeros, no white space, in range of
 * int64_t; false (and *out untouched) otherwise. */
bool str_int(struct str s, int64_t *out);

#endif
