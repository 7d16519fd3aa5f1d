/* test_queue.c: the promises of work/queue.h and work/worker.h, kept by a real server. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <signal.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "claiming.h"
#include "database.h"
#include "db/migrate.h"
#include "store/identity.h"
#include "work/queue.h"
#include "work/worker.h"

static struct database database;

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

/* Each test has an empty queue and a tenant of its own. */
static int empty(void **state)
{
    struct ctx *c = &database.ctx;
    *state = c;
    c->now_ms = clock_ms();
    c->scope = (struct scope){id_new(c->now_ms), false};
    return db_command(c, "DELETE FROM job") || db_command(c, "DELETE FROM test_clock");
}

static struct id put(struct ctx *c, int64_t run_ms)
{
    struct id ref = id_new(c->now_ms), id;
    must(store_job_put(c, JOB_MISSION_RUN, &ref, run_ms, NULL, &id));
    return id;
}

static struct job found(struct ctx *c, const struct id *id)
{
    struct job j;
    must(store_job_get(c, id, &j));
    return j;
}

static void a_job_is_taken_once(void **state)
{
    struct ctx *c = *state, other = database_ctx(&database);
    struct id id = put(c, c->now_ms);
    struct job j, again;
    must(claim_one(c, NULL, &j));
    assert_true(id_eq(&j.id, &id));
    assert_int_equal(j.attempts, 1);
    must_be(ERR_NOT_FOUND, claim_one(&other, NULL, &again));
    db_close(other.db);
}

static void the_oldest_is_taken_first_and_none_before_it_is_due(void **state)
{
    struct ctx *c = *state;
    struct id later = put(c, c->now_ms - 1000), sooner = put(c, c->now_ms - 2000);
    struct job j;
    put(c, c->now_ms + HOUR_MS);
    must(claim_one(c, NULL, &j));
    assert_true(id_eq(&j.id, &sooner));
    must(claim_one(c, NULL, &j));
    assert_true(id_eq(&j.id, &later));
    must_be(ERR_NOT_FOUND, claim_one(c, NULL, &j));
}

static void a_dead_workers_job_is_taken_when_its_lease_ends(void **state)
{
    struct ctx *c = *state;
    struct id id = put(c, c->now_ms);
    struct job lost, j;
    struct step s = {.job = &lost, .next = STEP_DONE};
    must(claim_one(c, NULL, &lost));
    must(store_job_extend(c, &lost, clock_ms() - 1));
    must(claim_one(c, NULL, &j));
    assert_true(id_eq(&j.id, &id));
    assert_true(j.lease != lost.lease);
    must(queue_settle(c, &s, 1)); /* the dead one's word counts for nothing */
    assert_int_equal(found(c, &id).state, JOB_OPEN);
}

static const struct job_type three = {
    .id = JOB_MISSION_RUN, .name = S("mission.run"), .ref = S("msn_"), .together = 3};
static const struct job_types in_threes = {&three, 1};

/* Rows that this session has read from indexes after others, whether they fit or not. */
static int64_t rows_read(struct ctx *c)
{
    static const struct col cols[] = {{"CAST(SUM(variable_value) AS SIGNED)", COL_INT, 0}};
    static const struct row row = ROW(int64_t, cols);
    static const struct query q = {
        .name = "test.rows_read",
        .sql = "SELECT :cols FROM information_schema.session_status"
               " WHERE variable_name IN ('HANDLER_READ_NEXT', 'HANDLER_ICP_ATTEMPTS')",
        .row = &row,
        .global = true,
    };
    int64_t n = -1;
    must(db_one(c, &q, &n));
    return n;
}

/* So many jobs of a type that are due, but wait for another try. */
static void put_waiting(struct ctx *c, enum job_type_id type, size_t n)
{
    struct job_due *due = arena_array(c->arena, n, sizeof *due);
    for (size_t i = 0; i < n; i++)
        due[i] = (struct job_due){.ref = id_new(c->now_ms), .run_ms = c->now_ms - DAY_MS};
    must(store_jobs_put(c, type, due, n));
    must(db_command(c, "UPDATE job SET locked_until_ms = run_ms + 1000000000"));
}

/* One that has to read them all locks them all until it ends. */
static void what_waits_for_another_try_is_not_read_to_find_what_is_due(void **state)
{
    enum { WAITING = 2000 };
    struct ctx *c = *state;
    struct claim claim;
    int64_t before;
    put_waiting(c, JOB_MISSION_RUN, WAITING);
    put_waiting(c, JOB_METRICS_PULL, WAITING);
    for (int i = 0; i < 3; i++)
        put(c, c->now_ms - i);
    before = rows_read(c);
    must(queue_claim(c, NULL, &in_threes, &claim));
    assert_int_equal(claim.n, 3);
    assert_in_range(rows_read(c) - before, 1, 100);
}

static void a_stopped_clock_decides_alone(void **state)
{
    struct ctx *c = *state;
    int64_t later_ms = c->now_ms + 90 * DAY_MS;
    struct stopped_clock clock = {c->scope.tenant, later_ms};
    struct job j;
    put(c, c->now_ms);
    put(c, later_ms);
    must(store_clock_set(c, later_ms));
    must_be(ERR_NOT_FOUND, claim_one(c, NULL, &j));
    must(claim_one(c, &clock, &j));
    must(claim_one(c, &clock, &j));
    must_be(ERR_NOT_FOUND, claim_one(c, &clock, &j));
}

static void jobs_of_a_kind_are_taken_together(void **state)
{
    struct ctx *c = *state, other = *c;
    struct claim claim, rest;
    struct id oldest = put(c, c->now_ms - 9);
    for (int i = 0; i < 3; i++)
        put(c, c->now_ms - i);
    put(c, c->now_ms + HOUR_MS);
    other.scope.tenant = id_new(c->now_ms);
    put(&other, c->now_ms - 5);
    must(queue_claim(c, NULL, &in_threes, &claim));
    assert_int_equal(claim.n, 3);
    assert_true(id_eq(&claim.jobs[0].id, &oldest));
    for (size_t i = 0; i < claim.n; i++) {
        struct job j = found(c, &claim.jobs[i].id);
        assert_true(id_eq(&claim.jobs[i].tenant, &c->scope.tenant));
        assert_true(claim.jobs[i].lease && claim.jobs[i].lease == claim.jobs[0].lease);
        assert_int_equal(j.lease, claim.jobs[i].lease);
        assert_int_equal(j.locked_until_ms, claim.jobs[i].locked_until_ms);
        assert_int_equal(j.attempts, 1);
    }
    must(queue_claim(c, NULL, &in_threes, &rest)); /* older than what is left of the first */
    assert_int_equal(rest.n, 1);
    assert_true(id_eq(&rest.jobs[0].tenant, &other.scope.tenant));
    must(queue_claim(c, NULL, &in_threes, &rest));
    assert_int_equal(rest.n, 1);
    must_be(ERR_NOT_FOUND, queue_claim(c, NULL, &in_threes, &rest));
    must(queue_unclaim(c, &claim)); /* as if they never had been taken */
    must(queue_claim(c, NULL, &in_threes, &claim));
    assert_int_equal(claim.n, 3);
    assert_int_equal(claim.jobs[1].attempts, 1);
    assert_int_equal(claim.jobs[1].abandoned, 0);
}

static void the_answers_of_all_are_written_but_of_what_was_lost(void **state)
{
    struct ctx *c = *state;
    struct step steps[3];
    struct claim claim;
    for (int i = 0; i < 3; i++)
        put(c, c->now_ms - i);
    must(queue_claim(c, NULL, &in_threes, &claim));
    for (size_t i = 0; i < 3; i++)
        steps[i] = (struct step){.job = &claim.jobs[i], .next = STEP_DONE};
    steps[2].failure = error_because(c->arena, ERR_PROVIDER, "away");
    must(store_job_put(c, JOB_MISSION_RUN, &claim.jobs[1].ref, c->now_ms, NULL, NULL));
    must(queue_settle(c, steps, 3));
    assert_int_equal(found(c, &claim.jobs[0].id).state, JOB_DONE);
    assert_int_equal(found(c, &claim.jobs[1].id).state, JOB_OPEN);
    assert_null(found(c, &claim.jobs[1].id).last_error.p);
    assert_true(str_eq(found(c, &claim.jobs[2].id).last_error, S("away")));
}

/* One of them may be what kills workers. */
static void what_a_dead_worker_had_together_is_taken_up_one_by_one(void **state)
{
    struct ctx *c = *state;
    struct claim claim;
    for (int i = 0; i < 3; i++)
        put(c, c->now_ms - 9 + i);
    must(queue_claim(c, NULL, &in_threes, &claim));
    assert_int_equal(claim.n, 3);
    must(db_command(c, "UPDATE job SET locked_until_ms = 1"));
    put(c, c->now_ms);
    for (int i = 0; i < 3; i++) {
        must(queue_claim(c, NULL, &in_threes, &claim));
        assert_int_equal(claim.jobs[0].abandoned, 1);
        assert_int_equal(claim.n, 1);
    }
}

static void undoing_a_claim_leaves_no_trace(void **state)
{
    struct ctx *c = *state;
    struct id id = put(c, c->now_ms);
    struct claim claim;
    must(queue_claim(c, NULL, &in_threes, &claim));
    must(db_command(c, "UPDATE job SET locked_until_ms = 1")); /* its worker died */
    must(queue_claim(c, NULL, &in_threes, &claim));
    assert_int_equal(found(c, &id).abandoned, 1);
    must(queue_unclaim(c, &claim));
    assert_int_equal(found(c, &id).abandoned, 0);
    assert_int_equal(found(c, &id).attempts, 1);
    must(queue_unclaim(c, &claim)); /* again: it is not its any more */
    assert_int_equal(found(c, &id).attempts, 1);
}

/* On a stopped clock what is taken together is done at the time of the first. */
static void together_are_those_that_are_due_at_one_time(void **state)
{
    struct ctx *c = *state;
    int64_t later_ms = c->now_ms + 90 * DAY_MS;
    struct stopped_clock clock = {c->scope.tenant, later_ms};
    struct claim claim;
    struct id early;
    put(c, c->now_ms + DAY_MS);
    put(c, c->now_ms + DAY_MS);
    put(c, c->now_ms + DAY_MS + 1);
    must(store_clock_set(c, later_ms));
    must(queue_claim(c, &clock, &in_threes, &claim));
    assert_int_equal(claim.n, 2);
    assert_int_equal(queue_time_for(claim.jobs, &clock), c->now_ms + DAY_MS);
    must(queue_unclaim(c, &claim));
    /* One that was due before, but put when the clock had been moved, is of that later time. */
    early = put(c, c->now_ms + HOUR_MS);
    must(db_command(c, arena_printf(c->arena, "UPDATE job SET updated_ms = %lld WHERE id = '%.*s'",
                                    (long long)later_ms, STR(id_str(&early)))
                           .p));
    must(queue_claim(c, &clock, &in_threes, &claim));
    assert_int_equal(claim.n, 1);
    assert_true(id_eq(&claim.jobs[0].id, &early));
    must(queue_claim(c, &clock, &in_threes, &claim));
    assert_int_equal(claim.n, 2);
    must(queue_claim(c, &clock, &in_threes, &claim));
    assert_int_equal(claim.n, 1);
}

static void a_failure_is_tried_again_later_and_in_the_end_given_up(void **state)
{
    struct ctx *c = *state;
    struct id id = put(c, c->now_ms);
    struct job j, after;
    struct step s = {.job = &j};
    error e = error_because(c->arena, ERR_PROVIDER, "no \xC3\xA9t\xC3\xA9 \xC3");
    must(claim_one(c, NULL, &j));
    s.failure = e;
    must(queue_settle(c, &s, 1));
    after = found(c, &id);
    assert_int_equal(after.state, JOB_OPEN);
    assert_true(after.locked_until_ms > clock_ms() + 500);
    assert_true(after.locked_until_ms <= clock_ms() + 2000);
    must_be(ERR_NOT_FOUND, claim_one(c, NULL, &after));

    must(db_command(c, "UPDATE job SET locked_until_ms = 0"));
    must(claim_one(c, NULL, &j));
    assert_int_equal(j.attempts, 2);
    s.last_try = true;
    s.failure = e;
    must(queue_settle(c, &s, 1));
    after = found(c, &id);
    assert_int_equal(after.state, JOB_DEAD);
    assert_true(str_eq(after.last_error, S("no \xC3\xA9t\xC3\xA9 "))); /* as far as it is UTF-8 */
}

static void a_step_that_asks_for_time_gets_it(void **state)
{
    struct ctx *c = *state;
    struct id id = put(c, c->now_ms);
    struct job j;
    struct step s = {.job = &j, .wait_ms = HOUR_MS};
    must(claim_one(c, NULL, &j));
    must(step_retry(&s, HOUR_MS, S("not yet")));
    must(queue_settle(c, &s, 1));
    assert_true(found(c, &id).locked_until_ms > clock_ms() + HOUR_MS - MINUTE_MS);
    assert_true(str_eq(found(c, &id).last_error, S("not yet")));
}

static void waiting_doubles_up_to_a_quarter_of_an_hour(void **state)
{
    (void)state;
    assert_int_equal(queue_backoff_ms(1), 2000);
    assert_int_equal(queue_backoff_ms(2), 4000);
    assert_int_equal(queue_backoff_ms(8), 256000);
    assert_int_equal(queue_backoff_ms(100), 900000);
}

/* A job that notes when it was run, and wants as many further steps as it has left. */
struct diary {
    int64_t now_ms[8];
    size_t n;
    int more;
    int64_t pause_ms;
    bool quit;
};

static error note(struct ctx *c, struct step *s)
{
    struct diary *d = s->self;
    assert_true(d->n < 8);
    assert_true(str_starts(c->request_id, S("job_")));
    d->now_ms[d->n++] = c->now_ms;
    if (d->quit)
        raise(SIGTERM);
    s->progress = 50;
    if (!d->more)
        return step_done(s);
    d->more--;
    return step_again(s, c->now_ms + d->pause_ms);
}

static const struct job_type types[] = {
    {.id = JOB_MISSION_RUN, .name = S("mission.run"), .ref = S("msn_"), .run = note}};

static struct worker_setup worker(struct diary *d)
{
    return (struct worker_setup){
        .config = &database.config,
        .db = database.ctx.db,
        .types = {types, 1},
        .self = d,
        .once = true,
    };
}

static void once_drains_what_is_due(void **state)
{
    struct ctx *c = *state;
    struct diary d = {.more = 2};
    struct worker_setup w = worker(&d);
    struct id id = put(c, c->now_ms), other = put(c, c->now_ms);
    must(worker_run(&w));
    assert_int_equal(d.n, 4);
    assert_int_equal(found(c, &id).state, JOB_DONE);
    assert_int_equal(found(c, &other).state, JOB_DONE);
}

static void a_moved_clock_is_caught_up_with_step_by_step(void **state)
{
    struct ctx *c = *state;
    int64_t put_ms = c->now_ms;
    struct diary d = {.more = 5, .pause_ms = DAY_MS};
    struct worker_setup w = worker(&d);
    must(store_clock_set(c, put_ms + 3 * DAY_MS + 1));
    put(c, put_ms - HOUR_MS);
    must(worker_run(&w));
    assert_int_equal(d.n, 4);
    for (int i = 0; i < 4; i++) /* never before it was put */
        assert_int_equal(d.now_ms[i], put_ms + i * DAY_MS);
}

static void a_signal_ends_it_after_the_step(void **state)
{
    struct ctx *c = *state;
    struct diary d = {.more = 5, .quit = true};
    struct worker_setup w = worker(&d);
    struct id id = put(c, c->now_ms);
    struct job j;
    w.once = false;
    must(worker_run(&w));
    assert_int_equal(d.n, 1);
    assert_int_equal(found(c, &id).progress, 50);
    must(claim_one(c, NULL, &j)); /* nobody holds it */
}

static void a_kind_of_job_that_is_not_known_is_left_to_others(void **state)
{
    struct ctx *c = *state;
    struct diary d = {0};
    struct worker_setup w = worker(&d);
    struct id ref = id_new(c->now_ms), id;
    must(store_job_put(c, JOB_METRICS_PULL, &ref, c->now_ms, NULL, &id));
    must(worker_run(&w));
    assert_int_equal(found(c, &id).state, JOB_OPEN);
    assert_true(found(c, &id).last_error.n > 0);
}

static void a_job_is_made_sure_of_without_being_disturbed(void **state)
{
    struct ctx *c = *state;
    struct id ref = id_new(c->now_ms);
    struct job j;
    struct step s = {.job = &j, .next = STEP_DONE};
    must(store_job_ensure(c, JOB_MISSION_RUN, &ref, c->now_ms));
    must(claim_one(c, NULL, &j));
    must(store_job_ensure(c, JOB_MISSION_RUN, &ref, c->now_ms));
    must_be(ERR_NOT_FOUND, claim_one(c, NULL, &(struct job){0}));
    must(queue_settle(c, &s, 1));
    assert_int_equal(found(c, &j.id).state, JOB_DONE);
    must(store_job_ensure(c, JOB_MISSION_RUN, &ref, c->now_ms));
    must(claim_one(c, NULL, &j));
    assert_int_equal(j.attempts, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_job_is_taken_once, empty),
        cmocka_unit_test_setup(the_oldest_is_taken_first_and_none_before_it_is_due, empty),
        cmocka_unit_test_setup(a_dead_workers_job_is_taken_when_its_lease_ends, empty),
        cmocka_unit_test_setup(what_waits_for_another_try_is_not_read_to_find_what_is_due, empty),
        cmocka_unit_test_setup(a_stopped_clock_decides_alone, empty),
        cmocka_unit_test_setup(jobs_of_a_kind_are_taken_together, empty),
        cmocka_unit_test_setup(the_answers_of_all_are_written_but_of_what_was_lost, empty),
        cmocka_unit_test_setup(what_a_dead_worker_had_together_is_taken_up_one_by_one, empty),
        cmocka_unit_test_setup(undoing_a_claim_leaves_no_trace, empty),
        cmocka_unit_test_setup(together_are_those_that_are_due_at_one_time, empty),
        cmocka_unit_test_setup(a_failure_is_tried_again_later_and_in_the_end_given_up, empty),
        cmocka_unit_test_setup(a_step_that_asks_for_time_gets_it, empty),
        cmocka_unit_test(waiting_doubles_up_to_a_quarter_of_an_hour),
        cmocka_unit_test_setup(once_drains_what_is_due, empty),
        cmocka_unit_test_setup(a_moved_clock_is_caught_up_with_step_by_step, empty),
        cmocka_unit_test_setup(a_signal_ends_it_after_the_step, empty),
        cmocka_unit_test_setup(a_kind_of_job_that_is_not_known_is_left_to_others, empty),
        cmocka_unit_test_setup(a_job_is_made_sure_of_without_being_disturbed, empty),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    log_set_level(LOG_LEVEL_ERROR);
    must(database_make(&database, "queue"));
    database.config.lease_s = 120;
    database.config.max_attempts = 8;
    database.config.poll_ms = 10;
    must(migrate(&database.ctx, NULL, NULL));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    must(database_drop(&database));
    return failed;
}
