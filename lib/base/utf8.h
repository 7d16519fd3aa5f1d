/* utf8.h: UTF-8 as RFC 3629 has it: shortest form, no surrogates, up to U+10FFFF. */
#ifndef AMP_BASE_UTF8_H
#define AMP_BASE_UTF8_H

#include "base/str.h"

/* Is all of it valid UTF-8? */
bool utf8_valid(struct str s);

/* Takes one code point off the front; returns -1 at the end or where the bytes are not valid. */
int32_t utf8_next(struct str *rest);

/* Number of code points of valid text. */
size_t utf8_length(struct str s);

/* At most `n` code points from the front of valid text. */
struct str utf8_prefix(struct str s, size_t n);

/* Nothing but white space? (Unicode White_Space; empty counts as blank.) */
bool utf8_blank(struct str s);

/* Encodes a code point; returns the number of bytes, 1 to 4. */
size_t utf8_encode(int32_t code_point, char out[4]);

#endif
