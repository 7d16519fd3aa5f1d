/* store/brand.h: the table brand_context, in the context's tenant and mode. */
#ifndef AMP_STORE_BRAND_H
#define AMP_STORE_BRAND_H

#include "base/ctx.h"
#include "base/page.h"
#include "domain/brand.h"

/* ERR_NOT_FOUND if there is none. */
error store_brand_get(struct ctx *c, const struct id *id, struct brand_context *out);

/* The same, and its row locked until the transaction ends. */
error store_brand_lock(struct ctx *c, const struct id *id, struct brand_context *out);

/* Makes sure that the brand is there and stays until the transaction ends. ERR_NOT_FOUND. */
error store_brand_hold(struct ctx *c, const struct id *id);

/* A page, newest first, one more than its limit; see page_finish(). */
error store_brand_page(struct ctx *c, const struct page *page, struct list *out);
error store_brand_count(struct ctx *c, int64_t *n);

error store_brand_insert(struct ctx *c, const struct brand_context *b);

/* Writes everything a PUT may change of a locked one. */
error store_brand_update(struct ctx *c, const struct brand_context *b);
error store_brand_delete(struct ctx *c, const struct id *id);

/* Is there a mission that may still write for this brand (draft, active or paused)? */
error store_brand_in_use(struct ctx *c, const struct id *id, bool *used);

#endif
