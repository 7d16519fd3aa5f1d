/* migrate.c: brings the schema up to date, one numbered file after the other. The files are sql/,
 * compiled in by embed.awk; no statement of the product lives here. */
#include "db/migrate.h"

#include <assert.h>
#include <inttypes.h>

#include "base/buf.h"
#include "db/db.h"
#include "db/tx.h"

enum { STATEMENT_BYTES = 256 * 1024 };

struct record {
    int64_t version;
    struct str name, checksum;
};
static const struct col record_cols[] = {
    {"version", COL_INT, offsetof(struct record, version)},
    {"name", COL_TEXT, offsetof(struct record, name)},
    {"checksum", COL_TEXT, offsetof(struct record, checksum)},
};
static const struct row record_row = ROW(struct record, record_cols);

struct number {
    int64_t n;
};
static const struct col lock_cols[] = {{"id", COL_INT, offsetof(struct number, n)}};
static const struct row lock_row = ROW(struct number, lock_cols);

struct extent {
    int64_t count, last;
};
static const struct col extent_cols[] = {
    {"COUNT(*)", COL_INT, offsetof(struct extent, count)},
    {"COALESCE(MAX(version), 0)", COL_INT, offsetof(struct extent, last)},
};
static const struct row extent_row = ROW(struct extent, extent_cols);

QUERY find_lock = {
    .name = "schema.find_lock",
    .sql = "SELECT :cols FROM schema_lock WHERE id = 1",
    .row = &lock_row,
    .index = "PRIMARY",
    .global = true,
};
QUERY make_lock = {
    .name = "schema.make_lock",
    .sql = "INSERT IGNORE INTO schema_lock (id) VALUES (1)",
    .global = true,
};
QUERY take_lock = {
    .name = "schema.take_lock",
    .sql = "SELECT :cols FROM schema_lock WHERE id = 1 FOR UPDATE",
    .row = &lock_row,
    .index = "PRIMARY",
    .global = true,
};
QUERY get_records = {
    .name = "schema.get_records",
    .sql = "SELECT :cols FROM schema_migration ORDER BY version LIMIT 10000",
    .row = &record_row,
    .index = "PRIMARY",
    .global = true,
};
QUERY get_extent = {
    .name = "schema.get_extent",
    .sql = "SELECT :cols FROM schema_migration",
    .row = &extent_row,
    .index = "PRIMARY",
    .global = true,
};
QUERY insert_record = {
    .name = "schema.insert_record",
    .sql = "INSERT INTO schema_migration (version, name, checksum, applied_ms)"
           " VALUES (?, ?, ?, :now)",
    .global = true,
};

static const char *const own_tables[] = {
    "CREATE TABLE IF NOT EXISTS schema_migration ("
    " version INT NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL,"
    " checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    " applied_ms BIGINT NOT NULL) ENGINE=InnoDB",
    "CREATE TABLE IF NOT EXISTS schema_lock (id INT NOT NULL PRIMARY KEY) ENGINE=InnoDB",
};

static const char wait_for_lock[] = "SET SESSION innodb_lock_wait_timeout = 3600";

/* One run of migrate(): the lock is held on the connection of the ctx that runs it, the work is
 * done on another, because each DDL statement commits what is open on its own. */
struct run {
    struct ctx *work;
    void (*told)(void *arg, const struct migration *m);
    void *arg;
};

static struct str checksum(struct arena *a, const struct migration *m)
{
    unsigned char hash[SHA256_LEN];
    crypto_sha256(str_of(m->sql), hash);
    return crypto_hex(a, (struct str){(const char *)hash, sizeof hash});
}

/* ---- one migration ---- */

/* A statement ends with a semicolon at the end of a line. */
static error add_line(struct ctx *c, struct buf *statement, struct str line)
{
    if (line.n == 0 || str_starts(line, S("--")))
        return NULL;
    bool last = str_ends(line, S(";"));
    buf_add(statement, str_sub(line, 0, line.n - last));
    buf_char(statement, '\n');
    if (!last)
        return NULL;
    assert(!statement->full);
    error e = db_command(c, arena_cstr(c->arena, buf_str(statement)));
    buf_clear(statement);
    return e;
}

static error run_statements(struct ctx *c, const struct migration *m)
{
    struct str rest = str_of(m->sql);
    struct buf *statement = buf_new(c->arena, STATEMENT_BYTES);
    while (rest.p)
        TRY(add_line(c, statement, str_trim(str_cut(&rest, '\n'))));
    assert(statement->n == 0); /* the last statement is ended too */
    return NULL;
}

static error apply(struct run *run, const struct migration *m)
{
    struct ctx *c = run->work;
    if (run->told)
        run->told(run->arg, m);
    TRY(run_statements(c, m));
    error e = db_run(c, &insert_record, NULL, P(m->version), P(str_of(m->name)),
                     P(checksum(c->arena, m)));
    return db_is_duplicate(e) ? NULL : e; /* another node of a cluster was as fast */
}

/* ---- all of them ---- */

static error check_record(struct ctx *c, const struct record *r, int i)
{
    if (i >= migrations_count)
        return error_because(c->arena, ERR_INVALID_STATE,
                             "the schema has migration %" PRId64 " (%.*s), this program knows %d:"
                             " it is older than the schema",
                             r->version, STR(r->name), migrations_count);
    const struct migration *m = &migrations[i];
    if (r->version != m->version || !str_eq(r->checksum, checksum(c->arena, m)))
        return error_because(c->arena, ERR_INVALID_STATE,
                             "migration %" PRId64 " (%.*s) of the schema is not this program's"
                             " migration %d (%s)",
                             r->version, STR(r->name), m->version, m->name);
    return NULL;
}

static error apply_missing(struct run *run)
{
    struct ctx *c = run->work;
    struct list records;
    TRY(db_all(c, &get_records, &records));
    const struct record *r = records.at;
    for (size_t i = 0; i < records.n; i++)
        TRY(check_record(c, &r[i], (int)i));
    for (int i = (int)records.n; i < migrations_count; i++)
        TRY(apply(run, &migrations[i]));
    return NULL;
}

static error under_lock(struct ctx *c, void *arg)
{
    struct number lock;
    TRY(db_one(c, &take_lock, &lock));
    return apply_missing(arg);
}

/* Looks first, because an INSERT would wait for who holds the lock. */
static error make_own_tables(struct ctx *c)
{
    struct number lock;
    for (size_t i = 0; i < sizeof own_tables / sizeof *own_tables; i++)
        TRY(db_command(c, own_tables[i]));
    error e = db_one(c, &find_lock, &lock);
    return error_is(e, ERR_NOT_FOUND) ? db_run(c, &make_lock, NULL) : e;
}

error migrate(struct ctx *c, void (*told)(void *arg, const struct migration *m), void *arg)
{
    struct ctx lock = *c, work = *c;
    struct run run = {&work, told, arg};
    lock.db = db_open(c->config);
    work.db = db_open(c->config);
    db_be_patient(lock.db);
    db_be_patient(work.db);
    error e = make_own_tables(&work);
    if (!e)
        e = db_command(&lock, wait_for_lock);
    if (!e)
        e = in_transaction(&lock, under_lock, &run);
    db_close(work.db);
    db_close(lock.db);
    return e;
}

error migrate_check(struct ctx *c)
{
    struct extent found = {0};
    TRY(db_one(c, &get_extent, &found));
    int last = migrations[migrations_count - 1].version;
    if (found.last == last && found.count == migrations_count)
        return NULL;
    return error_because(c->arena, ERR_UNAVAILABLE,
                         "the schema is at migration %" PRId64 " (%" PRId64 " applied), this"
                         " program at %d (%d)",
                         found.last, found.count, last, migrations_count);
}
