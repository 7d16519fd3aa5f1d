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
    return store_metrics_record(c, m);
}

static error do_publish(struct ctx *c, void *post)
{
    return store_metrics_published(c, post);
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
    int64_t day;
    struct metrics_counts n;
};
#define AT(member) offsetof(struct raw, member)
static const struct col raw_cols[] = {
    {"day", COL_INT, AT(day)},
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
    .sql = "SELECT :cols FROM metric_day WHERE tenant_id = :tenant AND livemode = :live"
           " AND content_id = ? ORDER BY day LIMIT 100",
    .row = &raw_row,
};

static struct list raw(struct ctx *c, const struct metrics_total *m)
{
    struct list list;
    must(db_all(c, &raw_of, &list, P(&m->post.content)));
    return list;
}

/* Everything that is kept, as one number. */
#define SUM_OF(table, columns)                                                                     \
    "SELECT COALESCE(SUM(CRC32(CONCAT_WS(',', " columns "))), 0) AS n FROM " table                 \
    " WHERE tenant_id = :tenant AND livemode = :live"
static const struct col number_cols[] = {{"SUM(n)", COL_INT, 0}};
static const struct row number_row = ROW(int64_t, number_cols);
static const struct query get_state = {
    .name = "test.state",
    .sql = "SELECT :cols FROM (" SUM_OF(
        "metric_day",
        "content_id, day, impressions, engagements,"
        " likes, comments, shares, saves, clicks") " UNION ALL " SUM_OF("metric_last",
                                                                        "content_id, "
                                                                        "impressions, "
                                                                        "engagements, "
                                                                        "changed_ms") " UNION "
                                                                                      "ALL"
                                                                                      " " SUM_OF(
                                                                                          "rollup_"
                                                                                          "day",
                                                                                          "mission_"
                                                                                          "id, "
                                                                                          "day, "
                                                                                          "platform"
                                                                                          ", type, "
                                                                                          "pillar, "
                                                                                          "posts,"
                                                                                          " impress"
                                                                                          "ions, "
                                                                                          "engageme"
                                                                                          "nts, "
                                                                                          "clicks") " UNION ALL " SUM_OF("rollup_hour",
                                                                                                                         "mission_id, hour, platform, posts, impressions,"
                                                                                                                         " engagements, clicks") ") s",
    .row = &number_row,
};

static int64_t everything(struct ctx *c)
{
    int64_t n = 0;
    must(db_one(c, &get_state, &n));
    return n;
}

/* Roll-ups that differ from what the raw rows say. */
static const struct col wrong_cols[] = {{"COUNT(*)", COL_INT, 0}};
static const struct row wrong_row = ROW(int64_t, wrong_cols);
#define SUMS "SUM(posts) AS p, SUM(impressions) AS i, SUM(engagements) AS e, SUM(clicks) AS k"
#define RAW                                                                                        \
    "SELECT l.mission_id, d.day, l.platform, l.type, l.pillar, 0 AS posts, d.impressions,"         \
    " d.engagements, d.clicks FROM metric_day d JOIN metric_last l ON l.tenant_id = d.tenant_id"   \
    " AND l.livemode = d.livemode AND l.content_id = d.content_id"                                 \
    " WHERE d.tenant_id = :tenant AND d.livemode = :live"                                          \
    " UNION ALL SELECT mission_id, published_ms DIV 86400000, platform, type, pillar, 1, 0, 0, 0"  \
    " FROM metric_last WHERE tenant_id = :tenant AND livemode = :live"
#define MINUS(rollups, keys)                                                                       \
    "SELECT :cols FROM (SELECT " keys ", SUM(p) AS p, SUM(i) AS i, SUM(e) AS e, SUM(k) AS k FROM"  \
    " (SELECT " keys ", " SUMS " FROM (" RAW ") a GROUP BY " keys " UNION ALL SELECT " keys        \
    ", -SUM(posts), -SUM(impressions), -SUM(engagements), -SUM(clicks)"                            \
    " FROM " rollups " WHERE tenant_id = :tenant AND livemode = :live AND mission_id "
#define END(keys) " GROUP BY " keys ") b GROUP BY " keys ") c WHERE p OR i OR e OR k"
static const struct query wrong_days = {
    .name = "test.wrong_days",
    .sql =
        MINUS("rollup_day", "mission_id, day, platform, type, pillar") "<> '0000000000000000'" END(
            "mission_id, day, platform, type, pillar"),
    .row = &wrong_row,
};
static const struct query wrong_totals = {
    .name = "test.wrong_totals",
    .sql = MINUS("rollup_day",
                 "day, platform, type") "= '0000000000000000'" END("day, platform, type"),
    .row = &wrong_row,
};
#define HOURS                                                                                      \
    "(SELECT tenant_id, livemode, mission_id, hour DIV 24 AS day, platform, posts, impressions,"   \
    " engagements, clicks FROM rollup_hour) h"
static const struct query wrong_hours = {
    .name = "test.wrong_hours",
    .sql = MINUS(HOURS, "mission_id, day, platform") "<> '0000000000000000'" END(
        "mission_id, day, platform"),
    .row = &wrong_row,
};
static const struct query wrong_total_hours = {
    .name = "test.wrong_total_hours",
    .sql = MINUS(HOURS, "day, platform") "= '0000000000000000'" END("day, platform"),
    .row = &wrong_row,
};

static void assert_rollups_equal_raw(struct ctx *c)
{
    static const struct query *const queries[] = {&wrong_days, &wrong_totals, &wrong_hours,
                                                  &wrong_total_hours};
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        int64_t wrong = -1;
        must(db_one(c, queries[i], &wrong));
        if (wrong != 0)
            fail_msg("%s: %d", queries[i]->name, (int)wrong);
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

static void two_pulls_give_what_was_gained_on_each_day(void **state)
{
    struct ctx *c = *state;
    struct metrics_total m = total(0, PLATFORM_TWITTER, S("Ideas"), TODAY);
    const struct raw *r;
    struct list list;
    pull(c, at(TODAY, 12), &m, 100, 8, 3);
    pull(c, at(TODAY, 23), &m, 130, 12, 3);
    pull(c, at(TODAY + 1, 0), &m, 150, 20, 10);
    list = raw(c, &m);
    r = list.at;
    assert_int_equal(list.n, 2);
    assert_int_equal(r[0].day, TODAY);
    assert_int_equal(r[0].n.impressions, 130);
    assert_int_equal(r[0].n.engagements, 12);
    assert_int_equal(r[0].n.likes, 6);
    assert_int_equal(r[0].n.comments, 3);
    assert_int_equal(r[0].n.shares, 1);
    assert_int_equal(r[0].n.saves, 2);
    assert_int_equal(r[0].n.clicks, 3);
    assert_int_equal(r[1].day, TODAY + 1);
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
    pull(c, at(TODAY + 3, 10), &m, 500, 40, 4);
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

static void assert_best(struct ctx *c, struct metrics_range r, const struct metrics_total *first,
                        size_t n)
{
    const struct metrics_best *best;
    struct list list;
    must(store_metrics_best(c, &r, 2, &list));
    best = list.at;
    assert_int_equal(list.n, n);
    if (n == 0)
        return;
    assert_true(id_eq(&best[0].content, &first->post.content));
    assert_int_equal(best[0].impressions, first->counts.impressions);
    assert_int_equal(best[0].engagements, first->counts.engagements);
    assert_int_equal(best[0].platform, first->post.platform);
    assert_true(str_eq(best[0].copy, S("{\"primary\":\"x\"}")));
}

static void the_best_posts_are_those_published_in_the_period(void **state)
{
    struct ctx *c = *state;
    struct metrics_range r = {.first_day = TODAY - 1, .last_day = TODAY};
    struct metrics_total m[3];
    fill(c, m);
    for (size_t i = 0; i < 3; i++)
        insert_content(c, &m[i], S("{\"primary\":\"x\"}"));
    assert_best(c, r, &m[0], 2);
    r.first_day = TODAY;
    assert_best(c, r, &m[2], 2);
    r.mission = missions[0];
    assert_best(c, r, &m[1], 1);
    r.platform_set = 1 << PLATFORM_TWITTER;
    assert_best(c, r, NULL, 0);
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

static void costs_are_those_of_the_mission_and_the_time(void **state)
{
    static const struct query spend = {
        .name = "test.spend",
        .sql = "INSERT INTO cost (tenant_id, livemode, id, mission_id, category, provider, model,"
               " tokens_in, tokens_out, micros, spent_ms)"
               " VALUES (:tenant, :live, ?, ?, 1, 'p', 'm', 1, 1, ?, ?)",
    };
    struct ctx *c = *state;
    int64_t micros = -1;
    for (int64_t i = 0; i < 4; i++) {
        struct id id = id_new(c->now_ms);
        must(db_run(c, &spend, NULL, P(&id), P(&missions[i % 2]), P((i + 1) * 1000), P(100 * i)));
    }
    must(store_metrics_cost(c, &missions[0], 0, INT64_MAX, &micros));
    assert_int_equal(micros, 4000);
    must(store_metrics_cost(c, &missions[0], 0, 200, &micros));
    assert_int_equal(micros, 1000);
    must(store_metrics_cost(c, &missions[1], 301, 400, &micros));
    assert_int_equal(micros, 0);
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
        TEST(two_pulls_give_what_was_gained_on_each_day),
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
        TEST(the_best_posts_are_those_published_in_the_period),
        TEST(another_tenant_and_the_other_mode_see_nothing),
        TEST(costs_are_those_of_the_mission_and_the_time),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    return cmocka_run_group_tests(tests, make, drop);
}
