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
    struct permission *p;
    size_t n;
};

static void hold_back(struct permission *out, int64_t wait_ms, struct str why)
{
    out->permit = PERMIT_HELD;
    out->wait_ms = wait_ms;
    out->why = why;
}

/* After so many failures one caller tries; the others wait for what becomes of it. */
static void let_one_try(struct ctx *c, struct integration *i, int64_t real_ms)
{
    if (is_broken(c, i))
        i->pause_ms = real_ms + c->config->metricool_timeout_ms + PROBE_SPARE_MS;
}

/* A call takes the next free place; one for which there is none yet comes back for it. */
static void decide_one(struct ctx *c, struct integration *i, int64_t real_ms, struct permission *p)
{
    int64_t interval = interval_ms(c);
    p->permit = PERMIT_NOW;
    if (i->pause_ms > real_ms) {
        int64_t pause = i->pause_ms - real_ms;
        hold_back(p, pause + crypto_random_below((uint32_t)pause + 1000), i->last_error);
        return;
    }
    if (!p->reserved) {
        int64_t at_ms = real_ms - BURST * interval;
        at_ms = i->slot_ms > at_ms ? i->slot_ms : at_ms;
        i->slot_ms = at_ms + interval;
        if (interval && at_ms > real_ms) {
            p->permit = PERMIT_LATER;
            p->wait_ms = at_ms - real_ms;
            p->why = S("Metricool takes so many calls a minute.");
        }
    }
    if (p->permit == PERMIT_NOW)
        let_one_try(c, i, real_ms);
}

/* Transaction. */
static error decide(struct ctx *c, void *arg)
{
    const struct question *q = arg;
    struct integration i;
    int64_t real_ms = clock_ms();
    TRY(store_integration_lock(c, &i));
    bool usable = integration_is_usable(i.status) && i.connected_ms == q->to->connected_ms;
    for (size_t k = 0; k < q->n; k++) {
        if (usable)
            decide_one(c, &i, real_ms, &q->p[k]);
        else
            hold_back(&q->p[k], crypto_jitter(HELD_MS),
                      S("The account has to be connected again."));
    }
    return usable ? store_integration_health(c, &i) : NULL;
}

/* There is nothing that would have to be counted. */
static bool is_free(struct ctx *c, const struct connection *to, const struct permission *p,
                    size_t n)
{
    bool counted = false;
    if (to->status != INTEGRATION_HEALTHY || to->failures || to->pause_ms > clock_ms())
        return false;
    for (size_t i = 0; i < n; i++)
        counted |= !p[i].reserved;
    return !counted || !interval_ms(c);
}

error connection_ask_all(struct ctx *c, const struct connection *to, struct permission *p, size_t n)
{
    struct question q = {to, p, n};
    for (size_t i = 0; i < n; i++)
        p[i].permit = PERMIT_NOW;
    return n == 0 || is_free(c, to, p, n) ? NULL : in_transaction(c, decide, &q);
}

error connection_ask(struct ctx *c, const struct connection *to, bool reserved,
                     struct permission *out)
{
    *out = (struct permission){.reserved = reserved};
    return connection_ask_all(c, to, out, 1);
}

/* The more often it failed, the longer it is left alone. */
static int64_t breaker_pause(const struct ctx *c, const struct integration *i)
{
    int64_t ms = c->config->breaker_pause_s * 1000;
    for (int64_t n = c->config->breaker_failures; n < i->failures && ms < PAUSE_MAX_MS; n++)
        ms *= 2;
    return crypto_jitter(ms < PAUSE_MAX_MS ? ms : PAUSE_MAX_MS);
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

/* What is written down of an account. */
struct hearsay {
    const struct connection *to;
    const struct call_report *const *reports;
    size_t n;
    bool *woken;
};

/* Does the account pause because of what was not known when this was asked? The pause of a probe
 * is no such thing. */
static bool is_old(const struct ctx *c, const struct integration *i, const struct connection *to)
{
    return i->pause_ms > clock_ms() && i->pause_ms != to->pause_ms && !is_broken(c, i);
}

static void take_good_news(struct ctx *c, struct integration *i)
{
    i->status = INTEGRATION_HEALTHY;
    i->failures = i->pause_ms = 0;
    i->last_sync_ms = c->now_ms;
    i->last_error = (struct str){0};
}

/* Does this say more of how long the account had better be left alone? */
static bool outweighs(const struct call_report *r, const struct call_report *than)
{
    if (r->news != CALL_REVOKED && r->news != CALL_LIMITED)
        return false;
    return !than || r->news > than->news ||
           (r->news == than->news && r->retry_after_s > than->retry_after_s);
}

/* Calls that were made side by side say nothing of each other's order: one that was refused the
 * token, or asked to wait longest, has the last word, and many that failed together are no more
 * than the breaker needs. */
static void take_news(struct ctx *c, struct integration *i, const struct hearsay *h, bool lost)
{
    const struct call_report *last = NULL;
    bool away = false;
    for (size_t k = 0; k < h->n; k++) {
        const struct call_report *r = h->reports[k];
        i->latency_ms = r->latency_ms;
        i->slot_ms += (r->calls - 1) * interval_ms(c);
        if (outweighs(r, last))
            last = r;
        if (r->news == CALL_FINE && !is_old(c, i, h->to))
            take_good_news(c, i);
        else if (r->news == CALL_AWAY && !lost && (!away || !is_broken(c, i)))
            take_bad_news(c, i, r);
        away |= r->news == CALL_AWAY;
    }
    if (last && !lost)
        take_bad_news(c, i, last);
}

/* Transaction. */
static error note(struct ctx *c, void *arg)
{
    const struct hearsay *h = arg;
    struct integration i;
    int before;
    bool paused;
    *h->woken = false;
    TRY(store_integration_lock(c, &i));
    before = i.status;
    paused = i.pause_ms > 0;
    if (i.connected_ms != h->to->connected_ms || before == INTEGRATION_DISCONNECTED)
        return NULL;
    if (before == INTEGRATION_ERROR && integration_is_usable((int)h->to->status))
        return NULL; /* asked before the token was refused: this is old news */
    take_news(c, &i, h, before == INTEGRATION_ERROR);
    *h->woken = paused && !i.pause_ms;
    if (*h->woken) /* what waited for the end of the pause need wait no more */
        TRY(store_job_wake(c, JOB_CONTENT_PUBLISH, JOB_STAGE_HELD));
    TRY(store_integration_health(c, &i));
    return became(c, before, &i);
}

/* Nothing but what is known of an account that was heard of a moment ago. */
static bool is_no_news(const struct ctx *c, const struct hearsay *h)
{
    const struct connection *to = h->to;
    int64_t heard_ms = c->now_ms - to->last_sync_ms;
    bool same = to->status == INTEGRATION_HEALTHY && !to->failures && !to->pause_ms &&
                heard_ms >= 0 && heard_ms < HEARD_EVERY_MS;
    for (size_t i = 0; i < h->n; i++)
        same &= h->reports[i]->news == CALL_FINE && (h->reports[i]->calls == 1 || !interval_ms(c));
    return same;
}

error connection_note_all(struct ctx *c, const struct connection *to,
                          const struct call_report *const *reports, size_t n, bool *woken)
{
    struct hearsay h = {to, reports, n, woken};
    *woken = false;
    return n == 0 || is_no_news(c, &h) ? NULL : in_transaction(c, note, &h);
}

error connection_note(struct ctx *c, const struct connection *to)
{
    const struct call_report *r = to->account.report;
    bool woken;
    return connection_note_all(c, to, &r, r && r->calls, &woken);
}
