/* test_id.c: the promises of base/id.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <string.h>
#include <cmocka.h>

#include "base/crypto.h"
#include "base/id.h"

static const int64_t last_ms = INT64_C(3521614606207); /* 62^7 - 1 */

static void an_id_holds_its_time_and_base62_only(void **state)
{
    (void)state;
    static const int64_t times[] = {0, 1, 61, 62, 1705276800000, 3521614606207};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct id id = id_new(times[i]);
        assert_int_equal(id_ms(&id), times[i]);
        assert_true(id_is_base62(id_str(&id)));
        assert_false(id_is_none(&id));
    }
}

static void the_order_of_bytes_is_the_order_of_creation(void **state)
{
    (void)state;
    struct id before = id_new(0);
    for (int64_t ms = 1; ms < last_ms; ms = ms * 3 + 1) {
        struct id now = id_new(ms);
        assert_true(id_cmp(&before, &now) < 0);
        before = now;
    }
}

static void ids_of_one_millisecond_differ(void **state)
{
    (void)state;
    struct id a = id_new(1705276800000), b = id_new(1705276800000);
    assert_false(id_eq(&a, &b));
}

static void a_floor_is_below_every_id_of_its_time(void **state)
{
    (void)state;
    struct id floor = id_floor(1705276800000), before = id_new(1705276799999);
    struct id same = id_new(1705276800000);
    assert_true(id_cmp(&floor, &same) <= 0);
    assert_true(id_cmp(&before, &floor) < 0);
}

static void times_out_of_range_are_clamped(void **state)
{
    (void)state;
    struct id lowest = id_floor(0), highest = id_max();
    struct id before = id_floor(-1), after = id_floor(last_ms + 1);
    assert_true(id_eq(&before, &lowest));
    assert_true(id_eq(&after, &highest));
    struct id late = id_new(INT64_MAX), early = id_new(INT64_MIN);
    assert_int_equal(id_ms(&late), last_ms);
    assert_int_equal(id_ms(&early), 0);
}

static void printing_and_reading_are_inverse(void **state)
{
    (void)state;
    char text[ID_TEXT + 1];
    struct id id = id_new(1705276800000), back;
    struct str printed = id_print(text, S("msn_"), &id);
    assert_int_equal(printed.n, ID_TEXT);
    assert_int_equal(text[ID_TEXT], '\0');
    assert_true(id_parse(printed, S("msn_"), &back));
    assert_true(id_eq(&id, &back));
}

static void malformed_ids_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "msn_",
        "msn_2xK9mPqR4vN8sT3",
        "msn_2xK9mPqR4vN8sT3ww",
        "cnt_2xK9mPqR4vN8sT3w",
        "MSN_2xK9mPqR4vN8sT3w",
        "msn_2xK9mPqR4vN8sT-w",
        "msn_2xK9mPqR4vN8s\xC3\xA4w",
        " msn_2xK9mPqR4vN8sT3w",
    };
    struct id id;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(id_parse(str_of(bad[i]), S("msn_"), &id));
    assert_false(id_parse((struct str){NULL, 0}, S("msn_"), &id));
    assert_true(id_parse(S("msn_2xK9mPqR4vN8sT3w"), S("msn_"), &id));
}

static void all_zero_bytes_is_none(void **state)
{
    (void)state;
    struct id none = {0};
    assert_true(id_is_none(&none));
    assert_int_equal(id_ms(&none), 0);
}

static void random_characters_are_uniform(void **state)
{
    (void)state;
    enum { DRAWS = 62 * 1000 };
    static char drawn[DRAWS];
    unsigned seen[128] = {0};
    id_random(drawn, sizeof drawn);
    for (size_t i = 0; i < sizeof drawn; i++)
        seen[drawn[i] & 127]++;
    unsigned total = 0;
    for (const char *c = "0AZaz9mM"; *c; c++) {
        /* expected 1000, deviation 31: eight of them either way */
        assert_in_range(seen[(unsigned char)*c], 750, 1250);
        total += seen[(unsigned char)*c];
    }
    assert_in_range(total, 7000, 9000);
    assert_true(id_is_base62((struct str){drawn, sizeof drawn}));
}

int main(void)
{
    crypto_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_holds_its_time_and_base62_only),
        cmocka_unit_test(the_order_of_bytes_is_the_order_of_creation),
        cmocka_unit_test(ids_of_one_millisecond_differ),
        cmocka_unit_test(a_floor_is_below_every_id_of_its_time),
        cmocka_unit_test(times_out_of_range_are_clamped),
        cmocka_unit_test(printing_and_reading_are_inverse),
        cmocka_unit_test(malformed_ids_are_refused),
        cmocka_unit_test(all_zero_bytes_is_none),
        cmocka_unit_test(random_characters_are_uniform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
