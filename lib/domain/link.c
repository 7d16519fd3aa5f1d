/* link.c: finds links in running text as X does, whose library for counting is twitter-text. Which
 * names are top-level domains is said by the Public Suffix List. */
#include "domain/link.h"

#include <libpsl.h>
#include <string.h>

#include "base/utf8.h"

/* Bytes. A host name has at most 253 characters, a label 63; some letters are longer than others.
 */
enum { HOST_MAX = 512, LABEL_MAX = 255 };

static bool is_alnum(int32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Latin letters beyond ASCII, and the accents that are put upon others. */
static bool is_latin(int32_t c)
{
    return (c >= 0xC0 && c <= 0x2AF && c != 0xD7 && c != 0xF7) || (c >= 0x300 && c <= 0x36F) ||
           (c >= 0x1E00 && c <= 0x1EFF);
}

/* Blanks, invisible marks of direction, and what is no character. */
static bool is_separator(int32_t c)
{
    return c == 0x85 || c == 0xA0 || c == 0x61C || c == 0x1680 || c == 0x180E ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202F) || c == 0x205F || (c >= 0x2066 && c <= 0x2069) ||
           c == 0x3000 || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
}

static bool in_host(int32_t c)
{
    return is_alnum(c) || c == '-' || c == '_' || (c >= 0x80 && !is_separator(c));
}

static int32_t char_at(struct str text, size_t at)
{
    struct str rest = str_sub(text, at, text.n);
    return utf8_next(&rest);
}

static bool is_top_level(struct str label)
{
    const psl_ctx_t *list = psl_builtin();
    char name[LABEL_MAX + 1];
    if (!list || label.n == 0 || label.n > LABEL_MAX)
        return false;
    for (size_t i = 0; i < label.n; i++) {
        bool upper = label.p[i] >= 'A' && label.p[i] <= 'Z';
        name[i] = (char)(upper ? label.p[i] - 'A' + 'a' : label.p[i]);
    }
    name[label.n] = '\0';
    return psl_is_public_suffix2(list, name, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE);
}

/* A label between two dots, or behind the last one. */
struct label {
    size_t start, end;
    size_t alnum;    /* ASCII letters and digits at its front */
    bool plain;      /* nothing but those, hyphens and Latin letters */
    bool underscore; /* holds one */
};

static struct label read_label(struct str host, size_t start)
{
    struct label l = {.start = start, .end = start, .plain = true};
    struct str rest = str_sub(host, start, host.n);
    while (rest.n > 0) {
        int32_t c = utf8_next(&rest);
        if (!in_host(c))
            break;
        if (is_alnum(c) && l.alnum == l.end - start)
            l.alnum++;
        l.plain = l.plain && (is_alnum(c) || c == '-' || is_latin(c));
        l.underscore = l.underscore || c == '_';
        l.end = host.n - rest.n;
    }
    return l;
}

static bool is_well_formed(struct str host, const struct label *l)
{
    return l->end > l->start && !strchr("-_", host.p[l->start]) &&
           !strchr("-_", host.p[l->end - 1]);
}

/* Where the host ends if this label, or the ASCII at its front ("com" of "com\u4E2D"), is a
 * top-level domain; 0 if it is none. */
static size_t top_level_end(struct str host, const struct label *l)
{
    const size_t ends[] = {l->end, l->start + l->alnum};
    for (size_t i = 0; i < 2; i++) {
        int32_t next = char_at(host, ends[i]);
        bool ends_there = next != '@' && next != '+' && next != '-' && !is_alnum(next);
        if (ends_there && is_top_level(str_sub(host, l->start, ends[i] - l->start)))
            return ends[i];
    }
    return 0;
}

/* The bytes of the host that the text begins with, up to the last label that is a top-level domain;
 * 0 if there is none. Without a scheme only plain labels go before it. */
static size_t linked_host(struct str text, bool bare)
{
    struct str host = str_sub(text, 0, HOST_MAX);
    size_t found = 0, start = 0;
    bool underscore = true; /* in the label before: no domain, then */
    for (;;) {
        struct label l = read_label(host, start);
        size_t end = underscore ? 0 : top_level_end(host, &l);
        found = end ? end : found;
        if (!is_well_formed(host, &l) || (bare && !l.plain) || char_at(host, l.end) != '.')
            return found;
        underscore = l.underscore;
        start = l.end + 1;
    }
}

static bool in_path(int32_t c)
{
    return is_alnum(c) || (c > ' ' && c < 0x7F && strchr("!*';:=+,.$/%#[]-_~@|&", c)) ||
           c == 0x2013 || (c >= 0x400 && c <= 0x4FF) || is_latin(c);
}

static bool may_end_path(int32_t c)
{
    return is_alnum(c) || c >= 0x80 ? c != 0x2013 : strchr("+-=_#/", c) != NULL;
}

/* The bytes of path characters at the front. */
static size_t path_run(struct str text)
{
    struct str rest = text;
    while (rest.n > 0) {
        struct str before = rest;
        if (!in_path(utf8_next(&rest)))
            return text.n - before.n;
    }
    return text.n;
}

/* "(film)" or "(album_(live))" at the front of a path; 0: the bracket is none of its own. */
static size_t bracketed(struct str text, int depth)
{
    size_t n = 1 + path_run(str_sub(text, 1, text.n));
    if (depth > 1 && n < text.n && text.p[n] == '(') {
        size_t inner = bracketed(str_sub(text, n, text.n), depth - 1);
        if (!inner)
            return 0;
        n += inner;
        n += path_run(str_sub(text, n, text.n));
    }
    return n > 1 && n < text.n && text.p[n] == ')' ? n + 1 : 0;
}

/* "/menu (today)." is "/menu". */
static size_t path_length(struct str text)
{
    size_t end = 0;
    struct str rest = text;
    while (rest.n > 0) {
        size_t brackets = rest.p[0] == '(' ? bracketed(rest, 2) : 0;
        int32_t c = brackets ? ')' : char_at(rest, 0);
        if (!brackets && !in_path(c))
            break;
        if (brackets)
            rest = str_sub(rest, brackets, rest.n);
        else
            (void)utf8_next(&rest);
        if (brackets || may_end_path(c))
            end = text.n - rest.n;
    }
    return end;
}

static size_t query_length(struct str text)
{
    size_t end = 0;
    for (size_t i = 1; i < text.n; i++) {
        if (!is_alnum(text.p[i]) && !strchr("!?*'@();:&=+$/%#[]-_.,~|", text.p[i]))
            break;
        if (is_alnum(text.p[i]) || strchr("-_&=#/", text.p[i]))
            end = i + 1;
    }
    return end;
}

/* The bytes of port, path and query. */
static size_t tail_length(struct str text)
{
    size_t n = 0;
    if (text.n > 1 && text.p[0] == ':' && text.p[1] >= '0' && text.p[1] <= '9')
        for (n = 1; n < text.n && text.p[n] >= '0' && text.p[n] <= '9';)
            n++;
    if (n < text.n && text.p[n] == '/')
        n += path_length(str_sub(text, n, text.n));
    if (n < text.n && text.p[n] == '?')
        n += query_length(str_sub(text, n, text.n));
    return n;
}

size_t link_length(struct str text, bool bare)
{
    size_t scheme = 0;
    if (str_eq_nocase(str_sub(text, 0, 8), S("https://")))
        scheme = 8;
    else if (str_eq_nocase(str_sub(text, 0, 7), S("http://")))
        scheme = 7;
    else if (!bare)
        return 0;
    size_t host = linked_host(str_sub(text, scheme, text.n), scheme == 0);
    return host ? scheme + host + tail_length(str_sub(text, scheme + host, text.n)) : 0;
}

size_t host_length(struct str text)
{
    size_t n = 0;
    while (n < text.n && (is_alnum(text.p[n]) || text.p[n] == '-' || text.p[n] == '.'))
        n++;
    while (n > 0 && strchr(".-", text.p[n - 1]))
        n--;
    return n;
}
