/* test_db_rows.c: many rows with few round trips: what db/db.h promises of them, kept by a real
 * server, and by one that takes rows one by one. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

#include "db/tx.h"
#include "things.h"

/* A connection that sends rows singly; `database` has the one that sends them together. */
static struct ctx single;

static int together(void **state)
{
    return fresh_table(state);
}

static int singly(void **state)
{
    int failed = fresh_table(state);
    *state = &single;
    return failed;
}

static bool is_single(const struct ctx *c)
{
    return c == &single;
}

static const struct query insert_long = {
    .name = "thing.insert_long",
    .sql = "INSERT INTO thing (n, name, text) VALUES (?, ?, ?)",
};
static const struct query insert_kind = {
    .name = "thing.insert_kind",
    .sql = "INSERT INTO thing (kind) VALUES (?)",
};

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
    assert_int_equal(db_count(c->db), is_single(c) ? 4 : 1);
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

static bool is_there(struct ctx *c, int64_t n)
{
    struct thing out;
    error e = db_one(c, &get, &out, P(n));
    if (e)
        must_be(ERR_NOT_FOUND, e);
    return !e;
}

static struct db_rows with_a_duplicate(struct arena *a)
{
    struct db_rows rows = db_rows_new(a, 4, 2);
    db_rows_add(&rows, P(1), P(S("a")));
    db_rows_add(&rows, P(2), P(S("b")));
    db_rows_add(&rows, P(3), P(S("a")));
    db_rows_add(&rows, P(4), P(S("c")));
    return rows;
}

static void a_duplicate_among_many_rows_is_told(void **state)
{
    struct ctx *c = *state;
    struct db_rows rows = with_a_duplicate(c->arena);
    assert_true(db_is_duplicate(db_run_each(c, &insert_name, &rows, NULL)));
    assert_int_equal(is_there(c, 1), is_single(c)); /* outside of a transaction */
    assert_false(is_there(c, 4));
    must(db_run(c, &insert_name, NULL, P(9), P(S("z")))); /* the statement still works */
}

/* Transaction: goes on after a failure. */
static error fail_amidst(struct ctx *c, void *arg)
{
    const struct db_rows *rows = arg;
    error e;
    add(c, 100);
    e = db_run_each(c, rows->width == 2 ? &insert_name : &insert_long, rows, NULL);
    assert_true(db_is_duplicate(e));
    for (int64_t n = 1; n <= 4; n++)
        assert_false(is_there(c, n));
    add(c, 101);
    return NULL;
}

static void inside_a_transaction_nothing_is_left_of_rows_that_failed(void **state)
{
    struct ctx *c = *state;
    struct db_rows rows = with_a_duplicate(c->arena);
    must(in_transaction(c, fail_amidst, &rows));
    for (int64_t n = 1; n <= 4; n++)
        assert_false(is_there(c, n));
    assert_true(is_there(c, 100));
    assert_true(is_there(c, 101));
}

static error refused(struct ctx *c, void *arg)
{
    return db_run_each(c, &insert_name, arg, NULL);
}

static error refused_and_gone_on(struct ctx *c, void *arg)
{
    error why;
    add(c, 100);
    TRY(in_savepoint(c, refused, arg, &why));
    assert_true(db_is_duplicate(why));
    return NULL;
}

static void rows_may_fail_inside_a_savepoint(void **state)
{
    struct ctx *c = *state;
    struct db_rows rows = with_a_duplicate(c->arena);
    must(in_transaction(c, refused_and_gone_on, &rows));
    assert_false(is_there(c, 1));
    assert_true(is_there(c, 100));
}

/* Half a megabyte each: two go together. */
enum { LONG = 500 * 1000, SO_LONG_TOGETHER = 2 };

static struct str long_text(struct arena *a)
{
    char *p = arena_alloc(a, LONG);
    memset(p, 'x', LONG);
    return (struct str){p, LONG};
}

static void rows_of_more_bytes_than_a_server_takes_at_once_are_written(void **state)
{
    enum { ROWS = 36 }; /* 18 MB; a server takes 16 */
    struct ctx *c = *state;
    struct str text = long_text(c->arena);
    struct db_rows rows = db_rows_new(c->arena, ROWS, 3);
    uint64_t written;
    for (int i = 1; i <= ROWS; i++)
        db_rows_add(&rows, P(i), P(arena_printf(c->arena, "%d", i)), P(text));
    db_reset_count(c->db);
    must(db_run_each(c, &insert_long, &rows, &written));
    assert_int_equal(written, ROWS);
    assert_int_equal(db_count(c->db), is_single(c) ? ROWS : ROWS / SO_LONG_TOGETHER);
    for (int i = 1; i <= ROWS; i++)
        assert_true(is_there(c, i));
    assert_true(str_eq(thing_at(c, ROWS).text, text));
}

static void what_fails_in_a_later_part_undoes_the_parts_before(void **state)
{
    struct ctx *c = *state;
    struct str text = long_text(c->arena);
    struct db_rows rows = db_rows_new(c->arena, 4, 3);
    db_rows_add(&rows, P(1), P(S("a")), P(text));
    db_rows_add(&rows, P(2), P(S("b")), P(text));
    db_rows_add(&rows, P(3), P(S("c")), P(text));
    db_rows_add(&rows, P(4), P(S("a")), P(text));
    must(in_transaction(c, fail_amidst, &rows));
    assert_false(is_there(c, 1));
    assert_true(is_there(c, 101));
}

/* A child writes rows that differ in the kind of an argument. */
static void one_argument_of_two_kinds_is_a_bug(void **state)
{
    static const struct param kinds[][2] = {
        {{.kind = PARAM_INT}, {.kind = PARAM_TEXT}},
        {{.kind = PARAM_TEXT}, {.kind = PARAM_INT}},
        {{.kind = PARAM_INT}, {.kind = PARAM_NUMBER}},
    };
    struct ctx *c = *state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct param both[] = {kinds[i][0], kinds[i][1]};
        struct db_rows rows = {both, 2, 1, 2};
        int status;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            (void)!freopen("/dev/null", "w", stderr);
            (void)db_run_each(c, &insert_kind, &rows, NULL);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGABRT);
    }
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

enum { MANY = 38 };

/* Rows 1 to MANY, with names from "name 1" on; `same` has the name of the first. */
static struct db_rows many_names(struct arena *a, int same)
{
    struct db_rows rows = db_rows_new(a, MANY, 2);
    for (int i = 1; i <= MANY; i++)
        db_rows_add(&rows, P(i), P(arena_printf(a, "name %d", i == same ? 1 : i)));
    return rows;
}

static error insert_many(struct ctx *c, void *taken)
{
    struct db_rows rows = many_names(c->arena, 9);
    return db_insert_each(c, &insert_name, &rows, taken);
}

static void of_many_rows_those_whose_key_is_there_are_left_out(void **state)
{
    struct ctx *c = *state;
    bool taken[MANY] = {false};
    must(in_transaction(c, insert_many, taken));
    for (int i = 1; i <= MANY; i++) {
        assert_int_equal(taken[i - 1], i == 9);
        assert_int_equal(is_there(c, i), i != 9);
    }
}

#define BOTH_WAYS(test)                                                                            \
    {#test ", together", test, together, NULL, NULL},                                              \
    {                                                                                              \
#test ", singly", test, singly, NULL, NULL                                                 \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH_WAYS(a_write_for_many_rows_is_one_round_trip),
        BOTH_WAYS(many_rows_take_every_kind_of_value),
        BOTH_WAYS(many_rows_of_nothing_but_null_are_written),
        BOTH_WAYS(a_duplicate_among_many_rows_is_told),
        BOTH_WAYS(inside_a_transaction_nothing_is_left_of_rows_that_failed),
        BOTH_WAYS(rows_may_fail_inside_a_savepoint),
        BOTH_WAYS(rows_of_more_bytes_than_a_server_takes_at_once_are_written),
        BOTH_WAYS(what_fails_in_a_later_part_undoes_the_parts_before),
        BOTH_WAYS(one_argument_of_two_kinds_is_a_bug),
        BOTH_WAYS(for_no_rows_nothing_is_said),
        BOTH_WAYS(a_list_of_ids_may_be_short_or_full),
        BOTH_WAYS(of_many_rows_those_whose_key_is_there_are_left_out),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    if (database_make(&database, "db_rows"))
        return 1;
    single = database_ctx(&database);
    db_send_singly(single.db);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    db_close(single.db);
    return database_drop(&database) ? 1 : failed;
}
