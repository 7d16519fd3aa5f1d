/* keys.h: API keys: making them, and finding out whose one is. */
#ifndef AMP_AUTH_KEYS_H
#define AMP_AUTH_KEYS_H

#include "auth/cache.h"

enum { KEY_LEN = 41 /* "amp_live_" and 32 characters */ };

/* Who is behind this key? Costs no query while it is remembered. Errors: ERR_UNAUTHORIZED, one and
 * the same for malformed, unknown, revoked and expired keys; those of the database. */
error key_authenticate(struct ctx *c, struct key_cache *cache, struct str key,
                       struct principal *out);

/* A new random key for a mode: the secret into out->key, its hash and prefix beside it. */
void key_make(struct arena *a, bool live, struct api_key *out);

#endif
