/* store/integration.h: the table integration: through which account a tenant publishes, and how
 * that is going, in the context's tenant and mode. */
#ifndef AMP_STORE_INTEGRATION_H
#define AMP_STORE_INTEGRATION_H

#include "base/ctx.h"
#include "base/list.h"

/* The numbers are stored: never renumber. */
enum integration_status {
    INTEGRATION_NONE,
    INTEGRATION_HEALTHY,
    INTEGRATION_DEGRADED, /* the last calls failed; it is tried again */
    INTEGRATION_ERROR,    /* the token is not accepted: nothing is sent until somebody connects */
    INTEGRATION_DISCONNECTED /* somebody wanted it so */
};

struct integration {
    struct str blog_id, user_id, blog_name, zone, networks; /* networks: a document */
    struct str pinterest_board_id;                          /* none: nobody has named one */
    struct str token_sealed;                                /* none: the sandbox's own */
    int status;
    struct str last_error;
    int64_t last_sync_ms, connected_ms; /* the tenant's clock */
    int64_t latency_ms;                 /* of the last call */
    int64_t failures;                   /* calls in a row without a usable answer */
    int64_t pause_ms, slot_ms;          /* real time: no call before; the next one may be made at */
};
error store_integration_get(struct ctx *c, struct integration *out); /* ERR_NOT_FOUND */
/* The same, with its row locked until the transaction ends. */
error store_integration_lock(struct ctx *c, struct integration *out);
/* Connects, in the place of what was connected before. */
error store_integration_put(struct ctx *c, const struct integration *i);
/* Writes status, last_error, last_sync_ms, latency_ms, failures, pause_ms and slot_ms of *i. */
error store_integration_health(struct ctx *c, const struct integration *i);

#endif
