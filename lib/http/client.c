/* client.c: X-Forwarded-For, read from its end. */
#include "http/client.h"

#include <arpa/inet.h>
#include <string.h>

enum { ADDRESS_MAX = 64 };

/* AF_INET or AF_INET6 with the bytes in out; 0 if it is no address. */
static int parse(struct str text, unsigned char out[16])
{
    char name[ADDRESS_MAX];
    if (!text.n || text.n >= sizeof name || memchr(text.p, '\0', text.n))
        return 0;
    memcpy(name, text.p, text.n);
    name[text.n] = '\0';
    if (inet_pton(AF_INET, name, out) == 1)
        return AF_INET;
    return inet_pton(AF_INET6, name, out) == 1 ? AF_INET6 : 0;
}

static bool same_address(struct str a, struct str b)
{
    unsigned char left[16] = {0}, right[16] = {0};
    int family = parse(a, left);
    return family && family == parse(b, right) && memcmp(left, right, sizeof left) == 0;
}

static bool is_among(struct str list, struct str address)
{
    while (list.p) {
        if (same_address(str_trim(str_cut(&list, ',')), address))
            return true;
    }
    return false;
}

/* Takes the text behind the last comma off the end of *list. */
static struct str cut_last(struct str *list)
{
    size_t n = list->n;
    struct str last;
    while (n && list->p[n - 1] != ',')
        n--;
    last = str_trim(str_sub(*list, n, SIZE_MAX));
    *list = n ? str_sub(*list, 0, n - 1) : (struct str){0};
    return last;
}

struct str client_address(const struct request *r, struct str proxies)
{
    struct str client = r->remote, chain = r->header[H_FORWARDED_FOR];
    unsigned char ignored[16];
    while (chain.p && is_among(proxies, client)) {
        struct str before = cut_last(&chain);
        if (!parse(before, ignored))
            break;
        client = before;
    }
    return client;
}

struct str client_network(struct arena *a, struct str address)
{
    unsigned char bytes[16] = {0};
    char text[INET6_ADDRSTRLEN];
    if (parse(address, bytes) != AF_INET6)
        return address;
    memset(bytes + 8, 0, 8);
    return inet_ntop(AF_INET6, bytes, text, sizeof text) ? arena_str(a, str_of(text)) : address;
}
