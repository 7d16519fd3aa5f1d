/* cache.h: what this process remembers of credentials, so that using one again costs no query. All
 * of it counts only under the generation of the shared memory it was read under, which whoever
 * revokes something raises, and for two seconds: another host may have changed something. */
#ifndef AMP_AUTH_CACHE_H
#define AMP_AUTH_CACHE_H

#include "auth/principal.h"
#include "base/crypto.h"
#include "shm/shm.h"

struct key_cache;
struct key_cache *key_cache_new(struct arena *process, struct shm *shm);

/* Where the principal of a credential is, or will be; by the SHA-256 of the credential. */
struct cache_slot {
    unsigned char hash[SHA256_LEN];
    uint64_t generation; /* 0: empty */
    int64_t read_ms;
    struct principal principal;
};

/* The slot of this credential; *known says whether it holds its principal. If not, read the
 * principal and hand it to cache_keep() with the generation that was current before reading. */
struct cache_slot *cache_find(struct key_cache *cache, const unsigned char hash[SHA256_LEN],
                              int64_t now_ms, uint64_t *generation, bool *known);
void cache_keep(struct cache_slot *slot, const unsigned char hash[SHA256_LEN], int64_t now_ms,
                uint64_t generation, const struct principal *p);

/* The same for the few keys that sign tokens, by their id; these for half a minute. */
enum { CACHE_SECRET_LEN = 32 };
bool cache_find_secret(const struct key_cache *cache, const struct id *id, int64_t now_ms,
                       uint64_t *generation, unsigned char out[CACHE_SECRET_LEN]);
void cache_keep_secret(struct key_cache *cache, const struct id *id, int64_t now_ms,
                       uint64_t generation, const unsigned char secret[CACHE_SECRET_LEN]);

#endif
