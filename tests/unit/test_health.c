/* test_health.c: the promises of delivery/health.h, kept by a real database: what calls tell of the
 * provider decides who may call next. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "database.h"
#include "db/migrate.h"
#include "db/tx.h"
#include "delivery/health.h"
#include "pipeline/stages.h"

enum { BREAKER = 3, PAUSE_S = 30, TIMEOUT_MS = 2000 };

static struct database database;

static void must(error e)
{
    if (e)
        fail_msg("%.*s: %.*s", STR(e->wire), STR(e->cause));
}

static error do_put(struct ctx *c, void *row)
{
    return connection_put(c, row);
}

static void connect_account(struct ctx *c)
{
    struct brand_network twitter = {.platform = PLATFORM_TWITTER, .handle = S("@amp")};
    struct brand brand = {.blog_id = S("11"), .user_id = S("22"), .networks = {&twitter, 1}};
    struct integration row;
    must(account_row(c, &brand, (struct str){0}, &row));
    must(in_transaction(c, do_put, &row));
}

/* Each test has a tenant of its own, with an account that has just been connected. */
static int set_up(void **state)
{
    struct ctx *c = &database.ctx;
    *state = c;
    c->scope = (struct scope){id_new(clock_ms()), false};
    database.config.sandbox_calls_per_minute = 0;
    connect_account(c);
    return 0;
}

static struct integration now(struct ctx *c)
{
    struct integration i;
    must(store_integration_get(c, &i));
    return i;
}

/* Somebody who asks, as the account is now, and makes no call. */
static struct permission ask(struct ctx *c, bool reserved)
{
    struct connection to;
    struct permission p;
    must(account_of(c, &to));
    must(connection_ask(c, &to, reserved, &p));
    return p;
}

/* A call that was made, and what it told. */
static void note(struct ctx *c, struct call_report report)
{
    struct connection to;
    must(account_of(c, &to));
    report.calls = report.calls ? report.calls : 1;
    *to.account.report = report;
    must(connection_note(c, &to));
}

static void fails(struct ctx *c, int times)
{
    while (times-- > 0)
        note(c, (struct call_report){.news = CALL_AWAY, .problem = S("It does not answer.")});
}

/* As if the pause were over. */
static void wait_out(struct ctx *c)
{
    struct integration i = now(c);
    i.pause_ms = clock_ms() - 1;
    must(store_integration_health(c, &i));
}

static void so_many_failures_in_a_row_stop_all_calls(void **state)
{
    struct ctx *c = *state;
    fails(c, 1);
    assert_int_equal(now(c).status, INTEGRATION_HEALTHY);
    fails(c, BREAKER - 2);
    assert_int_equal(now(c).status, INTEGRATION_DEGRADED);
    assert_int_equal(ask(c, false).permit, PERMIT_NOW);
    fails(c, 1);
    struct permission p = ask(c, true);
    assert_int_equal(p.permit, PERMIT_HELD);
    assert_true(p.wait_ms > PAUSE_S * 1000 / 2 - 1000);
    assert_true(str_eq(p.why, S("It does not answer.")));
    assert_true(str_eq(now(c).last_error, S("It does not answer.")));
}

/* Calls that were made side by side, in the order of the posts and not of the answers. */
static void note_together(struct ctx *c, const struct call_report *reports, size_t n)
{
    const struct call_report *at[8];
    struct connection to;
    must(account_of(c, &to));
    for (size_t i = 0; i < n; i++)
        at[i] = &reports[i];
    bool woken;
    must(connection_note_all(c, &to, at, n, &woken));
}

static void of_calls_made_together_the_longest_wish_to_wait_counts(void **state)
{
    struct ctx *c = *state;
    const struct call_report reports[] = {
        {.calls = 1, .news = CALL_LIMITED, .retry_after_s = 60, .problem = S("Wait.")},
        {.calls = 1, .news = CALL_LIMITED, .retry_after_s = 5, .problem = S("Wait a little.")},
        {.calls = 1, .news = CALL_FINE}};
    int64_t began_ms = clock_ms();
    note_together(c, reports, 3);
    assert_true(now(c).pause_ms >= began_ms + 60 * 1000);
    assert_int_equal(ask(c, true).permit, PERMIT_HELD);
}

/* Another worker's calls had begun before this one was asked to wait. */
static void good_news_from_before_a_wish_to_wait_ends_no_pause(void **state)
{
    struct ctx *c = *state;
    struct connection before;
    must(account_of(c, &before));
    note(c, (struct call_report){.news = CALL_LIMITED, .retry_after_s = 60, .problem = S("Wait.")});
    *before.account.report = (struct call_report){.calls = 1, .news = CALL_FINE};
    before.failures = 1; /* or it would not be news at all */
    must(connection_note(c, &before));
    assert_int_equal(ask(c, true).permit, PERMIT_HELD);
}

static void of_calls_made_together_a_refused_token_counts_most(void **state)
{
    struct ctx *c = *state;
    const struct call_report reports[] = {
        {.calls = 1, .news = CALL_REVOKED, .problem = S("Connect it again.")},
        {.calls = 1, .news = CALL_LIMITED, .retry_after_s = 60, .problem = S("Wait.")},
        {.calls = 1, .news = CALL_FINE}};
    note_together(c, reports, 3);
    assert_int_equal(now(c).status, INTEGRATION_ERROR);
    assert_true(str_eq(now(c).last_error, S("Connect it again.")));
}

/* The pause does not double with each of them. */
static void many_that_fail_together_are_no_more_than_the_breaker_needs(void **state)
{
    struct ctx *c = *state;
    struct call_report reports[8];
    for (size_t i = 0; i < 8; i++)
        reports[i] = (struct call_report){
            .calls = 1, .news = CALL_AWAY, .problem = S("It does not answer.")};
    note_together(c, reports, 8);
    assert_int_equal(now(c).failures, BREAKER);
    assert_int_equal(ask(c, true).permit, PERMIT_HELD);
}

static void one_success_between_failures_starts_the_count_anew(void **state)
{
    struct ctx *c = *state;
    fails(c, BREAKER - 1);
    note(c, (struct call_report){.news = CALL_FINE, .latency_ms = 12});
    assert_int_equal(now(c).status, INTEGRATION_HEALTHY);
    assert_int_equal(now(c).latency_ms, 12);
    fails(c, BREAKER - 1);
    assert_int_equal(ask(c, false).permit, PERMIT_NOW);
}

static void after_the_pause_one_tries_and_the_others_wait_for_it(void **state)
{
    struct ctx *c = *state;
    fails(c, BREAKER);
    wait_out(c);
    assert_int_equal(ask(c, false).permit, PERMIT_NOW);
    assert_int_equal(ask(c, false).permit, PERMIT_HELD);
    assert_int_equal(ask(c, true).permit, PERMIT_HELD);
    note(c, (struct call_report){.news = CALL_FINE});
    assert_int_equal(ask(c, false).permit, PERMIT_NOW);
    assert_int_equal(ask(c, false).permit, PERMIT_NOW);
    assert_int_equal(now(c).failures, 0);
}

static void each_failure_after_a_pause_makes_the_next_one_longer(void **state)
{
    struct ctx *c = *state;
    fails(c, BREAKER + 2); /* four times the first pause, half of it left to chance */
    int64_t pause_ms = now(c).pause_ms - clock_ms();
    assert_in_range(pause_ms, 2 * PAUSE_S * 1000 - 5000, 4 * PAUSE_S * 1000);
    fails(c, 30);
    pause_ms = now(c).pause_ms - clock_ms();
    assert_in_range(pause_ms, 7 * MINUTE_MS, 15 * MINUTE_MS);
}

static void who_asks_to_wait_is_given_the_time_he_asks_for(void **state)
{
    struct ctx *c = *state;
    note(c, (struct call_report){
                .news = CALL_LIMITED, .retry_after_s = 77, .problem = S("Too many calls.")});
    struct permission p = ask(c, false);
    assert_int_equal(p.permit, PERMIT_HELD);
    assert_true(p.wait_ms > 70 * 1000);
    assert_int_equal(now(c).status, INTEGRATION_DEGRADED);
    assert_int_equal(now(c).failures, 0);
}

static void a_token_that_is_not_accepted_holds_all_until_it_is_connected_anew(void **state)
{
    struct ctx *c = *state;
    note(c, (struct call_report){.news = CALL_REVOKED, .problem = S("Connect it again.")});
    assert_int_equal(now(c).status, INTEGRATION_ERROR);
    assert_int_equal(ask(c, true).permit, PERMIT_HELD);
    fails(c, 1); /* a call that was under way says nothing new */
    assert_true(str_eq(now(c).last_error, S("Connect it again.")));
    c->now_ms++;
    connect_account(c);
    assert_int_equal(now(c).status, INTEGRATION_HEALTHY);
    assert_int_equal(ask(c, true).permit, PERMIT_NOW);
}

static void good_news_from_before_the_refusal_heals_nothing(void **state)
{
    struct ctx *c = *state;
    struct connection before;
    must(account_of(c, &before));
    note(c, (struct call_report){.news = CALL_REVOKED, .problem = S("Connect it again.")});
    *before.account.report = (struct call_report){.calls = 1, .news = CALL_FINE};
    must(connection_note(c, &before));
    assert_int_equal(now(c).status, INTEGRATION_ERROR);
    note(c, (struct call_report){.news = CALL_FINE}); /* by who knows of the refusal, and tries */
    assert_int_equal(now(c).status, INTEGRATION_HEALTHY);
}

static void what_was_said_to_an_account_before_counts_no_more(void **state)
{
    struct ctx *c = *state;
    struct connection before;
    must(account_of(c, &before));
    c->now_ms++;
    connect_account(c);
    *before.account.report = (struct call_report){
        .calls = 1, .news = CALL_REVOKED, .problem = S("It was the other one.")};
    must(connection_note(c, &before));
    assert_int_equal(now(c).status, INTEGRATION_HEALTHY);
}

static void a_pace_is_kept_by_all_together_and_times_are_reserved_in_order(void **state)
{
    struct ctx *c = *state;
    int64_t last_ms = 0;
    int at_once = 0;
    database.config.sandbox_calls_per_minute = 60;
    for (int i = 0; i < 10; i++) {
        struct permission p = ask(c, false);
        if (p.permit == PERMIT_NOW) {
            at_once++;
            assert_int_equal(last_ms, 0);
            continue;
        }
        assert_int_equal(p.permit, PERMIT_LATER);
        assert_true(p.wait_ms > last_ms);
        assert_true(p.wait_ms <= 5000);
        last_ms = p.wait_ms;
    }
    assert_in_range(at_once, 5, 7);
    assert_int_equal(ask(c, true).permit, PERMIT_NOW); /* who comes back at a time kept for him */
}

/* The job that asks for figures comes back for the place that it was given, beside where it is. */
static void figures_come_back_for_their_place(void **state)
{
    struct ctx *c = *state;
    struct job j = {.stage = PLATFORM_LINKEDIN};
    struct connection to;
    struct permission p = {.permit = PERMIT_NOW};
    struct step s = {.job = &j, .stage = j.stage};
    database.config.sandbox_calls_per_minute = 60;
    must(account_of(c, &to));
    while (p.permit == PERMIT_NOW)
        must(analytics_ask(c, &s, &to, &p));
    assert_int_equal(p.permit, PERMIT_LATER);
    j.stage = s.stage; /* as it is stored */
    assert_int_equal(analytics_stage(&j), PLATFORM_LINKEDIN);
    int64_t slot_ms = now(c).slot_ms;
    must(analytics_ask(c, &s, &to, &p));
    assert_int_equal(p.permit, PERMIT_NOW);
    assert_int_equal(now(c).slot_ms, slot_ms); /* no further place is taken */
    assert_int_equal(s.stage, PLATFORM_LINKEDIN);
}

static void calls_beyond_the_one_asked_for_take_their_places_too(void **state)
{
    struct ctx *c = *state;
    database.config.sandbox_calls_per_minute = 60;
    assert_int_equal(ask(c, false).permit, PERMIT_NOW);
    int64_t slot_ms = now(c).slot_ms;
    note(c, (struct call_report){.calls = 4, .news = CALL_FINE});
    assert_int_equal(now(c).slot_ms, slot_ms + 3000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(so_many_failures_in_a_row_stop_all_calls),
        TEST(of_calls_made_together_the_longest_wish_to_wait_counts),
        TEST(good_news_from_before_a_wish_to_wait_ends_no_pause),
        TEST(of_calls_made_together_a_refused_token_counts_most),
        TEST(many_that_fail_together_are_no_more_than_the_breaker_needs),
        TEST(one_success_between_failures_starts_the_count_anew),
        TEST(after_the_pause_one_tries_and_the_others_wait_for_it),
        TEST(each_failure_after_a_pause_makes_the_next_one_longer),
        TEST(who_asks_to_wait_is_given_the_time_he_asks_for),
        TEST(a_token_that_is_not_accepted_holds_all_until_it_is_connected_anew),
        TEST(good_news_from_before_the_refusal_heals_nothing),
        TEST(what_was_said_to_an_account_before_counts_no_more),
        TEST(a_pace_is_kept_by_all_together_and_times_are_reserved_in_order),
        TEST(figures_come_back_for_their_place),
        TEST(calls_beyond_the_one_asked_for_take_their_places_too),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    log_set_level(LOG_LEVEL_ERROR);
    must(database_make(&database, "health"));
    database.config.breaker_failures = BREAKER;
    database.config.breaker_pause_s = PAUSE_S;
    database.config.metricool_timeout_ms = TIMEOUT_MS;
    must(migrate(&database.ctx, NULL, NULL));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    must(database_drop(&database));
    return failed;
}
