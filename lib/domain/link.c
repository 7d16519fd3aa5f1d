/* link.c: finds links in running text, as the networks that count them do. */
#include "domain/link.h"

#include <string.h>

/* Top-level domains of more than two letters that people write without a scheme. */
static const struct str generic_domains[] = {
    S("com"), S("org"),  S("net"),  S("edu"),  S("gov"),  S("info"),   S("biz"), S("app"),
    S("dev"), S("blog"), S("shop"), S("site"), S("tech"), S("online"), S("xyz"), S("cloud"),
};

static bool in_host(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '.';
}

static bool in_path(char c)
{
    return c > ' ' && (unsigned char)c < 0x7F && !strchr("<>\"`{}|\\^", c);
}

size_t host_length(struct str text)
{
    size_t n = 0;
    while (n < text.n && in_host(text.p[n]))
        n++;
    while (n > 0 && (text.p[n - 1] == '.' || text.p[n - 1] == '-'))
        n--;
    return n;
}

/* The length of the link whose host ends at `at`: port, path, query, less what ends a sentence. */
static size_t rest_of_link(struct str text, size_t at)
{
    size_t n = at;
    if (n < text.n && strchr("/?#:", text.p[n]))
        while (n < text.n && in_path(text.p[n]))
            n++;
    while (n > at && strchr(".,;:!?'()[]*", text.p[n - 1]))
        n--;
    return n;
}

static size_t count_dots(struct str host)
{
    size_t dots = 0;
    for (size_t i = 0; i < host.n; i++)
        dots += host.p[i] == '.';
    return dots;
}

/* X takes a name for a link if it ends in a generic domain; one that ends in a country only with a
 * path or with a third label, so that "e.g. this.is" stays text. */
static bool is_bare_link(struct str host, bool path)
{
    size_t dots = count_dots(host);
    if (dots == 0 || host.p[0] == '.')
        return false;
    struct str last = host;
    for (size_t i = 0; i < dots; i++)
        (void)str_cut(&last, '.');
    if (last.n == 2 && (last.p[0] > '9' && last.p[1] > '9'))
        return path || dots >= 2;
    for (size_t i = 0; i < sizeof generic_domains / sizeof *generic_domains; i++)
        if (str_eq_nocase(last, generic_domains[i]))
            return true;
    return false;
}

size_t link_length(struct str text, bool bare)
{
    if (text.n == 0 || !in_host(text.p[0]))
        return 0;
    size_t scheme = 0;
    if (str_eq_nocase(str_sub(text, 0, 8), S("https://")))
        scheme = 8;
    else if (str_eq_nocase(str_sub(text, 0, 7), S("http://")))
        scheme = 7;
    struct str host = str_sub(text, scheme, text.n);
    host.n = host_length(host);
    size_t end = scheme + host.n;
    if (scheme > 0)
        return count_dots(host) > 0 && host.p[0] != '.' ? rest_of_link(text, end) : 0;
    bool path = end + 1 < text.n && text.p[end] == '/' && in_path(text.p[end + 1]);
    if (!bare || !is_bare_link(host, path))
        return 0;
    return path ? rest_of_link(text, end) : end;
}
