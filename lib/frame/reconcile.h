/* reconcile.h: lets the hosts of an installation share their tenants' limits. */
#ifndef AMP_FRAME_RECONCILE_H
#define AMP_FRAME_RECONCILE_H

#include "base/ctx.h"
#include "shm/shm.h"

/* About once a second, by whichever process of the host comes first: tells the database what this
 * host has counted and learns what others have. Does nothing unless [limits] reconcile is on. After
 * an answer has gone out, so that nobody waits for it; an error is logged, and limits stay this
 * host's own until it works again. */
void reconcile_limits(struct ctx *c, struct shm *shm);

#endif
