/* generation.c: counts writers and changes of a tenant's data. What is remembered under a count is
 * others' affair. */
#include "shm/generation.h"

#include "shm/owner.h"

enum { WRITER_BITS = 16 };
#define WRITERS ((UINT64_C(1) << WRITER_BITS) - 1)

static struct shm_generation *word_of(struct shm *shm, const struct scope *scope)
{
    return &shm->generations[shm_owner(scope) % SHM_GENERATIONS];
}

/* One change more, and `writers` in between. */
static uint64_t next(uint64_t word, uint64_t writers)
{
    return ((word >> WRITER_BITS) + 1) << WRITER_BITS | writers;
}

bool generation_read(struct shm *shm, const struct scope *scope, int64_t now_s, uint64_t *out)
{
    struct shm_generation *g = word_of(shm, scope);
    uint64_t word = atomic_load(&g->word);
    int64_t entered_s;
    *out = word;
    if (!(word & WRITERS))
        return true;
    entered_s = atomic_load(&g->entered_s);
    if (now_s > entered_s + GENERATION_LEASE_S || now_s < entered_s - GENERATION_LEASE_S)
        atomic_compare_exchange_strong(&g->word, &word, next(word, 0));
    return false;
}

void generation_enter(struct shm *shm, const struct scope *scope, int64_t now_s)
{
    struct shm_generation *g = word_of(shm, scope);
    uint64_t word = atomic_load(&g->word), entered;
    atomic_store(&g->entered_s, now_s);
    do {
        entered = (word & WRITERS) == WRITERS ? word : word + 1;
    } while (!atomic_compare_exchange_weak(&g->word, &word, entered));
}

void generation_leave(struct shm *shm, const struct scope *scope)
{
    struct shm_generation *g = word_of(shm, scope);
    uint64_t word = atomic_load(&g->word), left;
    do {
        uint64_t writers = word & WRITERS; /* none: we were taken for gone */
        left = next(word, writers ? writers - 1 : 0);
    } while (!atomic_compare_exchange_weak(&g->word, &word, left));
}
