/* owner.c: the hash that spreads tenants over the shared memory. */
#include "shm/owner.h"

#define FNV_BASIS UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

uint64_t shm_owner(const struct scope *scope)
{
    uint64_t h = FNV_BASIS;
    for (int i = 0; i < ID_LEN; i++)
        h = (h ^ (unsigned char)scope->tenant.c[i]) * FNV_PRIME;
    h = (h ^ (scope->live ? 1 : 0)) * FNV_PRIME;
    return h ? h : 1;
}
