/* sessions.c: begins, continues and checks sessions. Passwords are checked elsewhere. */
#include "auth/sessions.h"

#include <string.h>

#include "auth/signing.h"
#include "base/clock.h"
#include "base/config.h"
#include "store/session.h"

#define REFRESH_PREFIX S("amp_refresh_")
enum { REFRESH_LEN = 12 + REFRESH_FAMILY_LEN + REFRESH_SECRET_LEN };

/* Without a public root of its own an installation is called this. */
static struct str issuer(const struct ctx *c)
{
    return c->config->base_url.n ? c->config->base_url : S("amp");
}

static struct str hash_of(struct arena *a, struct str text)
{
    unsigned char hash[SHA256_LEN];
    crypto_sha256(text, hash);
    return crypto_hex(a, (struct str){(char *)hash, sizeof hash});
}

static struct str family_of(struct str refresh_token)
{
    return str_sub(refresh_token, REFRESH_PREFIX.n, REFRESH_FAMILY_LEN);
}

/* A new refresh token, of this family (none: of a new one). */
static struct str make_refresh(struct arena *a, struct str family)
{
    char *text = arena_alloc(a, REFRESH_LEN + 1), *secret;
    memcpy(text, REFRESH_PREFIX.p, REFRESH_PREFIX.n);
    secret = text + REFRESH_PREFIX.n + REFRESH_FAMILY_LEN;
    if (family.p)
        memcpy(text + REFRESH_PREFIX.n, family.p, REFRESH_FAMILY_LEN);
    else
        id_random(text + REFRESH_PREFIX.n, REFRESH_FAMILY_LEN);
    id_random(secret, REFRESH_SECRET_LEN);
    return (struct str){text, REFRESH_LEN};
}

static int64_t earlier(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

/* The session's next pair of tokens. */
static error grant_tokens(struct ctx *c, struct session *s, struct str family, struct grant *out)
{
    int64_t now_ms = clock_ms(), end_ms = s->created_ms + SESSION_END_MS;
    struct token_claims claims = {
        .token = id_new(now_ms),
        .user = s->user,
        .tenant = s->tenant,
        .session = s->id,
        .live = s->live,
        .issued_s = now_ms / 1000,
    };
    struct token_key key;
    *out = (struct grant){.session = s->id, .user = s->user, .tenant = s->tenant, .live = s->live};
    out->expires_ms = earlier(now_ms + TOKEN_LIFE_S * INT64_C(1000), end_ms);
    claims.expires_s = out->expires_ms / 1000;
    TRY(signing_current(c, &key));
    TRY(token_sign(c->arena, &key, issuer(c), &claims, &out->token));
    out->refresh_token = make_refresh(c->arena, family);
    out->refresh_expires_ms = earlier(now_ms + SESSION_IDLE_MS, end_ms);
    s->refresh = hash_of(c->arena, out->refresh_token);
    s->expires_ms = out->refresh_expires_ms;
    return NULL;
}

/* The oldest make room. */
static error end_excess(struct ctx *c, const struct id *user, bool *ended)
{
    struct id last;
    error e = store_session_excess(c, user, c->config->sessions_max, &last);
    if (error_is(e, ERR_NOT_FOUND))
        return NULL;
    TRY(e);
    *ended = true;
    return store_session_delete_until(c, user, &last);
}

error session_begin(struct ctx *c, struct grant *out, bool *ended)
{
    int64_t now_ms = clock_ms();
    struct session s = {
        .id = id_new(now_ms),
        .user = out->user,
        .tenant = out->tenant,
        .live = out->live,
        .created_ms = now_ms,
    };
    TRY(grant_tokens(c, &s, (struct str){0}, out));
    s.family = hash_of(c->arena, family_of(out->refresh_token));
    TRY(store_session_insert(c, &s));
    return end_excess(c, &s.user, ended);
}

static bool well_formed(struct str refresh_token)
{
    return refresh_token.n == REFRESH_LEN && str_starts(refresh_token, REFRESH_PREFIX) &&
           id_is_base62(str_sub(refresh_token, REFRESH_PREFIX.n, SIZE_MAX));
}

error session_refresh(struct ctx *c, struct str refresh_token, struct grant *out, bool *refused,
                      bool *ended)
{
    struct str family = family_of(refresh_token);
    struct session s;
    error e;
    *out = (struct grant){0};
    *refused = true;
    *ended = false;
    if (!well_formed(refresh_token))
        return NULL;
    e = store_session_lock(c, hash_of(c->arena, family), clock_ms(), &s);
    if (error_is(e, ERR_NOT_FOUND))
        return NULL;
    TRY(e);
    *out = (struct grant){.session = s.id, .user = s.user, .tenant = s.tenant, .live = s.live};
    if (!crypto_equal(s.refresh, hash_of(c->arena, refresh_token))) {
        *ended = true;
        return store_session_delete(c, &s.id);
    }
    *refused = false;
    TRY(grant_tokens(c, &s, family, out));
    return store_session_renew(c, &s);
}

/* Operators of the installation are admins everywhere. */
static void set_role(struct principal *p)
{
    if (p->is_operator && !id_is_none(&p->tenant_id))
        p->role = ROLE_ADMIN;
    p->scopes = role_scopes(p->role);
    p->method = AUTH_JWT;
}

/* Verifies, then asks the database. */
static error look_up(struct ctx *c, struct key_cache *cache, struct str token,
                     const struct id *tenant, struct principal *out)
{
    int64_t now_ms = clock_ms();
    struct token_claims claims;
    struct token_key key;
    struct session s;
    struct id kid;
    error e;
    TRY(token_key_id(c->arena, token, &kid));
    TRY(signing_find(c, cache, &kid, &key));
    TRY(token_verify(c->arena, token, &key, issuer(c), now_ms / 1000, &claims));
    s = (struct session){
        .id = claims.session, .user = claims.user, .tenant = claims.tenant, .live = claims.live};
    e = store_principal_of_session(c, &s, tenant ? tenant : &s.tenant, now_ms, out);
    if (error_is(e, ERR_NOT_FOUND))
        return error_of(ERR_INVALID_TOKEN);
    TRY(e);
    set_role(out);
    principal_limit(out, c->config);
    out->expires_ms = claims.expires_s * 1000;
    return NULL;
}

/* The same token means another principal in another tenant. */
static void hash_both(struct arena *a, struct str token, const struct id *tenant,
                      unsigned char hash[SHA256_LEN])
{
    struct str both =
        arena_printf(a, "%.*s %.*s", STR(tenant ? id_str(tenant) : S("")), STR(token));
    crypto_sha256(both, hash);
}

error session_authenticate(struct ctx *c, struct key_cache *cache, struct str token,
                           const struct id *tenant, struct principal *out)
{
    int64_t now_ms = clock_ms();
    unsigned char hash[SHA256_LEN];
    struct cache_slot *slot;
    uint64_t generation;
    bool known;
    if (token.n > TOKEN_MAX)
        return error_of(ERR_INVALID_TOKEN);
    hash_both(c->arena, token, tenant, hash);
    slot = cache_find(cache, hash, now_ms, &generation, &known);
    if (!known) {
        struct principal found;
        TRY(look_up(c, cache, token, tenant, &found));
        cache_keep(slot, hash, now_ms, generation, &found);
    }
    if (now_ms >= slot->principal.expires_ms)
        return error_of(ERR_TOKEN_EXPIRED);
    *out = slot->principal;
    return NULL;
}
