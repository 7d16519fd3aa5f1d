/* queue.h: taking jobs and giving them back. Any number of workers may do so at once. */
#ifndef AMP_WORK_QUEUE_H
#define AMP_WORK_QUEUE_H

#include "work/step.h"

struct stopped_clock; /* store/identity.h */

/* Takes the oldest due job under a new lease that ends in config->lease_s: of tenants whose clock
 * runs, or, if `stopped` is not NULL, of that tenant's test mode. ERR_NOT_FOUND: nothing is due. */
error queue_claim(struct ctx *c, const struct stopped_clock *stopped, struct job *out);

/* Writes down the answer of a step, or the error it failed with, and gives the job back. A job that
 * was lost meanwhile (taken over, put anew, cancelled) is left alone. */
error queue_settle(struct ctx *c, const struct step *s, error failure);

/* How long to wait after so many attempts (1 is the first): 2 s, doubled each time, at most a
 * quarter of an hour. Without jitter. */
int64_t queue_backoff_ms(int64_t attempts);

#endif
