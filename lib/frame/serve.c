/* serve.c: the way of a request, to be read from top to bottom. What each gate checks is in
 * gates.c; how an answer looks, in http/. */
#include "frame/serve.h"

#include "base/clock.h"
#include "base/log.h"
#include "frame/gates.h"
#include "frame/idempotency.h"
#include "frame/reconcile.h"
#include "http/conditional.h"
#include "http/cors.h"
#include "http/deprecate.h"

/* The order of checks: the first that fails answers. */
static handler *const gates[] = {
    gate_framing, gate_route,      gate_authenticate, gate_tenant, gate_rate,   gate_scope,
    gate_query,   gate_remembered, gate_idempotency,  gate_body,   gate_handle,
};

enum { RETRY_AFTER_S = 2, MEMORY_EVERY_MS = 1000 };

static bool id_text_fits(struct str id)
{
    if (id.n < 1 || id.n > 128)
        return false;
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        if (!id_is_base62((struct str){&c, 1}) && c != '.' && c != '_' && c != '-')
            return false;
    }
    return true;
}

/* The client's own id for the request if it is well-formed, else one of ours. */
static struct str request_id(struct arena *a, const struct request *r)
{
    char text[ID_TEXT + 1];
    struct id fresh;
    if (id_text_fits(r->header[H_REQUEST_ID]))
        return r->header[H_REQUEST_ID];
    fresh = id_new(clock_ms());
    return arena_str(a, id_print(text, S("req_"), &fresh));
}

/* Headers that an error brings with it. */
static void error_headers(struct ctx *c, error e)
{
    if (e->status == 401)
        response_header(c->res, "WWW-Authenticate",
                        c->req->header[H_AUTHORIZATION].n
                            ? S("Bearer realm=\"amp\", error=\"invalid_token\"")
                            : S("Bearer realm=\"amp\""));
    if (e->status == 503)
        response_header_int(c->res, "Retry-After", RETRY_AFTER_S);
}

/* The only place that renders and logs an error; what has begun to go out is broken off. */
static void answer_error(struct ctx *c, error e)
{
    if (c->res->begun) {
        c->res->broken = true;
        log_event(c, LOG_LEVEL_WARN, "answer.broken", L_STR("code", e->wire),
                  L_STR("cause", e->cause));
        return;
    }
    error_headers(c, e);
    reply_error(c, e);
    if (e->status >= 500)
        log_event(c, LOG_LEVEL_ERROR, "request.failed", L_STR("code", e->wire),
                  L_STR("cause", e->cause));
}

static void standard_headers(struct ctx *c)
{
    response_header(c->res, "X-Request-ID", c->request_id);
    response_header(c->res, "Cache-Control", S("no-store"));
    response_header(c->res, "X-Content-Type-Options", S("nosniff"));
    cors_headers(c);
}

/* Headers that belong to the answer itself. */
static void answer_headers(struct ctx *c)
{
    if (c->res->etag.p)
        response_header(c->res, "ETag", c->res->etag);
    if (c->res->location.p)
        response_header(c->res, "Location", c->res->location);
}

static void log_request(struct ctx *c)
{
    log_event(c, LOG_LEVEL_INFO, "request", L_STR("method", c->req->method_text),
              L_STR("route", c->route ? str_of(c->route->pattern) : c->req->path),
              L_INT("status", c->res->status), L_INT("us", clock_mono_us() - c->req->started_us),
              L_INT("queries", db_count(c->db)),
              L_INT("bytes", (int64_t)(c->res->sent + c->res->body.n)));
}

/* What was sealed with a new key a moment ago must be opened now. */
static void look_after_secrets(struct app *app)
{
    if (config_watch_look(&app->watch, clock_ms()))
        log_event(NULL, LOG_LEVEL_INFO, "secrets.changed",
                  L_INT("key", app->config->secret_key_id));
}

static void serve(void *self, struct arena *a, struct request *req, struct response *res)
{
    struct app *app = self;
    struct ctx *c = ARENA_NEW(a, struct ctx);
    error e = NULL;
    *c = (struct ctx){
        .app = app,
        .config = app->config,
        .arena = a,
        .db = app->db,
        .now_ms = clock_ms(),
        .req = req,
        .res = res,
    };
    req->context = c;
    look_after_secrets(app);
    db_reset_count(app->db);
    c->request_id = request_id(a, req);
    standard_headers(c);
    for (size_t i = 0; !e && !res->status && i < sizeof gates / sizeof *gates; i++)
        e = gates[i](c);
    if (e)
        answer_error(c, e);
    reply_unless_known(c);
    answer_headers(c);
    deprecation_headers(c);
}

/* Once a second, after an answer has gone out. */
static void look_after_memory(struct app *app, struct ctx *c)
{
    int64_t now_ms = clock_ms();
    if (now_ms < app->looked_ms + MEMORY_EVERY_MS)
        return;
    app->looked_ms = now_ms;
    if (shm_repair(app->shm, c->config->shm_path))
        log_event(c, LOG_LEVEL_WARN, "shm.repaired", L_STR("path", c->config->shm_path));
    reconcile_limits(c, app->shm);
}

static void done(void *self, struct request *req, struct response *res)
{
    (void)res;
    log_request(req->context);
    look_after_memory(self, req->context);
}

struct service frame_service(struct app *app)
{
    return (struct service){
        .serve = serve,
        .done = done,
        .self = app,
        .arena_bytes = (size_t)256 << 20,
        .max_requests = app->config->requests_per_process,
    };
}

error read_update(struct ctx *c, const struct shape *shape, void *object)
{
    return shape_update(c->arena, shape, c->req->body, object, &c->req->in_sent);
}

void forget_after_commit(struct ctx *c)
{
    c->req->forget = true;
}
