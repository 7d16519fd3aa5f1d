/* jwt.h: access tokens of our own (RFC 7519, RFC 9068's type, RFC 8725's advice). HS256 and nothing
 * else. */
#ifndef AMP_AUTH_JWT_H
#define AMP_AUTH_JWT_H

#include "base/crypto.h"
#include "base/id.h"

enum {
    TOKEN_SECRET_LEN = 32,
    TOKEN_MAX = 2048,    /* bytes; ours have about 500 */
    TOKEN_LIFE_S = 900,  /* an access token's */
    TOKEN_LEEWAY_S = 30, /* of clocks, for the beginning of a token's life; none for its end */
};

/* What signs tokens: its id is the kid. */
struct token_key {
    struct id id;
    unsigned char secret[TOKEN_SECRET_LEN];
};

struct token_claims {
    struct id token, user, tenant, session; /* jti, sub, tid, sid */
    bool live;                              /* mode */
    int64_t issued_s, expires_s;            /* iat (and nbf), exp; Unix time */
};

/* The token of these claims, in the arena. Errors: ERR_UNAVAILABLE (no memory). */
error token_sign(struct arena *a, const struct token_key *key, struct str issuer,
                 const struct token_claims *claims, struct str *out);

/* Whose key is to verify this token? ERR_INVALID_TOKEN unless its form and header are those of
 * ours: alg HS256, typ at+jwt, a kid, and nothing else (no crit, jku, jwk, x5u, b64 …). */
error token_key_id(struct arena *a, struct str token, struct id *kid);

/* Checks signature, then all claims. Errors: ERR_INVALID_TOKEN; ERR_TOKEN_EXPIRED for a token that
 * is good but for its age. */
error token_verify(struct arena *a, struct str token, const struct token_key *key,
                   struct str issuer, int64_t now_s, struct token_claims *out);

#endif
