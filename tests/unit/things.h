/* things.h: a table with a column of each kind, for the tests of db/db.h. Included after cmocka.h.
 */
#ifndef AMP_TESTS_THINGS_H
#define AMP_TESTS_THINGS_H

#include <math.h>
#include <string.h>

#include "database.h"

struct thing {
    int64_t n;
    struct id id;
    int kind;
    int64_t at_ms;
    bool on;
    struct str text, bytes;
    double share;
    int64_t own; /* no column */
};

static const struct col cols[] = {
    {"n", COL_INT, offsetof(struct thing, n)},
    {"id", COL_ID, offsetof(struct thing, id)},
    {"kind", COL_ENUM, offsetof(struct thing, kind)},
    {"at_ms", COL_TIME, offsetof(struct thing, at_ms)},
    {"is_on", COL_BOOL, offsetof(struct thing, on)},
    {"text", COL_TEXT, offsetof(struct thing, text)},
    {"bytes", COL_TEXT, offsetof(struct thing, bytes)},
    {"share", COL_NUMBER, offsetof(struct thing, share)},
};
static const struct row row = ROW(struct thing, cols);

static const char table[] =
    "CREATE TABLE thing (n BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
    " tenant_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin, livemode TINYINT,"
    " id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin, kind TINYINT UNSIGNED, at_ms BIGINT,"
    " is_on TINYINT, text MEDIUMTEXT CHARACTER SET utf8mb4, bytes MEDIUMBLOB, share DOUBLE,"
    " name VARCHAR(20) UNIQUE, created_ms BIGINT) ENGINE=InnoDB";

static const struct query insert = {
    .name = "thing.insert",
    .sql = "INSERT INTO thing (n, tenant_id, livemode, created_ms, id, kind, at_ms, is_on, text,"
           " bytes, share) VALUES (?, :tenant, :live, :now, ?, ?, ?, ?, ?, ?, ?)",
};
static const struct query insert_name = {
    .name = "thing.insert_name",
    .sql = "INSERT INTO thing (n, name) VALUES (?, ?)",
};
static const struct query get = {
    .name = "thing.get",
    .sql = "SELECT :cols FROM thing WHERE n = ?",
    .row = &row,
};
static const struct query get_own = {
    .name = "thing.get_own",
    .sql = "SELECT :cols FROM thing WHERE tenant_id = :tenant AND livemode = :live AND n = ?"
           " AND created_ms = :now",
    .row = &row,
};
static const struct query set_kind = {
    .name = "thing.set_kind",
    .sql = "UPDATE thing SET kind = ? WHERE n = ?",
};
static const struct query set_text = {
    .name = "thing.set_text",
    .sql = "UPDATE thing SET text = ?, kind = 1 WHERE n = ?",
};

static struct database database;

static inline int fresh_table(void **state)
{
    struct ctx *c = &database.ctx;
    *state = c;
    return db_command(c, "DROP TABLE IF EXISTS thing") || db_command(c, table);
}

static inline void must(error e)
{
    if (e)
        fail_msg("%.*s: %.*s", STR(e->wire), STR(e->cause));
}

static inline void must_be(enum error_code code, error e)
{
    if (!error_is(e, code))
        fail_msg("%.*s: %.*s", STR(e ? e->wire : S("success")), STR(e ? e->cause : S("")));
}

static inline struct thing thing_at(struct ctx *c, int64_t n)
{
    struct thing t = {0};
    must(db_one(c, &get, &t, P(n)));
    return t;
}

static inline void add(struct ctx *c, int64_t n)
{
    must(db_run(c, &insert, NULL, P(n), P(&c->scope.tenant), P(1), P(1), P(true), P(S("a")),
                P(S("b")), P(0.5)));
}

#endif
