/* db_client.c: the doorman of the client library (MariaDB Connector/C or libmysqlclient): one
 * connection, its prepared statements, and the way of values in and out. What a failure means is
 * decided in db.c. The library's boolean has two names, so it is never named here. */
#include "db/db_client.h"

#include <assert.h>
#include <math.h>
#include <mysql.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONNECT_TIMEOUT_S = 3,
    ANSWER_TIMEOUT_S = 10,
    PATIENT_TIMEOUT_S = 3600,
    STATEMENTS_MAX = 256,
    SLOTS = 2 * STATEMENTS_MAX, /* a power of two */
    STATEMENTS_BYTES = 16 * 1024 * 1024,
    TOGETHER_BYTES = 1024 * 1024, /* of arguments an execution, far below max_allowed_packet */
    ARGUMENT_BYTES = 32           /* one at the most on its way, but for the text of a text */
};

/* A lock wait ends before the client stops waiting for the answer, so it is told from a dead
 * server. Of a statement for many rows each row may wait so long. Where several do, the client may
 * give up first, which is a lost connection: the server undoes what it finds nobody waiting for,
 * and the transaction is run once more (db/tx.c).
 */
static const char *const session_setup[] = {
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,"
    "NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO', SESSION time_zone = '+00:00',"
    " SESSION autocommit = 1, SESSION innodb_lock_wait_timeout = 5, SESSION lock_wait_timeout = 8",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
};

/* Where the library leaves the value of a column; text is fetched straight into an arena. */
struct cell {
    union {
        int64_t i;
        double d;
        char id[ID_LEN];
    };
    unsigned long length;
};

struct statement {
    const struct query *query;
    struct plan plan;
    MYSQL_STMT *stmt;
    struct param *values; /* of plan.n placeholders */
    MYSQL_BIND *params;
    MYSQL_BIND *results; /* of query->row->n columns */
    struct cell *cells;
    bool bulk; /* the server takes the arguments of many rows at once */
};

struct client {
    MYSQL *mysql;
    struct arena *arena;            /* holds the statements */
    struct statement *slots[SLOTS]; /* a hash table by the address of the query */
    size_t statements;
    bool bulk; /* the server takes the arguments of many rows at once */
};

static bool fail(struct failure *why, unsigned code, const char *state, const char *text)
{
    why->code = code;
    snprintf(why->state, sizeof why->state, "%s", state);
    snprintf(why->text, sizeof why->text, "%s", text);
    return false;
}

static bool fail_client(const struct client *client, struct failure *why)
{
    return fail(why, mysql_errno(client->mysql), mysql_sqlstate(client->mysql),
                mysql_error(client->mysql));
}

/* Of a connection that goes away while rows are fetched only the connection knows. */
static bool fail_stmt(MYSQL_STMT *stmt, struct failure *why)
{
    if (!mysql_stmt_errno(stmt) && stmt->mysql)
        return fail(why, mysql_errno(stmt->mysql), mysql_sqlstate(stmt->mysql),
                    mysql_error(stmt->mysql));
    return fail(why, mysql_stmt_errno(stmt), mysql_stmt_sqlstate(stmt), mysql_stmt_error(stmt));
}

/* ---- the connection ---- */

static bool set_options(MYSQL *mysql, bool tcp, bool patient)
{
    unsigned connect_s = CONNECT_TIMEOUT_S;
    unsigned answer_s = patient ? PATIENT_TIMEOUT_S : ANSWER_TIMEOUT_S;
    unsigned protocol = tcp ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET;
    unsigned never = 0;
    return !mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s) &&
           !mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &answer_s) &&
           !mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &answer_s) &&
           !mysql_options(mysql, MYSQL_OPT_PROTOCOL, &protocol) &&
           !mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &never) &&
           !mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
}

static const char *c_string(struct arena *a, struct str s)
{
    return s.n > 0 ? arena_cstr(a, s) : NULL;
}

/* MariaDB has done so since 10.2, MySQL does not. */
static bool takes_many(MYSQL *mysql)
{
#ifdef MARIADB_PACKAGE_VERSION
    unsigned long extended = 0;
    return !mariadb_get_infov(mysql, MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES, &extended) &&
           (extended & MARIADB_CLIENT_STMT_BULK_OPERATIONS >> 32) != 0;
#else
    (void)mysql;
    return false;
#endif
}

static bool establish(struct client *client, const struct config *config, bool patient,
                      struct failure *why)
{
    struct arena *a = client->arena;
    bool tcp = config->db_socket.n == 0;
    bool connected =
        set_options(client->mysql, tcp, patient) &&
        mysql_real_connect(client->mysql, tcp ? c_string(a, config->db_host) : NULL,
                           c_string(a, config->db_user), c_string(a, config->db_password),
                           c_string(a, config->db_name), tcp ? (unsigned)config->db_port : 0,
                           c_string(a, config->db_socket), CLIENT_FOUND_ROWS) != NULL;
    arena_reset(a);
    if (!connected)
        return fail_client(client, why);
    client->bulk = takes_many(client->mysql);
    for (size_t i = 0; i < sizeof session_setup / sizeof *session_setup; i++) {
        if (!client_command(client, session_setup[i], why))
            return false;
    }
    return true;
}

struct client *client_open(const struct config *config, bool patient, struct failure *why)
{
    struct client *client = calloc(1, sizeof *client);
    if (client) {
        client->arena = arena_new(STATEMENTS_BYTES);
        client->mysql = mysql_init(NULL);
    }
    if (!client || !client->mysql)
        fail(why, 0, "", "no memory for a connection");
    else if (establish(client, config, patient, why))
        return client;
    client_close(client);
    return NULL;
}

static void close_statements(struct client *client)
{
    for (size_t i = 0; i < SLOTS; i++) {
        if (client->slots[i])
            mysql_stmt_close(client->slots[i]->stmt);
        client->slots[i] = NULL;
    }
    client->statements = 0;
    arena_reset(client->arena);
}

void client_close(struct client *client)
{
    if (!client)
        return;
    close_statements(client);
    if (client->mysql)
        mysql_close(client->mysql);
    arena_free(client->arena);
    free(client);
}

bool client_ping(struct client *client, struct failure *why)
{
    return mysql_ping(client->mysql) ? fail_client(client, why) : true;
}

bool client_is_there(const struct client *client)
{
    struct pollfd connection = {.fd = client->mysql->net.fd, .events = POLLIN};
    return poll(&connection, 1, 0) == 0;
}

bool client_command(struct client *client, const char *sql, struct failure *why)
{
    if (mysql_real_query(client->mysql, sql, strlen(sql)))
        return fail_client(client, why);
    assert(mysql_field_count(client->mysql) == 0);
    return true;
}

unsigned client_number(const struct client *client)
{
    return (unsigned)mysql_thread_id(client->mysql);
}

/* ---- statements ---- */

static void bind_column(MYSQL_BIND *b, struct cell *cell, enum col_kind kind)
{
    b->is_null = &b->is_null_value;
    b->error = &b->error_value;
    b->length = &cell->length;
    switch (kind) {
    case COL_ID:
        b->buffer_type = MYSQL_TYPE_STRING;
        b->buffer = cell->id;
        b->buffer_length = ID_LEN;
        break;
    case COL_TEXT: /* no room: only the length is taken with the row */
        b->buffer_type = MYSQL_TYPE_STRING;
        break;
    case COL_NUMBER:
        b->buffer_type = MYSQL_TYPE_DOUBLE;
        b->buffer = &cell->d;
        b->buffer_length = sizeof cell->d;
        break;
    case COL_INT:
    case COL_ENUM:
    case COL_TIME:
    case COL_BOOL:
        b->buffer_type = MYSQL_TYPE_LONGLONG;
        b->buffer = &cell->i;
        b->buffer_length = sizeof cell->i;
        break;
    }
}

static bool bind_results(struct arena *a, struct statement *s)
{
    const struct row *row = s->query->row;
    assert(mysql_stmt_field_count(s->stmt) == (row ? row->n : 0));
    if (!row)
        return true;
    s->results = arena_array(a, row->n, sizeof *s->results);
    s->cells = arena_array(a, row->n, sizeof *s->cells);
    for (size_t i = 0; i < row->n; i++)
        bind_column(&s->results[i], &s->cells[i], row->cols[i].kind);
    return !mysql_stmt_bind_result(s->stmt, s->results);
}

static struct statement *prepare(struct client *client, const struct query *q, struct failure *why)
{
    struct arena *a = client->arena;
    struct statement *s = ARENA_NEW(a, struct statement);
    s->query = q;
    s->bulk = client->bulk;
    plan_make(a, q, &s->plan);
    s->values = arena_array(a, s->plan.n + 1, sizeof *s->values);
    s->params = arena_array(a, s->plan.n + 1, sizeof *s->params);
    s->stmt = mysql_stmt_init(client->mysql);
    if (!s->stmt) {
        fail(why, 0, "", "no memory for a statement");
        return NULL;
    }
    if (mysql_stmt_prepare(s->stmt, s->plan.sql.p, s->plan.sql.n) || !bind_results(a, s)) {
        fail_stmt(s->stmt, why);
        mysql_stmt_close(s->stmt);
        return NULL;
    }
    assert(mysql_stmt_param_count(s->stmt) == s->plan.n);
    return s;
}

static struct statement **slot_of(struct client *client, const struct query *q)
{
    size_t i = (size_t)(((uintptr_t)q >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> 32);
    for (i %= SLOTS; client->slots[i] && client->slots[i]->query != q;)
        i = (i + 1) % SLOTS;
    return &client->slots[i];
}

/* Starting over is rare and costs no more than preparing anew. Statements that could not be
 * prepared leave something in the arena too. */
static void keep_bounds(struct client *client)
{
    if (client->statements == STATEMENTS_MAX || arena_used(client->arena) > STATEMENTS_BYTES / 2)
        close_statements(client);
}

struct statement *client_statement(struct client *client, const struct query *q,
                                   struct failure *why)
{
    struct statement *s = *slot_of(client, q);
    if (s)
        return s;
    keep_bounds(client);
    s = prepare(client, q, why);
    if (s) {
        *slot_of(client, q) = s;
        client->statements++;
    }
    return s;
}

/* ---- values in ---- */

static void bind_bytes(MYSQL_BIND *b, const char *p, size_t n)
{
    b->buffer_type = MYSQL_TYPE_STRING;
    b->buffer = (void *)p;
    b->buffer_length = n;
    b->length = &b->buffer_length;
}

/* A NULL keeps the type that the placeholder had before, so the server need not look again. */
static void bind_param(MYSQL_BIND *b, struct param *p)
{
    assert(p->kind != PARAM_END && p->kind != PARAM_IDS);
    b->is_null = &b->is_null_value;
    b->is_null_value = p->kind == PARAM_NULL;
    switch (p->kind) {
    case PARAM_INT:
        b->buffer_type = MYSQL_TYPE_LONGLONG;
        b->buffer = &p->i;
        break;
    case PARAM_NUMBER:
        b->buffer_type = MYSQL_TYPE_DOUBLE;
        b->buffer = &p->d;
        break;
    case PARAM_TEXT:
        bind_bytes(b, p->s.p, p->s.n);
        break;
    case PARAM_ID:
        bind_bytes(b, p->id->c, ID_LEN);
        break;
    case PARAM_NULL:
        if (!b->buffer)
            b->buffer_type = MYSQL_TYPE_NULL;
        break;
    case PARAM_IDS:
    case PARAM_END:
        break;
    }
}

/* With s->values. */
static bool execute(struct statement *s, struct failure *why)
{
    for (size_t i = 0; i < s->plan.n; i++)
        bind_param(&s->params[i], &s->values[i]);
    if (s->plan.n > 0 && mysql_stmt_bind_param(s->stmt, s->params))
        return fail_stmt(s->stmt, why);
    if (mysql_stmt_execute(s->stmt))
        return fail_stmt(s->stmt, why);
    return true;
}

bool statement_execute(struct statement *s, const struct ctx *c, const struct param *arguments,
                       struct failure *why)
{
    plan_fill(&s->plan, c, arguments, s->values);
    return execute(s, why);
}

/* ---- many rows of values in ---- */

static size_t row_bytes(const struct statement *s, const struct param *row, size_t width)
{
    size_t bytes = s->plan.n * ARGUMENT_BYTES;
    for (size_t i = 0; i < width; i++)
        bytes += row[i].kind == PARAM_TEXT ? row[i].s.n : 0;
    return bytes;
}

size_t statement_together(const struct statement *s, const struct db_rows *rows)
{
    size_t n = 1, bytes = row_bytes(s, rows->at, rows->width);
    for (; s->bulk && n < rows->n; n++) {
        bytes += row_bytes(s, rows->at + n * rows->width, rows->width);
        if (bytes > TOGETHER_BYTES)
            break;
    }
    return n;
}

/* The values of all rows, one row after the other, plan.n each. */
static struct param *fill_rows(const struct statement *s, struct ctx *c, const struct db_rows *rows)
{
    struct param *values = arena_array(c->arena, rows->n * s->plan.n + 1, sizeof *values);
    struct param *row = arena_array(c->arena, rows->width + 1, sizeof *row);
    for (size_t i = 0; i < rows->n; i++) {
        memcpy(row, rows->at + i * rows->width, rows->width * sizeof *row);
        row[rows->width] = (struct param){.kind = PARAM_END};
        plan_fill(&s->plan, c, row, values + i * s->plan.n);
    }
    return values;
}

#ifdef MARIADB_PACKAGE_VERSION
union number {
    int64_t i;
    double d;
};

/* The values that a placeholder has in all rows, each a `stride` after the one before: all numbers
 * of one kind, or all bytes, or NULL. */
static void bind_values(struct arena *a, MYSQL_BIND *b, const struct param *p, size_t stride,
                        size_t n)
{
    union number *numbers = arena_array(a, n, sizeof *numbers);
    char **bytes = arena_array(a, n, sizeof *bytes);
    unsigned long *lengths = arena_array(a, n, sizeof *lengths);
    char *nulls = arena_array(a, n, 1);
    enum param_kind kind = PARAM_NULL;
    for (size_t i = 0; i < n; i++, p += stride) {
        nulls[i] = p->kind == PARAM_NULL ? STMT_INDICATOR_NULL : STMT_INDICATOR_NONE;
        if (p->kind == PARAM_NULL)
            continue;
        kind = p->kind;
        if (kind == PARAM_INT)
            numbers[i].i = p->i;
        else if (kind == PARAM_NUMBER)
            numbers[i].d = p->d;
        else
            bytes[i] = kind == PARAM_ID ? (char *)p->id->c : (char *)p->s.p;
        lengths[i] = kind == PARAM_ID ? ID_LEN : p->s.n;
    }
    *b = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_STRING, .buffer = bytes, .length = lengths};
    if (kind == PARAM_INT)
        *b = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_LONGLONG, .buffer = numbers};
    if (kind == PARAM_NUMBER)
        *b = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_DOUBLE, .buffer = numbers};
    b->u.indicator = nulls;
}

static bool execute_at_once(struct statement *s, struct ctx *c, const struct param *values,
                            unsigned n, struct failure *why)
{
    MYSQL_BIND *binds = arena_array(c->arena, s->plan.n, sizeof *binds);
    unsigned singly = 0;
    bool done;
    for (size_t i = 0; i < s->plan.n; i++)
        bind_values(c->arena, &binds[i], values + i, s->plan.n, n);
    done = !mysql_stmt_attr_set(s->stmt, STMT_ATTR_ARRAY_SIZE, &n) &&
           !mysql_stmt_bind_param(s->stmt, binds) && !mysql_stmt_execute(s->stmt);
    if (!done)
        fail_stmt(s->stmt, why);
    (void)mysql_stmt_attr_set(s->stmt, STMT_ATTR_ARRAY_SIZE, &singly); /* only stores it */
    return done;
}
#else
static bool execute_at_once(struct statement *s, struct ctx *c, const struct param *values,
                            unsigned n, struct failure *why)
{
    return fail(why, 0, "", "this client library has no arrays of arguments");
}
#endif

bool statement_execute_rows(struct statement *s, struct ctx *c, const struct db_rows *rows,
                            struct failure *why)
{
    const struct param *values = fill_rows(s, c, rows);
    if (rows->n > 1)
        return execute_at_once(s, c, values, (unsigned)rows->n, why);
    memcpy(s->values, values, s->plan.n * sizeof *values);
    return execute(s, why);
}

/* ---- values out ---- */

static void land_null(enum col_kind kind, void *at)
{
    switch (kind) {
    case COL_ID:
        *(struct id *)at = (struct id){{0}};
        break;
    case COL_INT:
        *(int64_t *)at = INT64_MIN;
        break;
    case COL_TIME:
        *(int64_t *)at = 0;
        break;
    case COL_ENUM:
        *(int *)at = 0;
        break;
    case COL_BOOL:
        *(bool *)at = false;
        break;
    case COL_TEXT:
        *(struct str *)at = (struct str){NULL, 0};
        break;
    case COL_NUMBER:
        *(double *)at = NAN;
        break;
    }
}

static bool land_value(const struct cell *cell, enum col_kind kind, void *at)
{
    switch (kind) {
    case COL_ID:
        memcpy(at, cell->id, ID_LEN);
        return cell->length == ID_LEN;
    case COL_INT:
    case COL_TIME:
        *(int64_t *)at = cell->i;
        return true;
    case COL_ENUM:
        *(int *)at = (int)cell->i;
        return cell->i >= 0 && cell->i <= UINT8_MAX;
    case COL_BOOL:
        *(bool *)at = cell->i != 0;
        return true;
    case COL_NUMBER:
        *(double *)at = cell->d;
        return true;
    case COL_TEXT:
        break; /* land_text() */
    }
    return false;
}

static bool land_text(struct statement *s, size_t i, struct arena *a, struct str *at)
{
    size_t n = s->cells[i].length;
    char *p = arena_alloc(a, n + 1);
    *at = (struct str){p, n};
    if (n == 0)
        return true;
    unsigned long length = 0;
    MYSQL_BIND b = {.buffer_type = MYSQL_TYPE_STRING, .buffer = p, .length = &length};
    b.buffer_length = n;
    b.is_null = &b.is_null_value;
    b.error = &b.error_value;
    return !mysql_stmt_fetch_column(s->stmt, &b, (unsigned)i, 0) && length == n;
}

static bool land(struct statement *s, size_t i, struct arena *a, void *at)
{
    enum col_kind kind = s->query->row->cols[i].kind;
    const MYSQL_BIND *b = &s->results[i];
    if (b->is_null_value) {
        land_null(kind, at);
        return true;
    }
    if (kind == COL_TEXT)
        return land_text(s, i, a, at);
    return !b->error_value && land_value(&s->cells[i], kind, at);
}

enum fetched statement_fetch(struct statement *s, struct arena *a, void *out, struct failure *why)
{
    const struct row *row = s->query->row;
    int got = mysql_stmt_fetch(s->stmt);
    if (got == MYSQL_NO_DATA)
        return FETCHED_END;
    if (got != 0 && got != MYSQL_DATA_TRUNCATED) {
        fail_stmt(s->stmt, why);
        return FETCHED_FAILURE;
    }
    for (size_t i = 0; i < row->n; i++) {
        if (!land(s, i, a, (char *)out + row->cols[i].at)) {
            fail(why, 0, "", "");
            snprintf(why->text, sizeof why->text, "%s does not fit the row", row->cols[i].name);
            return FETCHED_FAILURE;
        }
    }
    return FETCHED_ROW;
}

uint64_t statement_changed(struct statement *s)
{
    return (uint64_t)mysql_stmt_affected_rows(s->stmt);
}

void statement_done(struct statement *s)
{
    mysql_stmt_free_result(s->stmt);
}
