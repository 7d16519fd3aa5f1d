/* account.h: the account at the publishing provider through which a tenant publishes. */
#ifndef AMP_DELIVERY_ACCOUNT_H
#define AMP_DELIVERY_ACCOUNT_H

#include "publish/publisher.h"
#include "store/integration.h"
#include "store/publication.h"

struct connection {
    struct account account; /* its report is filled by calls, and taken by connection_note() */
    unsigned platforms;     /* connected there: bit (1u << PLATFORM_…) each */
    /* As it was when it was read. */
    enum integration_status status; /* without a token if it is INTEGRATION_DISCONNECTED */
    int64_t connected_ms, last_sync_ms, failures, pause_ms;
};

/* The account of the context's tenant and mode. Test mode needs none to be connected: without one
 * it gets an account of the sandbox, which is asked about it at the first use. Not in a
 * transaction. Errors: ERR_NOT_CONNECTED if there
 * never was one; ERR_PROVIDER if the sandbox does not answer. */
error account_of(struct ctx *c, struct connection *out);

/* The row that connects a brand through a token, which is sealed for this tenant; a token that is
 * none is the sandbox's own. ERR_INTERNAL if there is no key to seal with. */
error account_row(struct ctx *c, const struct brand *brand, struct str token,
                  struct integration *out);

/* A post to Pinterest needs the board of the account. Without one: ERR_VALIDATION_FAILED, with what
 * to do about it. */
error account_check_board(struct ctx *c, enum platform p, struct str board_id);

/* What is connected to the brand of such a row: list of struct brand_network. */
error account_networks(struct arena *a, const struct integration *i, struct list *out);

#endif
