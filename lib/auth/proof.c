/* proof.c: makes what somebody has shown count. Passwords are looked at by passwords.c, tokens by
 * oidc.c. */
#include "auth/proof.h"

#include "base/clock.h"
#include "db/db.h"
#include "store/identity.h"
#include "store/session.h"

static error spend(struct ctx *c, const struct oidc_identity *token)
{
    error e = store_token_spend(c, token->digest, token->ends_s * 1000);
    return db_is_duplicate(e) ? error_of(ERR_INVALID_TOKEN) : e;
}

error proof_of_address(struct ctx *c, const struct id *user, struct str hash)
{
    TRY(store_user_prove(c, user, hash, clock_ms()));
    return store_session_delete_all(c, user);
}

error proof_settle(struct ctx *c, const struct proof *p, bool *ended)
{
    struct user now;
    error e;
    if (p->by_issuer)
        TRY(spend(c, &p->token));
    if (id_is_none(&p->user.id))
        return NULL;
    e = store_user_lock(c, &p->user.id, &now);
    if (error_is(e, ERR_NOT_FOUND))
        return error_of(ERR_INVALID_CREDENTIALS);
    TRY(e);
    if (!p->by_issuer)
        return str_eq(now.password_hash, p->user.password_hash) ? NULL
                                                                : error_of(ERR_INVALID_CREDENTIALS);
    if (now.proved)
        return NULL;
    *ended = true;
    return proof_of_address(c, &now.id, (struct str){0});
}
