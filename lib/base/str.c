/* str.c: looking at text and cutting it. Nothing here allocates or changes bytes. */
#include "base/str.h"

#include <string.h>

static const struct str none = {NULL, 0};

struct str str_of(const char *c_string)
{
    return c_string ? (struct str){c_string, strlen(c_string)} : none;
}

/* memcmp() may not see a null pointer, not even for no bytes. */
static bool same_bytes(const char *a, const char *b, size_t n)
{
    return n == 0 || (a && b && memcmp(a, b, n) == 0);
}

bool str_eq(struct str a, struct str b)
{
    return !a.p == !b.p && a.n == b.n && same_bytes(a.p, b.p, a.n);
}

int str_cmp(struct str a, struct str b)
{
    size_t shared = a.n < b.n ? a.n : b.n;
    int order = shared ? memcmp(a.p, b.p, shared) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z')
        c = (char)(c - 'A' + 'a');
    return c;
}

static bool same_nocase(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (lower(a[i]) != lower(b[i]))
            return false;
    }
    return true;
}

bool str_eq_nocase(struct str a, struct str b)
{
    return !a.p == !b.p && a.n == b.n && same_nocase(a.p, b.p, a.n);
}

bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && same_bytes(s.p, prefix.p, prefix.n);
}

bool str_ends(struct str s, struct str suffix)
{
    if (s.n < suffix.n)
        return false;
    return suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0;
}

bool str_contains_nocase(struct str s, struct str needle)
{
    for (size_t i = 0; i + needle.n <= s.n; i++) {
        if (needle.n == 0 || same_nocase(s.p + i, needle.p, needle.n))
            return true;
    }
    return false;
}

struct str str_sub(struct str s, size_t from, size_t n)
{
    if (!s.p)
        return none;
    if (from > s.n)
        from = s.n;
    size_t left = s.n - from;
    return (struct str){s.p + from, n < left ? n : left};
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
    while (s.n > 0 && is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

struct str str_cut(struct str *rest, char separator)
{
    struct str piece = *rest;
    const char *at = rest->n ? memchr(rest->p, separator, rest->n) : NULL;
    if (!at) {
        *rest = none;
        return piece;
    }
    piece.n = (size_t)(at - rest->p);
    *rest = str_sub(*rest, piece.n + 1, rest->n);
    return piece;
}

bool str_int(struct str s, int64_t *out)
{
    bool negative = str_starts(s, S("-"));
    struct str digits = negative ? str_sub(s, 1, s.n) : s;
    if (digits.n == 0 || (digits.p[0] == '0' && s.n > 1))
        return false;
    int64_t value = 0; /* kept below zero, where there is one more number */
    for (size_t i = 0; i < digits.n; i++) {
        char c = digits.p[i];
        if (c < '0' || c > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, c - '0', &value))
            return false;
    }
    if (!negative && value == INT64_MIN)
        return false;
    *out = negative ? value : -value;
    return true;
}
