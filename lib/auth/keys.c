/* keys.c: API keys. Their rows are store/identity.c's affair. */
#include "auth/keys.h"

#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "store/identity.h"

enum {
    CACHE_SLOTS = 512,
    CACHE_TTL_MS = 2000,
    RANDOM_LEN = 32,
    PREFIX_LEN = 4,
    USED_EVERY_MS = 60000 /* how exactly last use is written down */
};

struct entry {
    unsigned char hash[SHA256_LEN];
    uint64_t generation; /* 0: empty */
    int64_t read_ms;
    struct principal principal;
};

struct key_cache {
    struct shm *shm;
    struct entry slots[CACHE_SLOTS];
};

struct key_cache *key_cache_new(struct arena *process, struct shm *shm)
{
    struct key_cache *cache = ARENA_NEW(process, struct key_cache);
    cache->shm = shm;
    return cache;
}

static bool well_formed(struct str key, bool *live)
{
    *live = str_starts(key, S("amp_live_"));
    return key.n == KEY_LEN && (*live || str_starts(key, S("amp_test_"))) &&
           id_is_base62(str_sub(key, KEY_LEN - RANDOM_LEN, RANDOM_LEN));
}

static struct entry *slot_of(struct key_cache *cache, const unsigned char *hash)
{
    unsigned index = (unsigned)hash[0] << 8 | hash[1];
    return &cache->slots[index % CACHE_SLOTS];
}

/* The database knows; the slot remembers. */
static error look_up(struct ctx *c, struct str hash, struct principal *out)
{
    int64_t now_ms = clock_ms();
    error e = store_principal_of_key(c, hash, out);
    if (error_is(e, ERR_NOT_FOUND))
        return error_of(ERR_UNAUTHORIZED);
    TRY(e);
    if (out->rate_limit == INT_NONE) {
        const int64_t limits[] = {0, c->config->rate_free, c->config->rate_pro,
                                  c->config->rate_enterprise};
        out->rate_limit = limits[out->plan];
    }
    if (out->last_used_ms < now_ms - USED_EVERY_MS) {
        out->last_used_ms = now_ms;
        TRY(store_key_used(c, &out->tenant_id, &out->key_id, now_ms));
    }
    return NULL;
}

error key_authenticate(struct ctx *c, struct key_cache *cache, struct str key,
                       struct principal *out)
{
    uint64_t generation = shm_generation(cache->shm);
    int64_t now_ms = clock_ms();
    unsigned char hash[SHA256_LEN];
    struct entry *slot;
    bool live;
    if (!well_formed(key, &live))
        return error_of(ERR_UNAUTHORIZED);
    crypto_sha256(key, hash);
    slot = slot_of(cache, hash);
    if (slot->generation != generation || now_ms >= slot->read_ms + CACHE_TTL_MS ||
        memcmp(slot->hash, hash, sizeof hash) != 0) {
        struct principal found;
        slot->generation = 0;
        TRY(look_up(c, crypto_hex(c->arena, (struct str){(char *)hash, sizeof hash}), &found));
        memcpy(slot->hash, hash, sizeof hash);
        slot->principal = found;
        slot->read_ms = now_ms;
        slot->generation = generation;
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
