/* gates.h: the checks that a request passes on its way, in the order of serve.c. Each has the
 * signature of a handler and returns the error that answers, or NULL to go on. */
#ifndef AMP_FRAME_GATES_H
#define AMP_FRAME_GATES_H

#include "base/ctx.h"

error gate_framing(struct ctx *c);      /* 400, 413 */
error gate_route(struct ctx *c);        /* 404, 405 and OPTIONS */
error gate_authenticate(struct ctx *c); /* 401; sets who, scope and the tenant's clock */
error gate_tenant(struct ctx *c);       /* X-Tenant-ID: 400, 403 */
error gate_rate(struct ctx *c);         /* 429; sets the rate headers */
error gate_scope(struct ctx *c);        /* 403 */
error gate_query(struct ctx *c);        /* 400 */
error gate_remembered(struct ctx *c);   /* answers what is known already */
error gate_body(struct ctx *c);         /* 415, 400 */
error gate_handle(struct ctx *c);       /* the handler, in the way its route wants it run */

#endif
