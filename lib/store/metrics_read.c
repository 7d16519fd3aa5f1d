/* metrics_read.c: the questions to rollup_day, rollup_hour, metric_last and cost. Who writes them
 * is in metrics.c and with the ledger. */
#include "base/clock.h"
#include "db/db.h"
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
static const struct col day_cols[] = {
    {"day", COL_INT, AT(at)}, {"platform", COL_ENUM, AT(platform)}, SUMS};
static const struct row day_row = ROW(struct metrics_sum, day_cols);
static const struct col hour_cols[] = {
    {"hour", COL_INT, AT(at)}, {"platform", COL_ENUM, AT(platform)}, SUMS};
static const struct row hour_row = ROW(struct metrics_sum, hour_cols);
static const struct col platform_cols[] = {{"platform", COL_ENUM, AT(platform)}, SUMS};
static const struct row platform_row = ROW(struct metrics_sum, platform_cols);
static const struct col pillar_cols[] = {{"pillar", COL_TEXT, AT(pillar)}, SUMS};
static const struct row pillar_row = ROW(struct metrics_sum, pillar_cols);
static const struct col first_cols[] = {{"day", COL_INT, 0}};
static const struct row first_row = ROW(int64_t, first_cols);
static const struct col cost_cols[] = {{"COALESCE(SUM(micros), 0)", COL_INT, 0}};
static const struct row cost_row = ROW(int64_t, cost_cols);
#undef AT
#define AT(member) offsetof(struct metrics_best, member)
static const struct col best_cols[] = {
    {"m.content_id", COL_ID, AT(content)},
    {"m.platform", COL_ENUM, AT(platform)},
    {"m.impressions", COL_INT, AT(impressions)},
    {"m.engagements", COL_INT, AT(engagements)},
    {"x.copy", COL_TEXT, AT(copy)},
};
static const struct row best_row = ROW(struct metrics_best, best_cols);
#undef AT

/* The rows of a range; the arguments are those of RANGE_OF(). */
#define RANGE(time)                                                                                \
    " WHERE tenant_id = :tenant AND livemode = :live AND mission_id = ?"                           \
    " AND " time " BETWEEN ? AND ? AND (? = 0 OR (? >> platform) & 1)"
#define RANGE_OF(r, first, last)                                                                   \
    P(mission_of(&(r)->mission)), P(first), P(last), P((r)->platform_set), P((r)->platform_set)

error store_metrics_each_day(struct ctx *c, const struct metrics_range *r, metrics_fn *fn,
                             void *arg)
{
    QUERY q = {
        .name = "rollup_day.each",
        .sql = "SELECT :cols FROM rollup_day" RANGE("day") " GROUP BY day, platform"
                                                           " ORDER BY day, platform",
        .row = &day_row,
        .index = "PRIMARY",
    };
    return db_each(c, &q, fn, arg, RANGE_OF(r, r->first_day, r->last_day));
}

error store_metrics_each_hour(struct ctx *c, const struct metrics_range *r, metrics_fn *fn,
                              void *arg)
{
    QUERY q = {
        .name = "rollup_hour.each",
        .sql = "SELECT :cols FROM rollup_hour" RANGE("hour") " GROUP BY hour, platform"
                                                             " ORDER BY hour, platform",
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

/* The ids are found in the index alone; only the best few rows are looked at. Left to itself the
 * optimizer prefers to read whole rows, and to begin with content. */
#define BEST(index, of)                                                                            \
    "SELECT :cols FROM (SELECT content_id FROM metric_last FORCE INDEX (" index ")"                \
    " WHERE tenant_id = :tenant AND livemode = :live" of                                           \
    " AND published_ms >= ? AND published_ms < ? AND (? = 0 OR (? >> platform) & 1)"               \
    " ORDER BY impressions DESC, content_id DESC LIMIT ?) b"                                       \
    " STRAIGHT_JOIN metric_last m ON m.tenant_id = :tenant AND m.livemode = :live"                 \
    " AND m.content_id = b.content_id STRAIGHT_JOIN content x ON x.tenant_id = :tenant"            \
    " AND x.livemode = :live AND x.id = b.content_id"                                              \
    " ORDER BY m.impressions DESC, m.content_id DESC"

error store_metrics_best(struct ctx *c, const struct metrics_range *r, int64_t limit,
                         struct list *out)
{
    QUERY of_all = {
        .name = "metric_last.best",
        .sql = BEST("by_time", ""),
        .row = &best_row,
        .index = "by_time",
    };
    QUERY of_mission = {
        .name = "metric_last.best_of_mission",
        .sql = BEST("by_mission", " AND mission_id = ?"),
        .row = &best_row,
        .index = "by_mission",
    };
    int64_t from_ms = r->first_day * DAY_MS, until_ms = (r->last_day + 1) * DAY_MS;
    if (id_is_none(&r->mission))
        return db_all(c, &of_all, out, P(from_ms), P(until_ms), P(r->platform_set),
                      P(r->platform_set), P(limit));
    return db_all(c, &of_mission, out, P(&r->mission), P(from_ms), P(until_ms), P(r->platform_set),
                  P(r->platform_set), P(limit));
}

error store_metrics_cost(struct ctx *c, const struct id *mission, int64_t from_ms, int64_t until_ms,
                         int64_t *micros)
{
    QUERY q = {
        .name = "cost.of_mission",
        .sql = "SELECT :cols FROM cost WHERE tenant_id = :tenant AND livemode = :live"
               " AND mission_id = ? AND spent_ms >= ? AND spent_ms < ?",
        .row = &cost_row,
        .index = "by_mission",
    };
    return db_one(c, &q, micros, P(mission), P(from_ms), P(until_ms));
}
