/* test_worker.c: what a worker does when the database does not answer, or when jobs kill whoever
 * takes them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "claiming.h"
#include "database.h"
#include "db/migrate.h"
#include "work/housekeeping.h"
#include "work/queue.h"
#include "work/worker.h"

enum { LEASE_S = 120 };

static struct database database;

static void must(error e)
{
    if (e)
        fail_msg("%.*s: %.*s", STR(e->wire), STR(e->cause));
}

static int empty(void **state)
{
    struct ctx *c = &database.ctx;
    *state = c;
    c->now_ms = clock_ms();
    c->scope = (struct scope){id_new(c->now_ms), true};
    return db_command(c, "DELETE FROM job") != NULL;
}

static struct id put(struct ctx *c)
{
    struct id ref = id_new(c->now_ms), id;
    must(store_job_put(c, JOB_MISSION_RUN, &ref, c->now_ms, NULL, &id));
    return id;
}

static struct job found(struct ctx *c, const struct id *id)
{
    struct job j;
    must(store_job_get(c, id, &j));
    return j;
}

/* ---- a relay in front of the database, which loses the answer to the first COMMIT ---- */

static struct sockaddr_un address_of(struct str path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    assert_true(path.n < sizeof at.sun_path);
    memcpy(at.sun_path, path.p, path.n);
    return at;
}

static bool pass_on(int from, int to, bool *commit)
{
    char bytes[16384];
    ssize_t n = read(from, bytes, sizeof bytes);
    if (n > 0)
        *commit |= memmem(bytes, (size_t)n, "COMMIT", 6) != NULL;
    return n > 0 && write(to, bytes, (size_t)n) == n;
}

/* Until one side ends; true: a COMMIT was answered, and `lose` kept that from the client. */
static bool relay_connection(int client, int server, bool lose)
{
    struct pollfd ends[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    bool commit = false, ignored = false;
    while (poll(ends, 2, -1) > 0) {
        if (ends[0].revents && !pass_on(client, server, &commit))
            return false;
        if (ends[1].revents && commit && lose)
            return true;
        if (ends[1].revents && !pass_on(server, client, &ignored))
            return false;
    }
    return false;
}

static void relay(int listener, struct str database_socket)
{
    struct sockaddr_un to = address_of(database_socket);
    bool lose = true;
    for (;;) {
        int client = accept(listener, NULL, NULL), server = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(server, (struct sockaddr *)&to, sizeof to) == 0 &&
            relay_connection(client, server, lose))
            lose = false;
        close(client);
        close(server);
    }
}

static pid_t start_relay(struct str path, struct str database_socket)
{
    struct sockaddr_un at = address_of(path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    pid_t pid;
    unlink(at.sun_path);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 4), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        relay(listener, database_socket);
    close(listener);
    return pid;
}

/* ---- the tests ---- */

struct seen {
    int runs;
    int64_t attempts, abandoned;
};

static error see_and_stop(struct ctx *c, struct step *s)
{
    struct seen *seen = s->self;
    (void)c;
    seen->runs++;
    seen->attempts = s->job->attempts;
    seen->abandoned = s->job->abandoned;
    raise(SIGTERM);
    return step_done(s);
}
static const struct job_type types[] = {
    {.id = JOB_MISSION_RUN, .name = S("mission.run"), .ref = S("msn_"), .run = see_and_stop}};

static void a_claim_whose_answer_was_lost_is_given_back(void **state)
{
    struct ctx *c = *state;
    struct str path = arena_printf(c->arena, "/tmp/amp-relay-%d", (int)getpid());
    struct config config = database.config;
    struct seen seen = {0};
    struct worker_setup w = {
        .config = &config, .types = {types, 1}, .self = &seen, .arena = c->arena};
    struct id id = put(c);
    pid_t pid = start_relay(path, database.config.db_socket);
    config.db_socket = path;
    w.db = db_open(&config);
    must(worker_run(&w));
    db_close(w.db);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    unlink(path.p);
    assert_int_equal(seen.runs, 1);
    assert_int_equal(seen.attempts, 1);
    assert_int_equal(seen.abandoned, 0); /* it did not wait for the lease to end */
    assert_int_equal(found(c, &id).state, JOB_DONE);
}

static void die(struct ctx *c, const struct job *j)
{
    must(store_job_extend(c, j, clock_ms() - 1));
}

static void killed_workers_use_no_attempts_up(void **state)
{
    struct ctx *c = *state;
    struct id id = put(c);
    struct job j;
    struct step s = {.job = &j};
    for (int i = 0; i <= QUEUE_ABANDONED_MAX; i++) {
        must(claim_one(c, NULL, &j));
        assert_int_equal(j.attempts, 1);
        assert_int_equal(j.abandoned, i);
        die(c, &j);
    }
    must(db_command(c, "UPDATE job SET abandoned = abandoned - 1"));
    must(claim_one(c, NULL, &j));
    must(step_again(&s, c->now_ms));
    must(queue_settle(c, &s, 1)); /* one that lives through it has forgotten them */
    assert_int_equal(found(c, &id).abandoned, 0);
    assert_int_equal(found(c, &id).attempts, 0);
}

static void what_kills_every_worker_is_given_up_in_the_end(void **state)
{
    struct ctx *c = *state;
    struct id id = put(c), other;
    struct job j;
    must(claim_one(c, NULL, &j));
    must(db_command(c, "UPDATE job SET abandoned = 20"));
    die(c, &j);
    c->now_ms = clock_ms() + 1;
    other = put(c);
    must(db_command(c, "UPDATE job SET run_ms = run_ms - 1")); /* due, and behind the first */
    must(claim_one(c, NULL, &j));
    assert_true(id_eq(&j.id, &other));
    assert_int_equal(found(c, &id).state, JOB_DEAD);
    assert_true(found(c, &id).last_error.n > 0);
}

static void leases_grow_with_each_that_ended_in_vain(void **state)
{
    const struct config config = {.lease_s = LEASE_S};
    (void)state;
    assert_int_equal(queue_lease_ms(&config, 0), LEASE_S * 1000);
    assert_int_equal(queue_lease_ms(&config, 2), LEASE_S * 1000);
    assert_int_equal(queue_lease_ms(&config, 3), LEASE_S * 2000);
    assert_int_equal(queue_lease_ms(&config, 1000), LEASE_S * 64000);
}

static void jobs_that_wait_for_their_next_try_are_not_looked_at(void **state)
{
    struct ctx *c = *state;
    struct id id = put(c);
    struct job j, next;
    struct step s = {.job = &j};
    must(claim_one(c, NULL, &j));
    must(step_retry(&s, 0, S("Later.")));
    must(queue_settle(c, &s, 1));
    assert_true(error_is(claim_one(c, NULL, &next), ERR_NOT_FOUND));
    must(db_command(c, "UPDATE job SET locked_until_ms = 0"));
    must(claim_one(c, NULL, &next));
    assert_true(id_eq(&next.id, &id));
    assert_int_equal(next.attempts, 2);
}

/* The state of a job as if it had been over for so many days. */
static void end_days_ago(struct ctx *c, const struct id *id, int state, int64_t days)
{
    struct str sql = arena_printf(c->arena,
                                  "UPDATE job SET state = %d, run_ms = %lld, locked_until_ms = 0"
                                  " WHERE id = '%.*s'",
                                  state, (long long)(clock_ms() - days * DAY_MS), STR(id_str(id)));
    must(db_command(c, arena_cstr(c->arena, sql)));
}

static bool is_there(struct ctx *c, const struct id *id)
{
    struct job j;
    return !store_job_get(c, id, &j);
}

static void jobs_that_are_over_are_deleted_in_time(void **state)
{
    struct ctx *c = *state;
    const struct id done = put(c), cancelled = put(c), young = put(c), dead = put(c), open = put(c);
    database.config.job_days = 30;
    end_days_ago(c, &done, JOB_DONE, 31);
    end_days_ago(c, &cancelled, JOB_CANCELLED, 31);
    end_days_ago(c, &young, JOB_DONE, 29);
    end_days_ago(c, &dead, JOB_DEAD, 31);
    end_days_ago(c, &open, JOB_OPEN, 31);
    must(housekeeping(c));
    assert_false(is_there(c, &done));
    assert_false(is_there(c, &cancelled));
    assert_true(is_there(c, &young));
    assert_true(is_there(c, &dead)); /* somebody has to look at it */
    assert_true(is_there(c, &open));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_claim_whose_answer_was_lost_is_given_back, empty),
        cmocka_unit_test_setup(killed_workers_use_no_attempts_up, empty),
        cmocka_unit_test_setup(what_kills_every_worker_is_given_up_in_the_end, empty),
        cmocka_unit_test_setup(jobs_that_are_over_are_deleted_in_time, empty),
        cmocka_unit_test(leases_grow_with_each_that_ended_in_vain),
        cmocka_unit_test_setup(jobs_that_wait_for_their_next_try_are_not_looked_at, empty),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    log_set_level(LOG_LEVEL_ERROR);
    must(database_make(&database, "worker"));
    database.config.lease_s = LEASE_S;
    database.config.max_attempts = 8;
    database.config.poll_ms = 10;
    must(migrate(&database.ctx, NULL, NULL));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    must(database_drop(&database));
    return failed;
}
