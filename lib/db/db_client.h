/* db_client.h: one connection and its prepared statements, for db/db.c only. Names no type of the
 * client library. */
#ifndef AMP_DB_DB_CLIENT_H
#define AMP_DB_DB_CLIENT_H

#include "db/plan.h"

struct client;
struct statement;

/* Why a call failed. */
struct failure {
    unsigned code; /* of server or client library; 0: the answer is not what the row says */
    char state[6]; /* SQLSTATE */
    char text[256];
};

/* Connects and sets what every connection must have: mode, time zone, isolation, time-outs. NULL if
 * that fails. A patient one waits an hour for an answer, for migrations. */
struct client *client_open(const struct config *config, bool patient, struct failure *why);
void client_close(struct client *client); /* NULL is allowed */

bool client_ping(struct client *client, struct failure *why);

/* Has the server neither closed the idle connection nor said goodbye? No round trip. */
bool client_is_there(const struct client *client);

/* Runs one statement of plain text that answers no rows. */
bool client_command(struct client *client, const char *sql, struct failure *why);

/* The number the server gave to the connection. */
unsigned client_number(const struct client *client);

/* The statement, prepared now if it is new to this connection; NULL if that fails. Borrowed until
 * the next call of this function. */
struct statement *client_statement(struct client *client, const struct query *q,
                                   struct failure *why);

/* Runs it: one round trip. What it answered must be fetched or given up with statement_done()
 * before anything else is sent. */
bool statement_execute(struct statement *s, const struct ctx *c, const struct param *arguments,
                       struct failure *why);

/* How many of these rows, from the first one on, can be executed together: one round trip. At least
 * one. */
size_t statement_together(const struct statement *s, const struct db_rows *rows);

/* Runs it once for each row, which are no more than can be executed together: one round trip. */
bool statement_execute_rows(struct statement *s, struct ctx *c, const struct db_rows *rows,
                            struct failure *why);

/* Takes the next row into the struct at `out`, text into the arena. */
enum fetched { FETCHED_ROW, FETCHED_END, FETCHED_FAILURE };
enum fetched statement_fetch(struct statement *s, struct arena *a, void *out, struct failure *why);

/* The rows that the last execution matched. */
uint64_t statement_changed(struct statement *s);

/* Leaves the connection free for the next statement, whatever has been fetched. */
void statement_done(struct statement *s);

#endif
