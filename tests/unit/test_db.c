/* test_db.c: the promises of db/db.h, kept by a real server. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "things.h"

enum { LONG_TEXT = 100 * 1024 };

static const struct query page = {
    .name = "thing.page",
    .sql = "SELECT :cols FROM thing WHERE n >= ? ORDER BY n LIMIT 1000",
    .row = &row,
};
static const struct query clear = {.name = "thing.clear", .sql = "DELETE FROM thing"};
static const struct query no_table = {
    .name = "thing.no_table",
    .sql = "SELECT :cols FROM nothing",
    .row = &row,
};
static const struct query wrong = {
    .name = "thing.wrong",
    .sql = "SELECT :cols FROM thing WHERE",
    .row = &row,
};
static const struct query wrong_date = {
    .name = "thing.wrong_date",
    .sql = "INSERT INTO thing (n) SELECT CAST(? AS SIGNED) + 1 FROM DUAL WHERE DATE(?) > 0",
};

struct setting_value {
    struct str mode, zone, charset, isolation;
    int64_t autocommit;
};
static const struct col setting_cols[] = {
    {"@@sql_mode", COL_TEXT, offsetof(struct setting_value, mode)},
    {"@@time_zone", COL_TEXT, offsetof(struct setting_value, zone)},
    {"@@character_set_client", COL_TEXT, offsetof(struct setting_value, charset)},
    {"(SELECT variable_value FROM information_schema.session_variables"
     " WHERE variable_name IN ('tx_isolation', 'transaction_isolation') LIMIT 1)",
     COL_TEXT, offsetof(struct setting_value, isolation)},
    {"@@autocommit", COL_INT, offsetof(struct setting_value, autocommit)},
};
static const struct row setting_row = ROW(struct setting_value, setting_cols);
static const struct query get_settings = {
    .name = "settings.get",
    .sql = "SELECT :cols",
    .row = &setting_row,
};

/* Ends the connection of `c` from another one, as an administrator would. */
static void kill_connection(struct ctx *c)
{
    struct ctx other = database_ctx(&database);
    must(db_command(&other, arena_printf(c->arena, "KILL %u", db_slot(c->db)).p));
    db_close(other.db);
}

/* ---- rows and arguments ---- */

static void every_kind_of_value_comes_back(void **state)
{
    struct ctx *c = *state;
    const struct id id = id_new(c->now_ms);
    must(db_run(c, &insert, NULL, P(7), P(&id), P(200), param_time(c->now_ms), P(true),
                P(S("Grüße 🙂")), P(S("\xff\0\x80")), P(0.1)));
    struct thing t = {.own = 42};
    must(db_one(c, &get, &t, P(7)));
    assert_int_equal(t.n, 7);
    assert_true(id_eq(&t.id, &id));
    assert_int_equal(t.kind, 200);
    assert_int_equal(t.at_ms, c->now_ms);
    assert_true(t.on);
    assert_true(str_eq(t.text, S("Grüße 🙂")));
    assert_true(str_eq(t.bytes, S("\xff\0\x80")));
    assert_true(t.share == 0.1);
    assert_int_equal(t.own, 42);
}

static void every_kind_of_null_comes_back(void **state)
{
    struct ctx *c = *state;
    const struct id none = {{0}};
    must(db_run(c, &insert, NULL, P(7), P(&none), P(INT64_MIN), param_time(0), P(INT64_MIN),
                P(((struct str){NULL, 0})), P(S("")), P((double)NAN)));
    struct thing t = {.kind = 9, .on = true, .at_ms = 9, .text = S("x")};
    must(db_one(c, &get, &t, P(7)));
    assert_true(id_is_none(&t.id));
    assert_int_equal(t.kind, 0);
    assert_int_equal(t.at_ms, 0);
    assert_false(t.on);
    assert_null(t.text.p);
    assert_non_null(t.bytes.p);
    assert_int_equal(t.bytes.n, 0);
    assert_true(isnan(t.share));
}

static void a_statement_takes_null_after_a_value_and_back(void **state)
{
    struct ctx *c = *state;
    add(c, 1);
    must(db_run(c, &set_kind, NULL, P(3), P(1)));
    must(db_run(c, &set_kind, NULL, P(INT64_MIN), P(1)));
    assert_int_equal(thing_at(c, 1).kind, 0);
    must(db_run(c, &set_kind, NULL, P(4), P(1)));
    assert_int_equal(thing_at(c, 1).kind, 4);
}

static void long_text_comes_back_whole(void **state)
{
    struct ctx *c = *state;
    char *p = arena_alloc(c->arena, LONG_TEXT);
    for (size_t i = 0; i < LONG_TEXT; i++)
        p[i] = (char)('a' + i % 26);
    const struct str text = {p, LONG_TEXT};
    add(c, 1);
    must(db_run(c, &set_text, NULL, P(text), P(1)));
    assert_true(str_eq(thing_at(c, 1).text, text));
    must(db_run(c, &set_text, NULL, P(S("short")), P(1)));
    assert_true(str_eq(thing_at(c, 1).text, S("short")));
}

static void context_fills_tenant_mode_and_clock(void **state)
{
    struct ctx c = **(struct ctx **)state;
    struct thing t;
    add(&c, 1);
    must(db_one(&c, &get_own, &t, P(1)));
    c.scope.live = true;
    must_be(ERR_NOT_FOUND, db_one(&c, &get_own, &t, P(1)));
    c.scope.live = false;
    c.now_ms++;
    must_be(ERR_NOT_FOUND, db_one(&c, &get_own, &t, P(1)));
}

static void a_missing_row_is_not_found(void **state)
{
    struct ctx *c = *state;
    struct thing t;
    must_be(ERR_NOT_FOUND, db_one(c, &get, &t, P(1)));
}

static void the_first_of_several_rows_is_the_one(void **state)
{
    struct ctx *c = *state;
    struct thing t;
    for (int64_t n = 1; n <= 50; n++)
        add(c, n);
    must(db_one(c, &page, &t, P(3)));
    assert_int_equal(t.n, 3);
    assert_int_equal(thing_at(c, 50).n, 50);
}

static void all_rows_come_in_order(void **state)
{
    struct ctx *c = *state;
    struct list list;
    must(db_all(c, &page, &list, P(1)));
    assert_int_equal(list.n, 0);
    for (int64_t n = 1; n <= 100; n++)
        add(c, n);
    must(db_all(c, &page, &list, P(1)));
    assert_int_equal(list.n, 100);
    const struct thing *t = list.at;
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(t[i].n, i + 1);
        assert_true(str_eq(t[i].bytes, S("b")));
        assert_int_equal(t[i].own, 0);
    }
}

struct walk {
    int64_t seen, until;
};

static error see(void *arg, const void *at)
{
    struct walk *w = arg;
    const struct thing *t = at;
    assert_int_equal(t->n, ++w->seen);
    assert_true(str_eq(t->text, S("a")));
    return w->seen == w->until ? error_of(ERR_PRECONDITION_FAILED) : NULL;
}

static void each_row_is_walked(void **state)
{
    struct ctx *c = *state;
    struct walk w = {0};
    for (int64_t n = 1; n <= 100; n++)
        add(c, n);
    must(db_each(c, &page, see, &w, P(1)));
    assert_int_equal(w.seen, 100);
}

static void a_walk_that_ends_early_leaves_the_connection_free(void **state)
{
    struct ctx *c = *state;
    struct walk w = {.until = 2};
    for (int64_t n = 1; n <= 100; n++)
        add(c, n);
    unsigned connection = db_slot(c->db);
    must_be(ERR_PRECONDITION_FAILED, db_each(c, &page, see, &w, P(1)));
    assert_int_equal(w.seen, 2);
    assert_int_equal(thing_at(c, 9).n, 9);
    assert_int_equal(db_slot(c->db), connection);
}

static void rows_found_are_counted_whether_changed_or_not(void **state)
{
    struct ctx *c = *state;
    uint64_t found = 9;
    add(c, 1);
    must(db_run(c, &set_kind, &found, P(5), P(1)));
    assert_int_equal(found, 1);
    must(db_run(c, &set_kind, &found, P(5), P(1)));
    assert_int_equal(found, 1);
    must(db_run(c, &set_kind, &found, P(5), P(2)));
    assert_int_equal(found, 0);
}

static void more_statements_than_a_connection_keeps_still_work(void **state)
{
    struct ctx *c = *state;
    static struct query many[300];
    struct thing t;
    add(c, 1);
    for (size_t i = 0; i < 600; i++) {
        many[i % 300] = get;
        must(db_one(c, &many[i % 300], &t, P(1)));
        assert_int_equal(t.n, 1);
    }
}

static void statements_are_counted_and_preparing_is_not(void **state)
{
    struct ctx *c = *state;
    add(c, 1);
    db_reset_count(c->db);
    thing_at(c, 1);
    thing_at(c, 1);
    assert_int_equal(db_count(c->db), 2);
}

/* ---- connections ---- */

static void a_connection_has_our_mode_zone_charset_and_isolation(void **state)
{
    struct ctx *c = *state;
    struct setting_value v;
    must(db_one(c, &get_settings, &v));
    assert_true(str_starts(v.mode, S("STRICT_ALL_TABLES,")));
    assert_true(str_eq(v.zone, S("+00:00")));
    assert_true(str_eq(v.charset, S("utf8mb4")));
    assert_true(str_eq(v.isolation, S("READ-COMMITTED")));
    assert_int_equal(v.autocommit, 1);
}

static void a_read_survives_a_lost_connection(void **state)
{
    struct ctx *c = *state;
    struct list list;
    struct walk w = {0};
    add(c, 1);
    thing_at(c, 1);
    kill_connection(c);
    assert_int_equal(thing_at(c, 1).n, 1);
    kill_connection(c);
    must(db_all(c, &page, &list, P(1)));
    assert_int_equal(list.n, 1);
    kill_connection(c);
    must(db_each(c, &page, see, &w, P(1)));
    assert_int_equal(w.seen, 1);
    a_connection_has_our_mode_zone_charset_and_isolation(state);
}

static void a_write_that_may_have_happened_is_not_repeated(void **state)
{
    struct ctx *c = *state;
    must(db_run(c, &insert_name, NULL, P(1), P(S("x"))));
    kill_connection(c);
    must_be(ERR_UNAVAILABLE, db_run(c, &insert_name, NULL, P(2), P(S("y"))));
    must(db_run(c, &insert_name, NULL, P(2), P(S("y"))));
}

static void a_write_that_cannot_have_happened_is_repeated(void **state)
{
    struct ctx *c = *state;
    db_disconnect(c->db);
    must(db_ping(c->db)); /* a connection that has not prepared the statement */
    kill_connection(c);
    must(db_run(c, &insert_name, NULL, P(1), P(S("x"))));
    must_be(ERR_INVALID_STATE, db_run(c, &insert_name, NULL, P(1), P(S("x"))));
}

static void ping_makes_the_connection_again(void **state)
{
    struct ctx *c = *state;
    must(db_ping(c->db));
    unsigned before = db_slot(c->db);
    kill_connection(c);
    must(db_ping(c->db));
    assert_int_not_equal(db_slot(c->db), before);
}

static void a_connection_that_was_closed_is_known_without_asking(void **state)
{
    struct ctx *c = *state;
    struct ctx other = database_ctx(&database);
    assert_false(db_is_there(other.db)); /* nobody has connected yet */
    must(db_ping(c->db));
    assert_true(db_is_there(c->db));
    kill_connection(c);
    for (int i = 0; i < 1000 && db_is_there(c->db); i++)
        must(db_ping(other.db)); /* the server may take its time */
    assert_false(db_is_there(c->db));
    must(db_ping(c->db));
    assert_true(db_is_there(c->db));
    db_close(other.db);
}

static void no_server_is_unavailable(void **state)
{
    struct config config = database.config;
    struct ctx c = **(struct ctx **)state;
    struct thing t;
    config.db_socket = S("/nonexistent/socket");
    c.db = db_open(&config);
    must_be(ERR_UNAVAILABLE, db_ping(c.db));
    must_be(ERR_UNAVAILABLE, db_one(&c, &get, &t, P(1)));
    must_be(ERR_UNAVAILABLE, db_run(&c, &clear, NULL));
    assert_int_equal(db_slot(c.db), 0);
    db_close(c.db);
}

/* ---- errors ---- */

static void a_duplicate_key_is_told_from_other_errors(void **state)
{
    struct ctx *c = *state;
    must(db_run(c, &insert_name, NULL, P(1), P(S("secret"))));
    error e = db_run(c, &insert_name, NULL, P(2), P(S("secret")));
    must_be(ERR_INVALID_STATE, e);
    assert_true(db_is_duplicate(e));
    assert_false(str_contains_nocase(e->cause, S("secret")));
    assert_false(db_is_duplicate(NULL));
    assert_false(db_is_duplicate(error_of(ERR_INVALID_STATE)));
    assert_false(db_is_duplicate(db_run(c, &set_kind, NULL, P(999), P(1))));
}

static void an_error_names_the_query_but_no_value(void **state)
{
    struct ctx *c = *state;
    struct thing t;
    error e = db_run(c, &wrong_date, NULL, P(S("topsecret")), P(S("topsecret")));
    must_be(ERR_INTERNAL, e);
    assert_true(str_starts(e->cause, S("thing.wrong_date: ")));
    assert_false(str_contains_nocase(e->cause, S("topsecret")));
    e = db_one(c, &wrong, &t);
    must_be(ERR_INTERNAL, e);
    assert_true(str_starts(e->cause, S("thing.wrong: 1064 ")));
}

static void a_missing_table_is_a_schema_that_is_not_there(void **state)
{
    struct ctx *c = *state;
    struct thing t;
    must_be(ERR_UNAVAILABLE, db_one(c, &no_table, &t));
}

static void a_value_that_the_row_cannot_hold_is_an_error(void **state)
{
    struct ctx *c = *state;
    struct thing t;
    add(c, 1);
    must(db_command(c, "UPDATE thing SET id = 'short'"));
    must_be(ERR_INTERNAL, db_one(c, &get, &t, P(1)));
}

static void too_long_a_text_is_refused_not_cut(void **state)
{
    struct ctx *c = *state;
    must_be(ERR_INTERNAL, db_run(c, &insert_name, NULL, P(1), P(S("more than twenty characters"))));
}

static void a_held_lock_is_worth_another_try(void **state)
{
    struct ctx *c = *state;
    struct ctx holder = database_ctx(&database);
    add(c, 1);
    must(db_command(&holder, "START TRANSACTION"));
    must(db_run(&holder, &set_kind, NULL, P(8), P(1)));
    must(db_command(c, "SET SESSION innodb_lock_wait_timeout = 0"));
    must_be(ERR_RETRY, db_run(c, &set_kind, NULL, P(9), P(1)));
    must(db_command(&holder, "COMMIT"));
    must(db_run(c, &set_kind, NULL, P(9), P(1)));
    must(db_command(c, "SET SESSION innodb_lock_wait_timeout = 5"));
    db_close(holder.db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_kind_of_value_comes_back, fresh_table),
        cmocka_unit_test_setup(every_kind_of_null_comes_back, fresh_table),
        cmocka_unit_test_setup(a_statement_takes_null_after_a_value_and_back, fresh_table),
        cmocka_unit_test_setup(long_text_comes_back_whole, fresh_table),
        cmocka_unit_test_setup(context_fills_tenant_mode_and_clock, fresh_table),
        cmocka_unit_test_setup(a_missing_row_is_not_found, fresh_table),
        cmocka_unit_test_setup(the_first_of_several_rows_is_the_one, fresh_table),
        cmocka_unit_test_setup(all_rows_come_in_order, fresh_table),
        cmocka_unit_test_setup(each_row_is_walked, fresh_table),
        cmocka_unit_test_setup(a_walk_that_ends_early_leaves_the_connection_free, fresh_table),
        cmocka_unit_test_setup(rows_found_are_counted_whether_changed_or_not, fresh_table),
        cmocka_unit_test_setup(more_statements_than_a_connection_keeps_still_work, fresh_table),
        cmocka_unit_test_setup(statements_are_counted_and_preparing_is_not, fresh_table),
        cmocka_unit_test_setup(a_connection_has_our_mode_zone_charset_and_isolation, fresh_table),
        cmocka_unit_test_setup(a_read_survives_a_lost_connection, fresh_table),
        cmocka_unit_test_setup(a_write_that_may_have_happened_is_not_repeated, fresh_table),
        cmocka_unit_test_setup(a_write_that_cannot_have_happened_is_repeated, fresh_table),
        cmocka_unit_test_setup(ping_makes_the_connection_again, fresh_table),
        cmocka_unit_test_setup(a_connection_that_was_closed_is_known_without_asking, fresh_table),
        cmocka_unit_test_setup(no_server_is_unavailable, fresh_table),
        cmocka_unit_test_setup(a_duplicate_key_is_told_from_other_errors, fresh_table),
        cmocka_unit_test_setup(an_error_names_the_query_but_no_value, fresh_table),
        cmocka_unit_test_setup(a_missing_table_is_a_schema_that_is_not_there, fresh_table),
        cmocka_unit_test_setup(a_value_that_the_row_cannot_hold_is_an_error, fresh_table),
        cmocka_unit_test_setup(too_long_a_text_is_refused_not_cut, fresh_table),
        cmocka_unit_test_setup(a_held_lock_is_worth_another_try, fresh_table),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    if (database_make(&database, "db"))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return database_drop(&database) ? 1 : failed;
}
