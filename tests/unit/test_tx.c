/* test_tx.c: the promises of db/tx.h, kept by a real server. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <sys/wait.h>
#include <cmocka.h>

#include "database.h"
#include "db/tx.h"

struct number {
    int64_t n;
};
static const struct col cols[] = {{"n", COL_INT, offsetof(struct number, n)}};
static const struct row row = ROW(struct number, cols);

static const struct query get = {
    .name = "counter.get",
    .sql = "SELECT :cols FROM counter WHERE id = ?",
    .row = &row,
};
static const struct query add = {
    .name = "counter.add",
    .sql = "UPDATE counter SET n = n + ? WHERE id = ?",
};
static const struct query insert = {
    .name = "counter.insert",
    .sql = "INSERT INTO counter (id, n) VALUES (?, 0)",
};

static struct database database;

static int fresh_table(void **state)
{
    struct ctx *c = &database.ctx;
    *state = c;
    return db_command(c, "DROP TABLE IF EXISTS counter") ||
           db_command(c, "CREATE TABLE counter (id INT PRIMARY KEY, n BIGINT) ENGINE=InnoDB") ||
           db_command(c, "INSERT INTO counter VALUES (1, 0), (2, 0)");
}

static void must(error e)
{
    if (e)
        fail_msg("%.*s: %.*s", STR(e->wire), STR(e->cause));
}

static void must_be(enum error_code code, error e)
{
    if (!error_is(e, code))
        fail_msg("%.*s: %.*s", STR(e ? e->wire : S("success")), STR(e ? e->cause : S("")));
}

static int64_t counter(struct ctx *c, int64_t id)
{
    struct number found = {-1};
    must(db_one(c, &get, &found, P(id)));
    return found.n;
}

static void kill_connection(struct ctx *c)
{
    struct ctx other = database_ctx(&database);
    must(db_command(&other, arena_printf(c->arena, "KILL %u", db_slot(c->db)).p));
    db_close(other.db);
}

/* What a piece of work shall do, and how often it was run. */
struct plot {
    int runs;
    int kill_until;          /* lose the connection in runs up to this one */
    bool kill_before_commit; /* at the end rather than between statements */
    error answer;
};

static error act(struct ctx *c, void *arg)
{
    struct plot *plot = arg;
    bool kill = ++plot->runs <= plot->kill_until;
    assert_true(db_in_transaction(c->db));
    TRY(db_run(c, &add, NULL, P(1), P(1)));
    if (kill && !plot->kill_before_commit)
        kill_connection(c);
    TRY(db_run(c, &add, NULL, P(1), P(2)));
    if (kill && plot->kill_before_commit)
        kill_connection(c);
    return plot->answer;
}

static void assert_counters(struct ctx *c, int64_t expected)
{
    struct ctx other = database_ctx(&database);
    assert_false(db_in_transaction(c->db));
    assert_int_equal(counter(&other, 1), expected);
    assert_int_equal(counter(&other, 2), expected);
    db_close(other.db);
}

static void success_is_committed(void **state)
{
    struct plot plot = {0};
    must(in_transaction(*state, act, &plot));
    assert_int_equal(plot.runs, 1);
    assert_counters(*state, 1);
}

static void an_error_is_rolled_back_and_passed_on(void **state)
{
    struct plot plot = {.answer = error_of(ERR_PRECONDITION_FAILED)};
    must_be(ERR_PRECONDITION_FAILED, in_transaction(*state, act, &plot));
    assert_int_equal(plot.runs, 1);
    assert_counters(*state, 0);
}

static void a_lost_race_is_run_five_times(void **state)
{
    struct plot plot = {.answer = error_of(ERR_RETRY)};
    must_be(ERR_RETRY, in_transaction(*state, act, &plot));
    assert_int_equal(plot.runs, 5);
    assert_counters(*state, 0);
}

static void a_connection_lost_while_idle_is_not_noticed(void **state)
{
    struct ctx *c = *state;
    struct plot plot = {0};
    counter(c, 1);
    kill_connection(c);
    must(in_transaction(c, act, &plot));
    assert_int_equal(plot.runs, 1);
    assert_counters(c, 1);
}

static void a_connection_lost_before_the_commit_is_run_again_once(void **state)
{
    struct plot plot = {.kill_until = 1};
    must(in_transaction(*state, act, &plot));
    assert_int_equal(plot.runs, 2);
    assert_counters(*state, 1);

    plot = (struct plot){.kill_until = 2};
    must_be(ERR_UNAVAILABLE, in_transaction(*state, act, &plot));
    assert_int_equal(plot.runs, 2);
    assert_counters(*state, 1);
}

static void a_commit_without_an_answer_is_not_run_again(void **state)
{
    struct plot plot = {.kill_until = 1, .kill_before_commit = true};
    must_be(ERR_UNAVAILABLE, in_transaction(*state, act, &plot));
    assert_int_equal(plot.runs, 1);
    plot.kill_until = 0;
    must(in_transaction(*state, act, &plot));
}

/* Work that overlooks the loss of its transaction. */
static error overlook(struct ctx *c, void *arg)
{
    int *runs = arg;
    if (++*runs == 1)
        kill_connection(c);
    (void)db_run(c, &add, NULL, P(1), P(1));
    (void)db_run(c, &add, NULL, P(1), P(2));
    return NULL;
}

static void nothing_runs_outside_a_transaction_that_was_lost(void **state)
{
    int runs = 0;
    must(in_transaction(*state, overlook, &runs));
    assert_int_equal(runs, 2);
    assert_counters(*state, 1);
}

static error insert_twice(struct ctx *c, void *arg)
{
    (void)arg;
    TRY(db_run(c, &insert, NULL, P(3)));
    error e = db_run(c, &insert, NULL, P(3));
    return db_is_duplicate(e) ? NULL : e;
}

static void a_duplicate_key_does_not_end_the_transaction(void **state)
{
    must(in_transaction(*state, insert_twice, NULL));
    assert_int_equal(counter(*state, 3), 0);
}

/* ---- two that want the same rows in opposite order ---- */

struct rival {
    int64_t first, second;
    int hear, say; /* ends of pipes */
    int runs;
};

static error cross(struct ctx *c, void *arg)
{
    struct rival *r = arg;
    char byte = 0;
    TRY(db_run(c, &add, NULL, P(1), P(r->first)));
    if (++r->runs == 1) {
        assert_int_equal(write(r->say, &byte, 1), 1);
        assert_int_equal(read(r->hear, &byte, 1), 1);
    }
    return db_run(c, &add, NULL, P(1), P(r->second));
}

/* The other process: its exit status is the number of its runs, 0 if it failed. */
static void run_rival(struct rival *r)
{
    struct ctx c = database_ctx(&database);
    error e = in_transaction(&c, cross, r);
    db_close(c.db);
    _exit(e ? 0 : r->runs);
}

static void a_deadlock_is_run_again_until_both_are_done(void **state)
{
    int there[2], back[2], status;
    assert_int_equal(pipe(there), 0);
    assert_int_equal(pipe(back), 0);
    struct rival mine = {.first = 1, .second = 2, .say = there[1], .hear = back[0]};
    struct rival other = {.first = 2, .second = 1, .say = back[1], .hear = there[0]};
    pid_t pid = fork();
    assert_int_not_equal(pid, -1);
    if (pid == 0)
        run_rival(&other);
    must(in_transaction(*state, cross, &mine));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_not_equal(WEXITSTATUS(status), 0);
    assert_true(mine.runs + WEXITSTATUS(status) >= 3);
    assert_counters(*state, 2);
    for (int i = 0; i < 2; i++) {
        close(there[i]);
        close(back[i]);
    }
}

/* ---- snapshots ---- */

struct view {
    int runs;
    bool kill;
    int64_t before, after;
    error write;
};

static error look_twice(struct ctx *c, void *arg)
{
    struct view *v = arg;
    struct ctx other = database_ctx(&database);
    v->runs++;
    v->before = counter(c, 1);
    must(db_run(&other, &add, NULL, P(1), P(1)));
    db_close(other.db);
    if (v->kill && v->runs == 1)
        kill_connection(c);
    struct number found = {-1};
    TRY(db_one(c, &get, &found, P(1)));
    v->after = found.n;
    v->write = db_run(c, &add, NULL, P(1), P(1));
    return NULL;
}

static void a_snapshot_does_not_move_and_cannot_be_written(void **state)
{
    struct view v = {0};
    must(in_snapshot(*state, look_twice, &v));
    assert_int_equal(v.before, 0);
    assert_int_equal(v.after, 0);
    assert_non_null(v.write);
    assert_int_equal(counter(*state, 1), 1);
}

static void a_snapshot_survives_lost_connections(void **state)
{
    struct view v = {.kill = true};
    counter(*state, 1);
    kill_connection(*state);
    must(in_snapshot(*state, look_twice, &v));
    assert_int_equal(v.runs, 2);
    assert_int_equal(v.before, 1);
    assert_int_equal(v.after, 1);
}

static error look_again(struct ctx *c, void *arg)
{
    int64_t *seen = arg;
    struct ctx other = database_ctx(&database);
    (void)counter(c, 1);
    must(db_run(&other, &add, NULL, P(1), P(1)));
    db_close(other.db);
    *seen = counter(c, 1);
    return NULL;
}

static void a_transaction_sees_what_others_have_committed(void **state)
{
    struct view v = {0};
    int64_t seen;
    must(in_snapshot(*state, look_twice, &v)); /* its isolation ends with it */
    must(in_transaction(*state, look_again, &seen));
    assert_int_equal(seen, 2);
}

static void leave_hands_out_what_a_call_outside_needs(void **state)
{
    struct ctx c = **(struct ctx **)state;
    c.scope.live = true;
    c.request_id = S("req_1");
    struct outside *o = leave(&c);
    assert_true(o->live);
    assert_int_equal(o->now_ms, c.now_ms);
    assert_ptr_equal(o->config, c.config);
    assert_ptr_equal(o->arena, c.arena);
    assert_true(str_eq(o->request_id, S("req_1")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(success_is_committed, fresh_table),
        cmocka_unit_test_setup(an_error_is_rolled_back_and_passed_on, fresh_table),
        cmocka_unit_test_setup(a_lost_race_is_run_five_times, fresh_table),
        cmocka_unit_test_setup(a_connection_lost_while_idle_is_not_noticed, fresh_table),
        cmocka_unit_test_setup(a_connection_lost_before_the_commit_is_run_again_once, fresh_table),
        cmocka_unit_test_setup(a_commit_without_an_answer_is_not_run_again, fresh_table),
        cmocka_unit_test_setup(nothing_runs_outside_a_transaction_that_was_lost, fresh_table),
        cmocka_unit_test_setup(a_duplicate_key_does_not_end_the_transaction, fresh_table),
        cmocka_unit_test_setup(a_deadlock_is_run_again_until_both_are_done, fresh_table),
        cmocka_unit_test_setup(a_snapshot_does_not_move_and_cannot_be_written, fresh_table),
        cmocka_unit_test_setup(a_snapshot_survives_lost_connections, fresh_table),
        cmocka_unit_test_setup(a_transaction_sees_what_others_have_committed, fresh_table),
        cmocka_unit_test_setup(leave_hands_out_what_a_call_outside_needs, fresh_table),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    if (database_make(&database, "tx"))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return database_drop(&database) ? 1 : failed;
}
