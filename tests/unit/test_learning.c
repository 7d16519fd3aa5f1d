/* test_learning.c: the promises of domain/learning.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "domain/learning.h"

/* 100 posts that were seen 1,000 times each, by people of whom 5 in 100 did something. */
static const struct figures all = {.posts = 100, .impressions = 100000, .engagements = 5000};

static void what_is_average_or_unknown_stays_as_it_is(void **state)
{
    static const struct figures average = {20, 20000, 1000, 0}, none = {0};
    (void)state;
    assert_float_equal(learning_lift(&average, &all), 1, 1e-9);
    assert_float_equal(learning_lift(&none, &all), 1, 1e-9);
    assert_float_equal(learning_lift(&average, &none), 1, 1e-9);
}

static void few_posts_say_little_and_many_say_it_loud(void **state)
{
    /* Each at 8 in 100, which is 1.6 times as good as all. */
    static const struct figures few = {1, 1000, 80, 0}, some = {10, 10000, 800, 0},
                                many = {1000, 1000000, 80000, 0};
    (void)state;
    assert_float_equal(learning_lift(&few, &all), 11.6 / 11, 1e-9);
    assert_float_equal(learning_lift(&some, &all), 1.3, 1e-9);
    assert_float_equal(learning_lift(&many, &all), 1.594, 1e-3);
}

static void no_result_more_than_doubles_or_halves_a_weight(void **state)
{
    static const struct figures star = {1000, 1000000, 900000, 0}, dud = {1000, 1000000, 0, 0},
                                corrected = {1, -5, -5, 0};
    (void)state;
    assert_float_equal(learning_lift(&star, &all), 2, 1e-9);
    assert_float_equal(learning_lift(&dud, &all), 0.5, 1e-9);
    assert_float_equal(learning_lift(&corrected, &all), 1, 1e-9);
}

static void weights_follow_the_lifts_and_add_up(void **state)
{
    static const double lifts[] = {1, 2, 1, 0.5};
    int64_t weights[] = {40, 30, 29, 1}, sum = 0;
    (void)state;
    learning_reweigh(weights, lifts, 4);
    for (int i = 0; i < 4; i++)
        sum += weights[i];
    assert_int_equal(sum, 100);
    assert_true(weights[1] > weights[0] && weights[0] > weights[2]);
    assert_int_equal(weights[3], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_average_or_unknown_stays_as_it_is),
        cmocka_unit_test(few_posts_say_little_and_many_say_it_loud),
        cmocka_unit_test(no_result_more_than_doubles_or_halves_a_weight),
        cmocka_unit_test(weights_follow_the_lifts_and_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
