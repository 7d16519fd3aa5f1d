/* metrics.c: writes metric_gain, metric_last and the roll-ups of both, in the transaction that
 * brings the figures. Their sums are asked for in metrics_read.c, and made anew in
 * metrics_rebuild.c. */
#include "store/metrics.h"

#include "base/clock.h"
#include "db/db.h"

enum { NO_BEST = -1 /* of a day on which nothing was published */ };

/* What is known of a post. */
#define AT(member) offsetof(struct metrics_total, member)
static const struct col cols[] = {
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
};
#undef AT
static const struct row row = ROW(struct metrics_total, cols);

static struct str pillar_of(const struct metrics_post *post)
{
    return post->pillar.p ? post->pillar : S("");
}

/* Into the sums of the post's mission and of all missions, which have no pillars. `best`: see
 * rollup_day. */
static error roll_up_day(struct ctx *c, const struct metrics_post *post, int64_t day,
                         const struct figures *f, int64_t best)
{
    QUERY q = {
        .name = "rollup_day.add",
        .sql = "INSERT INTO rollup_day (tenant_id, livemode, mission_id, day, platform, type,"
               " pillar, posts, impressions, engagements, clicks, best) VALUES"
               " (:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?),"
               " (:tenant, :live, '0000000000000000', ?, ?, ?, '', ?, ?, ?, ?, ?)"
               " ON DUPLICATE KEY UPDATE posts = posts + VALUES(posts),"
               " impressions = impressions + VALUES(impressions),"
               " engagements = engagements + VALUES(engagements),"
               " clicks = clicks + VALUES(clicks), best = GREATEST(best, VALUES(best))",
    };
    return db_run(c, &q, NULL, P(&post->mission), P(day), P(post->platform), P(post->type),
                  P(pillar_of(post)), P(f->posts), P(f->impressions), P(f->engagements),
                  P(f->clicks), P(best), P(day), P(post->platform), P(post->type), P(f->posts),
                  P(f->impressions), P(f->engagements), P(f->clicks), P(best));
}

static error roll_up_hour(struct ctx *c, const struct metrics_post *post, int64_t hour,
                          const struct figures *f)
{
    QUERY q = {
        .name = "rollup_hour.add",
        .sql = "INSERT INTO rollup_hour (tenant_id, livemode, mission_id, hour, platform, posts,"
               " impressions, engagements, clicks) VALUES"
               " (:tenant, :live, ?, ?, ?, ?, ?, ?, ?),"
               " (:tenant, :live, '0000000000000000', ?, ?, ?, ?, ?, ?)"
               " ON DUPLICATE KEY UPDATE posts = posts + VALUES(posts),"
               " impressions = impressions + VALUES(impressions),"
               " engagements = engagements + VALUES(engagements),"
               " clicks = clicks + VALUES(clicks)",
    };
    return db_run(c, &q, NULL, P(&post->mission), P(hour), P(post->platform), P(f->posts),
                  P(f->impressions), P(f->engagements), P(f->clicks), P(hour), P(post->platform),
                  P(f->posts), P(f->impressions), P(f->engagements), P(f->clicks));
}

/* Into what the posts of its hour of publication have reached. */
static error roll_up_post(struct ctx *c, const struct metrics_post *post, const struct figures *f)
{
    QUERY q = {
        .name = "rollup_post.add",
        .sql = "INSERT INTO rollup_post (tenant_id, livemode, hour, platform, type, posts,"
               " impressions, engagements, clicks) VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?, ?)"
               " ON DUPLICATE KEY UPDATE posts = posts + VALUES(posts),"
               " impressions = impressions + VALUES(impressions),"
               " engagements = engagements + VALUES(engagements),"
               " clicks = clicks + VALUES(clicks)",
    };
    return db_run(c, &q, NULL, P(post->published_ms / HOUR_MS), P(post->platform), P(post->type),
                  P(f->posts), P(f->impressions), P(f->engagements), P(f->clicks));
}

/* The best of the post's day may be another one now. Its rows are locked by roll_up_day(), so what
 * others have booked on that day is seen. */
static error find_best(struct ctx *c, const struct metrics_post *post)
{
    QUERY of_mission = {
        .name = "rollup_day.best_of_mission",
        .sql = "UPDATE rollup_day SET best = (SELECT MAX(m.impressions) FROM metric_last m"
               " FORCE INDEX (best_of_mission) WHERE m.tenant_id = :tenant AND m.livemode = :live"
               " AND m.mission_id = ? AND m.day = ? AND m.platform = ? AND m.type = ?"
               " AND m.pillar = ?) WHERE tenant_id = :tenant AND livemode = :live"
               " AND mission_id = ? AND day = ? AND platform = ? AND type = ? AND pillar = ?",
        .index = "PRIMARY",
    };
    QUERY of_all = {
        .name = "rollup_day.best_of_all",
        .sql = "UPDATE rollup_day SET best = (SELECT MAX(m.impressions) FROM metric_last m"
               " FORCE INDEX (best_of_day) WHERE m.tenant_id = :tenant AND m.livemode = :live"
               " AND m.day = ? AND m.platform = ? AND m.type = ?)"
               " WHERE tenant_id = :tenant AND livemode = :live"
               " AND mission_id = '0000000000000000' AND day = ? AND platform = ? AND type = ?"
               " AND pillar = ''",
        .index = "PRIMARY",
    };
    int64_t day = post->published_ms / DAY_MS;
    TRY(db_run(c, &of_mission, NULL, P(&post->mission), P(day), P(post->platform), P(post->type),
               P(pillar_of(post)), P(&post->mission), P(day), P(post->platform), P(post->type),
               P(pillar_of(post))));
    return db_run(c, &of_all, NULL, P(day), P(post->platform), P(post->type), P(day),
                  P(post->platform), P(post->type));
}

error store_metrics_published(struct ctx *c, const struct metrics_post *post)
{
    QUERY q = {
        .name = "metric_last.insert",
        .sql = "INSERT INTO metric_last (tenant_id, livemode, content_id, mission_id, platform,"
               " type, pillar, published_ms, day, changed_ms)"
               " VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?, ?, :now)",
    };
    static const struct figures one = {.posts = 1};
    int64_t day = post->published_ms / DAY_MS;
    error e = db_run(c, &q, NULL, P(&post->content), P(&post->mission), P(post->platform),
                     P(post->type), P(pillar_of(post)), P(post->published_ms), P(day));
    if (db_is_duplicate(e))
        return NULL; /* it has been counted */
    TRY(e);
    TRY(roll_up_day(c, post, day, &one, 0));
    TRY(roll_up_hour(c, post, post->published_ms / HOUR_MS, &one));
    return roll_up_post(c, post, &one);
}

static error lock_last(struct ctx *c, const struct id *content, struct metrics_total *out)
{
    QUERY q = {
        .name = "metric_last.lock",
        .sql = "SELECT :cols FROM metric_last WHERE tenant_id = :tenant AND livemode = :live"
               " AND content_id = ? AND changed_ms <= :now FOR UPDATE",
        .row = &row,
        .index = "PRIMARY",
    };
    return db_one(c, &q, out, P(content));
}

static error update_last(struct ctx *c, const struct id *content, const struct metrics_counts *n)
{
    int64_t rate = figures_hundredths(n->engagements, n->impressions);
    QUERY q = {
        .name = "metric_last.update",
        .sql = "UPDATE metric_last SET impressions = ?, engagements = ?, likes = ?, comments = ?,"
               " shares = ?, saves = ?, clicks = ?, rate = ?, changed_ms = :now"
               " WHERE tenant_id = :tenant AND livemode = :live AND content_id = ?",
        .index = "PRIMARY",
    };
    return db_run(c, &q, NULL, P(n->impressions), P(n->engagements), P(n->likes), P(n->comments),
                  P(n->shares), P(n->saves), P(n->clicks), P(rate), P(content));
}

static error add_gain(struct ctx *c, const struct id *content, const struct metrics_counts *n)
{
    QUERY q = {
        .name = "metric_gain.add",
        .sql = "INSERT INTO metric_gain (tenant_id, livemode, content_id, hour, impressions,"
               " engagements, likes, comments, shares, saves, clicks)"
               " VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE"
               " impressions = impressions + VALUES(impressions),"
               " engagements = engagements + VALUES(engagements),"
               " likes = likes + VALUES(likes), comments = comments + VALUES(comments),"
               " shares = shares + VALUES(shares), saves = saves + VALUES(saves),"
               " clicks = clicks + VALUES(clicks)",
    };
    return db_run(c, &q, NULL, P(content), P(c->now_ms / HOUR_MS), P(n->impressions),
                  P(n->engagements), P(n->likes), P(n->comments), P(n->shares), P(n->saves),
                  P(n->clicks));
}

static struct metrics_counts gained(const struct metrics_counts *now,
                                    const struct metrics_counts *before)
{
    return (struct metrics_counts){
        .impressions = now->impressions - before->impressions,
        .engagements = now->engagements - before->engagements,
        .likes = now->likes - before->likes,
        .comments = now->comments - before->comments,
        .shares = now->shares - before->shares,
        .saves = now->saves - before->saves,
        .clicks = now->clicks - before->clicks,
    };
}

static bool is_nothing(const struct metrics_counts *n)
{
    return !n->impressions && !n->engagements && !n->likes && !n->comments && !n->shares &&
           !n->saves && !n->clicks;
}

/* What the post has gained now, and has in all. */
static error roll_up(struct ctx *c, const struct metrics_post *post, const struct figures *gain,
                     int64_t impressions)
{
    static const struct figures nothing = {0};
    TRY(roll_up_day(c, post, c->now_ms / DAY_MS, gain, NO_BEST));
    TRY(roll_up_hour(c, post, c->now_ms / HOUR_MS, gain));
    TRY(roll_up_post(c, post, gain));
    if (!gain->impressions)
        return NULL;
    TRY(roll_up_day(c, post, post->published_ms / DAY_MS, &nothing, impressions));
    return gain->impressions < 0 ? find_best(c, post) : NULL;
}

error store_metrics_record(struct ctx *c, const struct metrics_total *m)
{
    const struct id *content = &m->post.content;
    struct metrics_total last = {0};
    struct metrics_counts gain;
    struct figures f;
    error e = lock_last(c, content, &last);
    if (error_is(e, ERR_NOT_FOUND)) {
        TRY(store_metrics_published(c, &m->post));
        e = lock_last(c, content, &last);
    }
    if (error_is(e, ERR_NOT_FOUND))
        return NULL; /* a test clock was set back: what is known is from later */
    TRY(e);
    gain = gained(&m->counts, &last.counts);
    if (is_nothing(&gain))
        return NULL;
    f = (struct figures){
        .impressions = gain.impressions, .engagements = gain.engagements, .clicks = gain.clicks};
    TRY(add_gain(c, content, &gain));
    TRY(update_last(c, content, &m->counts));
    return roll_up(c, &last.post, &f, m->counts.impressions);
}

error store_metrics_first_due(struct ctx *c, enum platform p, int64_t *due_ms)
{
    static const struct col due_cols[] = {{"due_ms", COL_INT, 0}};
    static const struct row due_row = ROW(int64_t, due_cols);
    QUERY q = {
        .name = "metric_last.first_due",
        .sql = "SELECT :cols FROM metric_last FORCE INDEX (by_due) WHERE tenant_id = :tenant"
               " AND livemode = :live AND platform = ? ORDER BY due_ms LIMIT 1",
        .row = &due_row,
        .index = "by_due",
    };
    error e = db_one(c, &q, due_ms, P(p));
    if (!error_is(e, ERR_NOT_FOUND))
        return e;
    *due_ms = INT64_MAX;
    return NULL;
}

error store_metrics_put_off(struct ctx *c, const struct id *content, int64_t due_ms)
{
    QUERY q = {
        .name = "metric_last.put_off",
        .sql = "UPDATE metric_last SET due_ms = ? WHERE tenant_id = :tenant AND livemode = :live"
               " AND content_id = ?",
        .index = "PRIMARY",
    };
    return db_run(c, &q, NULL, P(due_ms), P(content));
}
