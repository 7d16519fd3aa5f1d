/* signing.h: the keys that sign access tokens. They lie in the database, sealed with [secrets] key,
 * so that all hosts of an installation have them at once, and a rotation restarts nothing. */
#ifndef AMP_AUTH_SIGNING_H
#define AMP_AUTH_SIGNING_H

#include "auth/cache.h"
#include "auth/jwt.h"
#include "base/ctx.h"

/* The key that signs now. Inside a transaction: one is made if there is none that can be opened
 * (the first ever, or [secrets] key is another). Errors: ERR_NOT_IMPLEMENTED without [secrets] key;
 * those of the database. */
error signing_current(struct ctx *c, struct token_key *out);

/* The key of this id, as long as it verifies: while it signs, and then as long as a token that it
 * signed may live. Remembered for half a minute. Errors: ERR_INVALID_TOKEN; those above. */
error signing_find(struct ctx *c, struct key_cache *cache, const struct id *id,
                   struct token_key *out);

/* Makes a new key, which signs from now on. Tokens of the old ones stay good until they expire,
 * unless they are to be revoked. Inside a transaction. */
error signing_rotate(struct ctx *c, bool revoke, struct token_key *out);

#endif
