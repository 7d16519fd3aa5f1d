/* health.c: keeps the books of the account at the provider: state, failures, pace. The protocol of
 * a post is delivery.c's. */
#include "delivery/health.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/utf8.h"
#include "db/tx.h"
#include "store/audit.h"
#include "store/job.h"
#include "store/webhook.h"

enum {
    DEGRADED_AFTER = 2, /* failures in a row */
    BURST = 5,          /* so many calls may be made up for at once */
    HEARD_EVERY_MS = 60 * 1000,
    HELD_MS = 10 * 60 * 1000, /* how often somebody looks whether it was connected again */
    LIMITED_MS = 10 * 1000,   /* 429 without a Retry-After */
    PAUSE_MAX_MS = 15 * 60 * 1000,
    PROBE_SPARE_MS = 5000,
    PROBLEM_MAX = 225
};

bool integration_is_usable(int status)
{
    return status == INTEGRATION_HEALTHY || status == INTEGRATION_DEGRADED;
}

/* Half of it, and a random part of the other half. */
static int64_t jittered(int64_t ms)
{
    uint32_t half = (uint32_t)(ms / 2);
    return ms - half + crypto_random_below(half + 1);
}

/* What is shown to those who want to hear how the integration is. */
struct news {
    struct str provider, blog_id, blog_name, last_error;
};
#define AT(member) offsetof(struct news, member)
static const struct field news_fields[] = {
    {.name = S("provider"), .kind = F_TEXT, .at = AT(provider)},
    {.name = S("blog_id"), .kind = F_TEXT, .at = AT(blog_id)},
    {.name = S("blog_name"), .kind = F_TEXT, .at = AT(blog_name)},
    {.name = S("last_error"), .kind = F_TEXT, .at = AT(last_error)},
};
#undef AT
static const struct shape news_shape = SHAPE("integration_news", struct news, news_fields);

/* It went wrong for good, or is there (again). */
static error tell(struct ctx *c, int before, const struct integration *i)
{
    struct news news = {S("metricool"), i->blog_id, i->blog_name, i->last_error};
    bool error_now = i->status == INTEGRATION_ERROR && before != INTEGRATION_ERROR;
    bool there_now = integration_is_usable(i->status) && !integration_is_usable(before);
    if (!error_now && !there_now)
        return NULL;
    return store_event_put(c, error_now ? EVENT_INTEGRATION_ERROR : EVENT_INTEGRATION_CONNECTED,
                           shape_text(c->arena, &news_shape, &news));
}

/* Transaction: the one place that every change of an integration's status comes past. What waited
 * for an account goes on as soon as there is one. */
static error became(struct ctx *c, int before, const struct integration *i)
{
    static const struct str names[] = {S("none"), S("healthy"), S("degraded"), S("error"),
                                       S("disconnected")};
    if (before == i->status)
        return NULL;
    log_event(c, LOG_LEVEL_WARN, "integration.status", L_STR("from", names[before]),
              L_STR("to", names[i->status]), L_STR("problem", i->last_error));
    TRY(tell(c, before, i));
    if (i->status == INTEGRATION_ERROR)
        TRY(store_audit_system(c, S("holdIntegration"), (struct str){0}, NULL, i->last_error));
    if (integration_is_usable(before) || !integration_is_usable(i->status))
        return NULL;
    return store_job_wake(c, JOB_CONTENT_PUBLISH, JOB_STAGE_HELD);
}

error connection_put(struct ctx *c, const struct integration *i)
{
    struct integration before, now = *i;
    error e = store_integration_lock(c, &before);
    if (!error_is(e, ERR_NOT_FOUND))
        TRY(e);
    if (!e && !now.pinterest_board_id.p && str_eq(now.blog_id, before.blog_id))
        now.pinterest_board_id = before.pinterest_board_id;
    TRY(store_integration_put(c, &now));
    return became(c, before.status, &now);
}

/* Milliseconds from one call to the next; 0: as they come. */
static int64_t interval_ms(const struct ctx *c)
{
    int64_t calls =
        c->scope.live ? c->config->metricool_calls_per_minute : c->config->sandbox_calls_per_minute;
    return calls > 0 ? MINUTE_MS / calls : 0;
}

static bool is_broken(const struct ctx *c, const struct integration *i)
{
    return c->config->breaker_failures > 0 && i->failures >= c->config->breaker_failures;
}

struct question {
    const struct connection *to;
    bool reserved;
    struct permission *out;
};

static void hold_back(struct permission *out, int64_t wait_ms, struct str why)
{
    *out = (struct permission){PERMIT_HELD, wait_ms, why};
}

/* After so many failures one caller tries; the others wait for what becomes of it. */
static void let_one_try(struct ctx *c, struct integration *i, int64_t real_ms)
{
    if (is_broken(c, i))
        i->pause_ms = real_ms + c->config->metricool_timeout_ms + PROBE_SPARE_MS;
}

/* Transaction. */
static error decide(struct ctx *c, void *arg)
{
    const struct question *q = arg;
    struct permission *out = q->out;
    struct integration i;
    int64_t real_ms = clock_ms(), interval = interval_ms(c);
    TRY(store_integration_lock(c, &i));
    *out = (struct permission){.permit = PERMIT_NOW};
    if (!integration_is_usable(i.status) || i.connected_ms != q->to->connected_ms) {
        hold_back(out, jittered(HELD_MS), S("The account has to be connected again."));
        return NULL;
    }
    if (i.pause_ms > real_ms) {
        int64_t pause = i.pause_ms - real_ms;
        hold_back(out, pause + crypto_random_below((uint32_t)pause + 1000), i.last_error);
        return NULL;
    }
    if (!q->reserved) {
        int64_t at_ms = real_ms - BURST * interval;
        at_ms = i.slot_ms > at_ms ? i.slot_ms : at_ms;
        i.slot_ms = at_ms + interval;
        if (interval && at_ms > real_ms)
            *out = (struct permission){PERMIT_LATER, at_ms - real_ms,
                                       S("Metricool takes so many calls a minute.")};
    }
    if (out->permit == PERMIT_NOW)
        let_one_try(c, &i, real_ms);
    return store_integration_health(c, &i);
}

error connection_ask(struct ctx *c, const struct connection *to, bool reserved,
                     struct permission *out)
{
    struct question q = {to, reserved, out};
    *out = (struct permission){.permit = PERMIT_NOW};
    if (to->status == INTEGRATION_HEALTHY && !to->failures && to->pause_ms <= clock_ms() &&
        (reserved || !interval_ms(c)))
        return NULL; /* nothing that would have to be counted */
    return in_transaction(c, decide, &q);
}

/* The more often it failed, the longer it is left alone. */
static int64_t breaker_pause(const struct ctx *c, const struct integration *i)
{
    int64_t ms = c->config->breaker_pause_s * 1000;
    for (int64_t n = c->config->breaker_failures; n < i->failures && ms < PAUSE_MAX_MS; n++)
        ms *= 2;
    return jittered(ms < PAUSE_MAX_MS ? ms : PAUSE_MAX_MS);
}

static void take_bad_news(struct ctx *c, struct integration *i, const struct call_report *r)
{
    int64_t real_ms = clock_ms();
    i->last_error = utf8_prefix(r->problem, PROBLEM_MAX);
    if (r->news == CALL_REVOKED) {
        i->status = INTEGRATION_ERROR;
    } else if (r->news == CALL_LIMITED) {
        i->status = INTEGRATION_DEGRADED;
        i->pause_ms = real_ms + (r->retry_after_s ? r->retry_after_s * 1000 : LIMITED_MS);
    } else {
        i->failures++;
        if (i->failures >= DEGRADED_AFTER)
            i->status = INTEGRATION_DEGRADED;
        if (is_broken(c, i))
            i->pause_ms = real_ms + breaker_pause(c, i);
    }
}

/* Transaction. */
static error note(struct ctx *c, void *arg)
{
    const struct connection *to = arg;
    const struct call_report *r = to->account.report;
    struct integration i;
    int before;
    TRY(store_integration_lock(c, &i));
    before = i.status;
    if (i.connected_ms != to->connected_ms || before == INTEGRATION_DISCONNECTED)
        return NULL;
    if (before == INTEGRATION_ERROR && integration_is_usable((int)to->status))
        return NULL; /* asked before the token was refused: this is old news */
    i.latency_ms = r->latency_ms;
    i.slot_ms += (r->calls - 1) * interval_ms(c);
    if (r->news == CALL_FINE) {
        bool paused = i.pause_ms > 0;
        i.status = INTEGRATION_HEALTHY;
        i.failures = i.pause_ms = 0;
        i.last_sync_ms = c->now_ms;
        i.last_error = (struct str){0};
        if (paused) /* what waited for the end of the pause need wait no more */
            TRY(store_job_wake(c, JOB_CONTENT_PUBLISH, JOB_STAGE_HELD));
    } else if (before != INTEGRATION_ERROR) {
        take_bad_news(c, &i, r);
    }
    TRY(store_integration_health(c, &i));
    return became(c, before, &i);
}

error connection_note(struct ctx *c, const struct connection *to)
{
    struct connection copy = *to; /* in_transaction() hands out what may be written to */
    const struct call_report *r = to->account.report;
    bool calm = to->status == INTEGRATION_HEALTHY && !to->failures && !to->pause_ms;
    int64_t heard_ms = c->now_ms - to->last_sync_ms;
    if (!r || !r->calls)
        return NULL;
    if (r->news == CALL_FINE && calm && heard_ms >= 0 && heard_ms < HEARD_EVERY_MS &&
        (r->calls == 1 || !interval_ms(c)))
        return NULL;
    return in_transaction(c, note, &copy);
}
