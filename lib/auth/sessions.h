/* sessions.h: who is signed in. A session hands out access tokens (jwt.h), which are checked
 * against its row on each request, and refresh tokens, of which only the newest is good. */
#ifndef AMP_AUTH_SESSIONS_H
#define AMP_AUTH_SESSIONS_H

#include "auth/cache.h"

enum {
    REFRESH_FAMILY_LEN = 22, /* base62: 131 bits, the same for all of a session */
    REFRESH_SECRET_LEN = 43, /* 256 bits, new each time */
};
#define SESSION_IDLE_MS (7 * INT64_C(86400000))
#define SESSION_END_MS (30 * INT64_C(86400000))

/* What signing in, or refreshing, gives. */
struct grant {
    struct str token, refresh_token;
    int64_t expires_ms, refresh_expires_ms;
    struct id session, user, tenant;
    bool live;
};

/* Begins a session of .user in .tenant and mode .live of *out, and fills the rest. Inside a
 * transaction that holds the user (proof_settle()). *ended is set if there were too many, and the
 * oldest are over: what processes remember has to be forgotten. Errors: those of signing_current().
 */
error session_begin(struct ctx *c, struct grant *out, bool *ended);

/* Exchanges a refresh token. Inside a transaction that commits whatever *refused says: a token that
 * was used before ends its session, since one of the two who have it has stolen it. After an end,
 * what processes remember has to be forgotten. */
error session_refresh(struct ctx *c, struct str refresh_token, struct grant *out, bool *refused,
                      bool *ended);

/* Who is behind this access token, in that tenant (NULL: the session's own)? Costs one query, or
 * none while it is remembered. Where the user has no place in the tenant, or there is none, out has
 * no role. Errors: ERR_INVALID_TOKEN, ERR_TOKEN_EXPIRED; those of the database. */
error session_authenticate(struct ctx *c, struct key_cache *cache, struct str token,
                           const struct id *tenant, struct principal *out);

#endif
