/* signin.c: how people show who they are, for all routes where they do. What follows is auth/'s. */
#include "api/signin.h"

#include "auth/passwords.h"
#include "base/clock.h"
#include "base/config.h"
#include "db/tx.h"
#include "frame/app.h"
#include "http/client.h"
#include "http/reply.h"
#include "net/issuer.h"
#include "shm/owner.h"
#include "shm/rate.h"
#include "store/identity.h"

enum { SHOWN_A_MINUTE = 20 };

/* One of many who are told to wait stands in the audit log: the first in a minute. */
static error wait(struct ctx *c, int64_t seconds, const char *kind, struct str whom)
{
    uint64_t owner = shm_hash(arena_printf(c->arena, "told %s %.*s", kind, STR(whom)));
    struct rate once;
    c->req->audit.throttled =
        rate_take_owner(c->app->shm, owner, 1, clock_ms() / 1000, &once) && once.counted;
    response_header_int(c->res, "Retry-After", seconds);
    return error_of(ERR_RATE_LIMIT_EXCEEDED);
}

/* In real time, as all that concerns credentials. */
error admit_address(struct ctx *c)
{
    struct str network = client_network(c->arena, c->req->client);
    uint64_t owner = shm_hash(arena_printf(c->arena, "login %.*s", STR(network)));
    int64_t now_s = clock_ms() / 1000;
    struct rate rate;
    if (rate_take_owner(c->app->shm, owner, SHOWN_A_MINUTE, now_s, &rate))
        return NULL;
    return wait(c, rate.reset_s > now_s ? rate.reset_s - now_s : 1, "network", network);
}

error show_password(struct ctx *c, struct str email, struct str password, struct proof *out)
{
    int64_t retry_s = 0;
    error e;
    *out = (struct proof){0};
    e = password_login(c, email, password, &out->user, &retry_s);
    if (error_is(e, ERR_RATE_LIMIT_EXCEEDED))
        return wait(c, retry_s, "account", email_normal(c->arena, email));
    return e;
}

/* The issuer's keys are asked for again once, if it has newer ones. */
static error verify(struct ctx *c, struct str token, struct str nonce, struct oidc_identity *out)
{
    struct outside *o = leave(c);
    struct oidc_rules rules = {
        .issuer = c->config->oidc_issuer,
        .client_id = c->config->oidc_client_id,
        .nonce = nonce,
        .now_s = clock_ms() / 1000,
    };
    struct str keys;
    bool unknown;
    error e;
    TRY(issuer_keys(o, c->app->issuer, false, &keys));
    e = oidc_verify(c->arena, token, keys, &rules, out, &unknown);
    if (!unknown)
        return e;
    TRY(issuer_keys(o, c->app->issuer, true, &keys));
    return oidc_verify(c->arena, token, keys, &rules, out, &unknown);
}

error show_token(struct ctx *c, struct str token, struct str nonce, struct proof *out)
{
    error e;
    *out = (struct proof){.by_issuer = true};
    TRY(verify(c, token, nonce, &out->token));
    out->token.email = email_normal(c->arena, out->token.email);
    e = store_user_by_email(c, out->token.email, &out->user);
    return error_is(e, ERR_NOT_FOUND) ? NULL : e;
}
