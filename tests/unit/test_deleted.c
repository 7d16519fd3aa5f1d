/* test_deleted.c: what is left of a deleted mission is archived step by step, whoever dies of it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "claiming.h"
#include "database.h"
#include "db/migrate.h"
#include "db/tx.h"
#include "pipeline/stages.h"
#include "store/archive.h"
#include "store/content.h"
#include "work/queue.h"
#include "work/worker.h"

enum { TEXTS = 2 * ARCHIVE_STEP + 7, PUBLISHED = 3 /* the first of them */ };

static struct database database;
static struct mission mission;
static struct content contents[TEXTS];

static void must(error e)
{
    if (e)
        fail_msg("%.*s: %.*s", STR(e->wire), STR(e->cause));
}

static struct content a_text(int i)
{
    return (struct content){
        .id = id_new(database.ctx.now_ms),
        .mission_id = mission.id,
        .platform = i % 2 ? PLATFORM_TWITTER : PLATFORM_LINKEDIN,
        .type = TYPE_POST,
        .status = i < PUBLISHED ? CONTENT_PUBLISHED : CONTENT_SCHEDULED,
        .slot_ms = database.ctx.now_ms + i * HOUR_MS,
        .copy = S("{\"primary\":\"Hello world\"}"),
        .visuals = S("[]"),
        .metadata = {.tags = S("[]"), .language = S("en"), .model = S("builtin")},
        .scheduling = {.scheduled_ms = database.ctx.now_ms + i * HOUR_MS, .zone = S("UTC")},
        .version = 1,
        .created_ms = database.ctx.now_ms,
        .updated_ms = database.ctx.now_ms,
    };
}

/* Transaction: a deleted mission with its job, and texts, each with one that is not due. */
static error do_insert(struct ctx *c, void *arg)
{
    struct job_due due[TEXTS];
    (void)arg;
    TRY(store_mission_insert(c, &mission));
    TRY(store_contents_insert(c, contents, TEXTS, NULL));
    for (int i = 0; i < TEXTS; i++)
        due[i] = (struct job_due){
            .ref = contents[i].id, .mission = mission.id, .run_ms = clock_ms() + DAY_MS};
    TRY(store_jobs_put(c, JOB_CONTENT_PUBLISH, due, TEXTS));
    return store_job_put(c, JOB_MISSION_RUN, &mission.id, c->now_ms, NULL,
                         &mission.pipeline_job_id);
}

static int set_up(void **state)
{
    struct ctx *c = &database.ctx;
    *state = c;
    c->scope = (struct scope){id_new(clock_ms()), true};
    must(db_command(c, "DELETE FROM job"));
    mission = (struct mission){.id = id_new(c->now_ms),
                               .name = S("Spring"),
                               .status = MISSION_DELETED,
                               .objectives = S("[\"Drive awareness\"]"),
                               .platforms = S("[\"twitter\",\"linkedin\"]"),
                               .platform_set = 1 << PLATFORM_TWITTER | 1 << PLATFORM_LINKEDIN,
                               .constraints = S("{}"),
                               .kpis = S("[]"),
                               .starts_ms = c->now_ms,
                               .ends_ms = c->now_ms + 90 * DAY_MS,
                               .created_ms = c->now_ms,
                               .updated_ms = c->now_ms};
    for (int i = 0; i < TEXTS; i++)
        contents[i] = a_text(i);
    must(in_transaction(c, do_insert, NULL));
    return 0;
}

static const struct col number_cols[] = {{"COUNT(*) AS n", COL_INT, 0}};
static const struct row number_row = ROW(int64_t, number_cols);

static int64_t open_jobs(struct ctx *c, enum job_type_id type)
{
    static const struct query q = {
        .name = "test.open_jobs",
        .sql = "SELECT :cols FROM job WHERE tenant_id = :tenant AND livemode = :live"
               " AND type = ? AND state = 1",
        .row = &number_row,
    };
    int64_t n = 0;
    must(db_one(c, &q, &n, P(type)));
    return n;
}

static int64_t with_a_time(struct ctx *c, enum content_status status)
{
    static const struct query q = {
        .name = "test.with_a_time",
        .sql = "SELECT :cols FROM content WHERE tenant_id = :tenant AND livemode = :live"
               " AND status = ? AND (slot_ms IS NOT NULL OR scheduled_ms IS NOT NULL)",
        .row = &number_row,
    };
    int64_t n = 0;
    must(db_one(c, &q, &n, P(status)));
    return n;
}

/* So many are archived, and have lost place and job; and that is what is counted. */
static void assert_archived(struct ctx *c, int64_t n)
{
    int64_t counts[CONTENT_STATUS_COUNT];
    must(store_content_by_state(c, &mission.id, counts));
    assert_int_equal(counts[CONTENT_ARCHIVED], n);
    assert_int_equal(counts[CONTENT_SCHEDULED], TEXTS - PUBLISHED - n);
    assert_int_equal(counts[CONTENT_PUBLISHED], PUBLISHED);
    assert_int_equal(with_a_time(c, CONTENT_ARCHIVED), 0);
    assert_int_equal(with_a_time(c, CONTENT_SCHEDULED), TEXTS - PUBLISHED - n);
    assert_int_equal(open_jobs(c, JOB_CONTENT_PUBLISH), TEXTS - n);
}

/* Takes the mission's job and carries out a step of it. */
static struct step step_of(struct ctx *c, struct job *j)
{
    struct step s = {.job = j};
    must(claim_one(c, NULL, j));
    assert_int_equal(j->type, JOB_MISSION_RUN);
    must(mission_run(c, &s));
    return s;
}

static void let_leases_end(struct ctx *c)
{
    must(db_command(c, "UPDATE job SET locked_until_ms = 0 WHERE lease <> 0"));
}

static void each_step_archives_no_more_than_its_part(void **state)
{
    struct ctx *c = *state;
    struct job j;
    for (int i = 1; i <= 2; i++) {
        struct step s = step_of(c, &j);
        assert_archived(c, i * ARCHIVE_STEP);
        assert_int_equal(s.next, STEP_AGAIN);
        must(queue_settle(c, &s, 1));
    }
    struct step last = step_of(c, &j);
    assert_archived(c, TEXTS - PUBLISHED);
    assert_int_equal(last.next, STEP_DONE);
    must(queue_settle(c, &last, 1));
    assert_int_equal(open_jobs(c, JOB_MISSION_RUN), 0);
}

static void who_was_killed_after_a_step_is_succeeded_by_another(void **state)
{
    struct ctx *c = *state;
    struct job killed, next;
    struct step late = step_of(c, &killed);
    assert_archived(c, ARCHIVE_STEP);
    let_leases_end(c);
    struct step s = step_of(c, &next);
    assert_archived(c, 2 * ARCHIVE_STEP);
    must(queue_settle(c, &late, 1)); /* it was only thought dead: nobody listens */
    must(queue_settle(c, &s, 1));
    s = step_of(c, &next);
    must(queue_settle(c, &s, 1));
    assert_archived(c, TEXTS - PUBLISHED);
    assert_int_equal(open_jobs(c, JOB_MISSION_RUN), 0);
}

static void who_lost_the_job_archives_nothing(void **state)
{
    struct ctx *c = *state;
    struct job lost, taken;
    struct step s = {.job = &lost};
    must(claim_one(c, NULL, &lost));
    let_leases_end(c);
    must(claim_one(c, NULL, &taken));
    assert_true(error_is(mission_run(c, &s), ERR_INVALID_STATE));
    assert_archived(c, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_step_archives_no_more_than_its_part, set_up),
        cmocka_unit_test_setup(who_was_killed_after_a_step_is_succeeded_by_another, set_up),
        cmocka_unit_test_setup(who_lost_the_job_archives_nothing, set_up),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    must(database_make(&database, "deleted"));
    must(migrate(&database.ctx, NULL, NULL));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    must(database_drop(&database));
    return failed;
}
