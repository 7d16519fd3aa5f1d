/* tx.c: the beginning and the end of transactions, and when one is run again. What a statement's
 * failure means is decided in db.c. */
#include "db/tx.h"

#include <assert.h>
#include <time.h>

#include "base/crypto.h"
#include "db/db.h"

enum { RUNS = 5, PAUSE_STEP_MS = 5 };

/* How a kind of transaction begins; `isolation` may be NULL: what the connection has. */
struct beginning {
    const char *isolation, *start;
    bool writes;
};
#define REPEATABLE_READ "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
static const struct beginning transaction = {NULL, "START TRANSACTION", true};
static const struct beginning locking = {REPEATABLE_READ, "START TRANSACTION", true};
static const struct beginning snapshot = {
    REPEATABLE_READ, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY", false};

typedef error work_fn(struct ctx *c, void *arg);

static error start(struct ctx *c, const struct beginning *how)
{
    if (how->isolation)
        TRY(db_command(c, how->isolation));
    TRY(db_command(c, how->start));
    db_set_transaction(c->db, true);
    return NULL;
}

/* Nothing has happened yet: a connection that was lost while idle is made again. */
static error begin(struct ctx *c, const struct beginning *how)
{
    error e = start(c, how);
    return e && db_lost(c->db) ? start(c, how) : e;
}

/* If the server did not say how it ended, its connection must not be used again. */
static error end(struct ctx *c, const char *how)
{
    error e = db_command(c, how);
    db_set_transaction(c->db, false);
    if (e && !error_is(e, ERR_RETRY))
        db_disconnect(c->db);
    return e;
}

/* COMMIT, with word to whoever watches. */
static error commit(struct ctx *c)
{
    const struct db_watch *watch = db_get_watch(c->db);
    error e;
    if (watch)
        watch->before(watch->self, &c->scope);
    e = end(c, "COMMIT");
    if (watch)
        watch->after(watch->self, &c->scope);
    return e;
}

/* One run. *lost: the connection went away before the COMMIT was sent, so nothing has happened. */
static error attempt(struct ctx *c, const struct beginning *how, work_fn *work, void *arg,
                     bool *lost)
{
    *lost = false;
    TRY(begin(c, how));
    error e = work(c, arg);
    if (db_transaction_error(c->db)) {
        e = db_transaction_error(c->db); /* whatever the work made of it */
        *lost = !error_is(e, ERR_RETRY);
    }
    if (!e)
        return how->writes ? commit(c) : end(c, "COMMIT");
    (void)end(c, "ROLLBACK"); /* done by the server, or by disconnecting */
    return e;
}

/* Two that met should not meet again: a random pause that grows to 20 ms. */
static void pause_after(int run)
{
    long ms = 1 + (long)crypto_random_below((uint32_t)(run * PAUSE_STEP_MS));
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

static error repeat(struct ctx *c, const struct beginning *how, work_fn *work, void *arg)
{
    bool reconnected = false;
    assert(!db_in_transaction(c->db));
    for (int run = 1;; run++) {
        bool lost;
        error e = attempt(c, how, work, arg, &lost);
        bool again = error_is(e, ERR_RETRY) || (lost && !reconnected);
        if (!again || run == RUNS)
            return e;
        reconnected |= lost;
        pause_after(run);
    }
}

error in_transaction(struct ctx *c, error (*work)(struct ctx *c, void *arg), void *arg)
{
    return repeat(c, &transaction, work, arg);
}

error in_snapshot(struct ctx *c, error (*work)(struct ctx *c, void *arg), void *arg)
{
    return repeat(c, &snapshot, work, arg);
}

error in_locking_transaction(struct ctx *c, error (*work)(struct ctx *c, void *arg), void *arg)
{
    return repeat(c, &locking, work, arg);
}

error in_savepoint(struct ctx *c, error (*work)(struct ctx *c, void *arg), void *arg,
                   error *refused)
{
    assert(db_in_transaction(c->db));
    TRY(db_command(c, "SAVEPOINT item"));
    *refused = work(c, arg);
    if (db_transaction_error(c->db))
        return db_transaction_error(c->db); /* whatever the work made of it */
    if (*refused && (*refused)->status >= 500)
        return *refused;
    return db_command(c, *refused ? "ROLLBACK TO SAVEPOINT item" : "RELEASE SAVEPOINT item");
}

struct outside *leave(struct ctx *c)
{
    assert(!c->db || !db_in_transaction(c->db));
    c->outside = (struct outside){
        .arena = c->arena,
        .config = c->config,
        .request_id = c->request_id,
        .now_ms = c->now_ms,
        .live = c->scope.live,
    };
    return &c->outside;
}
