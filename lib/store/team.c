/* team.c: every statement about who belongs to a tenant, or is invited. Making users and tenants is
 * identity.c's. */
#include "store/team.h"

#include "db/db.h"

#define AT(field) offsetof(struct member, field)
static const struct col member_cols[] = {
    {"u.id", COL_ID, AT(id)},
    {"u.email", COL_TEXT, AT(email)},
    {"u.name", COL_TEXT, AT(name)},
    {"m.role", COL_ENUM, AT(role)},
    {"m.created_ms", COL_TIME, AT(created_ms)},
};
#undef AT
static const struct row member_row = ROW(struct member, member_cols);

#define AT(member) offsetof(struct invitation, member)
static const struct col invitation_cols[] = {
    {"id", COL_ID, AT(id)},
    {"email", COL_TEXT, AT(email)},
    {"role", COL_ENUM, AT(role)},
    {"invited_by", COL_TEXT, AT(invited_by)},
    {"expires_ms", COL_TIME, AT(expires_ms)},
    {"created_ms", COL_TIME, AT(created_ms)},
};
#undef AT
static const struct row invitation_row = ROW(struct invitation, invitation_cols);

struct owned {
    struct invitation invitation;
    struct id tenant;
};
#define AT(member) offsetof(struct owned, member)
static const struct col owned_cols[] = {
    {"id", COL_ID, AT(invitation.id)},
    {"email", COL_TEXT, AT(invitation.email)},
    {"role", COL_ENUM, AT(invitation.role)},
    {"tenant_id", COL_ID, AT(tenant)},
};
#undef AT
static const struct row owned_row = ROW(struct owned, owned_cols);

static const struct col number_cols[] = {{"COUNT(*) AS n", COL_INT, 0}};
static const struct row number_row = ROW(int64_t, number_cols);

/* What both modes share. */
#define SHARED .global = true

error store_tenant_rename(struct ctx *c, struct str name, int64_t when_ms)
{
    QUERY q = {
        .name = "tenant.rename",
        .sql = "UPDATE tenant SET name = ?, updated_ms = ? WHERE id = :tenant",
        .index = "PRIMARY",
        SHARED,
    };
    return db_run(c, &q, NULL, P(name), P(when_ms));
}

error store_tenant_touch(struct ctx *c, int64_t when_ms)
{
    QUERY q = {
        .name = "tenant.touch",
        .sql = "UPDATE tenant SET updated_ms = GREATEST(updated_ms + 1, ?) WHERE id = :tenant",
        .index = "PRIMARY",
        SHARED,
    };
    return db_run(c, &q, NULL, P(when_ms));
}

/* Without the hint the optimizer may begin with the users of all tenants. */
#define MEMBERS                                                                                    \
    "SELECT :cols FROM membership m FORCE INDEX (PRIMARY) STRAIGHT_JOIN user u"                    \
    " ON u.id = m.user_id WHERE m.tenant_id = :tenant AND m.user_id "

error store_member_page(struct ctx *c, const struct page *page, struct list *out)
{
    QUERY older = {
        .name = "member.page_older",
        .sql = MEMBERS "< ? ORDER BY m.user_id DESC LIMIT ?",
        .row = &member_row,
        .index = "PRIMARY",
        SHARED,
    };
    QUERY newer = {
        .name = "member.page_newer",
        .sql = MEMBERS "> ? ORDER BY m.user_id LIMIT ?",
        .row = &member_row,
        .index = "PRIMARY",
        SHARED,
    };
    struct id upper = page_upper(page);
    if (!id_is_none(&page->before))
        return db_all(c, &newer, out, P(&page->before), P(page->limit + 1));
    return db_all(c, &older, out, P(&upper), P(page->limit + 1));
}

error store_member_count(struct ctx *c, int64_t *out)
{
    QUERY q = {
        .name = "member.count",
        .sql = "SELECT :cols FROM membership WHERE tenant_id = :tenant",
        .row = &number_row,
        .index = "PRIMARY",
        SHARED,
    };
    return db_one(c, &q, out);
}

error store_member_get(struct ctx *c, const struct id *user, struct member *out)
{
    QUERY q = {
        .name = "member.get",
        .sql = MEMBERS "= ?",
        .row = &member_row,
        .index = "PRIMARY",
        SHARED,
    };
    *out = (struct member){0};
    return db_one(c, &q, out, P(user));
}

error store_member_set_role(struct ctx *c, const struct id *user, int role)
{
    QUERY q = {
        .name = "member.set_role",
        .sql = "UPDATE membership FORCE INDEX (PRIMARY) SET role = ?"
               " WHERE tenant_id = :tenant AND user_id = ?",
        .index = "PRIMARY",
        SHARED,
    };
    return db_run(c, &q, NULL, P(role), P(user));
}

error store_member_delete(struct ctx *c, const struct id *user)
{
    QUERY q = {
        .name = "member.delete",
        .sql = "DELETE FROM membership WHERE tenant_id = :tenant AND user_id = ?",
        .index = "of_user", /* which has all of it, too */
        SHARED,
    };
    return db_run(c, &q, NULL, P(user));
}

error store_admin_count(struct ctx *c, int64_t *out)
{
    QUERY q = {
        .name = "member.admins",
        .sql = "SELECT :cols FROM membership WHERE tenant_id = :tenant AND role = ?",
        .row = &number_row,
        .index = "PRIMARY",
        SHARED,
    };
    return db_one(c, &q, out, P(ROLE_ADMIN));
}

error store_invitation_insert(struct ctx *c, const struct invitation *i)
{
    QUERY q = {
        .name = "invitation.insert",
        .sql = "INSERT INTO invitation (tenant_id, id, token_hash, email, role, invited_by,"
               " user_id, expires_ms, created_ms) VALUES (:tenant, ?, UNHEX(?), ?, ?, ?, ?, ?, ?)",
        SHARED,
    };
    return db_run(c, &q, NULL, P(&i->id), P(i->hash), P(i->email), P(i->role), P(i->invited_by),
                  P(&i->user), P(i->expires_ms), P(i->created_ms));
}

error store_invitation_page(struct ctx *c, const struct page *page, struct list *out)
{
    QUERY older = {
        .name = "invitation.page_older",
        .sql = "SELECT :cols FROM invitation WHERE tenant_id = :tenant AND id < ?"
               " ORDER BY id DESC LIMIT ?",
        .row = &invitation_row,
        .index = "PRIMARY",
        SHARED,
    };
    QUERY newer = {
        .name = "invitation.page_newer",
        .sql = "SELECT :cols FROM invitation WHERE tenant_id = :tenant AND id > ?"
               " ORDER BY id LIMIT ?",
        .row = &invitation_row,
        .index = "PRIMARY",
        SHARED,
    };
    struct id upper = page_upper(page);
    if (!id_is_none(&page->before))
        return db_all(c, &newer, out, P(&page->before), P(page->limit + 1));
    return db_all(c, &older, out, P(&upper), P(page->limit + 1));
}

error store_invitation_count(struct ctx *c, int64_t *out)
{
    QUERY q = {
        .name = "invitation.count",
        .sql = "SELECT :cols FROM invitation FORCE INDEX (PRIMARY) WHERE tenant_id = :tenant",
        .row = &number_row,
        .index = "PRIMARY",
        SHARED,
    };
    return db_one(c, &q, out);
}

error store_invitation_open(struct ctx *c, int64_t when_ms, int64_t *out)
{
    QUERY q = {
        .name = "invitation.open",
        .sql = "SELECT :cols FROM invitation FORCE INDEX (PRIMARY)"
               " WHERE tenant_id = :tenant AND expires_ms > ?",
        .row = &number_row,
        .index = "PRIMARY",
        SHARED,
    };
    return db_one(c, &q, out, P(when_ms));
}

error store_invitation_delete(struct ctx *c, const struct id *id)
{
    QUERY q = {
        .name = "invitation.delete",
        .sql = "DELETE FROM invitation WHERE tenant_id = :tenant AND id = ?",
        .index = "PRIMARY",
        SHARED,
    };
    uint64_t n;
    TRY(db_run(c, &q, &n, P(id)));
    return n ? NULL : error_of(ERR_NOT_FOUND);
}

error store_invitation_forget(struct ctx *c, struct str email)
{
    QUERY q = {
        .name = "invitation.forget",
        .sql = "DELETE FROM invitation WHERE tenant_id = :tenant AND email = ?",
        .index = "email",
        SHARED,
    };
    return db_run(c, &q, NULL, P(email));
}

error store_invitation_forget_by(struct ctx *c, const struct id *user)
{
    QUERY q = {
        .name = "invitation.forget_by",
        .sql = "DELETE FROM invitation WHERE tenant_id = :tenant AND user_id = ?",
        .index = "PRIMARY",
        SHARED,
    };
    return db_run(c, &q, NULL, P(user));
}

error store_invitation_of_token(struct ctx *c, struct str hash, int64_t when_ms,
                                struct invitation *out)
{
    QUERY q = {
        .name = "invitation.of_token",
        .sql = "SELECT :cols FROM invitation WHERE token_hash = UNHEX(?) AND expires_ms > ?",
        .row = &owned_row,
        .index = "token",
        SHARED,
    };
    struct owned found = {0};
    TRY(db_one(c, &q, &found, P(hash), P(when_ms)));
    *out = found.invitation;
    c->scope.tenant = found.tenant;
    return NULL;
}

error store_invitation_purge(struct ctx *c, int64_t before_ms, uint64_t *deleted)
{
    QUERY q = {
        .name = "invitation.purge",
        .sql = "DELETE FROM invitation WHERE expires_ms < ? ORDER BY expires_ms LIMIT 1000",
        .index = "by_end",
        SHARED,
    };
    return db_run(c, &q, deleted, P(before_ms));
}
