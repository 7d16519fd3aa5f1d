/* signing.c: makes, seals, opens and remembers signing keys. What they sign is jwt.c's. */
#include "auth/signing.h"

#include <string.h>

#include "base/clock.h"
#include "base/seal.h"
#include "store/session.h"

/* Longer than any token lives. */
#define VERIFIES_MS ((TOKEN_LIFE_S + 2 * TOKEN_LEEWAY_S) * INT64_C(1000))

static error make(struct ctx *c, struct token_key *out)
{
    struct signing_key row = {.created_ms = clock_ms()};
    *out = (struct token_key){.id = id_new(row.created_ms)};
    crypto_random(out->secret, sizeof out->secret);
    row.id = out->id;
    TRY(seal(c->arena, c->config, id_str(&row.id),
             (struct str){(const char *)out->secret, sizeof out->secret}, &row.sealed));
    return store_signing_key_insert(c, &row);
}

/* False for one whose key is not configured any more. */
static bool open_key(struct ctx *c, const struct signing_key *row, struct token_key *out)
{
    struct str secret;
    if (!unseal(c->arena, c->config, id_str(&row->id), row->sealed, &secret) ||
        secret.n != sizeof out->secret)
        return false;
    out->id = row->id;
    memcpy(out->secret, secret.p, secret.n);
    return true;
}

error signing_current(struct ctx *c, struct token_key *out)
{
    struct signing_key row;
    error e = store_signing_key_newest(c, &row);
    if (e && !error_is(e, ERR_NOT_FOUND))
        return e;
    return !e && open_key(c, &row, out) ? NULL : make(c, out);
}

error signing_find(struct ctx *c, struct key_cache *cache, const struct id *id,
                   struct token_key *out)
{
    uint64_t generation;
    int64_t now_ms = clock_ms();
    struct signing_key row;
    error e;
    if (cache_find_secret(cache, id, now_ms, &generation, out->secret)) {
        out->id = *id;
        return NULL;
    }
    e = store_signing_key_get(c, id, now_ms - VERIFIES_MS, &row);
    if (error_is(e, ERR_NOT_FOUND))
        return error_of(ERR_INVALID_TOKEN);
    TRY(e);
    if (!open_key(c, &row, out))
        return error_of(ERR_INVALID_TOKEN);
    cache_keep_secret(cache, id, now_ms, generation, out->secret);
    return NULL;
}

error signing_rotate(struct ctx *c, bool revoke, struct token_key *out)
{
    int64_t now_ms = clock_ms();
    TRY(store_signing_key_retire(c, now_ms));
    TRY(store_signing_key_purge(c, revoke ? now_ms + 1 : now_ms - VERIFIES_MS));
    return make(c, out);
}
