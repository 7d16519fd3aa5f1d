/* test_page.c: what a page of a list is made of. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/page.h"

static const struct id cursor = {"0OxlNPC000000001"};

static void a_row_too_many_says_that_there_is_more(void **state)
{
    int values[] = {5, 4, 3};
    struct list rows = {values, 3};
    bool more = false;
    (void)state;
    page_finish(&(struct page){.limit = 2}, &rows, sizeof *values, &more);
    assert_true(more);
    assert_int_equal(rows.n, 2);
    assert_int_equal(values[0], 5);
    assert_int_equal(values[1], 4);
}

static void a_full_page_may_be_the_last(void **state)
{
    int values[] = {5, 4};
    struct list rows = {values, 2}, none = {0};
    bool more = true;
    (void)state;
    page_finish(&(struct page){.limit = 2}, &rows, sizeof *values, &more);
    assert_false(more);
    assert_int_equal(rows.n, 2);
    more = true;
    page_finish(&(struct page){.limit = 2}, &none, sizeof *values, &more);
    assert_false(more);
    assert_int_equal(none.n, 0);
}

static void a_page_that_was_read_upwards_is_newest_first_too(void **state)
{
    static const struct {
        int read[4], shown[4];
        size_t n;
        bool more;
    } cases[] = {
        {{0}, {0}, 0, false},
        {{1}, {1}, 1, false},
        {{1, 2}, {2, 1}, 2, false},
        {{1, 2, 3}, {3, 2, 1}, 3, false},
        {{1, 2, 3, 4}, {3, 2, 1}, 3, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int values[4];
        struct list rows = {values, cases[i].n + cases[i].more};
        bool more;
        memcpy(values, cases[i].read, sizeof values);
        page_finish(&(struct page){.limit = 3, .before = cursor}, &rows, sizeof *values, &more);
        assert_int_equal(more, cases[i].more);
        assert_int_equal(rows.n, cases[i].n);
        assert_memory_equal(values, cases[i].shown, rows.n * sizeof *values);
    }
}

static void the_first_page_stays_below_nothing(void **state)
{
    struct id highest = id_max(), upper = page_upper(&(struct page){.limit = 1});
    (void)state;
    assert_true(id_cmp(&highest, &upper) < 0);
    upper = page_upper(&(struct page){.limit = 1, .after = cursor});
    assert_true(id_eq(&upper, &cursor));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_too_many_says_that_there_is_more),
        cmocka_unit_test(a_full_page_may_be_the_last),
        cmocka_unit_test(a_page_that_was_read_upwards_is_newest_first_too),
        cmocka_unit_test(the_first_page_stays_below_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
