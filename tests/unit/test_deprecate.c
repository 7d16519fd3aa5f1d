/* test_deprecate.c: what clients are told of what will go away. */
#include "http/deprecate.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "http/reply.h"
#include "http/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct thing {
    struct str old, fresh;
};
static const struct deprecation going = {
    .since_ms = INT64_C(1735689600000),  /* 2025-01-01 */
    .sunset_ms = INT64_C(1767225600000), /* 2026-01-01 */
    .link = "https://docs.example.org/versioning#old",
};
static const struct deprecation undecided = {.since_ms = INT64_C(1735689600000)};
static const struct field fields[] = {
    {.name = S("fresh"), .kind = F_TEXT, .flags = F_IN, .at = offsetof(struct thing, fresh)},
    {.name = S("old"),
     .kind = F_TEXT,
     .flags = F_IN,
     .at = offsetof(struct thing, old),
     .deprecated = &undecided},
};
static const struct shape shape = SHAPE("thing", struct thing, fields);

/* The headers that an answer on this route gets, when these fields were sent. */
static struct str headers_of(struct arena *a, const struct route *route, sent what)
{
    struct response *res = ARENA_NEW(a, struct response);
    struct request req = {.in_sent = what};
    struct ctx c = {.arena = a, .req = &req, .res = res, .route = route};
    struct str headers;
    response_init(res);
    deprecation_headers(&c);
    headers = arena_str(a, buf_str(&res->headers));
    response_release(res);
    return headers;
}

static void a_deprecated_route_says_so_on_every_answer(void **state)
{
    static const struct route route = {GET, "/old", .deprecated = &going};
    struct arena *a = *state;
    assert_true(str_eq(headers_of(a, &route, 0),
                       S("Deprecation: @1735689600\r\n"
                         "Sunset: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
                         "Link: <https://docs.example.org/versioning#old>; rel=\"deprecation\";"
                         " type=\"text/html\"\r\n")));
}

static void a_deprecated_field_says_so_when_it_was_sent(void **state)
{
    static const struct route route = {POST, "/things", .in = &shape};
    struct arena *a = *state;
    assert_true(str_eq(headers_of(a, &route, 2), S("Deprecation: @1735689600\r\n")));
    assert_int_equal(headers_of(a, &route, 1).n, 0);
}

static void what_stays_says_nothing(void **state)
{
    static const struct route route = {GET, "/things", .flags = R_READ};
    assert_int_equal(headers_of(*state, &route, 0).n, 0);
    assert_int_equal(headers_of(*state, NULL, 0).n, 0);
}

static int make_arena(void **state)
{
    *state = arena_new(1 << 20);
    return 0;
}

static int drop_arena(void **state)
{
    arena_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_deprecated_route_says_so_on_every_answer, make_arena,
                                        drop_arena),
        cmocka_unit_test_setup_teardown(a_deprecated_field_says_so_when_it_was_sent, make_arena,
                                        drop_arena),
        cmocka_unit_test_setup_teardown(what_stays_says_nothing, make_arena, drop_arena),
    };
    crypto_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
