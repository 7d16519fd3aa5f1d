/* claiming.h: jobs taken one at a time, for the tests of queue and worker. */
#ifndef AMP_TESTS_CLAIMING_H
#define AMP_TESTS_CLAIMING_H

#include "work/queue.h"

static inline error claim_one(struct ctx *c, const struct stopped_clock *stopped, struct job *out)
{
    static const struct job_types alone = {NULL, 0};
    struct claim claim;
    *out = (struct job){0};
    TRY(queue_claim(c, stopped, &alone, &claim));
    *out = claim.jobs[0];
    return NULL;
}

#endif
