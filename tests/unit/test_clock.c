/* test_clock.c: the promises of base/clock.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include "base/clock.h"
#include <cmocka.h>

static const int64_t last_ms = INT64_C(253402300799999); /* 9999-12-31T23:59:59.999Z */

static int64_t parsed(const char *text)
{
    int64_t ms = -1;
    assert_true(time_parse(str_of(text), &ms));
    return ms;
}

static void times_with_any_offset_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2024-01-15T00:00:00Z", INT64_C(1705276800000)},
        {"2024-01-15t00:00:00z", INT64_C(1705276800000)},
        {"2024-01-15T02:00:00+02:00", INT64_C(1705276800000)},
        {"2024-01-14T18:30:00-05:30", INT64_C(1705276800000)},
        {"2024-01-15T00:00:00-00:00", INT64_C(1705276800000)},
        {"2024-01-15T00:00:00.5Z", INT64_C(1705276800500)},
        {"2024-01-15T00:00:00.123987654321Z", INT64_C(1705276800123)},
        {"2016-12-31T23:59:60Z", INT64_C(1483228799000)},
        {"2024-02-29T00:00:00Z", INT64_C(1709164800000)},
        {"1969-12-31T23:00:00-01:00", 0},
        {"9999-12-31T23:59:59.999Z", INT64_C(253402300799999)},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(parsed(good[i].text), good[i].ms);
}

static void malformed_or_impossible_times_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2024-01-15",
        "2024-01-15T00:00:00",
        "2024-01-15 00:00:00Z",
        "2024-01-15T00:00Z",
        "2024-1-15T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-00-01T00:00:00Z",
        "2024-01-00T00:00:00Z",
        "2024-01-32T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2024-04-31T00:00:00Z",
        "2024-01-15T24:00:00Z",
        "2024-01-15T00:60:00Z",
        "2024-01-15T00:00:61Z",
        "2024-01-15T00:00:00.Z",
        "2024-01-15T00:00:00,5Z",
        "2024-01-15T00:00:00+2:00",
        "2024-01-15T00:00:00+0200",
        "2024-01-15T00:00:00+24:00",
        "2024-01-15T00:00:00+02:60",
        "2024-01-15T00:00:00Zx",
        "2024-01-15T00:00:00Z ",
        " 2024-01-15T00:00:00Z",
        "+024-01-15T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:30:00+01:00",
        "9999-12-31T23:30:00-01:00",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t ms = 99;
        assert_false(time_parse(str_of(bad[i]), &ms));
        assert_int_equal(ms, 99);
    }
    int64_t ms;
    assert_false(time_parse((struct str){NULL, 0}, &ms));
}

static void a_time_is_printed_in_utc_with_its_fraction_dropped(void **state)
{
    (void)state;
    char text[TIME_TEXT + 1];
    assert_int_equal(time_print(text, INT64_C(1705276800999)).n, TIME_TEXT);
    assert_string_equal(text, "2024-01-15T00:00:00Z");
    time_print(text, parsed("2024-12-31T22:59:58-01:00"));
    assert_string_equal(text, "2024-12-31T23:59:58Z");
}

static void printing_is_clamped_to_four_digit_years(void **state)
{
    (void)state;
    char text[TIME_TEXT + 1];
    time_print(text, INT64_MIN);
    assert_string_equal(text, "1970-01-01T00:00:00Z");
    time_print(text, last_ms + 1);
    assert_string_equal(text, "9999-12-31T23:59:59Z");
    time_print(text, INT64_MAX);
    assert_string_equal(text, "9999-12-31T23:59:59Z");
}

static void dates_are_read_and_printed(void **state)
{
    (void)state;
    char text[DATE_TEXT + 1];
    int64_t ms = 0;
    assert_true(date_parse(S("2024-02-29"), &ms));
    assert_int_equal(ms, INT64_C(1709164800000));
    assert_int_equal(date_print(text, ms + DAY_MS - 1).n, DATE_TEXT);
    assert_string_equal(text, "2024-02-29");
    static const char *const bad[] = {"",           "2023-02-29", "2024-2-29", "2024-02-29T",
                                      "1969-12-31", "20240229",   "2024-02-30"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(date_parse(str_of(bad[i]), &ms));
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* The next day, in the plainest way there is. */
static void step(struct civil *t)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int length = lengths[t->month - 1] + (t->month == 2 && is_leap(t->year));
    t->weekday = (t->weekday + 1) % 7;
    if (++t->day <= length)
        return;
    t->day = 1;
    if (++t->month <= 12)
        return;
    t->month = 1;
    t->year++;
}

static void every_day_from_1970_to_9999_is_right(void **state)
{
    (void)state;
    struct civil want = {.year = 1970, .month = 1, .day = 1, .weekday = 3};
    for (int64_t ms = 0; ms <= last_ms; ms += DAY_MS) {
        struct civil got = civil_of(ms);
        if (got.year != want.year || got.month != want.month || got.day != want.day ||
            got.weekday != want.weekday || civil_ms(&got) != ms)
            fail_msg("day %ld", (long)(ms / DAY_MS));
        step(&want);
    }
    assert_int_equal(want.year, 10000);
}

static void the_time_of_day_is_taken_apart_and_put_together(void **state)
{
    (void)state;
    struct civil t = civil_of(parsed("2024-07-04T23:59:58.9Z"));
    assert_int_equal(t.hour, 23);
    assert_int_equal(t.minute, 59);
    assert_int_equal(t.second, 58);
    assert_int_equal(t.weekday, 3);
    assert_int_equal(civil_ms(&t), parsed("2024-07-04T23:59:58Z"));
}

static void times_before_1970_are_on_the_right_day(void **state)
{
    (void)state;
    struct civil t = civil_of(-1);
    assert_int_equal(t.year, 1969);
    assert_int_equal(t.month, 12);
    assert_int_equal(t.day, 31);
    assert_int_equal(t.hour, 23);
    assert_int_equal(t.second, 59);
    assert_int_equal(t.weekday, 2);
}

static void the_clocks_run_forward(void **state)
{
    (void)state;
    int64_t before = clock_mono_us();
    assert_true(clock_ms() > INT64_C(1700000000000));
    assert_true(clock_mono_us() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_with_any_offset_are_read),
        cmocka_unit_test(malformed_or_impossible_times_are_refused),
        cmocka_unit_test(a_time_is_printed_in_utc_with_its_fraction_dropped),
        cmocka_unit_test(printing_is_clamped_to_four_digit_years),
        cmocka_unit_test(dates_are_read_and_printed),
        cmocka_unit_test(every_day_from_1970_to_9999_is_right),
        cmocka_unit_test(the_time_of_day_is_taken_apart_and_put_together),
        cmocka_unit_test(times_before_1970_are_on_the_right_day),
        cmocka_unit_test(the_clocks_run_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
