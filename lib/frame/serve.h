/* serve.h: the way of a request, from the gateway through the gates to a handler and back. */
#ifndef AMP_FRAME_SERVE_H
#define AMP_FRAME_SERVE_H

#include "frame/app.h"
#include "http/gateway.h"

/* The service that a gateway runs: struct app as self. */
struct service frame_service(struct app *app);

/* For handlers of R_UPDATE routes: the body over the stored object (shape_update). */
error read_update(struct ctx *c, const struct shape *shape, void *object);

/* For handlers: what this host's processes remember (keys, clocks) must be read again once this
 * request has committed. */
void forget_after_commit(struct ctx *c);

#endif
