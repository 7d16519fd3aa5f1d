/* test_buf.c: the promises of base/buf.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <string.h>
#include <cmocka.h>

#include "base/buf.h"

#define assert_holds(b, want) assert_true(str_eq(buf_str(b), (want)))

static void what_is_added_stands_in_order(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    assert_holds(&b, S(""));
    buf_add(&b, S("a="));
    buf_int(&b, -42);
    buf_char(&b, ';');
    buf_printf(&b, "%s:%d", "x", 7);
    buf_add(&b, (struct str){NULL, 0});
    assert_holds(&b, S("a=-42;x:7"));
    buf_release(&b);
}

static void integers_of_all_sizes_are_written(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    buf_int(&b, INT64_MIN);
    buf_char(&b, ' ');
    buf_int(&b, 0);
    buf_char(&b, ' ');
    buf_int(&b, INT64_MAX);
    assert_holds(&b, S("-9223372036854775808 0 9223372036854775807"));
    buf_release(&b);
}

static void the_ceiling_may_be_reached_but_not_passed(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 5);
    buf_add(&b, S("12345"));
    assert_false(b.full);
    buf_char(&b, '6');
    assert_true(b.full);
    assert_holds(&b, S("12345"));
    buf_release(&b);
}

static void once_full_it_stays_full_until_it_is_cleared(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 5);
    buf_add(&b, S("123456"));
    buf_char(&b, '1');
    assert_true(b.full);
    assert_int_equal(b.n, 0);
    assert_null(buf_room(&b, 1));
    buf_clear(&b);
    buf_char(&b, '1');
    assert_false(b.full);
    assert_holds(&b, S("1"));
    buf_release(&b);
}

static void formatted_text_may_fill_it_to_the_last_byte(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    buf_printf(&b, "%999d", 1);
    buf_printf(&b, "%d", 2);
    assert_false(b.full);
    assert_int_equal(b.n, 1000);
    assert_memory_equal(b.p + 998, "12", 2);
    buf_printf(&b, "%d", 3);
    assert_true(b.full);
    buf_release(&b);
}

static void room_is_written_by_the_caller(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 10000);
    char *room = buf_room(&b, 5000);
    assert_non_null(room);
    memset(room, 'x', 5000);
    b.n += 5000;
    buf_char(&b, 'y');
    assert_int_equal(b.n, 5001);
    assert_int_equal(buf_str(&b).p[4999], 'x');
    buf_release(&b);
}

static void an_arena_releases_its_buffers(void **state)
{
    (void)state;
    struct arena *a = arena_new(1000);
    struct buf *b = buf_new(a, 100000);
    for (int i = 0; i < 10000; i++)
        buf_char(b, 'x');
    assert_int_equal(b->n, 10000);
    arena_free(a); /* the leak checker sees what is left */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_added_stands_in_order),
        cmocka_unit_test(integers_of_all_sizes_are_written),
        cmocka_unit_test(the_ceiling_may_be_reached_but_not_passed),
        cmocka_unit_test(once_full_it_stays_full_until_it_is_cleared),
        cmocka_unit_test(formatted_text_may_fill_it_to_the_last_byte),
        cmocka_unit_test(room_is_written_by_the_caller),
        cmocka_unit_test(an_arena_releases_its_buffers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
