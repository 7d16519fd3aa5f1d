/* store/identity.h: the tables tenant, user, membership, api_key and test_clock. One statement a
 * function. Errors are those of db/db.h. */
#ifndef AMP_STORE_IDENTITY_H
#define AMP_STORE_IDENTITY_H

#include "base/ctx.h"
#include "domain/identity.h"

struct principal;

/* Whose key has this hash (hexadecimal)? Fills all but the method. ERR_NOT_FOUND. */
error store_principal_of_key(struct ctx *c, struct str hash, struct principal *out);
/* Writes down a use, unless one was in the last minute. */
enum { KEY_USED_EVERY_MS = 60000 };
error store_key_used(struct ctx *c, const struct id *tenant, const struct id *key, int64_t when_ms);

/* Keys of the context's tenant: in live mode of both modes, in test mode test keys only. */
error store_key_insert(struct ctx *c, const struct api_key *k);
error store_key_get(struct ctx *c, const struct id *key, struct api_key *out); /* ERR_NOT_FOUND */
/* Is it good at that time? Nobody deletes it before the transaction ends. ERR_NOT_FOUND. */
error store_key_hold(struct ctx *c, const struct id *key, int64_t now_ms);
/* Marks a key as replaced and ends it then, if not earlier; ERR_INVALID_STATE: it was replaced
 * before, or has ended. */
error store_key_replace(struct ctx *c, const struct id *key, int64_t now_ms, int64_t end_ms);
error store_key_page(struct ctx *c, const struct id *after, const struct id *before, int64_t limit,
                     struct list *out);
error store_key_count(struct ctx *c, int64_t *out);
error store_key_count_in(struct ctx *c, bool live, int64_t *out); /* of that mode */
/* The ids of all that a user has made, of both modes: list of struct id; and their end. */
error store_keys_by(struct ctx *c, const struct id *user, struct list *out);
error store_key_delete_by(struct ctx *c, const struct id *user);
/* Deletes up to 1000 of all tenants that have ended before. */
error store_key_purge(struct ctx *c, int64_t before_ms, uint64_t *purged);
error store_key_delete(struct ctx *c, const struct id *key);          /* ERR_NOT_FOUND */
error store_key_delete_anywhere(struct ctx *c, const struct id *key); /* of any tenant: the CLI */
error store_key_tenant(struct ctx *c, const struct id *key, struct id *out); /* whose key is it? */

error store_tenant_insert(struct ctx *c,
                          const struct tenant *t); /* duplicate slug: db_is_duplicate */
error store_tenant_get(struct ctx *c, const struct id *tenant, struct tenant *out);
/* The row of the context's tenant, locked until the transaction ends: who counts before making one
 * more of something counts alone. */
error store_tenant_hold(struct ctx *c);
error store_tenant_page(struct ctx *c, const struct id *after, struct list *out);

error store_user_insert(struct ctx *c, const struct user *u);
error store_user_get(struct ctx *c, const struct id *user, struct user *out);
/* The same, locked until the transaction ends. */
error store_user_lock(struct ctx *c, const struct id *user, struct user *out);
error store_user_by_email(struct ctx *c, struct str email, struct user *out);

/* Only while the hash is still `old`; ERR_NOT_FOUND. now_ms: real time. */
error store_user_set_password(struct ctx *c, const struct id *user, struct str old, struct str hash,
                              int64_t now_ms);
/* The address is theirs, and this is the hash of the password (none: they have none). */
error store_user_prove(struct ctx *c, const struct id *user, struct str hash, int64_t now_ms);
error store_user_set_operator(struct ctx *c, const struct id *user, bool on);

error store_membership_insert(struct ctx *c, const struct id *tenant, const struct id *user,
                              int role);
error store_membership_role(struct ctx *c, const struct id *tenant, const struct id *user,
                            int *role);
error store_memberships_of(struct ctx *c, const struct id *user, struct list *out);
/* The longest-standing admin of a tenant; ERR_NOT_FOUND. */
error store_first_admin(struct ctx *c, const struct id *tenant, struct id *out);

/* The test clock of the context's tenant: 0 if it runs. */
error store_clock_get(struct ctx *c, int64_t *clock_ms);
/* The same, locked until the transaction ends. */
error store_clock_lock(struct ctx *c, int64_t *clock_ms);
error store_clock_set(struct ctx *c, int64_t clock_ms);
error store_clock_clear(struct ctx *c);

/* A tenant with a stopped clock, for the worker. */
struct stopped_clock {
    struct id tenant;
    int64_t clock_ms;
};
/* Those by whose clock a job is due that nobody holds, as of real_ms in real time: list of struct
 * stopped_clock. */
error store_clocks_due(struct ctx *c, int64_t real_ms, struct list *out);

#endif
