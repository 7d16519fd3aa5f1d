/* store/session.h: the tables session, signing_key, login_failure and spent_token. Times are real
 * ones, not the tenant's. One statement a function. Errors are those of db/db.h. */
#ifndef AMP_STORE_SESSION_H
#define AMP_STORE_SESSION_H

#include "base/ctx.h"
#include "domain/identity.h"

struct session {
    struct id id, user, tenant;
    bool live;
    struct str family, refresh; /* hexadecimal SHA-256 each */
    int64_t expires_ms, created_ms;
};

error store_session_insert(struct ctx *c, const struct session *s);
/* By the hash of its family, locked; ERR_NOT_FOUND. */
error store_session_lock(struct ctx *c, struct str family, int64_t now_ms, struct session *out);
error store_session_renew(struct ctx *c, const struct session *s);
error store_session_delete(struct ctx *c, const struct id *session);
/* All sessions of a user but this one. */
error store_session_delete_others(struct ctx *c, const struct id *user, const struct id *but);
error store_session_delete_all(struct ctx *c, const struct id *user);
/* The newest session of a user behind the `keep` newest; ERR_NOT_FOUND. And the end of that one and
 * of all older ones. */
error store_session_excess(struct ctx *c, const struct id *user, int64_t keep, struct id *out);
error store_session_delete_until(struct ctx *c, const struct id *user, const struct id *last);
error store_session_purge(struct ctx *c, int64_t before_ms, uint64_t *purged);

/* Who is signed in by this session, and what are they in that tenant? The session must be of this
 * user, home tenant and mode, and must not be over: else ERR_NOT_FOUND. An unknown tenant leaves
 * *out without one. Fills all but method and scopes. */
error store_principal_of_session(struct ctx *c, const struct session *s, const struct id *tenant,
                                 int64_t now_ms, struct principal *out);

/* Writes down that an identity token (hexadecimal SHA-256) was used; db_is_duplicate: it was
 * before.
 */
error store_token_spend(struct ctx *c, struct str hash, int64_t expires_ms);
error store_token_purge(struct ctx *c, int64_t before_ms, uint64_t *purged);

struct signing_key {
    struct id id;
    struct str sealed;
    int64_t retired_ms, created_ms;
};
error store_signing_key_insert(struct ctx *c, const struct signing_key *k);
error store_signing_key_newest(struct ctx *c, struct signing_key *out); /* ERR_NOT_FOUND */
/* One that signs, or was retired at `retired_ms` or later; ERR_NOT_FOUND. */
error store_signing_key_get(struct ctx *c, const struct id *id, int64_t retired_ms,
                            struct signing_key *out);
/* Retires those that sign; deletes those that were retired before `before_ms`. */
error store_signing_key_retire(struct ctx *c, int64_t now_ms);
error store_signing_key_purge(struct ctx *c, int64_t before_ms);

/* Failed sign-ins of an account (hexadecimal SHA-256) since the first of them. */
struct login_failures {
    int64_t opened_ms, n;
};
error store_login_failures(struct ctx *c, struct str account, struct login_failures *out);
/* One more; a window that was opened at `over_ms` or before makes room for a new one. */
error store_login_failure_add(struct ctx *c, struct str account, int64_t now_ms, int64_t over_ms);
error store_login_failure_forget(struct ctx *c, struct str account);
error store_login_failure_purge(struct ctx *c, int64_t before_ms, uint64_t *purged);

#endif
