/* analytics.c: the fifth stage, one job a tenant and mode: asks the provider for the figures of
 * what was published, one platform after the other, and books them; then for followers. What is
 * made of them is the API's. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/config.h"
#include "db/tx.h"
#include "delivery/calls.h"
#include "delivery/delivery.h"
#include "delivery/measure.h"
#include "pipeline/stages.h"
#include "store/metrics.h"

enum {
    PAGE = 200,
    PAGE_BYTES = 256 << 20,
    TURN_MS = 1000 /* of a step; then others have theirs */
};

/* A post is looked for around the time that it is known to have. */
#define AROUND_MS HOUR_MS

/* A page of published content of one platform, and what became of it. */
struct pull {
    struct calls calls;
    struct metrics_total *totals;
    size_t n;
};

static int64_t interval_ms(const struct ctx *c)
{
    return c->config->metrics_interval_s * 1000;
}

/* What is due by then has its turn now: the posts of a round are not looked at in one instant. */
static int64_t round_ms(const struct ctx *c)
{
    return c->now_ms + interval_ms(c) / 2;
}

/* Content that has been looked at, as far as nothing is told of it. */
static struct metrics_total total_of(const struct ctx *c, const struct content *x)
{
    return (struct metrics_total){
        .post = {.content = x->id,
                 .mission = x->mission_id,
                 .platform = x->platform,
                 .type = x->type,
                 .pillar = x->metadata.pillar,
                 .published_ms = x->publishing.published_ms},
        .due_ms = measure_next_ms(x->publishing.published_ms, c->now_ms, interval_ms(c)),
        .untold = true,
    };
}

static void tell(struct metrics_total *total, const struct post_metrics *m)
{
    total->untold = false;
    total->counts = (struct metrics_counts){.impressions = m->impressions,
                                            .engagements = m->engagements,
                                            .likes = m->likes,
                                            .comments = m->comments,
                                            .shares = m->shares,
                                            .saves = m->saves,
                                            .clicks = m->clicks};
}

/* Transaction: the page has been looked at, whether there were figures or not. */
static error book(struct ctx *c, void *arg)
{
    const struct pull *p = arg;
    TRY(calls_enter(c, &p->calls));
    return store_metrics_record(c, p->totals, p->n);
}

static int by_time(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void append(struct arena *a, struct list *to, const struct list *posts)
{
    const struct post_metrics *was = to->at, *more = posts->at;
    struct post_metrics *all = arena_array(a, to->n + posts->n + 1, sizeof *all);
    for (size_t i = 0; i < to->n; i++)
        all[i] = was[i];
    for (size_t i = 0; i < posts->n; i++)
        all[to->n + i] = more[i];
    *to = (struct list){all, to->n + posts->n};
}

/* The posts that the provider has of the page's times. Those are seldom evenly spread: young posts
 * are due with old ones, so it is not asked about the time between them. */
static error ask(struct ctx *c, const struct account *acc, enum platform platform,
                 const struct list *page, struct list *posts)
{
    const struct content *x = page->at;
    int64_t *at_ms = arena_array(c->arena, page->n, sizeof *at_ms);
    *posts = (struct list){0};
    for (size_t i = 0; i < page->n; i++)
        at_ms[i] = x[i].publishing.published_ms;
    qsort(at_ms, page->n, sizeof *at_ms, by_time);
    for (size_t first = 0, next = 1; first < page->n; first = next++) {
        struct list some;
        while (next < page->n &&
               at_ms[next] + AROUND_MS < at_ms[first] - AROUND_MS + PUBLISHER_METRICS_MS)
            next++;
        TRY(publisher_metrics(leave(c), acc, platform, at_ms[first] - AROUND_MS,
                              at_ms[next - 1] + AROUND_MS, &some));
        append(c->arena, posts, &some);
    }
    return NULL;
}

/* The figures of a page of content. */
static error pull(struct ctx *c, const struct step *s, const struct account *acc,
                  enum platform platform, const struct list *page)
{
    struct pull p = {.calls = {.what = S("analytics.posts"), .job = s->job->id},
                     .totals = arena_array(c->arena, page->n, sizeof *p.totals),
                     .n = page->n};
    const struct content *x = page->at;
    struct list posts;
    int before = acc->report->calls;
    error e = ask(c, acc, platform, page, &posts);
    p.calls.n = acc->report->calls - before;
    if (e)
        TRY(calls_note(c, &p.calls));
    TRY(e);
    const struct post_metrics *m = posts.at;
    const struct content **found = arena_array(c->arena, posts.n + 1, sizeof(void *));
    TRY(measure_match(c->arena, page, &posts, found));
    for (size_t i = 0; i < page->n; i++)
        p.totals[i] = total_of(c, &x[i]);
    for (size_t i = 0; i < posts.n; i++) {
        if (found[i])
            tell(&p.totals[found[i] - x], &m[i]);
    }
    return in_transaction(c, book, &p);
}

error job_keep(struct ctx *c, const struct step *s, int64_t *until_ms)
{
    int64_t real_ms = clock_ms(), lease_ms = c->config->lease_s * 1000;
    if (*until_ms - real_ms > lease_ms / 2)
        return NULL;
    *until_ms = real_ms + lease_ms;
    return store_job_extend(c, s->job, *until_ms);
}

/* All of a platform's content that is due, page by page. Each page has the arena to itself, for
 * there may be many, and the job is kept meanwhile. */
static error pull_pages(struct ctx *c, const struct step *s, const struct account *acc,
                        enum platform p, int64_t *until_ms)
{
    struct list page;
    do {
        arena_reset(c->arena);
        TRY(job_keep(c, s, until_ms));
        TRY(store_metrics_to_measure(c, p, round_ms(c), PAGE, &page));
        if (page.n)
            TRY(pull(c, s, acc, p, &page));
    } while (page.n == PAGE);
    return NULL;
}

static error pull_platform(struct ctx *c, const struct step *s, const struct account *acc,
                           enum platform p, int64_t *until_ms)
{
    struct ctx own = *c;
    error e;
    own.arena = arena_new(PAGE_BYTES);
    e = pull_pages(&own, s, acc, p, until_ms);
    if (e)
        e = error_because(c->arena, e->code, "%.*s", STR(e->cause.p ? e->cause : e->message));
    acc->report->problem = arena_str(c->arena, acc->report->problem);
    arena_free(own.arena);
    return e;
}

/* All platforms have had their turn. Far behind the clock, once a day is often enough. */
static error rest(struct ctx *c, struct step *s, int64_t *until_ms)
{
    int64_t pause_ms = interval_ms(c), next_ms = INT64_MAX, due_ms[PLATFORM_COUNT];
    TRY(store_metrics_due(c, due_ms));
    for (int p = 0; p < PLATFORM_COUNT; p++)
        next_ms = due_ms[p] < next_ms ? due_ms[p] : next_ms;
    TRY(optimize_run(c, s, until_ms));
    if (next_ms == INT64_MAX)
        return step_done(s);
    if (pause_ms < DAY_MS && s->clock_ms - c->now_ms > DAY_MS)
        pause_ms = DAY_MS;
    s->stage = PLATFORM_NONE;
    return step_again(s, next_ms > c->now_ms + pause_ms ? next_ms : c->now_ms + pause_ms);
}

/* Figures are through: followers, then rest. */
static error finish(struct ctx *c, struct step *s, int64_t *until_ms)
{
    bool over;
    TRY(followers_run(c, s, until_ms, &over));
    return over ? rest(c, s, until_ms) : NULL;
}

int analytics_stage(const struct job *j)
{
    return j->stage & ~JOB_STAGE_PLACE;
}

error analytics_ask(struct ctx *c, struct step *s, const struct connection *to,
                    struct permission *out)
{
    bool kept = (s->stage & JOB_STAGE_PLACE) != 0;
    s->stage &= ~JOB_STAGE_PLACE;
    TRY(connection_ask(c, to, kept, out));
    if (out->permit == PERMIT_LATER)
        s->stage |= JOB_STAGE_PLACE;
    return NULL;
}

/* One platform's turn. *over: the provider could be asked about it, or need not be; else the step
 * has been answered. */
static error measure(struct ctx *c, struct step *s, enum platform p, int64_t *until_ms, bool *over)
{
    struct connection to;
    struct permission permission;
    error e = account_of(c, &to);
    *over = false;
    if (error_is(e, ERR_NOT_CONNECTED)) /* whoever connects one publishes, and that puts the job */
        return step_done(s);
    TRY(e);
    TRY(analytics_ask(c, s, &to, &permission));
    if (permission.permit != PERMIT_NOW)
        return step_pause(s, permission.wait_ms, permission.why);
    e = pull_platform(c, s, &to.account, p, until_ms);
    TRY(connection_note(c, &to));
    if (error_is(e, ERR_PROVIDER) && s->last_try) /* not the end of all figures */
        return rest(c, s, until_ms);
    TRY(e);
    s->stage = (int)p;
    *over = true;
    return NULL;
}

/* The platforms after job->stage of which something is due have their turn one after the other. A
 * step that has lasted leaves the rest to the next one. */
error analytics_run(struct ctx *c, struct step *s)
{
    int64_t until_ms = s->job->locked_until_ms, began_ms = clock_ms(), due_ms[PLATFORM_COUNT];
    bool over;
    TRY(store_metrics_due(c, due_ms));
    for (int p = analytics_stage(s->job) + 1; p < PLATFORM_COUNT; p++) {
        if (due_ms[p] > round_ms(c))
            continue;
        if (step_is_stopping(s) || clock_ms() - began_ms > TURN_MS)
            return step_again(s, c->now_ms);
        TRY(measure(c, s, (enum platform)p, &until_ms, &over));
        if (!over)
            return NULL;
    }
    return finish(c, s, &until_ms);
}
