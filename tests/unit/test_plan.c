/* test_plan.c: what becomes of a statement's text. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "db/plan.h"

static const struct col cols[] = {{"m.id", COL_ID, 0}, {"COUNT(*) AS n", COL_INT, 16}};
static const struct row row = {cols, 2, 24};

static struct plan plan_of(struct arena *a, const char *sql)
{
    struct plan plan;
    plan_make(a, &(struct query){.name = "test", .sql = sql, .row = &row}, &plan);
    return plan;
}

static void names_become_columns_and_placeholders(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 20);
    struct plan p = plan_of(a, "SELECT :cols FROM m WHERE t = :tenant AND l = :live AND a = ?"
                               " AND b < :now AND c > :now");
    assert_string_equal(p.sql.p, "SELECT m.id, COUNT(*) AS n FROM m WHERE t = ? AND l = ? AND a = ?"
                                 " AND b < ? AND c > ?");
    const enum plan_source sources[] = {PLAN_TENANT, PLAN_LIVE, PLAN_ARGUMENT, PLAN_NOW, PLAN_NOW};
    assert_int_equal(p.n, 5);
    assert_int_equal(p.arguments, 1);
    assert_memory_equal(p.sources, sources, sizeof sources);
    arena_free(a);
}

static void quoted_text_stays_as_it_is(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 20);
    const char *sql = "SELECT ':now ?', \"it's :live\", `a:tenant?`, 'don''t ?', 'a\\'?' FROM m";
    struct plan p = plan_of(a, sql);
    assert_string_equal(p.sql.p, sql);
    assert_int_equal(p.n, 0);
    arena_free(a);
}

static void a_colon_alone_is_no_name(void **state)
{
    (void)state;
    struct arena *a = arena_new(1 << 20);
    struct plan p = plan_of(a, "SELECT @x := 1, ?");
    assert_string_equal(p.sql.p, "SELECT @x := 1, ?");
    assert_int_equal(p.n, 1);
    arena_free(a);
}

static void values_come_from_context_and_arguments_in_order(void **state)
{
    struct arena *a = arena_new(1 << 20);
    (void)state;
    struct param out[4];
    struct plan p = plan_of(a, "? :now ? :tenant");
    struct ctx c = {.arena = a, .now_ms = 77, .scope.tenant = id_floor(77)};
    plan_fill(&p, &c, PARAMS_(P(5), P(S("x"))), out);
    assert_int_equal(out[0].i, 5);
    assert_int_equal(out[1].i, 77);
    assert_int_equal(out[2].kind, PARAM_TEXT);
    assert_ptr_equal(out[3].id, &c.scope.tenant);
    arena_free(a);
}

static void a_list_of_ids_is_one_argument_and_filled_up(void **state)
{
    struct arena *a = arena_new(1 << 20);
    (void)state;
    struct param out[2 + DB_IDS];
    const struct id ids[] = {id_floor(1), id_floor(2)};
    struct plan p = plan_of(a, "? (:ids) ?");
    struct ctx c = {.arena = a};
    assert_int_equal(p.n, 2 + DB_IDS);
    assert_int_equal(p.arguments, 3);
    assert_int_equal(p.sql.n, 1 + 2 + (DB_IDS * 3 - 2) + 2 + 1);
    plan_fill(&p, &c, PARAMS_(P(5), P(((struct id_list){ids, 2})), P(6)), out);
    assert_int_equal(out[0].i, 5);
    assert_ptr_equal(out[1].id, &ids[0]);
    assert_ptr_equal(out[2].id, &ids[1]);
    assert_ptr_equal(out[DB_IDS].id, &ids[1]);
    assert_int_equal(out[DB_IDS + 1].i, 6);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_become_columns_and_placeholders),
        cmocka_unit_test(quoted_text_stays_as_it_is),
        cmocka_unit_test(a_colon_alone_is_no_name),
        cmocka_unit_test(a_list_of_ids_is_one_argument_and_filled_up),
        cmocka_unit_test(values_come_from_context_and_arguments_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
