/* housekeeping.h: what has to go away in time. */
#ifndef AMP_WORK_HOUSEKEEPING_H
#define AMP_WORK_HOUSEKEEPING_H

#include "base/clock.h"
#include "base/ctx.h"

#define INVITATIONS_KEPT_MS (30 * DAY_MS) /* after their end, to be seen in the list */
#define KEYS_KEPT_MS (30 * DAY_MS)        /* likewise */

enum {
    HOUSEKEEPING_EVERY_MS = 60 * 1000,
    ANSWERS_KEPT_MS = 24 * 3600 * 1000, /* for repeated Idempotency-Keys */
    WINDOWS_KEPT_MS = 10 * 60 * 1000,   /* of requests counted */
    FAILURES_KEPT_MS = 3600 * 1000,     /* to sign in */
    TOKENS_KEPT_MS = 3600 * 1000        /* spent ones, after their end: clocks of hosts differ */
};

/* Deletes what is past its time, of all tenants: at a call up to a hundred batches of each kind,
 * each a statement of its own. Any number of workers may do it at once. */
error housekeeping(struct ctx *c);

/* What webhooks were told is kept for thirty days. */
#define DELIVERIES_KEPT_MS (INT64_C(30) * 24 * 3600 * 1000)

#endif
