/* test_any_plan.c: what holds for every plan that a mission may state, over the changes of daylight
 * saving: made up from a seed, so that a failure comes back. Single plans are test_calendar.c's. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "domain/calendar.h"
#include "pipeline/strategy.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { MANY = 4000 };

static int64_t at(const char *text)
{
    int64_t ms = 0;
    if (!time_parse(str_of(text), &ms))
        fail_msg("not a time: %s", text);
    return ms;
}

static uint64_t seed;

static int below(int n)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (int)((seed >> 33) % (uint64_t)n);
}

/* A plan over a change of daylight saving, with whatever a mission may state. */
static void make_up(struct schedule *s, int *times, struct week *w)
{
    static const struct {
        const char *zone, *around;
    } changes[] = {{"Europe/Berlin", "2024-03-31T00:00:00Z"},
                   {"Europe/Berlin", "2024-10-27T00:00:00Z"},
                   {"America/New_York", "2024-03-10T00:00:00Z"},
                   {"America/New_York", "2024-11-03T00:00:00Z"},
                   {"Australia/Lord_Howe", "2024-04-06T12:00:00Z"},
                   {"Australia/Lord_Howe", "2024-10-05T12:00:00Z"},
                   {"UTC", "2024-02-29T00:00:00Z"}};
    size_t row = (size_t)below(COUNT(changes));
    *s = (struct schedule){.zone = str_of(changes[row].zone),
                           .cadence = (enum cadence)(CADENCE_DAILY + below(4)),
                           .posts_per_day = 1 + below(24),
                           .times = times,
                           .earliest = below(2) ? below(12 * 60) : -1,
                           .latest = below(2) ? 12 * 60 + below(12 * 60) : -1,
                           .excluded_days = (unsigned)below(127) << DAY_MONDAY,
                           .week = below(2) ? w : NULL};
    s->times_count = (size_t)below(s->posts_per_day + 1);
    for (size_t i = 0; i < s->times_count; i++)
        times[i] = below(24 * 60);
    for (int day = 0; day < 7; day++)
        for (int hour = 0; hour < 24; hour++)
            w->score[day][hour] = below(3) ? below(1000) / 1000.0 : 0;
    s->starts_ms = at(changes[row].around) - (int64_t)below(20 * 24 * 60) * MINUTE_MS;
    s->ends_ms = at(changes[row].around) + (int64_t)(1 + below(20 * 24 * 60)) * MINUTE_MS;
}

static bool is_allowed_day(const struct schedule *s, const struct civil *day)
{
    return !(s->excluded_days >> (day->weekday + DAY_MONDAY) & 1u) &&
           (s->cadence != CADENCE_WEEKDAYS || day->weekday < 5);
}

/* The hour that is skipped in spring is the only one in which a post may stand outside of the
 * plan's own hours: it has moved to the next minute that there is. */
static bool was_skipped(struct str zone, int64_t slot)
{
    int before, after;
    zone_civil(zone, slot - MINUTE_MS, NULL, &before);
    zone_civil(zone, slot, NULL, &after);
    return after > before;
}

static void assert_kept(const struct schedule *s, const int64_t *slots, size_t n)
{
    int of_day = 0;
    struct civil last = {0};
    for (size_t i = 0; i < n; i++) {
        struct civil t;
        zone_civil(s->zone, slots[i], &t, NULL);
        int minute = t.hour * 60 + t.minute;
        assert_true(slots[i] >= s->starts_ms && slots[i] < s->ends_ms);
        assert_true(i == 0 || slots[i] >= slots[i - 1] + MINUTE_MS);
        assert_int_equal(t.second, 0);
        of_day = i && t.day == last.day && t.month == last.month ? of_day + 1 : 1;
        assert_true(of_day <= s->posts_per_day);
        last = t;
        assert_true(is_allowed_day(s, &t));
        if (was_skipped(s->zone, slots[i]))
            continue;
        assert_true(s->earliest < 0 || minute >= s->earliest);
        assert_true(s->latest < 0 || minute <= s->latest);
    }
}

static void any_plan_keeps_its_days_hours_and_numbers(void **state)
{
    enum { PLANS = 4000 };
    static int64_t slots[MANY];
    int times[24];
    struct week w;
    (void)state;
    seed = 20240331;
    for (int i = 0; i < PLANS; i++) {
        struct schedule s;
        make_up(&s, times, &w);
        assert_kept(&s, slots, schedule_slots(&s, 0, INT64_MAX, slots, MANY));
    }
}

/* Whole days of plans that leave room have all their posts, but those that daylight saving moves
 * together. */
static void any_day_has_all_its_posts(void **state)
{
    enum { PLANS = 2000 };
    int times[24];
    struct week w;
    (void)state;
    seed = 20241103;
    for (int i = 0; i < PLANS; i++) {
        struct schedule s;
        int64_t slots[64];
        struct civil day;
        make_up(&s, times, &w);
        s.cadence = CADENCE_DAILY;
        s.excluded_days = 0;
        zone_civil(s.zone, s.starts_ms, &day, NULL);
        day.hour = day.minute = day.second = 0;
        s.starts_ms = zone_instant(s.zone, &day);
        day = civil_of(civil_ms(&day) + DAY_MS);
        s.ends_ms = zone_instant(s.zone, &day);
        size_t n = schedule_slots(&s, 0, INT64_MAX, slots, COUNT(slots));
        bool whole = s.ends_ms - s.starts_ms == DAY_MS;
        assert_true(whole ? n == (size_t)s.posts_per_day : n <= (size_t)s.posts_per_day);
    }
}

static void any_part_of_a_plan_is_that_of_the_whole(void **state)
{
    enum { PLANS = 300 };
    static int64_t all[MANY], part[MANY];
    int times[24];
    struct week w;
    (void)state;
    seed = 20241027;
    for (int i = 0; i < PLANS; i++) {
        struct schedule s;
        make_up(&s, times, &w);
        size_t n = schedule_slots(&s, 0, INT64_MAX, all, MANY);
        size_t first = n ? (size_t)below((int)n) : 0;
        size_t got = schedule_slots(&s, n ? all[first] : 0, INT64_MAX, part, MANY);
        assert_int_equal(got, n - first);
        for (size_t k = 0; k < got; k++)
            assert_int_equal(part[k], all[first + k]);
    }
}

static int64_t weight(const void *of, size_t i)
{
    return ((const int64_t *)of)[i];
}

/* Of any stretch from the first on, each has its share within one: pillars and types. */
static void any_weights_have_their_shares_within_one(void **state)
{
    enum { ROUNDS = 200, TURNS = 150, PARTS = 8 };
    (void)state;
    seed = 7;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t weights[PARTS], sum = 0;
        int turns[PARTS] = {0};
        size_t n = 2 + (size_t)below(PARTS - 1);
        for (size_t i = 0; i < n; i++) {
            weights[i] = 1 + below(50);
            sum += weights[i];
        }
        for (uint64_t k = 0; k < TURNS; k++) {
            turns[rota(weight, weights, n, k)]++;
            for (size_t i = 0; i < n; i++) {
                double share = (double)(k + 1) * (double)weights[i] / (double)sum;
                assert_true(turns[i] > share - 1.0 && turns[i] < share + 1.0);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_plan_keeps_its_days_hours_and_numbers),
        cmocka_unit_test(any_day_has_all_its_posts),
        cmocka_unit_test(any_part_of_a_plan_is_that_of_the_whole),
        cmocka_unit_test(any_weights_have_their_shares_within_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
