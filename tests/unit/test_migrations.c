/* test_migrations.c: the files of sql/ on a real server: from nothing, and once more. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "database.h"
#include "db/migrate.h"

static struct database database;

static void must(error e)
{
    if (e)
        fail_msg("%.*s: %.*s", STR(e->wire), STR(e->cause));
}

static void count(void *arg, const struct migration *m)
{
    int *n = arg;
    (void)m;
    ++*n;
}

static void they_are_numbered_in_order_and_named(void **state)
{
    int last = 0;
    (void)state;
    assert_true(migrations_count > 0);
    for (int i = 0; i < migrations_count; i++) {
        assert_true(migrations[i].version > last);
        last = migrations[i].version;
        assert_true(strlen(migrations[i].name) > 0);
    }
}

static void all_apply_to_an_empty_database_once(void **state)
{
    struct ctx *c = &database.ctx;
    int first = 0, second = 0;
    (void)state;
    must(migrate(c, count, &first));
    must(migrate(c, count, &second));
    assert_int_equal(first, migrations_count);
    assert_int_equal(second, 0);
    must(migrate_check(c));
}

/* A process may die between a step and the record of it. */
static void every_step_may_be_taken_again(void **state)
{
    struct ctx *c = &database.ctx;
    int again = 0;
    (void)state;
    must(migrate(c, NULL, NULL));
    must(db_command(c, "DELETE FROM schema_migration"));
    must(migrate(c, count, &again));
    assert_int_equal(again, migrations_count);
    must(migrate_check(c));
}

struct table {
    struct str name, engine, collation;
};
static const struct col table_cols[] = {
    {"table_name", COL_TEXT, offsetof(struct table, name)},
    {"engine", COL_TEXT, offsetof(struct table, engine)},
    {"table_collation", COL_TEXT, offsetof(struct table, collation)},
};
static const struct row table_row = ROW(struct table, table_cols);
static const struct query all_tables = {
    .name = "tables.all",
    .sql = "SELECT :cols FROM information_schema.tables WHERE table_schema = DATABASE()"
           " AND table_name NOT LIKE 'schema\\_%' ORDER BY table_name LIMIT 1000",
    .row = &table_row,
    .global = true,
};

static void text_is_compared_byte_for_byte_in_every_table(void **state)
{
    struct ctx *c = &database.ctx;
    struct list tables;
    (void)state;
    must(migrate(c, NULL, NULL));
    must(db_all(c, &all_tables, &tables));
    const struct table *t = tables.at;
    assert_true(tables.n > 10);
    for (size_t i = 0; i < tables.n; i++) {
        if (!str_eq(t[i].engine, S("InnoDB")) || !str_eq(t[i].collation, S("utf8mb4_bin")))
            fail_msg("%.*s: %.*s, %.*s", STR(t[i].name), STR(t[i].engine), STR(t[i].collation));
    }
}

/* Lists are ranges of the clustered index, and tenants never mix. */
static const struct query keys_without_tenant = {
    .name = "keys.without_tenant",
    .sql = "SELECT :cols FROM information_schema.tables t WHERE table_schema = DATABASE()"
           " AND EXISTS (SELECT 1 FROM information_schema.columns c"
           " WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name"
           " AND c.column_name = 'tenant_id')"
           " AND NOT EXISTS (SELECT 1 FROM information_schema.statistics s"
           " WHERE s.table_schema = t.table_schema AND s.table_name = t.table_name"
           " AND s.index_name = 'PRIMARY' AND s.seq_in_index = 1 AND s.column_name = 'tenant_id')"
           " LIMIT 1000",
    .row = &table_row,
    .global = true,
};

static void what_belongs_to_a_tenant_is_kept_by_tenant(void **state)
{
    struct ctx *c = &database.ctx;
    struct list tables;
    (void)state;
    must(migrate(c, NULL, NULL));
    must(db_all(c, &keys_without_tenant, &tables));
    if (tables.n)
        fail_msg("%.*s", STR(((const struct table *)tables.at)->name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_numbered_in_order_and_named),
        cmocka_unit_test(all_apply_to_an_empty_database_once),
        cmocka_unit_test(every_step_may_be_taken_again),
        cmocka_unit_test(text_is_compared_byte_for_byte_in_every_table),
        cmocka_unit_test(what_belongs_to_a_tenant_is_kept_by_tenant),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    if (database_make(&database, "migrations"))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return database_drop(&database) ? 1 : failed;
}
