/* analytics.c: the fifth stage, one job a tenant and mode: asks the provider for the figures of
 * what was published, one platform a step, and books them; then for followers. What is made of them
 * is the API's. */
#include "base/clock.h"
#include "base/config.h"
#include "db/tx.h"
#include "delivery/calls.h"
#include "delivery/delivery.h"
#include "delivery/measure.h"
#include "pipeline/stages.h"
#include "store/content.h"
#include "store/metrics.h"

enum { PAGE = 100, PAGE_BYTES = 256 << 20, BOOKED_AT_ONCE = 25 };

/* A page of published content of one platform, and what became of it. */
struct pull {
    const struct list *page;
    struct calls calls;
    struct metrics_total *totals; /* of those of which there are figures */
    size_t totals_count;
    size_t booked;
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

static struct metrics_total total_of(const struct content *x, const struct post_metrics *m)
{
    return (struct metrics_total){
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

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Transaction: a few at a time, since the sums of the day are locked meanwhile. */
static error book(struct ctx *c, void *arg)
{
    const struct pull *p = arg;
    return store_metrics_record(c, p->totals + p->booked,
                                smaller(p->totals_count - p->booked, BOOKED_AT_ONCE));
}

/* Transaction: the page has been looked at, whether there were figures or not. Posts of about the
 * same age are due at the same time. */
static error put_off(struct ctx *c, void *arg)
{
    const struct pull *p = arg;
    const struct list *page = p->page;
    const struct content *x = page->at;
    struct id *ids = arena_array(c->arena, page->n, sizeof *ids);
    for (size_t i = 0, n = 0; i < page->n; i++) {
        int64_t due_ms = measure_next_ms(x[i].publishing.published_ms, c->now_ms, interval_ms(c));
        ids[n++] = x[i].id;
        if (i + 1 < page->n &&
            measure_next_ms(x[i + 1].publishing.published_ms, c->now_ms, interval_ms(c)) == due_ms)
            continue;
        TRY(store_metrics_put_off(c, ids, n, due_ms));
        n = 0;
    }
    return calls_enter(c, &p->calls);
}

/* The posts that the provider has of the page's time. */
static error ask(struct ctx *c, const struct account *acc, enum platform platform,
                 const struct list *page, struct list *posts)
{
    const struct content *x = page->at;
    int64_t from_ms = INT64_MAX, until_ms = 0;
    for (size_t i = 0; i < page->n; i++) {
        int64_t ms = x[i].publishing.published_ms;
        from_ms = ms < from_ms ? ms : from_ms;
        until_ms = ms > until_ms ? ms : until_ms;
    }
    return publisher_metrics(leave(c), acc, platform, from_ms - HOUR_MS, until_ms + HOUR_MS, posts);
}

/* The figures of a page of content. */
static error pull(struct ctx *c, const struct step *s, const struct account *acc,
                  enum platform platform, const struct list *page)
{
    struct pull p = {.page = page, .calls = {.what = S("analytics.posts"), .job = s->job->id}};
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
    p.totals = arena_array(c->arena, page->n, sizeof *p.totals);
    for (size_t i = 0; i < posts.n; i++) {
        if (found[i])
            p.totals[p.totals_count++] = total_of(found[i], &m[i]);
    }
    for (; p.booked < p.totals_count; p.booked += BOOKED_AT_ONCE)
        TRY(in_transaction(c, book, &p));
    return in_transaction(c, put_off, &p);
}

/* All of a platform's content that is due, page by page. Each page has the arena to itself, for
 * there may be many, and the job is kept meanwhile. */
static error pull_pages(struct ctx *c, const struct step *s, const struct account *acc,
                        enum platform p)
{
    struct list page;
    do {
        arena_reset(c->arena);
        TRY(store_job_extend(c, s->job, clock_ms() + c->config->lease_s * 1000));
        TRY(store_content_to_measure(c, p, round_ms(c), PAGE, &page));
        if (page.n)
            TRY(pull(c, s, acc, p, &page));
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

/* The next platform after job->stage of which something is due. */
static error next_platform(struct ctx *c, const struct job *j, enum platform *p)
{
    int64_t due_ms;
    for (int i = j->stage + 1; i < PLATFORM_COUNT; i++) {
        *p = (enum platform)i;
        TRY(store_metrics_first_due(c, *p, &due_ms));
        if (due_ms <= round_ms(c))
            return NULL;
    }
    *p = PLATFORM_NONE;
    return NULL;
}

/* All platforms have had their turn. Far behind the clock, once a day is often enough. */
static error rest(struct ctx *c, struct step *s)
{
    int64_t pause_ms = interval_ms(c), next_ms = INT64_MAX;
    for (int p = PLATFORM_NONE + 1; p < PLATFORM_COUNT; p++) {
        int64_t due_ms;
        TRY(store_metrics_first_due(c, (enum platform)p, &due_ms));
        next_ms = due_ms < next_ms ? due_ms : next_ms;
    }
    TRY(optimize_run(c, s));
    if (next_ms == INT64_MAX)
        return step_done(s);
    if (pause_ms < DAY_MS && s->clock_ms - c->now_ms > DAY_MS)
        pause_ms = DAY_MS;
    s->stage = PLATFORM_NONE;
    return step_again(s, next_ms > c->now_ms + pause_ms ? next_ms : c->now_ms + pause_ms);
}

/* Figures are through: followers, then rest. */
static error finish(struct ctx *c, struct step *s)
{
    bool over;
    TRY(followers_run(c, s, &over));
    return over ? rest(c, s) : NULL;
}

error analytics_run(struct ctx *c, struct step *s)
{
    enum platform p;
    struct connection to;
    struct permission permission;
    error e;
    TRY(next_platform(c, s->job, &p));
    if (p == PLATFORM_NONE)
        return finish(c, s);
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
