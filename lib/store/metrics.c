/* metrics.c: writes metric_gain and metric_last, and has their sums rolled up (rollup.c), in the
 * transaction that brings the figures. They are asked for in metrics_read.c. */
#include "store/metrics.h"

#include "base/clock.h"
#include "db/db.h"
#include "store/rollup.h"

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

static error insert_last(struct ctx *c, const struct metrics_post *post, size_t n)
{
    QUERY q = {
        .name = "metric_last.insert",
        .sql = "INSERT INTO metric_last (tenant_id, livemode, content_id, mission_id, platform,"
               " type, pillar, published_ms, day, changed_ms)"
               " VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?, ?, :now)",
    };
    struct db_rows rows = db_rows_new(c->arena, n, 7);
    for (size_t i = 0; i < n; i++)
        db_rows_add(&rows, P(&post[i].content), P(&post[i].mission), P(post[i].platform),
                    P(post[i].type), P(pillar_of(&post[i])), P(post[i].published_ms),
                    P(post[i].published_ms / DAY_MS));
    return db_run_each(c, &q, &rows, NULL);
}

error store_metrics_published(struct ctx *c, const struct metrics_post *posts, size_t n)
{
    static const struct figures one = {.posts = 1};
    struct rollup r = rollup_new(c->arena, 2 * n);
    error e = insert_last(c, posts, n);
    bool singly = db_is_duplicate(e); /* of which nothing was written: one has been counted */
    if (!singly)
        TRY(e);
    for (size_t i = 0; i < n; i++) {
        e = singly ? insert_last(c, &posts[i], 1) : NULL;
        if (db_is_duplicate(e))
            continue;
        TRY(e);
        rollup_gain(&r, &posts[i], posts[i].published_ms, &one);
        rollup_best(&r, &posts[i], 0);
    }
    return rollup_write(c, &r);
}

/* What a pull says of a post, what was known of it, and the difference. */
struct booking {
    const struct metrics_total *now;
    struct metrics_total last;
    bool known;
    struct metrics_counts gain;
};

/* What is known of at most DB_IDS posts. */
static error lock_some(struct ctx *c, struct booking *b, size_t n)
{
    QUERY q = {
        .name = "metric_last.lock",
        .sql = "SELECT :cols FROM metric_last FORCE INDEX (PRIMARY) WHERE tenant_id = :tenant"
               " AND livemode = :live AND content_id IN (:ids)"
               " AND changed_ms <= :now LIMIT 100 FOR UPDATE",
        .row = &row,
        .index = "PRIMARY",
    };
    struct id ids[DB_IDS];
    struct list found;
    const struct metrics_total *last;
    for (size_t i = 0; i < n; i++)
        ids[i] = b[i].now->post.content;
    TRY(db_all(c, &q, &found, P(((struct id_list){ids, n}))));
    last = found.at;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < found.n && !b[i].known; k++) {
            b[i].known = id_eq(&last[k].post.content, &b[i].now->post.content);
            if (b[i].known)
                b[i].last = last[k];
        }
    }
    return NULL;
}

/* The same of a post never heard of, which is counted as published first; unless a test clock was
 * set back, and what is known is from later. */
static error lock_unknown(struct ctx *c, struct booking *b)
{
    TRY(store_metrics_published(c, &b->now->post, 1));
    return lock_some(c, b, 1);
}

static error update_last(struct ctx *c, const struct booking *b, size_t n)
{
    QUERY q = {
        .name = "metric_last.update",
        .sql = "INSERT INTO metric_last (tenant_id, livemode, content_id, mission_id,"
               " platform, type, pillar, published_ms, day, impressions, engagements,"
               " likes, comments, shares, saves, clicks, rate, due_ms, changed_ms)"
               " VALUES "
               "(:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, :now)"
               " ON DUPLICATE KEY UPDATE impressions = VALUES(impressions),"
               " engagements = VALUES(engagements), likes = VALUES(likes),"
               " comments = VALUES(comments), shares = VALUES(shares),"
               " saves = VALUES(saves), clicks = VALUES(clicks), rate = VALUES(rate),"
               " due_ms = VALUES(due_ms), changed_ms = VALUES(changed_ms)",
    };
    struct db_rows rows = db_rows_new(c->arena, n, 16);
    for (size_t i = 0; i < n; i++) {
        const struct metrics_post *post = &b[i].last.post;
        const struct metrics_counts *m = &b[i].now->counts;
        db_rows_add(&rows, P(&post->content), P(&post->mission), P(post->platform), P(post->type),
                    P(pillar_of(post)), P(post->published_ms), P(post->published_ms / DAY_MS),
                    P(m->impressions), P(m->engagements), P(m->likes), P(m->comments), P(m->shares),
                    P(m->saves), P(m->clicks),
                    P(figures_hundredths(m->engagements, m->impressions)), P(b[i].now->due_ms));
    }
    return db_run_each(c, &q, &rows, NULL);
}

static error add_gain(struct ctx *c, const struct booking *b, size_t n)
{
    QUERY q = {
        .name = "metric_gain.add",
        .sql = "INSERT INTO metric_gain (tenant_id, livemode, content_id, hour,"
               " impressions, engagements, likes, comments, shares, saves, clicks)"
               " VALUES "
               "(:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
               " ON DUPLICATE KEY UPDATE"
               " impressions = impressions + VALUES(impressions),"
               " engagements = engagements + VALUES(engagements),"
               " likes = likes + VALUES(likes), comments = comments + VALUES(comments),"
               " shares = shares + VALUES(shares), saves = saves + VALUES(saves),"
               " clicks = clicks + VALUES(clicks)",
    };
    struct db_rows rows = db_rows_new(c->arena, n, 9);
    for (size_t i = 0; i < n; i++) {
        const struct metrics_counts *m = &b[i].gain;
        db_rows_add(&rows, P(&b[i].now->post.content), P(c->now_ms / HOUR_MS), P(m->impressions),
                    P(m->engagements), P(m->likes), P(m->comments), P(m->shares), P(m->saves),
                    P(m->clicks));
    }
    return db_run_each(c, &q, &rows, NULL);
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
    struct rollup r = rollup_new(c->arena, 2 * n);
    for (size_t i = 0; i < n; i++) {
        const struct metrics_post *post = &b[i].last.post;
        const struct metrics_counts *gain = &b[i].gain;
        struct figures f = {.impressions = gain->impressions,
                            .engagements = gain->engagements,
                            .clicks = gain->clicks};
        rollup_gain(&r, post, c->now_ms, &f);
        if (gain->impressions)
            rollup_best(&r, post, b[i].now->counts.impressions);
    }
    TRY(rollup_write(c, &r));
    for (size_t i = 0; i < n; i++)
        if (b[i].gain.impressions < 0)
            TRY(rollup_find_best(c, &b[i].last.post));
    return NULL;
}

/* Posts that gained nothing, in order of when they are due: not before that they are looked at
 * again. */
static error put_off(struct ctx *c, const struct metrics_total *const *posts, size_t n)
{
    QUERY q = {
        .name = "metric_last.put_off",
        .sql = "UPDATE metric_last FORCE INDEX (PRIMARY) SET due_ms = ? WHERE tenant_id = :tenant"
               " AND livemode = :live AND content_id IN (:ids)",
        .index = "PRIMARY",
    };
    for (size_t from = 0, end; from < n; from = end) {
        struct id ids[DB_IDS];
        for (end = from; end < n && end - from < DB_IDS; end++) {
            if (posts[end]->due_ms != posts[from]->due_ms)
                break;
            ids[end - from] = posts[end]->post.content;
        }
        TRY(db_run(c, &q, NULL, P(posts[from]->due_ms), P(((struct id_list){ids, end - from}))));
    }
    return NULL;
}

/* What is known of the posts of which something was told, and what they have gained since. */
static error compare(struct ctx *c, struct booking *b, size_t n)
{
    for (size_t i = 0; i < n; i += DB_IDS)
        TRY(lock_some(c, b + i, n - i < DB_IDS ? n - i : DB_IDS));
    for (size_t i = 0; i < n; i++) {
        if (!b[i].known)
            TRY(lock_unknown(c, &b[i]));
        b[i].gain = gained(&b[i].now->counts, &b[i].last.counts);
    }
    return NULL;
}

error store_metrics_record(struct ctx *c, const struct metrics_total *m, size_t n)
{
    struct booking *b = arena_array(c->arena, n + 1, sizeof *b);
    const struct metrics_total **others =
        arena_array(c->arena, n + 1, sizeof(struct metrics_total *));
    size_t told = 0, gained_count = 0, others_count = 0;
    for (size_t i = 0; i < n; i++) {
        if (m[i].untold)
            others[others_count++] = &m[i];
        else
            b[told++].now = &m[i];
    }
    TRY(compare(c, b, told));
    for (size_t i = 0; i < told; i++) {
        if (b[i].known && !is_nothing(&b[i].gain))
            b[gained_count++] = b[i];
        else
            others[others_count++] = b[i].now;
    }
    TRY(put_off(c, others, others_count));
    TRY(add_gain(c, b, gained_count));
    TRY(update_last(c, b, gained_count));
    return roll_up(c, b, gained_count);
}

error store_metrics_due(struct ctx *c, int64_t due_ms[PLATFORM_COUNT])
{
    struct due {
        int platform;
        int64_t due_ms;
    };
    static const struct col due_cols[] = {
        {"platform", COL_ENUM, offsetof(struct due, platform)},
        {"MIN(due_ms)", COL_INT, offsetof(struct due, due_ms)},
    };
    static const struct row due_row = ROW(struct due, due_cols);
    /* Grouped by the whole beginning of the index, a row a platform is read, not all. */
    QUERY q = {
        .name = "metric_last.due",
        .sql = "SELECT :cols FROM metric_last FORCE INDEX (by_due) WHERE tenant_id = :tenant"
               " AND livemode = :live GROUP BY tenant_id, livemode, platform LIMIT 64",
        .row = &due_row,
        .index = "by_due",
    };
    struct list found;
    TRY(db_all(c, &q, &found));
    const struct due *due = found.at;
    for (int p = 0; p < PLATFORM_COUNT; p++)
        due_ms[p] = INT64_MAX;
    for (size_t i = 0; i < found.n; i++) {
        if (due[i].platform < PLATFORM_COUNT)
            due_ms[due[i].platform] = due[i].due_ms;
    }
    return NULL;
}
