/* test_client.c: which address a request is held to come from. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/arena.h"
#include "http/client.h"

#define PROXIES S("192.0.2.1, 2001:db8::1")

struct row {
    struct str peer, chain, client;
};

static void must_be(struct str expected, struct str found)
{
    if (!str_eq(expected, found))
        fail_msg("%.*s, not %.*s", STR(found), STR(expected));
}

static void all_hold(struct str proxies, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct request r = {.remote = rows[i].peer};
        r.header[H_FORWARDED_FOR] = rows[i].chain;
        must_be(rows[i].client, client_address(&r, proxies));
    }
}
#define ALL_HOLD(proxies, rows) all_hold(proxies, rows, sizeof(rows) / sizeof *(rows))

static void only_a_trusted_proxy_is_believed(void **state)
{
    static const struct row rows[] = {
        {S("198.51.100.9"), S("203.0.113.5"), S("198.51.100.9")},
        {S("192.0.2.1"), S("203.0.113.5"), S("203.0.113.5")},
        {S("192.0.2.1"), {0}, S("192.0.2.1")},
        {S("192.0.2.10"), S("203.0.113.5"), S("192.0.2.10")},
        {S("2001:db8::1"), S("203.0.113.5"), S("203.0.113.5")},
        {S("2001:db8:0:0:0:0:0:1"), S("2001:db8:5::7"), S("2001:db8:5::7")},
    };
    static const struct row without[] = {{S("192.0.2.1"), S("203.0.113.5"), S("192.0.2.1")}};
    (void)state;
    ALL_HOLD(PROXIES, rows);
    ALL_HOLD(((struct str){0}), without);
    ALL_HOLD(S(""), without);
}

static void what_the_client_wrote_before_the_proxies_does_not_count(void **state)
{
    static const struct row rows[] = {
        {S("192.0.2.1"), S("10.0.0.1, 203.0.113.5"), S("203.0.113.5")},
        {S("192.0.2.1"), S("192.0.2.1, 203.0.113.5"), S("203.0.113.5")},
        {S("192.0.2.1"), S("10.0.0.1,203.0.113.5 ,\t2001:db8::1"), S("203.0.113.5")},
        {S("192.0.2.1"), S("2001:db8::1"), S("2001:db8::1")},
    };
    (void)state;
    ALL_HOLD(PROXIES, rows);
}

static void what_is_no_address_leaves_the_last_that_was_one(void **state)
{
    static const struct row rows[] = {
        {S("192.0.2.1"), S(""), S("192.0.2.1")},
        {S("192.0.2.1"), S("unknown"), S("192.0.2.1")},
        {S("192.0.2.1"), S("203.0.113.5,"), S("192.0.2.1")},
        {S("192.0.2.1"), S("203.0.113.5, 203.0.113.5:80"), S("192.0.2.1")},
        {S("192.0.2.1"), S("203.0.113.5, _hidden, 2001:db8::1"), S("2001:db8::1")},
        {S("192.0.2.1"), S("203.0.113.5\0"), S("192.0.2.1")},
        {S("192.0.2.1"), S("00000000000000000000000000000000000000000000000000000000000000000000"),
         S("192.0.2.1")},
    };
    (void)state;
    ALL_HOLD(PROXIES, rows);
}

static void an_ipv6_address_counts_by_its_first_64_bits(void **state)
{
    static const struct str rows[][2] = {
        {S("192.0.2.77"), S("192.0.2.77")},
        {S("2001:db8:1:2:3:4:5:6"), S("2001:db8:1:2::")},
        {S("2001:db8:1:2::1"), S("2001:db8:1:2::")},
        {S("2001:DB8:1:2:ffff::"), S("2001:db8:1:2::")},
        {S("2001:db8:1:3::1"), S("2001:db8:1:3::")},
        {S("::1"), S("::")},
        {S("unix:"), S("unix:")},
        {S(""), S("")},
    };
    struct arena *arena = arena_new(1 << 20);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        must_be(rows[i][1], client_network(arena, rows[i][0]));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_trusted_proxy_is_believed),
        cmocka_unit_test(what_the_client_wrote_before_the_proxies_does_not_count),
        cmocka_unit_test(what_is_no_address_leaves_the_last_that_was_one),
        cmocka_unit_test(an_ipv6_address_counts_by_its_first_64_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
