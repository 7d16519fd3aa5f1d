/* service.c: the worker, as a service or from cron. */
#include "cli/command.h"

#include "llm/llm.h"
#include "pipeline/jobs.h"
#include "work/worker.h"

static int work(struct call *call)
{
    struct llm llm = {.ops = &llm_writers, .config = call->app->config};
    struct pipeline pipeline = {.llm = &llm};
    struct worker_setup setup = {
        .config = call->app->config,
        .db = call->app->db,
        .app = call->app,
        .types = pipeline_jobs,
        .self = &pipeline,
        .once = option(call, "once").p != NULL,
        .arena = call->arena,
        .watch = &call->app->watch,
    };
    error e = worker_run(&setup);
    return e ? complain_of(call, e) : 0;
}

const struct command service_commands[] = {
    {.words = "work",
     .run = work,
     .needs = C_CONFIG | C_DATABASE,
     .options = {{"once", NULL, false, NULL}},
     .doc = "Carry out what is due, until told to stop; with --once until nothing is (cron)."},
    {0},
};
