/* performance.c: GET /analytics/performance: which posts did best, and when they were published. */
#include "domain/performance.h"

#include "api/question.h"
#include "api/routes.h"
#include "base/clock.h"
#include "db/tx.h"
#include "http/reply.h"

static error add_hour(void *arg, const void *row)
{
    const struct metrics_sum *sum = row;
    distribution_add(arg, sum->at, sum->platform, sum->type, &sum->figures);
    return NULL;
}

static int64_t value_of(const struct metrics_rank *x, enum rank by)
{
    switch (by) {
    case RANK_ENGAGEMENTS:
        return x->counts.engagements;
    case RANK_RATE:
        return x->rate;
    case RANK_PUBLISHED:
        return x->post.published_ms;
    case RANK_IMPRESSIONS:
    case RANK_NONE:
        break;
    }
    return x->counts.impressions;
}

static struct ranked_post shown(const struct metrics_rank *x)
{
    return (struct ranked_post){
        .content_id = x->post.content,
        .mission_id = x->post.mission,
        .platform = x->post.platform,
        .type = x->post.type,
        .pillar = x->post.pillar.n ? x->post.pillar : (struct str){0},
        .published_ms = x->post.published_ms,
        .impressions = x->counts.impressions,
        .engagements = x->counts.engagements,
        .engagement_rate = (double)x->rate / 100,
        .link_clicks = x->counts.clicks,
    };
}

/* Where the page begins: at the cursor, or before all. */
static error page_of(struct ctx *c, const struct ranking_query *query, struct rank_page *page)
{
    *page = (struct rank_page){query->sort, INT64_MAX, {"~~~~~~~~~~~~~~~~"}, query->limit + 1};
    if (!query->cursor.p)
        return NULL;
    if (rank_cursor_parse(query->cursor, (enum rank)query->sort, &page->value, &page->content))
        return NULL;
    return error_at(c->arena, ERR_INVALID_REQUEST, S("cursor"),
                    "Must be the next_cursor of an answer with the same sort.");
}

static error read_ranking(struct ctx *c, const struct metrics_range *range,
                          const struct ranking_query *query, struct performance *p)
{
    const struct metrics_rank *x;
    struct ranked_post *posts;
    struct rank_page page;
    struct list found;
    TRY(page_of(c, query, &page));
    TRY(store_metrics_rank(c, range, &page, &found));
    p->has_more = found.n > (size_t)query->limit;
    if (p->has_more)
        found.n--;
    posts = arena_array(c->arena, found.n + 1, sizeof *posts);
    x = found.at;
    for (size_t i = 0; i < found.n; i++)
        posts[i] = shown(&x[i]);
    p->content = (struct list){posts, found.n};
    if (p->has_more) {
        enum rank by = (enum rank)query->sort;
        x += found.n - 1;
        p->next_cursor = rank_cursor(c->arena, by, value_of(x, by), &x->post.content);
    }
    return NULL;
}

static error read_performance(struct ctx *c, void *out)
{
    const struct ranking_query *query = c->req->filter;
    struct distribution *d = ARENA_NEW(c->arena, struct distribution);
    struct performance *p = out;
    struct question q = {0};
    struct metrics_range range;
    TRY(question_settle(c, &query->asked, &q));
    range = question_range(&q);
    *p = (struct performance){.period = period_dates_of(c->arena, &q.period)};
    TRY(read_ranking(c, &range, query, p));
    TRY(store_metrics_each_post_hour(c, &range, add_hour, d));
    performance_distribute(c->arena, d, p);
    return NULL;
}

static error performance(struct ctx *c)
{
    struct performance p;
    TRY(in_snapshot(c, read_performance, &p));
    return reply(c, 200, &performance_shape, &p);
}

const struct route performance_routes[] = {
    {GET, "/analytics/performance", performance, "analytics:read", R_READ | R_REMEMBER | R_AS_OF,
     .query = &ranking_query_shape, .out = &performance_shape,
     .doc = "Which posts did best, and when they were published"},
    {0},
};
