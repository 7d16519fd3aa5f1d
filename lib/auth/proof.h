/* proof.h: who somebody has shown to be, and what that means for their account.
 *
 * A user whom an invitation made is not proved: whoever held the link chose the password, and
 * nothing says that the address is theirs. So the first real proof of the address (an identity
 * token of the issuer, or the command line) makes that password void and ends all sessions. */
#ifndef AMP_AUTH_PROOF_H
#define AMP_AUTH_PROOF_H

#include "auth/oidc.h"
#include "base/ctx.h"
#include "domain/identity.h"

struct proof {
    struct user user; /* as it was when shown; without id: nobody has this address */
    bool by_issuer;   /* else by the password of the user */
    struct oidc_identity token;
};

/* Makes it count, inside a transaction, in which nobody else changes the user from then on: the
 * password is still the one that was shown, a token is spent, and an address that was not proved
 * before now is. *ended is set if sessions were ended: what processes remember has to be forgotten.
 * Errors: ERR_INVALID_CREDENTIALS, the password was changed meanwhile; ERR_INVALID_TOKEN, the token
 * was used before. */
error proof_settle(struct ctx *c, const struct proof *p, bool *ended);

/* The address of this user is proved, and this is the hash of the password from now on (none: they
 * have none); all their sessions end. Inside a transaction. */
error proof_of_address(struct ctx *c, const struct id *user, struct str hash);

#endif
