/* session.c: every statement that touches session, signing_key, login_failure and spent_token. */
#include "store/session.h"

#include "db/db.h"

#define AT(member) offsetof(struct session, member)
static const struct col session_cols[] = {
    {"id", COL_ID, AT(id)},
    {"user_id", COL_ID, AT(user)},
    {"home_id", COL_ID, AT(tenant)},
    {"livemode", COL_BOOL, AT(live)},
    {"LOWER(HEX(refresh_hash))", COL_TEXT, AT(refresh)},
    {"expires_ms", COL_TIME, AT(expires_ms)},
    {"created_ms", COL_TIME, AT(created_ms)},
};
#undef AT
static const struct col id_cols[] = {{"id", COL_ID, 0}};
static const struct row id_row = ROW(struct id, id_cols);
static const struct row session_row = ROW(struct session, session_cols);

#define AT(member) offsetof(struct principal, member)
static const struct col principal_cols[] = {
    {"s.id", COL_ID, AT(session_id)},         {"s.user_id", COL_ID, AT(user_id)},
    {"s.livemode", COL_BOOL, AT(live)},       {"u.is_operator", COL_BOOL, AT(is_operator)},
    {"t.id", COL_ID, AT(tenant_id)},          {"m.role", COL_ENUM, AT(role)},
    {"t.plan", COL_ENUM, AT(plan)},           {"t.rate_limit", COL_INT, AT(rate_limit)},
    {"t.suspended", COL_BOOL, AT(suspended)}, {"c.clock_ms", COL_TIME, AT(clock_ms)},
};
#undef AT
static const struct row principal_row = ROW(struct principal, principal_cols);

#define AT(member) offsetof(struct signing_key, member)
static const struct col key_cols[] = {
    {"id", COL_ID, AT(id)},
    {"sealed", COL_TEXT, AT(sealed)},
    {"retired_ms", COL_TIME, AT(retired_ms)},
    {"created_ms", COL_TIME, AT(created_ms)},
};
#undef AT
static const struct row key_row = ROW(struct signing_key, key_cols);

#define AT(member) offsetof(struct login_failures, member)
static const struct col failure_cols[] = {
    {"opened_ms", COL_TIME, AT(opened_ms)},
    {"n", COL_INT, AT(n)},
};
#undef AT
static const struct row failure_row = ROW(struct login_failures, failure_cols);

error store_session_insert(struct ctx *c, const struct session *s)
{
    QUERY q = {
        .name = "session.insert",
        .sql = "INSERT INTO session (id, user_id, home_id, livemode, family_hash, refresh_hash,"
               " expires_ms, created_ms) VALUES (?, ?, ?, ?, UNHEX(?), UNHEX(?), ?, ?)",
        .global = true,
    };
    return db_run(c, &q, NULL, P(&s->id), P(&s->user), P(&s->tenant), P(s->live), P(s->family),
                  P(s->refresh), P(s->expires_ms), P(s->created_ms));
}

error store_session_lock(struct ctx *c, struct str family, int64_t now_ms, struct session *out)
{
    QUERY q = {
        .name = "session.lock",
        .sql = "SELECT :cols FROM session WHERE family_hash = UNHEX(?) AND expires_ms > ?"
               " FOR UPDATE",
        .row = &session_row,
        .index = "family",
        .global = true,
    };
    *out = (struct session){0};
    return db_one(c, &q, out, P(family), P(now_ms));
}

error store_session_renew(struct ctx *c, const struct session *s)
{
    QUERY q = {
        .name = "session.renew",
        .sql = "UPDATE session SET refresh_hash = UNHEX(?), expires_ms = ? WHERE id = ?",
        .index = "PRIMARY",
        .global = true,
    };
    return db_run(c, &q, NULL, P(s->refresh), P(s->expires_ms), P(&s->id));
}

error store_session_delete(struct ctx *c, const struct id *session)
{
    QUERY q = {
        .name = "session.delete",
        .sql = "DELETE FROM session WHERE id = ?",
        .index = "PRIMARY",
        .global = true,
    };
    return db_run(c, &q, NULL, P(session));
}

error store_session_delete_others(struct ctx *c, const struct id *user, const struct id *but)
{
    QUERY q = {
        .name = "session.delete_others",
        .sql = "DELETE FROM session WHERE user_id = ? AND id <> ?",
        .index = "of_user",
        .global = true,
    };
    return db_run(c, &q, NULL, P(user), P(but));
}

error store_session_delete_all(struct ctx *c, const struct id *user)
{
    QUERY q = {
        .name = "session.delete_all",
        .sql = "DELETE FROM session WHERE user_id = ?",
        .index = "of_user",
        .global = true,
    };
    return db_run(c, &q, NULL, P(user));
}

error store_session_excess(struct ctx *c, const struct id *user, int64_t keep, struct id *out)
{
    QUERY q = {
        .name = "session.excess",
        .sql = "SELECT :cols FROM session FORCE INDEX (of_user) WHERE user_id = ?"
               " ORDER BY id DESC LIMIT 1 OFFSET ?",
        .row = &id_row,
        .index = "of_user",
        .global = true,
    };
    return db_one(c, &q, out, P(user), P(keep));
}

error store_session_delete_until(struct ctx *c, const struct id *user, const struct id *last)
{
    QUERY q = {
        .name = "session.delete_until",
        .sql = "DELETE FROM session WHERE user_id = ? AND id <= ?",
        .index = "of_user",
        .global = true,
    };
    return db_run(c, &q, NULL, P(user), P(last));
}

error store_token_spend(struct ctx *c, struct str hash, int64_t expires_ms)
{
    QUERY q = {
        .name = "spent_token.insert",
        .sql = "INSERT INTO spent_token (token_hash, expires_ms) VALUES (UNHEX(?), ?)",
        .global = true,
    };
    return db_run(c, &q, NULL, P(hash), P(expires_ms));
}

error store_token_purge(struct ctx *c, int64_t before_ms, uint64_t *purged)
{
    QUERY q = {
        .name = "spent_token.purge",
        .sql = "DELETE FROM spent_token WHERE expires_ms < ? ORDER BY expires_ms LIMIT 1000",
        .index = "by_end",
        .global = true,
    };
    return db_run(c, &q, purged, P(before_ms));
}

error store_session_purge(struct ctx *c, int64_t before_ms, uint64_t *purged)
{
    QUERY q = {
        .name = "session.purge",
        .sql = "DELETE FROM session WHERE expires_ms < ? ORDER BY expires_ms LIMIT 1000",
        .index = "by_end",
        .global = true,
    };
    return db_run(c, &q, purged, P(before_ms));
}

error store_principal_of_session(struct ctx *c, const struct session *s, const struct id *tenant,
                                 int64_t now_ms, struct principal *out)
{
    QUERY q = {
        .name = "session.principal",
        .sql = "SELECT :cols FROM session s JOIN user u ON u.id = s.user_id"
               " LEFT JOIN tenant t ON t.id = ?"
               " LEFT JOIN membership m ON m.tenant_id = t.id AND m.user_id = s.user_id"
               " LEFT JOIN test_clock c ON c.tenant_id = t.id AND NOT s.livemode"
               " WHERE s.id = ? AND s.user_id = ? AND s.home_id = ? AND s.livemode = ?"
               " AND s.expires_ms > ?",
        .row = &principal_row,
        .index = "PRIMARY",
        .global = true,
    };
    *out = (struct principal){0};
    return db_one(c, &q, out, P(tenant), P(&s->id), P(&s->user), P(&s->tenant), P(s->live),
                  P(now_ms));
}

error store_signing_key_insert(struct ctx *c, const struct signing_key *k)
{
    QUERY q = {
        .name = "signing_key.insert",
        .sql = "INSERT INTO signing_key (id, sealed, created_ms) VALUES (?, ?, ?)",
        .global = true,
    };
    return db_run(c, &q, NULL, P(&k->id), P(k->sealed), P(k->created_ms));
}

error store_signing_key_newest(struct ctx *c, struct signing_key *out)
{
    QUERY q = {
        .name = "signing_key.newest",
        .sql = "SELECT :cols FROM signing_key ORDER BY id DESC LIMIT 1",
        .row = &key_row,
        .index = "PRIMARY",
        .global = true,
    };
    *out = (struct signing_key){0};
    return db_one(c, &q, out);
}

error store_signing_key_get(struct ctx *c, const struct id *id, int64_t retired_ms,
                            struct signing_key *out)
{
    QUERY q = {
        .name = "signing_key.get",
        .sql = "SELECT :cols FROM signing_key"
               " WHERE id = ? AND (retired_ms IS NULL OR retired_ms >= ?)",
        .row = &key_row,
        .index = "PRIMARY",
        .global = true,
    };
    *out = (struct signing_key){0};
    return db_one(c, &q, out, P(id), P(retired_ms));
}

error store_signing_key_retire(struct ctx *c, int64_t now_ms)
{
    QUERY q = {
        .name = "signing_key.retire",
        .sql = "UPDATE signing_key SET retired_ms = ? WHERE retired_ms IS NULL",
        .index = "by_end",
        .global = true,
    };
    return db_run(c, &q, NULL, P(now_ms));
}

error store_signing_key_purge(struct ctx *c, int64_t before_ms)
{
    QUERY q = {
        .name = "signing_key.purge",
        .sql = "DELETE FROM signing_key WHERE retired_ms < ? ORDER BY retired_ms LIMIT 1000",
        .index = "by_end",
        .global = true,
    };
    return db_run(c, &q, NULL, P(before_ms));
}

error store_login_failures(struct ctx *c, struct str account, struct login_failures *out)
{
    QUERY q = {
        .name = "login_failure.get",
        .sql = "SELECT :cols FROM login_failure WHERE account = UNHEX(?)",
        .row = &failure_row,
        .index = "PRIMARY",
        .global = true,
    };
    error e;
    *out = (struct login_failures){0};
    e = db_one(c, &q, out, P(account));
    return error_is(e, ERR_NOT_FOUND) ? NULL : e;
}

error store_login_failure_add(struct ctx *c, struct str account, int64_t now_ms, int64_t over_ms)
{
    QUERY q = {
        .name = "login_failure.add",
        .sql = "INSERT INTO login_failure (account, opened_ms, n) VALUES (UNHEX(?), ?, 1)"
               " ON DUPLICATE KEY UPDATE n = IF(opened_ms <= ?, 1, n + 1),"
               " opened_ms = IF(opened_ms <= ?, VALUES(opened_ms), opened_ms)",
        .global = true,
    };
    return db_run(c, &q, NULL, P(account), P(now_ms), P(over_ms), P(over_ms));
}

error store_login_failure_forget(struct ctx *c, struct str account)
{
    QUERY q = {
        .name = "login_failure.forget",
        .sql = "DELETE FROM login_failure WHERE account = UNHEX(?)",
        .index = "PRIMARY",
        .global = true,
    };
    return db_run(c, &q, NULL, P(account));
}

error store_login_failure_purge(struct ctx *c, int64_t before_ms, uint64_t *purged)
{
    QUERY q = {
        .name = "login_failure.purge",
        .sql = "DELETE FROM login_failure WHERE opened_ms < ? ORDER BY opened_ms LIMIT 1000",
        .index = "by_age",
        .global = true,
    };
    return db_run(c, &q, purged, P(before_ms));
}
