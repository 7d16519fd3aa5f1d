/* jobs.h: the kinds of job there are, for the worker. */
#ifndef AMP_PIPELINE_JOBS_H
#define AMP_PIPELINE_JOBS_H

#include "llm/llm.h"
#include "work/step.h"

/* What they need: worker_setup.self points to it. */
struct pipeline {
    struct llm *llm; /* who writes */
    /* Why this step does not get its texts; see drafts_end(). */
    bool exhausted, unwanted, awaited;
};

extern const struct job_types pipeline_jobs;

#endif
