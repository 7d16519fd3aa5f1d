/* metrics.c: writes metric_day, metric_last, rollup_day and rollup_hour. Their sums are asked for
 * in metrics_read.c. */
#include "store/metrics.h"

#include "base/clock.h"
#include "db/db.h"

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

/* Into the sums of the post's mission and of all missions, which have no pillars. */
static error roll_up_day(struct ctx *c, const struct metrics_post *post, int64_t day,
                         const struct figures *f)
{
    QUERY q = {
        .name = "rollup_day.add",
        .sql = "INSERT INTO rollup_day (tenant_id, livemode, mission_id, day, platform, type,"
               " pillar, posts, impressions, engagements, clicks) VALUES"
               " (:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?),"
               " (:tenant, :live, '0000000000000000', ?, ?, ?, '', ?, ?, ?, ?)"
               " ON DUPLICATE KEY UPDATE posts = posts + VALUES(posts),"
               " impressions = impressions + VALUES(impressions),"
               " engagements = engagements + VALUES(engagements),"
               " clicks = clicks + VALUES(clicks)",
    };
    return db_run(c, &q, NULL, P(&post->mission), P(day), P(post->platform), P(post->type),
                  P(pillar_of(post)), P(f->posts), P(f->impressions), P(f->engagements),
                  P(f->clicks), P(day), P(post->platform), P(post->type), P(f->posts),
                  P(f->impressions), P(f->engagements), P(f->clicks));
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

static error roll_up(struct ctx *c, const struct metrics_post *post, int64_t ms,
                     const struct figures *f)
{
    TRY(roll_up_day(c, post, ms / DAY_MS, f));
    return roll_up_hour(c, post, ms / HOUR_MS, f);
}

error store_metrics_published(struct ctx *c, const struct metrics_post *post)
{
    QUERY q = {
        .name = "metric_last.insert",
        .sql = "INSERT INTO metric_last (tenant_id, livemode, content_id, mission_id, platform,"
               " type, pillar, published_ms, changed_ms)"
               " VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?, :now)",
    };
    static const struct figures one = {.posts = 1};
    error e = db_run(c, &q, NULL, P(&post->content), P(&post->mission), P(post->platform),
                     P(post->type), P(pillar_of(post)), P(post->published_ms));
    if (db_is_duplicate(e))
        return NULL; /* it has been counted */
    TRY(e);
    return roll_up(c, post, post->published_ms, &one);
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
    QUERY q = {
        .name = "metric_last.update",
        .sql = "UPDATE metric_last SET impressions = ?, engagements = ?, likes = ?, comments = ?,"
               " shares = ?, saves = ?, clicks = ?, changed_ms = :now"
               " WHERE tenant_id = :tenant AND livemode = :live AND content_id = ?",
        .index = "PRIMARY",
    };
    return db_run(c, &q, NULL, P(n->impressions), P(n->engagements), P(n->likes), P(n->comments),
                  P(n->shares), P(n->saves), P(n->clicks), P(content));
}

static error add_day(struct ctx *c, const struct id *content, const struct metrics_counts *n)
{
    QUERY q = {
        .name = "metric_day.add",
        .sql = "INSERT INTO metric_day (tenant_id, livemode, content_id, day, impressions,"
               " engagements, likes, comments, shares, saves, clicks)"
               " VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE"
               " impressions = impressions + VALUES(impressions),"
               " engagements = engagements + VALUES(engagements),"
               " likes = likes + VALUES(likes), comments = comments + VALUES(comments),"
               " shares = shares + VALUES(shares), saves = saves + VALUES(saves),"
               " clicks = clicks + VALUES(clicks)",
    };
    return db_run(c, &q, NULL, P(content), P(c->now_ms / DAY_MS), P(n->impressions),
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
    TRY(add_day(c, content, &gain));
    TRY(update_last(c, content, &m->counts));
    return roll_up(c, &last.post, c->now_ms, &f);
}
