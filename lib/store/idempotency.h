/* store/idempotency.h: the table idempotency, in the context's tenant and mode. One statement a
 * function. */
#ifndef AMP_STORE_IDEMPOTENCY_H
#define AMP_STORE_IDEMPOTENCY_H

#include "base/ctx.h"

/* The answer to a request that carried a key, or the word that it is still being made. */
struct idempotency {
    struct str principal, key;
    struct str fingerprint;  /* hexadecimal */
    int64_t status;          /* 0: still running */
    int64_t locked_until_ms; /* real time; whoever runs it has died if it is past */
    struct str location, etag, body_sealed;
    int64_t created_ms; /* real time */
};

/* ERR_NOT_FOUND; what is older than a day counts as not there. */
error store_idempotency_get(struct ctx *c, struct str principal, struct str key, int64_t since_ms,
                            struct idempotency *out);

/* Puts it; one that is older than since_ms, or still running after its lock has ended, gives way.
 * *placed is false if another one stands. Waits for a transaction that is just putting one. */
error store_idempotency_put(struct ctx *c, const struct idempotency *i, int64_t since_ms,
                            int64_t real_ms, bool *placed);

/* The answer to one that was put as running. */
error store_idempotency_finish(struct ctx *c, const struct idempotency *i);

/* Frees the key of one that is still running. */
error store_idempotency_drop(struct ctx *c, const struct idempotency *i);

/* Deletes what is older, of all tenants, a batch at most. */
error store_idempotency_purge(struct ctx *c, int64_t before_ms, uint64_t *deleted);

/* What a kept answer's seal is bound to: it cannot be moved to another key, tenant or mode. */
struct str idempotency_context(struct arena *a, const struct id *tenant, bool live, struct str key);

#endif
