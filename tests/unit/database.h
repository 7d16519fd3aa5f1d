/* database.h: a database of its own for a test program, on the server whose socket is named by
 * AMP_TEST_MYSQL_SOCKET (user root, no password). */
#ifndef AMP_TESTS_DATABASE_H
#define AMP_TESTS_DATABASE_H

#include <stdio.h>
#include <unistd.h>

#include "base/config.h"
#include "base/crypto.h"
#include "db/db.h"

enum { DATABASE_SKIPPED = 77 /* what Automake takes for a skipped test */ };

struct database {
    struct config config;
    struct arena *arena;
    struct ctx ctx;
};

/* Says so in TAP and returns false if there is no server to test with. */
static inline bool database_offered(void)
{
    if (environment("AMP_TEST_MYSQL_SOCKET").n > 0)
        return true;
    puts("1..0 # SKIP no database");
    return false;
}

/* A further connection to the same database; db_close() it. */
static inline struct ctx database_ctx(struct database *d)
{
    struct ctx c = {.config = &d->config, .arena = d->arena, .db = db_open(&d->config)};
    c.now_ms = INT64_C(1700000000000);
    c.scope.tenant = id_floor(c.now_ms);
    return c;
}

static inline error database_command(struct database *d, const char *verb)
{
    struct config server = d->config;
    struct ctx c = {.config = &server, .arena = d->arena, .db = NULL};
    server.db_name = (struct str){NULL, 0};
    c.db = db_open(&server);
    error e = db_command(&c, arena_printf(d->arena, "%s %.*s", verb, STR(d->config.db_name)).p);
    db_close(c.db);
    return e;
}

/* Makes an empty database `<name>_<process>` and connects to it. */
static inline error database_make(struct database *d, const char *name)
{
    crypto_init();
    *d = (struct database){.arena = arena_new(64 * 1024 * 1024)};
    d->config.db_socket = environment("AMP_TEST_MYSQL_SOCKET");
    d->config.db_user = S("root");
    d->config.db_name = arena_printf(d->arena, "amp_%s_%d", name, (int)getpid());
    d->ctx = database_ctx(d);
    TRY(database_command(d, "DROP DATABASE IF EXISTS"));
    return database_command(d, "CREATE DATABASE");
}

static inline error database_drop(struct database *d)
{
    error e = database_command(d, "DROP DATABASE");
    bool failed = e != NULL;
    db_close(d->ctx.db);
    arena_free(d->arena);
    return failed ? error_of(ERR_INTERNAL) : NULL;
}

#endif
