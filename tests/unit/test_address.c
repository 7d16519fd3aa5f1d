/* test_address.c: which addresses belong to the public internet. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <netinet/in.h>

#include "net/address.h"

static void every_special_range_is_not_public_at_both_ends(void **state)
{
    static const char *const special[] = {
        "0.0.0.0",      "0.255.255.255",
        "10.0.0.0",     "10.255.255.255",
        "100.64.0.0",   "100.127.255.255",
        "127.0.0.1",    "127.255.255.255",
        "169.254.0.0",  "169.254.169.254",
        "172.16.0.0",   "172.31.255.255",
        "192.0.0.8",    "192.0.2.1",
        "192.168.0.0",  "192.168.255.255",
        "198.18.0.0",   "198.19.255.255",
        "198.51.100.7", "203.0.113.7",
        "224.0.0.1",    "239.255.255.255",
        "240.0.0.1",    "255.255.255.255",
        "::",           "::1",
        "fe80::1",      "fec0::1",
        "fc00::1",      "fdff::1",
        "ff02::1",      "2001:db8::1",
        "2001::1",      "100::1",
        "64:ff9b:1::1", "3fff::1",
    };
    (void)state;
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        assert_false(address_text_is_public(special[i]));
}

static void the_neighbours_of_special_ranges_are_public(void **state)
{
    static const char *const public[] = {
        "1.0.0.0",    "9.255.255.255",   "11.0.0.0",    "100.63.255.255", "100.128.0.0",
        "126.0.0.1",  "128.0.0.1",       "169.253.0.1", "169.255.0.1",    "172.15.255.255",
        "172.32.0.0", "192.0.1.1",       "192.167.0.1", "192.169.0.1",    "198.17.255.255",
        "198.20.0.0", "223.255.255.255", "2600::1",     "2a00:1450::1",   "2001:4860::1",
    };
    (void)state;
    for (size_t i = 0; i < sizeof public / sizeof *public; i++)
        assert_true(address_text_is_public(public[i]));
}

static void an_ipv4_address_in_ipv6_is_judged_as_what_it_is(void **state)
{
    (void)state;
    assert_false(address_text_is_public("::ffff:127.0.0.1"));
    assert_false(address_text_is_public("::ffff:10.1.2.3"));
    assert_false(address_text_is_public("64:ff9b::192.168.0.1"));
    assert_false(address_text_is_public("2002:7f00:1::1"));
    assert_false(address_text_is_public("::127.0.0.1"));
    assert_true(address_text_is_public("::ffff:8.8.8.8"));
    assert_true(address_text_is_public("64:ff9b::8.8.8.8"));
    assert_true(address_text_is_public("2002:808:808::1"));
}

static void what_is_no_address_is_not_public(void **state)
{
    (void)state;
    assert_false(address_text_is_public(""));
    assert_false(address_text_is_public("example.com"));
    assert_false(address_text_is_public("8.8.8"));
}

static void a_socket_address_is_judged_like_its_text(void **state)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x08080808)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    struct sockaddr local = {.sa_family = AF_UNIX};
    (void)state;
    assert_true(address_is_public((const struct sockaddr *)&v4));
    assert_false(address_is_public((const struct sockaddr *)&v6));
    assert_false(address_is_public(&local));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_special_range_is_not_public_at_both_ends),
        cmocka_unit_test(the_neighbours_of_special_ranges_are_public),
        cmocka_unit_test(an_ipv4_address_in_ipv6_is_judged_as_what_it_is),
        cmocka_unit_test(what_is_no_address_is_not_public),
        cmocka_unit_test(a_socket_address_is_judged_like_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
