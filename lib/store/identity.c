/* identity.c: every statement that touches tenant, user, membership, api_key and test_clock. */
#include "store/identity.h"

#include "db/db.h"

#define AT(member) offsetof(struct principal, member)
static const struct col principal_cols[] = {
    {"k.id", COL_ID, AT(key_id)},
    {"k.tenant_id", COL_ID, AT(tenant_id)},
    {"k.created_by", COL_ID, AT(user_id)},
    {"k.livemode", COL_BOOL, AT(live)},
    {"k.scopes", COL_INT, AT(scopes)},
    {"k.expires_ms", COL_TIME, AT(expires_ms)},
    {"k.last_used_ms", COL_TIME, AT(last_used_ms)},
    {"t.plan", COL_ENUM, AT(plan)},
    {"t.rate_limit", COL_INT, AT(rate_limit)},
    {"t.suspended", COL_BOOL, AT(suspended)},
    {"c.clock_ms", COL_TIME, AT(clock_ms)},
};
#undef AT
static const struct row principal_row = ROW(struct principal, principal_cols);

#define AT(member) offsetof(struct api_key, member)
static const struct col key_cols[] = {
    {"id", COL_ID, AT(id)},
    {"name", COL_TEXT, AT(name)},
    {"key_prefix", COL_TEXT, AT(key_prefix)},
    {"scopes", COL_INT, AT(scope_bits)},
    {"livemode", COL_BOOL, AT(livemode)},
    {"last_used_ms", COL_TIME, AT(last_used_ms)},
    {"expires_ms", COL_TIME, AT(expires_ms)},
    {"rotated_ms", COL_TIME, AT(rotated_ms)},
    {"created_by", COL_ID, AT(created_by)},
    {"created_ms", COL_TIME, AT(created_ms)},
};
#undef AT
static const struct row key_row = ROW(struct api_key, key_cols);

#define AT(member) offsetof(struct tenant, member)
static const struct col tenant_cols[] = {
    {"id", COL_ID, AT(id)},
    {"name", COL_TEXT, AT(name)},
    {"slug", COL_TEXT, AT(slug)},
    {"plan", COL_ENUM, AT(plan)},
    {"rate_limit", COL_INT, AT(rate_limit)},
    {"suspended", COL_BOOL, AT(suspended)},
    {"created_ms", COL_TIME, AT(created_ms)},
    {"updated_ms", COL_TIME, AT(updated_ms)},
};
#undef AT
static const struct row tenant_row = ROW(struct tenant, tenant_cols);

#define AT(member) offsetof(struct user, member)
static const struct col user_cols[] = {
    {"id", COL_ID, AT(id)},
    {"email", COL_TEXT, AT(email)},
    {"name", COL_TEXT, AT(name)},
    {"password_hash", COL_TEXT, AT(password_hash)},
    {"is_operator", COL_BOOL, AT(is_operator)},
    {"proved", COL_BOOL, AT(proved)},
    {"created_ms", COL_TIME, AT(created_ms)},
    {"updated_ms", COL_TIME, AT(updated_ms)},
};
#undef AT
static const struct row user_row = ROW(struct user, user_cols);

#define AT(member) offsetof(struct membership, member)
static const struct col membership_cols[] = {
    {"m.tenant_id", COL_ID, AT(tenant_id)},
    {"t.name", COL_TEXT, AT(tenant_name)},
    {"m.role", COL_ENUM, AT(role)},
};
#undef AT
static const struct row membership_row = ROW(struct membership, membership_cols);

#define AT(member) offsetof(struct stopped_clock, member)
static const struct col clock_cols[] = {
    {"tenant_id", COL_ID, AT(tenant)},
    {"clock_ms", COL_TIME, AT(clock_ms)},
};
#undef AT
static const struct row clock_row = ROW(struct stopped_clock, clock_cols);

static const struct col number_cols[] = {{"n", COL_INT, 0}};
static const struct row number_row = ROW(int64_t, number_cols);
static const struct col key_id_cols[] = {{"id", COL_ID, 0}};
static const struct row key_id_row = ROW(struct id, key_id_cols);
static const struct col id_cols[] = {{"user_id", COL_ID, 0}};
static const struct row id_row = ROW(struct id, id_cols);
static const struct col tenant_id_cols[] = {{"tenant_id", COL_ID, 0}};
static const struct row tenant_id_row = ROW(struct id, tenant_id_cols);
static const struct col role_cols[] = {{"role", COL_ENUM, 0}};
static const struct row role_row = ROW(int, role_cols);

error store_principal_of_key(struct ctx *c, struct str hash, struct principal *out)
{
    QUERY q = {
        .name = "key.principal",
        .sql = "SELECT :cols FROM api_key k JOIN tenant t ON t.id = k.tenant_id"
               " LEFT JOIN test_clock c ON c.tenant_id = k.tenant_id AND NOT k.livemode"
               " WHERE k.key_hash = UNHEX(?)",
        .row = &principal_row,
        .index = "hash",
        .global = true,
    };
    *out = (struct principal){0};
    return db_one(c, &q, out, P(hash));
}

error store_key_used(struct ctx *c, const struct id *tenant, const struct id *key, int64_t when_ms)
{
    QUERY q = {
        .name = "key.used",
        .sql = "UPDATE api_key FORCE INDEX (PRIMARY) SET last_used_ms = ?"
               " WHERE tenant_id = ? AND id = ? AND (last_used_ms IS NULL OR last_used_ms < ?)",
        .index = "PRIMARY",
        .global = true,
    };
    return db_run(c, &q, NULL, P(when_ms), P(tenant), P(key), P(when_ms - KEY_USED_EVERY_MS));
}

error store_key_insert(struct ctx *c, const struct api_key *k)
{
    QUERY q = {
        .name = "key.insert",
        .sql = "INSERT INTO api_key (tenant_id, id, key_hash, key_prefix, name, scopes, livemode,"
               " created_by, expires_ms, created_ms)"
               " VALUES (:tenant, ?, UNHEX(?), ?, ?, ?, ?, ?, ?, ?)",
    };
    return db_run(c, &q, NULL, P(&k->id), P(k->hash), P(k->key_prefix), P(k->name),
                  P(k->scope_bits), P(k->livemode), P(&k->created_by), param_time(k->expires_ms),
                  P(k->created_ms));
}

/* Live mode sees keys of both modes, test mode its own only. */
#define IN_REACH " AND (:live OR NOT livemode)"

error store_key_get(struct ctx *c, const struct id *key, struct api_key *out)
{
    QUERY q = {
        .name = "key.get",
        .sql = "SELECT :cols FROM api_key WHERE tenant_id = :tenant AND id = ?" IN_REACH,
        .row = &key_row,
        .index = "PRIMARY",
    };
    *out = (struct api_key){0};
    return db_one(c, &q, out, P(key));
}

error store_key_hold(struct ctx *c, const struct id *key, int64_t now_ms)
{
    QUERY q = {
        .name = "key.hold",
        .sql = "SELECT :cols FROM api_key WHERE tenant_id = :tenant AND id = ?" IN_REACH
               " AND (expires_ms IS NULL OR expires_ms > ?) LOCK IN SHARE MODE",
        .row = &key_id_row,
        .index = "PRIMARY",
    };
    struct id held;
    return db_one(c, &q, &held, P(key), P(now_ms));
}

error store_key_replace(struct ctx *c, const struct id *key, int64_t now_ms, int64_t end_ms)
{
    QUERY q = {
        .name = "key.replace",
        .sql = "UPDATE api_key SET rotated_ms = ?, expires_ms = LEAST(COALESCE(expires_ms, ?), ?)"
               " WHERE tenant_id = :tenant AND id = ?" IN_REACH " AND rotated_ms IS NULL"
               " AND (expires_ms IS NULL OR expires_ms > ?)",
        .index = "by_id",
    };
    uint64_t n;
    TRY(db_run(c, &q, &n, P(now_ms), P(end_ms), P(end_ms), P(key), P(now_ms)));
    return n ? NULL : error_of(ERR_INVALID_STATE);
}

error store_key_page(struct ctx *c, const struct id *after, const struct id *before, int64_t limit,
                     struct list *out)
{
    QUERY older = {
        .name = "key.page_older",
        .sql = "SELECT :cols FROM api_key WHERE tenant_id = :tenant AND id < ?" IN_REACH
               " ORDER BY id DESC LIMIT ?",
        .row = &key_row,
        .index = "PRIMARY",
    };
    QUERY newer = {
        .name = "key.page_newer",
        .sql = "SELECT :cols FROM api_key WHERE tenant_id = :tenant AND id > ?" IN_REACH
               " ORDER BY id LIMIT ?",
        .row = &key_row,
        .index = "PRIMARY",
    };
    if (!id_is_none(before))
        return db_all(c, &newer, out, P(before), P(limit));
    return db_all(c, &older, out, P(after), P(limit));
}

error store_key_count(struct ctx *c, int64_t *out)
{
    QUERY q = {
        .name = "key.count",
        .sql = "SELECT COUNT(*) AS n FROM api_key WHERE tenant_id = :tenant" IN_REACH,
        .row = &number_row,
        .index = "PRIMARY",
    };
    return db_one(c, &q, out);
}

error store_key_count_in(struct ctx *c, bool live, int64_t *out)
{
    QUERY q = {
        .name = "key.count_in",
        .sql = "SELECT COUNT(*) AS n FROM api_key FORCE INDEX (PRIMARY)"
               " WHERE tenant_id = :tenant AND livemode = ?",
        .row = &number_row,
        .index = "PRIMARY",
        .global = true, /* of a mode that need not be the context's */
    };
    return db_one(c, &q, out, P(live));
}

error store_keys_by(struct ctx *c, const struct id *user, struct list *out)
{
    QUERY q = {
        .name = "key.by",
        .sql = "SELECT :cols FROM api_key FORCE INDEX (PRIMARY)"
               " WHERE tenant_id = :tenant AND created_by = ? ORDER BY id LIMIT 20000",
        .row = &key_id_row,
        .index = "PRIMARY",
        .global = true, /* of both modes */
    };
    return db_all(c, &q, out, P(user));
}

error store_key_delete_by(struct ctx *c, const struct id *user)
{
    QUERY q = {
        .name = "key.delete_by",
        .sql = "DELETE FROM api_key WHERE tenant_id = :tenant AND created_by = ?",
        .index = "PRIMARY",
        .global = true, /* of both modes */
    };
    return db_run(c, &q, NULL, P(user));
}

error store_key_purge(struct ctx *c, int64_t before_ms, uint64_t *purged)
{
    QUERY q = {
        .name = "key.purge",
        .sql = "DELETE FROM api_key WHERE expires_ms < ? ORDER BY expires_ms LIMIT 1000",
        .index = "by_end",
        .global = true,
    };
    return db_run(c, &q, purged, P(before_ms));
}

error store_key_delete(struct ctx *c, const struct id *key)
{
    QUERY q = {
        .name = "key.delete",
        .sql = "DELETE FROM api_key WHERE tenant_id = :tenant AND id = ?" IN_REACH,
        .index = "by_id",
    };
    uint64_t n;
    TRY(db_run(c, &q, &n, P(key)));
    return n ? NULL : error_of(ERR_NOT_FOUND);
}

error store_key_tenant(struct ctx *c, const struct id *key, struct id *out)
{
    QUERY q = {
        .name = "key.tenant",
        .sql = "SELECT :cols FROM api_key WHERE id = ?",
        .row = &tenant_id_row,
        .index = "by_id",
        .global = true,
    };
    return db_one(c, &q, out, P(key));
}

error store_key_delete_anywhere(struct ctx *c, const struct id *key)
{
    QUERY q = {
        .name = "key.delete_anywhere",
        .sql = "DELETE FROM api_key WHERE id = ?",
        .index = "by_id",
        .global = true,
    };
    uint64_t n;
    TRY(db_run(c, &q, &n, P(key)));
    return n ? NULL : error_of(ERR_NOT_FOUND);
}

error store_tenant_insert(struct ctx *c, const struct tenant *t)
{
    QUERY q = {
        .name = "tenant.insert",
        .sql = "INSERT INTO tenant (id, name, slug, plan, rate_limit, created_ms, updated_ms)"
               " VALUES (?, ?, ?, ?, ?, ?, ?)",
        .global = true,
    };
    return db_run(c, &q, NULL, P(&t->id), P(t->name), P(t->slug), P(t->plan), P(t->rate_limit),
                  P(t->created_ms), P(t->updated_ms));
}

error store_tenant_get(struct ctx *c, const struct id *tenant, struct tenant *out)
{
    QUERY q = {
        .name = "tenant.get",
        .sql = "SELECT :cols FROM tenant WHERE id = ?",
        .row = &tenant_row,
        .index = "PRIMARY",
        .global = true,
    };
    *out = (struct tenant){0};
    return db_one(c, &q, out, P(tenant));
}

error store_tenant_hold(struct ctx *c)
{
    QUERY q = {
        .name = "tenant.hold",
        .sql = "SELECT :cols FROM tenant WHERE id = :tenant FOR UPDATE",
        .row = &tenant_row,
        .index = "PRIMARY",
        .global = true,
    };
    struct tenant held = {0};
    return db_one(c, &q, &held);
}

error store_tenant_page(struct ctx *c, const struct id *after, struct list *out)
{
    QUERY q = {
        .name = "tenant.page",
        .sql = "SELECT :cols FROM tenant WHERE id > ? ORDER BY id LIMIT 1000",
        .row = &tenant_row,
        .index = "PRIMARY",
        .global = true,
    };
    static const struct id first = {{'0'}};
    return db_all(c, &q, out, P(id_is_none(after) ? &first : after));
}

error store_user_insert(struct ctx *c, const struct user *u)
{
    QUERY q = {
        .name = "user.insert",
        .sql = "INSERT INTO user (id, email, name, password_hash, is_operator, proved, created_ms,"
               " updated_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        .global = true,
    };
    return db_run(c, &q, NULL, P(&u->id), P(u->email), P(u->name), P(u->password_hash),
                  P(u->is_operator), P(u->proved), P(u->created_ms), P(u->updated_ms));
}

error store_user_get(struct ctx *c, const struct id *user, struct user *out)
{
    QUERY q = {
        .name = "user.get",
        .sql = "SELECT :cols FROM user WHERE id = ?",
        .row = &user_row,
        .index = "PRIMARY",
        .global = true,
    };
    *out = (struct user){0};
    return db_one(c, &q, out, P(user));
}

error store_user_lock(struct ctx *c, const struct id *user, struct user *out)
{
    QUERY q = {
        .name = "user.lock",
        .sql = "SELECT :cols FROM user WHERE id = ? FOR UPDATE",
        .row = &user_row,
        .index = "PRIMARY",
        .global = true,
    };
    *out = (struct user){0};
    return db_one(c, &q, out, P(user));
}

error store_user_by_email(struct ctx *c, struct str email, struct user *out)
{
    QUERY q = {
        .name = "user.by_email",
        .sql = "SELECT :cols FROM user WHERE email = ?",
        .row = &user_row,
        .index = "email",
        .global = true,
    };
    *out = (struct user){0};
    return db_one(c, &q, out, P(email));
}

error store_user_set_password(struct ctx *c, const struct id *user, struct str old, struct str hash,
                              int64_t now_ms)
{
    uint64_t changed;
    QUERY q = {
        .name = "user.set_password",
        .sql = "UPDATE user SET password_hash = ?, updated_ms = ? WHERE id = ?"
               " AND password_hash = ?",
        .index = "PRIMARY",
        .global = true,
    };
    TRY(db_run(c, &q, &changed, P(hash), P(now_ms), P(user), P(old)));
    return changed ? NULL : error_of(ERR_NOT_FOUND);
}

error store_user_prove(struct ctx *c, const struct id *user, struct str hash, int64_t now_ms)
{
    QUERY q = {
        .name = "user.prove",
        .sql = "UPDATE user SET proved = TRUE, password_hash = ?, updated_ms = ? WHERE id = ?",
        .index = "PRIMARY",
        .global = true,
    };
    return db_run(c, &q, NULL, P(hash), P(now_ms), P(user));
}

error store_user_set_operator(struct ctx *c, const struct id *user, bool on)
{
    QUERY q = {
        .name = "user.set_operator",
        .sql = "UPDATE user SET is_operator = ? WHERE id = ?",
        .index = "PRIMARY",
        .global = true,
    };
    return db_run(c, &q, NULL, P(on), P(user));
}

error store_membership_insert(struct ctx *c, const struct id *tenant, const struct id *user,
                              int role)
{
    QUERY q = {
        .name = "membership.insert",
        .sql = "INSERT INTO membership (tenant_id, user_id, role, created_ms)"
               " VALUES (?, ?, ?, :now)",
        .global = true,
    };
    return db_run(c, &q, NULL, P(tenant), P(user), P(role));
}

error store_membership_role(struct ctx *c, const struct id *tenant, const struct id *user,
                            int *role)
{
    QUERY q = {
        .name = "membership.role",
        .sql = "SELECT :cols FROM membership WHERE tenant_id = ? AND user_id = ?",
        .row = &role_row,
        .index = "PRIMARY",
        .global = true,
    };
    return db_one(c, &q, role, P(tenant), P(user));
}

error store_memberships_of(struct ctx *c, const struct id *user, struct list *out)
{
    QUERY q = {
        .name = "membership.of_user",
        .sql = "SELECT :cols FROM membership m JOIN tenant t ON t.id = m.tenant_id"
               " WHERE m.user_id = ? AND NOT t.suspended ORDER BY m.tenant_id LIMIT 100",
        .row = &membership_row,
        .index = "of_user",
        .global = true,
    };
    return db_all(c, &q, out, P(user));
}

error store_first_admin(struct ctx *c, const struct id *tenant, struct id *out)
{
    QUERY q = {
        .name = "membership.first_admin",
        .sql = "SELECT :cols FROM membership WHERE tenant_id = ? AND role = ?"
               " ORDER BY user_id LIMIT 1",
        .row = &id_row,
        .index = "PRIMARY",
        .global = true,
    };
    return db_one(c, &q, out, P(tenant), P(ROLE_ADMIN));
}

error store_clock_get(struct ctx *c, int64_t *clock_ms)
{
    QUERY q = {
        .name = "clock.get",
        .sql = "SELECT :cols FROM test_clock WHERE tenant_id = :tenant",
        .row = &clock_row,
        .index = "PRIMARY",
    };
    struct stopped_clock clock = {0};
    error e = db_one(c, &q, &clock);
    *clock_ms = clock.clock_ms;
    return error_is(e, ERR_NOT_FOUND) ? NULL : e;
}

error store_clock_lock(struct ctx *c, int64_t *clock_ms)
{
    QUERY q = {
        .name = "clock.lock",
        .sql = "SELECT :cols FROM test_clock WHERE tenant_id = :tenant FOR UPDATE",
        .row = &clock_row,
        .index = "PRIMARY",
    };
    struct stopped_clock clock = {0};
    error e = db_one(c, &q, &clock);
    *clock_ms = clock.clock_ms;
    return error_is(e, ERR_NOT_FOUND) ? NULL : e;
}

error store_clock_set(struct ctx *c, int64_t clock_ms)
{
    QUERY q = {
        .name = "clock.set",
        .sql = "INSERT INTO test_clock (tenant_id, clock_ms, updated_ms) VALUES (:tenant, ?, :now)"
               " ON DUPLICATE KEY UPDATE clock_ms = VALUES(clock_ms),"
               " updated_ms = VALUES(updated_ms)",
    };
    return db_run(c, &q, NULL, P(clock_ms));
}

error store_clock_clear(struct ctx *c)
{
    QUERY q = {
        .name = "clock.clear",
        .sql = "DELETE FROM test_clock WHERE tenant_id = :tenant",
        .index = "PRIMARY",
    };
    return db_run(c, &q, NULL);
}

error store_clocks_due(struct ctx *c, int64_t real_ms, struct list *out)
{
    QUERY q = {
        .name = "clock.due",
        .sql = "SELECT :cols FROM test_clock WHERE EXISTS (SELECT 1 FROM job j FORCE INDEX "
               "(due_of_tenant)"
               " WHERE j.tenant_id = test_clock.tenant_id AND j.livemode = FALSE AND j.state = 1"
               " AND j.run_ms <= test_clock.clock_ms AND j.locked_until_ms <= ?)"
               " ORDER BY tenant_id LIMIT 10000",
        .row = &clock_row,
        .index = "PRIMARY",
        .global = true,
    };
    return db_all(c, &q, out, P(real_ms));
}
