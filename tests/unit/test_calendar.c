/* test_calendar.c: zones, and the slots of plans. Instants are written in UTC, so that every test
 * shows what a zone makes of a local time. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/clock.h"
#include "domain/calendar.h"

#define NEW_YORK S("America/New_York")
#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { MANY = 4000 };

static int64_t at(const char *text)
{
    int64_t ms = 0;

    if (!time_parse(str_of(text), &ms))
        fail_msg("not a time: %s", text);
    return ms;
}

static struct civil civil(int year, int month, int day, int hour, int minute)
{
    return (struct civil){.year = year, .month = month, .day = day, .hour = hour, .minute = minute};
}

static void assert_instant(int64_t ms, const char *expected)
{
    char text[TIME_TEXT + 1];

    time_print(text, ms);
    assert_string_equal(text, expected);
}

static void assert_local(struct str zone, struct civil local, const char *expected)
{
    assert_instant(zone_instant(zone, &local), expected);
}

/* A plan of one post a day at 09:00. */
static struct schedule plan(struct str zone, const char *starts, const char *ends)
{
    static const int nine[] = {540};

    return (struct schedule){.zone = zone,
                             .cadence = CADENCE_DAILY,
                             .posts_per_day = 1,
                             .times = nine,
                             .times_count = 1,
                             .earliest = -1,
                             .latest = -1,
                             .starts_ms = at(starts),
                             .ends_ms = at(ends)};
}

static void assert_slots(const struct schedule *s, const char *const *expected, size_t n)
{
    int64_t slots[MANY];
    size_t found = schedule_slots(s, 0, INT64_MAX, slots, MANY);

    for (size_t i = 0; i < found && i < n; i++)
        assert_instant(slots[i], expected[i]);
    assert_int_equal(found, n);
}

static size_t count_slots(const struct schedule *s)
{
    int64_t slots[MANY];
    size_t n = schedule_slots(s, 0, INT64_MAX, slots, MANY);

    for (size_t i = 0; i < n; i++) {
        assert_true(slots[i] >= s->starts_ms && slots[i] < s->ends_ms);
        assert_true(i == 0 || slots[i] >= slots[i - 1] + MINUTE_MS);
    }
    return n;
}

static void zones_of_the_database_are_known(void **state)
{
    static const char *const names[] = {"UTC",
                                        "Europe/Madrid",
                                        "America/New_York",
                                        "America/Argentina/Buenos_Aires",
                                        "Australia/Lord_Howe",
                                        "Etc/GMT+5",
                                        "America/Port-au-Prince"};
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        assert_true(zone_known(str_of(names[i])));
}

static void names_that_are_no_zones_are_not_known(void **state)
{
    static const char *const names[] = {"",
                                        "/",
                                        "Europe",
                                        "Europe/",
                                        "/Europe/Madrid",
                                        "Europe//Madrid",
                                        "Europe/Madrid ",
                                        "europe/madrid",
                                        "Mars/Olympus_Mons",
                                        "../etc/passwd",
                                        "Europe/../../../../etc/passwd",
                                        "posixrules",
                                        "posixrules/x",
                                        "posix/Europe/Madrid",
                                        "right/Europe/Madrid",
                                        "localtime",
                                        "tzdata.zi",
                                        "zone.tab",
                                        "leapseconds",
                                        "EST5EDT,M3.2.0,M11.1.0",
                                        "<+03>-3",
                                        ":UTC"};
    char longest[400];

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        if (zone_known(str_of(names[i])))
            fail_msg("known: %s", names[i]);
    assert_false(zone_known((struct str){0}));
    assert_false(zone_known((struct str){"UTC\0x", 5}));
    memset(longest, 'A', sizeof longest);
    assert_false(zone_known((struct str){longest, sizeof longest}));
}

static void offsets_follow_the_zone_and_the_season(void **state)
{
    static const struct {
        const char *zone, *at;
        int offset_s;
    } rows[] = {
        {"UTC", "2024-07-01T00:00:00Z", 0},
        {"America/New_York", "2024-01-15T12:00:00Z", -5 * 3600},
        {"America/New_York", "2024-07-15T12:00:00Z", -4 * 3600},
        {"Asia/Kolkata", "2024-07-15T12:00:00Z", 5 * 3600 + 1800},
        {"Asia/Kathmandu", "2024-07-15T12:00:00Z", 5 * 3600 + 2700},
        {"Australia/Lord_Howe", "2024-01-15T12:00:00Z", 11 * 3600},
        {"Australia/Lord_Howe", "2024-07-15T12:00:00Z", 10 * 3600 + 1800},
        {"Pacific/Kiritimati", "2024-07-15T12:00:00Z", 14 * 3600},
        {"Europe/Madrid", "2060-07-15T12:00:00Z", 2 * 3600},
        {"No/Such_Zone", "2024-07-15T12:00:00Z", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct civil local;
        int offset_s;
        zone_civil(str_of(rows[i].zone), at(rows[i].at), &local, &offset_s);
        assert_int_equal(offset_s, rows[i].offset_s);
        assert_int_equal(civil_ms(&local), at(rows[i].at) + offset_s * INT64_C(1000));
    }
}

static void the_civil_time_has_the_weekday_of_its_own_date(void **state)
{
    struct civil local;

    (void)state;
    zone_civil(NEW_YORK, at("2024-02-29T03:30:15Z"), &local, NULL); /* a Thursday in UTC */
    assert_int_equal(local.day, 28);
    assert_int_equal(local.hour, 22);
    assert_int_equal(local.minute, 30);
    assert_int_equal(local.second, 15);
    assert_int_equal(local.weekday, 2);
}

static void civil_times_become_instants(void **state)
{
    (void)state;
    assert_local(NEW_YORK, civil(2024, 1, 15, 9, 0), "2024-01-15T14:00:00Z");
    assert_local(NEW_YORK, civil(2024, 7, 15, 9, 0), "2024-07-15T13:00:00Z");
    assert_local(S("Asia/Kolkata"), civil(2024, 2, 29, 0, 0), "2024-02-28T18:30:00Z");
    assert_local(S("UTC"), civil(2024, 2, 29, 23, 59), "2024-02-29T23:59:00Z");
    assert_local(S("Europe/Madrid"), civil(2060, 7, 15, 9, 0), "2060-07-15T07:00:00Z");
}

static void a_skipped_time_moves_to_the_next_minute_that_exists(void **state)
{
    (void)state;
    assert_local(NEW_YORK, civil(2024, 3, 10, 1, 59), "2024-03-10T06:59:00Z");
    assert_local(NEW_YORK, civil(2024, 3, 10, 2, 0), "2024-03-10T07:00:00Z");
    assert_local(NEW_YORK, civil(2024, 3, 10, 2, 30), "2024-03-10T07:00:00Z");
    assert_local(NEW_YORK, civil(2024, 3, 10, 3, 0), "2024-03-10T07:00:00Z");
    assert_local(NEW_YORK, civil(2024, 3, 10, 3, 1), "2024-03-10T07:01:00Z");
    assert_local(S("Australia/Lord_Howe"), civil(2024, 10, 6, 2, 10), "2024-10-05T15:30:00Z");
    assert_local(S("Pacific/Apia"), civil(2011, 12, 30, 9, 0), "2011-12-30T10:00:00Z");
}

static void an_ambiguous_time_is_the_first_of_the_two(void **state)
{
    (void)state;
    assert_local(NEW_YORK, civil(2024, 11, 3, 0, 59), "2024-11-03T04:59:00Z");
    assert_local(NEW_YORK, civil(2024, 11, 3, 1, 0), "2024-11-03T05:00:00Z");
    assert_local(NEW_YORK, civil(2024, 11, 3, 1, 59), "2024-11-03T05:59:00Z");
    assert_local(NEW_YORK, civil(2024, 11, 3, 2, 0), "2024-11-03T07:00:00Z");
    assert_local(S("Australia/Lord_Howe"), civil(2024, 4, 7, 1, 45), "2024-04-06T14:45:00Z");
}

static void a_change_of_zone_is_seen_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_local(NEW_YORK, civil(2024, 1, 15, 9, 0), "2024-01-15T14:00:00Z");
        assert_local(S("Asia/Tokyo"), civil(2024, 1, 15, 9, 0), "2024-01-15T00:00:00Z");
    }
}

static void a_daily_plan_keeps_its_local_time_in_spring(void **state)
{
    static const char *const expected[] = {"2024-03-09T14:00:00Z", "2024-03-10T13:00:00Z",
                                           "2024-03-11T13:00:00Z"};
    struct schedule s = plan(NEW_YORK, "2024-03-09T00:00:00Z", "2024-03-12T00:00:00Z");

    (void)state;
    assert_slots(&s, expected, COUNT(expected));
}

static void a_post_in_the_skipped_hour_moves_and_comes_back(void **state)
{
    static const char *const expected[] = {"2024-03-09T07:30:00Z", "2024-03-10T07:00:00Z",
                                           "2024-03-11T06:30:00Z"};
    static const int half_past_two[] = {150};
    struct schedule s = plan(NEW_YORK, "2024-03-09T05:00:00Z", "2024-03-12T00:00:00Z");

    (void)state;
    s.times = half_past_two;
    assert_slots(&s, expected, COUNT(expected));
}

static void posts_that_the_skipped_hour_moves_together_are_one(void **state)
{
    static const char *const expected[] = {"2024-03-10T07:00:00Z", "2024-03-10T07:30:00Z"};
    static const int times[] = {120, 150, 180, 210};
    struct schedule s = plan(NEW_YORK, "2024-03-10T05:00:00Z", "2024-03-11T04:00:00Z");

    (void)state;
    s.times = times;
    s.times_count = COUNT(times);
    s.posts_per_day = 4;
    assert_slots(&s, expected, COUNT(expected));
}

static void a_post_in_the_repeated_hour_happens_once(void **state)
{
    static const char *const expected[] = {"2024-11-02T05:30:00Z", "2024-11-03T05:30:00Z",
                                           "2024-11-04T06:30:00Z"};
    static const int half_past_one[] = {90};
    struct schedule s = plan(NEW_YORK, "2024-11-02T04:00:00Z", "2024-11-05T05:00:00Z");

    (void)state;
    s.times = half_past_one;
    assert_slots(&s, expected, COUNT(expected));
}

static void an_hourly_plan_posts_once_for_each_hour_of_the_clock(void **state)
{
    struct schedule spring = plan(NEW_YORK, "2024-03-10T05:00:00Z", "2024-03-11T04:00:00Z");
    struct schedule autumn = plan(NEW_YORK, "2024-11-03T04:00:00Z", "2024-11-04T05:00:00Z");
    struct schedule plain = plan(NEW_YORK, "2024-06-01T04:00:00Z", "2024-06-02T04:00:00Z");

    (void)state;
    spring.cadence = autumn.cadence = plain.cadence = CADENCE_HOURLY;
    assert_int_equal(count_slots(&spring), 23);
    assert_int_equal(count_slots(&autumn), 24);
    assert_int_equal(count_slots(&plain), 24);
}

static void an_hourly_plan_keeps_the_minutes_and_the_hours_given(void **state)
{
    static const char *const expected[] = {"2024-06-01T09:10:00Z", "2024-06-01T09:40:00Z",
                                           "2024-06-01T10:10:00Z"};
    static const int times[] = {550, 1300}; /* at 10 and 40 past, and at 40 past again */
    struct schedule s = plan(S("UTC"), "2024-06-01T00:00:00Z", "2024-06-02T00:00:00Z");

    (void)state;
    s.cadence = CADENCE_HOURLY;
    s.times = times;
    s.times_count = COUNT(times);
    s.earliest = 9 * 60;
    s.latest = 10 * 60 + 30;
    assert_slots(&s, expected, COUNT(expected));
}

static void an_hourly_plan_without_times_posts_on_the_hour(void **state)
{
    static const char *const expected[] = {"2024-06-01T01:00:00Z", "2024-06-01T02:00:00Z"};
    struct schedule s = plan(S("UTC"), "2024-06-01T00:30:00Z", "2024-06-01T03:00:00Z");

    (void)state;
    s.cadence = CADENCE_HOURLY;
    s.times_count = 0;
    assert_slots(&s, expected, COUNT(expected));
}

static void a_leap_day_is_a_day(void **state)
{
    static const char *const expected[] = {"2024-02-28T03:30:00Z", "2024-02-29T03:30:00Z",
                                           "2024-03-01T03:30:00Z"};
    struct schedule s = plan(S("Asia/Kolkata"), "2024-02-28T00:00:00Z", "2024-03-02T00:00:00Z");

    (void)state;
    assert_slots(&s, expected, COUNT(expected));
}

static void a_monthly_plan_of_the_31st_takes_the_last_day(void **state)
{
    static const char *const expected[] = {"2024-01-31T09:00:00Z", "2024-02-29T09:00:00Z",
                                           "2024-03-31T09:00:00Z", "2024-04-30T09:00:00Z",
                                           "2024-05-31T09:00:00Z"};
    struct schedule s = plan(S("UTC"), "2024-01-31T00:00:00Z", "2024-06-01T00:00:00Z");

    (void)state;
    s.cadence = CADENCE_MONTHLY;
    assert_slots(&s, expected, COUNT(expected));
}

static void a_weekly_plan_keeps_the_local_weekday_of_its_start(void **state)
{
    /* It is Tuesday in Tokyo, still Monday in UTC. */
    static const char *const expected[] = {"2024-06-04T00:00:00Z", "2024-06-11T00:00:00Z",
                                           "2024-06-18T00:00:00Z"};
    struct schedule s = plan(S("Asia/Tokyo"), "2024-06-03T16:00:00Z", "2024-06-25T00:00:00Z");

    (void)state;
    s.cadence = CADENCE_WEEKLY;
    assert_slots(&s, expected, COUNT(expected));
}

static void a_plan_of_weekdays_rests_at_weekends(void **state)
{
    static const char *const expected[] = {"2024-06-06T09:00:00Z", "2024-06-07T09:00:00Z",
                                           "2024-06-10T09:00:00Z"};
    struct schedule s = plan(S("UTC"), "2024-06-06T00:00:00Z", "2024-06-11T00:00:00Z");

    (void)state;
    s.cadence = CADENCE_WEEKDAYS;
    assert_slots(&s, expected, COUNT(expected));
}

static void excluded_days_have_no_posts(void **state)
{
    static const char *const expected[] = {"2024-06-05T09:00:00Z", "2024-06-08T09:00:00Z"};
    struct schedule s = plan(S("UTC"), "2024-06-05T00:00:00Z", "2024-06-10T00:00:00Z");

    (void)state;
    s.excluded_days = 1u << DAY_THURSDAY | 1u << DAY_FRIDAY | 1u << DAY_SUNDAY;
    assert_slots(&s, expected, COUNT(expected));
    s.excluded_days = ~0u;
    assert_int_equal(count_slots(&s), 0);
}

static void posts_beyond_the_times_are_spread(void **state)
{
    static const char *const expected[] = {"2024-06-05T08:15:00Z", "2024-06-05T12:00:00Z",
                                           "2024-06-05T18:00:00Z"};
    static const int times[] = {8 * 60 + 15};
    struct schedule s = plan(S("UTC"), "2024-06-05T00:00:00Z", "2024-06-06T00:00:00Z");

    (void)state;
    s.times = times;
    s.posts_per_day = 3;
    assert_slots(&s, expected, COUNT(expected));
}

static void spread_posts_keep_the_hours_given(void **state)
{
    static const char *const expected[] = {"2024-06-05T22:15:00Z", "2024-06-05T22:45:00Z"};
    static const char *const evening[] = {"2024-06-05T22:29:00Z", "2024-06-05T23:29:00Z"};
    struct schedule s = plan(S("UTC"), "2024-06-05T00:00:00Z", "2024-06-06T00:00:00Z");

    (void)state;
    s.times_count = 0;
    s.posts_per_day = 2;
    s.earliest = 22 * 60;
    s.latest = 23 * 60;
    assert_slots(&s, expected, COUNT(expected));
    s.latest = -1;
    assert_slots(&s, evening, COUNT(evening));
}

static void times_beyond_the_posts_are_left_out(void **state)
{
    static const char *const expected[] = {"2024-06-05T07:00:00Z", "2024-06-05T18:00:00Z"};
    static const int times[] = {1080, 420, 720};
    struct schedule s = plan(S("UTC"), "2024-06-05T00:00:00Z", "2024-06-06T00:00:00Z");

    (void)state;
    s.times = times;
    s.times_count = COUNT(times);
    s.posts_per_day = 2;
    assert_slots(&s, expected, COUNT(expected));
}

static void times_outside_the_hours_move_to_the_edge(void **state)
{
    static const char *const expected[] = {"2024-06-05T10:00:00Z", "2024-06-05T19:58:00Z",
                                           "2024-06-05T19:59:00Z", "2024-06-05T20:00:00Z"};
    static const int times[] = {300, 1260, 1320, 1200};
    struct schedule s = plan(S("UTC"), "2024-06-05T00:00:00Z", "2024-06-06T00:00:00Z");

    (void)state;
    s.times = times;
    s.times_count = COUNT(times);
    s.posts_per_day = 4;
    s.earliest = 600;
    s.latest = 1200;
    assert_slots(&s, expected, COUNT(expected));
}

static void a_window_of_minutes_holds_one_post_each(void **state)
{
    struct schedule s = plan(S("UTC"), "2024-06-05T00:00:00Z", "2024-06-06T00:00:00Z");

    (void)state;
    s.posts_per_day = 24;
    s.earliest = 600;
    s.latest = 604;
    assert_int_equal(count_slots(&s), 5);
}

static void the_start_belongs_to_the_plan_and_the_end_does_not(void **state)
{
    static const char *const expected[] = {"2024-06-05T09:00:00Z", "2024-06-06T09:00:00Z"};
    struct schedule s = plan(S("UTC"), "2024-06-05T09:00:00Z", "2024-06-07T09:00:00Z");

    (void)state;
    assert_slots(&s, expected, COUNT(expected));
    s.starts_ms++;
    assert_slots(&s, expected + 1, 1);
    s.ends_ms = s.starts_ms;
    assert_slots(&s, expected, 0);
}

static void a_part_of_a_plan_is_cut_like_the_whole(void **state)
{
    struct schedule s = plan(NEW_YORK, "2024-02-01T00:00:00Z", "2024-05-01T00:00:00Z");
    int64_t whole[MANY], part[MANY];
    size_t n, joined = 0;

    (void)state;
    s.posts_per_day = 5;
    n = schedule_slots(&s, 0, INT64_MAX, whole, MANY);
    for (int64_t from = s.starts_ms; from < s.ends_ms; from += 7 * HOUR_MS) {
        size_t found = schedule_slots(&s, from, from + 7 * HOUR_MS, part, MANY);
        assert_true(joined + found <= n);
        assert_memory_equal(part, whole + joined, found * sizeof *part);
        joined += found;
    }
    assert_int_equal(joined, n);
}

static void no_more_slots_than_asked_for(void **state)
{
    struct schedule s = plan(S("UTC"), "2024-06-05T00:00:00Z", "2024-07-05T00:00:00Z");
    int64_t slots[3] = {0, 0, -1};

    (void)state;
    assert_int_equal(schedule_slots(&s, 0, INT64_MAX, slots, 2), 2);
    assert_int_equal(slots[2], -1);
    assert_int_equal(schedule_slots(&s, 0, INT64_MAX, NULL, 0), 0);
}

static void ninety_days_twice_a_day_are_180_posts_in_any_zone(void **state)
{
    static const char *const zones[] = {"UTC", "America/New_York", "Australia/Lord_Howe",
                                        "Asia/Kolkata", "Pacific/Chatham"};
    static const int times[] = {540, 840};

    (void)state;
    for (size_t i = 0; i < COUNT(zones); i++) {
        struct schedule s = plan(str_of(zones[i]), "2024-02-15T12:00:00Z", "2024-05-15T12:00:00Z");
        s.times = times;
        s.times_count = COUNT(times);
        s.posts_per_day = 2;
        assert_int_equal(count_slots(&s), 180);
    }
}

static void a_plan_without_cadence_has_no_posts(void **state)
{
    struct schedule s = plan(S("UTC"), "2024-06-05T00:00:00Z", "2024-07-05T00:00:00Z");

    (void)state;
    s.cadence = CADENCE_NONE;
    assert_int_equal(count_slots(&s), 0);
}

static void times_of_day_are_five_strict_characters(void **state)
{
    static const char *const wrong[] = {"",      "9:00",  "09:0",  "09:000", "24:00", "23:60",
                                        "-1:00", "09.00", "0900 ", " 9:00",  "ab:cd", "09:00Z"};
    (void)state;
    assert_int_equal(time_of_day(S("00:00")), 0);
    assert_int_equal(time_of_day(S("09:30")), 570);
    assert_int_equal(time_of_day(S("23:59")), 1439);
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(time_of_day(str_of(wrong[i])), -1);
    assert_int_equal(time_of_day((struct str){0}), -1);
}

static void names_are_in_the_order_of_their_enums(void **state)
{
    (void)state;
    assert_int_equal(cadence_names.n, CADENCE_MONTHLY + 1);
    assert_true(str_eq(cadence_names.at[CADENCE_WEEKDAYS], S("weekdays")));
    assert_true(str_eq(cadence_names.at[CADENCE_MONTHLY], S("monthly")));
    assert_int_equal(weekday_names.n, DAY_SUNDAY + 1);
    assert_true(str_eq(weekday_names.at[DAY_MONDAY], S("monday")));
    assert_true(str_eq(weekday_names.at[DAY_SUNDAY], S("sunday")));
}

/* A week whose hours are as good as the digits say, each day alike. */
static struct week week_of(const char *digits)
{
    struct week w;
    for (int day = 0; day < 7; day++)
        for (int hour = 0; hour < 24; hour++)
            w.score[day][hour] = digits[hour] - '0';
    return w;
}

static void posts_stand_at_the_best_hours_of_their_weekday(void **state)
{
    static const char *const expected[] = {"2024-01-15T12:00:00Z", "2024-01-15T18:00:00Z",
                                           "2024-01-16T12:00:00Z", "2024-01-16T18:00:00Z",
                                           "2024-01-17T06:00:00Z", "2024-01-17T18:00:00Z"};
    struct week w = week_of("000000000004987000500000");
    struct schedule s = plan(S("UTC"), "2024-01-15T00:00:00Z", "2024-01-18T00:00:00Z");
    (void)state;
    w.score[2][6] = 10;
    w.score[2][12] = w.score[2][13] = w.score[2][14] = w.score[2][11] = 0;
    s.times_count = 0;
    s.posts_per_day = 2;
    s.week = &w;
    assert_slots(&s, expected, COUNT(expected)); /* one or two o'clock would be too near to noon */
}

static void good_hours_keep_to_posting_times_and_bounds(void **state)
{
    static const char *const stated_first[] = {"2024-01-15T09:00:00Z", "2024-01-15T12:00:00Z"};
    static const char *const at_the_edge[] = {"2024-01-15T13:30:00Z", "2024-01-15T16:00:00Z"};
    struct week w = week_of("999999999999800090000099");
    struct schedule s = plan(S("UTC"), "2024-01-15T00:00:00Z", "2024-01-16T00:00:00Z");
    (void)state;
    s.posts_per_day = 2; /* at nine as is stated, and at a good hour away from it */
    s.earliest = 9 * 60;
    s.latest = 13 * 60 + 30;
    s.week = &w;
    assert_slots(&s, stated_first, COUNT(stated_first));
    s.earliest = 13 * 60 + 30;
    s.latest = 16 * 60 + 30;
    s.times_count = 0;
    w = week_of("000000000000010030000000");
    assert_slots(&s, at_the_edge, COUNT(at_the_edge));
}

static void where_good_hours_are_too_few_posts_are_spread(void **state)
{
    struct week w = week_of("000000000100000000000000");
    struct schedule s = plan(S("UTC"), "2024-01-15T00:00:00Z", "2024-01-16T00:00:00Z");
    (void)state;
    s.times_count = 0;
    s.posts_per_day = 24;
    s.week = &w;
    assert_int_equal(count_slots(&s), 24);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones_of_the_database_are_known),
        cmocka_unit_test(names_that_are_no_zones_are_not_known),
        cmocka_unit_test(offsets_follow_the_zone_and_the_season),
        cmocka_unit_test(the_civil_time_has_the_weekday_of_its_own_date),
        cmocka_unit_test(civil_times_become_instants),
        cmocka_unit_test(a_skipped_time_moves_to_the_next_minute_that_exists),
        cmocka_unit_test(an_ambiguous_time_is_the_first_of_the_two),
        cmocka_unit_test(a_change_of_zone_is_seen_at_once),
        cmocka_unit_test(a_daily_plan_keeps_its_local_time_in_spring),
        cmocka_unit_test(a_post_in_the_skipped_hour_moves_and_comes_back),
        cmocka_unit_test(posts_that_the_skipped_hour_moves_together_are_one),
        cmocka_unit_test(a_post_in_the_repeated_hour_happens_once),
        cmocka_unit_test(an_hourly_plan_posts_once_for_each_hour_of_the_clock),
        cmocka_unit_test(an_hourly_plan_keeps_the_minutes_and_the_hours_given),
        cmocka_unit_test(an_hourly_plan_without_times_posts_on_the_hour),
        cmocka_unit_test(a_leap_day_is_a_day),
        cmocka_unit_test(a_monthly_plan_of_the_31st_takes_the_last_day),
        cmocka_unit_test(a_weekly_plan_keeps_the_local_weekday_of_its_start),
        cmocka_unit_test(a_plan_of_weekdays_rests_at_weekends),
        cmocka_unit_test(excluded_days_have_no_posts),
        cmocka_unit_test(posts_beyond_the_times_are_spread),
        cmocka_unit_test(spread_posts_keep_the_hours_given),
        cmocka_unit_test(times_beyond_the_posts_are_left_out),
        cmocka_unit_test(times_outside_the_hours_move_to_the_edge),
        cmocka_unit_test(a_window_of_minutes_holds_one_post_each),
        cmocka_unit_test(the_start_belongs_to_the_plan_and_the_end_does_not),
        cmocka_unit_test(a_part_of_a_plan_is_cut_like_the_whole),
        cmocka_unit_test(no_more_slots_than_asked_for),
        cmocka_unit_test(ninety_days_twice_a_day_are_180_posts_in_any_zone),
        cmocka_unit_test(a_plan_without_cadence_has_no_posts),
        cmocka_unit_test(times_of_day_are_five_strict_characters),
        cmocka_unit_test(posts_stand_at_the_best_hours_of_their_weekday),
        cmocka_unit_test(good_hours_keep_to_posting_times_and_bounds),
        cmocka_unit_test(where_good_hours_are_too_few_posts_are_spread),
        cmocka_unit_test(names_are_in_the_order_of_their_enums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
