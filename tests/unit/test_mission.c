/* test_mission.c: states of missions, their dates, and the constraints under which they run. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "domain/mission.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(1 << 22);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void only_the_agreed_transitions_are_possible(void **state)
{
    /* Rows: from draft to deleted; columns: pause, resume, complete, delete. */
    static const enum mission_status to[][4] = {
        [MISSION_NONE] = {0, 0, 0, 0},
        [MISSION_DRAFT] = {0, MISSION_ACTIVE, 0, MISSION_DELETED},
        [MISSION_ACTIVE] = {MISSION_PAUSED, 0, MISSION_COMPLETED, MISSION_DELETED},
        [MISSION_PAUSED] = {0, MISSION_ACTIVE, MISSION_COMPLETED, MISSION_DELETED},
        [MISSION_COMPLETED] = {0, 0, 0, MISSION_DELETED},
        [MISSION_DELETED] = {0, 0, 0, 0},
    };
    (void)state;
    for (enum mission_status from = MISSION_NONE; from <= MISSION_DELETED; from++) {
        for (enum mission_event event = MISSION_PAUSE; event <= MISSION_DELETE; event++) {
            enum mission_status next = MISSION_NONE;
            assert_int_equal(mission_next(from, event, &next), to[from][event] != MISSION_NONE);
            assert_int_equal(next, to[from][event]);
        }
    }
}

static int64_t ms_of(const char *text)
{
    int64_t ms = 0;
    if (!time_parse(str_of(text), &ms))
        fail_msg("%s is no time", text);
    return ms;
}

#define REQUIRED                                                                                   \
    "\"name\":\"My Mission\",\"objectives\":[\"Drive awareness\"],\"platforms\":[\"twitter\"]"

/* The mission that a body states at noon of 10 January 2024. */
static error state_mission(const char *members, struct mission *m)
{
    sent what;
    struct str body = arena_printf(arena, "{" REQUIRED "%s}", members);
    TRY(shape_read(arena, &mission_shape, body, m, &what));
    return mission_complete_dates(arena, m, what, ms_of("2024-01-10T12:00:00Z") + 345);
}

static void start_end_and_length_follow_from_each_other(void **state)
{
    static const struct {
        const char *members, *starts, *ends;
        int64_t days;
    } cases[] = {
        {"", "2024-01-10T12:00:00Z", "2024-02-09T23:59:59Z", 30},
        {",\"duration_days\":1", "2024-01-10T12:00:00Z", "2024-01-11T23:59:59Z", 1},
        {",\"starts_at\":\"2024-02-01T00:00:00Z\",\"duration_days\":28", "2024-02-01T00:00:00Z",
         "2024-02-29T23:59:59Z", 28},
        {",\"ends_at\":\"2024-01-20T12:00:00Z\"", "2024-01-10T12:00:00Z", "2024-01-20T12:00:00Z",
         10},
        {",\"ends_at\":\"2024-01-10T13:00:00Z\"", "2024-01-10T12:00:00Z", "2024-01-10T13:00:00Z",
         1},
        {",\"ends_at\":\"2024-01-20T12:00:00+02:00\",\"duration_days\":9", "2024-01-10T12:00:00Z",
         "2024-01-20T10:00:00Z", 9},
        {",\"ends_at\":\"2024-02-09T23:59:59Z\",\"duration_days\":30", "2024-01-10T12:00:00Z",
         "2024-02-09T23:59:59Z", 30},
        {",\"starts_at\":\"2024-03-01T00:00:00Z\",\"ends_at\":\"2034-02-27T00:00:00Z\"",
         "2024-03-01T00:00:00Z", "2034-02-27T00:00:00Z", 3650},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mission m;
        assert_null(state_mission(cases[i].members, &m));
        assert_int_equal(m.starts_ms, ms_of(cases[i].starts));
        assert_int_equal(m.ends_ms, ms_of(cases[i].ends));
        assert_int_equal(m.duration_days, cases[i].days);
    }
}

static void dates_that_contradict_each_other_are_refused(void **state)
{
    static const struct {
        const char *members, *param;
    } cases[] = {
        {",\"ends_at\":\"2024-01-10T12:00:00Z\"", "ends_at"},
        {",\"ends_at\":\"2024-01-09T00:00:00Z\"", "ends_at"},
        {",\"starts_at\":\"2024-03-02T00:00:00Z\",\"ends_at\":\"2024-03-01T00:00:00Z\"", "ends_at"},
        {",\"ends_at\":\"2035-01-10T12:00:00Z\"", "ends_at"},
        {",\"ends_at\":\"2024-01-20T12:00:00Z\",\"duration_days\":11", "duration_days"},
        {",\"duration_days\":0", "duration_days"},
        {",\"duration_days\":3651", "duration_days"},
        {",\"starts_at\":\"2024-01-20\"", "starts_at"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mission m;
        error e = state_mission(cases[i].members, &m);
        if (!error_is(e, ERR_INVALID_REQUEST) || !str_eq(e->param, str_of(cases[i].param)))
            fail_msg("%s: %.*s", cases[i].members, STR(e ? e->param : S("passes")));
    }
}

static void the_mission_of_the_documentation_needs_no_more(void **state)
{
    struct mission m;
    struct list list;
    (void)state;
    assert_null(state_mission("", &m));
    assert_int_equal(m.status, MISSION_ACTIVE);
    assert_null(mission_objectives(arena, &m, &list));
    assert_int_equal(list.n, 1);
    assert_true(str_eq(*(const struct str *)list.at, S("Drive awareness")));
    assert_null(mission_kpis(arena, &m, &list));
    assert_int_equal(list.n, 0);
}

static void platforms_are_kept_as_bits_too(void **state)
{
    struct mission m = {.platforms = S("[\"twitter\",\"mastodon\"]")};
    struct list list;
    (void)state;
    assert_null(mission_read_platforms(arena, &m));
    assert_int_equal(m.platform_set, 1 << PLATFORM_TWITTER | 1 << PLATFORM_MASTODON);
    assert_null(mission_platforms(arena, &m, &list));
    assert_int_equal(list.n, 2);
    assert_int_equal(((const int *)list.at)[1], PLATFORM_MASTODON);
}

static void a_kpi_is_meant_for_all_platforms_unless_it_says_so(void **state)
{
    struct mission m;
    struct list list;
    const struct kpi *k;
    (void)state;
    assert_null(state_mission(",\"kpis\":[{\"metric\":\"impressions\",\"target\":1000},"
                              "{\"metric\":\"engagement_rate\",\"target\":2.5,"
                              "\"platform\":\"linkedin\"}]",
                              &m));
    assert_null(mission_kpis(arena, &m, &list));
    k = list.at;
    assert_int_equal(list.n, 2);
    assert_int_equal(k[0].platform, KPI_ALL);
    assert_int_equal(k[0].metric, KPI_IMPRESSIONS);
    assert_int_equal(k[1].platform, PLATFORM_LINKEDIN);
    assert_true(k[1].target > 2.49 && k[1].target < 2.51);
}

static void a_mission_that_is_not_well_stated_is_refused_by_place(void **state)
{
    static const struct {
        const char *body, *param;
    } cases[] = {
        {"{}", "name"},
        {"{\"name\":\"\",\"objectives\":[\"x\"],\"platforms\":[\"twitter\"]}", "name"},
        {"{\"name\":\"x\",\"objectives\":[],\"platforms\":[\"twitter\"]}", "objectives"},
        {"{\"name\":\"x\",\"objectives\":[\" \"],\"platforms\":[\"twitter\"]}", "objectives[0]"},
        {"{\"name\":\"x\",\"objectives\":[\"x\"],\"platforms\":[]}", "platforms"},
        {"{\"name\":\"x\",\"objectives\":[\"x\"],\"platforms\":[\"twitter\",\"icq\"]}",
         "platforms[1]"},
        {"{\"name\":\"x\",\"objectives\":[\"x\"],\"platforms\":[\"twitter\",\"twitter\"]}",
         "platforms[1]"},
        {"{" REQUIRED ",\"status\":\"deleted\"}", "status"},
        {"{" REQUIRED ",\"livemode\":true}", "livemode"},
        {"{" REQUIRED ",\"kpis\":[{\"metric\":\"impressions\"}]}", "kpis[0].target"},
        {"{" REQUIRED ",\"kpis\":[{\"metric\":\"fame\",\"target\":1}]}", "kpis[0].metric"},
        {"{" REQUIRED ",\"constraints\":{\"timezone\":\"Mars/Base\"}}", "constraints.timezone"},
        {"{" REQUIRED ",\"constraints\":{\"posting_times\":[\"09:00\",\"9:00\"]}}",
         "constraints.posting_times[1]"},
        {"{" REQUIRED ",\"constraints\":{\"posts_per_day\":25}}", "constraints.posts_per_day"},
        {"{" REQUIRED ",\"brand_context_id\":\"msn_2xK9mPqR4vN8sT3w\"}", "brand_context_id"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mission m;
        sent what;
        error e = shape_read(arena, &mission_shape, str_of(cases[i].body), &m, &what);
        if (!error_is(e, ERR_INVALID_REQUEST) || !str_eq(e->param, str_of(cases[i].param)))
            fail_msg("%s: %.*s", cases[i].body, STR(e ? e->param : S("passes")));
    }
}

static error constrain(const char *body, struct constraints *k)
{
    sent what;
    return shape_read(arena, &constraints_shape, str_of(body), k, &what);
}

static void constraints_have_defaults(void **state)
{
    struct constraints k;
    (void)state;
    assert_null(constrain("{}", &k));
    assert_int_equal(k.cadence, CADENCE_DAILY);
    assert_int_equal(k.posts_per_day, 1);
    assert_int_equal(k.posting_times.n, 1);
    assert_true(str_eq(*(const struct str *)k.posting_times.at, S("09:00")));
    assert_true(str_eq(k.timezone, S("UTC")));
    assert_true(str_eq(k.language, S("en")));
    assert_int_equal(k.min_approvals, 1);
    assert_int_equal(k.budget_cents, INT_NONE);
    assert_int_equal(k.auto_approve_after_hours, INT_NONE);
    assert_true(isnan(k.auto_approve_threshold));
    assert_false(k.require_approval);
    assert_null(k.tone.p);
}

static void posts_and_posting_times_follow_from_each_other(void **state)
{
    static const struct {
        const char *body;
        int64_t posts, times;
    } cases[] = {
        {"{\"posting_times\":[\"08:00\",\"12:00\",\"16:30\"]}", 3, 3},
        {"{\"posts_per_day\":4}", 4, 0},
        {"{\"posts_per_day\":4,\"posting_times\":[\"08:00\"]}", 4, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct constraints k;
        assert_null(constrain(cases[i].body, &k));
        assert_int_equal(k.posts_per_day, cases[i].posts);
        assert_int_equal(k.posting_times.n, cases[i].times);
    }
}

static void constraints_that_leave_no_plan_are_refused(void **state)
{
    static const struct {
        const char *body, *param;
    } cases[] = {
        {"{\"posts_per_day\":1,\"posting_times\":[\"08:00\",\"12:00\"]}", "posting_times"},
        {"{\"earliest_time\":\"10:00\",\"latest_time\":\"09:59\"}", "latest_time"},
        {"{\"exclude_days\":[\"monday\",\"tuesday\",\"wednesday\",\"thursday\",\"friday\","
         "\"saturday\",\"sunday\"]}",
         "exclude_days"},
        {"{\"posting_times\":[\"24:00\"]}", "posting_times[0]"},
        {"{\"posting_times\":[\"08:00\",\"08:00\"]}", "posting_times[1]"},
        {"{\"language\":\"e\"}", "language"},
        {"{\"language\":\"-en\"}", "language"},
        {"{\"auto_approve_threshold\":1.01}", "auto_approve_threshold"},
        {"{\"budget_cents\":-1}", "budget_cents"},
        {"{\"cadence\":\"yearly\"}", "cadence"},
    };
    struct constraints k;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        error e = constrain(cases[i].body, &k);
        if (!error_is(e, ERR_INVALID_REQUEST) || !str_eq(e->param, str_of(cases[i].param)))
            fail_msg("%s: %.*s", cases[i].body, STR(e ? e->param : S("passes")));
    }
    assert_null(constrain("{\"earliest_time\":\"10:00\",\"latest_time\":\"10:00\","
                          "\"language\":\"pt-BR\"}",
                          &k));
}

static void constraints_become_a_posting_plan(void **state)
{
    struct mission m;
    struct constraints k;
    struct schedule s;
    (void)state;
    assert_null(state_mission(",\"constraints\":{\"cadence\":\"weekdays\",\"posts_per_day\":3,"
                              "\"posting_times\":[\"08:30\",\"23:59\"],"
                              "\"timezone\":\"Europe/Madrid\",\"latest_time\":\"22:00\","
                              "\"exclude_days\":[\"monday\",\"friday\"]}",
                              &m));
    assert_null(mission_constraints(arena, &m, &k));
    assert_null(mission_schedule(arena, &m, &k, &s));
    assert_int_equal(s.cadence, CADENCE_WEEKDAYS);
    assert_int_equal(s.posts_per_day, 3);
    assert_int_equal(s.times_count, 2);
    assert_int_equal(s.times[0], 8 * 60 + 30);
    assert_int_equal(s.times[1], 23 * 60 + 59);
    assert_true(str_eq(s.zone, S("Europe/Madrid")));
    assert_int_equal(s.earliest, -1);
    assert_int_equal(s.latest, 22 * 60);
    assert_int_equal(s.excluded_days, 1u << DAY_MONDAY | 1u << DAY_FRIDAY);
    assert_int_equal(s.starts_ms, m.starts_ms);
    assert_int_equal(s.ends_ms, m.ends_ms);
}

static void a_deleted_mission_has_no_name_for_its_state(void **state)
{
    (void)state;
    assert_int_equal(names_find(&mission_status_names, S("completed")), MISSION_COMPLETED);
    assert_int_equal(names_find(&mission_status_names, S("deleted")), MISSION_NONE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(only_the_agreed_transitions_are_possible),
        TEST(start_end_and_length_follow_from_each_other),
        TEST(dates_that_contradict_each_other_are_refused),
        TEST(the_mission_of_the_documentation_needs_no_more),
        TEST(platforms_are_kept_as_bits_too),
        TEST(a_kpi_is_meant_for_all_platforms_unless_it_says_so),
        TEST(a_mission_that_is_not_well_stated_is_refused_by_place),
        TEST(constraints_have_defaults),
        TEST(posts_and_posting_times_follow_from_each_other),
        TEST(constraints_that_leave_no_plan_are_refused),
        TEST(constraints_become_a_posting_plan),
        TEST(a_deleted_mission_has_no_name_for_its_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
