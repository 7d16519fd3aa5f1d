/* scan.c: the strict look at a text before any parser sees it. It builds nothing; what the values
 * mean is for shape and tree. */
#include "json/scan.h"

#include <string.h>

#include "base/utf8.h"

struct scan {
    const char *p, *end;
    int depth;        /* open brackets */
    uint64_t objects; /* bit d: the bracket that took depth to d + 1 is a brace */
    struct json_stats stats;
};
_Static_assert(JSON_MAX_DEPTH <= 64, "a bit for each level");

/* Bytes that stand for themselves in a string and need no second look. */
static const bool plain[256] = {
    [0x20] = true,
    [0x21] = true,
    [0x23 ... 0x5B] = true,
    [0x5D ... 0x7F] = true,
};

/* The next byte; 0, which begins nothing in JSON, at the end. */
static char peek(const struct scan *s)
{
    return s->p < s->end ? *s->p : 0;
}

static bool take(struct scan *s, char c)
{
    if (s->p == s->end || *s->p != c)
        return false;
    s->p++;
    return true;
}

static void skip_space(struct scan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t'))
        s->p++;
}

static bool take_digits(struct scan *s)
{
    const char *from = s->p;
    while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
        s->p++;
    return s->p > from;
}

static bool take_number(struct scan *s)
{
    take(s, '-');
    if (!take(s, '0') && !take_digits(s))
        return false;
    if (take(s, '.') && !take_digits(s))
        return false;
    if (!take(s, 'e') && !take(s, 'E'))
        return true;
    if (!take(s, '+'))
        take(s, '-');
    return take_digits(s);
}

static bool take_word(struct scan *s, struct str word)
{
    if ((size_t)(s->end - s->p) < word.n || memcmp(s->p, word.p, word.n) != 0)
        return false;
    s->p += word.n;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The four digits after "\u"; -1 if they are not there. */
static int take_hex(struct scan *s)
{
    int unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(peek(s));
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
        s->p++;
    }
    return unit;
}

/* What follows "\u": any code point but 0, and surrogates in pairs only. */
static bool take_unicode(struct scan *s)
{
    int unit = take_hex(s);
    if (unit <= 0)
        return false;
    if (unit < 0xD800 || unit > 0xDFFF)
        return true;
    if (unit > 0xDBFF || !take(s, '\\') || !take(s, 'u'))
        return false;
    int low = take_hex(s);
    return low >= 0xDC00 && low <= 0xDFFF;
}

static bool take_escape(struct scan *s)
{
    s->p++;
    if (take(s, 'u'))
        return take_unicode(s);
    if (s->p == s->end || !memchr("\"\\/bfnrt", *s->p, 8))
        return false;
    s->p++;
    return true;
}

static bool take_multibyte(struct scan *s)
{
    struct str rest = {s->p, (size_t)(s->end - s->p)};
    if (utf8_next(&rest) < 0x80) /* a control byte, or no UTF-8 at all */
        return false;
    s->p = rest.p;
    return true;
}

static bool take_string(struct scan *s)
{
    if (!take(s, '"'))
        return false;
    for (;;) {
        while (s->p < s->end && plain[(unsigned char)*s->p])
            s->p++;
        if (take(s, '"'))
            return true;
        if (s->p == s->end)
            return false;
        if (!(*s->p == '\\' ? take_escape(s) : take_multibyte(s)))
            return false;
    }
}

static bool take_key(struct scan *s)
{
    skip_space(s);
    if (!take_string(s))
        return false;
    s->stats.members++;
    skip_space(s);
    return take(s, ':');
}

static bool take_scalar(struct scan *s)
{
    switch (peek(s)) {
    case '"':
        return take_string(s);
    case 't':
        return take_word(s, S("true"));
    case 'f':
        return take_word(s, S("false"));
    case 'n':
        return take_word(s, S("null"));
    default:
        return take_number(s);
    }
}

static bool open_bracket(struct scan *s, bool object)
{
    if (s->depth == JSON_MAX_DEPTH)
        return false;
    uint64_t bit = UINT64_C(1) << s->depth++;
    s->objects = object ? s->objects | bit : s->objects & ~bit;
    s->p++;
    return true;
}

/* Brackets that open, up to a value that is complete: a scalar, or a container without members. */
static bool descend(struct scan *s)
{
    for (;;) {
        skip_space(s);
        if (++s->stats.values > JSON_MAX_VALUES)
            return false;
        bool object = peek(s) == '{';
        if (!object && peek(s) != '[')
            return take_scalar(s);
        if (!open_bracket(s, object))
            return false;
        skip_space(s);
        if (take(s, object ? '}' : ']')) {
            s->depth--;
            return true;
        }
        if (object && !take_key(s))
            return false;
    }
}

/* Brackets that close after a complete value, up to where the next value begins or all is closed.
 */
static bool ascend(struct scan *s)
{
    while (s->depth > 0) {
        bool object = s->objects >> (s->depth - 1) & 1;
        skip_space(s);
        if (take(s, ','))
            return !object || take_key(s);
        if (!take(s, object ? '}' : ']'))
            return false;
        s->depth--;
    }
    return true;
}

static bool take_document(struct scan *s)
{
    do {
        if (!descend(s) || !ascend(s))
            return false;
    } while (s->depth > 0);
    skip_space(s);
    return s->p == s->end;
}

bool scan_json(struct str text, struct json_stats *stats)
{
    if (!text.p)
        text = S("");
    struct scan s = {.p = text.p, .end = text.p + text.n};
    bool good = take_document(&s);
    if (stats)
        *stats = s.stats;
    return good;
}
