/* rollup.c: adds up what posts have gained, and writes the sums. Whose gains they are is known in
 * metrics.c; sums are asked for in metrics_read.c, and made anew in metrics_rebuild.c. */
#include "store/rollup.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "db/db.h"

enum {
    NO_BEST = -1, /* of a day on which nothing was published */
    DAYS = 2,
    HOURS = 2 /* rows a call: of the post's mission, and of all missions */
};

/* Sums of all missions stand under this one. */
static const struct id all_missions = {"0000000000000000"};

static struct str pillar_of(const struct metrics_post *post)
{
    return post->pillar.p ? post->pillar : S("");
}

struct rollup rollup_new(struct arena *a, size_t calls)
{
    return (struct rollup){
        .days = arena_array(a, DAYS * calls + 1, sizeof(struct metrics_sum)),
        .hours = arena_array(a, HOURS * calls + 1, sizeof(struct metrics_sum)),
        .posts = arena_array(a, calls + 1, sizeof(struct metrics_sum)),
        .capacity = calls,
    };
}

/* The sums of all missions have no pillars. */
static void add_day(struct rollup *r, const struct metrics_post *post, int64_t day,
                    const struct figures *f, int64_t best)
{
    struct metrics_sum sum = {.mission = post->mission,
                              .at = day,
                              .platform = post->platform,
                              .type = post->type,
                              .pillar = pillar_of(post),
                              .best = best,
                              .figures = *f};
    assert(r->days_count < DAYS * r->capacity);
    r->days[r->days_count++] = sum;
    sum.mission = all_missions;
    sum.pillar = S("");
    r->days[r->days_count++] = sum;
}

void rollup_gain(struct rollup *r, const struct metrics_post *post, int64_t ms,
                 const struct figures *gain)
{
    struct metrics_sum hour = {
        .mission = post->mission, .at = ms / HOUR_MS, .platform = post->platform, .figures = *gain};
    add_day(r, post, ms / DAY_MS, gain, NO_BEST);
    r->hours[r->hours_count++] = hour;
    hour.mission = all_missions;
    r->hours[r->hours_count++] = hour;
    r->posts[r->posts_count++] = (struct metrics_sum){.at = post->published_ms / HOUR_MS,
                                                      .platform = post->platform,
                                                      .type = post->type,
                                                      .figures = *gain};
}

void rollup_best(struct rollup *r, const struct metrics_post *post, int64_t impressions)
{
    static const struct figures nothing = {0};
    add_day(r, post, post->published_ms / DAY_MS, &nothing, impressions);
}

/* In the order of the keys; what a roll-up is not by is the same in all its rows. */
static int by_key(const void *a, const void *b)
{
    const struct metrics_sum *x = a, *y = b;
    int order = id_cmp(&x->mission, &y->mission);
    if (order)
        return order;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    if (x->platform != y->platform)
        return x->platform - y->platform;
    if (x->type != y->type)
        return x->type - y->type;
    return str_cmp(x->pillar, y->pillar);
}

/* Sorts them and makes those with the same key one. Returns how many are left. */
static size_t merge(struct metrics_sum *sums, size_t n)
{
    size_t kept = 0;
    qsort(sums, n, sizeof *sums, by_key);
    for (size_t i = 1; i < n; i++) {
        if (by_key(&sums[kept], &sums[i]) != 0) {
            sums[++kept] = sums[i];
            continue;
        }
        figures_add(&sums[kept].figures, &sums[i].figures);
        if (sums[i].best > sums[kept].best)
            sums[kept].best = sums[i].best;
    }
    return n ? kept + 1 : 0;
}

void rollup_add_up(struct rollup *r)
{
    r->days_count = merge(r->days, r->days_count);
    r->hours_count = merge(r->hours, r->hours_count);
    r->posts_count = merge(r->posts, r->posts_count);
}

#define FIGURES(f) P((f).posts), P((f).impressions), P((f).engagements), P((f).clicks)
#define ADD_FIGURES                                                                                \
    " ON DUPLICATE KEY UPDATE posts = posts + VALUES(posts),"                                      \
    " impressions = impressions + VALUES(impressions),"                                            \
    " engagements = engagements + VALUES(engagements), clicks = clicks + VALUES(clicks)"

static error write_days(struct ctx *c, const struct metrics_sum *s, size_t n)
{
    QUERY q = {
        .name = "rollup_day.add",
        .sql = "INSERT INTO rollup_day (tenant_id, livemode, mission_id, day, platform,"
               " type, pillar, posts, impressions, engagements, clicks, best) VALUES "
               "(:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" ADD_FIGURES
               ", best = GREATEST(best, VALUES(best))",
    };
    struct db_rows rows = db_rows_new(c->arena, n, 10);
    for (size_t i = 0; i < n; i++)
        db_rows_add(&rows, P(&s[i].mission), P(s[i].at), P(s[i].platform), P(s[i].type),
                    P(s[i].pillar), FIGURES(s[i].figures), P(s[i].best));
    return db_run_each(c, &q, &rows, NULL);
}

static error write_hours(struct ctx *c, const struct metrics_sum *s, size_t n)
{
    QUERY q = {
        .name = "rollup_hour.add",
        .sql = "INSERT INTO rollup_hour (tenant_id, livemode, mission_id, hour,"
               " platform, posts, impressions, engagements, clicks) VALUES "
               "(:tenant, :live, ?, ?, ?, ?, ?, ?, ?)" ADD_FIGURES,
    };
    struct db_rows rows = db_rows_new(c->arena, n, 7);
    for (size_t i = 0; i < n; i++)
        db_rows_add(&rows, P(&s[i].mission), P(s[i].at), P(s[i].platform), FIGURES(s[i].figures));
    return db_run_each(c, &q, &rows, NULL);
}

static error write_posts(struct ctx *c, const struct metrics_sum *s, size_t n)
{
    QUERY q = {
        .name = "rollup_post.add",
        .sql = "INSERT INTO rollup_post (tenant_id, livemode, hour, platform, type,"
               " posts, impressions, engagements, clicks) VALUES "
               "(:tenant, :live, ?, ?, ?, ?, ?, ?, ?)" ADD_FIGURES,
    };
    struct db_rows rows = db_rows_new(c->arena, n, 7);
    for (size_t i = 0; i < n; i++)
        db_rows_add(&rows, P(s[i].at), P(s[i].platform), P(s[i].type), FIGURES(s[i].figures));
    return db_run_each(c, &q, &rows, NULL);
}

error rollup_write(struct ctx *c, struct rollup *r)
{
    rollup_add_up(r);
    TRY(write_days(c, r->days, r->days_count));
    TRY(write_hours(c, r->hours, r->hours_count));
    return write_posts(c, r->posts, r->posts_count);
}

error rollup_find_best(struct ctx *c, const struct metrics_post *post)
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
