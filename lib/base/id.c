/* id.c: making, reading and printing identifiers. Which prefix belongs to what, the rooms above
 * know. */
#include "base/id.h"

#include <assert.h>
#include <string.h>

#include "base/crypto.h"

enum { BASE = 62, TIME_LEN = 7, BATCH = 16 };

static const char alphabet[BASE + 1] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* The last millisecond that TIME_LEN characters can say: 62^7 - 1. */
#define LAST_MS INT64_C(3521614606207)

static void put_time(char out[TIME_LEN], int64_t ms)
{
    for (size_t i = TIME_LEN; i-- > 0; ms /= BASE)
        out[i] = alphabet[ms % BASE];
}

/* The value of a character, -1 if it is none of ours. */
static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'z' ? c - 'a' + 36 : -1;
}

struct id id_new(int64_t now_ms)
{
    struct id id = id_floor(now_ms);
    id_random(id.c + TIME_LEN, ID_LEN - TIME_LEN);
    return id;
}

struct id id_floor(int64_t ms)
{
    if (ms > LAST_MS)
        return id_max();
    struct id id;
    memset(id.c, alphabet[0], ID_LEN);
    put_time(id.c, ms < 0 ? 0 : ms);
    return id;
}

struct id id_below(int64_t ms)
{
    struct id id = id_floor(ms);
    id.c[ID_LEN - 1] = '/'; /* sorts before '0' */
    return id;
}

struct id id_max(void)
{
    struct id id;
    memset(id.c, alphabet[BASE - 1], ID_LEN);
    return id;
}

int64_t id_ms(const struct id *id)
{
    if (id_is_none(id))
        return 0;
    int64_t ms = 0;
    for (size_t i = 0; i < TIME_LEN; i++)
        ms = ms * BASE + digit(id->c[i]);
    return ms;
}

bool id_parse(struct str text, struct str prefix, struct id *out)
{
    if (!str_starts(text, prefix) || text.n != prefix.n + ID_LEN)
        return false;
    struct str rest = str_sub(text, prefix.n, ID_LEN);
    if (!id_is_base62(rest))
        return false;
    memcpy(out->c, rest.p, ID_LEN);
    return true;
}

struct str id_print(char out[ID_TEXT + 1], struct str prefix, const struct id *id)
{
    assert(prefix.n == ID_TEXT - ID_LEN);
    memcpy(out, prefix.p, prefix.n);
    memcpy(out + prefix.n, id->c, ID_LEN);
    out[ID_TEXT] = '\0';
    return (struct str){out, ID_TEXT};
}

bool id_is_none(const struct id *id)
{
    static const struct id none;
    return id_eq(id, &none);
}

bool id_eq(const struct id *a, const struct id *b)
{
    return id_cmp(a, b) == 0;
}

int id_cmp(const struct id *a, const struct id *b)
{
    return memcmp(a->c, b->c, ID_LEN);
}

struct str id_str(const struct id *id)
{
    return (struct str){id->c, ID_LEN};
}

void id_random(char *out, size_t n)
{
    const unsigned fair = 256 / BASE * BASE; /* from here on some characters would be favoured */
    while (n > 0) {
        unsigned char bytes[BATCH];
        crypto_random(bytes, sizeof bytes);
        for (size_t i = 0; i < sizeof bytes && n > 0; i++) {
            if (bytes[i] < fair) {
                *out++ = alphabet[bytes[i] % BASE];
                n--;
            }
        }
    }
}

bool id_is_base62(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (digit(s.p[i]) < 0)
            return false;
    }
    return true;
}
