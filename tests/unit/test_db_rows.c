/* test_db_rows.c: many rows with few round trips: what db/db.h promises of them, kept by a real
 * server. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "things.h"

static const struct query some = {
    .name = "thing.some",
    .sql = "SELECT :cols FROM thing WHERE id IN (:ids) AND n < ? ORDER BY n LIMIT 100",
    .row = &row,
};

static void a_write_for_many_rows_is_one_round_trip(void **state)
{
    struct ctx *c = *state;
    struct db_rows rows = db_rows_new(c->arena, 4, 2);
    uint64_t found = 9;
    for (int64_t n = 1; n <= 3; n++)
        add(c, n);
    db_rows_add(&rows, P(S("first")), P(1));
    db_rows_add(&rows, P(((struct str){NULL, 0})), P(2));
    db_rows_add(&rows, P(S("")), P(3));
    db_rows_add(&rows, P(S("of nobody")), P(4));
    db_reset_count(c->db);
    must(db_run_each(c, &set_text, &rows, &found));
    assert_int_equal(db_count(c->db), 1);
    assert_int_equal(found, 3);
    assert_true(str_eq(thing_at(c, 1).text, S("first")));
    assert_null(thing_at(c, 2).text.p);
    assert_non_null(thing_at(c, 3).text.p);
    must(db_run_each(c, &set_text, &rows, &found)); /* found, changed or not */
    assert_int_equal(found, 3);
    must(db_run(c, &set_text, &found, P(S("alone")), P(2))); /* and with one row as before */
    assert_int_equal(found, 1);
    assert_true(str_eq(thing_at(c, 2).text, S("alone")));
    assert_true(str_eq(thing_at(c, 1).text, S("first")));
}

static void many_rows_take_every_kind_of_value(void **state)
{
    struct ctx *c = *state;
    const struct id id = id_new(c->now_ms), none = {{0}};
    struct db_rows rows = db_rows_new(c->arena, 2, 8);
    struct thing t;
    db_rows_add(&rows, P(1), P(&none), P(INT64_MIN), param_time(0), P(INT64_MIN),
                P(((struct str){NULL, 0})), P(S("")), P((double)NAN));
    db_rows_add(&rows, P(2), P(&id), P(200), param_time(c->now_ms), P(true), P(S("Grüße 🙂")),
                P(S("\xff\0\x80")), P(0.1));
    must(db_run_each(c, &insert, &rows, NULL));
    t = thing_at(c, 1);
    assert_true(id_is_none(&t.id));
    assert_null(t.text.p);
    assert_true(isnan(t.share));
    t = thing_at(c, 2);
    assert_true(id_eq(&t.id, &id));
    assert_int_equal(t.kind, 200);
    assert_int_equal(t.at_ms, c->now_ms);
    assert_true(t.on);
    assert_true(str_eq(t.text, S("Grüße 🙂")));
    assert_true(str_eq(t.bytes, S("\xff\0\x80")));
    assert_true(t.share == 0.1);
}

static void many_rows_of_nothing_but_null_are_written(void **state)
{
    struct ctx *c = *state;
    struct db_rows rows = db_rows_new(c->arena, 2, 2);
    uint64_t found;
    add(c, 1);
    add(c, 2);
    db_rows_add(&rows, P(INT64_MIN), P(1));
    db_rows_add(&rows, P(INT64_MIN), P(2));
    must(db_run_each(c, &set_kind, &rows, &found));
    assert_int_equal(found, 2);
    assert_int_equal(thing_at(c, 2).kind, 0);
}

static void a_duplicate_among_many_rows_is_told(void **state)
{
    struct ctx *c = *state;
    struct db_rows rows = db_rows_new(c->arena, 3, 2);
    db_rows_add(&rows, P(1), P(S("a")));
    db_rows_add(&rows, P(2), P(S("a")));
    db_rows_add(&rows, P(3), P(S("b")));
    assert_true(db_is_duplicate(db_run_each(c, &insert_name, &rows, NULL)));
    must(db_run(c, &insert_name, NULL, P(9), P(S("c")))); /* the statement still works */
}

static void for_no_rows_nothing_is_said(void **state)
{
    struct ctx *c = *state;
    struct db_rows rows = db_rows_new(c->arena, 0, 2);
    uint64_t found = 9;
    db_reset_count(c->db);
    must(db_run_each(c, &set_kind, &rows, &found));
    assert_int_equal(found, 0);
    assert_int_equal(db_count(c->db), 0);
}

static void a_list_of_ids_may_be_short_or_full(void **state)
{
    struct ctx *c = *state;
    struct id ids[DB_IDS];
    struct list list;
    for (size_t i = 0; i < DB_IDS; i++) {
        ids[i] = id_new(c->now_ms);
        must(db_run(c, &insert, NULL, P((int64_t)i + 1), P(&ids[i]), P(1), P(1), P(true), P(S("a")),
                    P(S("b")), P(0.5)));
    }
    must(db_all(c, &some, &list, P(((struct id_list){ids + 7, 1})), P(1000)));
    assert_int_equal(list.n, 1);
    assert_int_equal(((const struct thing *)list.at)->n, 8);
    must(db_all(c, &some, &list, P(((struct id_list){ids, DB_IDS})), P(1000)));
    assert_int_equal(list.n, DB_IDS);
    must(db_all(c, &some, &list, P(((struct id_list){ids, DB_IDS})), P(4)));
    assert_int_equal(list.n, 3);
}

static const struct query insert_names = {
    .name = "thing.insert_names",
    .sql = "INSERT INTO thing (n, name) VALUES "
           "(?, ?)",
};

enum { MANY = 38 };

/* Rows 1 to MANY, with names from "name 1" on; `same` has the name of the first. */
static struct db_rows many_names(struct arena *a, int same)
{
    struct db_rows rows = db_rows_new(a, MANY, 2);
    for (int i = 1; i <= MANY; i++)
        db_rows_add(&rows, P(i), P(arena_printf(a, "name %d", i == same ? 1 : i)));
    return rows;
}

static void of_many_rows_those_whose_key_is_there_are_left_out(void **state)
{
    struct ctx *c = *state;
    bool taken[MANY] = {false};
    struct db_rows rows = many_names(c->arena, 9);
    struct thing out;
    must(db_insert_each(c, &insert_names, &rows, taken));
    for (int i = 1; i <= MANY; i++) {
        assert_int_equal(taken[i - 1], i == 9);
        error e = db_one(c, &get, &out, P(i));
        assert_true(i == 9 ? error_is(e, ERR_NOT_FOUND) : !e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_write_for_many_rows_is_one_round_trip, fresh_table),
        cmocka_unit_test_setup(many_rows_take_every_kind_of_value, fresh_table),
        cmocka_unit_test_setup(many_rows_of_nothing_but_null_are_written, fresh_table),
        cmocka_unit_test_setup(a_duplicate_among_many_rows_is_told, fresh_table),
        cmocka_unit_test_setup(for_no_rows_nothing_is_said, fresh_table),
        cmocka_unit_test_setup(a_list_of_ids_may_be_short_or_full, fresh_table),
        cmocka_unit_test_setup(of_many_rows_those_whose_key_is_there_are_left_out, fresh_table),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    if (database_make(&database, "db_rows"))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return database_drop(&database) ? 1 : failed;
}
