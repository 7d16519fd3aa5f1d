/* analytics.c: GET /analytics and GET /analytics/missions/:id. Answers are read from roll-ups only,
 * in one snapshot; what each figure means is in docs/analytics.md. */
#include <assert.h>

#include "api/question.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "db/tx.h"
#include "domain/analytics.h"
#include "domain/content.h"
#include "http/reply.h"
#include "store/content.h"
#include "store/cost_read.h"
#include "store/follower.h"
#include "store/metrics.h"
#include "store/mission.h"

/* A question, and the sums that answer it. */
struct sums {
    struct question asked;
    struct series series;
    struct figures current, previous;
    struct figures by_platform[PLATFORM_COUNT];
    struct metrics_place best[METRICS_BEST]; /* where the best posts are, best first */
    int64_t most[METRICS_BEST];
};

static bool contains(const struct period *p, int64_t day)
{
    return day >= p->first && day <= p->last;
}

/* Keeps the places with the highest `best`; of equal ones the later day, then the lower platform.
 */
static void note_best(struct sums *s, const struct metrics_sum *sum)
{
    size_t i = METRICS_BEST;
    if (sum->best < 0)
        return;
    for (; i > 0; i--) {
        const struct metrics_place *other = &s->best[i - 1];
        bool newer = sum->at > other->day;
        if (other->platform &&
            (s->most[i - 1] > sum->best || (s->most[i - 1] == sum->best && !newer)))
            break;
        if (i < METRICS_BEST) {
            s->best[i] = s->best[i - 1];
            s->most[i] = s->most[i - 1];
        }
    }
    if (i == METRICS_BEST)
        return;
    s->best[i] = (struct metrics_place){sum->at, sum->platform};
    s->most[i] = sum->best;
}

static error add_day(void *arg, const void *row)
{
    const struct metrics_sum *sum = row;
    struct sums *s = arg;
    assert(sum->platform > PLATFORM_NONE && sum->platform < PLATFORM_COUNT);
    if (contains(&s->asked.before, sum->at))
        figures_add(&s->previous, &sum->figures);
    if (!contains(&s->asked.period, sum->at))
        return NULL;
    figures_add(&s->current, &sum->figures);
    figures_add(&s->by_platform[sum->platform], &sum->figures);
    note_best(s, sum);
    if (s->series.granularity != GRANULARITY_HOUR)
        series_add(&s->series, sum->at, &sum->figures);
    return NULL;
}

static error add_hour(void *arg, const void *row)
{
    const struct metrics_sum *sum = row;
    struct sums *s = arg;
    series_add(&s->series, sum->at, &sum->figures);
    return NULL;
}

/* Reads the sums of the period and of the one before. */
static error ask(struct ctx *c, struct sums *s)
{
    const struct figures_query *query = c->req->filter;
    enum granularity granularity = (enum granularity)query->granularity;
    struct metrics_range range;
    TRY(question_settle(c, query, &s->asked));
    TRY(series_make(c->arena, &s->asked.period, granularity, &s->series));
    range = question_range(&s->asked);
    if (granularity == GRANULARITY_HOUR)
        TRY(store_metrics_each_hour(c, &range, add_hour, s));
    range.first_day = s->asked.before.first;
    return store_metrics_each_day(c, &range, add_day, s);
}

static bool any(const struct figures *f)
{
    return f->posts || f->impressions || f->engagements || f->clicks;
}

/* The platforms that have figures, and those of `always` whether they have any or not. */
static struct str platforms_text(struct arena *a, const struct sums *q, int64_t always)
{
    struct group groups[PLATFORM_COUNT];
    size_t n = 0;
    for (int p = PLATFORM_NONE + 1; p < PLATFORM_COUNT; p++) {
        if (any(&q->by_platform[p]) || (always >> p & 1))
            groups[n++] = (struct group){platform_names.at[p], q->by_platform[p]};
    }
    return groups_text(a, groups, n);
}

static error top_content(struct ctx *c, const struct sums *q, struct list *out)
{
    const struct metrics_best *best;
    struct top_content *top;
    struct list found;
    struct copy copy;
    TRY(store_metrics_best(c, &q->asked.mission, q->best, &found));
    best = found.at;
    top = arena_array(c->arena, METRICS_BEST, sizeof *top);
    for (size_t i = 0; i < found.n; i++) {
        TRY(shape_parse(c->arena, &copy_shape, best[i].copy, &copy));
        top[i] = (struct top_content){
            .content_id = best[i].content,
            .platform = best[i].platform,
            .impressions = best[i].impressions,
            .engagement_rate = figures_percent(best[i].engagements, best[i].impressions),
            .preview = utf8_prefix(copy.primary, PREVIEW_LENGTH),
        };
    }
    *out = (struct list){top, found.n};
    return NULL;
}

static struct overview_trends trends_of(const struct figures *now, const struct figures *before)
{
    return (struct overview_trends){
        .impressions = trend_of((double)now->impressions, (double)before->impressions),
        .engagements = trend_of((double)now->engagements, (double)before->engagements),
        .engagement_rate = trend_of(figures_rate(now), figures_rate(before)),
    };
}

static error read_overview(struct ctx *c, void *out)
{
    struct overview *o = out;
    struct sums q = {0};
    const struct figures *f = &q.current;
    TRY(ask(c, &q));
    *o = (struct overview){
        .period = period_dates_of(c->arena, &q.asked.period),
        .summary = {.content_published = f->posts,
                    .total_impressions = f->impressions,
                    .total_engagements = f->engagements,
                    .overall_engagement_rate = figures_rate(f),
                    .total_link_clicks = f->clicks},
        .trends = trends_of(&q.current, &q.previous),
        .by_platform = platforms_text(c->arena, &q, 0),
        .time_series = {q.series.points, q.series.n},
    };
    TRY(store_mission_active(c, &o->summary.missions_active));
    TRY(store_follower_gained(c, q.asked.period.first, q.asked.period.last, q.asked.platforms,
                              &o->summary.followers_gained));
    return top_content(c, &q, &o->top_content);
}

static error overview(struct ctx *c)
{
    struct overview o;
    TRY(in_snapshot(c, read_overview, &o));
    return reply(c, 200, &overview_shape, &o);
}

/* What the mission has reached in all its time on a platform, or on all of them. */
static struct figures reached(const struct list *by_platform, int platform)
{
    const struct metrics_sum *sums = by_platform->at;
    struct figures f = {0};
    for (size_t i = 0; i < by_platform->n; i++) {
        if (platform == KPI_ALL || platform == sums[i].platform)
            figures_add(&f, &sums[i].figures);
    }
    return f;
}

/* What the KPI looks at, of what the mission reached on each platform and what it cost. */
static error read_kpi_sums(struct ctx *c, const struct mission *m, const struct kpi *k,
                           const struct list *by_platform, struct kpi_sums *sums)
{
    bool cost = k->metric == KPI_COST_PER_ENGAGEMENT; /* not known by platform */
    int64_t end_ms = c->now_ms < m->ends_ms ? c->now_ms : m->ends_ms;
    sums->figures = reached(by_platform, cost ? KPI_ALL : k->platform);
    if (k->metric != KPI_FOLLOWERS_GAINED)
        return NULL;
    return store_follower_gained(c, m->starts_ms / DAY_MS, end_ms / DAY_MS,
                                 k->platform == KPI_ALL ? m->platform_set
                                                        : INT64_C(1) << k->platform,
                                 &sums->followers_gained);
}

static error read_kpis(struct ctx *c, const struct mission *m, struct list *out)
{
    struct metrics_range life = {.mission = m->id, .last_day = c->now_ms / DAY_MS};
    double passed = share_passed(m->starts_ms, m->ends_ms, c->now_ms);
    struct kpi_progress *progress;
    const struct kpi *kpis;
    struct list read, sums;
    struct kpi_sums of_kpi = {0};
    TRY(mission_kpis(c->arena, m, &read));
    *out = (struct list){0};
    if (!read.n)
        return NULL;
    TRY(store_metrics_by_platform(c, &life, &sums));
    TRY(store_cost_of_mission(c, &m->id, 0, c->now_ms / DAY_MS, &of_kpi.microcents));
    progress = arena_array(c->arena, read.n, sizeof *progress);
    kpis = read.at;
    for (size_t i = 0; i < read.n; i++) {
        TRY(read_kpi_sums(c, m, &kpis[i], &sums, &of_kpi));
        progress[i] = kpi_progress_of(&kpis[i], &of_kpi, passed);
    }
    *out = (struct list){progress, read.n};
    return NULL;
}

static error read_pillars(struct ctx *c, const struct sums *q, struct str *out)
{
    struct metrics_range range = question_range(&q->asked);
    const struct metrics_sum *sums;
    struct group *groups;
    struct list list;
    TRY(store_metrics_by_pillar(c, &range, &list));
    groups = arena_array(c->arena, list.n + 1, sizeof *groups);
    sums = list.at;
    for (size_t i = 0; i < list.n; i++)
        groups[i] = (struct group){sums[i].pillar, sums[i].figures};
    *out = groups_text(c->arena, groups, list.n);
    return NULL;
}

static error read_summary(struct ctx *c, const struct sums *q, struct mission_summary *out)
{
    const struct figures *f = &q->current;
    int64_t states[CONTENT_STATUS_COUNT] = {0}, microcents;
    TRY(store_content_by_state(c, &q->asked.mission, states));
    TRY(store_cost_of_mission(c, &q->asked.mission, q->asked.period.first, q->asked.period.last,
                              &microcents));
    *out = (struct mission_summary){
        .posts_published = f->posts,
        .posts_scheduled = states[CONTENT_SCHEDULED],
        .posts_pending = states[CONTENT_DRAFT] + states[CONTENT_PENDING_REVIEW],
        .impressions = f->impressions,
        .engagements = f->engagements,
        .engagement_rate = figures_rate(f),
        .link_clicks = f->clicks,
        .cost_cents = figures_cents(microcents),
    };
    return NULL;
}

static error read_report(struct ctx *c, void *out)
{
    struct mission_report *r = out;
    struct sums q = {.asked = {.mission = c->req->id[0]}};
    struct mission m;
    int64_t shown;
    TRY(ask(c, &q)); /* first: a bad question about an unknown mission is a bad question */
    TRY(store_mission_get(c, &q.asked.mission, &m));
    shown = q.asked.platforms ? m.platform_set & q.asked.platforms : m.platform_set;
    *r = (struct mission_report){
        .mission_id = m.id,
        .mission_name = m.name,
        .period = period_dates_of(c->arena, &q.asked.period),
        .status = m.status,
        .progress_percent = 100 * share_passed(m.starts_ms, m.ends_ms, c->now_ms),
        .by_platform = platforms_text(c->arena, &q, shown),
        .time_series = {q.series.points, q.series.n},
    };
    TRY(read_summary(c, &q, &r->summary));
    TRY(read_kpis(c, &m, &r->kpis));
    TRY(read_pillars(c, &q, &r->by_pillar));
    return top_content(c, &q, &r->top_content);
}

static error mission_report(struct ctx *c)
{
    struct mission_report r;
    TRY(in_snapshot(c, read_report, &r));
    return reply(c, 200, &mission_report_shape, &r);
}

const struct route analytics_routes[] = {
    {GET, "/analytics", overview, "analytics:read", R_READ | R_REMEMBER | R_AS_OF,
     .query = &figures_query_shape, .out = &overview_shape,
     .doc = "What all missions have reached"},
    {GET, "/analytics/missions/:msn", mission_report, "analytics:read",
     R_READ | R_REMEMBER | R_AS_OF, .query = &figures_query_shape, .out = &mission_report_shape,
     .doc = "What a mission has reached, and how far it is"},
    {0},
};
