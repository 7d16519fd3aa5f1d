/* worker.h: the process that carries out jobs, one step after the other. */
#ifndef AMP_WORK_WORKER_H
#define AMP_WORK_WORKER_H

#include "work/step.h"

/* What a worker needs; borrowed. */
struct worker_setup {
    const struct config *config;
    struct db *db;
    const struct app *app;      /* handed on in the context of each step; may be NULL */
    struct job_types types;     /* what kinds of job there are */
    void *self;                 /* handed on to each step: whatever the types need */
    bool once;                  /* until nothing is due; else until SIGTERM or SIGINT */
    struct arena *arena;        /* holds the error that is returned */
    struct config_watch *watch; /* of the file of config; NULL: none */
};

/* Carries out what is due, on stopped test clocks and on running ones in turn. SIGTERM and SIGINT
 * are looked at between steps, and by steps that last, and end it cleanly. While the database is
 * away it waits for it; with `once` it returns the error instead, otherwise always NULL.
 *
 * On a stopped clock that was moved, jobs run as if the time had passed: in the order they were
 * due, c->now_ms being the time they were due at. */
error worker_run(const struct worker_setup *setup);

#endif
