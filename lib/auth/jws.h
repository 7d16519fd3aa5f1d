/* jws.h: signed tokens (RFC 7515, compact form), and the doorman of the library that signs and
 * verifies them. What they say, and whose key is asked, is not decided here. */
#ifndef AMP_AUTH_JWS_H
#define AMP_AUTH_JWS_H

#include "base/error.h"
#include "json/tree.h"

struct jws {
    const struct node *header, *payload; /* objects */
    struct str signature;                /* decoded */
};

/* Takes a token in compact form apart; false unless it has at most `max` bytes and three parts in
 * the one base64url spelling of what they hold, of which the first two are strict JSON objects
 * without duplicate members. Nothing is verified yet. */
bool jws_split(struct arena *a, struct str token, size_t max, struct jws *out);

/* Signs `payload` by HS256 under a header of these three members. The token is in the arena.
 * Errors: ERR_UNAVAILABLE (no memory). */
error jws_sign(struct arena *a, struct str secret, struct str type, struct str key_id,
               struct str payload, struct str *out);

/* Is the token's signature one by this secret, or by this public key in the JSON form of RFC 7517?
 * The algorithm is that of the token's header, which must have been read and judged before. */
bool jws_is_signed_by_secret(struct arena *a, struct str token, struct str secret);
bool jws_is_signed_by(struct arena *a, struct str token, struct str jwk);

/* Does this object have members besides these names (ended by NULL)? */
bool jws_has_others(const struct node *object, const char *const *names);

#endif
