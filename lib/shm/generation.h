/* generation.h: has a tenant's data changed since? One word for each (tenant, mode), shared by all
 * processes of a host: how many writers are between "about to commit" and "committed and told" (low
 * 16 bits), and how many have been there (the rest). An answer that was read under a word counts as
 * long as the word is the same and nobody is writing. */
#ifndef AMP_SHM_GENERATION_H
#define AMP_SHM_GENERATION_H

#include "base/ctx.h"
#include "shm/shm.h"

/* The word now; false while somebody is writing. A writer that died in between is taken for gone
 * after GENERATION_LEASE_S, longer than any commit can take. now_s: real time. */
enum { GENERATION_LEASE_S = 60 };
bool generation_read(struct shm *shm, const struct scope *scope, int64_t now_s, uint64_t *out);

/* Said by whoever writes: before its COMMIT, and after it, whatever became of it. */
void generation_enter(struct shm *shm, const struct scope *scope, int64_t now_s);
void generation_leave(struct shm *shm, const struct scope *scope);

#endif
