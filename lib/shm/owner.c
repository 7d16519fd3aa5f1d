/* owner.c: the hash that spreads tenants over the shared memory. */
#include "shm/owner.h"

#define FNV_BASIS UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

static uint64_t mix(struct str text)
{
    uint64_t h = FNV_BASIS;
    for (size_t i = 0; i < text.n; i++)
        h = (h ^ (unsigned char)text.p[i]) * FNV_PRIME;
    return h;
}

uint64_t shm_hash(struct str text)
{
    uint64_t h = mix(text);
    return h ? h : 1;
}

uint64_t shm_owner(const struct scope *scope)
{
    uint64_t h = mix(id_str(&scope->tenant));
    h = (h ^ (scope->live ? 1 : 0)) * FNV_PRIME;
    return h ? h : 1;
}
