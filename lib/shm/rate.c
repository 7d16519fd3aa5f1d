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

static uint64_t word_of(int64_t opened_s, uint64_t n)
{
    return (uint64_t)opened_s << COUNT_BITS | (n < COUNT_MASK ? n : COUNT_MASK);
}

/* What other hosts counted in the window of this word. */
static int64_t others_in(const struct shm_bucket *b, uint64_t window)
{
    uint64_t others = atomic_load(&b->others);
    return others >> COUNT_BITS == window >> COUNT_BITS ? (int64_t)(others & COUNT_MASK) : 0;
}

bool rate_take(struct shm *shm, const struct scope *scope, int64_t limit, int64_t now_s,
               struct rate *out)
{
    return rate_take_owner(shm, shm_owner(scope), limit, now_s, out);
}

bool rate_take_owner(struct shm *shm, uint64_t owner, int64_t limit, int64_t now_s,
                     struct rate *out)
{
    struct shm_bucket *b = bucket_of(shm, owner, now_s);
    uint64_t seen, next;
    bool taken = true;
    *out = (struct rate){limit, limit, now_s + RATE_WINDOW_S, b != NULL};
    if (!b)
        return true;
    seen = atomic_load(&b->window);
    do {
        if (is_over(seen, now_s)) {
            next = word_of(now_s, 1);
        } else if ((int64_t)(seen & COUNT_MASK) + others_in(b, seen) < limit) {
            next = seen + 1;
        } else {
            next = seen;
            taken = false;
            break;
        }
    } while (!atomic_compare_exchange_weak(&b->window, &seen, next));
    out->remaining = limit - (int64_t)(next & COUNT_MASK) - others_in(b, next);
    if (out->remaining < 0)
        out->remaining = 0;
    out->reset_s = (int64_t)(next >> COUNT_BITS) + RATE_WINDOW_S;
    return taken;
}

size_t rate_changed(struct shm *shm, int64_t now_s, struct rate_window *out, size_t max)
{
    uint32_t first = atomic_load(&shm->cursor);
    uint32_t i;
    size_t n = 0;
    for (i = 0; i < SHM_BUCKETS && n < max; i++) {
        struct shm_bucket *b = &shm->buckets[(first + i) % SHM_BUCKETS];
        uint64_t word = atomic_load(&b->window);
        if (!atomic_load(&b->owner) || is_over(word, now_s) || word == atomic_load(&b->told))
            continue;
        atomic_store(&b->told, word);
        out[n++] = (struct rate_window){atomic_load(&b->owner), (int64_t)(word >> COUNT_BITS),
                                        (int64_t)(word & COUNT_MASK)};
    }
    atomic_store(&shm->cursor, (first + i) % SHM_BUCKETS);
    return n;
}

void rate_learn(struct shm *shm, const struct rate_window *w, int64_t opened_s, int64_t n)
{
    struct shm_bucket *b = bucket_of(shm, w->owner, w->opened_s);
    int64_t first_s = opened_s < w->opened_s ? opened_s : w->opened_s;
    uint64_t seen;
    if (!b)
        return;
    seen = atomic_load(&b->window);
    do {
        if ((int64_t)(seen >> COUNT_BITS) != w->opened_s)
            return; /* the next window has begun meanwhile */
    } while (!atomic_compare_exchange_weak(&b->window, &seen, word_of(first_s, seen & COUNT_MASK)));
    atomic_store(&b->others, word_of(first_s, n > 0 ? (uint64_t)n : 0));
}
