/* test_write.c: JSON out, value by value. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <math.h>
#include <cmocka.h>

#include "json/scan.h"
#include "json/write.h"

struct page {
    struct arena *arena;
    struct writer w;
};

static int open_page(void **state)
{
    struct arena *a = arena_new(1 << 20);
    struct page *page = ARENA_NEW(a, struct page);
    page->arena = a;
    write_init(&page->w, buf_new(a, 1 << 16));
    *state = page;
    return 0;
}

static int close_page(void **state)
{
    arena_free(((struct page *)*state)->arena);
    return 0;
}

static void assert_written(struct writer *w, struct str expected)
{
    struct str got = buf_str(w->out);
    assert_false(w->out->full);
    if (!str_eq(got, expected))
        fail_msg("got %.*s, not %.*s", STR(got), STR(expected));
    buf_clear(w->out);
    write_init(w, w->out);
}

static void commas_stand_between_values_and_nowhere_else(void **state)
{
    struct writer *w = &((struct page *)*state)->w;
    write_open(w, '{');
    write_key(w, S("a"));
    write_open(w, '[');
    write_close(w, ']');
    write_key(w, S("b"));
    write_open(w, '[');
    write_int(w, 1);
    write_open(w, '{');
    write_close(w, '}');
    write_open(w, '{');
    write_member_bool(w, S("x"), true);
    write_member_text(w, S("y"), S("z"));
    write_close(w, '}');
    write_null(w);
    write_raw(w, S("[2,3]"));
    write_close(w, ']');
    write_member_int(w, S("c"), 4);
    write_close(w, '}');
    assert_written(w, S("{\"a\":[],\"b\":[1,{},{\"x\":true,\"y\":\"z\"},null,[2,3]],\"c\":4}"));
}

static void every_kind_of_value_has_its_member_form(void **state)
{
    struct writer *w = &((struct page *)*state)->w;
    write_open(w, '{');
    write_member_text(w, S("text"), S("t"));
    write_member_int(w, S("int"), -1);
    write_member_bool(w, S("bool"), false);
    write_member_number(w, S("number"), 0.5, 2);
    write_member_time(w, S("time"), 1705276800999);
    write_member_raw(w, S("raw"), S("{}"));
    write_close(w, '}');
    assert_written(w, S("{\"text\":\"t\",\"int\":-1,\"bool\":false,\"number\":0.5,"
                        "\"time\":\"2024-01-15T00:00:00Z\",\"raw\":{}}"));
}

static void none_is_null_in_every_kind(void **state)
{
    struct writer *w = &((struct page *)*state)->w;
    write_open(w, '[');
    write_text(w, (struct str){NULL, 0});
    write_number(w, NAN, 2);
    write_number(w, INFINITY, 2);
    write_time(w, 0);
    write_raw(w, (struct str){NULL, 0});
    write_text(w, S(""));
    write_close(w, ']');
    assert_written(w, S("[null,null,null,null,null,\"\"]"));
}

static void text_is_escaped_as_rfc_8259_asks_and_otherwise_untouched(void **state)
{
    static const struct {
        struct str text, json;
    } cases[] = {
        {{"plain", 5}, {"\"plain\"", 7}},
        {{"\"", 1}, {"\"\\\"\"", 4}},
        {{"a\"b\\c", 5}, {"\"a\\\"b\\\\c\"", 9}},
        {{"\b\f\n\r\t", 5}, {"\"\\b\\f\\n\\r\\t\"", 12}},
        {{"\0x\x1F", 3}, {"\"\\u0000x\\u001f\"", 15}},
        {{"\x0Bz", 2}, {"\"\\u000bz\"", 9}},
        {{"/\x7F", 2}, {"\"/\x7F\"", 4}},
        {{"\xC3\xA9\xE2\x80\xA8\xF0\x9F\x98\x80", 9},
         {"\"\xC3\xA9\xE2\x80\xA8\xF0\x9F\x98\x80\"", 11}},
    };
    struct writer *w = &((struct page *)*state)->w;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_text(w, cases[i].text);
        assert_written(w, cases[i].json);
    }
}

static void every_byte_below_128_gives_a_string_that_scans(void **state)
{
    struct writer *w = &((struct page *)*state)->w;
    for (int c = 1; c < 128; c++) {
        char text[3] = {'<', (char)c, '>'};
        write_text(w, (struct str){text, 3});
        assert_true(scan_json(buf_str(w->out), NULL));
        buf_clear(w->out);
        write_init(w, w->out);
    }
}

static void integers_are_exact_to_their_ends(void **state)
{
    struct writer *w = &((struct page *)*state)->w;
    write_open(w, '[');
    write_int(w, 0);
    write_int(w, INT64_MAX);
    write_int(w, INT64_MIN);
    write_close(w, ']');
    assert_written(w, S("[0,9223372036854775807,-9223372036854775808]"));
}

static void numbers_have_the_places_they_need_and_no_more(void **state)
{
    static const struct {
        double value;
        int decimals;
        const char *json;
    } cases[] = {
        {4, 2, "4"},
        {0.92, 2, "0.92"},
        {0.9, 2, "0.9"},
        {0.05, 2, "0.05"},
        {10.50, 2, "10.5"},
        {-1.25, 2, "-1.25"},
        {-0.25, 1, "-0.3"},
        {0, 2, "0"},
        {-0.0, 2, "0"},
        {-0.001, 2, "0"},
        {0.999, 2, "1"},
        {99.995, 0, "100"},
        {1.5, 0, "2"},
        {0.000001, 6, "0.000001"},
        {0.123456789, 9, "0.123456789"},
        {1234567.891, 2, "1234567.89"},
        {9007199254740992.0, 2, "9007199254740992"},
        {-1e20, 2, "-100000000000000000000"},
    };
    struct writer *w = &((struct page *)*state)->w;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_number(w, cases[i].value, cases[i].decimals);
        assert_written(w, str_of(cases[i].json));
    }
    write_number(w, 1.7976931348623157e308, 9);
    assert_true(scan_json(buf_str(w->out), NULL));
}

static void a_full_buffer_is_noticed_and_not_overrun(void **state)
{
    struct page *page = *state;
    for (size_t ceiling = 0; ceiling < 40; ceiling++) {
        struct writer w;
        write_init(&w, buf_new(page->arena, ceiling));
        write_open(&w, '{');
        write_member_text(&w, S("key"), S("some \"text\" \n"));
        write_member_number(&w, S("n"), 12.75, 2);
        write_close(&w, '}');
        assert_int_equal(w.out->full, ceiling < 36);
        assert_true(w.out->n <= ceiling);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_page, close_page)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(commas_stand_between_values_and_nowhere_else),
        TEST(every_kind_of_value_has_its_member_form),
        TEST(none_is_null_in_every_kind),
        TEST(text_is_escaped_as_rfc_8259_asks_and_otherwise_untouched),
        TEST(every_byte_below_128_gives_a_string_that_scans),
        TEST(integers_are_exact_to_their_ends),
        TEST(numbers_have_the_places_they_need_and_no_more),
        TEST(a_full_buffer_is_noticed_and_not_overrun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
