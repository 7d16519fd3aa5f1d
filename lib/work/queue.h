/* queue.h: taking jobs and giving them back. Any number of workers may do so at once. */
#ifndef AMP_WORK_QUEUE_H
#define AMP_WORK_QUEUE_H

#include "work/step.h"

struct stopped_clock; /* store/identity.h */

/* A job whose lease ended so often in a row with nobody giving it back is dead. */
enum { QUEUE_ABANDONED_MAX = 20 };

/* Jobs that were taken together: of one type, tenant and mode, under one lease. */
enum { QUEUE_TOGETHER_MAX = 100 };
struct claim {
    struct job jobs[QUEUE_TOGETHER_MAX];
    size_t n;
    bool abandoned; /* the one that was taken had not been given back */
};

/* Takes the oldest due job under a new lease: of tenants whose clock runs, or, if `stopped` is not
 * NULL, of that tenant's test mode; and with it further ones like it, as many as its type carries
 * out together, which are due by the time it is carried out for. A job that nobody gave back counts
 * as abandoned, not as tried, and is taken alone. ERR_NOT_FOUND: nothing is due. After any other
 * error nobody knows whether those of *out were taken: queue_unclaim() them as soon as the database
 * answers. */
error queue_claim(struct ctx *c, const struct stopped_clock *stopped, const struct job_types *types,
                  struct claim *out);

/* Gives back what a failed queue_claim() may have taken, as if it never had. */
error queue_unclaim(struct ctx *c, const struct claim *taken);

/* What time it is for a job that is carried out: now; on a stopped clock when it was due, but not
 * before it was put, and not later than the clock says. */
int64_t queue_time_for(const struct job *j, const struct stopped_clock *stopped);

/* How long a lease lasts: config->lease_s, doubled after every three that ended in vain, up to 64
 * times as long; so what kills its workers does so more and more rarely. */
int64_t queue_lease_ms(const struct config *config, int64_t abandoned);

/* Writes down the answers of steps that were carried out together, or the failure of each, and
 * gives their jobs back. A job that was lost meanwhile (taken over, put anew, cancelled) is left
 * alone. */
error queue_settle(struct ctx *c, const struct step *s, size_t n);

/* How long to wait after so many attempts (1 is the first): 2 s, doubled each time, at most a
 * quarter of an hour. Without jitter. */
int64_t queue_backoff_ms(int64_t attempts);

#endif
