/* test_metrics.c: the promises of store/metrics.h, kept by a real server. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "database.h"
#include "db/migrate.h"
#include "db/tx.h"
#include "store/content.h"
#include "store/metrics.h"

/* Day 20000 is 2024-10-04. */
enum { TODAY = 20000 };

static struct database database;
static struct id missions[2];

static void must(error e)
{
    if (e)
        fail_msg("%.*s: %.*s", STR(e->wire), STR(e->cause));
}

static int64_t at(int64_t day, int64_t hour)
{
    return day * DAY_MS + hour * HOUR_MS;
}

/* Each test has a tenant of its own, so that none sees what another left. */
static int new_tenant(void **state)
{
    struct ctx *c = &database.ctx;
    c->now_ms = at(TODAY, 9);
    c->scope = (struct scope){id_new(c->now_ms), false};
    missions[0] = id_new(c->now_ms);
    missions[1] = id_new(c->now_ms);
    *state = c;
    return 0;
}

static struct metrics_total total(size_t mission, int platform, struct str pillar, int64_t day)
{
    return (struct metrics_total){
        .post = {.content = id_new(at(day, 0)),
                 .mission = missions[mission],
                 .platform = platform,
                 .type = TYPE_POST,
                 .pillar = pillar,
                 .published_ms = at(day, 8)},
    };
}

static error do_record(struct ctx *c, void *m)
{
    return store_metrics_record(c, m, 1);
}

static error do_publish(struct ctx *c, void *post)
{
    return store_metrics_published(c, post, 1);
}

static void publish(struct ctx *c, struct metrics_post *post)
{
    must(in_transaction(c, do_publish, post));
}

/* A pull at that time that found these totals. */
static void pull(struct ctx *c, int64_t ms, struct metrics_total *m, int64_t impressions,
                 int64_t engagements, int64_t clicks)
{
    c->now_ms = ms;
    m->counts = (struct metrics_counts){.impressions = impressions,
                                        .engagements = engagements,
                                        .likes = engagements / 2,
                                        .comments = engagements / 4,
                                        .shares = 1,
                                        .saves = 2,
                                        .clicks = clicks};
    must(in_transaction(c, do_record, m));
}

struct raw {
    int64_t hour;
    struct metrics_counts n;
};
#define AT(member) offsetof(struct raw, member)
static const struct col raw_cols[] = {
    {"hour", COL_INT, AT(hour)},
    {"impressions", COL_INT, AT(n.impressions)},
    {"engagements", COL_INT, AT(n.engagements)},
    {"likes", COL_INT, AT(n.likes)},
    {"comments", COL_INT, AT(n.comments)},
    {"shares", COL_INT, AT(n.shares)},
    {"saves", COL_INT, AT(n.saves)},
    {"clicks", COL_INT, AT(n.clicks)},
};
#undef AT
static const struct row raw_row = ROW(struct raw, raw_cols);
static const struct query raw_of = {
    .name = "test.raw",
    .sql = "SELECT :cols FROM metric_gain WHERE tenant_id = :tenant AND livemode = :live"
           " AND content_id = ? ORDER BY hour LIMIT 100",
    .row = &raw_row,
};

static struct list raw(struct ctx *c, const struct metrics_total *m)
{
    struct list list;
    must(db_all(c, &raw_of, &list, P(&m->post.content)));
    return list;
}

/* Rows of a table as one number, whatever their order. */
static const struct col number_cols[] = {{"COALESCE(SUM(n), 0)", COL_INT, 0}};
static const struct row number_row = ROW(int64_t, number_cols);
#define MARK(table, columns)                                                                       \
    "SELECT COALESCE(SUM(CRC32(CONCAT_WS(','," columns "))), 0) AS n FROM " table                  \
    " WHERE tenant_id = :tenant AND livemode = :live"
#define SUMMED "posts, impressions, engagements, clicks"
static const struct query marks[] = {
    {
        .name = "test.days",
        .sql = "SELECT :cols FROM (" MARK(
            "rollup_day", "mission_id, day, platform, type, pillar, best, " SUMMED) ") s",
        .row = &number_row,
    },
    {
        .name = "test.hours",
        .sql =
            "SELECT :cols FROM (" MARK("rollup_hour", "mission_id, hour, platform, " SUMMED) ") s",
        .row = &number_row,
    },
    {
        .name = "test.posts",
        .sql = "SELECT :cols FROM (" MARK("rollup_post", "hour, platform, type, " SUMMED) ") s",
        .row = &number_row,
    },
    {
        .name = "test.gains",
        .sql = "SELECT :cols FROM (" MARK("metric_gain",
                                          "content_id, hour, impressions, engagements, likes,"
                                          " comments, shares, saves, clicks") ") s",
        .row = &number_row,
    },
    {
        .name = "test.last",
        .sql = "SELECT :cols FROM (" MARK(
            "metric_last", "content_id, impressions, engagements, rate, changed_ms") ") s",
        .row = &number_row,
    },
};
enum { MARKS = sizeof marks / sizeof *marks };

/* Everything that is kept. */
static void mark(struct ctx *c, int64_t to[MARKS])
{
    for (size_t i = 0; i < MARKS; i++)
        must(db_one(c, &marks[i], &to[i]));
}

static int64_t everything(struct ctx *c)
{
    int64_t is[MARKS], sum = 0;
    mark(c, is);
    for (size_t i = 0; i < MARKS; i++)
        sum += is[i];
    return sum;
}

static error do_rebuild(struct ctx *c, void *none)
{
    (void)none;
    return store_metrics_rebuild(c);
}

/* What is kept step by step is what the raw rows say, taken together. */
static void assert_rollups_equal_raw(struct ctx *c)
{
    int64_t was[MARKS], is[MARKS];
    mark(c, was);
    must(in_locking_transaction(c, do_rebuild, NULL));
    mark(c, is);
    for (size_t i = 0; i < MARKS; i++) {
        if (was[i] != is[i])
            fail_msg("%s changed", marks[i].name);
    }
}

static error sum_up(void *arg, const void *row)
{
    const struct metrics_sum *sum = row;
    figures_add(arg, &sum->figures);
    return NULL;
}

static struct figures days(struct ctx *c, struct metrics_range r)
{
    struct figures f = {0};
    must(store_metrics_each_day(c, &r, sum_up, &f));
    return f;
}

static void two_pulls_give_what_was_gained_in_each_hour(void **state)
{
    struct ctx *c = *state;
    struct metrics_total m = total(0, PLATFORM_TWITTER, S("Ideas"), TODAY);
    const struct raw *r;
    struct list list;
    pull(c, at(TODAY, 12), &m, 100, 8, 3);
    pull(c, at(TODAY, 12), &m, 130, 12, 3);
    pull(c, at(TODAY + 1, 0), &m, 150, 20, 10);
    list = raw(c, &m);
    r = list.at;
    assert_int_equal(list.n, 2);
    assert_int_equal(r[0].hour, TODAY * 24 + 12);
    assert_int_equal(r[0].n.impressions, 130);
    assert_int_equal(r[0].n.engagements, 12);
    assert_int_equal(r[0].n.likes, 6);
    assert_int_equal(r[0].n.comments, 3);
    assert_int_equal(r[0].n.shares, 1);
    assert_int_equal(r[0].n.saves, 2);
    assert_int_equal(r[0].n.clicks, 3);
    assert_int_equal(r[1].hour, (TODAY + 1) * 24);
    assert_int_equal(r[1].n.impressions, 20);
    assert_int_equal(r[1].n.engagements, 8);
    assert_int_equal(r[1].n.shares, 0);
    assert_int_equal(r[1].n.clicks, 7);
    assert_rollups_equal_raw(c);
}

static void a_repeated_pull_changes_nothing(void **state)
{
    struct ctx *c = *state;
    struct metrics_total m = total(0, PLATFORM_TWITTER, S("Ideas"), TODAY);
    int64_t before;
    pull(c, at(TODAY, 12), &m, 100, 8, 3);
    before = everything(c);
    assert_int_not_equal(before, 0);
    pull(c, at(TODAY, 12), &m, 100, 8, 3);
    pull(c, at(TODAY + 3, 12), &m, 100, 8, 3);
    assert_int_equal(everything(c), before);
}

static void a_correction_takes_away_on_the_day_it_came(void **state)
{
    struct ctx *c = *state;
    struct metrics_total m = total(0, PLATFORM_TWITTER, S("Ideas"), TODAY);
    struct figures f;
    pull(c, at(TODAY, 12), &m, 100, 8, 3);
    pull(c, at(TODAY + 1, 12), &m, 90, 8, 3);
    f = days(c, (struct metrics_range){.first_day = TODAY, .last_day = TODAY});
    assert_int_equal(f.impressions, 100);
    f = days(c, (struct metrics_range){.first_day = TODAY + 1, .last_day = TODAY + 1});
    assert_int_equal(f.impressions, -10);
    assert_int_equal(f.engagements, 0);
    assert_rollups_equal_raw(c);
}

static void figures_from_before_those_known_change_nothing(void **state)
{
    struct ctx *c = *state;
    struct metrics_total m = total(0, PLATFORM_TWITTER, S(""), TODAY);
    struct metrics_counts *n;
    pull(c, at(TODAY + 3, 9), &m, 400, 40, 4);
    pull(c, at(TODAY, 10), &m, 10, 1, 0);
    assert_int_equal(raw(c, &m).n, 1);
    n = &((struct raw *)raw(c, &m).at)->n;
    assert_int_equal(n->impressions, 400);
    pull(c, at(TODAY + 3, 9), &m, 500, 40, 4);
    n = &((struct raw *)raw(c, &m).at)->n;
    assert_int_equal(n->impressions, 500);
}

static void a_post_counts_once_and_on_the_day_it_was_published(void **state)
{
    struct ctx *c = *state;
    struct metrics_total m = total(0, PLATFORM_LINKEDIN, (struct str){0}, TODAY - 2);
    struct figures f;
    publish(c, &m.post);
    publish(c, &m.post);
    pull(c, at(TODAY, 12), &m, 10, 0, 0);
    f = days(c, (struct metrics_range){.first_day = TODAY - 2, .last_day = TODAY - 2});
    assert_int_equal(f.posts, 1);
    assert_int_equal(f.impressions, 0);
    f = days(c, (struct metrics_range){.first_day = TODAY, .last_day = TODAY});
    assert_int_equal(f.posts, 0);
    assert_int_equal(f.impressions, 10);
    assert_rollups_equal_raw(c);
}

static void a_post_never_heard_of_is_counted_with_its_first_figures(void **state)
{
    struct ctx *c = *state;
    struct metrics_total m = total(1, PLATFORM_TWITTER, S("Ideas"), TODAY - 1);
    struct figures f;
    pull(c, at(TODAY, 12), &m, 10, 0, 0);
    f = days(c, (struct metrics_range){.first_day = TODAY - 1, .last_day = TODAY});
    assert_int_equal(f.posts, 1);
    assert_int_equal(f.impressions, 10);
}

static void a_post_stays_where_it_was_published(void **state)
{
    struct ctx *c = *state;
    struct metrics_total m = total(0, PLATFORM_TWITTER, S("Ideas"), TODAY);
    struct figures f;
    publish(c, &m.post);
    m.post.pillar = S("Other");
    m.post.platform = PLATFORM_TIKTOK;
    pull(c, at(TODAY, 12), &m, 10, 0, 0);
    f = days(c, (struct metrics_range){
                    .first_day = TODAY, .last_day = TODAY, .platform_set = 1 << PLATFORM_TWITTER});
    assert_int_equal(f.impressions, 10);
    assert_rollups_equal_raw(c);
}

/* Three posts of two missions on three days. */
static void fill(struct ctx *c, struct metrics_total *m)
{
    m[0] = total(0, PLATFORM_TWITTER, S("Ideas"), TODAY - 1);
    m[1] = total(0, PLATFORM_LINKEDIN, S("News"), TODAY);
    m[2] = total(1, PLATFORM_TWITTER, (struct str){0}, TODAY);
    pull(c, at(TODAY - 1, 12), &m[0], 100, 10, 1);
    pull(c, at(TODAY, 12), &m[1], 200, 20, 2);
    pull(c, at(TODAY, 13), &m[2], 400, 40, 4);
    pull(c, at(TODAY + 1, 0), &m[0], 1000, 100, 10);
}

static void sums_know_period_mission_and_platform(void **state)
{
    struct ctx *c = *state;
    struct metrics_total m[3];
    static const struct {
        int mission; /* -1: all */
        int64_t first, last, set, posts, impressions, engagements, clicks;
    } rows[] = {
        {-1, TODAY - 1, TODAY + 1, 0, 3, 1600, 160, 16},
        {-1, TODAY, TODAY, 0, 2, 600, 60, 6},
        {-1, TODAY, TODAY, 1 << PLATFORM_TWITTER, 1, 400, 40, 4},
        {-1, TODAY, TODAY, 1 << PLATFORM_TWITTER | 1 << PLATFORM_LINKEDIN, 2, 600, 60, 6},
        {-1, TODAY, TODAY, 1 << PLATFORM_TIKTOK, 0, 0, 0, 0},
        {0, TODAY - 1, TODAY + 1, 0, 2, 1200, 120, 12},
        {0, TODAY + 1, TODAY + 9, 0, 0, 900, 90, 9},
        {1, TODAY - 1, TODAY + 1, 0, 1, 400, 40, 4},
        {1, TODAY + 1, TODAY + 1, 0, 0, 0, 0, 0},
    };
    fill(c, m);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct metrics_range r = {
            .first_day = rows[i].first, .last_day = rows[i].last, .platform_set = rows[i].set};
        struct figures f, hours = {0};
        if (rows[i].mission >= 0)
            r.mission = missions[rows[i].mission];
        f = days(c, r);
        must(store_metrics_each_hour(c, &r, sum_up, &hours));
        assert_int_equal(f.posts, rows[i].posts);
        assert_int_equal(f.impressions, rows[i].impressions);
        assert_int_equal(f.engagements, rows[i].engagements);
        assert_int_equal(f.clicks, rows[i].clicks);
        assert_memory_equal(&f, &hours, sizeof f);
    }
    assert_rollups_equal_raw(c);
}

static error in_order(void *arg, const void *row)
{
    const struct metrics_sum *sum = row;
    int64_t *last = arg;
    assert_true(sum->at >= *last);
    *last = sum->at;
    return NULL;
}

static void days_and_hours_come_in_order(void **state)
{
    struct ctx *c = *state;
    struct metrics_range r = {.first_day = 0, .last_day = TODAY + 9};
    struct metrics_total m[3];
    int64_t last = 0;
    fill(c, m);
    must(store_metrics_each_day(c, &r, in_order, &last));
    assert_int_equal(last, TODAY + 1);
    last = 0;
    must(store_metrics_each_hour(c, &r, in_order, &last));
    assert_int_equal(last, (TODAY + 1) * 24);
}

static void a_mission_is_summed_by_platform_and_by_pillar(void **state)
{
    struct ctx *c = *state;
    struct metrics_range r = {.first_day = TODAY - 1, .last_day = TODAY + 1};
    struct metrics_total m[3];
    const struct metrics_sum *s;
    struct list list;
    fill(c, m);
    r.mission = missions[0];
    must(store_metrics_by_platform(c, &r, &list));
    s = list.at;
    assert_int_equal(list.n, 2);
    assert_int_equal(s[0].platform, PLATFORM_TWITTER);
    assert_int_equal(s[0].figures.impressions, 1000);
    assert_int_equal(s[1].platform, PLATFORM_LINKEDIN);
    assert_int_equal(s[1].figures.posts, 1);
    must(store_metrics_by_pillar(c, &r, &list));
    s = list.at;
    assert_int_equal(list.n, 2);
    assert_true(str_eq(s[0].pillar, S("Ideas")));
    assert_int_equal(s[0].figures.clicks, 10);
    assert_true(str_eq(s[1].pillar, S("News")));
    r.mission = missions[1];
    must(store_metrics_by_pillar(c, &r, &list));
    s = list.at;
    assert_int_equal(list.n, 1);
    assert_int_equal(s[0].pillar.n, 0);
}

static void the_first_day_is_that_of_the_first_figures(void **state)
{
    struct ctx *c = *state;
    struct metrics_total m[3];
    int64_t first = 0;
    assert_true(error_is(store_metrics_first_day(c, &missions[0], &first), ERR_NOT_FOUND));
    fill(c, m);
    must(store_metrics_first_day(c, &missions[0], &first));
    assert_int_equal(first, TODAY - 1);
    must(store_metrics_first_day(c, &missions[1], &first));
    assert_int_equal(first, TODAY);
    must(store_metrics_first_day(c, &(struct id){{0}}, &first));
    assert_int_equal(first, TODAY - 1);
}

static void insert_content(struct ctx *c, const struct metrics_total *m, struct str copy)
{
    struct content x = {.id = m->post.content,
                        .mission_id = m->post.mission,
                        .platform = m->post.platform,
                        .type = m->post.type,
                        .status = CONTENT_PUBLISHED,
                        .copy = copy,
                        .visuals = S("[]"),
                        .version = 1,
                        .created_ms = c->now_ms,
                        .updated_ms = c->now_ms};
    x.metadata.tags = S("[]");
    x.metadata.language = S("en");
    x.metadata.model = S("builtin");
    x.scheduling.zone = S("UTC");
    must(store_content_insert(c, &x));
}

/* What the roll-ups say of a day and platform. */
static int64_t best_of(struct ctx *c, const struct id *mission, int64_t day, int platform)
{
    static const struct col cols[] = {{"COALESCE(MAX(best), -9)", COL_INT, 0}};
    static const struct row best_row = ROW(int64_t, cols);
    static const struct query q = {
        .name = "test.best",
        .sql = "SELECT :cols FROM rollup_day WHERE tenant_id = :tenant AND livemode = :live"
               " AND mission_id = ? AND day = ? AND platform = ?",
        .row = &best_row,
    };
    int64_t best = 0;
    must(db_one(c, &q, &best, P(mission), P(day), P(platform)));
    return best;
}

static void the_best_of_a_day_follows_corrections(void **state)
{
    static const struct id all = {"0000000000000000"};
    struct ctx *c = *state;
    struct metrics_total a = total(0, PLATFORM_TWITTER, S("Ideas"), TODAY),
                         b = total(0, PLATFORM_TWITTER, S("Ideas"), TODAY),
                         other = total(1, PLATFORM_TWITTER, S("Ideas"), TODAY);
    pull(c, at(TODAY, 12), &a, 100, 0, 0);
    pull(c, at(TODAY, 12), &b, 70, 0, 0);
    pull(c, at(TODAY, 12), &other, 80, 0, 0);
    assert_int_equal(best_of(c, &missions[0], TODAY, PLATFORM_TWITTER), 100);
    assert_int_equal(best_of(c, &all, TODAY, PLATFORM_TWITTER), 100);
    pull(c, at(TODAY + 1, 12), &a, 60, 0, 0);
    assert_int_equal(best_of(c, &missions[0], TODAY, PLATFORM_TWITTER), 70);
    assert_int_equal(best_of(c, &all, TODAY, PLATFORM_TWITTER), 80);
    assert_int_equal(best_of(c, &all, TODAY + 1, PLATFORM_TWITTER), -1);
    assert_rollups_equal_raw(c);
}

static struct list best_at(struct ctx *c, const struct id *mission, int64_t day, int platform)
{
    const struct metrics_place places[METRICS_BEST] = {{day, platform}};
    struct list list;
    must(store_metrics_best(c, mission, places, &list));
    return list;
}

static void the_best_posts_are_those_published_there(void **state)
{
    static const struct id all = {{0}};
    struct ctx *c = *state;
    struct metrics_total m[3];
    const struct metrics_best *best;
    struct list list;
    fill(c, m);
    for (size_t i = 0; i < 3; i++)
        insert_content(c, &m[i], S("{\"primary\":\"x\"}"));
    list = best_at(c, &all, TODAY - 1, PLATFORM_TWITTER);
    best = list.at;
    assert_int_equal(list.n, 1);
    assert_true(id_eq(&best->content, &m[0].post.content));
    assert_int_equal(best->impressions, 1000);
    assert_int_equal(best->engagements, 100);
    assert_int_equal(best->platform, PLATFORM_TWITTER);
    assert_true(str_eq(best->copy, S("{\"primary\":\"x\"}")));
    assert_int_equal(best_at(c, &missions[1], TODAY, PLATFORM_TWITTER).n, 1);
    assert_int_equal(best_at(c, &missions[0], TODAY, PLATFORM_TWITTER).n, 0);
    assert_int_equal(best_at(c, &all, TODAY, PLATFORM_NONE).n, 0);
}

static void assert_order(struct ctx *c, int by, const struct metrics_total *m, const int *order)
{
    struct metrics_range r = {.first_day = TODAY - 1, .last_day = TODAY};
    struct rank_page page = {by, INT64_MAX, {"~~~~~~~~~~~~~~~~"}, 2};
    const struct metrics_rank *x;
    struct list list;
    must(store_metrics_rank(c, &r, &page, &list));
    x = list.at;
    assert_int_equal(list.n, 2);
    assert_true(id_eq(&x[0].post.content, &m[order[0]].post.content));
    assert_true(id_eq(&x[1].post.content, &m[order[1]].post.content));
    page.content = x[1].post.content;
    page.value = by == RANK_PUBLISHED     ? x[1].post.published_ms
                 : by == RANK_RATE        ? x[1].rate
                 : by == RANK_ENGAGEMENTS ? x[1].counts.engagements
                                          : x[1].counts.impressions;
    must(store_metrics_rank(c, &r, &page, &list));
    assert_int_equal(list.n, 1);
    assert_true(id_eq(&((struct metrics_rank *)list.at)->post.content, &m[order[2]].post.content));
}

static void posts_are_ranked_by_each_figure_page_by_page(void **state)
{
    struct ctx *c = *state;
    struct metrics_total m[3] = {total(0, PLATFORM_TWITTER, S("Ideas"), TODAY - 1),
                                 total(0, PLATFORM_LINKEDIN, S("News"), TODAY),
                                 total(1, PLATFORM_TWITTER, S(""), TODAY)};
    m[2].post.published_ms += HOUR_MS;
    pull(c, at(TODAY, 12), &m[0], 1000, 10, 1);
    pull(c, at(TODAY, 12), &m[1], 500, 30, 2);
    pull(c, at(TODAY, 13), &m[2], 100, 20, 4);
    assert_order(c, RANK_IMPRESSIONS, m, (int[]){0, 1, 2});
    assert_order(c, RANK_ENGAGEMENTS, m, (int[]){1, 2, 0});
    assert_order(c, RANK_RATE, m, (int[]){2, 1, 0});
    assert_order(c, RANK_PUBLISHED, m, (int[]){2, 1, 0});
}

static void hours_past_their_time_are_forgotten(void **state)
{
    struct ctx *c = *state;
    struct metrics_range r = {.first_day = 0, .last_day = TODAY + 9};
    struct metrics_total m[3];
    struct figures hours = {0};
    uint64_t n = 0;
    fill(c, m);
    must(store_metrics_purge_hours(c, TODAY * 24, &n));
    assert_true(n > 0);
    must(store_metrics_each_hour(c, &r, sum_up, &hours));
    assert_int_equal(hours.posts, 2);
    assert_int_equal(hours.impressions, 1500);
    assert_int_equal(days(c, r).impressions, 1600);
}

/* Many pulls of many posts, corrections among them, in a random order of which the seed is known.
 */
static void a_rebuild_changes_nothing(void **state)
{
    enum { POSTS = 40, PULLS = 400 };
    static const struct str pillars[] = {{0}, S("Ideas"), S("News")};
    struct ctx *c = *state;
    struct metrics_total m[POSTS];
    uint64_t seed = 7;
    for (int i = 0; i < POSTS; i++)
        m[i] = total((size_t)i % 2, PLATFORM_TWITTER + i % 3, pillars[i % 3], TODAY - i % 20);
    for (int i = 0; i < PULLS; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        int64_t value = (int64_t)(seed >> 40) % 5000;
        pull(c, at(TODAY + i / 20, i % 24), &m[(seed >> 33) % POSTS], value, value / 30,
             value / 90);
    }
    assert_rollups_equal_raw(c);
}

enum { PAGE = 60 };

static error do_record_page(struct ctx *c, void *m)
{
    return store_metrics_record(c, m, PAGE);
}

/* Posts of two missions on two platforms; of every seventh nothing is told at first, then some are
 * corrected. */
static void a_page_of_posts_is_booked_at_once(void **state)
{
    static const struct str pillars[] = {{0}, S("Ideas"), S("News")};
    struct ctx *c = *state;
    struct metrics_total m[PAGE];
    int64_t before, due_ms[PLATFORM_COUNT];
    for (int i = 0; i < PAGE; i++) {
        m[i] = total((size_t)i % 2, i % 3 ? PLATFORM_TWITTER : PLATFORM_TIKTOK, pillars[i % 3],
                     TODAY - i % 5);
        m[i].counts = (struct metrics_counts){.impressions = 100 + i, .engagements = 10};
        m[i].untold = i % 7 == 0;
        m[i].due_ms = i % 7 == 0 ? 700 : i % 2 ? 800 : INT64_MAX;
        publish(c, &m[i].post);
    }
    c->now_ms = at(TODAY, 12);
    must(in_transaction(c, do_record_page, m));
    assert_rollups_equal_raw(c);
    assert_int_equal(raw(c, &m[0]).n, 0);
    assert_int_equal(raw(c, &m[1]).n, 1);
    before = everything(c);
    must(in_transaction(c, do_record_page, m));
    assert_int_equal(everything(c), before);
    for (int i = 0; i < PAGE; i++) {
        m[i].untold = false;
        m[i].counts.impressions += i % 4 == 0 ? -50 : i % 4 * 50;
        m[i].due_ms = i % 3 ? 900 + i : INT64_MAX;
    }
    c->now_ms = at(TODAY + 1, 12);
    must(in_transaction(c, do_record_page, m));
    assert_int_equal(raw(c, &m[0]).n, 1);
    assert_int_equal(raw(c, &m[4]).n, 2);
    assert_rollups_equal_raw(c);
    must(store_metrics_due(c, due_ms));
    assert_int_equal(due_ms[PLATFORM_TWITTER], 901);
    assert_int_equal(due_ms[PLATFORM_TIKTOK], INT64_MAX);
    assert_int_equal(due_ms[PLATFORM_LINKEDIN], INT64_MAX);
}

static void another_tenant_and_the_other_mode_see_nothing(void **state)
{
    struct ctx *c = *state;
    struct metrics_range r = {.first_day = 0, .last_day = TODAY + 9};
    struct metrics_total m[3];
    fill(c, m);
    assert_int_equal(days(c, r).posts, 3);
    c->scope.live = true;
    assert_int_equal(days(c, r).posts, 0);
    assert_int_equal(everything(c), 0);
    c->scope = (struct scope){id_new(c->now_ms), false};
    assert_int_equal(days(c, r).posts, 0);
}

static int make(void **state)
{
    (void)state;
    must(database_make(&database, "metrics"));
    must(migrate(&database.ctx, NULL, NULL));
    return 0;
}

static int drop(void **state)
{
    (void)state;
    return database_drop(&database) != NULL;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, new_tenant)
    const struct CMUnitTest tests[] = {
        TEST(two_pulls_give_what_was_gained_in_each_hour),
        TEST(a_repeated_pull_changes_nothing),
        TEST(a_correction_takes_away_on_the_day_it_came),
        TEST(figures_from_before_those_known_change_nothing),
        TEST(a_post_counts_once_and_on_the_day_it_was_published),
        TEST(a_post_never_heard_of_is_counted_with_its_first_figures),
        TEST(a_post_stays_where_it_was_published),
        TEST(sums_know_period_mission_and_platform),
        TEST(days_and_hours_come_in_order),
        TEST(a_mission_is_summed_by_platform_and_by_pillar),
        TEST(the_first_day_is_that_of_the_first_figures),
        TEST(the_best_of_a_day_follows_corrections),
        TEST(the_best_posts_are_those_published_there),
        TEST(posts_are_ranked_by_each_figure_page_by_page),
        TEST(hours_past_their_time_are_forgotten),
        TEST(a_rebuild_changes_nothing),
        TEST(a_page_of_posts_is_booked_at_once),
        TEST(another_tenant_and_the_other_mode_see_nothing),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    return cmocka_run_group_tests(tests, make, drop);
}
