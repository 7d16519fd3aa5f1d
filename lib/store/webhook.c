/* webhook.c: every statement that touches webhook and webhook_delivery, and nothing else. */
#include "store/webhook.h"

#include "base/clock.h"
#include "db/db.h"
#include "db/tx.h"
#include "store/job.h"

#define AT(member) offsetof(struct webhook, member)
static const struct col cols[] = {
    {"id", COL_ID, AT(id)},
    {"url", COL_TEXT, AT(url)},
    {"description", COL_TEXT, AT(description)},
    {"event_set", COL_INT, AT(event_set)},
    {"enabled", COL_BOOL, AT(enabled)},
    {"disabled_reason", COL_TEXT, AT(disabled_reason)},
    {"secret_sealed", COL_TEXT, AT(secret_sealed)},
    {"old_sealed", COL_TEXT, AT(old_sealed)},
    {"old_until_ms", COL_TIME, AT(old_until_ms)},
    {"livemode", COL_BOOL, AT(livemode)},
    {"created_ms", COL_TIME, AT(created_ms)},
    {"updated_ms", COL_TIME, AT(updated_ms)},
};
#undef AT
static const struct row row = ROW(struct webhook, cols);

#define AT(member) offsetof(struct webhook_delivery, member)
static const struct col delivery_cols[] = {
    {"id", COL_ID, AT(id)},
    {"webhook_id", COL_ID, AT(webhook)},
    {"event_id", COL_ID, AT(event_id)},
    {"event", COL_ENUM, AT(event)},
    {"payload", COL_TEXT, AT(payload)},
    {"state", COL_ENUM, AT(state)},
    {"attempts", COL_INT, AT(attempts)},
    {"http_status", COL_INT, AT(http_status)},
    {"problem", COL_TEXT, AT(problem)},
    {"created_ms", COL_TIME, AT(created_ms)},
    {"updated_ms", COL_TIME, AT(updated_ms)},
};
#undef AT
static const struct row delivery_row = ROW(struct webhook_delivery, delivery_cols);

#define AT(member) offsetof(struct webhook, member)
static const struct col wanting_cols[] = {
    {"id", COL_ID, AT(id)},
    {"event_set", COL_INT, AT(event_set)},
};
#undef AT
static const struct row wanting_row = ROW(struct webhook, wanting_cols);
static const struct col number_cols[] = {{"COUNT(*) AS n", COL_INT, 0}};
static const struct row number_row = ROW(int64_t, number_cols);

#define OF_TENANT " WHERE tenant_id = :tenant AND livemode = :live"

/* Deliveries on their way to the table, each with its job: their ids are what the jobs are about.
 */
struct outbox {
    struct db_rows rows;
    struct job_due *due;
    size_t n;
};

static struct outbox outbox_new(struct arena *a, size_t deliveries)
{
    return (struct outbox){
        .rows = db_rows_new(a, deliveries, 6),
        .due = arena_array(a, deliveries, sizeof(struct job_due)),
    };
}

static void put(struct ctx *c, struct outbox *o, const struct id *webhook, enum webhook_event event,
                const struct id *event_id, struct str payload)
{
    struct job_due *due = &o->due[o->n++];
    *due = (struct job_due){.ref = id_new(c->now_ms), .run_ms = c->now_ms};
    db_rows_add(&o->rows, P(&due->ref), P(webhook), P(event_id), P(event), P(payload),
                P(clock_ms()));
}

static error send_off(struct ctx *c, const struct outbox *o)
{
    QUERY q = {
        .name = "delivery.insert",
        .sql = "INSERT INTO webhook_delivery (tenant_id, livemode, id, webhook_id,"
               " event_id, event, payload, state, kept_from_ms, created_ms, updated_ms)"
               " VALUES (:tenant, :live, ?, ?, ?, ?, ?, 1, ?, :now, :now)",
    };
    TRY(db_run_each(c, &q, &o->rows, NULL));
    return store_jobs_put(c, JOB_WEBHOOK_DELIVER, o->due, o->n);
}

error store_event_put_to(struct ctx *c, const struct id *webhook, enum webhook_event event,
                         const struct id *event_id, struct str data, struct id *id)
{
    struct outbox o = outbox_new(c->arena, 1);
    put(c, &o, webhook, event, event_id,
        webhook_payload(c->arena, event_id, event, c->scope.live, c->now_ms, data));
    TRY(send_off(c, &o));
    *id = o.due->ref;
    return NULL;
}

/* To all webhooks that want it. */
static void put_to_all(struct ctx *c, struct outbox *o, const struct list *webhooks,
                       const struct happened *e)
{
    const struct webhook *w = webhooks->at;
    struct id *id = ARENA_NEW(c->arena, struct id);
    struct str payload;
    *id = id_new(c->now_ms);
    payload = webhook_payload(c->arena, id, e->event, c->scope.live, c->now_ms, e->data);
    for (size_t i = 0; i < webhooks->n; i++)
        if (w[i].event_set & EVENT_BIT(e->event))
            put(c, o, &w[i].id, e->event, id, payload);
}

error store_events_put(struct ctx *c, const struct happened *e, size_t n)
{
    QUERY q = {
        .name = "webhook.wanting",
        .sql = "SELECT :cols FROM webhook" OF_TENANT
               " AND enabled AND event_set & ? ORDER BY id LIMIT 100",
        .row = &wanting_row,
        .index = "PRIMARY",
    };
    struct outbox o;
    struct list webhooks;
    int64_t events = 0;
    for (size_t i = 0; i < n; i++)
        events |= EVENT_BIT(e[i].event);
    if (!n)
        return NULL;
    TRY(db_all(c, &q, &webhooks, P(events)));
    if (!webhooks.n)
        return NULL;
    o = outbox_new(c->arena, n * webhooks.n);
    for (size_t i = 0; i < n; i++)
        put_to_all(c, &o, &webhooks, &e[i]);
    return send_off(c, &o);
}

error store_event_put(struct ctx *c, enum webhook_event event, struct str data)
{
    return store_events_put(c, &(struct happened){event, data}, 1);
}

error store_webhook_insert(struct ctx *c, const struct webhook *w)
{
    QUERY q = {
        .name = "webhook.insert",
        .sql = "INSERT INTO webhook (tenant_id, livemode, id, url, description, event_set, enabled,"
               " secret_sealed, created_ms, updated_ms)"
               " VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?, :now, :now)",
    };
    return db_run(c, &q, NULL, P(&w->id), P(w->url), P(w->description), P(w->event_set),
                  P(w->enabled), P(w->secret_sealed));
}

error store_webhook_update(struct ctx *c, const struct webhook *w)
{
    QUERY q = {
        .name = "webhook.update",
        .sql = "UPDATE webhook SET url = ?, description = ?, event_set = ?, enabled = ?,"
               " disabled_reason = ?, secret_sealed = ?, old_sealed = ?, old_until_ms = ?,"
               " updated_ms = :now" OF_TENANT " AND id = ?",
        .index = "PRIMARY",
    };
    return db_run(c, &q, NULL, P(w->url), P(w->description), P(w->event_set), P(w->enabled),
                  P(w->disabled_reason), P(w->secret_sealed), P(w->old_sealed),
                  param_time(w->old_until_ms), P(&w->id));
}

error store_webhook_delete(struct ctx *c, const struct id *id)
{
    QUERY q = {
        .name = "webhook.delete",
        .sql = "DELETE FROM webhook" OF_TENANT " AND id = ?",
        .index = "PRIMARY",
    };
    QUERY deliveries = {
        .name = "webhook.delete_deliveries",
        .sql = "DELETE FROM webhook_delivery" OF_TENANT " AND webhook_id = ?",
        .index = "by_webhook",
    };
    uint64_t n = 0;
    TRY(db_run(c, &q, &n, P(id)));
    if (!n)
        return error_of(ERR_NOT_FOUND);
    return db_run(c, &deliveries, NULL, P(id));
}

static error read_events(struct ctx *c, error e, struct webhook *w)
{
    TRY(e);
    webhook_read_events(c->arena, w);
    return NULL;
}

error store_webhook_get(struct ctx *c, const struct id *id, struct webhook *out)
{
    QUERY q = {
        .name = "webhook.get",
        .sql = "SELECT :cols FROM webhook" OF_TENANT " AND id = ?",
        .row = &row,
        .index = "PRIMARY",
    };
    *out = (struct webhook){0};
    return read_events(c, db_one(c, &q, out, P(id)), out);
}

error store_webhook_lock(struct ctx *c, const struct id *id, struct webhook *out)
{
    QUERY q = {
        .name = "webhook.lock",
        .sql = "SELECT :cols FROM webhook" OF_TENANT " AND id = ? FOR UPDATE",
        .row = &row,
        .index = "PRIMARY",
    };
    *out = (struct webhook){0};
    return read_events(c, db_one(c, &q, out, P(id)), out);
}

error store_webhook_count(struct ctx *c, int64_t *n)
{
    QUERY q = {
        .name = "webhook.count",
        .sql = "SELECT :cols FROM webhook" OF_TENANT,
        .row = &number_row,
        .index = "PRIMARY",
    };
    return db_one(c, &q, n);
}

/* A page of either table, and its total. */
struct page_read {
    const struct id *webhook; /* NULL: of webhooks */
    const struct page *page;
    struct list *out;
    int64_t *total;
};

static error read_deliveries(struct ctx *c, const struct page_read *r, const struct id *lower,
                             const struct id *upper)
{
    QUERY older = {
        .name = "delivery.page_older",
        .sql = "SELECT :cols FROM webhook_delivery" OF_TENANT
               " AND webhook_id = ? AND id > ? AND id < ? ORDER BY id DESC LIMIT ?",
        .row = &delivery_row,
        .index = "by_webhook",
    };
    QUERY newer = {
        .name = "delivery.page_newer",
        .sql = "SELECT :cols FROM webhook_delivery" OF_TENANT
               " AND webhook_id = ? AND id > ? AND id < ? ORDER BY id ASC LIMIT ?",
        .row = &delivery_row,
        .index = "by_webhook",
    };
    QUERY count = {
        .name = "delivery.count",
        .sql = "SELECT :cols FROM webhook_delivery" OF_TENANT " AND webhook_id = ?",
        .row = &number_row,
        .index = "by_webhook",
    };
    const struct query *q = id_is_none(&r->page->before) ? &older : &newer;
    TRY(db_all(c, q, r->out, P(r->webhook), P(lower), P(upper), P(r->page->limit + 1)));
    return db_one(c, &count, r->total, P(r->webhook));
}

static error read_webhooks(struct ctx *c, const struct page_read *r, const struct id *lower,
                           const struct id *upper)
{
    QUERY older = {
        .name = "webhook.page_older",
        .sql =
            "SELECT :cols FROM webhook" OF_TENANT " AND id > ? AND id < ? ORDER BY id DESC LIMIT ?",
        .row = &row,
        .index = "PRIMARY",
    };
    QUERY newer = {
        .name = "webhook.page_newer",
        .sql =
            "SELECT :cols FROM webhook" OF_TENANT " AND id > ? AND id < ? ORDER BY id ASC LIMIT ?",
        .row = &row,
        .index = "PRIMARY",
    };
    const struct query *q = id_is_none(&r->page->before) ? &older : &newer;
    struct webhook *w;
    TRY(db_all(c, q, r->out, P(lower), P(upper), P(r->page->limit + 1)));
    w = (struct webhook *)r->out->at;
    for (size_t i = 0; i < r->out->n; i++)
        webhook_read_events(c->arena, &w[i]);
    return store_webhook_count(c, r->total);
}

/* Snapshot. */
static error read_and_count(struct ctx *c, void *arg)
{
    static const struct id first = {{'/'}}; /* before '0' */
    const struct page_read *r = arg;
    struct id upper = page_upper(r->page);
    const struct id *lower = id_is_none(&r->page->before) ? &first : &r->page->before;
    return r->webhook ? read_deliveries(c, r, lower, &upper) : read_webhooks(c, r, lower, &upper);
}

error store_webhook_page(struct ctx *c, const struct page *page, struct list *out, bool *more,
                         int64_t *total)
{
    struct page_read r = {NULL, page, out, total};
    TRY(in_snapshot(c, read_and_count, &r));
    page_finish(page, out, sizeof(struct webhook), more);
    return NULL;
}

error store_delivery_page(struct ctx *c, const struct id *webhook, const struct page *page,
                          struct list *out, bool *more, int64_t *total)
{
    struct page_read r = {webhook, page, out, total};
    TRY(in_snapshot(c, read_and_count, &r));
    page_finish(page, out, sizeof(struct webhook_delivery), more);
    return NULL;
}

error store_delivery_get(struct ctx *c, const struct id *id, struct webhook_delivery *out)
{
    QUERY q = {
        .name = "delivery.get",
        .sql = "SELECT :cols FROM webhook_delivery" OF_TENANT " AND id = ?",
        .row = &delivery_row,
        .index = "PRIMARY",
    };
    *out = (struct webhook_delivery){0};
    return db_one(c, &q, out, P(id));
}

error store_delivery_update(struct ctx *c, const struct webhook_delivery *d)
{
    QUERY q = {
        .name = "delivery.update",
        .sql = "UPDATE webhook_delivery SET state = ?, attempts = ?, http_status = ?, problem = ?,"
               " updated_ms = :now" OF_TENANT " AND id = ?",
        .index = "PRIMARY",
    };
    return db_run(c, &q, NULL, P(d->state), P(d->attempts), P(d->http_status), P(d->problem),
                  P(&d->id));
}

error store_delivery_start(struct ctx *c, const struct id *id)
{
    return store_job_put(c, JOB_WEBHOOK_DELIVER, id, c->now_ms, NULL, NULL);
}

error store_delivery_purge(struct ctx *c, int64_t before_ms, uint64_t *deleted)
{
    QUERY q = {
        .name = "delivery.purge",
        .sql = "DELETE FROM webhook_delivery WHERE kept_from_ms < ? ORDER BY kept_from_ms"
               " LIMIT 1000",
        .index = "by_age",
        .global = true,
    };
    return db_run(c, &q, deleted, P(before_ms));
}
