/* test_migrate.c: the promises of db/migrate.h, kept by a real server. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <sys/wait.h>
#include <cmocka.h>

#include "database.h"
#include "db/migrate.h"

/* In place of those made from sql/. Running the second one twice would be seen. */
const struct migration migrations[] = {
    {1, "first",
     "-- A comment; not a statement;\n"
     "CREATE TABLE IF NOT EXISTS a (\n"
     "    id INT PRIMARY KEY, -- ends later\n"
     "    text VARCHAR(20)\n"
     ");\n"
     "\n"
     "CREATE TABLE IF NOT EXISTS b (n INT);\n"},
    {2, "second",
     "INSERT INTO b VALUES (1);\n"
     "INSERT INTO a VALUES (1, 'a;b -- c');\n"},
};
const int migrations_count = 2;

struct number {
    int64_t n;
};
static const struct col count_cols[] = {{"COUNT(*)", COL_INT, offsetof(struct number, n)}};
static const struct row count_row = ROW(struct number, count_cols);
static const struct query count_b = {
    .name = "b.count",
    .sql = "SELECT :cols FROM b",
    .row = &count_row,
};
static const struct query count_a = {
    .name = "a.count",
    .sql = "SELECT :cols FROM a WHERE text = 'a;b -- c'",
    .row = &count_row,
};

static struct database database;

static int no_tables(void **state)
{
    *state = &database.ctx;
    return db_command(&database.ctx, "DROP TABLE IF EXISTS a, b, schema_migration, schema_lock") !=
           NULL;
}

static void must(error e)
{
    if (e)
        fail_msg("%.*s: %.*s", STR(e->wire), STR(e->cause));
}

static void must_be(enum error_code code, error e)
{
    if (!error_is(e, code))
        fail_msg("%.*s: %.*s", STR(e ? e->wire : S("success")), STR(e ? e->cause : S("")));
}

static int64_t count(struct ctx *c, const struct query *q)
{
    struct number found = {-1};
    must(db_one(c, q, &found));
    return found.n;
}

static void hear(void *arg, const struct migration *m)
{
    int *told = arg;
    assert_int_equal(m->version, ++*told);
}

static void all_are_applied_in_order_and_once(void **state)
{
    struct ctx *c = *state;
    int told = 0, again = 0;
    must(migrate(c, hear, &told));
    assert_int_equal(told, 2);
    assert_int_equal(count(c, &count_a), 1);
    must(migrate(c, hear, &again));
    assert_int_equal(again, 0);
    assert_int_equal(count(c, &count_b), 1);
    must(migrate(c, NULL, NULL));
}

static void only_what_is_missing_is_applied(void **state)
{
    struct ctx *c = *state;
    int told = 1;
    must(migrate(c, NULL, NULL));
    must(db_command(c, "DELETE FROM schema_migration WHERE version = 2"));
    must(db_command(c, "DELETE FROM a"));
    must(migrate(c, hear, &told));
    assert_int_equal(told, 2);
    assert_int_equal(count(c, &count_b), 2);
}

static void a_failed_migration_is_not_recorded(void **state)
{
    struct ctx *c = *state;
    must(migrate(c, NULL, NULL));
    must(db_command(c, "DELETE FROM schema_migration WHERE version = 2"));
    must_be(ERR_INVALID_STATE, migrate(c, NULL, NULL)); /* a has its row already */
    must_be(ERR_UNAVAILABLE, migrate_check(c));
}

/* Both start when the pipe is closed. */
static pid_t start_migration(int gate[2])
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    char byte;
    int told = 0;
    struct ctx c = database_ctx(&database);
    close(gate[1]);
    bool opened = read(gate[0], &byte, 1) == 0;
    error e = migrate(&c, hear, &told);
    db_close(c.db);
    _exit(e || !opened ? 100 : told);
}

static void two_at_once_apply_each_once(void **state)
{
    int gate[2], told = 0;
    pid_t pids[2];
    assert_int_equal(pipe(gate), 0);
    for (int i = 0; i < 2; i++) {
        pids[i] = start_migration(gate);
        assert_int_not_equal(pids[i], -1);
    }
    close(gate[0]);
    close(gate[1]);
    for (int i = 0; i < 2; i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status));
        told += WEXITSTATUS(status);
    }
    assert_int_equal(told, 2);
    assert_int_equal(count(*state, &count_b), 1);
    must(migrate_check(*state));
}

static void the_check_knows_missing_older_same_and_newer(void **state)
{
    struct ctx *c = *state;
    must_be(ERR_UNAVAILABLE, migrate_check(c));
    must(migrate(c, NULL, NULL));
    must(migrate_check(c));
    must(db_command(c, "DELETE FROM schema_migration WHERE version = 2"));
    must_be(ERR_UNAVAILABLE, migrate_check(c));
    must(db_command(c, "INSERT INTO schema_migration VALUES (3, 'third', '', 0)"));
    must_be(ERR_UNAVAILABLE, migrate_check(c));
}

static void a_newer_schema_is_refused(void **state)
{
    struct ctx *c = *state;
    must(migrate(c, NULL, NULL));
    must(db_command(c, "INSERT INTO schema_migration VALUES (3, 'third', '', 0)"));
    error e = migrate(c, NULL, NULL);
    must_be(ERR_INVALID_STATE, e);
    assert_true(str_contains_nocase(e->cause, S("third")));
}

static void a_migration_that_was_edited_is_refused(void **state)
{
    struct ctx *c = *state;
    must(migrate(c, NULL, NULL));
    must(db_command(c, "UPDATE schema_migration SET checksum = 'x' WHERE version = 1"));
    error e = migrate(c, NULL, NULL);
    must_be(ERR_INVALID_STATE, e);
    assert_true(str_contains_nocase(e->cause, S("first")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(all_are_applied_in_order_and_once, no_tables),
        cmocka_unit_test_setup(only_what_is_missing_is_applied, no_tables),
        cmocka_unit_test_setup(a_failed_migration_is_not_recorded, no_tables),
        cmocka_unit_test_setup(two_at_once_apply_each_once, no_tables),
        cmocka_unit_test_setup(the_check_knows_missing_older_same_and_newer, no_tables),
        cmocka_unit_test_setup(a_newer_schema_is_refused, no_tables),
        cmocka_unit_test_setup(a_migration_that_was_edited_is_refused, no_tables),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    if (database_make(&database, "migrate"))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return database_drop(&database) ? 1 : failed;
}
