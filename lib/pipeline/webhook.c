/* webhook.c: a job a delivery: tells a webhook of an event, again and again over a day, and stops
 * telling those who do not listen. How it is signed and sent is delivery/'s. */
#include "delivery/webhook.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "db/tx.h"
#include "pipeline/stages.h"
#include "store/webhook.h"

enum { GONE = 410, LEASE_MS = 60 * 1000, PROBLEM_MAX = 300 };

/* How long to wait after each try: a day in all. */
static const int64_t waits_ms[] = {
    5 * 1000,    MINUTE_MS,   5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS,
    3 * HOUR_MS, 4 * HOUR_MS, 6 * HOUR_MS,   8 * HOUR_MS,
};
enum { TRIES = 1 + sizeof waits_ms / sizeof *waits_ms };

struct telling {
    const struct step *step;
    struct webhook webhook;
    struct webhook_delivery delivery;
    struct str disable; /* why the webhook is disabled now; none: it is not */
};

/* Transaction: nobody is told any more, and the other webhooks of the tenant hear of that. */
static error disable(struct ctx *c, const struct telling *t)
{
    struct webhook w;
    error e = store_webhook_lock(c, &t->webhook.id, &w);
    if (error_is(e, ERR_NOT_FOUND) || (!e && !w.enabled))
        return NULL;
    TRY(e);
    w.enabled = false;
    w.disabled_reason = t->disable;
    w.updated_ms = c->now_ms;
    TRY(store_webhook_update(c, &w));
    return store_event_put(c, EVENT_WEBHOOK_DISABLED, shape_text(c->arena, &webhook_shape, &w));
}

static error settle(struct ctx *c, void *arg)
{
    const struct telling *t = arg;
    TRY(store_job_extend(c, t->step->job, clock_ms() + LEASE_MS));
    TRY(store_delivery_update(c, &t->delivery));
    return t->disable.p ? disable(c, t) : NULL;
}

/* What the answer means; the wait until the next try, 0: there is none. */
static int64_t judge(struct ctx *c, struct telling *t, const struct fetch_response *r)
{
    struct webhook_delivery *d = &t->delivery;
    int64_t wait_ms;
    d->attempts++;
    d->http_status = r->status ? r->status : INT_NONE;
    d->problem = (struct str){0};
    d->state = DELIVERY_DELIVERED;
    if (r->verdict == FETCH_DONE && r->status / 100 == 2)
        return 0;
    d->problem = r->verdict == FETCH_DONE ? arena_printf(c->arena, "It answered %d.", r->status)
                                          : str_sub(r->problem, 0, PROBLEM_MAX);
    d->state = DELIVERY_LOST;
    if (r->status == GONE)
        t->disable = S("It answered 410: it is gone.");
    else if (d->attempts >= TRIES)
        t->disable = S("It did not take an event for a day.");
    if (t->disable.p)
        return 0;
    d->state = DELIVERY_PENDING;
    wait_ms = waits_ms[d->attempts - 1];
    return r->retry_after_s * 1000 > wait_ms && r->retry_after_s * 1000 <= DAY_MS
               ? r->retry_after_s * 1000
               : wait_ms;
}

static error tell(struct ctx *c, struct step *s, struct telling *t)
{
    struct fetch_response r;
    int64_t wait_ms;
    TRY(store_job_extend(c, s->job, clock_ms() + LEASE_MS));
    TRY(webhook_send(c, &t->webhook, &t->delivery, &r));
    wait_ms = judge(c, t, &r);
    TRY(in_transaction(c, settle, t));
    if (t->disable.p)
        log_event(c, LOG_LEVEL_WARN, "webhook.disabled", L_STR("url", t->webhook.url),
                  L_STR("cause", t->disable));
    return wait_ms ? step_pause(s, wait_ms, t->delivery.problem) : step_done(s);
}

error webhook_run(struct ctx *c, struct step *s)
{
    struct telling t = {.step = s};
    error e = store_delivery_get(c, &s->job->ref, &t.delivery);
    if (error_is(e, ERR_NOT_FOUND) || (!e && t.delivery.state != DELIVERY_PENDING))
        return step_done(s);
    TRY(e);
    e = store_webhook_get(c, &t.delivery.webhook, &t.webhook);
    if (error_is(e, ERR_NOT_FOUND))
        return step_done(s);
    TRY(e);
    if (t.webhook.enabled)
        return tell(c, s, &t);
    t.delivery.state = DELIVERY_LOST;
    t.delivery.problem = S("The webhook is disabled.");
    TRY(in_transaction(c, settle, &t));
    return step_done(s);
}
