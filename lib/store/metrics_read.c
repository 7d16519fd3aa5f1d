/* metrics_read.c: the questions to the roll-ups and to metric_last. Who writes them is in
 * metrics.c. */
#include <stdlib.h>

#include "base/clock.h"
#include "db/db.h"
#include "domain/content.h"
#include "store/metrics.h"

/* Sums of all missions stand under this one. */
static const struct id all_missions = {"0000000000000000"};

static const struct id *mission_of(const struct id *mission)
{
    return id_is_none(mission) ? &all_missions : mission;
}

#define AT(member) offsetof(struct metrics_sum, member)
#define SUMS                                                                                       \
    {"SUM(posts)", COL_INT, AT(figures.posts)},                                                    \
        {"SUM(impressions)", COL_INT, AT(figures.impressions)},                                    \
        {"SUM(engagements)", COL_INT, AT(figures.engagements)},                                    \
    {                                                                                              \
        "SUM(clicks)", COL_INT, AT(figures.clicks)                                                 \
    }
#define FIGURES                                                                                    \
    {"posts", COL_INT, AT(figures.posts)}, {"impressions", COL_INT, AT(figures.impressions)},      \
        {"engagements", COL_INT, AT(figures.engagements)},                                         \
    {                                                                                              \
        "clicks", COL_INT, AT(figures.clicks)                                                      \
    }
static const struct col day_cols[] = {{"day", COL_INT, AT(at)},
                                      {"platform", COL_ENUM, AT(platform)},
                                      {"best", COL_INT, AT(best)},
                                      FIGURES};
static const struct row day_row = ROW(struct metrics_sum, day_cols);
static const struct col hour_cols[] = {
    {"hour", COL_INT, AT(at)}, {"platform", COL_ENUM, AT(platform)}, FIGURES};
static const struct row hour_row = ROW(struct metrics_sum, hour_cols);
static const struct col platform_cols[] = {{"platform", COL_ENUM, AT(platform)}, SUMS};
static const struct row platform_row = ROW(struct metrics_sum, platform_cols);
static const struct col part_cols[] = {{"platform", COL_ENUM, AT(platform)},
                                       {"type", COL_ENUM, AT(type)},
                                       {"pillar", COL_TEXT, AT(pillar)},
                                       SUMS};
static const struct row part_row = ROW(struct metrics_sum, part_cols);
static const struct col post_cols[] = {{"hour", COL_INT, AT(at)},
                                       {"platform", COL_ENUM, AT(platform)},
                                       {"type", COL_ENUM, AT(type)},
                                       FIGURES};
static const struct row post_row = ROW(struct metrics_sum, post_cols);
static const struct col rollup_cols[] = {
    {"mission_id", COL_ID, AT(mission)},  {"day", COL_INT, AT(at)},
    {"platform", COL_ENUM, AT(platform)}, {"type", COL_ENUM, AT(type)},
    {"pillar", COL_TEXT, AT(pillar)},     FIGURES};
static const struct row rollup_row = ROW(struct metrics_sum, rollup_cols);
static const struct col pillar_cols[] = {{"pillar", COL_TEXT, AT(pillar)}, SUMS};
static const struct row pillar_row = ROW(struct metrics_sum, pillar_cols);
static const struct col first_cols[] = {{"day", COL_INT, 0}};
static const struct col mission_cols[] = {{"mission_id", COL_ID, 0}};
static const struct row mission_row = ROW(struct id, mission_cols);
static const struct row first_row = ROW(int64_t, first_cols);
#undef AT
#define AT(member) offsetof(struct metrics_best, member)
static const struct col best_cols[] = {
    {"day", COL_INT, AT(day)},
    {"platform", COL_ENUM, AT(platform)},
    {"content_id", COL_ID, AT(content)},
    {"impressions", COL_INT, AT(impressions)},
    {"engagements", COL_INT, AT(engagements)},
};
static const struct row best_row = ROW(struct metrics_best, best_cols);
static const struct col copy_cols[] = {{"id", COL_ID, AT(content)}, {"copy", COL_TEXT, AT(copy)}};
static const struct row copy_row = ROW(struct metrics_best, copy_cols);
#undef AT
#define AT(member) offsetof(struct metrics_rank, member)
static const struct col rank_cols[] = {
    {"content_id", COL_ID, AT(post.content)},
    {"mission_id", COL_ID, AT(post.mission)},
    {"platform", COL_ENUM, AT(post.platform)},
    {"type", COL_ENUM, AT(post.type)},
    {"pillar", COL_TEXT, AT(post.pillar)},
    {"published_ms", COL_TIME, AT(post.published_ms)},
    {"impressions", COL_INT, AT(counts.impressions)},
    {"engagements", COL_INT, AT(counts.engagements)},
    {"likes", COL_INT, AT(counts.likes)},
    {"comments", COL_INT, AT(counts.comments)},
    {"shares", COL_INT, AT(counts.shares)},
    {"saves", COL_INT, AT(counts.saves)},
    {"clicks", COL_INT, AT(counts.clicks)},
    {"rate", COL_INT, AT(rate)},
};
static const struct row rank_row = ROW(struct metrics_rank, rank_cols);
#undef AT

/* The rows of a range; the arguments are those of RANGE_OF(). */
#define RANGE(time)                                                                                \
    " WHERE tenant_id = :tenant AND livemode = :live AND mission_id = ?"                           \
    " AND " time " BETWEEN ? AND ? AND (? = 0 OR (? >> platform) & 1)"
#define RANGE_OF(r, first, last)                                                                   \
    P(mission_of(&(r)->mission)), P(first), P(last), P((r)->platform_set), P((r)->platform_set)

/* Adds up the rows of a day and platform, which stand together. Here instead of by GROUP BY: the
 * database takes longer to sum a row up than to hand it out. */
struct merge {
    metrics_fn *fn;
    void *arg;
    struct metrics_sum sum; /* no platform: nothing yet */
};

static error merge_pass(struct merge *m)
{
    return m->sum.platform ? m->fn(m->arg, &m->sum) : NULL;
}

static error merge_row(void *arg, const void *row)
{
    const struct metrics_sum *next = row;
    struct merge *m = arg;
    if (m->sum.at != next->at || m->sum.platform != next->platform) {
        TRY(merge_pass(m));
        m->sum = *next;
        return NULL;
    }
    figures_add(&m->sum.figures, &next->figures);
    if (next->best > m->sum.best)
        m->sum.best = next->best;
    return NULL;
}

error store_metrics_each_day(struct ctx *c, const struct metrics_range *r, metrics_fn *fn,
                             void *arg)
{
    QUERY q = {
        .name = "rollup_day.each",
        .sql = "SELECT :cols FROM rollup_day" RANGE("day") " ORDER BY day, platform",
        .row = &day_row,
        .index = "PRIMARY",
    };
    struct merge m = {.fn = fn, .arg = arg};
    TRY(db_each(c, &q, merge_row, &m, RANGE_OF(r, r->first_day, r->last_day)));
    return merge_pass(&m);
}

error store_metrics_each_hour(struct ctx *c, const struct metrics_range *r, metrics_fn *fn,
                              void *arg)
{
    QUERY q = {
        .name = "rollup_hour.each",
        .sql = "SELECT :cols FROM rollup_hour" RANGE("hour") " ORDER BY hour, platform",
        .row = &hour_row,
        .index = "PRIMARY",
    };
    return db_each(c, &q, fn, arg, RANGE_OF(r, r->first_day * 24, r->last_day * 24 + 23));
}

error store_metrics_by_platform(struct ctx *c, const struct metrics_range *r, struct list *out)
{
    QUERY q = {
        .name = "rollup_day.by_platform",
        .sql = "SELECT :cols FROM rollup_day" RANGE("day") " GROUP BY platform ORDER BY platform"
                                                           " LIMIT 64",
        .row = &platform_row,
        .index = "PRIMARY",
    };
    return db_all(c, &q, out, RANGE_OF(r, r->first_day, r->last_day));
}

error store_metrics_by_pillar(struct ctx *c, const struct metrics_range *r, struct list *out)
{
    QUERY q = {
        .name = "rollup_day.by_pillar",
        .sql = "SELECT :cols FROM rollup_day" RANGE("day") " GROUP BY pillar ORDER BY pillar"
                                                           " LIMIT 200",
        .row = &pillar_row,
        .index = "PRIMARY",
    };
    return db_all(c, &q, out, RANGE_OF(r, r->first_day, r->last_day));
}

error store_metrics_by_part(struct ctx *c, const struct metrics_range *r, struct list *out)
{
    QUERY q = {
        .name = "rollup_day.by_part",
        .sql = "SELECT :cols FROM rollup_day" RANGE("day") " GROUP BY platform, type, pillar"
                                                           " ORDER BY platform, type, pillar"
                                                           " LIMIT 5000",
        .row = &part_row,
        .index = "PRIMARY",
    };
    return db_all(c, &q, out, RANGE_OF(r, r->first_day, r->last_day));
}

error store_metrics_first_day(struct ctx *c, const struct id *mission, int64_t *day)
{
    QUERY q = {
        .name = "rollup_day.first",
        .sql = "SELECT :cols FROM rollup_day WHERE tenant_id = :tenant AND livemode = :live"
               " AND mission_id = ? ORDER BY day LIMIT 1",
        .row = &first_row,
        .index = "PRIMARY",
    };
    return db_one(c, &q, day, P(mission_of(mission)));
}

/* The posts of a day and platform with the most impressions are found at the end of an index. Their
 * texts are no part of it: what is put together of several selects must fit in memory. */
#define DIVE(index, of)                                                                            \
    "(SELECT :cols FROM metric_last FORCE INDEX (" index ")"                                       \
    " WHERE tenant_id = :tenant AND livemode = :live" of " AND day = ? AND platform = ?"           \
    " ORDER BY impressions DESC, content_id DESC LIMIT 5)"
#define BEST(index, of)                                                                            \
    DIVE(index, of)                                                                                \
    " UNION ALL " DIVE(index, of) " UNION ALL " DIVE(index, of) " UNION ALL " DIVE(                \
        index, of) " UNION ALL " DIVE(index, of)

static error find_best(struct ctx *c, const struct id *mission, const struct metrics_place *at,
                       struct list *out)
{
    QUERY of_all = {
        .name = "metric_last.best",
        .sql = BEST("best_of_day", ""),
        .row = &best_row,
        .index = "best_of_day",
    };
    QUERY of_mission = {
        .name = "metric_last.best_of_mission",
        .sql = BEST("best_of_mission", " AND mission_id = ?"),
        .row = &best_row,
        .index = "best_of_mission",
    };
#define PLACE(i) P(at[i].day), P(at[i].platform)
    if (id_is_none(mission))
        return db_all(c, &of_all, out, PLACE(0), PLACE(1), PLACE(2), PLACE(3), PLACE(4));
    return db_all(c, &of_mission, out, P(mission), PLACE(0), P(mission), PLACE(1), P(mission),
                  PLACE(2), P(mission), PLACE(3), P(mission), PLACE(4));
#undef PLACE
}

/* The order that store_metrics_best() promises. */
static int best_first(const void *a, const void *b)
{
    const struct metrics_best *x = a, *y = b;
    if (x->impressions != y->impressions)
        return x->impressions < y->impressions ? 1 : -1;
    if (x->day != y->day)
        return x->day < y->day ? 1 : -1;
    if (x->platform != y->platform)
        return x->platform - y->platform;
    return id_cmp(&y->content, &x->content);
}

static struct str copy_of(const struct list *copies, const struct id *content)
{
    const struct metrics_best *x = copies->at;
    for (size_t i = 0; i < copies->n; i++)
        if (id_eq(&x[i].content, content))
            return x[i].copy;
    return (struct str){0};
}

/* Fills in the texts; posts that have none any more are left out. */
static error add_copies(struct ctx *c, struct list *best)
{
    static const struct id none;
    struct metrics_best *x = (struct metrics_best *)best->at;
    const struct id *id[METRICS_BEST];
    struct list copies;
    size_t n = 0;
    QUERY q = {
        .name = "content.copies",
        .sql = "SELECT :cols FROM content WHERE tenant_id = :tenant AND livemode = :live"
               " AND id IN (?, ?, ?, ?, ?) LIMIT 5",
        .row = &copy_row,
        .index = "PRIMARY",
    };
    for (size_t i = 0; i < METRICS_BEST; i++)
        id[i] = i < best->n ? &x[i].content : &none;
    TRY(db_all(c, &q, &copies, P(id[0]), P(id[1]), P(id[2]), P(id[3]), P(id[4])));
    for (size_t i = 0; i < best->n; i++) {
        x[n] = x[i];
        x[n].copy = copy_of(&copies, &x[i].content);
        n += x[n].copy.p != NULL;
    }
    best->n = n;
    return NULL;
}

error store_metrics_best(struct ctx *c, const struct id *mission,
                         const struct metrics_place at[METRICS_BEST], struct list *out)
{
    *out = (struct list){0};
    if (!at[0].platform)
        return NULL;
    TRY(find_best(c, mission, at, out));
    if (!out->n)
        return NULL;
    qsort((struct metrics_best *)out->at, out->n, sizeof(struct metrics_best), best_first);
    out->n = out->n < METRICS_BEST ? out->n : METRICS_BEST;
    return add_copies(c, out);
}

error store_metrics_each_post_hour(struct ctx *c, const struct metrics_range *r, metrics_fn *fn,
                                   void *arg)
{
    QUERY q = {
        .name = "rollup_post.each",
        .sql = "SELECT :cols FROM rollup_post WHERE tenant_id = :tenant AND livemode = :live"
               " AND hour BETWEEN ? AND ? AND (? = 0 OR (? >> platform) & 1)"
               " ORDER BY hour, platform, type",
        .row = &post_row,
        .index = "PRIMARY",
    };
    return db_each(c, &q, fn, arg, P(r->first_day * 24), P(r->last_day * 24 + 23),
                   P(r->platform_set), P(r->platform_set));
}

/* Posts in the order of an index, from a place in it downwards; those of other periods and
 * platforms are passed over within the index. */
#define PUBLISHED_IN                                                                               \
    " AND published_ms >= ? AND published_ms < ? AND (? = 0 OR (? >> platform) & 1)"
#define RANK(index, key)                                                                           \
    "SELECT :cols FROM metric_last FORCE INDEX (" index ") WHERE tenant_id = :tenant"              \
    " AND livemode = :live" PUBLISHED_IN " AND (" key " < ? OR " key                               \
    " = ? AND content_id < ?) ORDER BY " key " DESC, content_id DESC LIMIT ?"
#define RANK_QUERY(index_name, key)                                                                \
    {                                                                                              \
        .name = "metric_last." index_name, .sql = RANK(index_name, key), .row = &rank_row,         \
        .index = (index_name),                                                                     \
    }

error store_metrics_rank(struct ctx *c, const struct metrics_range *r, const struct rank_page *page,
                         struct list *out)
{
    QUERY by_impressions = RANK_QUERY("by_impressions", "impressions");
    QUERY by_engagements = RANK_QUERY("by_engagements", "engagements");
    QUERY by_rate = RANK_QUERY("by_rate", "rate");
    QUERY by_published = RANK_QUERY("by_published", "published_ms");
    static const struct query *const queries[] = {
        [RANK_NONE] = &by_impressions,        [RANK_IMPRESSIONS] = &by_impressions,
        [RANK_ENGAGEMENTS] = &by_engagements, [RANK_RATE] = &by_rate,
        [RANK_PUBLISHED] = &by_published,
    };
    return db_all(c, queries[page->by], out, P(r->first_day * DAY_MS),
                  P((r->last_day + 1) * DAY_MS), P(r->platform_set), P(r->platform_set),
                  P(page->value), P(page->value), P(&page->content), P(page->limit));
}

error store_metrics_each_post(struct ctx *c, const struct metrics_range *r, metrics_fn *fn,
                              void *arg)
{
    QUERY q = {
        .name = "metric_last.each",
        .sql = "SELECT :cols FROM metric_last FORCE INDEX (by_published) WHERE tenant_id = :tenant"
               " AND livemode = :live" PUBLISHED_IN " ORDER BY published_ms, content_id",
        .row = &rank_row,
        .index = "by_published",
    };
    return db_each(c, &q, fn, arg, P(r->first_day * DAY_MS), P((r->last_day + 1) * DAY_MS),
                   P(r->platform_set), P(r->platform_set));
}

error store_metrics_each_rollup(struct ctx *c, const struct metrics_range *r, metrics_fn *fn,
                                void *arg)
{
    QUERY q = {
        .name = "rollup_day.export",
        .sql = "SELECT :cols FROM rollup_day FORCE INDEX (PRIMARY) WHERE tenant_id = :tenant"
               " AND livemode = :live AND mission_id > '0000000000000000'"
               " AND day BETWEEN ? AND ? AND (? = 0 OR (? >> platform) & 1)"
               " ORDER BY mission_id, day, platform, type, pillar",
        .row = &rollup_row,
        .index = "PRIMARY",
    };
    return db_each(c, &q, fn, arg, P(r->first_day), P(r->last_day), P(r->platform_set),
                   P(r->platform_set));
}

error store_metrics_changed(struct ctx *c, int64_t since_ms, const struct id *after, int64_t limit,
                            struct list *out)
{
    QUERY q = {
        .name = "metric_last.changed",
        .sql = "SELECT :cols FROM metric_last FORCE INDEX (by_change)"
               " WHERE tenant_id = :tenant AND livemode = :live AND changed_ms >= ?"
               " AND mission_id > ? GROUP BY mission_id ORDER BY mission_id LIMIT ?",
        .row = &mission_row,
        .index = "by_change",
    };
    return db_all(c, &q, out, P(since_ms), P(after), P(limit));
}

#define AT(member) offsetof(struct content, member)
static const struct col measure_cols[] = {
    {"content.id", COL_ID, AT(id)},
    {"d.mission_id", COL_ID, AT(mission_id)},
    {"d.platform", COL_ENUM, AT(platform)},
    {"d.type", COL_ENUM, AT(type)},
    {"d.pillar", COL_TEXT, AT(metadata.pillar)},
    {"content.published_ms", COL_TIME, AT(publishing.published_ms)},
    {"platform_post_id", COL_TEXT, AT(publishing.platform_post_id)},
    {"platform_url", COL_TEXT, AT(publishing.platform_url)},
    {"copy", COL_TEXT, AT(copy)},
};
static const struct row measure_row = ROW(struct content, measure_cols);
#undef AT

error store_metrics_to_measure(struct ctx *c, enum platform p, int64_t until_ms, int64_t limit,
                               struct list *out)
{
    QUERY q = {
        .name = "metric_last.to_measure",
        .sql = "SELECT :cols FROM (SELECT content_id, mission_id, platform, type, pillar"
               " FROM metric_last FORCE INDEX (by_due) WHERE tenant_id = :tenant"
               " AND livemode = :live AND platform = ? AND due_ms <= ?"
               " ORDER BY due_ms, content_id LIMIT ?) d STRAIGHT_JOIN content"
               " ON tenant_id = :tenant AND livemode = :live AND id = d.content_id",
        .row = &measure_row,
        .index = "by_due",
    };
    return db_all(c, &q, out, P(p), P(until_ms), P(limit));
}
