/* test_measure.c: figures find their post, and old posts are asked about more rarely. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "delivery/measure.h"

static const int64_t out_ms = INT64_C(1705276800000);

static int set_up(void **state)
{
    *state = arena_new(1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static struct content a_content(const char *id, const char *url, const char *copy)
{
    return (struct content){
        .copy = str_of(copy),
        .publishing = {.published_ms = out_ms,
                       .platform_post_id = str_of(id),
                       .platform_url = str_of(url)},
    };
}

/* Which of the two contents has the figures: 0, 1 or -1. */
static int owner(struct arena *a, const struct content x[2], struct post_metrics m)
{
    struct list contents = {(void *)x, 2}, figures = {&m, 1};
    const struct content *found = NULL;
    assert_null(measure_match(a, &contents, &figures, &found));
    return found ? (int)(found - x) : -1;
}

static void a_post_id_goes_before_all_else(void **state)
{
    struct content x[2] = {a_content("1", "https://x.com/a", "{\"primary\":\"Same\"}"),
                           a_content("2", "https://x.com/b", "{\"primary\":\"Same\"}")};
    struct post_metrics m = {.platform_post_id = S("2"),
                             .platform_url = S("https://x.com/a"),
                             .text = S("Same"),
                             .published_ms = out_ms};
    assert_int_equal(owner(*state, x, m), 1);
}

static void an_address_is_the_same_however_it_is_decorated(void **state)
{
    struct content x[2] = {a_content("", "https://www.x.com/a/", "{\"primary\":\"One\"}"),
                           a_content("", "https://x.com/b", "{\"primary\":\"Two\"}")};
    struct post_metrics m = {.platform_post_id = S("other_form"),
                             .platform_url = S("http://x.com/b/?utm_source=mail")};
    assert_int_equal(owner(*state, x, m), 1);
    m.platform_url = S("https://x.com/a");
    assert_int_equal(owner(*state, x, m), 0);
    m.platform_url = S("https://x.com/c");
    assert_int_equal(owner(*state, x, m), -1);
}

static void time_and_text_tell_a_post_without_id_and_address(void **state)
{
    struct content x[2] = {a_content("", "", "{\"primary\":\"One\\n\\nline\"}"),
                           a_content("", "", "{\"primary\":\"Two\"}")};
    struct post_metrics m = {.text = S("One line"), .published_ms = out_ms + 60 * 1000};
    assert_int_equal(owner(*state, x, m), 0);
    m.published_ms = out_ms + HOUR_MS;
    assert_int_equal(owner(*state, x, m), -1);
    m = (struct post_metrics){.text = S("Three"), .published_ms = out_ms};
    assert_int_equal(owner(*state, x, m), -1);
}

static void figures_that_fit_two_posts_are_nobodys(void **state)
{
    struct content x[2] = {a_content("", "", "{\"primary\":\"Same\"}"),
                           a_content("", "", "{\"primary\":\"Same\"}")};
    struct post_metrics m = {.text = S("Same"), .published_ms = out_ms};
    assert_int_equal(owner(*state, x, m), -1);
}

static void no_post_has_two_figures(void **state)
{
    struct content x = a_content("1", "", "{\"primary\":\"Same\"}");
    struct post_metrics m[2] = {{.text = S("Same"), .published_ms = out_ms},
                                {.platform_post_id = S("1")}};
    struct list contents = {&x, 1}, figures = {m, 2};
    const struct content *found[2];
    assert_null(measure_match(*state, &contents, &figures, found));
    assert_null(found[0]);
    assert_ptr_equal(found[1], &x);
}

static void the_older_a_post_the_rarer_it_is_asked_about(void **state)
{
    (void)state;
    static const struct {
        int64_t age_ms, intervals;
    } cases[] = {{0, 1},
                 {2 * DAY_MS - 1, 1},
                 {2 * DAY_MS, 6},
                 {14 * DAY_MS - 1, 6},
                 {14 * DAY_MS, 24},
                 {90 * DAY_MS - 1, 24}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t now_ms = out_ms + cases[i].age_ms;
        assert_int_equal(measure_next_ms(out_ms, now_ms, HOUR_MS),
                         now_ms + cases[i].intervals * HOUR_MS);
    }
    assert_int_equal(measure_next_ms(out_ms, out_ms + 90 * DAY_MS, HOUR_MS), INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_id_goes_before_all_else),
        cmocka_unit_test(an_address_is_the_same_however_it_is_decorated),
        cmocka_unit_test(time_and_text_tell_a_post_without_id_and_address),
        cmocka_unit_test(figures_that_fit_two_posts_are_nobodys),
        cmocka_unit_test(no_post_has_two_figures),
        cmocka_unit_test(the_older_a_post_the_rarer_it_is_asked_about),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
