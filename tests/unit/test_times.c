/* test_times.c: the promises of domain/times.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "domain/optimal.h"
#include "domain/times.h"

static int set_up(void **state)
{
    *state = arena_new(16 << 20);
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static const struct schedule all_day = {
    .cadence = CADENCE_DAILY, .posts_per_day = 2, .earliest = -1, .latest = -1};

static struct times default_times(struct arena *a, const struct schedule *s)
{
    struct week w;
    optimal_week(PLATFORM_TWITTER, &w);
    return times_make(a, s, &w, TIMES_DEFAULT);
}

static const struct good_hour *hours_of(const struct times *t, size_t day)
{
    return ((const struct good_day *)t->week.at)[day].hours.at;
}

static void good_hours_are_listed_by_weekday_the_best_first(void **state)
{
    struct times t = default_times(*state, &all_day);
    assert_int_equal(t.source, TIMES_DEFAULT);
    assert_int_equal(t.week.n, 7);
    for (size_t day = 0; day < 7; day++) {
        const struct good_hour *h = hours_of(&t, day);
        assert_int_equal(((const struct good_day *)t.week.at)[day].hours.n, 8);
        assert_int_equal(h[0].hour, 9);
        assert_int_equal(h[1].hour, 12);
        assert_int_equal(h[2].hour, 17);
        for (size_t i = 1; i < 8; i++)
            assert_true(h[i].score <= h[i - 1].score);
    }
}

static void what_the_mission_excludes_is_not_among_them(void **state)
{
    struct schedule s = all_day;
    s.cadence = CADENCE_WEEKDAYS;
    s.excluded_days = 1u << DAY_TUESDAY;
    s.earliest = 11 * 60 + 30;
    s.latest = 15 * 60;
    struct times t = default_times(*state, &s);
    assert_int_equal(t.week.n, 4);
    for (size_t day = 0; day < 4; day++) {
        struct good_day d = ((const struct good_day *)t.week.at)[day];
        assert_true(d.weekday != DAY_TUESDAY && d.weekday <= DAY_FRIDAY);
        assert_int_equal(d.hours.n, 5);
        for (size_t i = 0; i < d.hours.n; i++)
            assert_true(hours_of(&t, day)[i].hour >= 11 && hours_of(&t, day)[i].hour <= 15);
    }
}

static void too_few_posts_teach_nothing(void **state)
{
    struct figures by_hour[DAY_HOURS] = {[17] = {TIMES_MIN_POSTS - 1, 10000, 5000, 0}};
    struct times planned = default_times(*state, &all_day);
    struct times t = times_learn(*state, &planned, by_hour);
    assert_int_equal(t.source, TIMES_DEFAULT);
    assert_int_equal(t.results.n, 0);
    assert_int_equal(hours_of(&t, 0)[0].hour, 9);
}

static void hours_that_did_better_come_first(void **state)
{
    struct figures by_hour[DAY_HOURS] = {[9] = {15, 15000, 300, 0}, [17] = {15, 15000, 1500, 0}};
    struct times planned = default_times(*state, &all_day);
    struct times t = times_learn(*state, &planned, by_hour);
    const struct hour_result *r = t.results.at;
    assert_int_equal(t.source, TIMES_RESULTS);
    assert_int_equal(t.base, TIMES_DEFAULT);
    assert_int_equal(hours_of(&t, 0)[0].hour, 17);
    assert_int_equal(hours_of(&t, 0)[1].hour, 12); /* unknown is better than bad */
    assert_int_equal(t.results.n, 2);
    assert_true(r[0].hour == 9 && r[0].lift < 1);
    assert_true(r[1].hour == 17 && r[1].lift > 1);
}

static void lifts_do_not_compound(void **state)
{
    struct figures by_hour[DAY_HOURS] = {[9] = {15, 15000, 300, 0}, [17] = {15, 15000, 1500, 0}};
    struct times planned = default_times(*state, &all_day);
    struct times once = times_learn(*state, &planned, by_hour);
    struct times twice = times_learn(*state, &once, by_hour);
    assert_true(
        str_eq(shape_text(*state, &times_shape, &once), shape_text(*state, &times_shape, &twice)));
}

static void a_document_reads_back_as_the_same_week(void **state)
{
    struct figures by_hour[DAY_HOURS] = {[9] = {15, 15000, 300, 0}, [17] = {15, 15000, 1500, 0}};
    struct times planned = default_times(*state, &all_day), read;
    struct times t = times_learn(*state, &planned, by_hour);
    struct week a, b;
    assert_null(shape_parse(*state, &times_shape, shape_text(*state, &times_shape, &t), &read));
    times_week(&t, &a);
    times_week(&read, &b);
    for (int day = 0; day < 7; day++)
        for (int hour = 0; hour < 24; hour++)
            assert_float_equal(a.score[day][hour], b.score[day][hour], 0.001);
    assert_true(a.score[6][17] > a.score[6][9] && a.score[6][3] <= 0);
}

static void hours_are_in_the_order_of_the_scores_that_are_shown(void **state)
{
    struct week w = {.score = {[0] = {[12] = 0.8001, [15] = 0.8004, [19] = 1}}};
    struct figures by_hour[DAY_HOURS] = {{0}};
    struct times t = times_make(*state, &all_day, &w, TIMES_PROVIDER);
    assert_int_equal(hours_of(&t, 0)[1].hour, 12); /* both are 0.8 */
    t = times_learn(*state, &t, by_hour);
    assert_int_equal(hours_of(&t, 0)[1].hour, 12);
    assert_int_equal(hours_of(&t, 0)[2].hour, 15);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(good_hours_are_listed_by_weekday_the_best_first),
        TEST(what_the_mission_excludes_is_not_among_them),
        TEST(too_few_posts_teach_nothing),
        TEST(hours_that_did_better_come_first),
        TEST(lifts_do_not_compound),
        TEST(a_document_reads_back_as_the_same_week),
        TEST(hours_are_in_the_order_of_the_scores_that_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
