/* test_follower.c: the promises of store/follower.h, kept by a real server. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "database.h"
#include "db/migrate.h"
#include "domain/platform.h"
#include "store/follower.h"

/* A day; the tests speak of those around it. */
enum { DAY = 20000 };

static struct database database;

static void must(error e)
{
    if (e)
        fail_msg("%.*s: %.*s", STR(e->wire), STR(e->cause));
}

/* Each test has a tenant of its own. */
static int new_tenant(void **state)
{
    database.ctx.scope = (struct scope){id_new(database.ctx.now_ms), false};
    *state = &database.ctx;
    return 0;
}

static void put(struct ctx *c, enum platform p, int64_t day, int64_t followers)
{
    must(store_follower_put(c, S("11"), &(struct follower_day){p, DAY + day, followers}, 1));
}

static int64_t gained(struct ctx *c, int64_t first, int64_t last, int64_t platforms)
{
    int64_t n = -1;
    must(store_follower_gained(c, DAY + first, DAY + last, platforms, &n));
    return n;
}

static void a_gain_is_from_the_day_before_the_period_to_its_last(void **state)
{
    struct ctx *c = *state;
    put(c, PLATFORM_TWITTER, 0, 100);
    put(c, PLATFORM_TWITTER, 1, 104);
    put(c, PLATFORM_TWITTER, 2, 109);
    put(c, PLATFORM_TWITTER, 3, 107);
    assert_int_equal(gained(c, 1, 1, 0), 4);
    assert_int_equal(gained(c, 2, 2, 0), 5);
    assert_int_equal(gained(c, 3, 3, 0), -2);
    assert_int_equal(gained(c, 1, 3, 0), 7);
}

static void days_nobody_knows_of_count_as_the_last_known_one(void **state)
{
    struct ctx *c = *state;
    put(c, PLATFORM_TWITTER, 0, 100);
    put(c, PLATFORM_TWITTER, 10, 130);
    assert_int_equal(gained(c, 3, 9, 0), 0);
    assert_int_equal(gained(c, 3, 12, 0), 30);
    assert_int_equal(gained(c, 11, 20, 0), 0);
}

static void the_first_number_known_is_no_gain(void **state)
{
    struct ctx *c = *state;
    assert_int_equal(gained(c, -5, 5, 0), 0);
    put(c, PLATFORM_TWITTER, 0, 100);
    put(c, PLATFORM_TWITTER, 1, 101);
    assert_int_equal(gained(c, -5, -1, 0), 0);
    assert_int_equal(gained(c, -5, 0, 0), 0);
    assert_int_equal(gained(c, -5, 5, 0), 1);
}

static void platforms_and_accounts_are_counted_each_for_itself(void **state)
{
    struct ctx *c = *state;
    put(c, PLATFORM_TWITTER, 0, 100);
    put(c, PLATFORM_TWITTER, 1, 101);
    put(c, PLATFORM_LINKEDIN, 0, 50);
    put(c, PLATFORM_LINKEDIN, 1, 70);
    /* another account takes the place of the first, with many more followers */
    must(store_follower_put(c, S("22"),
                            (struct follower_day[]){{PLATFORM_TWITTER, DAY + 2, 9000},
                                                    {PLATFORM_TWITTER, DAY + 3, 9300}},
                            2));
    assert_int_equal(gained(c, 1, 1, 0), 21);
    assert_int_equal(gained(c, 1, 1, 1 << PLATFORM_TWITTER), 1);
    assert_int_equal(gained(c, 1, 1, 1 << PLATFORM_LINKEDIN), 20);
    assert_int_equal(gained(c, 1, 1, 1 << PLATFORM_TIKTOK), 0);
    assert_int_equal(gained(c, 1, 2, 0), 21);
    assert_int_equal(gained(c, 1, 3, 0), 321);
}

static void asked(struct ctx *c, unsigned platforms, int64_t day)
{
    must(store_follower_asked(c, S("11"), platforms, DAY + day));
}

static struct follower_known known(struct ctx *c, struct str blog_id, enum platform p)
{
    struct follower_known all[PLATFORM_COUNT] = {{0}};
    must(store_follower_known(c, blog_id, all));
    return all[p];
}

static void tenants_and_modes_do_not_meet(void **state)
{
    struct ctx *c = *state;
    put(c, PLATFORM_TWITTER, 0, 100);
    put(c, PLATFORM_TWITTER, 1, 101);
    asked(c, 1u << PLATFORM_TWITTER, 0);
    c->scope.live = true;
    assert_int_equal(gained(c, 1, 1, 0), 0);
    assert_int_equal(known(c, S("11"), PLATFORM_TWITTER).asked, 0);
    c->scope = (struct scope){id_new(c->now_ms), false};
    assert_int_equal(gained(c, 1, 1, 0), 0);
    assert_int_equal(known(c, S("11"), PLATFORM_TWITTER).asked, 0);
    asked(c, 1u << PLATFORM_TWITTER, 0);
    assert_int_equal(known(c, S("11"), PLATFORM_TWITTER).last, 0);
}

static void a_later_answer_takes_the_place_of_an_earlier_one(void **state)
{
    struct ctx *c = *state;
    put(c, PLATFORM_TWITTER, 0, 100);
    put(c, PLATFORM_TWITTER, 1, 101);
    put(c, PLATFORM_TWITTER, 1, 108);
    assert_int_equal(gained(c, 1, 1, 0), 8);
    put(c, PLATFORM_BLUESKY, 3, 7);
    asked(c, 1u << PLATFORM_TWITTER | 1u << PLATFORM_BLUESKY | 1u << PLATFORM_LINKEDIN, 3);
    assert_int_equal(known(c, S("11"), PLATFORM_TWITTER).last, DAY + 1);
    assert_int_equal(known(c, S("11"), PLATFORM_BLUESKY).last, DAY + 3);
    assert_int_equal(known(c, S("11"), PLATFORM_LINKEDIN).last, 0);
}

static void it_is_known_when_each_platform_was_asked_about(void **state)
{
    struct ctx *c = *state;
    asked(c, 1u << PLATFORM_TWITTER | 1u << PLATFORM_LINKEDIN, -1);
    asked(c, 1u << PLATFORM_TWITTER, 0);
    assert_int_equal(known(c, S("11"), PLATFORM_TWITTER).asked, DAY);
    assert_int_equal(known(c, S("11"), PLATFORM_LINKEDIN).asked, DAY - 1);
    assert_int_equal(known(c, S("11"), PLATFORM_BLUESKY).asked, 0);
    assert_int_equal(known(c, S("22"), PLATFORM_TWITTER).asked, 0);
}

static int make(void **state)
{
    (void)state;
    must(database_make(&database, "follower"));
    must(migrate(&database.ctx, NULL, NULL));
    return 0;
}

static int drop(void **state)
{
    (void)state;
    return database_drop(&database) != NULL;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, new_tenant)
    const struct CMUnitTest tests[] = {
        TEST(a_gain_is_from_the_day_before_the_period_to_its_last),
        TEST(days_nobody_knows_of_count_as_the_last_known_one),
        TEST(the_first_number_known_is_no_gain),
        TEST(platforms_and_accounts_are_counted_each_for_itself),
        TEST(tenants_and_modes_do_not_meet),
        TEST(a_later_answer_takes_the_place_of_an_earlier_one),
        TEST(it_is_known_when_each_platform_was_asked_about),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    return cmocka_run_group_tests(tests, make, drop);
}
