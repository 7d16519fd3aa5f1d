/* idempotency.h: a POST that carries an Idempotency-Key happens once, and is answered as often as
 * it is asked. */
#ifndef AMP_FRAME_IDEMPOTENCY_H
#define AMP_FRAME_IDEMPOTENCY_H

#include "base/ctx.h"

/* Gate: reads the header (400) and answers what is known already: the kept answer, 409 while the
 * first is running, 422 for another request with the same key. */
error gate_idempotency(struct ctx *c);

/* Does this request carry a key that is to be remembered? */
bool idempotency_wanted(const struct ctx *c);

/* Runs the handler of such a request, and keeps its answer if it is a 2xx: in one transaction with
 * the work; around it, for handlers that go outside. */
error idempotency_run(struct ctx *c, error (*work)(struct ctx *c, void *arg), void *arg);

#endif
