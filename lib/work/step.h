/* step.h: what a type of job looks like. A job is carried out step by step: each does one short
 * thing, stores it, and says what is next; then the job goes back to the queue. */
#ifndef AMP_WORK_STEP_H
#define AMP_WORK_STEP_H

#include "store/job.h"

enum step_next {
    STEP_DONE,    /* the job is finished */
    STEP_AGAIN,   /* another step, at again_ms */
    STEP_RETRY,   /* this one once more, later */
    STEP_PAUSE,   /* the same, and it was nobody's fault: does not count as an attempt */
    STEP_FINISHED /* done, and written down as such in the transaction of what it did */
};

/* A step: what it is given, and what it answers. */
struct step {
    const struct job *job; /* held by the worker */
    void *self;            /* worker_setup.self */
    int64_t clock_ms;      /* the tenant's clock; c->now_ms is behind it while catching up */
    bool stopped;          /* that clock stands still */
    bool last_try;         /* a failure now is the end of the job */
    bool (*stopping)(void *worker); /* see step_is_stopping(); NULL: never */
    void *worker;

    enum step_next next;
    int64_t again_ms;   /* STEP_AGAIN: on the tenant's clock */
    int64_t wait_ms;    /* STEP_RETRY: at least so long, in real time; 0: the usual back-off.
                           STEP_PAUSE: just so long */
    struct str problem; /* STEP_RETRY, STEP_PAUSE: why, for people */
    error failure;      /* instead of an answer: what the step returned, or, of several that are
                           carried out together, what stood in the way of this one */
    int stage;          /* where the job is, to be remembered in it */
    int64_t progress;   /* STEP_AGAIN: likewise, in percent */
};

/* An error is an answer too: STEP_RETRY with the error as its problem. Runs outside of a
 * transaction; c->arena lives as long as the step. May be run again at any time after it was killed
 * at any place, so what it stores is conditional. */
typedef error step_fn(struct ctx *c, struct step *s);

/* The same for several jobs of one tenant and mode: an error is the answer of all. */
typedef error steps_fn(struct ctx *c, struct step *s, size_t n);

struct job_type {
    enum job_type_id id;
    struct str name; /* "mission.run", for the log */
    struct str ref;  /* prefix of what the job is about, "msn_" */
    step_fn *run;
    steps_fn *run_all; /* instead of run: carries out so many together */
    size_t together;
};
struct job_types {
    const struct job_type *at;
    size_t n;
};

/* Has the worker been told to stop? A step that lasts asks now and then, begins nothing new, and
 * answers step_again(): another worker takes the job up. */
bool step_is_stopping(const struct step *s);

/* For the end of a step: fill in the answer and return NULL. */
error step_done(struct step *s);
error step_finished(struct step *s);
error step_again(struct step *s, int64_t again_ms);
error step_retry(struct step *s, int64_t wait_ms, struct str problem);
error step_pause(struct step *s, int64_t wait_ms, struct str problem);

#endif
