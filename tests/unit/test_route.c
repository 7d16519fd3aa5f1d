/* test_route.c: which row of a route table a method and a path find. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "http/route.h"

static error nothing(struct ctx *c)
{
    (void)c;
    return NULL;
}

static const struct route things[] = {
    {GET, "/things", nothing, .doc = "list"},
    {POST, "/things", nothing, .doc = "create"},
    {GET, "/things/:thg", nothing, .doc = "get"},
    {DELETE, "/things/:thg", nothing, .doc = "delete"},
    {POST, "/things/:thg/parts/:prt", nothing, .doc = "put together"},
    {0},
};
static const struct route others[] = {
    {PUT, "/things", nothing, .doc = "replace"},
    {GET, "/words/:word", nothing, .doc = "explain"},
    {GET, "/health", nothing, .flags = R_UNVERSIONED, .doc = "health"},
    {0},
};
static const struct route *const tables[] = {things, others, NULL};

#define THING "thg_2xK9mPqR4vN8sT3w"
#define PART "prt_0000000000000001"

static struct match find(enum method method, const char *path)
{
    return route_find(tables, method, str_of(path), true);
}

static void a_row_is_found_by_method_and_path(void **state)
{
    static const struct {
        enum method method;
        const char *path, *doc;
    } cases[] = {
        {GET, "/things", "list"},
        {POST, "/things", "create"},
        {PUT, "/things", "replace"},
        {GET, "/things/" THING, "get"},
        {DELETE, "/things/" THING, "delete"},
        {POST, "/things/" THING "/parts/" PART, "put together"},
        {GET, "/words/anything-at_all", "explain"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct match m = find(cases[i].method, cases[i].path);
        assert_non_null(m.route);
        assert_string_equal(m.route->doc, cases[i].doc);
    }
}

static void what_segments_stand_for_is_taken_along(void **state)
{
    struct match m = find(POST, "/things/" THING "/parts/" PART);
    (void)state;
    assert_true(str_eq(id_str(&m.id[0]), S("2xK9mPqR4vN8sT3w")));
    assert_true(str_eq(id_str(&m.id[1]), S("0000000000000001")));
    assert_true(str_eq(find(GET, "/words/ship").segment, S("ship")));
}

static void a_path_that_fits_no_pattern_is_not_there(void **state)
{
    static const char *const paths[] = {
        "",
        "/",
        "/thing",
        "/things/",
        "/Things",
        "/things/" THING "/",
        "/things/" THING "/parts",
        "/things/" THING "/parts/" PART "/x",
        ("/things/" PART),
        "/things/thg_2xK9mPqR4vN8sT3",
        "/things/thg_2xK9mPqR4vN8sT3_",
        "/words/",
        "/words",
    };
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct match m = find(GET, paths[i]);
        if (m.allowed || m.route)
            fail_msg("%s is found", paths[i]);
    }
}

static void another_method_learns_what_is_allowed(void **state)
{
    struct match m = find(PATCH, "/things");
    (void)state;
    assert_null(m.route);
    assert_int_equal(m.allowed, GET | HEAD | POST | PUT | OPTIONS);
    m = find(METHOD_NONE, "/things/" THING);
    assert_null(m.route);
    assert_int_equal(m.allowed, GET | HEAD | DELETE | OPTIONS);
    m = find(GET, "/things/" THING "/parts/" PART);
    assert_null(m.route);
    assert_int_equal(m.allowed, POST | OPTIONS);
}

static void a_row_that_is_found_knows_all_methods_of_its_path(void **state)
{
    (void)state;
    assert_int_equal(find(GET, "/things").allowed, GET | HEAD | POST | PUT | OPTIONS);
}

static void head_finds_what_get_would(void **state)
{
    (void)state;
    assert_string_equal(find(HEAD, "/things").route->doc, "list");
    assert_null(find(HEAD, "/things/" THING "/parts/" PART).route);
}

static void versioned_and_unversioned_paths_are_apart(void **state)
{
    (void)state;
    assert_int_equal(find(GET, "/health").allowed, 0);
    assert_non_null(route_find(tables, GET, S("/health"), false).route);
    assert_int_equal(route_find(tables, GET, S("/things"), false).allowed, 0);
}

static void methods_are_listed_for_people(void **state)
{
    struct arena *a = arena_new(1 << 16);
    (void)state;
    assert_true(str_eq(route_allow(a, GET | HEAD | OPTIONS), S("GET, HEAD, OPTIONS")));
    assert_true(str_eq(route_allow(a, POST), S("POST")));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_found_by_method_and_path),
        cmocka_unit_test(what_segments_stand_for_is_taken_along),
        cmocka_unit_test(a_path_that_fits_no_pattern_is_not_there),
        cmocka_unit_test(another_method_learns_what_is_allowed),
        cmocka_unit_test(a_row_that_is_found_knows_all_methods_of_its_path),
        cmocka_unit_test(head_finds_what_get_would),
        cmocka_unit_test(versioned_and_unversioned_paths_are_apart),
        cmocka_unit_test(methods_are_listed_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
