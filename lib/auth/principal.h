/* principal.h: who asks, and what they may do. Made by authentication, read by gates and handlers.
 */
#ifndef AMP_AUTH_PRINCIPAL_H
#define AMP_AUTH_PRINCIPAL_H

#include "base/ctx.h"
#include "domain/identity.h"

/* Do the scopes cover this one? NULL is covered by any credential. */
bool principal_may(const struct principal *p, const char *scope);

/* "usr_…" of a person or "key_…", for records. In the arena. */
struct str principal_text(struct arena *a, const struct principal *p);

/* Is the credential of the context still worth as much as at the door? Asked by those who hand out
 * access, in their transaction and once they hold the tenant: for whoever has lost theirs while
 * they waited. ERR_UNAUTHORIZED: the key has ended; ERR_FORBIDDEN: the user is no admin any more.
 */
error principal_confirm(struct ctx *c);

/* Where the tenant has no limit of its own, it gets its plan's. */
void principal_limit(struct principal *p, const struct config *config);

#endif
