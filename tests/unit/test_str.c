/* test_str.c: the promises of base/str.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <string.h>
#include <cmocka.h>

#include "base/str.h"

static const struct str none = {NULL, 0};

#define assert_str(got, want) assert_true(str_eq((got), (want)))

static void none_is_not_the_empty_text(void **state)
{
    (void)state;
    assert_true(str_eq(none, none));
    assert_false(str_eq(none, S("")));
    assert_false(str_eq(S(""), none));
    assert_true(str_eq(S(""), S("")));
    assert_null(str_of(NULL).p);
    assert_str(str_of("text"), S("text"));
}

static void order_is_by_bytes_and_shorter_comes_first(void **state)
{
    (void)state;
    assert_true(str_cmp(S("a"), S("b")) < 0);
    assert_true(str_cmp(S("a"), S("aa")) < 0);
    assert_true(str_cmp(S("\xC3"), S("z")) > 0);
    assert_int_equal(str_cmp(S("same"), S("same")), 0);
    assert_int_equal(str_cmp(none, S("")), 0);
    assert_true(str_cmp(none, S("a")) < 0);
}

static void case_is_ignored_for_ascii_only(void **state)
{
    (void)state;
    assert_true(str_eq_nocase(S("Content-TYPE"), S("content-type")));
    assert_false(str_eq_nocase(S("\xC3\x84"), S("\xC3\xA4")));
    assert_false(str_eq_nocase(S("@[`{"), S("`{@[")));
    assert_false(str_eq_nocase(none, S("")));
}

static void beginnings_and_ends_are_found(void **state)
{
    (void)state;
    assert_true(str_starts(S("msn_1"), S("msn_")));
    assert_false(str_starts(S("msn"), S("msn_")));
    assert_true(str_starts(S("x"), S("")));
    assert_true(str_ends(S("a.json"), S(".json")));
    assert_false(str_ends(S("json"), S(".json")));
    assert_true(str_ends(none, S("")));
}

static void a_needle_is_found_anywhere_whatever_its_case(void **state)
{
    (void)state;
    assert_true(str_contains_nocase(S("Accept: Text/HTML"), S("text/html")));
    assert_true(str_contains_nocase(S("abc"), S("C")));
    assert_true(str_contains_nocase(S(""), S("")));
    assert_false(str_contains_nocase(S("ab"), S("abc")));
    assert_false(str_contains_nocase(S("abc"), S("x")));
}

static void a_part_is_clipped_to_what_is_there(void **state)
{
    (void)state;
    assert_str(str_sub(S("hello"), 1, 3), S("ell"));
    assert_str(str_sub(S("hello"), 3, SIZE_MAX), S("lo"));
    assert_str(str_sub(S("hello"), 9, 1), S(""));
    assert_null(str_sub(none, 0, 1).p);
}

static void white_space_is_trimmed_at_both_ends(void **state)
{
    (void)state;
    assert_str(str_trim(S(" \t\r\n a b \v\f")), S("a b"));
    assert_str(str_trim(S("  ")), S(""));
    assert_null(str_trim(none).p);
}

static void cutting_yields_each_piece_then_none(void **state)
{
    (void)state;
    struct str rest = S("a,,b");
    assert_str(str_cut(&rest, ','), S("a"));
    assert_str(str_cut(&rest, ','), S(""));
    assert_str(str_cut(&rest, ','), S("b"));
    assert_null(rest.p);
    assert_null(str_cut(&rest, ',').p);
}

static void a_separator_at_the_end_leaves_an_empty_piece(void **state)
{
    (void)state;
    struct str rest = S("a,");
    assert_str(str_cut(&rest, ','), S("a"));
    assert_str(str_cut(&rest, ','), S(""));
    assert_null(str_cut(&rest, ',').p);
}

static void plain_integers_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},
        {"7", 7},
        {"-12", -12},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t value = 99;
        assert_true(str_int(str_of(good[i].text), &value));
        assert_int_equal(value, good[i].value);
    }
}

static void what_is_no_plain_integer_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "-",
        "+1",
        "01",
        "-0",
        "-01",
        " 1",
        "1 ",
        "1.0",
        "1e3",
        "0x1",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t value = 99;
        assert_false(str_int(str_of(bad[i]), &value));
        assert_int_equal(value, 99);
    }
    int64_t value;
    assert_false(str_int(none, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_is_not_the_empty_text),
        cmocka_unit_test(order_is_by_bytes_and_shorter_comes_first),
        cmocka_unit_test(case_is_ignored_for_ascii_only),
        cmocka_unit_test(beginnings_and_ends_are_found),
        cmocka_unit_test(a_needle_is_found_anywhere_whatever_its_case),
        cmocka_unit_test(a_part_is_clipped_to_what_is_there),
        cmocka_unit_test(white_space_is_trimmed_at_both_ends),
        cmocka_unit_test(cutting_yields_each_piece_then_none),
        cmocka_unit_test(a_separator_at_the_end_leaves_an_empty_piece),
        cmocka_unit_test(plain_integers_are_read),
        cmocka_unit_test(what_is_no_plain_integer_is_refused_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
