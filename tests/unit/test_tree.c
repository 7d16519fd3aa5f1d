/* test_tree.c: looking around in JSON from elsewhere. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <math.h>
#include <cmocka.h>

#include "json/tree.h"

static int setup(void **state)
{
    *state = arena_new(1 << 20);
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static void a_tree_is_walked_by_key_and_index(void **state)
{
    const struct node *t = tree_parse(
        *state, S("{\"data\":[{\"id\":7,\"text\":\"h\\u00e9\"},{\"id\":8}],\"ok\":true}"));
    const struct node *data = tree_get(t, "data");
    assert_true(tree_is_object(t));
    assert_true(tree_is_array(data));
    assert_int_equal(tree_length(data), 2);
    assert_int_equal(tree_int(tree_get(tree_at(data, 1), "id"), -1), 8);
    assert_true(str_eq(tree_text(tree_get(tree_at(data, 0), "text")), S("h\xC3\xA9")));
    assert_true(tree_bool(tree_get(t, "ok"), false));
}

static void what_is_absent_is_absent_all_the_way_down(void **state)
{
    const struct node *t = tree_parse(*state, S("{\"a\":[1]}"));
    assert_null(tree_get(tree_at(tree_get(tree_get(t, "x"), "y"), 3), "z"));
    assert_null(tree_at(tree_get(t, "a"), 1));
    assert_null(tree_get(tree_get(t, "a"), "a"));
    assert_null(tree_at(t, 0));
    assert_int_equal(tree_length(t), 0);
    assert_int_equal(tree_length(NULL), 0);
    assert_int_equal(tree_int(NULL, 5), 5);
    assert_true(isnan(tree_number(NULL)));
    assert_true(tree_bool(NULL, true));
    assert_null(tree_text(NULL).p);
    assert_false(tree_is_object(NULL));
    assert_false(tree_is_array(NULL));
    assert_false(tree_is_null(NULL));
}

static void a_null_is_there_and_is_nothing_else(void **state)
{
    const struct node *t = tree_parse(*state, S("{\"a\":null,\"b\":[null]}"));
    const struct node *a = tree_get(t, "a");
    assert_non_null(a);
    assert_true(tree_is_null(a));
    assert_true(tree_is_null(tree_at(tree_get(t, "b"), 0)));
    assert_true(tree_is_null(tree_parse(*state, S(" null "))));
    assert_false(tree_is_null(t));
    assert_null(tree_text(a).p);
    assert_int_equal(tree_int(a, 5), 5);
    assert_null(tree_get(a, "a"));
    assert_false(tree_is_object(a));
}

static void integers_are_never_clamped_or_cut(void **state)
{
    static const struct {
        const char *json;
        int64_t value; /* -5: none */
    } cases[] = {
        {"0", 0},
        {"-0", 0},
        {"12 ", 12},
        {"9223372036854775807", INT64_MAX},
        {"9223372036854775808", -5},
        {"99999999999999999999", -5},
        {"-9223372036854775807", -INT64_MAX},
        {"-99999999999999999999", -5},
        {"3.0", 3},
        {"1e3", 1000},
        {"-2.5", -5},
        {"1e300", -5},
        {"1e400", -5},
        {"9223372036854775808.0", -5},
        {"\"7\"", -5},
        {"true", -5},
        {"[]", -5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (tree_int(tree_parse(*state, str_of(cases[i].json)), -5) != cases[i].value)
            fail_msg("%s", cases[i].json);
}

static void numbers_are_finite_or_none(void **state)
{
    assert_true(tree_number(tree_parse(*state, S("2.5"))) == 2.5);
    assert_true(tree_number(tree_parse(*state, S("-3"))) == -3.0);
    assert_true(isnan(tree_number(tree_parse(*state, S("1e400")))));
    assert_true(isnan(tree_number(tree_parse(*state, S("99999999999999999999")))));
    assert_true(isnan(tree_number(tree_parse(*state, S("\"2.5\"")))));
}

static void kinds_are_not_converted(void **state)
{
    assert_null(tree_text(tree_parse(*state, S("1"))).p);
    assert_null(tree_text(tree_parse(*state, S("{}"))).p);
    assert_false(tree_bool(tree_parse(*state, S("1")), false));
    assert_true(tree_bool(tree_parse(*state, S("\"false\"")), true));
    assert_int_equal(tree_text(tree_parse(*state, S("\"\""))).n, 0);
    assert_non_null(tree_text(tree_parse(*state, S("\"\""))).p);
}

static void lax_json_and_duplicate_keys_give_no_tree(void **state)
{
    static const char *const texts[] = {"",
                                        "{",
                                        "{\"a\":1,}",
                                        "NaN",
                                        "'x'",
                                        "{\"a\":1,\"a\":1}",
                                        "[{\"b\":{\"a\":1,\"a\":2}}]",
                                        "{\"a\":1,\"\\u0061\":1}",
                                        "{} {}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (tree_parse(*state, str_of(texts[i])))
            fail_msg("%s", texts[i]);
    assert_null(tree_parse(*state, (struct str){NULL, 0}));
    assert_non_null(tree_parse(*state, S("[{\"a\":1},{\"a\":1}]")));
}

static void the_deepest_legal_text_has_a_tree(void **state)
{
    char text[65];
    for (size_t i = 0; i < 32; i++) {
        text[i] = '[';
        text[33 + i] = ']';
    }
    text[32] = '7';
    const struct node *n = tree_parse(*state, (struct str){text, 65});
    for (int depth = 0; depth < 32; depth++)
        n = tree_at(n, 0);
    assert_int_equal(tree_int(n, -1), 7);
}

struct seen {
    struct str keys[4];
    size_t n, stop_at;
};

static bool note(void *arg, struct str key, const struct node *value)
{
    struct seen *seen = arg;
    assert_non_null(value);
    seen->keys[seen->n++] = key;
    return seen->n < seen->stop_at;
}

static void members_come_in_order_until_told_to_stop(void **state)
{
    const struct node *t = tree_parse(*state, S("{\"z\":1,\"a\":null,\"m\":[]}"));
    struct seen all = {.stop_at = 4}, two = {.stop_at = 2}, nothing = {.stop_at = 4};
    tree_each(t, note, &all);
    assert_int_equal(all.n, 3);
    assert_true(str_eq(all.keys[0], S("z")) && str_eq(all.keys[1], S("a")) &&
                str_eq(all.keys[2], S("m")));
    tree_each(t, note, &two);
    assert_int_equal(two.n, 2);
    tree_each(tree_get(t, "m"), note, &nothing);
    tree_each(NULL, note, &nothing);
    assert_int_equal(nothing.n, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_tree_is_walked_by_key_and_index),
        TEST(what_is_absent_is_absent_all_the_way_down),
        TEST(a_null_is_there_and_is_nothing_else),
        TEST(integers_are_never_clamped_or_cut),
        TEST(numbers_are_finite_or_none),
        TEST(kinds_are_not_converted),
        TEST(lax_json_and_duplicate_keys_give_no_tree),
        TEST(the_deepest_legal_text_has_a_tree),
        TEST(members_come_in_order_until_told_to_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
