/* ctx.h: the circumstances of one request or one job. Everything that works for a tenant gets them;
 * nothing is global. */
#ifndef AMP_BASE_CTX_H
#define AMP_BASE_CTX_H

#include "base/error.h"
#include "base/id.h"

struct app;       /* frame/app.h: fixed per process */
struct db;        /* db/db.h */
struct principal; /* auth/principal.h: who asks; NULL in a job */
struct request;   /* http/request.h; NULL in a job */
struct response;  /* http/reply.h; NULL in a job */
struct route;     /* http/route.h */
struct config;    /* base/config.h */

/* Whose data, and which world. Test and live rows never meet. */
struct scope {
    struct id tenant;
    bool live;
};

/* Leave to call the world outside, with what such a call needs to know. Handed out by leave()
 * (db/tx.h), which makes sure that no transaction is open. */
struct outside {
    struct arena *arena;
    const struct config *config;
    struct str request_id;
    int64_t now_ms; /* the tenant's clock */
    bool live;
};

struct ctx {
    const struct app *app;
    const struct config *config;
    struct arena *arena; /* lives until the response is out, or the step of the job is done */
    struct db *db;
    int64_t now_ms; /* the tenant's clock, read once */
    struct scope scope;
    struct str request_id;
    const struct principal *who;
    struct request *req;
    struct response *res; /* sent whole, after the commit, or not at all; but see reply_piece() */
    const struct route *route;
    struct outside outside; /* reached through leave() only */
};

/* What a request, or a step of a job, does. */
typedef error handler(struct ctx *c);

#endif
