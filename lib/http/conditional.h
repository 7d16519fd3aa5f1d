/* conditional.h: entity tags and the conditions that clients make of them (RFC 9110 §8.8.3, §13).
 */
#ifndef AMP_HTTP_CONDITIONAL_H
#define AMP_HTTP_CONDITIONAL_H

#include "base/ctx.h"

/* The entity tag of an object's revision: "17", quoted. */
struct str etag_of(struct arena *a, int64_t revision);

/* Does a list of entity tags (or "*") hold this one? `weak`: W/ does not matter (If-None-Match);
 * else a weak tag matches nothing (If-Match). A malformed list holds nothing. */
bool etag_listed(struct str list, struct str etag, bool weak);

/* For handlers that change an object, once it is read: ERR_PRECONDITION_FAILED if the request has
 * an If-Match that this revision does not meet. */
error if_match(struct ctx *c, int64_t revision);

/* Answers with one object and its entity tag. */
struct shape;
error reply_revision(struct ctx *c, int status, const struct shape *shape, const void *object,
                     int64_t revision);

/* Turns a 200 into a 304 if the request's If-None-Match says that the client has it already. */
void reply_unless_known(struct ctx *c);

#endif
