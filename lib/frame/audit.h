/* audit.h: what the frame writes into the audit log, so that no route can forget it. */
#ifndef AMP_FRAME_AUDIT_H
#define AMP_FRAME_AUDIT_H

#include "base/ctx.h"

/* Runs the handler of a write. A plain one's entry is written in its transaction; of one that goes
 * outside (R_OUTSIDE) afterwards, before the answer, also if it failed on the way. A sign-in
 * (R_SIGN_IN) that was refused is written down by itself, after what it did was rolled back. */
error audited(struct ctx *c, error (*work)(struct ctx *c, void *arg), void *arg);

/* After the transaction of a route: writes down a sign-in that was refused, and what else was
 * refused to somebody whom the handler knows: a made-up refresh token fills no log. Of those who
 * are told to wait, what the handler marks (request.audit.throttled). */
void audit_refusal(struct ctx *c, error e);

/* For handlers with a credential, in their transaction: an entry besides the request's own, about
 * something else that it did. */
error audit_also(struct ctx *c, struct str action, struct str object);

/* For handlers: what the route table cannot know. Actor "usr_…", who has just shown who they are;
 * object "key_…", if neither path, Location nor body names it; a detail, never a secret. Texts are
 * borrowed; none leaves what is there. */
void audit_tell(struct ctx *c, struct str actor, struct str object, struct str detail);

#endif
