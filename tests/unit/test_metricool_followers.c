/* test_metricool_followers.c: how Metricool is asked for followers, and what its answers mean. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "metricool_world.h"

/* What was asked, and what was read of the answer: days 2025-12-04 and 05 are 20426 and 20427. */
static struct list followers(struct world *w, enum platform p, const char *answer,
                             struct str *asked)
{
    struct script script = one_answer(w, "200 OK", "application/json", answer);
    struct server s = sandbox(w, &script);
    struct list counts = {NULL, 0};
    error e = publisher_followers(&w->outside, &w->account, p, 20426, 20427, &counts);
    *asked = stop(&s, w->arena);
    assert_null(e);
    return counts;
}

static void followers_are_asked_for_as_each_network_has_it(void **state)
{
    static const struct {
        enum platform platform;
        const char *asked;
    } rows[] = {
        {PLATFORM_TWITTER, "GET /api/stats/timeline/twitterFollowers?start=20251203&end=20251206&"},
        {PLATFORM_YOUTUBE, "GET /api/stats/timeline/yttotalSubscribers?start=20251203&"},
        {PLATFORM_LINKEDIN, "GET /api/v2/analytics/timelines?from=2025-12-04T00%3A00%3A00&"
                            "to=2025-12-05T23%3A59%3A59&timezone=America%2FChicago&"
                            "metric=followers&metricType=account&network=linkedin&"},
        {PLATFORM_FACEBOOK, "metric=pageFollows&subject=account&network=facebook&"},
        {PLATFORM_THREADS, "metric=followers_count&subject=account&network=threads&"},
        {PLATFORM_BLUESKY, "metric=followers_count&subject=account&network=bluesky&"},
        {PLATFORM_TIKTOK, "metric=followers_count&subject=account&network=tiktok&"},
        {PLATFORM_INSTAGRAM, "metric=followers&subject=account&network=instagram&"},
        {PLATFORM_PINTEREST, "metric=followers&subject=account&network=pinterest&"},
    };
    struct world *w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str asked;
        assert_int_equal(followers(w, rows[i].platform, "[]", &asked).n, 0);
        if (!has(asked, rows[i].asked))
            fail_msg("%s was not asked: %.*s", rows[i].asked, STR(asked));
        assert_true(publisher_counts_followers() >> rows[i].platform & 1);
    }
    assert_int_equal(__builtin_popcount(publisher_counts_followers()), sizeof rows / sizeof *rows);
}

static void followers_are_read_of_both_kinds_of_series(void **state)
{
    static const char *const answers[] = {
        ("{\"data\":[{\"metric\":\"followers\",\"values\":[{\"dateTime\":\"2025-12-04T00:00:00-"
         "0600\","
         "\"value\":1200},{\"dateTime\":\"2025-12-05T00:00:00-0600\",\"value\":1207.0}]}]}"),
        ("{\"data\":{\"values\":[{\"dateTime\":\"2025-12-04\",\"value\":\"1200\"},"
         "{\"dateTime\":\"2025-12-05T23:59:59\",\"value\":\"1207\"}]}}"),
        "[[\"20251204\",\"1200.0\"],[\"20251205\",\"1207.0\"]]",
        "[[1764806400000,1200],[\"1764892800000\",1207]]",
    };
    struct world *w = *state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct str asked;
        struct list counts = followers(w, PLATFORM_LINKEDIN, answers[i], &asked);
        const struct follower_count *count = counts.at;
        assert_int_equal(counts.n, 2);
        assert_int_equal(count[0].day, 20426);
        assert_int_equal(count[0].followers, 1200);
        assert_int_equal(count[1].day, 20427);
        assert_int_equal(count[1].followers, 1207);
    }
}

static void what_is_no_number_of_followers_is_left_out(void **state)
{
    struct world *w = *state;
    struct str asked;
    struct list counts = followers(
        w, PLATFORM_TWITTER,
        "[[\"20251203\",\"7\"],[\"20251206\",\"7\"],[\"20251204\",null],[\"20251204\",\"0\"],"
        "[\"20251204\",-3],[\"20251399\",7],[null,7],[\"soon\",7],[],7,null,\"x\",{\"value\":7},"
        "[\"20251205\",1e99],[-1,7],[\"20251205\",8]]",
        &asked);
    assert_int_equal(counts.n, 1);
    assert_int_equal(((const struct follower_count *)counts.at)->followers, 8);
    assert_int_equal(followers(w, PLATFORM_TWITTER, "{\"data\":null}", &asked).n, 0);
    assert_int_equal(followers(w, PLATFORM_TWITTER, "\"no\"", &asked).n, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(followers_are_asked_for_as_each_network_has_it),
        TEST(followers_are_read_of_both_kinds_of_series),
        TEST(what_is_no_number_of_followers_is_left_out),
    };
    fetch_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
