/* store/audit.h: the table audit, which is written and read and never changed. One statement a
 * function, if it does not say otherwise. Errors are those of db/db.h. */
#ifndef AMP_STORE_AUDIT_H
#define AMP_STORE_AUDIT_H

#include "base/ctx.h"
#include "base/page.h"
#include "domain/audit.h"

/* Writes an entry of the context's tenant and mode, or of the installation if it has no tenant. Its
 * id and time are made here, in real time; texts that are too long are cut. */
error store_audit_insert(struct ctx *c, const struct audit *a);

/* The same of n entries, with few statements. */
error store_audits_insert(struct ctx *c, const struct audit *a, size_t n);

/* Likewise, of what AMP has decided by itself: actor "system", in the request id that of the job.
 */
error store_audit_system(struct ctx *c, struct str action, struct str prefix,
                         const struct id *object, struct str detail);

/* Entries of the context's tenant (none: the installation) and mode, newest first, one more than
 * the page holds; and how many there are under the filter, counted up to
 * AUDIT_COUNT_MAX. */
enum { AUDIT_COUNT_MAX = 10000 };
error store_audit_page(struct ctx *c, const struct audit_filter *f, const struct page *page,
                       struct list *out);
error store_audit_count(struct ctx *c, const struct audit_filter *f, int64_t *out);

/* Deletes up to 1000 entries of all tenants that are older. The user that serves may not. */
error store_audit_purge(struct ctx *c, int64_t before_ms, uint64_t *deleted);

#endif
