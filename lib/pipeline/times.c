/* times.c: where the good hours of a mission's platforms come from: the provider of posts, or what
 * is commonly advised, and the tenant's own results on top. What follows from them for the calendar
 * is domain/'s: times.c, calendar.c. */
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "db/tx.h"
#include "delivery/calls.h"
#include "delivery/health.h"
#include "domain/optimal.h"
#include "pipeline/strategy.h"
#include "store/metrics.h"

enum { LOOKED_AT_DAYS = 90 };

struct schedule charter_schedule(struct arena *a, const struct charter *ch, enum platform p)
{
    struct schedule s = ch->schedule;
    struct week *week;
    if (!ch->times || !ch->times[p].source)
        return s;
    week = ARENA_NEW(a, struct week);
    times_week(&ch->times[p], week);
    s.week = week;
    return s;
}

/* Posts by local hour of publication. */
struct tally {
    struct str zone;
    struct figures (*by_hour)[DAY_HOURS]; /* of each platform */
};

/* An hour since 1970 belongs to the local hour in which it ends, which is that of a post at the
 * full local hour, also where zones are off by half an hour. */
static error add(void *arg, const void *row)
{
    const struct tally *t = arg;
    const struct metrics_sum *s = row;
    struct civil local;
    zone_civil(t->zone, (s->at + 1) * HOUR_MS - 1, &local, NULL);
    if (s->platform > PLATFORM_NONE && s->platform < PLATFORM_COUNT)
        figures_add(&t->by_hour[s->platform][local.hour], &s->figures);
    return NULL;
}

error times_results(struct ctx *c, struct str zone, struct figures (**out)[DAY_HOURS])
{
    int64_t today = c->now_ms / DAY_MS;
    struct metrics_range range = {.first_day = today - LOOKED_AT_DAYS, .last_day = today};
    struct tally t = {zone, arena_array(c->arena, PLATFORM_COUNT, sizeof *t.by_hour)};
    *out = t.by_hour;
    return store_metrics_each_post_hour(c, &range, add, &t);
}

/* Asks the provider about each platform of the account; the first failure ends it. */
static void ask(struct ctx *c, const struct connection *to, const struct charter *ch,
                const struct week **weeks)
{
    const int *platform = ch->platforms.at;
    for (size_t i = 0; i < ch->platforms.n; i++) {
        enum platform p = (enum platform)platform[i];
        struct week *week = ARENA_NEW(c->arena, struct week);
        error e;
        if (!(to->platforms >> p & 1u) || !publisher_offers(p))
            continue;
        e = publisher_best_times(leave(c), &to->account, p, ch->constraints.timezone, week);
        if (!e) {
            weeks[p] = week;
            continue;
        }
        log_event(c, LOG_LEVEL_WARN, "strategy.no_best_times",
                  L_STR("platform", platform_names.at[p]), L_STR("cause", e->cause));
        if (to->account.report->news != CALL_FINE)
            return;
    }
}

/* What the provider has to say; nothing where there is no account, or it is not well. */
static error ask_provider(struct ctx *c, struct step *s, const struct charter *ch,
                          const struct week **weeks)
{
    struct connection to;
    struct permission permission;
    error e = account_of(c, &to);
    if (error_is(e, ERR_NOT_CONNECTED) || error_is(e, ERR_PROVIDER))
        return NULL;
    TRY(e);
    if (!integration_is_usable((int)to.status))
        return NULL;
    TRY(connection_ask(c, &to, false, &permission));
    if (permission.permit == PERMIT_LATER)
        return step_pause(s, permission.wait_ms, permission.why);
    if (permission.permit == PERMIT_HELD)
        return NULL;
    ask(c, &to, ch, weeks);
    TRY(calls_note(c, &(struct calls){S("scheduler.besttimes"), ch->mission->id, s->job->id,
                                      to.account.report->calls}));
    return connection_note(c, &to);
}

error times_find(struct ctx *c, struct step *s, struct charter *ch)
{
    const struct week *weeks[PLATFORM_COUNT] = {0};
    const int *platform = ch->platforms.at;
    struct times *times = arena_array(c->arena, PLATFORM_COUNT, sizeof *times);
    struct figures(*results)[DAY_HOURS] = NULL;
    ch->times = NULL;
    TRY(ask_provider(c, s, ch, weeks));
    if (s->next == STEP_PAUSE)
        return NULL;
    if (c->config->learn)
        TRY(times_results(c, ch->constraints.timezone, &results));
    for (size_t i = 0; i < ch->platforms.n; i++) {
        enum platform p = (enum platform)platform[i];
        struct week week;
        optimal_week(p, &week);
        times[p] = times_make(c->arena, &ch->schedule, weeks[p] ? weeks[p] : &week,
                              weeks[p] ? TIMES_PROVIDER : TIMES_DEFAULT);
        if (results)
            times[p] = times_learn(c->arena, &times[p], results[p]);
    }
    ch->times = times;
    return NULL;
}

error times_load(struct ctx *c, struct charter *ch)
{
    struct times *times = arena_array(c->arena, PLATFORM_COUNT, sizeof *times);
    const struct platform_plan *plans;
    struct strategy s;
    struct str text;
    error e = strategy_text(c, &ch->mission->id, &text);
    if (error_is(e, ERR_NOT_FOUND))
        return NULL; /* it is still to be worked out */
    TRY(e);
    TRY(strategy_read(c->arena, text, &s));
    plans = s.platforms.at;
    for (size_t i = 0; i < s.platforms.n; i++)
        times[plans[i].platform] = plans[i].times;
    ch->times = times;
    return NULL;
}
