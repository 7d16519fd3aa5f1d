/* utf8.c: bytes to code points and back. What a reader sees as one character (graphemes), and
 * normal forms, are not for this file. */
#include "base/utf8.h"

#include <assert.h>

/* Length of the sequence that starts with this byte, 0 if none may. */
static size_t sequence_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xC2) /* a continuation, or the long form of ASCII */
        return 0;
    if (first < 0xE0)
        return 2;
    if (first < 0xF0)
        return 3;
    return first < 0xF5 ? 4 : 0;
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

static bool is_surrogate(int32_t c)
{
    return c >= 0xD800 && c <= 0xDFFF;
}

int32_t utf8_next(struct str *rest)
{
    static const int32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (rest->n == 0)
        return -1;
    unsigned char first = (unsigned char)rest->p[0];
    size_t n = sequence_length(first);
    if (n == 0 || n > rest->n)
        return -1;
    int32_t c = n == 1 ? first : first & (0x7F >> n);
    for (size_t i = 1; i < n; i++) {
        if (!is_continuation(rest->p[i]))
            return -1;
        c = c << 6 | (rest->p[i] & 0x3F);
    }
    if (c < smallest[n] || c > 0x10FFFF || is_surrogate(c))
        return -1;
    rest->p += n;
    rest->n -= n;
    return c;
}

bool utf8_valid(struct str s)
{
    while (s.n > 0) {
        if (utf8_next(&s) < 0)
            return false;
    }
    return true;
}

size_t utf8_length(struct str s)
{
    size_t length = 0;
    for (size_t i = 0; i < s.n; i++)
        length += !is_continuation(s.p[i]);
    return length;
}

struct str utf8_prefix(struct str s, size_t n)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!is_continuation(s.p[i]) && n-- == 0)
            return str_sub(s, 0, i);
    }
    return s;
}

/* The property White_Space of Unicode's PropList.txt. */
static bool is_white_space(int32_t c)
{
    switch (c) {
    case 0x20:
    case 0x85:
    case 0xA0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x3000:
        return true;
    default:
        return (c >= 0x09 && c <= 0x0D) || (c >= 0x2000 && c <= 0x200A);
    }
}

bool utf8_blank(struct str s)
{
    while (s.n > 0) {
        if (!is_white_space(utf8_next(&s)))
            return false;
    }
    return true;
}

size_t utf8_encode(int32_t code_point, char out[4])
{
    assert(code_point >= 0 && code_point <= 0x10FFFF && !is_surrogate(code_point));
    static const int first_bits[] = {0, 0, 0xC0, 0xE0, 0xF0};
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    size_t n = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code_point & 0x3F));
        code_point >>= 6;
    }
    out[0] = (char)(first_bits[n] | code_point);
    return n;
}
