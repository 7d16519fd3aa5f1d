/* oidc.h: identity tokens of an OpenID Connect issuer (OpenID Connect Core 1.0, §3.1.3.7). */
#ifndef AMP_AUTH_OIDC_H
#define AMP_AUTH_OIDC_H

#include "base/error.h"

enum { OIDC_AGE_MAX_S = 86400 };

/* What a token must say. */
struct oidc_rules {
    struct str issuer, client_id;
    struct str nonce; /* none: any, or none */
    int64_t now_s;    /* Unix time */
};

/* What a good one says. */
struct oidc_identity {
    struct str email; /* verified */
    struct str
        digest; /* hexadecimal SHA-256 of what is signed: a signature can be given another form */
    int64_t ends_s; /* Unix time: its end, or OIDC_AGE_MAX_S after its beginning */
};

/* Verifies a token by the issuer's keys (a JWK Set, RFC 7517) and says whom it speaks for. RS, PS
 * and ES of 256, 384 and 512 bits; public keys only. *unknown_key: no key of the set is meant,
 * perhaps there are newer ones. Errors: ERR_INVALID_TOKEN; ERR_TOKEN_EXPIRED;
 * ERR_INVALID_CREDENTIALS for a good token without a verified address. */
error oidc_verify(struct arena *a, struct str token, struct str key_set,
                  const struct oidc_rules *rules, struct oidc_identity *out, bool *unknown_key);

#endif
