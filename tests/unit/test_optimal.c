/* test_optimal.c: when an audience is likely to be there. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "domain/optimal.h"
#include "domain/zone.h"

enum { WEEKEND = 5 /* Saturday */ };

static const struct str zones[] = {S("UTC"), S("Europe/Madrid"), S("America/New_York"),
                                   S("Asia/Kolkata"), S("Asia/Kathmandu")};
static const int64_t monday_ms = INT64_C(1704067200000); /* 2024-01-01T00:00:00Z */

/* Every quarter of an hour of a week, on every platform, in every zone. */
static void it_is_the_next_good_full_hour_everywhere(void **state)
{
    (void)state;
    for (size_t z = 0; z < sizeof zones / sizeof *zones; z++) {
        for (int p = PLATFORM_NONE + 1; p < PLATFORM_COUNT; p++) {
            int64_t last = 0;
            for (int64_t from = monday_ms; from < monday_ms + 7 * DAY_MS; from += HOUR_MS / 4) {
                int64_t ms = optimal_time((enum platform)p, zones[z], from);
                struct civil local;
                zone_civil(zones[z], ms, &local, NULL);
                assert_true(ms >= from && ms <= from + 3 * DAY_MS);
                assert_true(ms >= last);
                assert_int_equal(local.minute, 0);
                assert_int_equal(local.second, 0);
                assert_int_equal(optimal_time((enum platform)p, zones[z], ms), ms);
                last = ms;
            }
        }
    }
}

static void no_good_hour_is_left_out(void **state)
{
    (void)state;
    for (size_t z = 0; z < sizeof zones / sizeof *zones; z++) {
        for (int p = PLATFORM_NONE + 1; p < PLATFORM_COUNT; p++) {
            int64_t from = monday_ms;
            while (from < monday_ms + 7 * DAY_MS) {
                int64_t next = optimal_time((enum platform)p, zones[z], from);
                assert_int_equal(optimal_time((enum platform)p, zones[z], next - MINUTE_MS), next);
                from = next + 1;
            }
        }
    }
}

static void work_is_not_discussed_on_weekends(void **state)
{
    static const enum platform of_work[] = {PLATFORM_LINKEDIN, PLATFORM_GOOGLE_BUSINESS};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (int64_t from = monday_ms; from < monday_ms + 7 * DAY_MS; from += HOUR_MS) {
            int64_t ms = optimal_time(of_work[i], S("America/New_York"), from);
            struct civil local;
            zone_civil(S("America/New_York"), ms, &local, NULL);
            assert_true(local.weekday < WEEKEND);
        }
    }
}

static void the_hours_are_those_of_the_audience(void **state)
{
    int64_t madrid = optimal_time(PLATFORM_LINKEDIN, S("Europe/Madrid"), monday_ms);
    (void)state;
    assert_int_equal(madrid, monday_ms + 7 * HOUR_MS); /* 08:00 there */
    assert_int_equal(optimal_time(PLATFORM_LINKEDIN, S("UTC"), monday_ms), madrid + HOUR_MS);
    assert_int_equal(optimal_time(PLATFORM_LINKEDIN, S("No/Zone"), monday_ms), madrid + HOUR_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_next_good_full_hour_everywhere),
        cmocka_unit_test(no_good_hour_is_left_out),
        cmocka_unit_test(work_is_not_discussed_on_weekends),
        cmocka_unit_test(the_hours_are_those_of_the_audience),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
