/* job.c: every statement that touches job, and nothing else. */
#include "store/job.h"

#include <assert.h>

#include "base/crypto.h"
#include "db/db.h"
#include "db/tx.h"
#include "store/identity.h"

#define AT(member) offsetof(struct job, member)
static const struct col cols[] = {
    {"job.tenant_id", COL_ID, AT(tenant)},
    {"job.livemode", COL_BOOL, AT(live)},
    {"job.id", COL_ID, AT(id)},
    {"job.ref_id", COL_ID, AT(ref)},
    {"job.mission_id", COL_ID, AT(mission)},
    {"job.type", COL_ENUM, AT(type)},
    {"job.state", COL_ENUM, AT(state)},
    {"job.stage", COL_ENUM, AT(stage)},
    {"job.run_ms", COL_INT, AT(run_ms)},
    {"job.locked_until_ms", COL_INT, AT(locked_until_ms)},
    {"job.lease", COL_INT, AT(lease)},
    {"job.attempts", COL_INT, AT(attempts)},
    {"job.abandoned", COL_INT, AT(abandoned)},
    {"job.progress", COL_INT, AT(progress)},
    {"job.last_error", COL_TEXT, AT(last_error)},
    {"job.created_ms", COL_TIME, AT(created_ms)},
    {"job.updated_ms", COL_TIME, AT(updated_ms)},
};
static const struct row row = ROW(struct job, cols);
static const struct col id_cols[] = {{"id", COL_ID, 0}};
static const struct row id_row = ROW(struct id, id_cols);
static const struct col lease_cols[] = {{"id", COL_ID, AT(id)}, {"lease", COL_INT, AT(lease)}};
static const struct row lease_row = ROW(struct job, lease_cols);
#undef AT
static const struct col number_cols[] = {{"COUNT(*) AS n", COL_INT, 0}};
static const struct row number_row = ROW(int64_t, number_cols);

int64_t store_job_lease(void)
{
    uint64_t random;
    crypto_random(&random, sizeof random);
    return (int64_t)(random >> 1 | 1);
}

/* The mission of a new job, from what it is about: type, ref, ref. */
#define MISSION                                                                                    \
    "IF(? = 1, ?, (SELECT x.mission_id FROM content x WHERE x.tenant_id = :tenant"                 \
    " AND x.livemode = :live AND x.id = ?))"

error store_job_put(struct ctx *c, enum job_type_id type, const struct id *ref, int64_t run_ms,
                    const struct job_lock *lock, struct id *id)
{
    QUERY put = {
        .name = "job.put",
        .sql = "INSERT INTO job (tenant_id, livemode, id, type, ref_id, mission_id, state, run_ms,"
               " locked_until_ms, lease, created_ms, updated_ms)"
               " VALUES (:tenant, :live, ?, ?, ?, " MISSION
               ", 1, ?, ?, ?, :now, :now) ON DUPLICATE KEY UPDATE"
               " state = 1, run_ms = VALUES(run_ms), locked_until_ms = VALUES(locked_until_ms),"
               " lease = VALUES(lease), attempts = 0, abandoned = 0, stage = 0, progress = 0,"
               " last_error = NULL, updated_ms = VALUES(updated_ms)",
    };
    QUERY find = {
        .name = "job.find",
        .sql = "SELECT :cols FROM job WHERE tenant_id = :tenant AND livemode = :live"
               " AND ref_id = ? AND type = ?",
        .row = &id_row,
        .index = "ref",
    };
    struct job_lock of = lock ? *lock : (struct job_lock){0};
    struct id own = id_new(c->now_ms);
    TRY(db_run(c, &put, NULL, P(&own), P(type), P(ref), P(type), P(ref), P(ref), P(run_ms),
               P(of.until_ms), P(of.lease)));
    return id ? db_one(c, &find, id, P(ref), P(type)) : NULL;
}

error store_jobs_put(struct ctx *c, enum job_type_id type, struct job_due *due, size_t n)
{
    QUERY q = {
        .name = "job.put_all",
        .sql =
            "INSERT INTO job (tenant_id, livemode, id, type, ref_id, mission_id, state, run_ms,"
            " created_ms, updated_ms) VALUES "
            "(:tenant, :live, ?, ?, ?, ?, 1, ?, :now, :now)"
            " ON DUPLICATE KEY UPDATE state = 1, run_ms = VALUES(run_ms), locked_until_ms = 0,"
            " lease = 0, attempts = 0, abandoned = 0, stage = 0, progress = 0, last_error = NULL,"
            " updated_ms = VALUES(updated_ms)",
    };
    struct db_rows rows = db_rows_new(c->arena, n, 5);
    for (size_t i = 0; i < n; i++) {
        due[i].id = id_new(c->now_ms);
        db_rows_add(&rows, P(&due[i].id), P(type), P(&due[i].ref), P(&due[i].mission),
                    P(due[i].run_ms));
    }
    return db_run_each(c, &q, &rows, NULL);
}

error store_job_ensure(struct ctx *c, enum job_type_id type, const struct id *ref, int64_t run_ms)
{
    /* Assignments run from left to right, so the state comes last. */
    QUERY q = {
        .name = "job.ensure",
        .sql = "INSERT INTO job (tenant_id, livemode, id, type, ref_id, mission_id, state, run_ms,"
               " created_ms, updated_ms) VALUES (:tenant, :live, ?, ?, ?, " MISSION
               ", 1, ?, :now, :now)"
               " ON DUPLICATE KEY UPDATE"
               " run_ms = IF(state = 1, run_ms, VALUES(run_ms)),"
               " locked_until_ms = IF(state = 1, locked_until_ms, 0),"
               " lease = IF(state = 1, lease, 0), attempts = IF(state = 1, attempts, 0),"
               " abandoned = IF(state = 1, abandoned, 0),"
               " updated_ms = IF(state = 1, updated_ms, VALUES(updated_ms)), state = 1",
    };
    struct id id = id_new(c->now_ms);
    return db_run(c, &q, NULL, P(&id), P(type), P(ref), P(type), P(ref), P(ref), P(run_ms));
}

error store_job_reschedule(struct ctx *c, enum job_type_id type, const struct id *ref,
                           int64_t run_ms)
{
    QUERY q = {
        .name = "job.reschedule",
        .sql = "UPDATE job SET run_ms = ?, updated_ms = :now WHERE tenant_id = :tenant"
               " AND livemode = :live AND ref_id = ? AND type = ? AND state = 1",
        .index = "ref",
    };
    return db_run(c, &q, NULL, P(run_ms), P(ref), P(type));
}

error store_job_end(struct ctx *c, enum job_type_id type, const struct id *ref,
                    enum job_state state)
{
    QUERY q = {
        .name = "job.end",
        .sql = "UPDATE job SET state = ?, lease = 0, updated_ms = :now WHERE tenant_id = :tenant"
               " AND livemode = :live AND ref_id = ? AND type = ? AND state = 1",
        .index = "ref",
    };
    return db_run(c, &q, NULL, P(state), P(ref), P(type));
}

error store_job_get(struct ctx *c, const struct id *id, struct job *out)
{
    QUERY q = {
        .name = "job.get",
        .sql = "SELECT :cols FROM job WHERE tenant_id = :tenant AND livemode = :live AND id = ?",
        .row = &row,
        .index = "PRIMARY",
    };
    *out = (struct job){0};
    return db_one(c, &q, out, P(id));
}

#define OF_TENANT " WHERE tenant_id = :tenant AND livemode = :live"
#define FILTER " AND (? = 0 OR state = ?) AND (? = 0 OR type = ?)"
#define PAGE(index, condition, order)                                                              \
    "SELECT :cols FROM job FORCE INDEX (" index ")" OF_TENANT condition                            \
    " AND id > ? AND id < ?" FILTER " ORDER BY id " order " LIMIT ?"
#define FILTER_ARGS(f) P((f)->status), P((f)->status), P((f)->type), P((f)->type)

static error read_page(struct ctx *c, const struct job_filter *f, const struct page *page,
                       struct list *out)
{
    QUERY all[] = {
        {.name = "job.page_older",
         .row = &row,
         .index = "PRIMARY",
         .sql = PAGE("PRIMARY", "", "DESC")},
        {.name = "job.page_newer",
         .row = &row,
         .index = "PRIMARY",
         .sql = PAGE("PRIMARY", "", "ASC")},
    };
    QUERY of_mission[] = {
        {.name = "job.page_older_of_mission",
         .row = &row,
         .index = "by_mission",
         .sql = PAGE("by_mission", " AND mission_id = ?", "DESC")},
        {.name = "job.page_newer_of_mission",
         .row = &row,
         .index = "by_mission",
         .sql = PAGE("by_mission", " AND mission_id = ?", "ASC")},
    };
    static const struct id first = {{'/'}}; /* before '0' */
    struct id upper = page_upper(page);
    const struct id *lower = id_is_none(&page->before) ? &first : &page->before;
    int up = !id_is_none(&page->before);
    if (!id_is_none(&f->mission))
        return db_all(c, &of_mission[up], out, P(&f->mission), P(lower), P(&upper), FILTER_ARGS(f),
                      P(page->limit + 1));
    return db_all(c, &all[up], out, P(lower), P(&upper), FILTER_ARGS(f), P(page->limit + 1));
}

static error count(struct ctx *c, const struct job_filter *f, int64_t *total)
{
    QUERY all = {
        .name = "job.count",
        .sql = "SELECT :cols FROM job FORCE INDEX (due_of_type)" OF_TENANT FILTER,
        .row = &number_row,
        .index = "due_of_type",
    };
    QUERY of_mission = {
        .name = "job.count_of_mission",
        .sql =
            "SELECT :cols FROM job FORCE INDEX (by_mission)" OF_TENANT " AND mission_id = ?" FILTER,
        .row = &number_row,
        .index = "by_mission",
    };
    if (!id_is_none(&f->mission))
        return db_one(c, &of_mission, total, P(&f->mission), FILTER_ARGS(f));
    return db_one(c, &all, total, FILTER_ARGS(f));
}

struct page_read {
    const struct job_filter *filter;
    const struct page *page;
    struct list *out;
    int64_t *total;
};

static error read_and_count(struct ctx *c, void *arg)
{
    const struct page_read *r = arg;
    TRY(read_page(c, r->filter, r->page, r->out));
    return count(c, r->filter, r->total);
}

error store_job_page(struct ctx *c, const struct job_filter *f, const struct page *page,
                     struct list *out, bool *more, int64_t *total)
{
    struct page_read r = {f, page, out, total};
    TRY(in_snapshot(c, read_and_count, &r));
    page_finish(page, out, sizeof(struct job), more);
    return NULL;
}

error store_job_revive(struct ctx *c, const struct id *id)
{
    QUERY q = {
        .name = "job.revive",
        .sql = "UPDATE job FORCE INDEX (PRIMARY) SET state = 1, run_ms = :now, locked_until_ms = "
               "0, lease = 0,"
               " attempts = 0, abandoned = 0, updated_ms = :now WHERE tenant_id = :tenant"
               " AND livemode = :live AND id = ? AND state = 3",
        .index = "PRIMARY",
    };
    uint64_t n = 0;
    TRY(db_run(c, &q, &n, P(id)));
    return n ? NULL : error_of(ERR_INVALID_STATE);
}

error store_job_find_due(struct ctx *c, int64_t real_ms, const struct stopped_clock *stopped,
                         struct job *out)
{
    /* Jobs of a stopped clock are due by that clock alone. */
    QUERY running = {
        .name = "job.find_due",
        .sql = "SELECT :cols FROM job WHERE state = 1 AND due_ms <= ?"
               " AND (livemode OR NOT EXISTS (SELECT 1 FROM test_clock t"
               " WHERE t.tenant_id = job.tenant_id))"
               " ORDER BY due_ms LIMIT 1 FOR UPDATE SKIP LOCKED",
        .row = &row,
        .index = "due",
        .global = true,
    };
    QUERY by_clock = {
        .name = "job.find_due_by_clock",
        .sql = "SELECT :cols FROM job WHERE tenant_id = ? AND livemode = FALSE AND state = 1"
               " AND run_ms <= ? AND locked_until_ms <= ?"
               " ORDER BY run_ms LIMIT 1 FOR UPDATE SKIP LOCKED",
        .row = &row,
        .index = "due_of_tenant",
        .global = true,
    };
    *out = (struct job){0};
    if (stopped)
        return db_one(c, &by_clock, out, P(&stopped->tenant), P(stopped->clock_ms), P(real_ms));
    return db_one(c, &running, out, P(real_ms));
}

/* What is read is locked, fit or not, so hardly more may be read than is taken: on running clocks
 * real time decides, and jobs that wait for another try, or are of other types, stand elsewhere in
 * the index. */
error store_jobs_find_more(struct ctx *c, const struct job *first, const struct job_clock *clock,
                           size_t limit, struct list *out)
{
    QUERY running = {
        .name = "job.find_more",
        .sql = "SELECT :cols FROM job FORCE INDEX (due_of_type) WHERE tenant_id = ?"
               " AND livemode = ? AND state = 1 AND type = ? AND due_ms <= ? AND lease = 0"
               " AND updated_ms <= ? AND id <> ? ORDER BY due_ms LIMIT ? FOR UPDATE SKIP LOCKED",
        .row = &row,
        .index = "due_of_type",
        .global = true,
    };
    QUERY by_clock = {
        .name = "job.find_more_by_clock",
        .sql = "SELECT :cols FROM job FORCE INDEX (due_of_tenant) WHERE tenant_id = ?"
               " AND livemode = ? AND state = 1 AND run_ms <= ? AND type = ? AND lease = 0"
               " AND locked_until_ms <= ? AND LEAST(GREATEST(run_ms, updated_ms), ?) = ?"
               " AND id <> ? ORDER BY run_ms LIMIT ? FOR UPDATE SKIP LOCKED",
        .row = &row,
        .index = "due_of_tenant",
        .global = true,
    };
    if (clock->stopped)
        return db_all(c, &by_clock, out, P(&first->tenant), P(first->live), P(clock->now_ms),
                      P(first->type), P(clock->real_ms), P(clock->stopped->clock_ms),
                      P(clock->now_ms), P(&first->id), P((int64_t)limit));
    return db_all(c, &running, out, P(&first->tenant), P(first->live), P(first->type),
                  P(clock->real_ms), P(clock->now_ms), P(&first->id), P((int64_t)limit));
}

error store_jobs_take(struct ctx *c, const struct job *j, size_t n, bool abandoned)
{
    QUERY q = {
        .name = "job.take",
        .sql = "UPDATE job FORCE INDEX (PRIMARY) SET locked_until_ms = ?, lease = ?,"
               " abandoned = abandoned + ?, attempts = attempts + ?"
               " WHERE tenant_id = ? AND livemode = ? AND id IN (:ids)",
        .index = "PRIMARY",
        .global = true,
    };
    struct id *ids = arena_array(c->arena, n, sizeof *ids);
    for (size_t i = 0; i < n; i++)
        ids[i] = j[i].id;
    return db_run(c, &q, NULL, P(j->locked_until_ms), P(j->lease), P(abandoned), P(!abandoned),
                  P(&j->tenant), P(j->live), P(((struct id_list){ids, n})));
}

error store_job_bury(struct ctx *c, const struct job *j, struct str problem)
{
    QUERY q = {
        .name = "job.bury",
        .sql = "UPDATE job SET state = 3, lease = 0, last_error = ?, updated_ms = :now"
               " WHERE tenant_id = ? AND livemode = ? AND id = ?",
        .index = "PRIMARY",
        .global = true,
    };
    return db_run(c, &q, NULL, P(problem), P(&j->tenant), P(j->live), P(&j->id));
}

error store_jobs_untake(struct ctx *c, const struct job *j, size_t n, bool abandoned)
{
    QUERY q = {
        .name = "job.untake",
        .sql = "UPDATE job SET locked_until_ms = 0, lease = 0, abandoned = abandoned - ?,"
               " attempts = attempts - ?"
               " WHERE tenant_id = ? AND livemode = ? AND id = ? AND lease = ?",
        .index = "PRIMARY",
        .global = true,
    };
    struct db_rows rows = db_rows_new(c->arena, n, 6);
    for (size_t i = 0; i < n; i++)
        db_rows_add(&rows, P(abandoned), P(!abandoned), P(&j[i].tenant), P(j[i].live), P(&j[i].id),
                    P(j[i].lease));
    return db_run_each(c, &q, &rows, NULL);
}

/* Every word of a worker counts only while it holds the job. */
#define HELD                                                                                       \
    " WHERE tenant_id = :tenant AND livemode = :live AND id = ? AND lease = ? AND state = 1"

static error if_held(error e, uint64_t n)
{
    TRY(e);
    return n ? NULL : error_of(ERR_INVALID_STATE);
}

/* Of all of them, or nothing. */
static error if_all_held(struct ctx *c, const struct query *q, const struct db_rows *rows)
{
    uint64_t n;
    TRY(db_run_each(c, q, rows, &n));
    return n == rows->n ? NULL : error_of(ERR_INVALID_STATE);
}

error store_jobs_extend(struct ctx *c, const struct job *const *j, size_t n,
                        int64_t locked_until_ms)
{
    QUERY q = {
        .name = "job.extend",
        .sql = "UPDATE job SET locked_until_ms = ?" HELD,
        .index = "PRIMARY",
    };
    struct db_rows rows = db_rows_new(c->arena, n, 3);
    for (size_t i = 0; i < n; i++)
        db_rows_add(&rows, P(locked_until_ms), P(&j[i]->id), P(j[i]->lease));
    return if_all_held(c, &q, &rows);
}

error store_jobs_check(struct ctx *c, const struct job *const *j, size_t n)
{
    QUERY q = {
        .name = "job.check",
        .sql = "SELECT :cols FROM job FORCE INDEX (PRIMARY) WHERE tenant_id = :tenant"
               " AND livemode = :live AND id IN (:ids) AND state = 1 LIMIT 100 FOR UPDATE",
        .row = &lease_row,
        .index = "PRIMARY",
    };
    struct id *ids = arena_array(c->arena, n, sizeof *ids);
    struct list found;
    const struct job *at;
    size_t held = 0;
    for (size_t i = 0; i < n; i++)
        ids[i] = j[i]->id;
    TRY(db_all(c, &q, &found, P(((struct id_list){ids, n}))));
    at = found.at;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < found.n; k++)
            held += id_eq(&at[k].id, &j[i]->id) && at[k].lease == j[i]->lease;
    return held == n ? NULL : error_of(ERR_INVALID_STATE);
}

error store_job_extend(struct ctx *c, const struct job *j, int64_t locked_until_ms)
{
    return store_jobs_extend(c, &j, 1, locked_until_ms);
}

error store_jobs_again(struct ctx *c, const struct job *const *j, size_t n)
{
    QUERY q = {
        .name = "job.again",
        .sql = "UPDATE job SET stage = ?, progress = ?, run_ms = ?, locked_until_ms = 0,"
               " lease = 0, attempts = 0, abandoned = 0, last_error = NULL, updated_ms = :now" HELD,
        .index = "PRIMARY",
    };
    struct db_rows rows = db_rows_new(c->arena, n, 5);
    for (size_t i = 0; i < n; i++)
        db_rows_add(&rows, P(j[i]->stage), P(j[i]->progress), P(j[i]->run_ms), P(&j[i]->id),
                    P(j[i]->lease));
    return if_all_held(c, &q, &rows);
}

error store_job_again(struct ctx *c, const struct job *j, int64_t run_ms)
{
    struct job next = *j;
    const struct job *one = &next;
    next.run_ms = run_ms;
    return store_jobs_again(c, &one, 1);
}

error store_jobs_finish(struct ctx *c, const struct job *const *j, size_t n)
{
    QUERY q = {
        .name = "job.finish",
        .sql = "UPDATE job FORCE INDEX (PRIMARY) SET state = 2, progress = 100, lease = 0,"
               " last_error = NULL, updated_ms = :now WHERE tenant_id = :tenant"
               " AND livemode = :live AND id IN (:ids) AND lease = ? AND state = 1",
        .index = "PRIMARY",
    };
    struct id *ids = arena_array(c->arena, n + 1, sizeof *ids);
    uint64_t held = 0;
    for (size_t i = 0; i < n; i++) {
        assert(j[i]->lease == j[0]->lease);
        ids[i] = j[i]->id;
    }
    if (n)
        TRY(db_run(c, &q, &held, P(((struct id_list){ids, n})), P(j[0]->lease)));
    return held == n ? NULL : error_of(ERR_INVALID_STATE);
}

error store_job_finish(struct ctx *c, const struct job *j)
{
    return store_jobs_finish(c, &j, 1);
}

error store_job_fail(struct ctx *c, const struct job *j, struct str problem, bool dead,
                     int64_t locked_until_ms)
{
    QUERY q = {
        .name = "job.fail",
        .sql = "UPDATE job SET state = ?, stage = ?, last_error = ?, locked_until_ms = ?,"
               " lease = 0, abandoned = 0, updated_ms = :now" HELD,
        .index = "PRIMARY",
    };
    uint64_t n = 0;
    error e = db_run(c, &q, &n, P(dead ? JOB_DEAD : JOB_OPEN), P(j->stage),
                     P(str_sub(problem, 0, 900)), P(locked_until_ms), P(&j->id), P(j->lease));
    return if_held(e, n);
}

error store_job_pause(struct ctx *c, const struct job *j, struct str why, int64_t locked_until_ms)
{
    QUERY q = {
        .name = "job.pause",
        .sql = "UPDATE job SET run_ms = ?, locked_until_ms = ?, stage = ?, last_error = ?,"
               " lease = 0, abandoned = 0, attempts = GREATEST(attempts, 1) - 1,"
               " updated_ms = :now" HELD,
        .index = "PRIMARY",
    };
    uint64_t n = 0;
    error e = db_run(c, &q, &n, P(j->run_ms), P(locked_until_ms), P(j->stage),
                     P(str_sub(why, 0, 900)), P(&j->id), P(j->lease));
    return if_held(e, n);
}

error store_job_wake(struct ctx *c, enum job_type_id type, int stage)
{
    QUERY q = {
        .name = "job.wake",
        .sql = "UPDATE job SET run_ms = LEAST(run_ms, :now), locked_until_ms = 0, stage = 0"
               " WHERE tenant_id = :tenant AND livemode = :live AND state = 1 AND type = ?"
               " AND stage = ? AND lease = 0",
        .index = "due_of_type",
    };
    return db_run(c, &q, NULL, P(type), P(stage));
}

error store_job_purge(struct ctx *c, int64_t before_ms, uint64_t *n)
{
    QUERY q = {
        .name = "job.purge",
        .sql = "DELETE FROM job WHERE state = ? AND due_ms < ? ORDER BY due_ms LIMIT 1000",
        .index = "due",
        .global = true,
    };
    uint64_t cancelled = 0;
    TRY(db_run(c, &q, n, P(JOB_DONE), P(before_ms)));
    TRY(db_run(c, &q, &cancelled, P(JOB_CANCELLED), P(before_ms)));
    *n += cancelled;
    return NULL;
}
