/* housekeeping.c: deletes what is past its time. Nothing that people made. */
#include "work/housekeeping.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "domain/figures.h"
#include "store/cost.h"
#include "store/idempotency.h"
#include "store/identity.h"
#include "store/job.h"
#include "store/metrics.h"
#include "store/rate.h"
#include "store/session.h"
#include "store/team.h"
#include "store/webhook.h"

enum { ROUNDS = 100 };

typedef error purge_fn(struct ctx *c, int64_t before, uint64_t *n);

/* Batch after batch, so that nothing is made faster than it is deleted; *total is how many. */
static error drain(struct ctx *c, purge_fn *purge, int64_t before, uint64_t *total)
{
    uint64_t n = 1;
    *total = 0;
    for (int i = 0; i < ROUNDS && n; i++) {
        TRY(purge(c, before, &n));
        *total += n;
    }
    return NULL;
}

/* Jobs that are over. Those that were given up stay: somebody has to look. */
static error forget_jobs(struct ctx *c, int64_t before_ms)
{
    uint64_t n;
    TRY(drain(c, store_job_purge, before_ms, &n));
    if (n)
        log_event(c, LOG_LEVEL_INFO, "housekeeping.jobs", L_INT("jobs", n));
    return NULL;
}

static error forget_sign_ins(struct ctx *c, int64_t now_ms)
{
    uint64_t sessions = 0, failures = 0, tokens = 0, keys = 0;
    TRY(drain(c, store_session_purge, now_ms, &sessions));
    TRY(drain(c, store_login_failure_purge, now_ms - FAILURES_KEPT_MS, &failures));
    TRY(drain(c, store_token_purge, now_ms - TOKENS_KEPT_MS, &tokens));
    TRY(drain(c, store_key_purge, now_ms - KEYS_KEPT_MS, &keys));
    if (sessions || failures || tokens || keys)
        log_event(c, LOG_LEVEL_INFO, "housekeeping.sign_ins", L_INT("sessions", sessions),
                  L_INT("failures", failures), L_INT("tokens", tokens), L_INT("keys", keys));
    return NULL;
}

static error forget_invitations(struct ctx *c, int64_t now_ms)
{
    uint64_t n;
    TRY(drain(c, store_invitation_purge, now_ms - INVITATIONS_KEPT_MS, &n));
    if (n)
        log_event(c, LOG_LEVEL_INFO, "housekeeping.invitations", L_INT("invitations", n));
    return NULL;
}

error housekeeping(struct ctx *c)
{
    uint64_t answers = 0, windows = 0, hours = 0, costs = 0, deliveries = 0;
    int64_t now_ms = clock_ms();
    TRY(drain(c, store_idempotency_purge, now_ms - ANSWERS_KEPT_MS, &answers));
    TRY(drain(c, store_rate_purge, (now_ms - WINDOWS_KEPT_MS) / 1000, &windows));
    TRY(drain(c, store_metrics_purge_hours, (now_ms / DAY_MS - HOURS_KEPT_DAYS + 1) * 24, &hours));
    TRY(drain(c, store_delivery_purge, now_ms - DELIVERIES_KEPT_MS, &deliveries));
    TRY(store_cost_expire(c, now_ms, &costs));
    TRY(forget_sign_ins(c, now_ms));
    TRY(forget_invitations(c, now_ms));
    TRY(forget_jobs(c, now_ms - c->config->job_days * DAY_MS));
    if (answers || windows || hours || costs || deliveries)
        log_event(c, LOG_LEVEL_INFO, "housekeeping", L_INT("answers", answers),
                  L_INT("windows", windows), L_INT("hours", hours), L_INT("costs", costs),
                  L_INT("deliveries", deliveries));
    return NULL;
}
