/* sealed.c: the statements that seal stored secrets anew, two for each column that holds some. */
#include "store/sealed.h"

#include "db/db.h"
#include "store/idempotency.h"

#define AT(member) offsetof(struct sealed, member)
static const struct col account_cols[] = {
    {"tenant_id", COL_ID, AT(tenant)},
    {"livemode", COL_BOOL, AT(live)},
    {"token_sealed", COL_TEXT, AT(text)},
};
static const struct col answer_cols[] = {
    {"tenant_id", COL_ID, AT(tenant)},      {"livemode", COL_BOOL, AT(live)},
    {"principal", COL_TEXT, AT(principal)}, {"idempotency_key", COL_TEXT, AT(key)},
    {"body_sealed", COL_TEXT, AT(text)},
};
static const struct col signing_cols[] = {
    {"id", COL_ID, AT(id)},
    {"sealed", COL_TEXT, AT(text)},
};
static const struct col webhook_cols[] = {
    {"tenant_id", COL_ID, AT(tenant)},
    {"livemode", COL_BOOL, AT(live)},
    {"id", COL_ID, AT(id)},
    {"secret_sealed", COL_TEXT, AT(text)},
};
static const struct col old_webhook_cols[] = {
    {"tenant_id", COL_ID, AT(tenant)},
    {"livemode", COL_BOOL, AT(live)},
    {"id", COL_ID, AT(id)},
    {"old_sealed", COL_TEXT, AT(text)},
};
#undef AT
static const struct row account_row = ROW(struct sealed, account_cols);
static const struct row answer_row = ROW(struct sealed, answer_cols);
static const struct row signing_row = ROW(struct sealed, signing_cols);
static const struct row webhook_row = ROW(struct sealed, webhook_cols);
static const struct row old_webhook_row = ROW(struct sealed, old_webhook_cols);

/* The column is computed from the first byte of what is sealed: the number of its key. Ordered by
 * the index, which goes on with the primary key. */
#define SEALED_BY(table, column, index)                                                            \
    "SELECT :cols FROM " table " FORCE INDEX (" index ") WHERE " column " = ? LIMIT 16 OFFSET ?"

QUERY next_account = {
    .name = "integration.sealed_by",
    .sql = SEALED_BY("integration", "sealed_by", "by_seal"),
    .row = &account_row,
    .index = "by_seal",
    .global = true,
};
QUERY next_answer = {
    .name = "idempotency.sealed_by",
    .sql = SEALED_BY("idempotency", "sealed_by", "by_seal"),
    .row = &answer_row,
    .index = "by_seal",
    .global = true,
};
QUERY next_signing = {
    .name = "signing_key.sealed_by",
    .sql = SEALED_BY("signing_key", "sealed_by", "by_seal"),
    .row = &signing_row,
    .index = "by_seal",
    .global = true,
};
QUERY next_webhook = {
    .name = "webhook.sealed_by",
    .sql = SEALED_BY("webhook", "sealed_by", "by_seal"),
    .row = &webhook_row,
    .index = "by_seal",
    .global = true,
};
QUERY next_old_webhook = {
    .name = "webhook.old_sealed_by",
    .sql = SEALED_BY("webhook", "old_sealed_by", "by_old_seal"),
    .row = &old_webhook_row,
    .index = "by_old_seal",
    .global = true,
};

static struct str of_tenant(struct arena *a, const struct sealed *s)
{
    return arena_str(a, id_str(&s->tenant));
}

static struct str of_id(struct arena *a, const struct sealed *s)
{
    return arena_str(a, id_str(&s->id));
}

static struct str of_answer(struct arena *a, const struct sealed *s)
{
    return idempotency_context(a, &s->tenant, s->live, s->key);
}

static error put_account(struct ctx *c, const struct sealed *old, struct str fresh,
                         uint64_t *changed)
{
    QUERY q = {
        .name = "integration.seal",
        .sql = "UPDATE integration SET token_sealed = ?"
               " WHERE tenant_id = ? AND livemode = ? AND token_sealed = ?",
        .index = "PRIMARY",
        .global = true,
    };
    return db_run(c, &q, changed, P(fresh), P(&old->tenant), P(old->live), P(old->text));
}

static error put_answer(struct ctx *c, const struct sealed *old, struct str fresh,
                        uint64_t *changed)
{
    QUERY q = {
        .name = "idempotency.seal",
        .sql = "UPDATE idempotency SET body_sealed = ? WHERE tenant_id = ? AND livemode = ?"
               " AND principal = ? AND idempotency_key = ? AND body_sealed = ?",
        .index = "PRIMARY",
        .global = true,
    };
    return db_run(c, &q, changed, P(fresh), P(&old->tenant), P(old->live), P(old->principal),
                  P(old->key), P(old->text));
}

static error put_signing(struct ctx *c, const struct sealed *old, struct str fresh,
                         uint64_t *changed)
{
    QUERY q = {
        .name = "signing_key.seal",
        .sql = "UPDATE signing_key SET sealed = ? WHERE id = ? AND sealed = ?",
        .index = "PRIMARY",
        .global = true,
    };
    return db_run(c, &q, changed, P(fresh), P(&old->id), P(old->text));
}

static error put_webhook(struct ctx *c, const struct sealed *old, struct str fresh,
                         uint64_t *changed)
{
    QUERY q = {
        .name = "webhook.seal",
        .sql = "UPDATE webhook SET secret_sealed = ?"
               " WHERE tenant_id = ? AND livemode = ? AND id = ? AND secret_sealed = ?",
        .index = "PRIMARY",
        .global = true,
    };
    return db_run(c, &q, changed, P(fresh), P(&old->tenant), P(old->live), P(&old->id),
                  P(old->text));
}

static error put_old_webhook(struct ctx *c, const struct sealed *old, struct str fresh,
                             uint64_t *changed)
{
    QUERY q = {
        .name = "webhook.old_seal",
        .sql = "UPDATE webhook SET old_sealed = ?"
               " WHERE tenant_id = ? AND livemode = ? AND id = ? AND old_sealed = ?",
        .index = "PRIMARY",
        .global = true,
    };
    return db_run(c, &q, changed, P(fresh), P(&old->tenant), P(old->live), P(&old->id),
                  P(old->text));
}

const struct sealed_kind sealed_kinds[] = {
    {"accounts", &next_account, of_tenant, put_account},
    {"answers", &next_answer, of_answer, put_answer},
    {"signing keys", &next_signing, of_id, put_signing},
    {"webhooks", &next_webhook, of_id, put_webhook},
    /* After the newer ones: a webhook's secret becomes its old one, never the other way round. */
    {"old webhook secrets", &next_old_webhook, of_id, put_old_webhook},
};
const size_t sealed_kinds_count = sizeof sealed_kinds / sizeof *sealed_kinds;

error store_sealed_next(struct ctx *c, const struct sealed_kind *kind, int64_t key_id, int64_t skip,
                        struct list *out)
{
    *out = (struct list){0};
    return db_all(c, kind->next, out, P(key_id), P(skip));
}
