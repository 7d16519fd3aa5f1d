/* test_query.c: query strings taken apart, and parameters read through a shape. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "http/query.h"

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

struct filter {
    struct id mission;
    int color;
    int64_t age, since;
    struct str name;
    bool open;
    struct list colors;
};
static const struct str color_list[] = {{0}, S("red"), S("green")};
static const struct names color_names = NAMES(color_list);
static const struct field color_item = {.kind = F_ENUM, .values = &color_names};
static const struct filter filter_init = {.age = 7};

static const char *not_bob(struct str text)
{
    return str_eq(text, S("bob")) ? "Must not be bob." : NULL;
}

#define AT(member) offsetof(struct filter, member)
static const struct field filter_fields[] = {
    {.name = S("mission_id"), .kind = F_ID, .at = AT(mission), .prefix = S("msn_")},
    {.name = S("color"), .kind = F_ENUM, .at = AT(color), .values = &color_names},
    {.name = S("age"), .kind = F_INT, .at = AT(age), .min = 1, .max = 9},
    {.name = S("since"), .kind = F_TIME, .at = AT(since)},
    {.name = S("name"), .kind = F_TEXT, .at = AT(name), .min = 2, .max = 5, .check = not_bob},
    {.name = S("open"), .kind = F_BOOL, .at = AT(open)},
    {.name = S("colors"), .kind = F_LIST, .at = AT(colors), .max = 2, .item = &color_item},
};
#undef AT
static const struct shape filter_shape =
    SHAPE_INIT("filter", struct filter, filter_fields, &filter_init, NULL);

static struct request split(const char *query)
{
    struct request r = {.query_text = str_of(query)};
    if (query_split(arena, &r))
        fail_msg("%s is refused", query);
    return r;
}

/* The parameter that an error names. */
static void must_name(error e, const char *param, const char *query)
{
    if (!error_is(e, ERR_INVALID_REQUEST) || !str_eq(e->param, str_of(param)))
        fail_msg("%s: %.*s, not %s", query, STR(e ? e->param : S("no error")), param);
}

static void a_query_is_split_and_decoded_once(void **state)
{
    struct request r = split("a=1&&b=x+y%26z&c=%2541&d=e=f&%67=%C3%A9&h=;");
    (void)state;
    assert_int_equal(r.query_count, 6);
    assert_true(str_eq(query_get(&r, "a"), S("1")));
    assert_true(str_eq(query_get(&r, "b"), S("x y&z")));
    assert_true(str_eq(query_get(&r, "c"), S("%41")));
    assert_true(str_eq(query_get(&r, "d"), S("e=f")));
    assert_true(str_eq(query_get(&r, "g"), S("\xC3\xA9")));
    assert_true(str_eq(query_get(&r, "h"), S(";")));
    assert_null(query_get(&r, "i").p);
}

static void what_is_malformed_is_refused_by_name(void **state)
{
    static const struct {
        const char *query, *param;
    } cases[] = {
        {"a=", "a"},
        {"a", "a"},
        {"a=1&b=2&a=3", "a"},
        {"a=1&%61=2", "a"},
        {"a=%", "a"},
        {"a=%4", "a"},
        {"a=%zz", "a"},
        {"a=%00", "a"},
        {"a=%C3", "a"},
        {"a=%C0%AF", "a"},
        {"=1", "query"},
        {"%zz=1", "query"},
        {"a=1&%C3=1", "query"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct request r = {.query_text = str_of(cases[i].query)};
        must_name(query_split(arena, &r), cases[i].param, cases[i].query);
    }
}

static void there_is_an_end_to_parameters(void **state)
{
    struct request r = {0};
    (void)state;
    for (int i = 0; i < QUERY_MAX; i++)
        r.query_text = arena_printf(arena, "%.*sp%d=1&", STR(r.query_text), i);
    assert_null(query_split(arena, &r));
    r = (struct request){.query_text = arena_printf(arena, "%.*slast=1", STR(r.query_text))};
    must_name(query_split(arena, &r), "last", "one too many");
}

static void every_kind_of_parameter_is_read(void **state)
{
    struct request r = split("mission_id=msn_2xK9mPqR4vN8sT3w&color=green&age=9&since=2024-02-29"
                             "&name=ad%C3%A9&open=true&colors=green,red");
    struct filter f;
    sent what;
    (void)state;
    assert_null(query_read(arena, &r, &filter_shape, NULL, &f, &what));
    assert_true(str_eq(id_str(&f.mission), S("2xK9mPqR4vN8sT3w")));
    assert_int_equal(f.color, 2);
    assert_int_equal(f.age, 9);
    assert_int_equal(f.since % DAY_MS, 0);
    assert_true(str_eq(f.name, S("ad\xC3\xA9")));
    assert_true(f.open);
    assert_int_equal(f.colors.n, 2);
    assert_int_equal(((const int *)f.colors.at)[0], 2);
    assert_int_equal(((const int *)f.colors.at)[1], 1);
    assert_int_equal(what, (1 << 7) - 1);
}

static void what_is_not_asked_keeps_its_default(void **state)
{
    struct request r = split("open=false");
    struct filter f;
    sent what;
    (void)state;
    assert_null(query_read(arena, &r, &filter_shape, NULL, &f, &what));
    assert_int_equal(f.age, 7);
    assert_int_equal(f.color, 0);
    assert_true(was_sent(&filter_shape, what, S("open")));
    assert_false(was_sent(&filter_shape, what, S("age")));
}

static void a_time_may_carry_an_offset_and_a_date_is_midnight(void **state)
{
    static const struct {
        const char *query;
        int64_t ms;
    } cases[] = {
        {"since=1970-01-02", DAY_MS},
        {"since=1970-01-02T00:00:00Z", DAY_MS},
        {"since=1970-01-02T01:00:00%2B01:00", DAY_MS},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct request r = split(cases[i].query);
        struct filter f;
        sent what;
        assert_null(query_read(arena, &r, &filter_shape, NULL, &f, &what));
        assert_int_equal(f.since, cases[i].ms);
    }
}

static void a_value_that_does_not_fit_is_refused_by_name(void **state)
{
    static const struct {
        const char *query, *param;
    } cases[] = {
        {"size=1", "size"},
        {"Color=red", "Color"},
        {"color=blue", "color"},
        {"color=RED", "color"},
        {"mission_id=cnt_2xK9mPqR4vN8sT3w", "mission_id"},
        {"mission_id=msn_2xK9mPqR4vN8sT3", "mission_id"},
        {"age=0", "age"},
        {"age=10", "age"},
        {"age=1.0", "age"},
        {"age=%201", "age"},
        {"since=yesterday", "since"},
        {"since=2023-02-29", "since"},
        {"since=2024-01-01T00:00:00", "since"},
        {"name=x", "name"},
        {"name=abcdef", "name"},
        {"name=bob", "name"},
        {"open=1", "open"},
        {"open=True", "open"},
        {"colors=red,blue", "colors"},
        {"colors=red,,green", "colors"},
        {"colors=red,red,red", "colors"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct request r = split(cases[i].query);
        struct filter f;
        sent what;
        must_name(query_read(arena, &r, &filter_shape, NULL, &f, &what), cases[i].param,
                  cases[i].query);
    }
}

static void parameters_that_others_read_are_passed_over(void **state)
{
    struct request r = split("limit=5&age=2");
    struct filter f;
    sent what;
    (void)state;
    assert_null(query_read(arena, &r, &filter_shape, &page_query_shape, &f, &what));
    assert_int_equal(f.age, 2);
    must_name(query_read(arena, &r, NULL, NULL, NULL, &what), "limit", "no shape at all");
}

static void a_page_has_a_size_and_a_place(void **state)
{
    struct request r = {0};
    (void)state;
    assert_null(query_page(arena, &r, S("msn_")));
    assert_int_equal(r.page.limit, 20);
    assert_true(id_is_none(&r.page.after));
    r = split("limit=100&starting_after=msn_2xK9mPqR4vN8sT3w");
    assert_null(query_page(arena, &r, S("msn_")));
    assert_int_equal(r.page.limit, 100);
    assert_true(str_eq(id_str(&r.page.after), S("2xK9mPqR4vN8sT3w")));
    r = split("ending_before=msn_2xK9mPqR4vN8sT3w");
    assert_null(query_page(arena, &r, S("msn_")));
    assert_true(str_eq(id_str(&r.page.before), S("2xK9mPqR4vN8sT3w")));
}

static void a_page_that_is_nowhere_is_refused_by_name(void **state)
{
    static const struct {
        const char *query, *param;
    } cases[] = {
        {"limit=0", "limit"},
        {"limit=101", "limit"},
        {"limit=-1", "limit"},
        {"limit=020", "limit"},
        {"limit=2e1", "limit"},
        {"starting_after=cnt_2xK9mPqR4vN8sT3w", "starting_after"},
        {"ending_before=msn_", "ending_before"},
        {"starting_after=msn_2xK9mPqR4vN8sT3w&ending_before=msn_2xK9mPqR4vN8sT3w", "ending_before"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct request r = split(cases[i].query);
        must_name(query_page(arena, &r, S("msn_")), cases[i].param, cases[i].query);
    }
}

static void expansion_may_be_asked_in_three_ways_and_twice(void **state)
{
    static const char *const objects[] = {"expand=mission", "expand[]=mission",
                                          "expand%5B0%5D=mission", "expand=mission&expand=mission"};
    (void)state;
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        struct request r = split(objects[i]);
        assert_null(query_expand(arena, &r, false));
        assert_true(r.expand_mission);
        assert_int_equal(r.query_count, 0);
    }
    struct request r = split("expand=data.mission&limit=1");
    assert_null(query_expand(arena, &r, true));
    assert_true(r.expand_mission);
    assert_int_equal(r.query_count, 1);
}

static void nothing_else_is_expanded(void **state)
{
    static const char *const refused[] = {"expand=content", "expand=data.mission",
                                          "expand=mission,mission", "expand[]=Mission"};
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct request r = split(refused[i]);
        assert_true(error_is(query_expand(arena, &r, false), ERR_INVALID_REQUEST));
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_query_is_split_and_decoded_once),
        TEST(what_is_malformed_is_refused_by_name),
        TEST(there_is_an_end_to_parameters),
        TEST(every_kind_of_parameter_is_read),
        TEST(what_is_not_asked_keeps_its_default),
        TEST(a_time_may_carry_an_offset_and_a_date_is_midnight),
        TEST(a_value_that_does_not_fit_is_refused_by_name),
        TEST(parameters_that_others_read_are_passed_over),
        TEST(a_page_has_a_size_and_a_place),
        TEST(a_page_that_is_nowhere_is_refused_by_name),
        TEST(expansion_may_be_asked_in_three_ways_and_twice),
        TEST(nothing_else_is_expanded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
