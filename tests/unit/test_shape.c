/* test_shape.c: bodies of clients into structs, and every mistake in them. */
#include "thing.h"

#include <string.h>

#include "base/utf8.h"

static void a_body_becomes_a_struct(void **state)
{
    struct thing t = read_thing(
        *state, "{\"name\":\"caf\\u00e9\",\"site\":\"https://a.example/x?y#z\",\"nick\":\"\","
                "\"secret\":\"s3\",\"color\":\"blue\",\"count\":24,\"rate\":1,\"on\":true,"
                "\"at\":\"2024-01-15T02:00:00+02:00\",\"part\":{\"label\":\"p\",\"weight\":0},"
                "\"tags\":[\"a\",\"b\"],\"palette\":[\"red\",\"green\"],"
                "\"parts\":[{\"label\":\"x\"},{\"label\":\"y\",\"weight\":2}],\"kind\":\"red\"}");
    assert_text(t.name, S("caf\xC3\xA9"));
    assert_text(t.site, S("https://a.example/x?y#z"));
    assert_text(t.nick, S(""));
    assert_text(t.secret, S("s3"));
    assert_int_equal(t.color, COLOR_BLUE);
    assert_int_equal(t.count, 24);
    assert_true(t.rate == 1.0);
    assert_true(t.on);
    assert_int_equal(t.at_ms, 1705276800000);
    assert_text(t.part.label, S("p"));
    assert_int_equal(t.part.weight, 0);
    assert_int_equal(t.tags.n, 2);
    assert_text(((const struct str *)t.tags.at)[1], S("b"));
    assert_int_equal(((const enum color *)t.palette.at)[1], COLOR_GREEN);
    assert_int_equal(t.parts.n, 2);
    assert_int_equal(((const struct part *)t.parts.at)[0].weight, INT_NONE);
    assert_int_equal(((const struct part *)t.parts.at)[1].weight, 2);
    assert_int_equal(t.kind, COLOR_RED);
}

static void what_is_absent_is_null_or_the_default(void **state)
{
    struct thing t = read_thing(*state, "{\"name\":\"n\"}");
    assert_true(id_is_none(&t.id));
    assert_null(t.site.p);
    assert_int_equal(t.color, COLOR_NONE);
    assert_int_equal(t.count, INT_NONE);
    assert_true(isnan(t.rate));
    assert_int_equal(t.at_ms, 0);
    assert_int_equal(t.part.weight, INT_NONE);
    assert_int_equal(t.tags.n, 0);
    assert_text(t.steps, S("[]"));
    assert_text(t.rules, S("{\"zone\":\"UTC\",\"low\":1,\"high\":9,\"days\":[],"
                           "\"part\":{\"label\":\"std\",\"weight\":null}}"));
}

static void a_document_is_stored_with_every_key(void **state)
{
    struct thing t =
        read_thing(*state, "{\"steps\" : [ {\"weight\":3 , \"label\":\"\\u0041\"} ],"
                           " \"rules\":{\"high\":5,\"days\":[\"red\",\"red\"]}, \"name\":\"n\"}");
    assert_text(t.steps, S("[{\"label\":\"A\",\"weight\":3}]"));
    assert_text(t.rules, S("{\"zone\":\"UTC\",\"low\":1,\"high\":5,\"days\":[\"red\",\"red\"],"
                           "\"part\":{\"label\":\"std\",\"weight\":null}}"));
}

static void a_check_may_complete_what_it_checks(void **state)
{
    struct thing t = read_thing(*state, "{\"name\":\"n\",\"rules\":{\"zone\":\"home\"}}");
    assert_true(str_starts(t.rules, S("{\"zone\":\"Europe/Madrid\",")));
}

static void what_was_sent_is_known(void **state)
{
    struct thing t;
    sent what;
    assert_null(shape_read(*state, &thing_shape, S("{\"name\":\"n\",\"count\":null}"), &t, &what));
    assert_true(was_sent(&thing_shape, what, S("name")));
    assert_true(was_sent(&thing_shape, what, S("count")));
    assert_false(was_sent(&thing_shape, what, S("rate")));
}

static void null_clears_what_may_be_null(void **state)
{
    struct thing t = read_thing(*state, "{\"name\":\"n\",\"site\":null,\"color\":null,"
                                        "\"count\":null,\"rate\":null,\"at\":null}");
    assert_null(t.site.p);
    assert_int_equal(t.color, COLOR_NONE);
    assert_int_equal(t.count, INT_NONE);
    assert_true(isnan(t.rate));
    assert_int_equal(t.at_ms, 0);
}

static void what_is_no_json_object_is_invalid_json(void **state)
{
    static const char *const bodies[] = {"",
                                         "[]",
                                         "null",
                                         "7",
                                         "{",
                                         "\"a\"",
                                         "{\"name\":1,}",
                                         "{\"name\":\"a\",\"name\":\"a\"}",
                                         "{} 1",
                                         "{\"rules\":{\"low\":1,\"low\":1},\"name\":\"n\"}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct thing t;
        sent what;
        assert_true(error_is(shape_read(*state, &thing_shape, str_of(bodies[i]), &t, &what),
                             ERR_INVALID_JSON));
    }
}

/* Members beside a good name, and what is said about them. */
static const struct {
    const char *members, *param, *message;
} mistakes[] = {
    {"\"nam\":1", "nam", "Unknown field."},
    {"\"id\":\"thg_0000000000000000\"", "id", "This field is read-only."},
    {"\"updated_at\":null", "updated_at", "This field is read-only."},
    {"\"shown_once\":\"x\"", "shown_once", "This field is read-only."},
    {"\"nick\":5", "nick", "Must be a text."},
    {"\"nick\":null", "nick", "Must not be null."},
    {"\"on\":null", "on", "Must not be null."},
    {"\"on\":1", "on", "Must be true or false."},
    {"\"on\":\"true\"", "on", "Must be true or false."},
    {"\"site\":\"ftp://a.example\"", "site", "Must be an http or https URL."},
    {"\"color\":\"pink\"", "color", "Must be one of: red, green, blue."},
    {"\"color\":\"\"", "color", "Must be one of: red, green, blue."},
    {"\"color\":1", "color", "Must be one of: red, green, blue."},
    {"\"count\":0", "count", "Must be an integer from 1 to 24."},
    {"\"count\":25", "count", "Must be an integer from 1 to 24."},
    {"\"count\":\"5\"", "count", "Must be an integer from 1 to 24."},
    {"\"count\":5.0", "count", "Must be an integer from 1 to 24."},
    {"\"count\":1e1", "count", "Must be an integer from 1 to 24."},
    {"\"rules\":{\"low\":9223372036854775808}", "rules.low", "Must be a 64-bit integer."},
    {"\"rules\":{\"low\":99999999999999999999}", "rules.low", "Must be a 64-bit integer."},
    {"\"rules\":{\"low\":-99999999999999999999}", "rules.low", "Must be a 64-bit integer."},
    {"\"rules\":{\"low\":-9223372036854775808}", "rules.low", "Must be a 64-bit integer."},
    {"\"rules\":{\"low\":true}", "rules.low", "Must be a 64-bit integer."},
    {"\"rate\":1.01", "rate", "Must be a number from 0 to 1."},
    {"\"rate\":1e400", "rate", "Must be a number from 0 to 1."},
    {"\"rate\":\"1\"", "rate", "Must be a number from 0 to 1."},
    {"\"at\":\"2024-01-15T00:00:00\"", "at",
     "Must be an RFC 3339 time with an offset: 2024-01-15T09:00:00Z."},
    {"\"at\":1705276800", "at", "Must be an RFC 3339 time with an offset: 2024-01-15T09:00:00Z."},
    {"\"at\":\"1970-01-01T00:00:00Z\"", "at",
     "Must be an RFC 3339 time with an offset: 2024-01-15T09:00:00Z."},
    {"\"part\":[]", "part", "Must be an object."},
    {"\"part\":null", "part", "Must not be null."},
    {"\"part\":{}", "part.label", "This field is required."},
    {"\"part\":{\"label\":\"x\",\"size\":1}", "part.size", "Unknown field."},
    {"\"part\":{\"label\":\"12345678901\"}", "part.label", "Must be 1 to 10 characters."},
    {"\"tags\":{}", "tags", "Must be a list."},
    {"\"tags\":null", "tags", "Must not be null."},
    {"\"tags\":[]", "tags", "Must have 1 to 3 members."},
    {"\"tags\":[\"a\",\"b\",\"c\",\"d\"]", "tags", "Must have 1 to 3 members."},
    {"\"tags\":[\"a\",\"b\",\"a\"]", "tags[2]", "Must not be repeated."},
    {"\"tags\":[\"a\",null]", "tags[1]", "Must not be null."},
    {"\"tags\":[\"abcdef\"]", "tags[0]", "Must be at most 5 characters."},
    {"\"palette\":[\"red\",\"pink\"]", "palette[1]", "Must be one of: red, green, blue."},
    {"\"palette\":[\"red\",\"red\"]", "palette[1]", "Must not be repeated."},
    {"\"parts\":[{\"label\":\"x\"},{\"label\":7}]", "parts[1].label", "Must be a text."},
    {"\"parts\":[{\"label\":\"x\"},{\"weight\":null,\"label\":\"x\"}]", "parts[1]",
     "Must not be repeated."},
    {"\"parts\":[7]", "parts[0]", "Must be an object."},
    {"\"steps\":{}", "steps", "Must be a list."},
    {"\"steps\":[{\"label\":\"x\",\"weight\":101}]", "steps[0].weight",
     "Must be an integer from 0 to 100."},
    {"\"rules\":[]", "rules", "Must be an object."},
    {"\"rules\":null", "rules", "Must not be null."},
    {"\"rules\":{\"zones\":1}", "rules.zones", "Unknown field."},
    {"\"rules\":{\"days\":[\"red\",3]}", "rules.days[1]", "Must be one of: red, green, blue."},
    {"\"rules\":{\"part\":{\"label\":null}}", "rules.part.label", "Must not be null."},
    {"\"rules\":{\"low\":10}", "rules.high", "Must not be below low."},
    {"\"rules\":{\"zone\":\"Moon\"}", "rules", "Not on the Moon."},
};

static void every_mistake_is_named_with_its_place(void **state)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        struct str body = arena_printf(*state, "{\"name\":\"n\",%s}", mistakes[i].members);
        struct thing t;
        sent what;
        assert_refused(shape_read(*state, &thing_shape, body, &t, &what), mistakes[i].param,
                       mistakes[i].message);
    }
}

static void a_name_is_required_bounded_in_code_points_and_not_blank(void **state)
{
    static const struct {
        const char *body, *message;
    } cases[] = {
        {"{}", "This field is required."},
        {"{\"name\":null}", "Must not be null."},
        {"{\"name\":\"\"}", "Must be 1 to 6 characters."},
        {"{\"name\":\"1234567\"}", "Must be 1 to 6 characters."},
        {"{\"name\":\" \\t\\u00a0\"}", "Must not be blank."},
        {"{\"name\":\"bob\"}", "Not bob."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct thing t;
        sent what;
        assert_refused(shape_read(*state, &thing_shape, str_of(cases[i].body), &t, &what), "name",
                       cases[i].message);
    }
    struct thing t = read_thing(*state, "{\"name\":\"\xF0\x9F\x98\x80\xC3\xA9\\ud83d\\ude00 a \"}");
    assert_int_equal(utf8_length(t.name), 6);
}

static void texts_and_lists_without_limits_have_some_all_the_same(void **state)
{
    struct arena *a = *state;
    char digits[502], items[3 * 101];
    memset(digits, '7', sizeof digits);
    for (size_t i = 0; i < 101; i++)
        memcpy(items + 3 * i, i < 100 ? "{}," : "{}]", 3);
    struct thing t;
    sent what;
    struct str body = arena_printf(a, "{\"name\":\"n\",\"nick\":\"%.*s\"}", 500, digits);
    assert_null(shape_read(a, &thing_shape, body, &t, &what));
    body = arena_printf(a, "{\"name\":\"n\",\"nick\":\"%.*s\"}", 501, digits);
    assert_refused(shape_read(a, &thing_shape, body, &t, &what), "nick",
                   "Must be at most 500 characters.");
    body = arena_printf(a, "{\"name\":\"n\",\"parts\":[%.*s}", (int)sizeof items, items);
    assert_refused(shape_read(a, &thing_shape, body, &t, &what), "parts",
                   "Must have at most 100 members.");
}

static void the_name_of_an_unknown_field_is_repeated_only_so_far(void **state)
{
    char name[3000];
    memset(name, 'x', sizeof name);
    struct str body = arena_printf(*state, "{\"%.*s\":1}", (int)sizeof name, name);
    struct thing t;
    sent what;
    error e = shape_read(*state, &thing_shape, body, &t, &what);
    assert_true(error_is(e, ERR_INVALID_REQUEST));
    assert_int_equal(e->param.n, 100);
}

static void a_url_has_a_scheme_a_host_and_no_surprises(void **state)
{
    static const char *const good[] = {"http://a",
                                       "HTTPS://A.example:8080",
                                       "https://xn--caf-dma.example/p/%20?q=1&r=[2]#f",
                                       "http://127.0.0.1:1/",
                                       "https://[::1]:443/x",
                                       "https://a?b"};
    static const char *const bad[] = {"",
                                      "a",
                                      "http:/a",
                                      "http://",
                                      "https:///x",
                                      "https://?x",
                                      "//a/b",
                                      "http://a b",
                                      "http://a/b c",
                                      " http://a",
                                      "http://a\\n",
                                      "http://a:",
                                      "http://a:0",
                                      "http://a:b",
                                      "http://a:65536",
                                      "http://u@a",
                                      "http://u:p@a",
                                      "javascript:1",
                                      "http://[]",
                                      "http://[::1",
                                      "http://[::1]x",
                                      "http://\\u00e9",
                                      "http://a/<b>",
                                      "http://a/\\\"",
                                      "http://a\\\\b",
                                      "data:text/html,x",
                                      "http://a/\\u007f",
                                      "mailto:a@b.example",
                                      "http//a"};
    struct thing t;
    sent what;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        read_thing(*state, arena_printf(*state, "{\"name\":\"n\",\"site\":\"%s\"}", good[i]).p);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct str body = arena_printf(*state, "{\"name\":\"n\",\"site\":\"%s\"}", bad[i]);
        if (!shape_read(*state, &thing_shape, body, &t, &what))
            fail_msg("taken: %s", bad[i]);
    }
}

static void fields_and_names_are_found_or_not(void **state)
{
    (void)state;
    assert_ptr_equal(shape_field(&thing_shape, S("name")), &fields[1]);
    assert_null(shape_field(&thing_shape, S("Name")));
    assert_null(shape_field(&thing_shape, S("")));
    assert_int_equal(names_find(&colors, S("blue")), COLOR_BLUE);
    assert_int_equal(names_find(&colors, S("Blue")), COLOR_NONE);
    assert_int_equal(names_find(&colors, S("")), COLOR_NONE);
    assert_int_equal(names_find(&colors, (struct str){NULL, 0}), COLOR_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_body_becomes_a_struct),
        TEST(what_is_absent_is_null_or_the_default),
        TEST(a_document_is_stored_with_every_key),
        TEST(a_check_may_complete_what_it_checks),
        TEST(what_was_sent_is_known),
        TEST(null_clears_what_may_be_null),
        TEST(what_is_no_json_object_is_invalid_json),
        TEST(every_mistake_is_named_with_its_place),
        TEST(a_name_is_required_bounded_in_code_points_and_not_blank),
        TEST(texts_and_lists_without_limits_have_some_all_the_same),
        TEST(the_name_of_an_unknown_field_is_repeated_only_so_far),
        TEST(a_url_has_a_scheme_a_host_and_no_surprises),
        TEST(fields_and_names_are_found_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
