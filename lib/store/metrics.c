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

/* Arguments of a row of each roll-up. */
enum { DAY_WIDTH = 18, HOUR_WIDTH = 13, POST_WIDTH = 7 };

/* Rows for the sums of the post's mission and of all missions, which have no pillars. `best`: see
 * rollup_day. */
static void add_day(struct db_rows *rows, const struct metrics_post *post, int64_t day,
                    const struct figures *f, int64_t best)
{
    db_rows_add(rows, P(&post->mission), P(day), P(post->platform), P(post->type),
                P(pillar_of(post)), P(f->posts), P(f->impressions), P(f->engagements), P(f->clicks),
                P(best), P(day), P(post->platform), P(post->type), P(f->posts), P(f->impressions),
                P(f->engagements), P(f->clicks), P(best));
}

static error roll_up_days(struct ctx *c, const struct db_rows *rows)
{
    QUERY q[] =
        ROWS_QUERY("rollup_day.add",
                   "INSERT INTO rollup_day (tenant_id, livemode, mission_id, day, platform,"
                   " type, pillar, posts, impressions, engagements, clicks, best) VALUES ",
                   "(:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?),"
                   " (:tenant, :live, '0000000000000000', ?, ?, ?, '', ?, ?, ?, ?, ?)",
                   " ON DUPLICATE KEY UPDATE posts = posts + VALUES(posts),"
                   " impressions = impressions + VALUES(impressions),"
                   " engagements = engagements + VALUES(engagements),"
                   " clicks = clicks + VALUES(clicks), best = GREATEST(best, VALUES(best))");
    return db_run_rows(c, q, rows, NULL);
}

static void add_hour(struct db_rows *rows, const struct metrics_post *post, int64_t hour,
                     const struct figures *f)
{
    db_rows_add(rows, P(&post->mission), P(hour), P(post->platform), P(f->posts), P(f->impressions),
                P(f->engagements), P(f->clicks), P(hour), P(post->platform), P(f->posts),
                P(f->impressions), P(f->engagements), P(f->clicks));
}

static error roll_up_hours(struct ctx *c, const struct db_rows *rows)
{
    QUERY q[] = ROWS_QUERY("rollup_hour.add",
                           "INSERT INTO rollup_hour (tenant_id, livemode, mission_id, hour,"
                           " platform, posts, impressions, engagements, clicks) VALUES ",
                           "(:tenant, :live, ?, ?, ?, ?, ?, ?, ?),"
                           " (:tenant, :live, '0000000000000000', ?, ?, ?, ?, ?, ?)",
                           " ON DUPLICATE KEY UPDATE posts = posts + VALUES(posts),"
                           " impressions = impressions + VALUES(impressions),"
                           " engagements = engagements + VALUES(engagements),"
                           " clicks = clicks + VALUES(clicks)");
    return db_run_rows(c, q, rows, NULL);
}

/* For what the posts of its hour of publication have reached. */
static void add_post(struct db_rows *rows, const struct metrics_post *post, const struct figures *f)
{
    db_rows_add(rows, P(post->published_ms / HOUR_MS), P(post->platform), P(post->type),
                P(f->posts), P(f->impressions), P(f->engagements), P(f->clicks));
}

static error roll_up_posts(struct ctx *c, const struct db_rows *rows)
{
    QUERY q[] = ROWS_QUERY("rollup_post.add",
                           "INSERT INTO rollup_post (tenant_id, livemode, hour, platform, type,"
                           " posts, impressions, engagements, clicks) VALUES ",
                           "(:tenant, :live, ?, ?, ?, ?, ?, ?, ?)",
                           " ON DUPLICATE KEY UPDATE posts = posts + VALUES(posts),"
                           " impressions = impressions + VALUES(impressions),"
                           " engagements = engagements + VALUES(engagements),"
                           " clicks = clicks + VALUES(clicks)");
    return db_run_rows(c, q, rows, NULL);
}

/* The best of the post's day may be another one now. Its rows are locked by roll_up_days(), so what
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
    struct db_rows days = db_rows_new(c->arena, 1, DAY_WIDTH);
    struct db_rows hours = db_rows_new(c->arena, 1, HOUR_WIDTH);
    struct db_rows posts = db_rows_new(c->arena, 1, POST_WIDTH);
    add_day(&days, post, day, &one, 0);
    add_hour(&hours, post, post->published_ms / HOUR_MS, &one);
    add_post(&posts, post, &one);
    TRY(roll_up_days(c, &days));
    TRY(roll_up_hours(c, &hours));
    return roll_up_posts(c, &posts);
}

/* A list of ids has always the same length: the last one fills it up. */
enum { IDS = 25 };
#define IDS_LIST "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

/* What a pull says of a post, what was known of it, and the difference. */
struct booking {
    const struct metrics_total *now;
    struct metrics_total last;
    bool known;
    struct metrics_counts gain;
};

/* What is known of at most IDS posts. */
static error lock_some(struct ctx *c, struct booking *b, size_t n)
{
    QUERY q = {
        .name = "metric_last.lock",
        .sql = "SELECT :cols FROM metric_last FORCE INDEX (PRIMARY) WHERE tenant_id = :tenant"
               " AND livemode = :live AND content_id IN " IDS_LIST
               " AND changed_ms <= :now LIMIT 25 FOR UPDATE",
        .row = &row,
        .index = "PRIMARY",
    };
    struct param ids[IDS + 1] = {{0}};
    struct list found;
    const struct metrics_total *last;
    for (size_t i = 0; i < IDS; i++)
        ids[i] = P(&b[i < n ? i : n - 1].now->post.content);
    ids[IDS] = (struct param){PARAM_END, {0}};
    TRY(db_all_(c, &q, &found, ids));
    last = found.at;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < found.n && !b[i].known; k++) {
            b[i].known = id_eq(&last[k].post.content, &b[i].now->post.content);
            b[i].last = last[k];
        }
    }
    return NULL;
}

/* The same of a post never heard of, which is counted as published first; unless a test clock was
 * set back, and what is known is from later. */
static error lock_unknown(struct ctx *c, struct booking *b)
{
    TRY(store_metrics_published(c, &b->now->post));
    return lock_some(c, b, 1);
}

static error update_last(struct ctx *c, const struct booking *b, size_t n)
{
    QUERY q[] = ROWS_QUERY("metric_last.update",
                           "INSERT INTO metric_last (tenant_id, livemode, content_id, mission_id,"
                           " platform, type, pillar, published_ms, day, impressions, engagements,"
                           " likes, comments, shares, saves, clicks, rate, changed_ms) VALUES ",
                           "(:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, :now)",
                           " ON DUPLICATE KEY UPDATE impressions = VALUES(impressions),"
                           " engagements = VALUES(engagements), likes = VALUES(likes),"
                           " comments = VALUES(comments), shares = VALUES(shares),"
                           " saves = VALUES(saves), clicks = VALUES(clicks), rate = VALUES(rate),"
                           " changed_ms = VALUES(changed_ms)");
    struct db_rows rows = db_rows_new(c->arena, n, 15);
    for (size_t i = 0; i < n; i++) {
        const struct metrics_post *post = &b[i].last.post;
        const struct metrics_counts *m = &b[i].now->counts;
        db_rows_add(&rows, P(&post->content), P(&post->mission), P(post->platform), P(post->type),
                    P(pillar_of(post)), P(post->published_ms), P(post->published_ms / DAY_MS),
                    P(m->impressions), P(m->engagements), P(m->likes), P(m->comments), P(m->shares),
                    P(m->saves), P(m->clicks),
                    P(figures_hundredths(m->engagements, m->impressions)));
    }
    return db_run_rows(c, q, &rows, NULL);
}

static error add_gain(struct ctx *c, const struct booking *b, size_t n)
{
    QUERY q[] = ROWS_QUERY("metric_gain.add",
                           "INSERT INTO metric_gain (tenant_id, livemode, content_id, hour,"
                           " impressions, engagements, likes, comments, shares, saves, clicks)"
                           " VALUES ",
                           "(:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           " ON DUPLICATE KEY UPDATE"
                           " impressions = impressions + VALUES(impressions),"
                           " engagements = engagements + VALUES(engagements),"
                           " likes = likes + VALUES(likes), comments = comments + VALUES(comments),"
                           " shares = shares + VALUES(shares), saves = saves + VALUES(saves),"
                           " clicks = clicks + VALUES(clicks)");
    struct db_rows rows = db_rows_new(c->arena, n, 9);
    for (size_t i = 0; i < n; i++) {
        const struct metrics_counts *m = &b[i].gain;
        db_rows_add(&rows, P(&b[i].now->post.content), P(c->now_ms / HOUR_MS), P(m->impressions),
                    P(m->engagements), P(m->likes), P(m->comments), P(m->shares), P(m->saves),
                    P(m->clicks));
    }
    return db_run_rows(c, q, &rows, NULL);
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

/* What the posts have gained now, and have in all. */
static error roll_up(struct ctx *c, const struct booking *b, size_t n)
{
    static const struct figures nothing = {0};
    struct db_rows days = db_rows_new(c->arena, 2 * n, DAY_WIDTH);
    struct db_rows hours = db_rows_new(c->arena, n, HOUR_WIDTH);
    struct db_rows posts = db_rows_new(c->arena, n, POST_WIDTH);
    for (size_t i = 0; i < n; i++) {
        const struct metrics_post *post = &b[i].last.post;
        const struct metrics_counts *gain = &b[i].gain;
        struct figures f = {.impressions = gain->impressions,
                            .engagements = gain->engagements,
                            .clicks = gain->clicks};
        add_day(&days, post, c->now_ms / DAY_MS, &f, NO_BEST);
        if (gain->impressions)
            add_day(&days, post, post->published_ms / DAY_MS, &nothing,
                    b[i].now->counts.impressions);
        add_hour(&hours, post, c->now_ms / HOUR_MS, &f);
        add_post(&posts, post, &f);
    }
    TRY(roll_up_days(c, &days));
    TRY(roll_up_hours(c, &hours));
    return roll_up_posts(c, &posts);
}

error store_metrics_record(struct ctx *c, const struct metrics_total *m, size_t n)
{
    struct booking *b = arena_array(c->arena, n, sizeof *b);
    size_t gained_count = 0;
    for (size_t i = 0; i < n; i++)
        b[i].now = &m[i];
    for (size_t i = 0; i < n; i += IDS)
        TRY(lock_some(c, b + i, n - i < IDS ? n - i : IDS));
    for (size_t i = 0; i < n; i++) {
        if (!b[i].known)
            TRY(lock_unknown(c, &b[i]));
        b[i].gain = gained(&b[i].now->counts, &b[i].last.counts);
        if (b[i].known && !is_nothing(&b[i].gain))
            b[gained_count++] = b[i];
    }
    TRY(add_gain(c, b, gained_count));
    TRY(update_last(c, b, gained_count));
    TRY(roll_up(c, b, gained_count));
    for (size_t i = 0; i < gained_count; i++)
        if (b[i].gain.impressions < 0)
            TRY(find_best(c, &b[i].last.post));
    return NULL;
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

error store_metrics_put_off(struct ctx *c, const struct id *contents, size_t n, int64_t due_ms)
{
    QUERY q = {
        .name = "metric_last.put_off",
        .sql = "UPDATE metric_last FORCE INDEX (PRIMARY) SET due_ms = ? WHERE tenant_id = :tenant"
               " AND livemode = :live AND content_id IN " IDS_LIST,
        .index = "PRIMARY",
    };
    for (size_t from = 0; from < n; from += IDS) {
        struct param ids[1 + IDS + 1] = {P(due_ms)};
        for (size_t i = 0; i < IDS; i++)
            ids[1 + i] = P(&contents[from + i < n ? from + i : n - 1]);
        ids[1 + IDS] = (struct param){PARAM_END, {0}};
        TRY(db_run_(c, &q, NULL, ids));
    }
    return NULL;
}
