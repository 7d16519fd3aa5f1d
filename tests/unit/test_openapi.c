/* test_openapi.c: the OpenAPI document of a small API: what rows imply. That the document of AMP
 * itself is complete and true is tested from outside. */
#include "thing.h"

#include <string.h>

#include "http/openapi.h"
#include "json/parse.h"

static error nothing(struct ctx *c)
{
    (void)c;
    return NULL;
}

static const struct deprecation soon = {1, 2, "https://example.com/soon"};

static const struct route things[] = {
    {GET, "/things", nothing, "things:read", R_READ | R_LIST, .out = &thing_shape,
     .id_prefix = "thg_", .doc = "List things"},
    {POST, "/things", nothing, "things:write", .in = &thing_shape, .out = &thing_shape,
     .status = 201, .doc = "Make a thing"},
    {GET, "/things/:thg", nothing, "things:read", R_READ | R_REMEMBER, .out = &thing_shape,
     .doc = "Get a thing"},
    {PUT, "/things/:thg", nothing, "things:write", R_UPDATE, .in = &thing_shape,
     .out = &thing_shape, .doc = "Change a thing"},
    {DELETE, "/things/:thg", nothing, "things:write", .status = 204, .doc = "Delete a thing"},
    {POST, "/things/:thg/turn-over", nothing, "things:write", R_ACTION | R_NOT_IDEMPOTENT,
     .in = &part_shape, .out = &part_shape, .other_status = 202, .doc = "Turn it over",
     .deprecated = &soon},
    {GET, "/things/parts", nothing, .flags = R_READ, .out = &part_shape, .doc = "Get the parts",
     .name = "partsOfThings"},
    {0},
};
static const struct route others[] = {
    {GET, "/health", nothing, .flags = R_READ | R_PUBLIC | R_UNVERSIONED, .out = &part_shape,
     .doc = "Is it well?"},
    {0},
};
static const struct route *const tables[] = {things, others, NULL};
static const struct openapi_tag tags[] = {
    {"things", "things", "Things."}, {"health", "system", "The system."}, {0}};
static const struct openapi_id ids[] = {{"thg_", "thing_id", "Id of the thing"}, {0}};

static struct str document(struct arena *a, struct str base_url)
{
    struct openapi api = {
        .routes = tables,
        .tags = tags,
        .ids = ids,
        .title = S("Things"),
        .version = S("1"),
        .description = S("All \"things\"."),
        .base_url = base_url,
        .error_url = S("https://example.com/errors"),
    };
    struct str text = openapi_text(a, &api);
    struct json_object *tree;
    assert_true(parse_strict(a, text, &tree));
    return text;
}

/* What the document says of a path. */
static struct str of_path(struct arena *a, const char *path)
{
    struct str text = document(a, S("https://example.com"));
    struct str key = arena_printf(a, "\"%s\":{", path);
    const char *start = memmem(text.p, text.n, key.p, key.n), *end;
    assert_non_null(start);
    text = str_sub(text, (size_t)(start - text.p) + key.n, SIZE_MAX);
    end = memmem(text.p, text.n, "},\"/", 4);
    if (!end)
        end = memmem(text.p, text.n, "},\"components\"", 14);
    assert_non_null(end);
    return str_sub(text, 0, (size_t)(end - text.p));
}

static bool holds(struct str text, const char *part)
{
    return memmem(text.p, text.n, part, strlen(part));
}

static void operations_are_named_by_method_and_path(void **state)
{
    static const char *const names[] = {"listThings",  "createThing",  "getThing",
                                        "updateThing", "deleteThing",  "partsOfThings",
                                        "getHealth",   "turnOverThing"};
    struct str text = document(*state, S(""));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_true(holds(text, arena_printf(*state, "\"operationId\":\"%s\"", names[i]).p));
}

static void ids_in_paths_have_names_and_patterns(void **state)
{
    struct str text = of_path(*state, "/things/{thing_id}");
    assert_true(holds(text, "{\"name\":\"thing_id\",\"in\":\"path\","
                            "\"description\":\"Id of the thing\",\"required\":true,"
                            "\"schema\":{\"type\":\"string\",\"pattern\":"
                            "\"^thg_[0-9A-Za-z]{16}$\"}}"));
}

static void methods_of_a_path_stand_together(void **state)
{
    struct str text = of_path(*state, "/things");
    assert_true(holds(text, "\"get\":{\"operationId\":\"listThings\""));
    assert_true(holds(text, "\"post\":{\"operationId\":\"createThing\""));
}

static void lists_take_cursors_and_answer_pages(void **state)
{
    struct str text = of_path(*state, "/things");
    assert_true(holds(text, "\"name\":\"starting_after\""));
    assert_true(holds(text, "\"pattern\":\"^thg_[0-9A-Za-z]{16}$\""));
    assert_true(holds(text, "\"$ref\":\"#/components/schemas/thing_list\""));
}

static void conditions_follow_from_the_read_with_an_entity_tag(void **state)
{
    struct str one = of_path(*state, "/things/{thing_id}"), many = of_path(*state, "/things");
    struct str action = of_path(*state, "/things/{thing_id}/turn-over");
    assert_true(holds(one, "parameters/If-None-Match"));
    assert_true(holds(one, "parameters/If-Match"));
    assert_true(holds(one, "\"304\""));
    assert_true(holds(one, "\"412\""));
    assert_true(holds(action, "parameters/If-Match"));
    assert_false(holds(many, "parameters/If-"));
}

static void posts_take_an_idempotency_key_unless_they_say_no(void **state)
{
    assert_true(holds(of_path(*state, "/things"), "parameters/Idempotency-Key"));
    assert_false(holds(of_path(*state, "/things/{thing_id}"), "Idempotency-Key"));
    assert_false(holds(of_path(*state, "/things/{thing_id}/turn-over"), "Idempotency-Key"));
}

static void an_action_needs_no_body_and_may_succeed_in_two_ways(void **state)
{
    struct str text = of_path(*state, "/things/{thing_id}/turn-over");
    assert_true(holds(text, "\"requestBody\":{\"required\":false"));
    assert_true(holds(text, "\"200\""));
    assert_true(holds(text, "\"202\""));
}

static void what_is_deprecated_says_so(void **state)
{
    assert_true(holds(of_path(*state, "/things/{thing_id}/turn-over"), "\"deprecated\":true"));
    assert_false(holds(of_path(*state, "/things"), "\"deprecated\""));
}

static void public_routes_need_and_lose_nothing(void **state)
{
    struct str text = of_path(*state, "/health");
    assert_true(holds(text, "\"security\":[]"));
    assert_true(holds(text, "{\"url\":\"https://example.com\""));
    assert_false(holds(text, "\"401\""));
    assert_false(holds(text, "parameters/X-Tenant-ID"));
}

static void without_a_base_addresses_are_relative(void **state)
{
    struct str text = document(*state, (struct str){0});
    assert_true(holds(text, "{\"url\":\"/api/v1\""));
    assert_true(holds(text, "{\"url\":\"/\""));
}

static void every_error_it_refers_to_is_explained_once(void **state)
{
    struct str text = document(*state, S(""));
    assert_true(holds(text, "\"NotFound\":{\"description\":\"Not Found\""));
    assert_true(holds(text, "\"https://example.com/errors#not_found\""));
    assert_false(holds(text, "\"BadGateway\"")); /* nobody goes outside */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(operations_are_named_by_method_and_path),
        TEST(ids_in_paths_have_names_and_patterns),
        TEST(methods_of_a_path_stand_together),
        TEST(lists_take_cursors_and_answer_pages),
        TEST(conditions_follow_from_the_read_with_an_entity_tag),
        TEST(posts_take_an_idempotency_key_unless_they_say_no),
        TEST(an_action_needs_no_body_and_may_succeed_in_two_ways),
        TEST(what_is_deprecated_says_so),
        TEST(public_routes_need_and_lose_nothing),
        TEST(without_a_base_addresses_are_relative),
        TEST(every_error_it_refers_to_is_explained_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
