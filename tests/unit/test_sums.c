/* test_sums.c: sums that many write at once (costs of days, counts of content): right for several
 * missions, and written in one order, so that no two batches wait for each other in a circle. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "database.h"
#include "db/migrate.h"
#include "db/tx.h"
#include "store/content.h"
#include "store/cost.h"
#include "store/cost_read.h"

static struct database database;
static struct id all = {"0000000000000000"}, first, second, third;

static void must(error e)
{
    if (e)
        fail_msg("%.*s: %.*s", STR(e->wire), STR(e->cause));
}

static int set_up(void **state)
{
    struct ctx *c = &database.ctx;
    *state = c;
    c->scope = (struct scope){id_new(clock_ms()), false};
    first = id_new(c->now_ms);
    second = id_new(c->now_ms);
    third = id_new(c->now_ms);
    return 0;
}

/* Things of missions, to be written in this order. */
struct batch {
    struct {
        const struct id *mission; /* NULL: of none */
        int kind;
    } of[4];
    size_t n;
};

static error enter_calls(struct ctx *c, void *arg)
{
    const struct batch *b = arg;
    struct cost calls[4] = {0};
    for (size_t i = 0; i < b->n; i++) {
        calls[i] = (struct cost){
            .id = id_new(c->now_ms),
            .category = COST_PUBLISHING,
            .provider = S("mock"),
            .model = b->of[i].kind ? S("b") : S("a"),
            .tokens_in = 1,
        };
        if (b->of[i].mission) {
            calls[i].mission_id = *b->of[i].mission;
            calls[i].microcents = 10;
        }
    }
    return store_costs_enter(c, calls, b->n);
}

static error insert_contents(struct ctx *c, void *arg)
{
    const struct batch *b = arg;
    struct content x[4];
    for (size_t i = 0; i < b->n; i++) {
        x[i] = (struct content){
            .id = id_new(c->now_ms),
            .mission_id = *b->of[i].mission,
            .platform = PLATFORM_TWITTER,
            .type = b->of[i].kind ? TYPE_THREAD : TYPE_POST,
            .status = CONTENT_DRAFT,
            .copy = S("{\"primary\":\"Hello\"}"),
            .visuals = S("[]"),
            .metadata = {.tags = S("[]"), .language = S("en"), .model = S("builtin")},
            .scheduling = {.zone = S("UTC")},
            .version = 1,
            .created_ms = c->now_ms,
            .updated_ms = c->now_ms,
        };
    }
    return store_contents_insert(c, x, b->n, NULL);
}

static int64_t spent(struct ctx *c, const struct id *mission)
{
    int64_t microcents;
    must(store_cost_of_mission(c, mission, 0, c->now_ms / DAY_MS, &microcents));
    return microcents;
}

static error add_calls(void *arg, const void *row)
{
    const struct cost_sum *sum = row;
    int64_t *calls = arg;
    *calls += sum->calls;
    return NULL;
}

static void calls_of_several_missions_are_added_up_for_each_and_for_all(void **state)
{
    struct ctx *c = *state;
    struct batch b = {{{&first, 0}, {&second, 1}, {NULL, 0}, {&first, 0}}, 4};
    int64_t calls = 0;
    struct budget budget;
    must(in_transaction(c, enter_calls, &b));
    must(in_transaction(c, enter_calls, &b));
    assert_int_equal(spent(c, &first), 40);
    assert_int_equal(spent(c, &second), 20);
    assert_int_equal(spent(c, &all), 60);
    must(store_cost_each_day(c, 0, c->now_ms / DAY_MS, add_calls, &calls));
    assert_int_equal(calls, 8);
    must(store_budget_get(c, &first, &budget));
    assert_int_equal(budget.spent, 40);
}

static int64_t counted(struct ctx *c, const struct id *mission)
{
    int64_t n;
    must(store_content_count_of(c, mission, PLATFORM_TWITTER, &n));
    return n;
}

static error archive_both(struct ctx *c, void *arg)
{
    struct content *x = arg;
    struct content_move moves[] = {{&x[1], CONTENT_ARCHIVED}, {&x[0], CONTENT_ARCHIVED}};
    return store_contents_move(c, moves, 2);
}

static struct content draft_of(struct ctx *c, const struct id *mission)
{
    struct list found;
    must(store_content_in_state(c, mission, CONTENT_DRAFT, &(struct id){{0}}, 1, &found));
    assert_int_equal(found.n, 1);
    return *(const struct content *)found.at;
}

static void contents_of_several_missions_are_counted_for_each_and_for_all(void **state)
{
    struct ctx *c = *state;
    struct batch b = {{{&second, 1}, {&first, 0}, {&second, 0}, {&second, 1}}, 4};
    struct content both[2];
    int64_t states[CONTENT_STATUS_COUNT];
    must(in_transaction(c, insert_contents, &b));
    assert_int_equal(counted(c, &first), 1);
    assert_int_equal(counted(c, &second), 3);
    assert_int_equal(counted(c, &all), 4);
    both[0] = draft_of(c, &first);
    both[1] = draft_of(c, &second);
    must(in_transaction(c, archive_both, both));
    must(store_content_by_state(c, &second, states));
    assert_int_equal(states[CONTENT_DRAFT], 2);
    assert_int_equal(states[CONTENT_ARCHIVED], 1);
    must(store_content_by_state(c, &all, states));
    assert_int_equal(states[CONTENT_DRAFT], 2);
    assert_int_equal(states[CONTENT_ARCHIVED], 2);
}

/* ---- two sessions ---- */

/* Inside a transaction that waits for no lock: where it would have to, it is told at once, and
 * keeps what it has locked by then. */
static void begin(struct ctx *c)
{
    must(db_command(c, "SET SESSION innodb_lock_wait_timeout = 0"));
    must(db_command(c, "START TRANSACTION"));
    db_set_transaction(c->db, true);
}

static void end(struct ctx *c)
{
    must(db_command(c, "ROLLBACK"));
    db_set_transaction(c->db, false);
    must(db_command(c, "SET SESSION innodb_lock_wait_timeout = 5"));
}

/* Another session which writes the same slots of counts. */
static struct ctx session_beside(struct ctx *c)
{
    struct ctx other;
    for (;;) {
        other = database_ctx(&database);
        other.scope = c->scope;
        must(db_ping(other.db));
        if (db_slot(other.db) % COUNT_SLOTS == db_slot(c->db) % COUNT_SLOTS)
            return other;
        db_close(other.db);
    }
}

/* One session writes `mine`. Then another one's batch has to wait: if it holds by then what the
 * first one writes next, they wait in a circle. */
static void nobody_waits_in_a_circle(struct ctx *c, error (*write)(struct ctx *c, void *batch),
                                     struct batch mine, struct batch others, struct batch next)
{
    struct ctx other = session_beside(c);
    must(in_transaction(c, write, &mine)); /* their rows are there */
    must(in_transaction(c, write, &others));
    must(in_transaction(c, write, &next));
    begin(c);
    begin(&other);
    must(write(c, &mine));
    assert_true(error_is(write(&other, &others), ERR_RETRY));
    must(write(c, &next));
    end(&other);
    end(c);
    db_close(other.db);
}

static void batches_of_calls_do_not_wait_in_a_circle(void **state)
{
    nobody_waits_in_a_circle(*state, enter_calls, (struct batch){{{&first, 0}}, 1},
                             (struct batch){{{&second, 0}}, 1}, (struct batch){{{&second, 0}}, 1});
}

static void batches_of_contents_do_not_wait_in_a_circle(void **state)
{
    nobody_waits_in_a_circle(*state, insert_contents, (struct batch){{{&third, 0}}, 1},
                             (struct batch){{{&first, 1}, {&second, 0}}, 2},
                             (struct batch){{{&third, 1}}, 1});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(calls_of_several_missions_are_added_up_for_each_and_for_all, set_up),
        cmocka_unit_test_setup(contents_of_several_missions_are_counted_for_each_and_for_all,
                               set_up),
        cmocka_unit_test_setup(batches_of_calls_do_not_wait_in_a_circle, set_up),
        cmocka_unit_test_setup(batches_of_contents_do_not_wait_in_a_circle, set_up),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    if (database_make(&database, "sums") || migrate(&database.ctx, NULL, NULL))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return database_drop(&database) ? 1 : failed;
}
