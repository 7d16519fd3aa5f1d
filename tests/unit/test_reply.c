/* test_reply.c: what answers look like before they are sent. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/config.h"
#include "http/reply.h"
#include "json/write.h"

struct pet {
    struct str name;
    int64_t age;
};
static const struct field pet_fields[] = {
    {.name = S("name"), .kind = F_TEXT, .at = offsetof(struct pet, name)},
    {.name = S("age"), .kind = F_INT, .at = offsetof(struct pet, age)},
};
static const struct shape pet_shape = SHAPE("pet", struct pet, pet_fields);
static const struct pet pets[] = {{S("Ada"), 3}, {S("Bob \"B\""), INT_NONE}};

static struct config config = {.error_url = S("https://docs.example/errors")};
static struct response response;
static struct ctx ctx = {.config = &config, .res = &response, .request_id = S("req_1")};

static int set_up(void **state)
{
    ctx.arena = arena_new(1 << 22);
    response_init(&response);
    *state = &ctx;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    response_release(&response);
    arena_free(ctx.arena);
    return 0;
}

static void body_must_be(const char *text)
{
    struct str body = buf_str(&response.body);
    if (!str_eq(body, str_of(text)))
        fail_msg("%.*s\nis not\n%s", STR(body), text);
}

static void an_object_is_printed_through_its_shape(void **state)
{
    assert_null(reply(*state, 201, &pet_shape, &pets[1]));
    assert_int_equal(response.status, 201);
    body_must_be("{\"name\":\"Bob \\\"B\\\"\",\"age\":null}");
}

static void a_list_says_whether_there_is_more_and_how_much(void **state)
{
    const struct list list = {pets, 2}, none = {0};
    assert_null(reply_list(*state, &pet_shape, &list, true, 7));
    assert_int_equal(response.status, 200);
    body_must_be(
        "{\"data\":[{\"name\":\"Ada\",\"age\":3},{\"name\":\"Bob \\\"B\\\"\",\"age\":null}],"
        "\"has_more\":true,\"total\":7}");
    assert_null(reply_list(*state, &pet_shape, &none, false, 0));
    body_must_be("{\"data\":[],\"has_more\":false,\"total\":0}");
}

static void an_error_always_has_all_its_members(void **state)
{
    reply_error(*state, error_of(ERR_NOT_FOUND));
    assert_int_equal(response.status, 404);
    body_must_be("{\"error\":{\"code\":\"not_found\",\"message\":\"There is no such resource.\","
                 "\"param\":null,\"doc_url\":\"https://docs.example/errors#not_found\","
                 "\"request_id\":\"req_1\"}}");
}

static void an_error_names_its_place_and_tells_nobody_its_cause(void **state)
{
    struct ctx *c = *state;
    reply_error(c, error_at(c->arena, ERR_INVALID_REQUEST, S("kpis[1].\"x"), "Must be %d.", 5));
    assert_true(str_contains_nocase(buf_str(&response.body), S("\"param\":\"kpis[1].\\\"x\"")));
    assert_true(str_contains_nocase(buf_str(&response.body), S("\"Must be 5.\"")));
    reply_error(c, error_because(c->arena, ERR_INTERNAL, "secret"));
    assert_int_equal(response.status, 500);
    assert_false(str_contains_nocase(buf_str(&response.body), S("secret")));
}

static void an_error_takes_the_place_of_what_was_begun(void **state)
{
    struct ctx *c = *state;
    response_header(&response, "X-Kept", S("yes"));
    assert_null(reply(c, 200, &pet_shape, &pets[0]));
    response.type = S("text/plain");
    reply_error(c, error_of(ERR_UNAVAILABLE));
    assert_int_equal(response.status, 503);
    assert_null(response.type.p);
    assert_true(str_starts(buf_str(&response.body), S("{\"error\":")));
    assert_true(str_eq(buf_str(&response.headers), S("X-Kept: yes\r\n")));
}

static void an_empty_answer_holds_nothing(void **state)
{
    assert_null(reply(*state, 200, &pet_shape, &pets[0]));
    assert_null(reply_empty(*state));
    assert_int_equal(response.status, 204);
    assert_int_equal(response.body.n, 0);
}

static void an_answer_that_is_too_large_is_an_error(void **state)
{
    struct writer w;
    response.body.ceiling = 16;
    write_open(reply_begin(*state, &w), '{');
    write_member_text(&w, S("name"), S("longer than that"));
    write_close(&w, '}');
    assert_true(error_is(reply_done(*state, 200), ERR_INTERNAL));
    assert_int_equal(response.status, 0);
}

static void headers_stand_a_line_each(void **state)
{
    (void)state;
    response_header(&response, "Allow", S("GET"));
    response_header_int(&response, "Retry-After", 5);
    assert_true(str_eq(buf_str(&response.headers), S("Allow: GET\r\nRetry-After: 5\r\n")));
    response_clear(&response);
    assert_int_equal(response.headers.n, 0);
}

static void every_error_has_a_phrase_for_its_status(void **state)
{
    (void)state;
    for (int code = 0; code < ERR_COUNT; code++)
        assert_string_not_equal(status_phrase(error_of((enum error_code)code)->status), "Unknown");
    assert_string_equal(status_phrase(200), "OK");
    assert_string_equal(status_phrase(299), "Unknown");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_object_is_printed_through_its_shape),
        TEST(a_list_says_whether_there_is_more_and_how_much),
        TEST(an_error_always_has_all_its_members),
        TEST(an_error_names_its_place_and_tells_nobody_its_cause),
        TEST(an_error_takes_the_place_of_what_was_begun),
        TEST(an_empty_answer_holds_nothing),
        TEST(an_answer_that_is_too_large_is_an_error),
        TEST(headers_stand_a_line_each),
        TEST(every_error_has_a_phrase_for_its_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
