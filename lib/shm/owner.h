/* owner.h: where in the shared memory a tenant's words are. */
#ifndef AMP_SHM_OWNER_H
#define AMP_SHM_OWNER_H

#include "base/ctx.h"

/* A hash of tenant and mode (FNV-1a; Fowler, Noll, Vo); never 0. */
uint64_t shm_owner(const struct scope *scope);

/* The same of any text. */
uint64_t shm_hash(struct str text);

#endif
