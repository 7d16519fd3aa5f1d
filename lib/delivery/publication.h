/* publication.h: what exactly is sent for a content, as it is written down and as it is sent.
 * Private to this room. */
#ifndef AMP_DELIVERY_PUBLICATION_H
#define AMP_DELIVERY_PUBLICATION_H

#include "delivery/account.h"
#include "store/cost.h"

/* Can the content be sent through the connection? Errors, with a message for people:
 * ERR_VALIDATION_FAILED (the platform would refuse it), ERR_NOT_CONNECTED. */
error publication_check(struct ctx *c, const struct content *x, const struct connection *to);

/* A new attempt with the content as it is, to appear at publish_ms. */
error publication_make(struct ctx *c, const struct content *x, int64_t publish_ms,
                       struct publication_row *out);

/* What was written down, ready to be sent. */
error publication_read(struct arena *a, const struct publication_row *row, struct publication *out);

/* A call about the content, made for that job, as it stands in the ledger. It costs nothing: the
 * provider is paid by the month. */
struct cost publication_cost(struct ctx *c, const struct content *x, const struct id *job,
                             struct str what);

#endif
