/* test_reconcile.c: two hosts that share a database share their tenants' limits. */
#include "frame/reconcile.h"

#include "base/clock.h"
#include "database.h"
#include "db/migrate.h"
#include "shm/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { LIMIT = 10 };
static const struct scope scope = {{"0123456789abcdef"}, true};
static struct database database;

/* The memory of a host, never shared with the other. */
static struct shm *host(void)
{
    const char *problem;
    return shm_map((struct str){0}, &problem);
}

static int64_t take(struct shm *shm, int times)
{
    int64_t now_s = clock_ms() / 1000, passed = 0;
    struct rate rate;
    for (int i = 0; i < times; i++)
        passed += rate_take(shm, &scope, LIMIT, now_s, &rate);
    return passed;
}

/* As if the last turn had been long ago. */
static void exchange(struct shm *shm)
{
    atomic_store(&shm->turn_ms, 0);
    reconcile_limits(&database.ctx, shm);
}

static void what_one_host_counted_the_other_takes_off(void **state)
{
    struct shm *one = host(), *two = host();
    (void)state;
    assert_int_equal(take(one, 6), 6);
    assert_int_equal(take(two, 1), 1);
    exchange(one);
    exchange(two);
    assert_int_equal(take(two, LIMIT), 3); /* 6 there, 1 here */
    exchange(two);
    assert_int_equal(take(one, 1), 1); /* not yet told of the three */
    exchange(one);
    assert_int_equal(take(one, LIMIT), 0);
    shm_unmap(one);
    shm_unmap(two);
}

static void without_the_setting_hosts_count_for_themselves(void **state)
{
    struct shm *one = host(), *two = host();
    (void)state;
    database.config.rate_reconcile = false;
    assert_int_equal(take(one, LIMIT), LIMIT);
    assert_int_equal(take(two, 1), 1);
    exchange(one);
    exchange(two);
    assert_int_equal(take(two, LIMIT), LIMIT - 1);
    database.config.rate_reconcile = true;
    shm_unmap(one);
    shm_unmap(two);
}

static void the_window_of_all_is_the_earliest(void **state)
{
    struct shm *shm = host();
    int64_t now_s = clock_ms() / 1000;
    struct rate rate;
    struct rate_window w;
    (void)state;
    assert_true(rate_take(shm, &scope, LIMIT, now_s, &rate));
    assert_int_equal(rate_changed(shm, now_s, &w, 1), 1);
    rate_learn(shm, &w, now_s - 20, 4);
    assert_true(rate_take(shm, &scope, LIMIT, now_s, &rate));
    assert_int_equal(rate.remaining, LIMIT - 2 - 4);
    assert_int_equal(rate.reset_s, now_s - 20 + RATE_WINDOW_S);
    shm_unmap(shm);
}

static void only_windows_that_changed_are_told(void **state)
{
    struct shm *shm = host();
    int64_t now_s = clock_ms() / 1000;
    struct rate_window w[2];
    (void)state;
    assert_int_equal(take(shm, 1), 1);
    assert_int_equal(rate_changed(shm, now_s, w, 2), 1);
    assert_int_equal(rate_changed(shm, now_s, w, 2), 0);
    assert_int_equal(take(shm, 1), 1);
    assert_int_equal(rate_changed(shm, now_s, w, 2), 1);
    assert_int_equal(w[0].n, 2);
    shm_unmap(shm);
}

static int empty(void **state)
{
    (void)state;
    return db_command(&database.ctx, "DELETE FROM rate_window") ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_one_host_counted_the_other_takes_off, empty),
        cmocka_unit_test_setup(without_the_setting_hosts_count_for_themselves, empty),
        cmocka_unit_test_setup(the_window_of_all_is_the_earliest, empty),
        cmocka_unit_test_setup(only_windows_that_changed_are_told, empty),
    };
    int failed;
    if (!database_offered())
        return DATABASE_SKIPPED;
    if (database_make(&database, "reconcile") || migrate(&database.ctx, NULL, NULL))
        return 1;
    database.config.rate_reconcile = true;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    return database_drop(&database) ? 1 : failed;
}
