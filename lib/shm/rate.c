/* rate.c: the counting of requests. Which limit a tenant has is not known here. */
#include "shm/rate.h"

#include "shm/owner.h"

enum { COUNT_BITS = 24, PROBES = 64 };
#define COUNT_MASK ((UINT64_C(1) << COUNT_BITS) - 1)

/* A window of the future was opened before the machine's clock was set back. */
static bool is_over(uint64_t word, int64_t now_s)
{
    int64_t from_s = (int64_t)(word >> COUNT_BITS);
    return now_s >= from_s + RATE_WINDOW_S || now_s < from_s - RATE_WINDOW_S;
}

/* The scope's bucket. Where all neighbours are taken, one whose window is long over is taken over.
 */
static struct shm_bucket *bucket_of(struct shm *shm, uint64_t owner, int64_t now_s)
{
    for (unsigned i = 0; i < PROBES; i++) {
        struct shm_bucket *b = &shm->buckets[(owner + i) % SHM_BUCKETS];
        uint64_t seen = atomic_load(&b->owner);
        if (seen == owner)
            return b;
        if (!seen && atomic_compare_exchange_strong(&b->owner, &seen, owner))
            return b;
        if (seen == owner) /* somebody made it ours between load and exchange */
            return b;
    }
    for (unsigned i = 0; i < PROBES; i++) {
        struct shm_bucket *b = &shm->buckets[(owner + i) % SHM_BUCKETS];
        uint64_t seen = atomic_load(&b->owner);
        if (is_over(atomic_load(&b->window), now_s) &&
            atomic_compare_exchange_strong(&b->owner, &seen, owner))
            return b;
    }
    return NULL;
}

bool rate_take(struct shm *shm, const struct scope *scope, int64_t limit, int64_t now_s,
               struct rate *out)
{
    struct shm_bucket *b = bucket_of(shm, shm_owner(scope), now_s);
    uint64_t seen, next;
    bool taken = true;
    *out = (struct rate){limit, limit, now_s + RATE_WINDOW_S, b != NULL};
    if (!b)
        return true;
    seen = atomic_load(&b->window);
    do {
        if (is_over(seen, now_s)) {
            next = (uint64_t)now_s << COUNT_BITS | 1;
        } else if ((int64_t)(seen & COUNT_MASK) < limit) {
            next = seen + 1;
        } else {
            next = seen;
            taken = false;
            break;
        }
    } while (!atomic_compare_exchange_weak(&b->window, &seen, next));
    out->remaining = limit - (int64_t)(next & COUNT_MASK);
    if (out->remaining < 0)
        out->remaining = 0;
    out->reset_s = (int64_t)(next >> COUNT_BITS) + RATE_WINDOW_S;
    return taken;
}
