/* metrics_rebuild.c: makes the roll-ups of figures anew from what came in, and forgets old hours.
 * What a roll-up is, is said a second time here; a test compares the two. */
#include "base/clock.h"
#include "db/db.h"
#include "store/metrics.h"

static const struct col count_cols[] = {{"COUNT(*)", COL_INT, 0}};
static const struct row count_row = ROW(int64_t, count_cols);

/* Everything of the tenant and mode. */
#define MINE " WHERE tenant_id = :tenant AND livemode = :live"

/* Whoever books a gain or a publication waits: this locks all posts, and the gaps between them. */
static error lock_posts(struct ctx *c)
{
    QUERY q = {
        .name = "metric_last.lock_all",
        .sql = "SELECT :cols FROM metric_last FORCE INDEX (PRIMARY)" MINE " FOR UPDATE",
        .row = &count_row,
        .index = "PRIMARY",
    };
    int64_t n;
    return db_one(c, &q, &n);
}

/* What was gained, with what it counts under. The posts come first: there are fewer. */
#define GAINS                                                                                      \
    " FROM metric_last m FORCE INDEX (PRIMARY) STRAIGHT_JOIN metric_gain g"                        \
    " ON g.tenant_id = :tenant AND g.livemode = :live AND g.content_id = m.content_id"             \
    " WHERE m.tenant_id = :tenant AND m.livemode = :live"
#define GAINED " SUM(g.impressions), SUM(g.engagements), SUM(g.clicks)"
#define SUMS " SUM(posts), SUM(impressions), SUM(engagements), SUM(clicks)"

static error rebuild_days(struct ctx *c)
{
    QUERY clear = {
        .name = "rollup_day.clear",
        .sql = "DELETE FROM rollup_day" MINE,
        .index = "PRIMARY",
    };
    QUERY gains = {
        .name = "rollup_day.gains",
        .sql = "INSERT INTO rollup_day (tenant_id, livemode, mission_id, day, platform, type,"
               " pillar, posts, impressions, engagements, clicks, best) SELECT :tenant, :live,"
               " m.mission_id, g.hour DIV 24 AS d, m.platform, m.type, m.pillar, 0," GAINED
               ", -1" GAINS " GROUP BY m.mission_id, d, m.platform, m.type, m.pillar",
        .index = "PRIMARY",
    };
    QUERY posts = {
        .name = "rollup_day.posts",
        .sql = "INSERT INTO rollup_day (tenant_id, livemode, mission_id, day, platform, type,"
               " pillar, posts, impressions, engagements, clicks, best) SELECT :tenant, :live,"
               " mission_id, day, platform, type, pillar, COUNT(*), 0, 0, 0, MAX(impressions)"
               " FROM metric_last FORCE INDEX (PRIMARY)" MINE
               " GROUP BY mission_id, day, platform, type, pillar"
               " ON DUPLICATE KEY UPDATE posts = VALUES(posts), best = VALUES(best)",
        .index = "PRIMARY",
    };
    QUERY all = {
        .name = "rollup_day.all",
        .sql = "INSERT INTO rollup_day (tenant_id, livemode, mission_id, day, platform, type,"
               " pillar, posts, impressions, engagements, clicks, best) SELECT :tenant, :live,"
               " '0000000000000000', day, platform, type, ''," SUMS ", MAX(best)"
               " FROM rollup_day FORCE INDEX (PRIMARY)" MINE " GROUP BY day, platform, type",
        .index = "PRIMARY",
    };
    TRY(db_run(c, &clear, NULL));
    TRY(db_run(c, &gains, NULL));
    TRY(db_run(c, &posts, NULL));
    return db_run(c, &all, NULL);
}

static error rebuild_hours(struct ctx *c, int64_t first)
{
    QUERY clear = {
        .name = "rollup_hour.clear",
        .sql = "DELETE FROM rollup_hour" MINE,
        .index = "PRIMARY",
    };
    QUERY gains = {
        .name = "rollup_hour.gains",
        .sql = "INSERT INTO rollup_hour (tenant_id, livemode, mission_id, hour, platform, posts,"
               " impressions, engagements, clicks) SELECT :tenant, :live, m.mission_id, g.hour,"
               " m.platform, 0," GAINED GAINS
               " AND g.hour >= ? GROUP BY m.mission_id, g.hour, m.platform",
        .index = "PRIMARY",
    };
    QUERY posts = {
        .name = "rollup_hour.posts",
        .sql = "INSERT INTO rollup_hour (tenant_id, livemode, mission_id, hour, platform, posts,"
               " impressions, engagements, clicks) SELECT :tenant, :live, mission_id,"
               " published_ms DIV 3600000 AS h, platform, COUNT(*), 0, 0, 0"
               " FROM metric_last FORCE INDEX (by_published)" MINE " AND published_ms >= ?"
               " GROUP BY mission_id, h, platform"
               " ON DUPLICATE KEY UPDATE posts = VALUES(posts)",
        .index = "by_published",
    };
    QUERY all = {
        .name = "rollup_hour.all",
        .sql = "INSERT INTO rollup_hour (tenant_id, livemode, mission_id, hour, platform, posts,"
               " impressions, engagements, clicks) SELECT :tenant, :live, '0000000000000000',"
               " hour, platform," SUMS " FROM rollup_hour FORCE INDEX (PRIMARY)" MINE
               " GROUP BY hour, platform",
        .index = "PRIMARY",
    };
    TRY(db_run(c, &clear, NULL));
    TRY(db_run(c, &gains, NULL, P(first)));
    TRY(db_run(c, &posts, NULL, P(first * HOUR_MS)));
    return db_run(c, &all, NULL);
}

static error rebuild_posts(struct ctx *c)
{
    QUERY clear = {
        .name = "rollup_post.clear",
        .sql = "DELETE FROM rollup_post" MINE,
        .index = "PRIMARY",
    };
    QUERY posts = {
        .name = "rollup_post.posts",
        .sql = "INSERT INTO rollup_post (tenant_id, livemode, hour, platform, type, posts,"
               " impressions, engagements, clicks) SELECT :tenant, :live,"
               " published_ms DIV 3600000 AS h, platform, type, COUNT(*), SUM(impressions),"
               " SUM(engagements), SUM(clicks) FROM metric_last FORCE INDEX (PRIMARY)" MINE
               " GROUP BY h, platform, type",
        .index = "PRIMARY",
    };
    TRY(db_run(c, &clear, NULL));
    return db_run(c, &posts, NULL);
}

error store_metrics_rebuild(struct ctx *c)
{
    TRY(lock_posts(c));
    TRY(rebuild_days(c));
    TRY(rebuild_hours(c, (c->now_ms / DAY_MS - HOURS_KEPT_DAYS + 1) * 24));
    return rebuild_posts(c);
}

error store_metrics_purge_hours(struct ctx *c, int64_t hour, uint64_t *n)
{
    QUERY q = {
        .name = "rollup_hour.purge",
        .sql = "DELETE FROM rollup_hour WHERE hour < ? ORDER BY hour LIMIT 1000",
        .index = "by_age",
        .global = true,
    };
    return db_run(c, &q, n, P(hour));
}
