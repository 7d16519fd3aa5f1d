/* followers.c: counts those who follow the connected accounts, once a day, as a part of the job
 * that pulls figures. Nothing that goes wrong here may hold that up. */
#include "base/clock.h"
#include "base/log.h"
#include "db/tx.h"
#include "delivery/account.h"
#include "delivery/calls.h"
#include "delivery/health.h"
#include "pipeline/stages.h"
#include "store/follower.h"

enum { DAYS_AT_FIRST = 90, TURN_MS = 1000 /* of a step; then others have theirs */ };

/* What the provider tells of the networks, one after the other. */
struct round {
    struct connection to;
    struct follower_known known[PLATFORM_COUNT];
    struct list counts[PLATFORM_COUNT]; /* of struct follower_count */
    unsigned asked;                     /* bit (1u << PLATFORM_…) each */
    struct calls calls;
};

/* Transaction. */
static error store_round(struct ctx *c, void *arg)
{
    const struct round *r = arg;
    struct follower_day *days;
    size_t n = 0;
    for (int p = 0; p < PLATFORM_COUNT; p++)
        n += r->counts[p].n;
    days = arena_array(c->arena, n + 1, sizeof *days);
    n = 0;
    for (int p = 0; p < PLATFORM_COUNT; p++) {
        const struct follower_count *count = r->counts[p].at;
        for (size_t i = 0; i < r->counts[p].n; i++)
            days[n++] = (struct follower_day){p, count[i].day, count[i].followers};
    }
    TRY(store_follower_put(c, r->to.account.blog_id, days, n));
    TRY(store_follower_asked(c, r->to.account.blog_id, r->asked, c->now_ms / DAY_MS));
    return calls_enter(c, &r->calls);
}

/* From the last day that is known, which was not over when it was asked about, up to today. */
static error ask(struct ctx *c, struct round *r, enum platform p)
{
    int64_t today = c->now_ms / DAY_MS;
    int64_t last = r->known[p].last ? r->known[p].last : today - DAYS_AT_FIRST + 1;
    if (last > today) /* a test clock was set back */
        last = today;
    *r->to.account.report = (struct call_report){0};
    return publisher_followers(leave(c), &r->to.account, p, last, today, &r->counts[p]);
}

/* Who refuses to tell is asked again tomorrow, who does not answer with the next figures. */
static error count(struct ctx *c, struct round *r, enum platform p, bool *told)
{
    error e = ask(c, r, p);
    r->calls.n += r->to.account.report->calls;
    TRY(connection_note(c, &r->to));
    *told = !e;
    if (e && !error_is(e, ERR_PROVIDER))
        return e;
    if (e) {
        log_event(c, LOG_LEVEL_WARN, "followers.unknown", L_STR("platform", platform_names.at[p]),
                  L_STR("problem", e->cause));
        r->counts[p] = (struct list){0};
    }
    if (r->to.account.report->news != CALL_FINE)
        return NULL;
    r->to.last_sync_ms = c->now_ms; /* as it was noted */
    r->asked |= 1u << p;
    return NULL;
}

/* The next network after those that had their turn in this round. */
static enum platform next_network(unsigned set, int stage)
{
    int after = stage > PLATFORM_COUNT ? stage - PLATFORM_COUNT : PLATFORM_NONE;
    for (int p = after + 1; p < PLATFORM_COUNT; p++) {
        if (set >> p & 1)
            return (enum platform)p;
    }
    return PLATFORM_NONE;
}

/* Asks about one network after the other, as long as the account tells, and the step has not lasted
 * too long. */
static error ask_round(struct ctx *c, struct step *s, struct round *r, unsigned set,
                       int64_t *until_ms, bool *over)
{
    int64_t began_ms = clock_ms();
    int stage = analytics_stage(s->job);
    bool told = true;
    enum platform p;
    while ((p = next_network(set, stage)) != PLATFORM_NONE) {
        struct permission permission;
        *over = false;
        if (!told || step_is_stopping(s) || clock_ms() - began_ms > TURN_MS)
            return step_again(s, c->now_ms);
        TRY(job_keep(c, s, until_ms));
        TRY(analytics_ask(c, s, &r->to, &permission));
        *over = permission.permit == PERMIT_HELD;
        if (*over)
            return NULL;
        if (permission.permit == PERMIT_LATER)
            return step_pause(s, permission.wait_ms, permission.why);
        TRY(count(c, r, p, &told));
        s->stage = stage = PLATFORM_COUNT + (int)p;
    }
    *over = true;
    return NULL;
}

error followers_run(struct ctx *c, struct step *s, int64_t *until_ms, bool *over)
{
    struct round r = {.calls = {.what = S("analytics.followers"), .job = s->job->id}};
    unsigned set;
    error e = account_of(c, &r.to);
    *over = true;
    if (error_is(e, ERR_NOT_CONNECTED) || error_is(e, ERR_PROVIDER))
        return NULL;
    TRY(e);
    TRY(store_follower_known(c, r.to.account.blog_id, r.known));
    set = r.to.platforms & publisher_counts_followers();
    for (int p = 0; p < PLATFORM_COUNT; p++) {
        if (r.known[p].asked >= c->now_ms / DAY_MS)
            set &= ~(1u << p);
    }
    if (next_network(set, analytics_stage(s->job)) == PLATFORM_NONE)
        return NULL;
    TRY(ask_round(c, s, &r, set, until_ms, over));
    return r.calls.n ? in_transaction(c, store_round, &r) : NULL;
}
