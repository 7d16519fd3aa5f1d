/* signin.h: for handlers: how people show who they are, and how often they may try. */
#ifndef AMP_API_SIGNIN_H
#define AMP_API_SIGNIN_H

#include "auth/proof.h"

/* May this address (of IPv6: this network) try once more? Twenty times a minute, all that shows who
 * somebody is together. ERR_RATE_LIMIT_EXCEEDED, with Retry-After; the first of a minute is marked
 * for the audit log. */
error admit_address(struct ctx *c);

/* By the password of the address: password_login(), with Retry-After. out->user is that of the
 * address even if the password is wrong. */
error show_password(struct ctx *c, struct str email, struct str password, struct proof *out);

/* By an identity token of the issuer, who is asked for its keys, with the nonce it must have (none:
 * any). out->user has no id if nobody has its address. Errors: those of oidc_verify() and
 * issuer_keys(). */
error show_token(struct ctx *c, struct str token, struct str nonce, struct proof *out);

#endif
