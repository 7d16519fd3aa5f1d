/* shm.h: the memory that all processes of a host share: a file with a header, mapped. Whole-word
 * atomics only: no pointers, no locks that a dead process could hold. */
#ifndef AMP_SHM_SHM_H
#define AMP_SHM_SHM_H

#include <stdatomic.h>

#include "base/id.h"

enum { SHM_BUCKETS = 8192, SHM_GENERATIONS = 4096 };

/* A window of requests: the second it was opened in, and how many came, in one word. */
struct shm_bucket {
    _Atomic uint64_t owner; /* hash of tenant and mode; 0: free */
    _Atomic uint64_t window;
    _Atomic uint64_t others; /* what other hosts counted in this window, in the same form */
    _Atomic uint64_t told;   /* the window as the others were last told of it */
};

/* Changes of a tenant's data (generation.h). Tenants that share one only forget more than need be.
 */
struct shm_generation {
    _Atomic uint64_t word;
    _Atomic int64_t entered_s; /* when a writer last came, real time */
};

struct shm {
    uint64_t magic, version, size;
    struct id host;              /* names this host to the others; random */
    _Atomic int64_t turn_ms;     /* when the last process took its turn */
    _Atomic uint32_t cursor;     /* the bucket that the next turn begins with */
    _Atomic uint64_t generation; /* of everything that processes remember: keys, tenants, clocks */
    struct shm_bucket buckets[SHM_BUCKETS];
    struct shm_generation generations[SHM_GENERATIONS];
};

/* Maps the file, which is made (or made anew, if it is not what we expect) when needed. Without a
 * usable file the memory is this process's own, and *problem says why (static text): the service
 * goes on, with limits counted per process. Never NULL. */
struct shm *shm_map(struct str path, const char **problem);
void shm_unmap(struct shm *shm);

/* Makes good what happened to the file since it was mapped: removed, replaced, cut or overwritten.
 * The memory stays at its address. True if something had to be done (all counts begin anew). Cheap
 * enough for once a second. */
bool shm_repair(struct shm *shm, struct str path);

/* One process of the host at a time, and at most one each every_ms: true for the one whose turn it
 * is. now_ms: real time. */
bool shm_turn(struct shm *shm, int64_t now_ms, int64_t every_ms);

/* The name of this host. */
struct id shm_host(const struct shm *shm);

/* What processes remember is told apart by the generation it was read under; forgetting is raising
 * it. Read it before you read the database. */
uint64_t shm_generation(const struct shm *shm);
void shm_forget(struct shm *shm);

#endif
