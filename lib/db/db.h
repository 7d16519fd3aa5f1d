/* db.h: the doorman of the database client. Statements are constants of store/, prepared once a
 * connection; arguments and rows go through tables. MySQL and MariaDB are this file's affair. */
#ifndef AMP_DB_DB_H
#define AMP_DB_DB_H

#include "base/config.h"
#include "base/ctx.h"
#include "base/list.h"

/* The C type behind a column of each kind, and what NULL becomes:
 *   COL_ID    struct id (CHAR(16) ascii_bin)  none      COL_INT   int64_t   INT64_MIN
 *   COL_ENUM  int (TINYINT UNSIGNED)          0         COL_TIME  int64_t   0
 *   COL_BOOL  bool                            false     COL_TEXT  struct str (also BLOB)  none
 *   COL_NUMBER double (DOUBLE)                NAN
 */
enum col_kind { COL_ID, COL_INT, COL_ENUM, COL_TIME, COL_BOOL, COL_TEXT, COL_NUMBER };

struct col {
    const char *name; /* or an expression with alias */
    enum col_kind kind;
    size_t at; /* offset in the struct */
};

struct row {
    const struct col *cols;
    size_t n;
    size_t size; /* of the struct */
};
#define ROW(type, cols)                                                                            \
    {                                                                                              \
        (cols), sizeof(cols) / sizeof *(cols), sizeof(type)                                        \
    }

/* A statement. In its text `:cols` is the row's column list, `:tenant`, `:live` and `:now` come
 * from the context (each may occur several times), and every `?` is an argument in order; so is
 * every `:ids`, a list of ids for IN (:ids). */
struct query {
    const char *name; /* "mission.get", for logs and tests */
    const char *sql;
    const struct row *row; /* what it answers; NULL for writes */
    const char *index;     /* what EXPLAIN must say for the table the statement is about; NULL: not
                              explained (INSERT … VALUES) */
    bool global;           /* deliberately not of one tenant (workers, administration) */
};

/* Declares a statement: QUERY q = {…}; In a section of their own, tests can walk all there are. */
#define QUERY __attribute__((section("amp_query"))) static const struct query

/* An argument. */
enum param_kind { PARAM_END, PARAM_INT, PARAM_NUMBER, PARAM_TEXT, PARAM_ID, PARAM_IDS, PARAM_NULL };

/* The ids of `:ids`, from one to DB_IDS. It always has room for so many: the last one fills it up.
 * Who has more asks several times; a SELECT that has such a list says LIMIT 100 for it. */
enum { DB_IDS = 100 };
struct id_list {
    const struct id *at;
    size_t n;
};
struct param {
    enum param_kind kind;
    union {
        int64_t i;
        double d;
        struct str s;
        const struct id *id;
        struct id_list ids;
    };
};
struct param param_int(int64_t v); /* INT64_MIN is NULL */
struct param param_bool(bool v);
struct param param_number(double v);       /* NAN is NULL */
struct param param_text(struct str v);     /* none is NULL */
struct param param_id(const struct id *v); /* NULL or no id is NULL */
struct param param_time(int64_t ms);       /* 0 is NULL */
struct param param_ids(struct id_list v);

/* An argument by its C type. For a time that may be none use param_time(). */
#define P(x)                                                                                       \
    _Generic((x),                                                                                  \
        bool: param_bool,                                                                          \
        double: param_number,                                                                      \
        struct str: param_text,                                                                    \
        struct id *: param_id,                                                                     \
        const struct id *: param_id,                                                               \
        struct id_list: param_ids,                                                                 \
        default: param_int)(x)
#define PARAMS_(...) ((const struct param[]){__VA_ARGS__ __VA_OPT__(, ){PARAM_END, {0}}})

/* A handle; connects when first used and again after the connection was lost (never inside a
 * transaction). One per process. */
struct db *db_open(const struct config *config);
void db_close(struct db *db);

/* Is the database there? For /ready. */
error db_ping(struct db *db);

/* Does the connection stand, as far as can be told without a round trip? Asked while idle. */
bool db_is_there(const struct db *db);

/* One row into *out (text in c->arena), of which only the columns are written; ERR_NOT_FOUND if
 * there is none, the first if there are several. Errors of all calls: ERR_UNAVAILABLE (no
 * connection, read-only, not enough of a cluster), ERR_RETRY (deadlock, lock wait, failed
 * certification), ERR_INTERNAL. */
#define db_one(c, query, out, ...) db_one_((c), (query), (out), PARAMS_(__VA_ARGS__))
error db_one_(struct ctx *c, const struct query *q, void *out, const struct param *params);

/* All rows, an array in c->arena; the statement has a LIMIT. */
#define db_all(c, query, list, ...) db_all_((c), (query), (list), PARAMS_(__VA_ARGS__))
error db_all_(struct ctx *c, const struct query *q, struct list *out, const struct param *params);

/* One row after the other in constant memory: *row is overwritten, its text too. fn ends the walk
 * by returning an error, which db_each passes on. No other statement may run meanwhile. */
typedef error db_row_fn(void *arg, const void *row);
#define db_each(c, query, fn, arg, ...) db_each_((c), (query), (fn), (arg), PARAMS_(__VA_ARGS__))
error db_each_(struct ctx *c, const struct query *q, db_row_fn *fn, void *arg,
               const struct param *params);

/* A write; *changed (may be NULL) gets the number of rows it matched (found rows, changed or not).
 */
#define db_run(c, query, changed, ...) db_run_((c), (query), (changed), PARAMS_(__VA_ARGS__))
error db_run_(struct ctx *c, const struct query *q, uint64_t *changed, const struct param *params);

/* The arguments of n rows at most, `width` for each row. */
struct db_rows {
    struct param *at;
    size_t n, width, capacity;
};
struct db_rows db_rows_new(struct arena *a, size_t n, size_t width);
#define db_rows_add(rows, ...) db_rows_add_((rows), PARAMS_(__VA_ARGS__))
void db_rows_add_(struct db_rows *rows, const struct param *params);

/* The same write once for each row (whatever its arguments say; one argument is of one kind in all
 * rows, or NULL). No rows, no write. *changed (may be NULL): the rows that it matched in all.
 *
 * MariaDB takes about a megabyte of rows a round trip (at least one row), other servers a row.
 * After the failure of an INSERT inside a transaction nothing of it is left, and the transaction
 * goes on, unless the failure is one that ends it (ERR_RETRY, ERR_UNAVAILABLE). Outside of one the
 * rows of earlier round trips are left, so that is for rows some of which may be written without
 * the others. MariaDB carries out an UPDATE of many rows row by row: after its failure rows may be
 * left inside a transaction too, so pass it on, which ends the transaction. */
error db_run_each(struct ctx *c, const struct query *q, const struct db_rows *rows,
                  uint64_t *changed);

/* The same, of an INSERT and inside a transaction, where a row whose key is there already is left
 * out; taken (as many as rows, false; may be NULL: then that is an error): true for each that was.
 */
error db_insert_each(struct ctx *c, const struct query *q, const struct db_rows *rows, bool *taken);

/* Did this error come from a duplicate key? (db_run then returns ERR_INVALID_STATE.) */
bool db_is_duplicate(error e);

/* Statements since db_reset_count(), transaction control included: one for each round trip. What a
 * process does once a connection (connecting, preparing) is not counted. */
unsigned db_count(const struct db *db);
void db_reset_count(struct db *db);

/* The number of this connection, for spreading hot counters over slots; 0 before the first one. */
unsigned db_slot(const struct db *db);
enum { COUNT_SLOTS = 8 };

/* Who wants to know when this process changes a tenant's data: told before the COMMIT of each
 * transaction, and after it, whatever became of it. One watch at most; borrowed. */
struct db_watch {
    void (*before)(void *self, const struct scope *scope);
    void (*after)(void *self, const struct scope *scope);
    void *self;
};
void db_set_watch(struct db *db, const struct db_watch *watch);
const struct db_watch *db_get_watch(const struct db *db);

/* The rest is for db/tx.c and db/migrate.c only. */

/* A statement of plain text that answers no rows. */
error db_command(struct ctx *c, const char *sql);

/* The word of db/tx.c that a transaction is open. Until it is closed nothing reconnects. */
void db_set_transaction(struct db *db, bool open);
bool db_in_transaction(const struct db *db);

/* What ended the open transaction before its time: a lost connection (ERR_UNAVAILABLE), a deadlock
 * or a lock wait (ERR_RETRY); NULL while it stands. All its further statements get this error. */
error db_transaction_error(const struct db *db);

/* Did the last call lose the connection it had? */
bool db_lost(const struct db *db);

/* Gives up the connection; the next call makes a new one. */
void db_disconnect(struct db *db);

/* Waits an hour for an answer instead of seconds; to be said before the first call. */
void db_be_patient(struct db *db);

/* Sends many rows one by one from now on, as to a server that does not take them together: for
 * tests of what such a server gets. */
void db_send_singly(struct db *db);

#endif
