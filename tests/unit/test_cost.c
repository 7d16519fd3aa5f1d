/* test_cost.c: the ledger's promises: nothing is booked twice, and a budget is never overspent,
 * whatever happens at once. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <sys/wait.h>
#include <cmocka.h>

#include "base/clock.h"
#include "database.h"
#include "db/migrate.h"
#include "db/tx.h"
#include "domain/figures.h"
#include "store/cost.h"
#include "store/cost_day.h"
#include "store/cost_read.h"

enum { WORKERS = 8, MOST = 1000, LIMIT = 40000, MANY = 400 };

static struct database database;

static void must(error e)
{
    if (e)
        fail_msg("%.*s: %.*s", STR(e->wire), STR(e->cause));
}

/* A reservation, inside a transaction. */
struct attempt {
    struct cost cost;
    int64_t limit;
    bool alone, granted;
};

static error reserve(struct ctx *c, void *arg)
{
    struct attempt *a = arg;
    return store_cost_reserve(c, &a->cost, a->limit, a->alone, &a->granted);
}

static error book(struct ctx *c, void *arg)
{
    return store_cost_book(c, arg);
}

static error release(struct ctx *c, void *arg)
{
    return store_cost_release(c, arg);
}

static error enter(struct ctx *c, void *arg)
{
    return store_cost_enter(c, arg);
}

static struct id mission;

static struct attempt new_attempt(struct ctx *c, int64_t most, int64_t limit)
{
    return (struct attempt){
        .cost = {.id = id_new(c->now_ms),
                 .mission_id = mission,
                 .category = COST_GENERATION,
                 .provider = S("mock"),
                 .model = S("model"),
                 .reserved = most,
                 .expires_ms = clock_ms() + 60000},
        .limit = limit,
    };
}

static error rebuild(struct ctx *c, void *none)
{
    (void)none;
    return store_cost_day_rebuild(c);
}

/* What the sums of all missions say. */
struct days {
    int64_t calls, microcents;
};

static error add_day(void *arg, const void *row)
{
    const struct cost_sum *sum = row;
    struct days *d = arg;
    d->calls += sum->calls;
    d->microcents += sum->microcents;
    return NULL;
}

static struct days days(struct ctx *c)
{
    struct days d = {0};
    must(store_cost_each_day(c, 0, c->now_ms / DAY_MS + 9, add_day, &d));
    return d;
}

static struct budget budget(struct ctx *c)
{
    struct budget b;
    must(store_budget_get(c, &mission, &b));
    return b;
}

static bool try_to_reserve(struct ctx *c, struct attempt *a)
{
    must(in_transaction(c, reserve, a));
    return a->granted;
}

static void finish(struct ctx *c, struct cost *x, enum cost_state state, int64_t microcents)
{
    x->state = (int)state;
    x->microcents = microcents;
    must(in_transaction(c, book, x));
}

static void what_is_reserved_is_not_there_for_others(void **state)
{
    struct ctx *c = *state;
    struct attempt first = new_attempt(c, 60, 100), second = new_attempt(c, 41, 100);
    assert_true(try_to_reserve(c, &first));
    assert_false(try_to_reserve(c, &second));
    finish(c, &first.cost, COST_BOOKED, 50);
    assert_true(try_to_reserve(c, &second));
    assert_int_equal(budget(c).spent, 50);
    assert_int_equal(budget(c).reserved, 41);
}

static void a_call_is_booked_once(void **state)
{
    struct ctx *c = *state;
    struct attempt a = new_attempt(c, 60, INT64_MAX);
    assert_true(try_to_reserve(c, &a));
    for (int i = 0; i < 3; i++)
        finish(c, &a.cost, COST_BOOKED, 50);
    must(in_transaction(c, release, &a.cost));
    assert_int_equal(budget(c).spent, 50);
    assert_int_equal(budget(c).reserved, 0);
}

static void a_call_that_never_took_place_costs_nothing(void **state)
{
    struct ctx *c = *state;
    struct attempt a = new_attempt(c, 60, 60);
    assert_true(try_to_reserve(c, &a));
    must(in_transaction(c, release, &a.cost));
    must(in_transaction(c, release, &a.cost));
    assert_int_equal(budget(c).spent + budget(c).reserved, 0);
}

static void the_same_question_is_asked_by_one_worker_and_its_answer_kept(void **state)
{
    struct ctx *c = *state;
    struct attempt a = new_attempt(c, 60, INT64_MAX), b = new_attempt(c, 60, INT64_MAX);
    struct cost found;
    struct id content = id_new(c->now_ms);
    a.cost.key = b.cost.key = S("0123456789abcdef0123456789abcdef");
    assert_true(try_to_reserve(c, &a));
    assert_true(db_is_duplicate(in_transaction(c, reserve, &b)));
    a.cost.answer = S("{\"text\":\"Hello\"}");
    finish(c, &a.cost, COST_BOOKED, 7);
    must(store_cost_of_key(c, a.cost.key, &found));
    assert_true(str_eq(found.answer, a.cost.answer));
    assert_int_equal(found.microcents, 7);
    must(store_cost_assign(c, &a.cost.id, &content));
    must(store_cost_use(c, &content));
    assert_true(error_is(store_cost_of_key(c, a.cost.key, &found), ERR_NOT_FOUND));
    assert_int_equal(budget(c).spent, 7);
    assert_int_equal(budget(c).reserved, 0);
}

static void a_worker_that_died_leaves_its_call_booked_at_the_most_it_can_have_cost(void **state)
{
    struct ctx *c = *state;
    struct attempt a = new_attempt(c, 60, 100), b = new_attempt(c, 41, 100);
    uint64_t n;
    a.cost.expires_ms = 1000;
    a.cost.key = S("00000000000000000000000000000001");
    assert_true(try_to_reserve(c, &a));
    must(store_cost_expire(c, 1000, &n));
    assert_int_equal(budget(c).reserved, 60);
    must(store_cost_expire(c, 1001, &n));
    assert_int_equal(n, 1);
    assert_int_equal(budget(c).spent, 60);
    assert_int_equal(budget(c).reserved, 0);
    assert_false(try_to_reserve(c, &b));
    /* It was only slow: what it really cost counts. */
    finish(c, &a.cost, COST_BOOKED, 10);
    assert_int_equal(budget(c).spent, 10);
    assert_int_equal(budget(c).reserved, 0);
}

static void an_answer_that_nobody_uses_is_forgotten_its_cost_is_not(void **state)
{
    struct ctx *c = *state;
    struct attempt a = new_attempt(c, 60, 100);
    struct cost found;
    uint64_t n;
    a.cost.key = S("00000000000000000000000000000002");
    assert_true(try_to_reserve(c, &a));
    a.cost.answer = S("{}");
    a.cost.expires_ms = 1000;
    finish(c, &a.cost, COST_BOOKED, 10);
    must(store_cost_expire(c, 1001, &n));
    assert_true(error_is(store_cost_of_key(c, a.cost.key, &found), ERR_NOT_FOUND));
    assert_int_equal(budget(c).spent, 10);
}

static void
a_call_that_charged_more_than_agreed_is_booked_as_it_is_and_the_next_is_refused(void **state)
{
    struct ctx *c = *state;
    struct attempt a = new_attempt(c, 60, 100), b = new_attempt(c, 0, 100);
    assert_true(try_to_reserve(c, &a));
    finish(c, &a.cost, COST_BOOKED, 130);
    assert_int_equal(budget(c).spent, 130);
    assert_false(try_to_reserve(c, &b));
}

static void a_call_that_has_to_be_alone_waits_for_the_others_and_they_for_it(void **state)
{
    struct ctx *c = *state;
    struct attempt a = new_attempt(c, 10, 100), b = a;
    a.alone = b.alone = true;
    b.cost.id = id_new(c->now_ms);
    assert_true(try_to_reserve(c, &a));
    assert_false(try_to_reserve(c, &b));
    assert_int_equal(budget(c).reserved, 10);
    finish(c, &a.cost, COST_BOOKED, 10);
    assert_true(try_to_reserve(c, &b));
    finish(c, &b.cost, COST_BOOKED, 10);
    assert_int_equal(budget(c).spent, 20);
}

static void what_is_entered_counts(void **state)
{
    struct ctx *c = *state;
    struct attempt a = new_attempt(c, 0, 0);
    a.cost.microcents = 5 * MICROCENTS_PER_CENT;
    must(in_transaction(c, enter, &a.cost));
    assert_int_equal(budget(c).spent, 5 * MICROCENTS_PER_CENT);
}

static struct days days_of_mission(struct ctx *c, const struct id *id)
{
    struct days d = {0};
    must(store_cost_of_mission(c, id, 0, c->now_ms / DAY_MS + 9, &d.microcents));
    return d;
}

static void a_call_of_no_mission_counts_once_among_those_of_all(void **state)
{
    struct ctx *c = *state;
    const struct id all = {"0000000000000000"};
    struct days before = days(c);
    struct cost x = new_attempt(c, 0, 0).cost;
    x.mission_id = (struct id){{0}};
    x.category = COST_PUBLISHING;
    x.microcents = 0;
    must(in_transaction(c, enter, &x));
    assert_int_equal(days(c).calls, before.calls + 1);
    must(in_locking_transaction(c, rebuild, NULL));
    assert_int_equal(days(c).calls, before.calls + 1);
    assert_int_equal(days(c).microcents, before.microcents);
    assert_int_equal(days_of_mission(c, &all).microcents, before.microcents);
}

/* A worker: calls as long as it may. Each call is expected to cost a fifth of its most, and may
 * cost anything up to it; some die on the way. Never is there more gone than the limit. */
static int work(void)
{
    struct ctx c = database_ctx(&database);
    for (int i = 0; i < MANY; i++) {
        struct attempt a = new_attempt(&c, MOST, LIMIT);
        struct budget b;
        if (in_transaction(&c, reserve, &a))
            return 2;
        if (!a.granted)
            break;
        a.cost.microcents = crypto_random_below(MOST + 1);
        a.cost.state = COST_BOOKED;
        if (i % 7 == 6 ? in_transaction(&c, release, &a.cost) : in_transaction(&c, book, &a.cost))
            return 3;
        if (store_budget_get(&c, &mission, &b) || b.spent + b.reserved > LIMIT)
            return 4;
    }
    db_close(c.db);
    return 0;
}

static int64_t sum_of_ledger(struct ctx *c)
{
    static const struct col cols[] = {{"CAST(COALESCE(SUM(microcents), 0) AS SIGNED)", COL_INT, 0}};
    static const struct row row = ROW(int64_t, cols);
    static const struct query q = {
        .name = "test.sum",
        .sql = "SELECT :cols FROM cost WHERE tenant_id = :tenant AND mission_id = ?",
        .row = &row,
    };
    int64_t sum = -1;
    must(db_one(c, &q, &sum, P(&mission)));
    return sum;
}

static void the_sums_of_days_follow_each_change_of_the_ledger(void **state)
{
    struct ctx *c = *state;
    struct days before = days(c), d;
    struct attempt sure = new_attempt(c, MOST, LIMIT), lost = sure, never = sure;
    int64_t spent = 0;
    lost.cost.id = id_new(c->now_ms);
    never.cost.id = id_new(c->now_ms);
    must(in_transaction(c, reserve, &sure));
    must(in_transaction(c, reserve, &lost));
    must(in_transaction(c, reserve, &never));
    assert_int_equal(days(c).calls, before.calls);
    sure.cost.state = COST_BOOKED;
    sure.cost.microcents = 300;
    sure.cost.tokens_in = 7;
    must(in_transaction(c, book, &sure.cost));
    must(in_transaction(c, book, &sure.cost));
    lost.cost.state = never.cost.state = COST_UNCLEAR;
    lost.cost.microcents = never.cost.microcents = MOST;
    must(in_transaction(c, book, &lost.cost));
    must(in_transaction(c, book, &never.cost));
    assert_int_equal(days(c).microcents - before.microcents, 300 + 2 * MOST);
    c->now_ms += DAY_MS; /* found out a day later */
    lost.cost.state = COST_BOOKED;
    lost.cost.microcents = 500;
    must(in_transaction(c, book, &lost.cost));
    must(in_transaction(c, release, &never.cost));
    d = days(c);
    assert_int_equal(d.calls - before.calls, 2);
    assert_int_equal(d.microcents - before.microcents, 800);
    must(store_cost_of_mission(c, &mission, c->now_ms / DAY_MS, c->now_ms / DAY_MS, &spent));
    assert_int_equal(spent, 500);
    must(in_locking_transaction(c, rebuild, NULL));
    assert_int_equal(days(c).calls, d.calls);
    assert_int_equal(days(c).microcents, d.microcents);
}

static void eight_workers_at_once_never_overspend(void **state)
{
    struct ctx *c = *state;
    pid_t workers[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = fork();
        if (workers[i] == 0)
            _exit(work());
    }
    for (int i = 0; i < WORKERS; i++) {
        int status = -1;
        assert_int_equal(waitpid(workers[i], &status, 0), workers[i]);
        assert_int_equal(status, 0);
    }
    struct budget b = budget(c);
    assert_int_equal(b.reserved, 0);
    assert_in_range(b.spent, LIMIT - MOST, LIMIT); /* they went as far as they could */
    assert_int_equal(sum_of_ledger(c), b.spent);
}

static int new_mission(void **state)
{
    *state = &database.ctx;
    mission = id_new(database.ctx.now_ms);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup(f, new_mission)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_reserved_is_not_there_for_others),
        TEST(a_call_is_booked_once),
        TEST(a_call_that_never_took_place_costs_nothing),
        TEST(the_same_question_is_asked_by_one_worker_and_its_answer_kept),
        TEST(a_worker_that_died_leaves_its_call_booked_at_the_most_it_can_have_cost),
        TEST(an_answer_that_nobody_uses_is_forgotten_its_cost_is_not),
        TEST(a_call_that_charged_more_than_agreed_is_booked_as_it_is_and_the_next_is_refused),
        TEST(a_call_that_has_to_be_alone_waits_for_the_others_and_they_for_it),
        TEST(what_is_entered_counts),
        TEST(the_sums_of_days_follow_each_change_of_the_ledger),
        TEST(a_call_of_no_mission_counts_once_among_those_of_all),
        TEST(eight_workers_at_once_never_overspend),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    if (database_make(&database, "cost") || migrate(&database.ctx, NULL, NULL))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return database_drop(&database) ? 1 : failed;
}
