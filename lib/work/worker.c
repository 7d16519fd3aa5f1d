/* worker.c: the loop of a worker: what is due, the context a step runs in, stopping, and waiting
 * for the database. How jobs are taken and given back is queue.c's. */
#include "work/worker.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "db/db.h"
#include "store/identity.h"
#include "work/housekeeping.h"
#include "work/queue.h"

enum {
    ARENA_BYTES = 128 << 20,
    TURN = 20, /* steps for one clock before the next has its turn */
    AWAY_FIRST_MS = 100,
    AWAY_MAX_MS = 2000
};

struct worker {
    const struct worker_setup *setup;
    struct arena *pass, *job, *step; /* what lives as long as each of these */
    sigset_t signals;                /* blocked, and asked for where it is safe to stop */
    bool stopping;
    int64_t away_ms;   /* how long to wait for the database; 0: it is there */
    int64_t tidied_ms; /* when it last deleted what is past its time */
    struct claim claim;
    bool in_doubt; /* the claim had no answer: what it may have taken is to be given back */
};

/* Waits, but not for longer than until somebody wants the worker to stop. */
static void wait_ms(struct worker *w, int64_t ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    if (!w->stopping && sigtimedwait(&w->signals, NULL, &time) > 0)
        w->stopping = true;
}

static bool is_stopping(struct worker *w)
{
    wait_ms(w, 0);
    return w->stopping;
}

static bool tell_step(void *worker)
{
    return is_stopping(worker);
}

/* Says it once, and lets the pauses grow. */
static void wait_for_database(struct worker *w, error e)
{
    if (!w->away_ms)
        log_event(NULL, LOG_LEVEL_ERROR, "worker.waiting", L_STR("code", e->wire),
                  L_STR("cause", e->cause));
    w->away_ms = w->away_ms ? w->away_ms * 2 : AWAY_FIRST_MS;
    if (w->away_ms > AWAY_MAX_MS)
        w->away_ms = AWAY_MAX_MS;
    wait_ms(w, w->away_ms);
}

static void database_answered(struct worker *w)
{
    if (w->away_ms)
        log_event(NULL, LOG_LEVEL_INFO, "worker.working", L_STR("after", S("waiting")));
    w->away_ms = 0;
}

/* The context in which the worker itself asks the database. */
static struct ctx own_ctx(const struct worker *w, struct arena *arena)
{
    return (struct ctx){
        .app = w->setup->app,
        .config = w->setup->config,
        .arena = arena,
        .db = w->setup->db,
        .now_ms = clock_ms(),
    };
}

/* A newer program puts jobs that this one does not know: it leaves them to others. */
static error run_unknown(struct ctx *c, struct step *s)
{
    return error_because(c->arena, ERR_INTERNAL, "no job has the type %d", s->job->type);
}

static const struct job_type *type_of(const struct worker *w, const struct job *j)
{
    static const struct job_type unknown = {
        .name = S("unknown"), .ref = S("ref_"), .run = run_unknown};
    for (size_t i = 0; i < w->setup->types.n; i++) {
        if (w->setup->types.at[i].id == (enum job_type_id)j->type)
            return &w->setup->types.at[i];
    }
    return &unknown;
}

/* Of what several took that were carried out together the first has the remainder: the sums of all
 * lines are what all steps took. */
static int64_t share(int64_t all, size_t n, size_t i)
{
    int64_t each = all / (int64_t)n;
    return i ? each : all - each * (int64_t)(n - 1);
}

static void log_step(const struct ctx *c, const struct step *s, const struct job_type *type,
                     int64_t together, int64_t took_us, int64_t queries)
{
    static const struct str answers[] = {S("done"), S("again"), S("retry"), S("pause"), S("done")};
    char id[ID_TEXT + 1], ref[ID_TEXT + 1];
    struct ctx own = *c;
    error e = s->failure;
    struct str problem = e ? e->cause : s->problem;
    if (e && !e->cause.p)
        problem = e->message;
    own.request_id = id_print(id, S("job_"), &s->job->id);
    log_event(&own, e ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "job.step", L_STR("type", type->name),
              L_STR("ref", id_print(ref, type->ref, &s->job->ref)),
              L_STR("next", e ? e->wire : answers[s->next]), L_STR("problem", problem),
              L_INT("attempt", s->job->attempts), L_INT("together", together), L_INT("us", took_us),
              L_INT("queries", queries));
}

static void run_steps(const struct worker *w, struct ctx *c, struct step *s, size_t n)
{
    const struct job_type *type = type_of(w, s->job);
    int64_t started_us = clock_mono_us(), took_us;
    error e = NULL;
    db_reset_count(c->db);
    if (type->run_all)
        e = type->run_all(c, s, n);
    else
        s->failure = type->run(c, s);
    took_us = clock_mono_us() - started_us;
    for (size_t i = 0; i < n; i++) {
        if (e)
            s[i].failure = e;
        log_step(c, &s[i], type, (int64_t)n, share(took_us, n, i), share(db_count(c->db), n, i));
    }
}

/* The answers of steps written down, however long that takes. */
static error settle(struct worker *w, const struct ctx *of_step, const struct step *s, size_t n)
{
    struct ctx c = *of_step;
    c.arena = w->job;
    for (;;) {
        arena_reset(w->job);
        error e = queue_settle(&c, s, n);
        if (!e || w->setup->once || is_stopping(w))
            return e;
        wait_for_database(w, e);
    }
}

/* One step of the claimed jobs. */
static error carry_out(struct worker *w, const struct stopped_clock *stopped)
{
    const struct claim *k = &w->claim;
    const struct job *first = k->jobs;
    char text[ID_TEXT + 1];
    struct step steps[QUEUE_TOGETHER_MAX];
    struct ctx c = own_ctx(w, w->step);
    arena_reset(w->step);
    for (size_t i = 0; i < k->n; i++)
        steps[i] = (struct step){
            .job = &k->jobs[i],
            .self = w->setup->self,
            .clock_ms = stopped ? stopped->clock_ms : c.now_ms,
            .stopped = stopped != NULL,
            .last_try = k->jobs[i].attempts >= w->setup->config->max_attempts,
            .stopping = tell_step,
            .worker = w,
            .stage = k->jobs[i].stage,
            .progress = k->jobs[i].progress,
        };
    c.scope = (struct scope){first->tenant, first->live};
    c.request_id = id_print(text, S("job_"), &first->id);
    c.now_ms = queue_time_for(first, stopped);
    run_steps(w, &c, steps, k->n);
    return settle(w, &c, steps, k->n);
}

/* What was sealed with a new key a moment ago must be opened now. */
static void look_after_secrets(const struct worker *w)
{
    struct config_watch *watch = w->setup->watch;
    if (watch && config_watch_look(watch, clock_ms()))
        log_event(NULL, LOG_LEVEL_INFO, "secrets.changed",
                  L_INT("key", watch->config->secret_key_id));
}

/* What is due on one clock, as far as its turn goes. */
static error take_turn(struct worker *w, const struct stopped_clock *stopped, bool *worked)
{
    for (int i = 0; i < TURN && !is_stopping(w); i++) {
        struct ctx c = own_ctx(w, w->job);
        error e;
        arena_reset(w->job);
        look_after_secrets(w);
        e = queue_claim(&c, stopped, &w->setup->types, &w->claim);
        if (error_is(e, ERR_NOT_FOUND))
            return NULL;
        w->in_doubt = e != NULL;
        TRY(e);
        for (size_t k = 0; k < w->claim.n; k++) /* its text does not live as long as the job */
            w->claim.jobs[k].last_error = (struct str){0};
        *worked = true;
        TRY(carry_out(w, stopped));
    }
    return NULL;
}

/* Else the job would wait for a lease that nobody holds. */
static error dispel_doubt(struct worker *w, struct ctx *c)
{
    if (w->in_doubt)
        TRY(queue_unclaim(c, &w->claim));
    w->in_doubt = false;
    return NULL;
}

static error pass(struct worker *w, bool *worked)
{
    struct ctx c = own_ctx(w, w->pass);
    struct list clocks;
    const struct stopped_clock *stopped;
    arena_reset(w->pass);
    *worked = false;
    TRY(dispel_doubt(w, &c));
    TRY(store_clocks_due(&c, c.now_ms, &clocks));
    stopped = clocks.at;
    for (size_t i = 0; i < clocks.n; i++)
        TRY(take_turn(w, &stopped[i], worked));
    return take_turn(w, NULL, worked);
}

/* When there is nothing else to do. */
static error tidy(struct worker *w)
{
    struct ctx c = own_ctx(w, w->pass);
    if (c.now_ms < w->tidied_ms + HOUSEKEEPING_EVERY_MS)
        return NULL;
    w->tidied_ms = c.now_ms;
    arena_reset(w->pass);
    return housekeeping(&c);
}

static error work(struct worker *w)
{
    bool worked;
    while (!is_stopping(w)) {
        error e = pass(w, &worked);
        if (!e && !worked)
            e = tidy(w);
        if (e && w->setup->once)
            return e;
        if (e) {
            wait_for_database(w, e);
            continue;
        }
        database_answered(w);
        if (!worked && w->setup->once)
            return NULL;
        if (!worked)
            wait_ms(w, w->setup->config->poll_ms);
    }
    return NULL;
}

error worker_run(const struct worker_setup *setup)
{
    sigset_t before;
    error e;
    struct worker w = {
        .setup = setup,
        .pass = arena_new(ARENA_BYTES),
        .job = arena_new(ARENA_BYTES),
        .step = arena_new(ARENA_BYTES),
    };
    sigemptyset(&w.signals);
    sigaddset(&w.signals, SIGTERM);
    sigaddset(&w.signals, SIGINT);
    sigprocmask(SIG_BLOCK, &w.signals, &before);
    e = work(&w);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (e) /* it lives in an arena that goes now */
        e = e->cause.p ? error_because(setup->arena, e->code, "%.*s", STR(e->cause))
                       : error_of(e->code);
    arena_free(w.pass);
    arena_free(w.job);
    arena_free(w.step);
    return e;
}
