/* queue.c: taking jobs and giving them back. What they do is not known here; the statements are
 * those of store/job.c. */
#include "work/queue.h"

#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/utf8.h"
#include "db/db.h"
#include "db/tx.h"
#include "store/identity.h"
#include "store/webhook.h"

enum {
    BACKOFF_FIRST_MS = 2000,
    BACKOFF_MAX_MS = 15 * 60 * 1000,
    PROBLEM_MAX = 225,
    ABANDONED_A_STAGE = 3, /* so often a lease ends before the next ones are twice as long */
    LEASE_DOUBLED_MAX = 6
};

/* The statements about jobs that were taken together list their ids. */
_Static_assert((int)QUEUE_TOGETHER_MAX <= (int)DB_IDS, "more jobs a claim than ids a list");

struct request {
    const struct stopped_clock *stopped;
    const struct job_types *types;
    struct claim *claim;
};

int64_t queue_lease_ms(const struct config *config, int64_t abandoned)
{
    int64_t doubled = abandoned / ABANDONED_A_STAGE;
    return config->lease_s * 1000 << (doubled < LEASE_DOUBLED_MAX ? doubled : LEASE_DOUBLED_MAX);
}

/* A lease that ended with nobody giving the job back says that a worker died, which is seldom the
 * job's fault: it is no attempt, but it must not go on for ever. */
static void count(struct job *j)
{
    if (j->lease)
        j->abandoned++;
    else
        j->attempts++;
}

/* Whoever wants to hears of it; but not of those that tell others, or they would never end. */
static error tell_of_death(struct ctx *c, const struct job *j, struct str problem)
{
    struct job dead = *j;
    if (j->type == JOB_WEBHOOK_DELIVER)
        return NULL;
    dead.state = JOB_DEAD;
    dead.last_error = problem;
    dead.updated_ms = c->now_ms;
    job_describe(c->arena, &dead, clock_ms());
    return store_event_put(c, EVENT_JOB_FAILED, shape_text(c->arena, &job_shape, &dead));
}

static error bury(struct ctx *c, const struct job *j)
{
    struct str problem = S("Whoever took it up died of it, again and again.");
    struct ctx own = *c;
    own.scope = (struct scope){j->tenant, j->live};
    TRY(store_job_bury(&own, j, problem));
    return tell_of_death(&own, j, problem);
}

int64_t queue_time_for(const struct job *j, const struct stopped_clock *stopped)
{
    int64_t ms = j->run_ms > j->updated_ms ? j->run_ms : j->updated_ms;
    if (!stopped)
        return clock_ms();
    return ms < stopped->clock_ms ? ms : stopped->clock_ms;
}

/* So many like it may be taken with it. What may have killed its worker is taken alone. */
static size_t room_beside(const struct job_types *types, const struct job *j)
{
    size_t together = 1;
    for (size_t i = 0; i < types->n; i++) {
        if (types->at[i].id == (enum job_type_id)j->type && types->at[i].together > 1)
            together = types->at[i].together;
    }
    if (together > QUEUE_TOGETHER_MAX)
        together = QUEUE_TOGETHER_MAX;
    return j->lease ? 0 : together - 1;
}

/* The oldest that is due and not hopeless. */
static error find_first(struct ctx *c, const struct request *r, int64_t now_ms, struct job *j)
{
    for (;;) {
        TRY(store_job_find_due(c, now_ms, r->stopped, j));
        if (j->abandoned + (j->lease ? 1 : 0) <= QUEUE_ABANDONED_MAX)
            return NULL;
        count(j);
        TRY(bury(c, j));
    }
}

static error find_more(struct ctx *c, const struct request *r, int64_t now_ms)
{
    struct claim *k = r->claim;
    size_t room = room_beside(r->types, k->jobs);
    struct job_clock clock;
    struct list more;
    if (!room)
        return NULL;
    clock = (struct job_clock){now_ms, r->stopped, queue_time_for(k->jobs, r->stopped)};
    TRY(store_jobs_find_more(c, k->jobs, &clock, room, &more));
    memcpy(k->jobs + 1, more.at, more.n * sizeof *k->jobs);
    k->n += more.n;
    return NULL;
}

/* Transaction. */
static error claim(struct ctx *c, void *arg)
{
    const struct request *r = arg;
    struct claim *k = r->claim;
    int64_t now_ms = clock_ms(); /* leases are about workers, so they are in real time */
    int64_t lease = store_job_lease(), until_ms;
    TRY(find_first(c, r, now_ms, k->jobs));
    k->n = 1;
    TRY(find_more(c, r, now_ms));
    k->abandoned = k->jobs[0].lease != 0;
    until_ms = now_ms + queue_lease_ms(c->config, k->jobs[0].abandoned + k->abandoned);
    for (size_t i = 0; i < k->n; i++) {
        count(&k->jobs[i]);
        k->jobs[i].lease = lease;
        k->jobs[i].locked_until_ms = until_ms;
    }
    return store_jobs_take(c, k->jobs, k->n, k->abandoned);
}

error queue_claim(struct ctx *c, const struct stopped_clock *stopped, const struct job_types *types,
                  struct claim *out)
{
    struct request r = {stopped, types, out};
    out->n = 0;
    return in_transaction(c, claim, &r);
}

error queue_unclaim(struct ctx *c, const struct claim *taken)
{
    return store_jobs_untake(c, taken->jobs, taken->n, taken->abandoned);
}

int64_t queue_backoff_ms(int64_t attempts)
{
    int64_t wait_ms = BACKOFF_FIRST_MS;
    for (; attempts > 1 && wait_ms < BACKOFF_MAX_MS; attempts--)
        wait_ms *= 2;
    return wait_ms < BACKOFF_MAX_MS ? wait_ms : BACKOFF_MAX_MS;
}

/* Causes quote what others sent: as far as it is UTF-8, and not more than is kept. */
static struct str readable(struct str text)
{
    struct str rest = text;
    size_t n = 0;
    for (int i = 0; i < PROBLEM_MAX && utf8_next(&rest) >= 0; i++)
        n = text.n - rest.n;
    return str_sub(text, 0, n);
}

static error retry(struct ctx *c, const struct step *s, struct str problem, bool dead)
{
    int64_t wait_ms = crypto_jitter(queue_backoff_ms(s->job->attempts));
    struct job job = *s->job;
    problem = readable(problem);
    if (wait_ms < s->wait_ms)
        wait_ms = s->wait_ms;
    job.stage = s->stage;
    TRY(store_job_fail(c, &job, problem, dead, clock_ms() + wait_ms));
    return dead ? tell_of_death(c, &job, problem) : NULL;
}

/* On a running clock it also moves back in the queue, so that others need not be found behind it.
 */
static error pause_job(struct ctx *c, const struct step *s)
{
    struct job job = *s->job;
    int64_t until_ms = clock_ms() + s->wait_ms;
    job.stage = s->stage;
    if (!s->stopped)
        job.run_ms = until_ms;
    return store_job_pause(c, &job, readable(s->problem), until_ms);
}

static error again(struct ctx *c, const struct step *s)
{
    struct job next = *s->job;
    next.stage = s->stage;
    next.progress = s->progress;
    return store_job_again(c, &next, s->again_ms);
}

/* A database that is away or busy is no fault of the job's. */
static bool is_death(const struct step *s)
{
    if (s->failure)
        return s->last_try && !error_is(s->failure, ERR_UNAVAILABLE) &&
               !error_is(s->failure, ERR_RETRY);
    return s->last_try && s->next == STEP_RETRY;
}

static error write_down(struct ctx *c, const struct step *s)
{
    if (s->failure)
        return retry(c, s, s->failure->cause.p ? s->failure->cause : s->failure->message,
                     is_death(s));
    switch (s->next) {
    case STEP_DONE:
        return store_job_finish(c, s->job);
    case STEP_FINISHED:
        return NULL;
    case STEP_AGAIN:
        return again(c, s);
    case STEP_PAUSE:
        return pause_job(c, s);
    case STEP_RETRY:
        break;
    }
    return retry(c, s, s->problem, is_death(s));
}

struct answers {
    const struct step *steps;
    size_t n;
};

/* Each by itself: a job that was lost does not keep the answers of others from being written. */
static error write_all(struct ctx *c, void *arg)
{
    const struct answers *a = arg;
    for (size_t i = 0; i < a->n; i++) {
        error e = write_down(c, &a->steps[i]);
        if (!error_is(e, ERR_INVALID_STATE))
            TRY(e);
    }
    return NULL;
}

error queue_settle(struct ctx *c, const struct step *s, size_t n)
{
    struct answers all = {s, n};
    size_t open = 0;
    bool deaths = false;
    for (size_t i = 0; i < n; i++) {
        open += s[i].failure || s[i].next != STEP_FINISHED;
        deaths |= is_death(&s[i]);
    }
    if (open <= 1 && !deaths)
        return write_all(c, &all);
    error e = in_transaction(c, write_all, &all);
    if (!e || n == 1 || error_is(e, ERR_UNAVAILABLE) || error_is(e, ERR_RETRY))
        return e;
    e = NULL;
    for (size_t i = 0; i < n; i++) { /* one that cannot be written does not keep the others */
        error own = queue_settle(c, &s[i], 1);
        e = own ? own : e;
    }
    return e;
}
