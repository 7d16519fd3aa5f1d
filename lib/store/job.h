/* store/job.h: the table job. */
#ifndef AMP_STORE_JOB_H
#define AMP_STORE_JOB_H

#include "base/ctx.h"
#include "base/page.h"
#include "domain/job.h"

struct job_lock {
    int64_t until_ms; /* real time */
    int64_t lease;
};

/* A lease is a number that nobody else has; 0 is none. */
int64_t store_job_lease(void);

/* Makes the job of (type, ref) due at run_ms, or makes it due anew if it is there already: open, no
 * attempts, no stage, held by whom the lock says (NULL: nobody). *id is the job's, new or not;
 * NULL: nobody wants to know, which spares a statement. */
error store_job_put(struct ctx *c, enum job_type_id type, const struct id *ref, int64_t run_ms,
                    const struct job_lock *lock, struct id *id);

/* The same for n jobs that nobody holds, and whose mission is known. `id` is what is filled in: the
 * job's, if there was none for its ref. */
struct job_due {
    struct id ref, mission;
    int64_t run_ms;
    struct id id;
};
error store_jobs_put(struct ctx *c, enum job_type_id type, struct job_due *due, size_t n);

/* Makes the job of (type, ref) due at run_ms unless it is open already. */
error store_job_ensure(struct ctx *c, enum job_type_id type, const struct id *ref, int64_t run_ms);

/* Moves an open job of (type, ref) to an earlier or later time; nothing happens if there is none.
 */
error store_job_reschedule(struct ctx *c, enum job_type_id type, const struct id *ref,
                           int64_t run_ms);

/* Ends the open job of (type, ref), if there is one, in a state. */
error store_job_end(struct ctx *c, enum job_type_id type, const struct id *ref,
                    enum job_state state);

error store_job_get(struct ctx *c, const struct id *id, struct job *out);

/* One page, newest first, and how many there are in all, as of one moment: a snapshot of two
 * statements, the second of which counts in an index. Not within a transaction. */
error store_job_page(struct ctx *c, const struct job_filter *f, const struct page *page,
                     struct list *out, bool *more, int64_t *total);

/* Makes a dead job due now, with all its attempts before it. ERR_INVALID_STATE: it is not dead. */
error store_job_revive(struct ctx *c, const struct id *id);

/* For the worker, across tenants. Takes the oldest due job that nobody has locked: of tenants whose
 * clock runs (due before real_ms), or, if `stopped` is not NULL, of that tenant's test mode (due
 * before its clock). Inside a transaction; SKIP LOCKED. ERR_NOT_FOUND: nothing is due. */
struct stopped_clock;
error store_job_find_due(struct ctx *c, int64_t real_ms, const struct stopped_clock *stopped,
                         struct job *out);
/* Inside the same transaction: further ones of the same type, tenant and mode, that are due by the
 * same clock as the first, on a stopped one for the same time (see queue_time_for()), oldest first,
 * `limit` at most: list of struct job. One whose last worker died is not among them: it is taken up
 * alone. Jobs that are not taken are left to others, but for a few that it came across. */
struct job_clock {
    int64_t real_ms;
    const struct stopped_clock *stopped; /* NULL: the clock runs */
    int64_t now_ms;                      /* what the first is carried out for */
};
error store_jobs_find_more(struct ctx *c, const struct job *first, const struct job_clock *clock,
                           size_t limit, struct list *out);
/* Locks found jobs, of one tenant and mode, for their worker: writes lock and lease of the first to
 * all, and counts an attempt, or that they had been abandoned. */
error store_jobs_take(struct ctx *c, const struct job *j, size_t n, bool abandoned);
/* Or gives it up instead: dead, for this reason. */
error store_job_bury(struct ctx *c, const struct job *j, struct str problem);
/* Undoes such a taking, which may have happened or not: nothing happens unless the lease is the
 * job's. */
error store_jobs_untake(struct ctx *c, const struct job *j, size_t n, bool abandoned);

/* What a worker says of a job it holds. Each is conditional on the lease (ERR_INVALID_STATE: it was
 * taken over, or the job was cancelled or put anew; whoever held it must stop). */
error store_job_extend(struct ctx *c, const struct job *j, int64_t locked_until_ms);
/* Open, no attempts, at j->stage and with j->progress. */
error store_job_again(struct ctx *c, const struct job *j, int64_t run_ms);
error store_job_finish(struct ctx *c, const struct job *j);
/* The same of n jobs, all or (inside a transaction) none; again at the run_ms of each. */
error store_jobs_check(struct ctx *c, const struct job *const *j, size_t n); /* and locks them */
error store_jobs_extend(struct ctx *c, const struct job *const *j, size_t n,
                        int64_t locked_until_ms);
error store_jobs_again(struct ctx *c, const struct job *const *j, size_t n);
error store_jobs_finish(struct ctx *c, const struct job *const *j, size_t n); /* of one lease */
error store_job_fail(struct ctx *c, const struct job *j, struct str problem, bool dead,
                     int64_t locked_until_ms); /* the next try not before that (real time) */
/* Not now, and nobody's fault: due at j->run_ms, not before locked_until_ms (real time), at
 * j->stage, and this attempt does not count. */
error store_job_pause(struct ctx *c, const struct job *j, struct str why, int64_t locked_until_ms);

/* Deletes done and cancelled jobs that were due before then, of all tenants, a batch. *n: how many.
 */
error store_job_purge(struct ctx *c, int64_t before_ms, uint64_t *n);

/* Open jobs of a type that nobody holds and that wait at a stage are due now, at stage 0. */
error store_job_wake(struct ctx *c, enum job_type_id type, int stage);

#endif
