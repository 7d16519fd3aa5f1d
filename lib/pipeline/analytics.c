/* analytics.c: the fifth stage, one job a tenant and mode: asks the provider for the figures of
 * what was published, one platform a step, and books them. What is made of them is the API's. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/config.h"
#include "db/tx.h"
#include "delivery/delivery.h"
#include "pipeline/stages.h"
#include "store/content.h"
#include "store/metrics.h"

enum { WATCHED_DAYS = 90, PAGE = 100, PAGE_BYTES = 256 << 20, BOOKED_AT_ONCE = 20 };

/* A page of published content of one platform, and what became of it. */
struct pull {
    const struct content *contents; /* by platform_post_id */
    size_t n;
    struct metrics_total *totals; /* of those of which there are figures */
    size_t totals_count;
    size_t booked;
};

static int by_post(const void *a, const void *b)
{
    const struct content *x = a, *y = b;
    return str_cmp(x->publishing.platform_post_id, y->publishing.platform_post_id);
}

static void add_total(struct pull *p, const struct post_metrics *m)
{
    struct content key = {.publishing = {.platform_post_id = m->platform_post_id}};
    const struct content *x = bsearch(&key, p->contents, p->n, sizeof key, by_post);
    if (!x || !m->platform_post_id.n || p->totals_count == p->n)
        return;
    p->totals[p->totals_count++] = (struct metrics_total){
        .post = {.content = x->id,
                 .mission = x->mission_id,
                 .platform = x->platform,
                 .type = x->type,
                 .pillar = x->metadata.pillar,
                 .published_ms = x->publishing.published_ms},
        .counts = {.impressions = m->impressions,
                   .engagements = m->engagements,
                   .likes = m->likes,
                   .comments = m->comments,
                   .shares = m->shares,
                   .saves = m->saves,
                   .clicks = m->clicks},
    };
}

/* Transaction: a few at a time, since the sums of the day are locked meanwhile. */
static error book(struct ctx *c, void *arg)
{
    const struct pull *p = arg;
    for (size_t i = p->booked; i < p->totals_count && i < p->booked + BOOKED_AT_ONCE; i++)
        TRY(store_metrics_record(c, &p->totals[i]));
    return NULL;
}

/* The figures of a page of content. */
static error pull(struct ctx *c, const struct account *acc, enum platform platform,
                  const struct list *page)
{
    const struct content *x = page->at;
    struct content *sorted = arena_array(c->arena, page->n, sizeof *sorted);
    struct pull p = {.contents = sorted, .n = page->n};
    int64_t from_ms = INT64_MAX, until_ms = 0;
    struct list posts;
    const struct post_metrics *m;
    for (size_t i = 0; i < page->n; i++) {
        int64_t ms = x[i].publishing.published_ms;
        sorted[i] = x[i];
        from_ms = ms < from_ms ? ms : from_ms;
        until_ms = ms > until_ms ? ms : until_ms;
    }
    qsort(sorted, page->n, sizeof *sorted, by_post);
    p.totals = arena_array(c->arena, page->n, sizeof *p.totals);
    TRY(publisher_metrics(leave(c), acc, platform, from_ms - HOUR_MS, until_ms + HOUR_MS, &posts));
    m = posts.at;
    for (size_t i = 0; i < posts.n; i++)
        add_total(&p, &m[i]);
    for (; p.booked < p.totals_count; p.booked += BOOKED_AT_ONCE)
        TRY(in_transaction(c, book, &p));
    return NULL;
}

/* All of a platform's content, page by page. Each page has the arena to itself, for there may be
 * many, and the job is kept meanwhile. */
static error pull_pages(struct ctx *c, const struct step *s, const struct account *acc,
                        enum platform p)
{
    int64_t from_ms = c->now_ms - WATCHED_DAYS * DAY_MS;
    struct id after = {{0}};
    struct list page;
    do {
        const struct content *x;
        arena_reset(c->arena);
        TRY(store_job_extend(c, s->job, clock_ms() + c->config->lease_s * 1000));
        TRY(store_content_published(c, p, from_ms, &after, PAGE, &page));
        x = page.at;
        if (page.n)
            after = x[page.n - 1].id;
        if (page.n)
            TRY(pull(c, acc, p, &page));
    } while (page.n == PAGE);
    return NULL;
}

static error pull_platform(struct ctx *c, const struct step *s, const struct account *acc,
                           enum platform p)
{
    struct ctx own = *c;
    error e;
    own.arena = arena_new(PAGE_BYTES);
    e = pull_pages(&own, s, acc, p);
    if (e)
        e = error_because(c->arena, e->code, "%.*s", STR(e->cause.p ? e->cause : e->message));
    acc->report->problem = arena_str(c->arena, acc->report->problem);
    arena_free(own.arena);
    return e;
}

/* The next platform after job->stage of which something is out. */
static error next_platform(struct ctx *c, const struct job *j, enum platform *p)
{
    struct id from_the_first = {{0}};
    int64_t from_ms = c->now_ms - WATCHED_DAYS * DAY_MS;
    struct list any;
    for (int i = j->stage + 1; i < PLATFORM_COUNT; i++) {
        *p = (enum platform)i;
        TRY(store_content_published(c, *p, from_ms, &from_the_first, 1, &any));
        if (any.n)
            return NULL;
    }
    *p = PLATFORM_NONE;
    return NULL;
}

/* All platforms have had their turn. Far behind the clock, once a day is often enough. */
static error rest(struct ctx *c, struct step *s)
{
    struct id from_the_first = {{0}};
    struct list any;
    int64_t pause_ms = c->config->metrics_interval_s * 1000;
    TRY(store_content_published(c, PLATFORM_NONE, c->now_ms - WATCHED_DAYS * DAY_MS,
                                &from_the_first, 1, &any));
    if (!any.n)
        return step_done(s);
    if (pause_ms < DAY_MS && s->clock_ms - c->now_ms > DAY_MS)
        pause_ms = DAY_MS;
    s->stage = PLATFORM_NONE;
    return step_again(s, c->now_ms + pause_ms);
}

error analytics_run(struct ctx *c, struct step *s)
{
    enum platform p;
    struct connection to;
    struct permission permission;
    error e;
    TRY(next_platform(c, s->job, &p));
    if (p == PLATFORM_NONE)
        return rest(c, s);
    e = account_of(c, &to);
    if (error_is(e, ERR_NOT_CONNECTED)) /* whoever connects one publishes, and that puts the job */
        return step_done(s);
    TRY(e);
    TRY(connection_ask(c, &to, false, &permission));
    if (permission.permit != PERMIT_NOW)
        return step_pause(s, permission.wait_ms, permission.why);
    e = pull_platform(c, s, &to.account, p);
    TRY(connection_note(c, &to));
    if (error_is(e, ERR_PROVIDER) && s->last_try) /* not the end of all figures */
        return rest(c, s);
    TRY(e);
    s->stage = (int)p;
    return step_again(s, c->now_ms);
}
