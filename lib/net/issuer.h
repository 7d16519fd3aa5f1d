/* issuer.h: the public keys of the OpenID Connect issuer of [oidc], found by discovery (OpenID
 * Connect Discovery 1.0) and kept by the process for an hour. */
#ifndef AMP_NET_ISSUER_H
#define AMP_NET_ISSUER_H

#include "base/ctx.h"

struct issuer;
struct issuer *issuer_new(struct arena *process);
void issuer_free(struct issuer *issuer);

/* The issuer's JWK Set as text, valid until the next call; `newer`: the ones at hand do not do, ask
 * again, which is done six times at once and then once every ten seconds. Errors:
 * ERR_NOT_IMPLEMENTED without [oidc]; ERR_UNAVAILABLE if the issuer does not answer as it should.
 */
error issuer_keys(struct outside *o, struct issuer *issuer, bool newer, struct str *key_set);

#endif
