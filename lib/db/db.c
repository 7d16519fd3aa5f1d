/* db.c: every call to the database: arguments, what to do with the rows, and what a failure means:
 * once more, try again later, or a bug. How it is said to the client library stands in db_client.c;
 * transactions are begun and ended in tx.c. */
#include "db/db.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "db/db_client.h"

enum { DB_BYTES = 4096, EACH_BYTES = 64 * 1024 * 1024, ALL_FIRST = 16 };

struct db {
    struct arena *arena; /* holds this struct */
    const struct config *config;
    struct client *client; /* NULL: not connected */
    error transaction_error;
    unsigned count;
    bool patient;
    bool singly; /* rows are sent one by one */
    bool open;   /* a transaction */
    bool lost;   /* by the last call */
    bool busy;   /* rows are being fetched */
    const struct db_watch *watch;
};

/* One call, whose rows (if any) are taken by `take`. */
struct call {
    struct ctx *c;
    const struct query *q;
    const struct param *params;
    const struct db_rows *rows; /* instead of params */
    error (*take)(struct call *call, struct statement *s);
    void *out;        /* the caller's row, struct list or count */
    uint64_t changed; /* rows matched so far */
    db_row_fn *fn;    /* db_each */
    void *fn_arg;
    bool executed;  /* it may have happened */
    bool passed_on; /* a row has left this file */
};

/* ---- arguments ---- */

struct param param_int(int64_t v)
{
    if (v == INT64_MIN)
        return (struct param){.kind = PARAM_NULL};
    return (struct param){.kind = PARAM_INT, .i = v};
}

struct param param_bool(bool v)
{
    return (struct param){.kind = PARAM_INT, .i = v};
}

struct param param_number(double v)
{
    if (isnan(v))
        return (struct param){.kind = PARAM_NULL};
    return (struct param){.kind = PARAM_NUMBER, .d = v};
}

struct param param_text(struct str v)
{
    if (!v.p)
        return (struct param){.kind = PARAM_NULL};
    return (struct param){.kind = PARAM_TEXT, .s = v};
}

struct param param_id(const struct id *v)
{
    if (!v || id_is_none(v))
        return (struct param){.kind = PARAM_NULL};
    return (struct param){.kind = PARAM_ID, .id = v};
}

struct param param_ids(struct id_list v)
{
    assert(v.n > 0 && v.n <= DB_IDS);
    return (struct param){.kind = PARAM_IDS, .ids = v};
}

struct param param_time(int64_t ms)
{
    if (ms == 0)
        return (struct param){.kind = PARAM_NULL};
    return (struct param){.kind = PARAM_INT, .i = ms};
}

/* ---- what a failure means ---- */

enum { DUPLICATE_ENTRY = 1062, DUPLICATE_ENTRY_WITH_NAME = 1586, WRONG_VALUE_FOR_FIELD = 1366 };

/* Codes of MariaDB, MySQL and their client libraries; what is not here is ERR_INTERNAL. */
static const struct {
    unsigned code;
    enum error_code error;
    bool lost; /* the connection is gone */
} meanings[] = {
    {1020, ERR_RETRY, false},       /* record has changed since it was read */
    {1047, ERR_UNAVAILABLE, false}, /* this node is not part of the cluster */
    {1053, ERR_UNAVAILABLE, true},  /* shutdown in progress */
    {1146, ERR_UNAVAILABLE, false}, /* no such table: the schema is older than this program */
    {1205, ERR_RETRY, false},       /* lock wait took too long */
    {1213, ERR_RETRY, false},       /* deadlock, failed certification */
    {1290, ERR_UNAVAILABLE, false}, /* read-only */
    {1836, ERR_UNAVAILABLE, false}, /* read-only */
    {1927, ERR_UNAVAILABLE, true},  /* connection was killed */
    {2006, ERR_UNAVAILABLE, true},  /* server has gone away */
    {2013, ERR_UNAVAILABLE, true},  /* lost during the query */
    {2014, ERR_INTERNAL, true},     /* commands out of sync */
    {2027, ERR_INTERNAL, true},     /* malformed packet */
    {2055, ERR_UNAVAILABLE, true},  /* lost, with the system's error */
    {4031, ERR_UNAVAILABLE, true},  /* MySQL: was idle for too long */
};

/* Its address is what tells a duplicate key from other errors of the same code. */
static const char duplicate_key[] = "duplicate key";

static error duplicate(struct arena *a)
{
    struct error *e = ARENA_NEW(a, struct error);
    *e = *error_of(ERR_INVALID_STATE);
    e->cause = (struct str){duplicate_key, sizeof duplicate_key - 1};
    return e;
}

bool db_is_duplicate(error e)
{
    return e && e->cause.p == duplicate_key;
}

static enum error_code meaning(const struct failure *why, bool *lost)
{
    *lost = false;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        if (meanings[i].code == why->code) {
            *lost = meanings[i].lost;
            return meanings[i].error;
        }
    }
    return strcmp(why->state, "40001") == 0 ? ERR_RETRY : ERR_INTERNAL;
}

/* The server's message, unless it may quote a value: those of class 22, data exceptions. */
static const char *message(const struct failure *why)
{
    if (strncmp(why->state, "22", 2) == 0 || why->code == WRONG_VALUE_FOR_FIELD)
        return "a value that its column does not take";
    return why->text;
}

/* The error for what has just failed in `what`; forgets the connection if it is lost, and notes the
 * end of the transaction if this was one. */
static error judge(struct ctx *c, const char *what, const struct failure *why)
{
    struct db *db = c->db;
    if (why->code == DUPLICATE_ENTRY || why->code == DUPLICATE_ENTRY_WITH_NAME)
        return duplicate(c->arena);
    enum error_code code = meaning(why, &db->lost);
    error e =
        error_because(c->arena, code, "%s: %u (%s) %s", what, why->code, why->state, message(why));
    if (db->open && (db->lost || code == ERR_RETRY))
        db->transaction_error = e;
    if (db->lost)
        db_disconnect(db);
    return e;
}

/* ---- the connection ---- */

struct db *db_open(const struct config *config)
{
    struct arena *a = arena_new(DB_BYTES);
    struct db *db = ARENA_NEW(a, struct db);
    db->arena = a;
    db->config = config;
    return db;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    db_disconnect(db);
    arena_free(db->arena);
}

void db_disconnect(struct db *db)
{
    client_close(db->client);
    db->client = NULL;
}

void db_be_patient(struct db *db)
{
    assert(!db->client);
    db->patient = true;
}

void db_send_singly(struct db *db)
{
    db->singly = true;
}

/* A connection for the next statement. A transaction never moves to another one. */
static bool connect_if_needed(struct db *db, struct failure *why)
{
    db->lost = false;
    assert(!db->busy);
    if (db->client)
        return true;
    assert(!db->open);
    db->client = client_open(db->config, db->patient, why);
    return db->client != NULL;
}

static error cannot_connect(struct ctx *c, const struct failure *why)
{
    return error_because(c->arena, ERR_UNAVAILABLE, "no database: %u (%s) %s", why->code,
                         why->state, why->text);
}

error db_ping(struct db *db)
{
    struct failure why;
    assert(!db->open);
    if (db->client && !client_ping(db->client, &why))
        db_disconnect(db);
    return connect_if_needed(db, &why) ? NULL : error_of(ERR_UNAVAILABLE);
}

bool db_is_there(const struct db *db)
{
    return db->client && client_is_there(db->client);
}

unsigned db_count(const struct db *db)
{
    return db->count;
}

void db_reset_count(struct db *db)
{
    db->count = 0;
}

void db_set_watch(struct db *db, const struct db_watch *watch)
{
    db->watch = watch;
}

const struct db_watch *db_get_watch(const struct db *db)
{
    return db->watch;
}

unsigned db_slot(const struct db *db)
{
    return db->client ? client_number(db->client) : 0;
}

bool db_lost(const struct db *db)
{
    return db->lost;
}

void db_set_transaction(struct db *db, bool open)
{
    db->open = open;
    db->transaction_error = NULL;
}

bool db_in_transaction(const struct db *db)
{
    return db->open;
}

error db_transaction_error(const struct db *db)
{
    return db->transaction_error;
}

error db_command(struct ctx *c, const char *sql)
{
    struct failure why;
    if (c->db->open && !c->db->client)
        return c->db->transaction_error;
    if (!connect_if_needed(c->db, &why))
        return cannot_connect(c, &why);
    c->db->count++;
    return client_command(c->db->client, sql, &why) ? NULL : judge(c, sql, &why);
}

/* ---- calls ---- */

/* Sends it once, for these of its rows if it has rows. */
static error execute(struct call *call, struct statement *s, const struct db_rows *rows)
{
    struct ctx *c = call->c;
    struct failure why;
    c->db->count++;
    call->executed = true;
    if (rows ? !statement_execute_rows(s, c, rows, &why)
             : !statement_execute(s, c, call->params, &why))
        return judge(c, call->q->name, &why);
    if (!call->q->row)
        call->changed += statement_changed(s);
    return NULL;
}

static size_t together(const struct db *db, const struct statement *s, const struct db_rows *rows)
{
    return db->singly ? 1 : statement_together(s, rows);
}

static error execute_parts(struct call *call, struct statement *s)
{
    struct db_rows part = *call->rows;
    for (size_t left = part.n; left > 0; left -= part.n) {
        part.n = left;
        part.n = together(call->c->db, s, &part);
        TRY(execute(call, s, &part));
        part.at += part.n * part.width;
    }
    return NULL;
}

/* What takes several executions is undone like a single one: those before the one that failed have
 * happened. The savepoint needs no end, the next one or the transaction's takes it away. */
static error execute_rows(struct call *call, struct statement *s)
{
    struct ctx *c = call->c;
    error e;
    if (!c->db->open || together(c->db, s, call->rows) == call->rows->n)
        return execute_parts(call, s);
    TRY(db_command(c, "SAVEPOINT many"));
    e = execute_parts(call, s);
    if (e && !c->db->transaction_error)
        TRY(db_command(c, "ROLLBACK TO SAVEPOINT many"));
    return e;
}

static error once(struct call *call)
{
    struct ctx *c = call->c;
    struct db *db = c->db;
    struct failure why;
    error e;
    call->changed = 0;
    if (!connect_if_needed(db, &why))
        return cannot_connect(c, &why);
    struct statement *s = client_statement(db->client, call->q, &why);
    if (!s)
        return judge(c, call->q->name, &why);
    TRY(call->rows ? execute_rows(call, s) : execute(call, s, NULL));
    db->busy = true;
    e = call->take(call, s);
    db->busy = false;
    if (db->client)
        statement_done(s);
    return e;
}

/* What was lost on the way may be said once more if it cannot have happened or only reads. */
static bool may_repeat(const struct call *call)
{
    if (call->c->db->open || call->passed_on)
        return false;
    return call->q->row || !call->executed;
}

static error run(struct call *call)
{
    struct db *db = call->c->db;
    if (db->transaction_error)
        return db->transaction_error;
    error e = once(call);
    if (e && db->lost && may_repeat(call))
        e = once(call);
    return e;
}

static enum fetched fetch(struct call *call, struct statement *s, struct arena *a, void *out,
                          error *e)
{
    struct failure why;
    enum fetched fetched = statement_fetch(s, a, out, &why);
    if (fetched == FETCHED_FAILURE)
        *e = judge(call->c, call->q->name, &why);
    return fetched;
}

static error take_one(struct call *call, struct statement *s)
{
    error e = NULL;
    if (fetch(call, s, call->c->arena, call->out, &e) == FETCHED_END)
        return error_of(ERR_NOT_FOUND);
    return e;
}

error db_one_(struct ctx *c, const struct query *q, void *out, const struct param *params)
{
    assert(q->row);
    struct call call = {.c = c, .q = q, .params = params, .take = take_one, .out = out};
    return run(&call);
}

static char *doubled(struct arena *a, const char *rows, size_t n, size_t size)
{
    char *more = arena_array(a, 2 * n, size);
    memcpy(more, rows, n * size);
    return more;
}

static error take_all(struct call *call, struct statement *s)
{
    struct arena *a = call->c->arena;
    size_t size = call->q->row->size;
    size_t n = 0, capacity = ALL_FIRST;
    char *rows = arena_array(a, capacity, size);
    error e = NULL;
    while (fetch(call, s, a, rows + n * size, &e) == FETCHED_ROW) {
        if (++n == capacity) {
            rows = doubled(a, rows, n, size);
            capacity *= 2;
        }
    }
    if (!e)
        *(struct list *)call->out = (struct list){rows, n};
    return e;
}

error db_all_(struct ctx *c, const struct query *q, struct list *out, const struct param *params)
{
    assert(q->row);
    struct call call = {.c = c, .q = q, .params = params, .take = take_all, .out = out};
    return run(&call);
}

static error take_each(struct call *call, struct statement *s)
{
    struct arena *a = arena_new(EACH_BYTES);
    error e = NULL;
    for (;;) {
        arena_reset(a);
        void *row = arena_alloc(a, call->q->row->size);
        if (fetch(call, s, a, row, &e) != FETCHED_ROW)
            break;
        call->passed_on = true;
        e = call->fn(call->fn_arg, row);
        if (e)
            break;
    }
    arena_free(a);
    return e;
}

error db_each_(struct ctx *c, const struct query *q, db_row_fn *fn, void *arg,
               const struct param *params)
{
    assert(q->row);
    struct call call = {
        .c = c, .q = q, .params = params, .take = take_each, .fn = fn, .fn_arg = arg};
    return run(&call);
}

static error take_changed(struct call *call, struct statement *s)
{
    uint64_t *changed = call->out;
    (void)s;
    if (changed)
        *changed = call->changed;
    return NULL;
}

static error write(struct call *call)
{
    struct ctx *c = call->c;
    const struct db_watch *watch = c->db->open || call->q->global ? NULL : c->db->watch;
    assert(!call->q->row);
    if (watch) /* a statement by itself commits itself */
        watch->before(watch->self, &c->scope);
    error e = run(call);
    if (watch)
        watch->after(watch->self, &c->scope);
    return e;
}

error db_run_(struct ctx *c, const struct query *q, uint64_t *changed, const struct param *params)
{
    struct call call = {.c = c, .q = q, .params = params, .take = take_changed, .out = changed};
    return write(&call);
}

/* ---- many rows ---- */

struct db_rows db_rows_new(struct arena *a, size_t n, size_t width)
{
    return (struct db_rows){
        .at = arena_array(a, n * width + 1, sizeof(struct param)), .width = width, .capacity = n};
}

void db_rows_add_(struct db_rows *rows, const struct param *params)
{
    struct param *row = rows->at + rows->n * rows->width;
    assert(rows->n < rows->capacity);
    for (size_t i = 0; i < rows->width; i++) {
        assert(params[i].kind != PARAM_END);
        row[i] = params[i];
    }
    assert(params[rows->width].kind == PARAM_END);
    rows->n++;
}

/* Numbers of one kind, or bytes; NULL goes with all. */
static enum param_kind sort_of(const struct param *p)
{
    return p->kind == PARAM_ID ? PARAM_TEXT : p->kind;
}

static bool are_alike(const struct db_rows *rows)
{
    for (size_t k = 0; k < rows->width; k++) {
        enum param_kind sort = PARAM_NULL;
        for (size_t i = 0; i < rows->n; i++) {
            enum param_kind of = sort_of(&rows->at[i * rows->width + k]);
            if (of != PARAM_NULL && sort != PARAM_NULL && of != sort)
                return false;
            sort = of == PARAM_NULL ? sort : of;
        }
    }
    return true;
}

error db_run_each(struct ctx *c, const struct query *q, const struct db_rows *rows,
                  uint64_t *changed)
{
    struct call call = {.c = c, .q = q, .rows = rows, .take = take_changed, .out = changed};
    assert(are_alike(rows));
    if (changed)
        *changed = 0;
    return rows->n ? write(&call) : NULL;
}

/* After a duplicate nothing was written, so each is tried by itself. */
error db_insert_each(struct ctx *c, const struct query *q, const struct db_rows *rows, bool *taken)
{
    error e;
    assert(!taken || c->db->open);
    e = db_run_each(c, q, rows, NULL);
    if (!taken || !db_is_duplicate(e))
        return e;
    for (size_t i = 0; i < rows->n; i++) {
        struct db_rows one = {rows->at + i * rows->width, 1, rows->width, 1};
        e = db_run_each(c, q, &one, NULL);
        taken[i] = db_is_duplicate(e);
        if (!taken[i])
            TRY(e);
    }
    return NULL;
}
