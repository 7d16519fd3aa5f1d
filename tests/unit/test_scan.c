/* test_scan.c: which texts are JSON, strictly. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "json/scan.h"

#define TEXT(literal)                                                                              \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }

static const struct str good[] = {
    TEXT("{}"),
    TEXT("[]"),
    TEXT(" \t\r\n{ } \n"),
    TEXT("null"),
    TEXT("true"),
    TEXT("false"),
    TEXT("\"\""),
    TEXT("0"),
    TEXT("-0"),
    TEXT("-0.0"),
    TEXT("10"),
    TEXT("1e5"),
    TEXT("1E+5"),
    TEXT("1e-5"),
    TEXT("0e0"),
    TEXT("1.25e3"),
    TEXT("99999999999999999999999999999999999999"),
    TEXT("1e400"),
    TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
    TEXT("\"\\u0041\\u00e9\\uFFFF\\u0001\""),
    TEXT("\"\\ud83d\\ude00\""),
    TEXT("\"\\uDBFF\\uDFFF\""),
    TEXT("\"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\""),
    TEXT("\"\x7F\""),
    TEXT("\"/\""),
    TEXT("[1,2 , 3]"),
    TEXT("[[],{},[{}]]"),
    TEXT("{\"a\":1,\"b\":[true,null],\"\":{\"c\":\"d\"}}"),
    TEXT("{\"a\":1,\"a\":2}"), /* seen by counting, not by the scan */
};

static const struct str bad[] = {
    TEXT(""),
    TEXT(" "),
    TEXT("\xEF\xBB\xBF{}"),
    TEXT("{}{}"),
    TEXT("{} x"),
    TEXT("1 2"),
    TEXT("{}\0"),
    TEXT("\0"),
    TEXT("\v{}"),
    TEXT("\xC2\xA0{}"),
    TEXT("NaN"),
    TEXT("Infinity"),
    TEXT("-Infinity"),
    TEXT("nul"),
    TEXT("nulll"),
    TEXT("True"),
    TEXT("truE"),
    TEXT("undefined"),
    TEXT("-"),
    TEXT("+1"),
    TEXT("-01"),
    TEXT("01"),
    TEXT("00"),
    TEXT("2."),
    TEXT("2.e3"),
    TEXT(".5"),
    TEXT("-.5"),
    TEXT("1e"),
    TEXT("1e+"),
    TEXT("1e+-2"),
    TEXT("1.5.5"),
    TEXT("0x10"),
    TEXT("1_000"),
    TEXT("'x'"),
    TEXT("\"x"),
    TEXT("\""),
    TEXT("x\""),
    TEXT("\"a\nb\""),
    TEXT("\"a\tb\""),
    TEXT("\"a\0b\""),
    TEXT("\"\x1F\""),
    TEXT("\"\\x41\""),
    TEXT("\"\\'\""),
    TEXT("\"\\"),
    TEXT("\"\\\""),
    TEXT("\"\\\0\""),
    TEXT("\"\\u0000\""),
    TEXT("\"\\u12\""),
    TEXT("\"\\u12G4\""),
    TEXT("\"\\u"),
    TEXT("\"\\ud800\""),
    TEXT("\"\\udc00\""),
    TEXT("\"\\ud800\\ud800\""),
    TEXT("\"\\ud800x\""),
    TEXT("\"\\ud800\\n\""),
    TEXT("\"\\ud800\\u0041\""),
    TEXT("\"\\ude00\\ud83d\""),
    TEXT("\"\x80\""),
    TEXT("\"\xFF\""),
    TEXT("\"\xC3\""),
    TEXT("\"\xC3"),
    TEXT("\"\xC0\xAF\""),
    TEXT("\"\xE0\x80\xAF\""),
    TEXT("\"\xED\xA0\x80\""),
    TEXT("\"\xF4\x90\x80\x80\""),
    TEXT("\"\xF0\x9F\x98\""),
    TEXT("["),
    TEXT("]"),
    TEXT("[1"),
    TEXT("[1,"),
    TEXT("[1,]"),
    TEXT("[,1]"),
    TEXT("[,]"),
    TEXT("[1,,2]"),
    TEXT("[1 2]"),
    TEXT("[1}"),
    TEXT("{"),
    TEXT("}"),
    TEXT("{]"),
    TEXT("{\"a\"}"),
    TEXT("{\"a\":}"),
    TEXT("{\"a\":1,}"),
    TEXT("{,\"a\":1}"),
    TEXT("{\"a\" 1}"),
    TEXT("{\"a\":1 \"b\":2}"),
    TEXT("{\"a\":1]"),
    TEXT("{a:1}"),
    TEXT("{1:1}"),
    TEXT("{null:1}"),
    TEXT("{'a':1}"),
    TEXT("{\"a\"::1}"),
    TEXT("{\"\\u0000\":1}"),
    TEXT("[{\"a\":1},]"),
    TEXT("// x\n{}"),
    TEXT("/* x */{}"),
    TEXT("{}#"),
    TEXT("\xFE\xFF\x00{\x00}"),
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void what_rfc_8259_allows_is_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        if (!scan_json(good[i], NULL))
            fail_msg("refused: %.*s", STR(good[i]));
}

static void what_rfc_8259_forbids_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (scan_json(bad[i], NULL))
            fail_msg("taken: number %zu, %.*s", i, STR(bad[i]));
}

static void no_text_is_no_json(void **state)
{
    (void)state;
    assert_false(scan_json((struct str){NULL, 0}, NULL));
}

/* Each text is cut in a block of exactly its size, so that a byte too far is an ASan report. */
static void a_text_that_ends_early_is_never_read_past_its_end(void **state)
{
    (void)state;
    struct str text = S("{\"a\":[1,-2.5e+3,true,null],\"\\ud83d\\ude00\xE2\x82\xAC\":\"\\n\"}");
    assert_true(scan_json(text, NULL));
    for (size_t n = 0; n < text.n; n++) {
        struct arena *a = arena_new(1 << 16);
        char *cut = arena_alloc(a, n + 1);
        memcpy(cut + 1, text.p, n);
        assert_false(scan_json((struct str){cut + 1, n}, NULL));
        arena_free(a);
    }
}

/* `depth` times `open`, then `close`. */
static struct str nested(struct arena *a, size_t depth, struct str open, struct str inside,
                         char close)
{
    char *p = arena_alloc(a, depth * (open.n + 1) + inside.n);
    size_t n = 0;
    for (size_t i = 0; i < depth; i++, n += open.n)
        memcpy(p + n, open.p, open.n);
    memcpy(p + n, inside.p, inside.n);
    n += inside.n;
    memset(p + n, close, depth);
    return (struct str){p, n + depth};
}

static void nesting_stops_at_32(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 20);
    assert_true(scan_json(nested(a, 32, S("["), S(""), ']'), NULL));
    assert_true(scan_json(nested(a, 32, S("["), S("1"), ']'), NULL));
    assert_true(scan_json(nested(a, 32, S("{\"a\":"), S("1"), '}'), NULL));
    assert_false(scan_json(nested(a, 33, S("["), S(""), ']'), NULL));
    assert_false(scan_json(nested(a, 33, S("["), S("1"), ']'), NULL));
    assert_false(scan_json(nested(a, 33, S("{\"a\":"), S("1"), '}'), NULL));
    assert_false(scan_json(nested(a, 100000, S("["), S(""), ']'), NULL));
    arena_free(a);
}

static void brackets_close_what_they_opened_at_every_depth(void **state)
{
    (void)state;
    assert_true(scan_json(S("[{\"a\":[{\"b\":[]}]}]"), NULL));
    assert_false(scan_json(S("[{\"a\":[{\"b\":[]]}}]"), NULL));
    assert_false(scan_json(S("[{\"a\":[{\"b\":[}}]}]"), NULL));
    assert_false(scan_json(S("[[{\"a\":1},\"b\":2]]"), NULL));
    assert_false(scan_json(S("{\"a\":[1],2}"), NULL));
}

static void values_stop_at_10000(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 20);
    char *p = arena_alloc(a, 20002);
    p[0] = '[';
    for (size_t i = 0; i < 10000; i++)
        memcpy(p + 1 + 2 * i, "1,", 2);
    p[2 * 9999] = ']'; /* 9,999 members and the list itself */
    struct json_stats stats;
    assert_true(scan_json((struct str){p, 2 * 9999 + 1}, &stats));
    assert_int_equal(stats.values, 10000);
    p[2 * 9999] = ',';
    p[2 * 10000] = ']';
    assert_false(scan_json((struct str){p, 2 * 10000 + 1}, NULL));
    arena_free(a);
}

static void values_and_members_are_counted_duplicates_included(void **state)
{
    (void)state;
    struct json_stats stats;
    assert_true(scan_json(S("{\"a\":1,\"a\":{\"b\":[1,2]},\"c\":[]}"), &stats));
    assert_int_equal(stats.members, 4);
    assert_int_equal(stats.values, 7);
    assert_true(scan_json(S("7"), &stats));
    assert_int_equal(stats.members, 0);
    assert_int_equal(stats.values, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_rfc_8259_allows_is_taken),
        cmocka_unit_test(what_rfc_8259_forbids_is_refused),
        cmocka_unit_test(no_text_is_no_json),
        cmocka_unit_test(a_text_that_ends_early_is_never_read_past_its_end),
        cmocka_unit_test(nesting_stops_at_32),
        cmocka_unit_test(brackets_close_what_they_opened_at_every_depth),
        cmocka_unit_test(values_stop_at_10000),
        cmocka_unit_test(values_and_members_are_counted_duplicates_included),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
