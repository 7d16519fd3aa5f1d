/* followers.c: counts those who follow the connected accounts, once a day, one network a step, as a
 * part of the job that pulls figures. Nothing that goes wrong here may hold that up. */
#include "base/clock.h"
#include "base/log.h"
#include "db/tx.h"
#include "delivery/account.h"
#include "delivery/calls.h"
#include "delivery/health.h"
#include "pipeline/stages.h"
#include "store/follower.h"

enum { DAYS_AT_FIRST = 90 };

/* What the provider told of a network. */
struct answer {
    struct str blog_id;
    enum platform platform;
    struct list counts; /* of struct follower_count */
    struct calls calls;
};

/* Transaction. */
static error store_answer(struct ctx *c, void *arg)
{
    const struct answer *answer = arg;
    const struct follower_count *count = answer->counts.at;
    for (size_t i = 0; i < answer->counts.n; i++)
        TRY(store_follower_put(c, answer->blog_id, answer->platform, count[i].day,
                               count[i].followers));
    TRY(store_follower_asked(c, answer->blog_id, answer->platform, c->now_ms / DAY_MS));
    return calls_enter(c, &answer->calls);
}

/* From the last day that is known, which was not over when it was asked about, up to today. */
static error ask(struct ctx *c, const struct connection *to, struct answer *answer)
{
    int64_t today = c->now_ms / DAY_MS, last = today - DAYS_AT_FIRST + 1;
    error e = store_follower_last_day(c, answer->blog_id, answer->platform, &last);
    if (!error_is(e, ERR_NOT_FOUND))
        TRY(e);
    if (last > today) /* a test clock was set back */
        last = today;
    return publisher_followers(leave(c), &to->account, answer->platform, last, today,
                               &answer->counts);
}

/* Who refuses to tell is asked again tomorrow, who does not answer with the next figures. */
static error count(struct ctx *c, const struct step *s, const struct connection *to,
                   enum platform p)
{
    struct answer answer = {
        .blog_id = to->account.blog_id,
        .platform = p,
        .calls = {.what = S("analytics.followers"), .job = s->job->id},
    };
    error e = ask(c, to, &answer);
    answer.calls.n = to->account.report->calls;
    TRY(connection_note(c, to));
    if (e && !error_is(e, ERR_PROVIDER))
        return e;
    if (e)
        log_event(c, LOG_LEVEL_WARN, "followers.unknown", L_STR("platform", platform_names.at[p]),
                  L_STR("problem", e->cause));
    if (e && to->account.report->news != CALL_FINE)
        return calls_note(c, &answer.calls);
    return in_transaction(c, store_answer, &answer);
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

error followers_run(struct ctx *c, struct step *s, bool *over)
{
    struct connection to;
    struct permission permission;
    enum platform p;
    int64_t asked;
    error e = account_of(c, &to);
    *over = true;
    if (error_is(e, ERR_NOT_CONNECTED) || error_is(e, ERR_PROVIDER))
        return NULL;
    TRY(e);
    TRY(store_follower_asked_on(c, to.account.blog_id, c->now_ms / DAY_MS, &asked));
    p = next_network(to.platforms & publisher_counts_followers() & ~(unsigned)asked, s->job->stage);
    if (p == PLATFORM_NONE)
        return NULL;
    TRY(connection_ask(c, &to, false, &permission));
    if (permission.permit == PERMIT_HELD)
        return NULL;
    *over = false;
    if (permission.permit == PERMIT_LATER)
        return step_pause(s, permission.wait_ms, permission.why);
    TRY(count(c, s, &to, p));
    s->stage = PLATFORM_COUNT + (int)p;
    return step_again(s, c->now_ms);
}
