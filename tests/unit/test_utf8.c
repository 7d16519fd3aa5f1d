/* test_utf8.c: the promises of base/utf8.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include "base/utf8.h"
#include <cmocka.h>

static void every_code_point_survives_the_round_trip(void **state)
{
    (void)state;
    for (int32_t c = 0; c <= 0x10FFFF; c++) {
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        char bytes[4];
        struct str text = {bytes, utf8_encode(c, bytes)};
        if (utf8_next(&text) != c || text.n != 0)
            fail_msg("U+%04X", (unsigned)c);
    }
}

static void malformed_bytes_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\x80",             /* a continuation alone */
        "\xC3",             /* cut */
        "\xC3(",            /* no continuation */
        "\xC0\x80",         /* long form of U+0000 */
        "\xC1\xBF",         /* long form of U+007F */
        "\xE0\x9F\xBF",     /* long form of U+07FF */
        "\xF0\x8F\xBF\xBF", /* long form of U+FFFF */
        "\xED\xA0\x80",     /* surrogate */
        "\xED\xBF\xBF",     /* surrogate */
        "\xF4\x90\x80\x80", /* past U+10FFFF */
        "\xF5\x80\x80\x80",
        "\xFE",
        "\xFF",
        "\xE2\x82", /* cut */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct str text = str_of(bad[i]);
        assert_false(utf8_valid(text));
        assert_int_equal(utf8_next(&text), -1);
        assert_ptr_equal(text.p, bad[i]);
    }
    assert_false(utf8_valid(S("fine until \xFF")));
    assert_true(utf8_valid(S("\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF")));
    assert_true(utf8_valid(S("")));
}

static void the_end_is_not_a_character(void **state)
{
    (void)state;
    struct str text = S("");
    assert_int_equal(utf8_next(&text), -1);
}

static void length_and_prefix_count_code_points(void **state)
{
    (void)state;
    struct str text = S("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z");
    assert_int_equal(utf8_length(text), 5);
    assert_int_equal(utf8_length(S("")), 0);
    assert_int_equal(utf8_prefix(text, 0).n, 0);
    assert_int_equal(utf8_prefix(text, 2).n, 3);
    assert_int_equal(utf8_prefix(text, 4).n, 10);
    assert_int_equal(utf8_prefix(text, 5).n, text.n);
    assert_int_equal(utf8_prefix(text, 99).n, text.n);
}

static void unicode_white_space_is_blank(void **state)
{
    (void)state;
    assert_true(utf8_blank(S("")));
    assert_true(utf8_blank(S(" \t\r\n\v\f")));
    assert_true(utf8_blank(S("\xC2\xA0\xE2\x80\x83\xE3\x80\x80\xE2\x80\xA8")));
    assert_false(utf8_blank(S(" x ")));
    assert_false(utf8_blank(S("\xE2\x80\x8B"))); /* zero width space is no White_Space */
    assert_false(utf8_blank(S(" \xFF")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_survives_the_round_trip),
        cmocka_unit_test(malformed_bytes_are_refused),
        cmocka_unit_test(the_end_is_not_a_character),
        cmocka_unit_test(length_and_prefix_count_code_points),
        cmocka_unit_test(unicode_white_space_is_blank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
