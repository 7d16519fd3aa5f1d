/* test_figures.c: the promises of domain/figures.h and domain/analytics.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <math.h>
#include <cmocka.h>

#include "base/clock.h"
#include "domain/analytics.h"

static int make_arena(void **state)
{
    *state = arena_new(8 * 1024 * 1024);
    return 0;
}

static int free_arena(void **state)
{
    arena_free(*state);
    return 0;
}

static void assert_text(struct str actual, const char *expected)
{
    struct str e = str_of(expected);
    if (!str_eq(actual, e))
        fail_msg("%.*s is not %s", STR(actual), expected);
}

static int64_t day(const char *date)
{
    int64_t ms = 0;
    assert_true(date_parse(str_of(date), &ms));
    return ms / DAY_MS;
}

static struct figures_query asked(int period)
{
    return (struct figures_query){.period = period, .granularity = GRANULARITY_DAY};
}

static struct figures_query between(const char *start, const char *end)
{
    return (struct figures_query){.start_date = str_of(start), .end_date = str_of(end)};
}

static void assert_period(struct period p, const char *first, const char *last)
{
    assert_int_equal(p.first, day(first));
    assert_int_equal(p.last, day(last));
}

static void a_period_ends_today_and_counts_today(void **state)
{
    static const struct {
        int period;
        const char *today, *first;
    } rows[] = {
        {PERIOD_7D, "2024-03-01", "2024-02-24"},   {PERIOD_30D, "2024-03-01", "2024-02-01"},
        {PERIOD_NONE, "2024-03-01", "2024-02-01"}, {PERIOD_90D, "2023-03-31", "2023-01-01"},
        {PERIOD_YTD, "2024-12-31", "2024-01-01"},  {PERIOD_YTD, "2025-01-01", "2025-01-01"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct figures_query q = asked(rows[i].period);
        assert_period(period_of(&q, day(rows[i].today), 0), rows[i].first, rows[i].today);
    }
}

static void all_begins_with_the_first_day_that_has_figures(void **state)
{
    struct figures_query q = asked(PERIOD_ALL);
    (void)state;
    assert_period(period_of(&q, day("2024-03-01"), day("2022-11-30")), "2022-11-30", "2024-03-01");
    assert_period(period_of(&q, day("2024-03-01"), day("2024-05-01")), "2024-03-01", "2024-03-01");
}

static void dates_are_both_counted(void **state)
{
    struct figures_query q = between("2024-02-28", "2024-03-01");
    struct period p = period_of(&q, day("2020-01-01"), 0);
    (void)state;
    assert_period(p, "2024-02-28", "2024-03-01");
    assert_int_equal(p.last - p.first + 1, 3); /* the leap day is one of them */
}

static void the_period_before_is_as_long_and_touches(void **state)
{
    struct period leap = {day("2024-03-01"), day("2024-03-31")};
    struct period one = {day("2024-01-01"), day("2024-01-01")};
    (void)state;
    assert_period(period_before(&leap), "2024-01-30", "2024-02-29");
    assert_period(period_before(&one), "2023-12-31", "2023-12-31");
}

static void a_query_that_contradicts_itself_is_refused_by_name(void **state)
{
    static const struct {
        struct figures_query query;
        const char *param; /* NULL: it is fine */
    } rows[] = {
        {{.start_date = S("2024-01-02"), .end_date = S("2024-01-01")}, "end_date"},
        {{.start_date = S("2024-01-02")}, "end_date"},
        {{.end_date = S("2024-01-02")}, "start_date"},
        {{.period = PERIOD_7D, .start_date = S("2024-01-01"), .end_date = S("2024-01-02")},
         "period"},
        {{.period = PERIOD_7D, .end_date = S("2024-01-02")}, "period"},
        {{.start_date = S("2024-01-01"), .end_date = S("2024-01-01")}, NULL},
        {{.period = PERIOD_ALL}, NULL},
        {{0}, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct figures_query q = rows[i].query;
        error e = figures_query_shape.check(*state, &q);
        if (rows[i].param) {
            assert_true(error_is(e, ERR_INVALID_REQUEST));
            assert_text(e->param, rows[i].param);
        } else {
            assert_null(e);
        }
    }
}

static void platforms_become_bits(void **state)
{
    static const int two[] = {PLATFORM_TWITTER, PLATFORM_MASTODON};
    struct figures_query q = {.platforms = {two, 2}};
    (void)state;
    assert_int_equal(figures_platforms(&q), 1 << PLATFORM_TWITTER | 1 << PLATFORM_MASTODON);
    q.platforms.n = 0;
    assert_int_equal(figures_platforms(&q), 0);
}

static struct series series_of(void *a, const char *first, const char *last, enum granularity g)
{
    struct period p = {day(first), day(last)};
    struct series s = {0};
    assert_null(series_make(a, &p, g, &s));
    return s;
}

static void a_series_has_a_point_for_each_day(void **state)
{
    struct series s = series_of(*state, "2024-02-28", "2024-03-01", GRANULARITY_DAY);
    assert_int_equal(s.n, 3);
    assert_text(s.points[0].date, "2024-02-28");
    assert_text(s.points[1].date, "2024-02-29");
    assert_text(s.points[2].date, "2024-03-01");
    assert_int_equal(s.points[1].posts, 0);
}

static void weeks_begin_on_monday_and_the_year_does_not_matter(void **state)
{
    /* Sunday; Monday of week 1 of 2025, in 2024; Sunday; Monday. */
    struct series s = series_of(*state, "2024-12-29", "2025-01-06", GRANULARITY_WEEK);
    struct figures f = {.posts = 1};
    assert_int_equal(s.n, 3);
    assert_text(s.points[0].date, "2024-12-23");
    assert_text(s.points[1].date, "2024-12-30");
    assert_text(s.points[2].date, "2025-01-06");
    series_add(&s, day("2024-12-28"), &f); /* in the week, not in the period */
    series_add(&s, day("2024-12-29"), &f);
    series_add(&s, day("2024-12-30"), &f);
    series_add(&s, day("2025-01-05"), &f);
    series_add(&s, day("2025-01-06"), &f);
    series_add(&s, day("2025-01-07"), &f);
    assert_int_equal(s.points[0].posts, 1);
    assert_int_equal(s.points[1].posts, 2);
    assert_int_equal(s.points[2].posts, 1);
}

static void months_are_as_long_as_they_are(void **state)
{
    struct series s = series_of(*state, "2023-12-15", "2024-03-01", GRANULARITY_MONTH);
    struct figures f = {.impressions = 10, .engagements = 1};
    assert_int_equal(s.n, 4);
    assert_text(s.points[0].date, "2023-12-01");
    assert_text(s.points[2].date, "2024-02-01");
    series_add(&s, day("2024-02-01"), &f);
    series_add(&s, day("2024-02-29"), &f);
    series_add(&s, day("2024-03-01"), &f);
    assert_int_equal(s.points[1].impressions, 0);
    assert_int_equal(s.points[2].impressions, 20);
    assert_int_equal(s.points[2].engagements, 2);
    assert_int_equal(s.points[3].impressions, 10);
}

static void hours_are_told_as_times(void **state)
{
    struct series s = series_of(*state, "2024-02-29", "2024-03-01", GRANULARITY_HOUR);
    struct figures f = {.engagements = 7};
    assert_int_equal(s.n, 48);
    assert_text(s.points[0].date, "2024-02-29T00:00:00Z");
    assert_text(s.points[47].date, "2024-03-01T23:00:00Z");
    series_add(&s, day("2024-02-29") * 24 - 1, &f);
    series_add(&s, day("2024-03-01") * 24 + 23, &f);
    series_add(&s, day("2024-03-02") * 24, &f);
    assert_int_equal(s.points[47].engagements, 7);
    assert_int_equal(s.points[0].engagements, 0);
}

static void a_series_without_end_is_refused(void **state)
{
    struct period p = {day("1970-01-01"), day("9999-12-31")};
    struct series s = {0};
    error e = series_make(*state, &p, GRANULARITY_DAY, &s);
    assert_true(error_is(e, ERR_INVALID_REQUEST));
    assert_text(e->param, "granularity");
    p.last = p.first + SERIES_MAX - 1;
    assert_null(series_make(*state, &p, GRANULARITY_DAY, &s));
    assert_int_equal(s.n, SERIES_MAX);
}

static void a_rate_has_two_decimals_and_no_impressions_make_it_0(void **state)
{
    static const struct {
        int64_t part, whole;
        double percent;
    } rows[] = {
        {1, 3, 33.33},    {2, 3, 66.67}, {1, 800, 0.13},
        {-1, 800, -0.13}, {5, 0, 0},     {5, -5, 0},
        {3, 1, 300},      {0, 9, 0},     {INT64_MAX / 2, INT64_MAX / 2, 100},
    };
    struct figures f = {.impressions = 16, .engagements = 1, .clicks = 9};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_float_equal(figures_percent(rows[i].part, rows[i].whole), rows[i].percent, 1e-9);
    assert_float_equal(figures_rate(&f), 6.25, 1e-9);
}

static void a_trend_compares_with_the_period_before(void **state)
{
    static const struct {
        double current, previous, change;
        int direction;
    } rows[] = {
        {150, 100, 50, DIRECTION_UP}, {50, 150, -66.67, DIRECTION_DOWN}, {7, 7, 0, DIRECTION_FLAT},
        {0, 5, -100, DIRECTION_DOWN}, {5, -10, 150, DIRECTION_UP},       {1, 0, NAN, DIRECTION_UP},
        {0, 0, NAN, DIRECTION_FLAT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct trend t = trend_of(rows[i].current, rows[i].previous);
        assert_int_equal(t.direction, rows[i].direction);
        if (isnan(rows[i].change))
            assert_true(isnan(t.change_percent));
        else
            assert_float_equal(t.change_percent, rows[i].change, 1e-9);
    }
}

static void cents_of_parts_add_up_to_the_cents_of_the_sum(void **state)
{
    static const struct {
        int64_t microcents[4], cents[4];
    } rows[] = {
        {{333300, 333300, 333400, 0}, {0, 0, 1, 0}},
        {{500000, 500000, 500000, 500000}, {1, 1, 0, 0}}, /* equal remainders: the first */
        {{1400000, 1600000, 0, 0}, {1, 2, 0, 0}},
        {{499900, 0, 0, 0}, {0, 0, 0, 0}},
        {{1999900, 2999900, 3999900, 300}, {2, 3, 4, 0}},
        {{0, 0, 0, 0}, {0, 0, 0, 0}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t cents[4], sum = 0, microcents = 0;
        figures_split_cents(rows[i].microcents, cents, 4);
        for (size_t k = 0; k < 4; k++) {
            assert_int_equal(cents[k], rows[i].cents[k]);
            sum += cents[k];
            microcents += rows[i].microcents[k];
        }
        assert_int_equal(sum, figures_cents(microcents));
    }
    assert_int_equal(figures_cents(500000), 1);
    assert_int_equal(figures_cents(499999), 0);
    assert_int_equal(figures_cents(-500000), -1);
}

/* Any parts: each is cut or rounded up by one, no smaller remainder goes before a larger one, and
 * the sum is right. */
static void cents_of_any_parts_add_up(void **state)
{
    enum { MANY = 300, ROUNDS = 400 };
    static int64_t microcents[MANY], cents[MANY];
    uint64_t seed = 11;
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        size_t n = (size_t)round % MANY;
        int64_t sum = 0, shared = 0, least_up = MICROCENTS_PER_CENT, most_cut = -1;
        for (size_t i = 0; i < n; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            microcents[i] = (int64_t)(seed >> 33) % (round % 2 ? 5 : INT64_C(900000000000));
            microcents[i] *= round % 2 ? 250000 : 1;
            sum += microcents[i];
        }
        figures_split_cents(microcents, cents, n);
        for (size_t i = 0; i < n; i++) {
            int64_t up = cents[i] - microcents[i] / MICROCENTS_PER_CENT;
            int64_t remainder = microcents[i] % MICROCENTS_PER_CENT;
            assert_true(up == 0 || up == 1);
            if (up && remainder < least_up)
                least_up = remainder;
            if (!up && remainder > most_cut)
                most_cut = remainder;
            shared += cents[i];
        }
        assert_int_equal(shared, figures_cents(sum));
        assert_true(most_cut <= least_up);
    }
}

static void the_time_of_a_mission_passes_from_0_to_1(void **state)
{
    (void)state;
    assert_float_equal(share_passed(100, 200, 50), 0, 0);
    assert_float_equal(share_passed(100, 200, 100), 0, 0);
    assert_float_equal(share_passed(100, 200, 125), 0.25, 0);
    assert_float_equal(share_passed(100, 200, 200), 1, 0);
    assert_float_equal(share_passed(100, 200, 999), 1, 0);
}

static void a_kpi_is_on_track_if_it_keeps_the_pace_of_time(void **state)
{
    static const struct figures f = {
        .posts = 5, .impressions = 1000, .engagements = 40, .clicks = 0};
    static const struct {
        struct kpi kpi;
        int64_t microcents;
        double passed, current, progress;
        bool on_track;
    } rows[] = {
        {{KPI_IMPRESSIONS, KPI_ALL, 2000}, 0, 0.5, 1000, 50, true},
        {{KPI_IMPRESSIONS, KPI_ALL, 2000}, 0, 0.51, 1000, 50, false},
        {{KPI_IMPRESSIONS, KPI_ALL, 500}, 0, 1, 1000, 200, true},
        {{KPI_POSTS_PUBLISHED, KPI_ALL, 15}, 0, 0.2, 5, 33.33, true},
        {{KPI_LINK_CLICKS, KPI_ALL, 10}, 0, 0, 0, 0, true},
        {{KPI_LINK_CLICKS, KPI_ALL, 10}, 0, 0.1, 0, 0, false},
        {{KPI_FOLLOWERS_GAINED, KPI_ALL, 24}, 0, 0.5, 12, 50, true},
        {{KPI_FOLLOWERS_GAINED, KPI_ALL, 24}, 0, 0.6, 12, 50, false},
        {{KPI_ENGAGEMENTS, KPI_ALL, 0}, 0, 1, 40, 100, true},
        /* a rate does not pile up: half the time over is no excuse */
        {{KPI_ENGAGEMENT_RATE, KPI_ALL, 4.5}, 0, 0.5, 4, 88.89, false},
        {{KPI_ENGAGEMENT_RATE, KPI_ALL, 4}, 0, 0.5, 4, 100, true},
        /* less is better: $0.40 for 40 engagements is a cent each */
        {{KPI_COST_PER_ENGAGEMENT, KPI_ALL, 2}, 40000000, 0.5, 1, 100, true},
        {{KPI_COST_PER_ENGAGEMENT, KPI_ALL, 0.5}, 40000000, 0.5, 1, 50, false},
        {{KPI_COST_PER_ENGAGEMENT, KPI_ALL, 0}, 0, 0.5, 0, 100, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct kpi_progress p = kpi_progress_of(
            &rows[i].kpi, &(struct kpi_sums){f, 12, rows[i].microcents}, rows[i].passed);
        assert_int_equal(p.metric, rows[i].kpi.metric);
        assert_float_equal(p.target, rows[i].kpi.target, 0);
        assert_float_equal(p.current, rows[i].current, 1e-9);
        assert_float_equal(p.progress_percent, rows[i].progress, 1e-9);
        assert_int_equal(p.on_track, rows[i].on_track);
    }
}

static void a_cost_per_engagement_needs_engagements(void **state)
{
    static const struct kpi kpi = {KPI_COST_PER_ENGAGEMENT, KPI_ALL, 50};
    struct kpi_progress p = kpi_progress_of(&kpi, &(struct kpi_sums){.microcents = 1000000}, 0.5);
    (void)state;
    assert_float_equal(p.current, 0, 0);
    assert_float_equal(p.progress_percent, 0, 0);
    assert_false(p.on_track);
}

static void a_pillar_of_any_name_is_a_key(void **state)
{
    struct group groups[] = {
        {S(""), {.posts = 1}},
        {S("\"Quotes\" \\ and\n"), {.impressions = 200, .engagements = 1, .clicks = 5}},
    };
    assert_text(groups_text(*state, groups, 2),
                "{\"\":{\"posts_published\":1,\"impressions\":0,\"engagements\":0,"
                "\"engagement_rate\":0},\"\\\"Quotes\\\" \\\\ and\\n\":{\"posts_published\":0,"
                "\"impressions\":200,\"engagements\":1,\"engagement_rate\":0.5}}");
    assert_text(groups_text(*state, NULL, 0), "{}");
}

static void the_overview_has_all_its_keys(void **state)
{
    struct overview o = {.by_platform = S("{}")};
    o.trends.impressions = trend_of(1, 0);
    o.trends.engagements = trend_of(1, 2);
    o.trends.engagement_rate = trend_of(2, 2);
    assert_text(shape_text(*state, &overview_shape, &o),
                "{\"period\":{\"start\":null,\"end\":null},\"summary\":{\"missions_active\":0,"
                "\"content_published\":0,\"total_impressions\":0,\"total_engagements\":0,"
                "\"overall_engagement_rate\":0,\"total_link_clicks\":0,\"followers_gained\":0},"
                "\"trends\":{\"impressions\":{\"current\":1,\"previous\":0,"
                "\"change_percent\":null,\"direction\":\"up\"},\"engagements\":{\"current\":1,"
                "\"previous\":2,\"change_percent\":-50,\"direction\":\"down\"},"
                "\"engagement_rate\":{\"current\":2,\"previous\":2,\"change_percent\":0,"
                "\"direction\":\"flat\"}},\"by_platform\":{},\"time_series\":[],"
                "\"top_content\":[]}");
}

static void a_mission_report_has_all_its_keys(void **state)
{
    struct kpi_progress kpi = {KPI_ENGAGEMENT_RATE, 4, 2, 50, false};
    struct mission_report r = {.mission_name = S("M"),
                               .status = MISSION_ACTIVE,
                               .by_platform = S("{}"),
                               .by_pillar = S("{}"),
                               .kpis = {&kpi, 1}};
    assert_text(shape_text(*state, &mission_report_shape, &r),
                "{\"mission_id\":null,\"mission_name\":\"M\",\"period\":{\"start\":null,"
                "\"end\":null},\"status\":\"active\",\"progress_percent\":0,"
                "\"summary\":{\"posts_published\":0,\"posts_scheduled\":0,\"posts_pending\":0,"
                "\"impressions\":0,\"engagements\":0,\"engagement_rate\":0,\"link_clicks\":0,"
                "\"cost_cents\":0},\"kpis\":[{\"metric\":\"engagement_rate\",\"target\":4,"
                "\"current\":2,\"progress_percent\":50,\"on_track\":false}],\"by_platform\":{},"
                "\"by_pillar\":{},\"time_series\":[],\"top_content\":[]}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, free_arena)
    const struct CMUnitTest tests[] = {
        TEST(a_period_ends_today_and_counts_today),
        TEST(all_begins_with_the_first_day_that_has_figures),
        TEST(dates_are_both_counted),
        TEST(the_period_before_is_as_long_and_touches),
        TEST(a_query_that_contradicts_itself_is_refused_by_name),
        TEST(platforms_become_bits),
        TEST(a_series_has_a_point_for_each_day),
        TEST(weeks_begin_on_monday_and_the_year_does_not_matter),
        TEST(months_are_as_long_as_they_are),
        TEST(hours_are_told_as_times),
        TEST(a_series_without_end_is_refused),
        TEST(a_rate_has_two_decimals_and_no_impressions_make_it_0),
        TEST(a_trend_compares_with_the_period_before),
        TEST(cents_of_parts_add_up_to_the_cents_of_the_sum),
        TEST(cents_of_any_parts_add_up),
        TEST(the_time_of_a_mission_passes_from_0_to_1),
        TEST(a_kpi_is_on_track_if_it_keeps_the_pace_of_time),
        TEST(a_cost_per_engagement_needs_engagements),
        TEST(a_pillar_of_any_name_is_a_key),
        TEST(the_overview_has_all_its_keys),
        TEST(a_mission_report_has_all_its_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
