/* store/webhook.h: the tables webhook and webhook_delivery, in the context's tenant and mode. */
#ifndef AMP_STORE_WEBHOOK_H
#define AMP_STORE_WEBHOOK_H

#include "base/page.h"
#include "domain/webhook.h"

/* Which events anybody wants, as bits: a column for rows whose changes are events, so that nobody
 * has to ask apart. */
#define WEBHOOK_HOOKS                                                                              \
    "(SELECT BIT_OR(event_set) FROM webhook WHERE tenant_id = :tenant AND livemode = :live"        \
    " AND enabled) AS hooks"

/* Writes down, in the transaction of what happened, that everybody who wants to is to be told, and
 * the jobs that tell them. `data`: the object it happened to, as JSON. */
error store_event_put(struct ctx *c, enum webhook_event event, struct str data);

/* The same of n events at once: who wants them is read once, and deliveries and jobs of all are
 * written with one statement each. */
struct happened {
    enum webhook_event event;
    struct str data;
};
error store_events_put(struct ctx *c, const struct happened *e, size_t n);

/* The same to one webhook only; *id is the delivery's. */
error store_event_put_to(struct ctx *c, const struct id *webhook, enum webhook_event event,
                         const struct id *event_id, struct str data, struct id *id);

error store_webhook_insert(struct ctx *c, const struct webhook *w);
error store_webhook_update(struct ctx *c, const struct webhook *w);
error store_webhook_delete(struct ctx *c, const struct id *id); /* with its deliveries; or
                                                                   ERR_NOT_FOUND */
error store_webhook_get(struct ctx *c, const struct id *id, struct webhook *out);
error store_webhook_lock(struct ctx *c, const struct id *id, struct webhook *out);
error store_webhook_count(struct ctx *c, int64_t *n);

/* Pages, newest first, each with its total as of one moment. Not within a transaction. */
error store_webhook_page(struct ctx *c, const struct page *page, struct list *out, bool *more,
                         int64_t *total);
error store_delivery_page(struct ctx *c, const struct id *webhook, const struct page *page,
                          struct list *out, bool *more, int64_t *total);

error store_delivery_get(struct ctx *c, const struct id *id, struct webhook_delivery *out);

/* Writes state, attempts, http_status and problem. */
error store_delivery_update(struct ctx *c, const struct webhook_delivery *d);

/* Puts the job that sends it, due now. */
error store_delivery_start(struct ctx *c, const struct id *id);

/* Deletes deliveries of all tenants made before that (real time), a batch at a call. */
error store_delivery_purge(struct ctx *c, int64_t before_ms, uint64_t *deleted);

#endif
