/* filled.h: fills every table of a database, so that the optimizer meets what it meets in service:
 * one tenant has half of all rows, thousands of others have a few each. Row 1 of every table
 * belongs to that tenant, in live mode, and bears the id FILLED_ID; rows of one number refer to
 * each other.
 */
#ifndef AMP_TESTS_FILLED_H
#define AMP_TESTS_FILLED_H

#include "base/buf.h"
#include "database.h"

#define FILLED_ID "0OxlNPC000000001"
enum { FILLED_STATEMENT_BYTES = 64 * 1024 };

/* What stands in row number `seq`. */
#define FILLED_ID_OF(n) "CONCAT('0OxlNPC', LPAD(" n ", 9, '0'))"
#define FILLED_TIME "1700000000000 + seq * 600000"

/* Columns whose values matter; the first that fits name and type is taken, "" is any. */
static const struct {
    const char *name, *type, *value;
} filled_values[] = {
    {"tenant_id", "", FILLED_ID_OF("IF(seq % 2 = 1, 1, seq)")},
    {"mission_id", "", FILLED_ID_OF("1 + (seq - 1) % 100")},
    {"livemode", "", "seq % 3 > 0"},
    {"brand_context_id", "", FILLED_ID_OF("1 + (seq - 1) % 100")},
    {"status", "", "1 + seq % 9"},
    {"state", "", "IF(seq % 10 = 1, 1, 2)"},
    {"suspended", "", "0"},
    {"day", "", "19000 + seq"},
    {"hour", "", "456000 + seq"},
    {"email", "", "CONCAT('user', seq, '@example.com')"},
    {"slug", "", "CONCAT('tenant-', seq)"},
    {"key_hash", "", "UNHEX(SHA2(seq, 256))"},
    {"token_hash", "", "UNHEX(SHA2(seq, 256))"},
    {"family_hash", "", "UNHEX(SHA2(seq, 256))"},
    {"account", "binary", "UNHEX(SHA2(seq, 256))"},
    {"retired_ms", "", "IF(seq % 1000 = 1, NULL, 1700000000000 + seq * 600000)"},
    {"", "bigint", FILLED_TIME},
    {"", "double", "0.5"},
    {"", "char", FILLED_ID_OF("seq")},
    {"", "varchar", "'A word'"},
    {"", "text", "REPEAT('text ', 20)"},
    {"", "mediumtext", "REPEAT('text ', 100)"},
    {"", "varbinary", "REPEAT('x', 100)"},
    {"", "", "1 + (seq - 1) % 3"}, /* the other numbers */
};

struct filled_column {
    struct str table, column, type;
};
static const struct col filled_cols[] = {
    {"t.table_name", COL_TEXT, offsetof(struct filled_column, table)},
    {"c.column_name", COL_TEXT, offsetof(struct filled_column, column)},
    {"c.data_type", COL_TEXT, offsetof(struct filled_column, type)},
};
static const struct row filled_row = ROW(struct filled_column, filled_cols);
static const struct query filled_columns = {
    .name = "filled.columns",
    .sql = "SELECT :cols FROM information_schema.tables t JOIN information_schema.columns c"
           " ON c.table_schema = t.table_schema AND c.table_name = t.table_name"
           " WHERE t.table_schema = DATABASE() AND t.table_name NOT LIKE 'schema\\_%'"
           " AND c.extra NOT LIKE '%GENERATED%'"
           " ORDER BY t.table_name, c.ordinal_position LIMIT 10000",
    .row = &filled_row,
    .global = true,
};

/* ANALYZE TABLE answers a row for each table. */
static const struct col filled_report_cols[] = {
    {"Table", COL_TEXT, 0},
    {"Op", COL_TEXT, 0},
    {"Msg_type", COL_TEXT, 0},
    {"Msg_text", COL_TEXT, 0},
};
static const struct row filled_report_row = ROW(struct str, filled_report_cols);

static inline struct str filled_value(const struct filled_column *k)
{
    size_t i = 0;
    while ((filled_values[i].name[0] && !str_eq(str_of(filled_values[i].name), k->column)) ||
           (filled_values[i].type[0] && !str_eq(str_of(filled_values[i].type), k->type)))
        i++;
    return str_of(filled_values[i].value);
}

/* Fills one table, whose n columns these are; rows that a unique key refuses are left out. */
static inline error fill_table(struct ctx *c, const struct filled_column *k, size_t n, int rows)
{
    struct buf *sql = buf_new(c->arena, FILLED_STATEMENT_BYTES);
    buf_printf(sql, "INSERT IGNORE INTO `%.*s` (", STR(k->table));
    for (size_t i = 0; i < n; i++)
        buf_printf(sql, "%s`%.*s`", i ? ", " : "", STR(k[i].column));
    buf_add(sql, S(") SELECT "));
    for (size_t i = 0; i < n; i++)
        buf_printf(sql, "%s%.*s", i ? ", " : "", STR(filled_value(&k[i])));
    buf_printf(sql, " FROM seq_1_to_%d", rows);
    TRY(db_command(c, arena_cstr(c->arena, buf_str(sql))));
    struct query *analyze = ARENA_NEW(c->arena, struct query);
    struct list reports;
    *analyze = (struct query){
        .name = "filled.analyze",
        .sql = arena_printf(c->arena, "ANALYZE TABLE `%.*s`", STR(k->table)).p,
        .row = &filled_report_row,
        .global = true,
    };
    return db_all(c, analyze, &reports);
}

/* All tables but those of the migrations, with up to `rows` rows each. */
static inline error fill_database(struct ctx *c, int rows)
{
    struct list columns;
    TRY(db_all(c, &filled_columns, &columns));
    const struct filled_column *k = columns.at;
    for (size_t from = 0, to = 0; from < columns.n; from = to) {
        while (to < columns.n && str_eq(k[to].table, k[from].table))
            to++;
        TRY(fill_table(c, &k[from], to - from, rows));
    }
    return NULL;
}

#endif
