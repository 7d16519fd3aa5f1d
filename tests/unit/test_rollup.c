/* test_rollup.c: sums on their way to the roll-ups are added up, a row a key, in order. That they
 * are written as they should be is test_metrics.c's. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "store/rollup.h"

/* Day 20000 is 2024-10-04. */
enum { TODAY = 20000, POSTS = 300 };

static const struct id all = {"0000000000000000"}, first = {"1111111111111111"},
                       second = {"2222222222222222"};

static int new_arena(void **state)
{
    *state = arena_new(8 << 20);
    return 0;
}

static int free_arena(void **state)
{
    arena_free(*state);
    return 0;
}

/* Published at eight, the day before. */
static struct metrics_post post(struct id mission, int platform, int type, struct str pillar)
{
    return (struct metrics_post){.mission = mission,
                                 .platform = platform,
                                 .type = type,
                                 .pillar = pillar,
                                 .published_ms = (TODAY - 1) * DAY_MS + 8 * HOUR_MS};
}

static void gain(struct rollup *r, const struct metrics_post *post, int64_t n)
{
    rollup_gain(r, post, TODAY * DAY_MS + 9 * HOUR_MS,
                &(struct figures){.impressions = n, .engagements = n / 10, .clicks = n / 20});
}

static void assert_sum(const struct metrics_sum *s, struct id mission, int64_t at, int platform,
                       int type, const char *pillar, int64_t impressions, int64_t best)
{
    assert_true(id_eq(&s->mission, &mission));
    assert_int_equal(s->at, at);
    assert_int_equal(s->platform, platform);
    assert_int_equal(s->type, type);
    assert_true(pillar ? str_eq(s->pillar, str_of(pillar)) : !s->pillar.n);
    assert_int_equal(s->figures.impressions, impressions);
    assert_int_equal(s->best, best);
}

static void what_has_the_same_key_becomes_one_row(void **state)
{
    struct rollup r = rollup_new(*state, 4);
    struct metrics_post a = post(first, PLATFORM_TWITTER, TYPE_POST, S("Ideas")), b = a;
    b.content = second; /* another post */
    gain(&r, &a, 100);
    gain(&r, &b, 60);
    rollup_best(&r, &a, 700);
    rollup_best(&r, &b, 800);
    rollup_add_up(&r);
    assert_int_equal(r.days_count, 4);
    assert_sum(&r.days[0], all, TODAY - 1, PLATFORM_TWITTER, TYPE_POST, "", 0, 800);
    assert_sum(&r.days[1], all, TODAY, PLATFORM_TWITTER, TYPE_POST, "", 160, -1);
    assert_sum(&r.days[2], first, TODAY - 1, PLATFORM_TWITTER, TYPE_POST, "Ideas", 0, 800);
    assert_sum(&r.days[3], first, TODAY, PLATFORM_TWITTER, TYPE_POST, "Ideas", 160, -1);
    assert_int_equal(r.days[3].figures.engagements, 16);
    assert_int_equal(r.days[3].figures.clicks, 8);
    assert_int_equal(r.hours_count, 2);
    assert_sum(&r.hours[0], all, TODAY * 24 + 9, PLATFORM_TWITTER, 0, NULL, 160, 0);
    assert_sum(&r.hours[1], first, TODAY * 24 + 9, PLATFORM_TWITTER, 0, NULL, 160, 0);
    assert_int_equal(r.posts_count, 1);
    assert_int_equal(r.posts[0].at, (TODAY - 1) * 24 + 8);
    assert_int_equal(r.posts[0].figures.impressions, 160);
}

static void what_differs_in_any_part_of_the_key_stays_apart(void **state)
{
    struct rollup r = rollup_new(*state, 5);
    struct metrics_post a = post(first, PLATFORM_TWITTER, TYPE_POST, S("Ideas")), b = a, d = a,
                        e = a, f = a;
    b.mission = second;
    d.platform = PLATFORM_LINKEDIN;
    e.type = TYPE_REEL;
    f.pillar = (struct str){0};
    gain(&r, &a, 1);
    gain(&r, &b, 10);
    gain(&r, &d, 100);
    gain(&r, &e, 1000);
    gain(&r, &f, 10000);
    rollup_add_up(&r);
    assert_int_equal(r.days_count, 3 + 5);
    assert_sum(&r.days[0], all, TODAY, PLATFORM_TWITTER, TYPE_POST, "", 10011, -1);
    assert_sum(&r.days[1], all, TODAY, PLATFORM_TWITTER, TYPE_REEL, "", 1000, -1);
    assert_sum(&r.days[2], all, TODAY, PLATFORM_LINKEDIN, TYPE_POST, "", 100, -1);
    assert_sum(&r.days[3], first, TODAY, PLATFORM_TWITTER, TYPE_POST, "", 10000, -1);
    assert_sum(&r.days[4], first, TODAY, PLATFORM_TWITTER, TYPE_POST, "Ideas", 1, -1);
    assert_sum(&r.days[7], second, TODAY, PLATFORM_TWITTER, TYPE_POST, "Ideas", 10, -1);
    assert_int_equal(r.hours_count, 2 + 3);
    assert_int_equal(r.posts_count, 3);
}

static void corrections_are_taken_away(void **state)
{
    struct rollup r = rollup_new(*state, 3);
    struct metrics_post a = post(first, PLATFORM_TWITTER, TYPE_POST, S("Ideas"));
    gain(&r, &a, 100);
    gain(&r, &a, -140);
    gain(&r, &a, 10);
    rollup_add_up(&r);
    assert_int_equal(r.days_count, 2);
    assert_int_equal(r.days[1].figures.impressions, -30);
    assert_int_equal(r.days[1].figures.engagements, -3);
    assert_int_equal(r.hours[0].figures.impressions, -30);
    assert_int_equal(r.posts[0].figures.impressions, -30);
}

static void a_post_published_now_is_one_row_with_its_day(void **state)
{
    struct rollup r = rollup_new(*state, 2);
    struct metrics_post a = post(first, PLATFORM_TWITTER, TYPE_POST, S("Ideas"));
    rollup_gain(&r, &a, a.published_ms, &(struct figures){.posts = 1});
    rollup_best(&r, &a, 0);
    rollup_add_up(&r);
    assert_int_equal(r.days_count, 2);
    assert_sum(&r.days[1], first, TODAY - 1, PLATFORM_TWITTER, TYPE_POST, "Ideas", 0, 0);
    assert_int_equal(r.days[1].figures.posts, 1);
}

static void nothing_is_no_row(void **state)
{
    struct rollup r = rollup_new(*state, 0);
    rollup_add_up(&r);
    assert_int_equal(r.days_count + r.hours_count + r.posts_count, 0);
}

/* Posts of many missions, platforms and pillars in a random order of which the seed is known. */
static void many_missions_come_in_the_order_of_their_keys(void **state)
{
    static const struct str pillars[] = {{0}, S("Ideas"), S("News")};
    struct rollup r = rollup_new(*state, POSTS);
    uint64_t seed = 7;
    int64_t sum = 0, days = 0, of_all = 0, hours = 0;
    for (int i = 0; i < POSTS; i++) {
        struct metrics_post a;
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        a = post(first, PLATFORM_TWITTER + (int)(seed >> 40) % 3, TYPE_POST,
                 pillars[(seed >> 50) % 3]);
        a.mission.c[15] = (char)('0' + (seed >> 33) % 7);
        a.published_ms -= (int64_t)(seed >> 36) % 9 * HOUR_MS;
        gain(&r, &a, i);
        sum += i;
    }
    rollup_add_up(&r);
    for (size_t i = 0; i < r.days_count; i++) {
        int64_t n = r.days[i].figures.impressions;
        bool whole = id_eq(&r.days[i].mission, &all);
        days += whole ? 0 : n;
        of_all += whole ? n : 0;
        if (i > 0)
            assert_true(id_cmp(&r.days[i - 1].mission, &r.days[i].mission) <= 0);
    }
    for (size_t i = 0; i < r.hours_count; i++)
        hours += r.hours[i].figures.impressions;
    assert_int_equal(r.days_count, 3 + 7 * 3 * 3);
    assert_int_equal(r.hours_count, 3 + 7 * 3);
    assert_int_equal(r.posts_count, 9 * 3);
    assert_int_equal(days, sum);
    assert_int_equal(of_all, sum);
    assert_int_equal(hours, 2 * sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_the_same_key_becomes_one_row),
        cmocka_unit_test(what_differs_in_any_part_of_the_key_stays_apart),
        cmocka_unit_test(corrections_are_taken_away),
        cmocka_unit_test(a_post_published_now_is_one_row_with_its_day),
        cmocka_unit_test(nothing_is_no_row),
        cmocka_unit_test(many_missions_come_in_the_order_of_their_keys),
    };
    return cmocka_run_group_tests(tests, new_arena, free_arena);
}
