/* test_strategy.c: the promises of pipeline/strategy.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "pipeline/strategy.h"
#include "store/metrics.h"

/* 2024-01-15T00:00:00Z, a Monday. */
#define START_MS INT64_C(1705276800000)

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

/* A mission of 30 days with one objective. */
static struct strategy strategy_of(struct arena *a, struct str objective, struct str platforms)
{
    struct mission *m = ARENA_NEW(a, struct mission);
    struct charter ch;
    struct strategy s;
    *m = (struct mission){
        .objectives = arena_printf(a, "[\"%.*s\"]", STR(objective)),
        .platforms = platforms,
        .constraints = S("{\"posting_times\":[\"09:00\",\"14:00\"],\"posts_per_day\":2}"),
        .starts_ms = START_MS,
        .ends_ms = START_MS + 30 * DAY_MS,
    };
    assert_null(charter_read(a, m, &ch));
    assert_null(strategy_make(a, &ch, START_MS, &s));
    return s;
}

static const struct theme *themes_of(const struct strategy *s)
{
    return s->themes.at;
}

static void the_weights_of_the_themes_add_up(void **state)
{
    static const struct str objectives[] = {S("Drive awareness"), S("xyz"),
                                            S("Sell, hire, engage, teach and lead the industry")};
    for (size_t i = 0; i < sizeof objectives / sizeof *objectives; i++) {
        struct strategy s = strategy_of(*state, objectives[i], S("[\"twitter\"]"));
        int64_t sum = 0;
        assert_true(s.themes.n >= 4);
        for (size_t t = 0; t < s.themes.n; t++) {
            assert_true(themes_of(&s)[t].weight > 0);
            assert_true(!t || themes_of(&s)[t].weight <= themes_of(&s)[t - 1].weight);
            sum += themes_of(&s)[t].weight;
        }
        assert_int_equal(sum, 100);
    }
}

static void objectives_decide_what_is_spoken_about_most(void **state)
{
    struct strategy s = strategy_of(*state, S("Sell more of our beer"), S("[\"twitter\"]"));
    assert_true(str_eq(themes_of(&s)[0].name, S("Product Value")));
    s = strategy_of(*state, S("Grow our COMMUNITY"), S("[\"twitter\"]"));
    assert_true(str_eq(themes_of(&s)[0].name, S("Community")));
}

static void a_hundred_texts_have_the_themes_in_proportion(void **state)
{
    struct strategy s = strategy_of(*state, S("Drive awareness"), S("[\"twitter\"]"));
    for (size_t t = 0; t < s.themes.n; t++) {
        int64_t count = 0;
        for (uint64_t k = 300; k < 400; k++)
            count += strategy_theme(&s, k) == &themes_of(&s)[t];
        assert_int_equal(count, themes_of(&s)[t].weight);
    }
}

static void no_theme_has_three_turns_in_a_row(void **state)
{
    struct strategy s = strategy_of(*state, S("Drive awareness"), S("[\"twitter\"]"));
    for (uint64_t k = 0; k < 200; k++)
        assert_false(strategy_theme(&s, k) == strategy_theme(&s, k + 1) &&
                     strategy_theme(&s, k) == strategy_theme(&s, k + 2));
}

static void forms_are_those_the_platform_takes_without_images(void **state)
{
    struct strategy s = strategy_of(*state, S("Drive awareness"),
                                    S("[\"twitter\",\"linkedin\",\"instagram\",\"youtube\"]"));
    int threads = 0, articles = 0;
    for (uint64_t k = 0; k < 56; k++) {
        enum content_type x = strategy_type(&s, PLATFORM_TWITTER, k);
        enum content_type linkedin = strategy_type(&s, PLATFORM_LINKEDIN, k);
        assert_true(x == TYPE_POST || x == TYPE_THREAD);
        assert_true(linkedin == TYPE_POST || linkedin == TYPE_ARTICLE);
        threads += x == TYPE_THREAD;
        articles += linkedin == TYPE_ARTICLE;
        assert_int_equal(strategy_type(&s, PLATFORM_INSTAGRAM, k), TYPE_POST);
        assert_int_equal(strategy_type(&s, PLATFORM_YOUTUBE, k), TYPE_VIDEO);
    }
    assert_int_equal(threads, 8);
    assert_int_equal(articles, 8);
}

static void the_calendar_tells_its_first_and_last_slot(void **state)
{
    struct strategy s = strategy_of(*state, S("Drive awareness"), S("[\"twitter\"]"));
    const struct platform_plan *plan = s.platforms.at;
    assert_int_equal(plan->first_ms, START_MS + 9 * HOUR_MS);
    assert_int_equal(plan->last_ms, START_MS + 29 * DAY_MS + 14 * HOUR_MS);
}

static void what_is_stored_reads_back_the_same(void **state)
{
    struct ctx c = {.arena = *state, .now_ms = START_MS};
    struct mission m = {
        .objectives = S("[\"Drive awareness\"]"),
        .platforms = S("[\"twitter\",\"bluesky\"]"),
        .constraints = S("{}"),
        .starts_ms = START_MS,
        .ends_ms = START_MS + DAY_MS,
    };
    struct charter ch;
    struct str first, second;
    struct strategy s, read;
    assert_null(charter_read(c.arena, &m, &ch));
    assert_null(strategy_run(&c, NULL, &ch, &first));
    assert_null(strategy_run(&c, NULL, &ch, &second));
    assert_true(str_eq(first, second));
    assert_null(strategy_make(c.arena, &ch, START_MS, &s));
    assert_null(strategy_read(c.arena, first, &read));
    for (uint64_t k = 0; k < 100; k++) {
        assert_true(str_eq(strategy_theme(&s, k)->name, strategy_theme(&read, k)->name));
        assert_int_equal(strategy_type(&s, PLATFORM_BLUESKY, k),
                         strategy_type(&read, PLATFORM_BLUESKY, k));
    }
}

/* How many of a hundred texts are about it. */
static int turns_of(const struct strategy *s, struct str name)
{
    int count = 0;
    for (uint64_t k = 0; k < 100; k++)
        count += str_eq(strategy_theme(s, k)->name, name);
    return count;
}

static void what_does_better_gets_more_of_what_is_written_next(void **state)
{
    static const struct metrics_sum sums[] = {{.platform = PLATFORM_TWITTER,
                                               .type = TYPE_POST,
                                               .pillar = S("Community"),
                                               .figures = {20, 20000, 200, 0}},
                                              {.platform = PLATFORM_TWITTER,
                                               .type = TYPE_POST,
                                               .pillar = S("Education"),
                                               .figures = {30, 30000, 300, 0}},
                                              {.platform = PLATFORM_TWITTER,
                                               .type = TYPE_THREAD,
                                               .pillar = S("Community"),
                                               .figures = {10, 10000, 2800, 0}}};
    const struct results r = {.sums = {sums, 3}};
    struct ctx c = {.arena = *state, .now_ms = START_MS};
    struct mission m = {
        .objectives = S("[\"Drive awareness\"]"),
        .platforms = S("[\"twitter\"]"),
        .constraints = S("{}"),
        .starts_ms = START_MS,
        .ends_ms = START_MS + DAY_MS,
    };
    struct charter ch;
    struct str planned, learned;
    struct strategy before, after;
    int threads = 0;
    assert_null(charter_read(c.arena, &m, &ch));
    assert_null(strategy_run(&c, NULL, &ch, &planned));
    assert_null(optimize_make(c.arena, planned, &r, &learned));
    assert_null(strategy_read(c.arena, planned, &before));
    assert_null(strategy_read(c.arena, learned, &after));
    assert_true(turns_of(&after, S("Community")) > turns_of(&before, S("Community")));
    assert_true(turns_of(&after, S("Education")) < turns_of(&before, S("Education")));
    for (uint64_t k = 0; k < 100; k++)
        threads += strategy_type(&after, PLATFORM_TWITTER, k) == TYPE_THREAD;
    assert_true(threads > 100 / 7);
}

static int64_t weight(const void *of, size_t i)
{
    return ((const int64_t *)of)[i];
}

static void turns_are_spread_evenly(void **state)
{
    static const int64_t weights[] = {5, 1, 1};
    static const size_t turns[] = {0, 0, 1, 0, 2, 0, 0};
    (void)state;
    for (uint64_t k = 0; k < 14; k++)
        assert_int_equal(rota(weight, weights, 3, k), turns[k % 7]);
}

/* What a mission of a brand with these topics speaks about. */
static struct strategy of_brand(struct arena *a, const struct brand_topic *topics, size_t n,
                                struct str excluded)
{
    struct mission *m = ARENA_NEW(a, struct mission);
    struct brand_voice *brand = ARENA_NEW(a, struct brand_voice);
    struct charter ch;
    struct strategy s;
    *m = (struct mission){
        .objectives = S("[\"Drive awareness\"]"),
        .platforms = S("[\"twitter\"]"),
        .constraints = arena_printf(a, "{\"excluded_topics\":[%.*s]}", STR(excluded)),
        .starts_ms = START_MS,
        .ends_ms = START_MS + 30 * DAY_MS,
    };
    assert_null(charter_read(a, m, &ch));
    *brand = (struct brand_voice){.topics = {topics, n}};
    ch.brand = brand;
    ch.brand_revision = 7;
    assert_null(strategy_make(a, &ch, START_MS, &s));
    assert_int_equal(s.brand_revision, 7);
    return s;
}

static int64_t weight_of(const struct strategy *s, struct str name)
{
    int64_t sum = 0;
    for (size_t i = 0; i < s->themes.n; i++)
        sum += str_eq(themes_of(s)[i].name, name) ? themes_of(s)[i].weight : 0;
    return sum;
}

static void topics_of_the_brand_are_pillars_that_share_half_of_all_by_their_weights(void **state)
{
    static const struct brand_topic topics[] = {{S("APIs"), 70}, {S("Logs"), 20}, {S("Cake"), 10}};
    struct strategy s = of_brand(*state, topics, 3, S("")),
                    plain = of_brand(*state, NULL, 0, S(""));
    int64_t sum = 0;
    assert_int_equal(s.themes.n, 8);
    for (size_t i = 0; i < s.themes.n; i++)
        sum += themes_of(&s)[i].weight;
    assert_int_equal(sum, 100);
    assert_true(str_eq(themes_of(&s)[0].name, S("APIs")));
    assert_in_range(weight_of(&s, S("APIs")), 35, 39); /* and what rounding leaves over */
    assert_int_equal(weight_of(&s, S("Logs")), 10);
    assert_int_equal(weight_of(&s, S("Cake")), 5);
    assert_in_range(2 * weight_of(&s, S("Education")), weight_of(&plain, S("Education")) - 3,
                    weight_of(&plain, S("Education")));
    assert_int_equal(turns_of(&s, S("Logs")), 10);
}

static void another_weight_makes_another_plan(void **state)
{
    static const struct brand_topic even[] = {{S("APIs"), 1}, {S("Logs"), 1}};
    static const struct brand_topic uneven[] = {{S("APIs"), 1}, {S("Logs"), 4}};
    struct strategy s = of_brand(*state, even, 2, S(""));
    assert_int_equal(turns_of(&s, S("Logs")), 25);
    s = of_brand(*state, uneven, 2, S(""));
    assert_in_range(turns_of(&s, S("Logs")), 40, 43);
    assert_int_equal(turns_of(&s, S("APIs")), 10);
}

static void a_topic_that_the_mission_excludes_is_no_pillar_and_none_is_there_twice(void **state)
{
    static const struct brand_topic topics[] = {
        {S("Cheap beer"), 50}, {S("Logs"), 1}, {S("logs"), 2}, {S("community"), 1}};
    struct strategy s = of_brand(*state, topics, 4, S("\"beer\""));
    assert_int_equal(s.themes.n, 6);
    assert_int_equal(weight_of(&s, S("Cheap beer")), 0);
    assert_in_range(weight_of(&s, S("Logs")), 50, 53);
}

static void as_many_topics_as_there_may_be_have_a_turn_each(void **state)
{
    enum { TOPICS = 20 };
    struct brand_topic topics[TOPICS];
    for (int i = 0; i < TOPICS; i++)
        topics[i] = (struct brand_topic){arena_printf(*state, "Topic %d", i), i ? 1 : 100};
    struct strategy s = of_brand(*state, topics, TOPICS, S(""));
    assert_int_equal(s.themes.n, 25);
    for (size_t i = 0; i < s.themes.n; i++)
        assert_int_equal(turns_of(&s, themes_of(&s)[i].name), themes_of(&s)[i].weight);
}

static void a_pillar_that_is_a_topic_names_it(void **state)
{
    static const struct brand_topic topics[] = {{S("APIs"), 3}, {S("Logs"), 1}};
    const struct brand_voice brand = {.topics = {topics, 2}}, silent = {0};
    (void)state;
    assert_true(str_eq(strategy_topic(&brand, S("Logs")), S("Logs")));
    assert_null(strategy_topic(&brand, S("Education")).p);
    assert_null(strategy_topic(&silent, S("Logs")).p);
    assert_null(strategy_topic(NULL, S("Logs")).p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_weights_of_the_themes_add_up),
        cmocka_unit_test(objectives_decide_what_is_spoken_about_most),
        cmocka_unit_test(a_hundred_texts_have_the_themes_in_proportion),
        cmocka_unit_test(no_theme_has_three_turns_in_a_row),
        cmocka_unit_test(forms_are_those_the_platform_takes_without_images),
        cmocka_unit_test(the_calendar_tells_its_first_and_last_slot),
        cmocka_unit_test(what_is_stored_reads_back_the_same),
        cmocka_unit_test(topics_of_the_brand_are_pillars_that_share_half_of_all_by_their_weights),
        cmocka_unit_test(another_weight_makes_another_plan),
        cmocka_unit_test(a_topic_that_the_mission_excludes_is_no_pillar_and_none_is_there_twice),
        cmocka_unit_test(as_many_topics_as_there_may_be_have_a_turn_each),
        cmocka_unit_test(a_pillar_that_is_a_topic_names_it),
        cmocka_unit_test(what_does_better_gets_more_of_what_is_written_next),
        cmocka_unit_test(turns_are_spread_evenly),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
