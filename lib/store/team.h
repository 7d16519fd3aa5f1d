/* store/team.h: who belongs to a tenant (table membership, with user) and who is invited (table
 * invitation). Of the context's tenant, if nothing else is said. One statement a function. Errors
 * are those of db/db.h. */
#ifndef AMP_STORE_TEAM_H
#define AMP_STORE_TEAM_H

#include "base/ctx.h"
#include "base/page.h"
#include "domain/team.h"

error store_tenant_rename(struct ctx *c, struct str name, int64_t when_ms);

/* Makes all changes of a tenant's membership follow one another: the row of the tenant is changed,
 * so of two transactions that do this at once one waits, or on another host fails and is run again.
 */
error store_tenant_touch(struct ctx *c, int64_t when_ms);

error store_member_page(struct ctx *c, const struct page *page, struct list *out);
error store_member_count(struct ctx *c, int64_t *out);
error store_member_get(struct ctx *c, const struct id *user,
                       struct member *out); /* ERR_NOT_FOUND */
error store_member_set_role(struct ctx *c, const struct id *user, int role);
error store_member_delete(struct ctx *c, const struct id *user);
error store_admin_count(struct ctx *c, int64_t *out);

error store_invitation_insert(struct ctx *c, const struct invitation *i);
error store_invitation_page(struct ctx *c, const struct page *page, struct list *out);
error store_invitation_count(struct ctx *c, int64_t *out);
error store_invitation_open(struct ctx *c, int64_t when_ms, int64_t *out); /* how many */
error store_invitation_delete(struct ctx *c, const struct id *id);         /* ERR_NOT_FOUND */
/* The one that stands in the way of a new one; none is no error. */
error store_invitation_forget(struct ctx *c, struct str email);

/* Deletes all that a user has sent out, with keys of theirs too. */
error store_invitation_forget_by(struct ctx *c, const struct id *user);

/* Whose token has this hash (hexadecimal), of any tenant, if it is good at that time? The context
 * gets its tenant. ERR_NOT_FOUND. */
error store_invitation_of_token(struct ctx *c, struct str hash, int64_t when_ms,
                                struct invitation *out);

/* Deletes up to 1000 of all tenants that have ended before. */
error store_invitation_purge(struct ctx *c, int64_t before_ms, uint64_t *deleted);

#endif
