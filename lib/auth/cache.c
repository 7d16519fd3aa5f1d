/* cache.c: a table of principals, one slot a hash. Who a credential speaks for is others' affair.
 */
#include "auth/cache.h"

#include <string.h>

enum { CACHE_SLOTS = 512, CACHE_TTL_MS = 2000, SECRETS = 4, SECRET_TTL_MS = 30000 };

struct secret_slot {
    struct id id;
    unsigned char secret[CACHE_SECRET_LEN];
    uint64_t generation;
    int64_t read_ms;
};

struct key_cache {
    struct shm *shm;
    struct cache_slot slots[CACHE_SLOTS];
    struct secret_slot secrets[SECRETS];
    unsigned next_secret; /* the oldest */
};

struct key_cache *key_cache_new(struct arena *process, struct shm *shm)
{
    struct key_cache *cache = ARENA_NEW(process, struct key_cache);
    cache->shm = shm;
    return cache;
}

struct cache_slot *cache_find(struct key_cache *cache, const unsigned char hash[SHA256_LEN],
                              int64_t now_ms, uint64_t *generation, bool *known)
{
    unsigned index = (unsigned)hash[0] << 8 | hash[1];
    struct cache_slot *slot = &cache->slots[index % CACHE_SLOTS];
    *generation = shm_generation(cache->shm);
    *known = slot->generation == *generation && now_ms < slot->read_ms + CACHE_TTL_MS &&
             memcmp(slot->hash, hash, SHA256_LEN) == 0;
    if (!*known)
        slot->generation = 0;
    return slot;
}

void cache_keep(struct cache_slot *slot, const unsigned char hash[SHA256_LEN], int64_t now_ms,
                uint64_t generation, const struct principal *p)
{
    memcpy(slot->hash, hash, SHA256_LEN);
    slot->principal = *p;
    slot->read_ms = now_ms;
    slot->generation = generation;
}

bool cache_find_secret(const struct key_cache *cache, const struct id *id, int64_t now_ms,
                       uint64_t *generation, unsigned char out[CACHE_SECRET_LEN])
{
    *generation = shm_generation(cache->shm);
    for (int i = 0; i < SECRETS; i++) {
        const struct secret_slot *slot = &cache->secrets[i];
        if (id_eq(&slot->id, id) && slot->generation == *generation &&
            now_ms < slot->read_ms + SECRET_TTL_MS) {
            memcpy(out, slot->secret, CACHE_SECRET_LEN);
            return true;
        }
    }
    return false;
}

void cache_keep_secret(struct key_cache *cache, const struct id *id, int64_t now_ms,
                       uint64_t generation, const unsigned char secret[CACHE_SECRET_LEN])
{
    struct secret_slot *slot = &cache->secrets[cache->next_secret++ % SECRETS];
    slot->id = *id;
    memcpy(slot->secret, secret, CACHE_SECRET_LEN);
    slot->generation = generation;
    slot->read_ms = now_ms;
}
