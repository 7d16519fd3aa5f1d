/* keys.c: API keys. Their rows are store/identity.c's affair. */
#include "auth/keys.h"

#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "store/identity.h"

enum { RANDOM_LEN = 32, PREFIX_LEN = 4 };

static bool well_formed(struct str key, bool *live)
{
    *live = str_starts(key, S("amp_live_"));
    return key.n == KEY_LEN && (*live || str_starts(key, S("amp_test_"))) &&
           id_is_base62(str_sub(key, KEY_LEN - RANDOM_LEN, RANDOM_LEN));
}

static error look_up(struct ctx *c, struct str hash, struct principal *out)
{
    int64_t now_ms = clock_ms();
    error e = store_principal_of_key(c, hash, out);
    if (error_is(e, ERR_NOT_FOUND))
        return error_of(ERR_UNAUTHORIZED);
    TRY(e);
    principal_limit(out, c->config);
    if (out->last_used_ms < now_ms - KEY_USED_EVERY_MS) {
        out->last_used_ms = now_ms;
        TRY(store_key_used(c, &out->tenant_id, &out->key_id, now_ms));
    }
    return NULL;
}

error key_authenticate(struct ctx *c, struct key_cache *cache, struct str key,
                       struct principal *out)
{
    int64_t now_ms = clock_ms();
    unsigned char hash[SHA256_LEN];
    struct cache_slot *slot;
    uint64_t generation;
    bool live, known;
    if (!well_formed(key, &live))
        return error_of(ERR_UNAUTHORIZED);
    crypto_sha256(key, hash);
    slot = cache_find(cache, hash, now_ms, &generation, &known);
    if (!known) {
        struct principal found;
        TRY(look_up(c, crypto_hex(c->arena, (struct str){(char *)hash, sizeof hash}), &found));
        cache_keep(slot, hash, now_ms, generation, &found);
    }
    if (slot->principal.live != live ||
        (slot->principal.expires_ms && now_ms >= slot->principal.expires_ms))
        return error_of(ERR_UNAUTHORIZED);
    *out = slot->principal;
    out->method = AUTH_API_KEY;
    return NULL;
}

void key_make(struct arena *a, bool live, struct api_key *out)
{
    char *text = arena_alloc(a, KEY_LEN + 1);
    unsigned char hash[SHA256_LEN];
    memcpy(text, live ? "amp_live_" : "amp_test_", KEY_LEN - RANDOM_LEN);
    id_random(text + KEY_LEN - RANDOM_LEN, RANDOM_LEN);
    out->key = (struct str){text, KEY_LEN};
    out->key_prefix = str_sub(out->key, KEY_LEN - RANDOM_LEN, PREFIX_LEN);
    out->livemode = live;
    crypto_sha256(out->key, hash);
    out->hash = crypto_hex(a, (struct str){(char *)hash, sizeof hash});
}
