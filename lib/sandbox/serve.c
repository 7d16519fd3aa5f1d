/* serve.c: the way of a request through the sandbox. What is answered stands with the routes. */
#include "sandbox/serve.h"

#include "base/clock.h"
#include "base/log.h"
#include "http/query.h"
#include "sandbox/faults.h"
#include "sandbox/visit.h"

enum { ARENA_BYTES = 64 << 20, TOKEN_MAX = 256 };

static const struct route *const tables[] = {sandbox_brand_routes,     sandbox_scheduler_routes,
                                             sandbox_analytics_routes, sandbox_inspect_routes,
                                             sandbox_llm_routes,       NULL};

/* Below one host the sandbox lives under /sandbox, alone on a host at its root. */
static struct str path_of(const struct request *req)
{
    bool below = str_starts(req->path, S("/sandbox/"));
    return below ? str_sub(req->path, sizeof "/sandbox" - 1, SIZE_MAX) : req->path;
}

static error find_route(struct ctx *c)
{
    struct match m = route_find(tables, c->req->method, path_of(c->req), true);
    c->route = m.route;
    c->req->segment = m.segment;
    if (!m.allowed)
        return error_of(ERR_NOT_FOUND);
    if (m.route)
        return NULL;
    response_header(c->res, "Allow", route_allow(c->arena, m.allowed));
    return error_of(ERR_METHOD_NOT_ALLOWED);
}

/* Every token that begins with "sandbox_" is good and has an account of its own; so is the one of
 * the configuration. */
static error authenticate(struct ctx *c)
{
    struct visit *v = visit_of(c);
    struct str token = c->req->header[H_MC_AUTH], bearer = c->req->header[H_AUTHORIZATION];
    unsigned char hash[SHA256_LEN];
    if (c->route->flags & R_PUBLIC)
        return NULL;
    if (!token.n && str_starts(bearer, S("Bearer ")))
        token = str_sub(bearer, sizeof "Bearer " - 1, SIZE_MAX);
    bool own = str_starts(token, S("sandbox_")) && token.n > sizeof "sandbox_" - 1;
    bool configured = token.n && crypto_equal(token, c->config->sandbox_token);
    if ((!own && !configured) || token.n > TOKEN_MAX)
        return error_at(c->arena, ERR_UNAUTHORIZED, S("X-Mc-Auth"), "The token is not valid.");
    TRY(fault_of_token(c, token, &token));
    crypto_sha256(token, hash);
    for (int i = 0; i < 6; i++) /* 48 bits: exact in every JSON number */
        v->account = v->account << 8 | hash[i];
    v->account++; /* 0 is nobody */
    return NULL;
}

/* Whoever tests with a clock of his own brings it along. */
static error read_clock(struct ctx *c)
{
    struct str now = c->req->header[H_TEST_TIME];
    c->now_ms = clock_ms();
    if (now.n && !time_parse(now, &c->now_ms))
        return error_at(c->arena, ERR_INVALID_REQUEST, S("X-AMP-Test-Time"),
                        "X-AMP-Test-Time must be a time of RFC 3339.");
    return NULL;
}

static error read_query(struct ctx *c)
{
    return query_split(c->arena, c->req);
}

static error check_body(struct ctx *c)
{
    if (c->req->body_too_large || c->req->body.n > LEDGER_POST_MAX)
        return error_at(c->arena, ERR_PAYLOAD_TOO_LARGE, (struct str){0},
                        "The body is larger than %d bytes.", (int)LEDGER_POST_MAX);
    return c->req->body_cut ? error_of(ERR_REQUEST_TIMEOUT) : NULL;
}

static error read_ledger(struct ctx *c)
{
    return ledger_catch_up(visit_of(c)->ledger);
}

static error handle(struct ctx *c)
{
    return c->route->handle(c);
}

static handler *const gates[] = {find_route, read_clock,  authenticate, read_query,
                                 check_body, read_ledger, handle};

/* Errors in Metricool's form. */
static void answer_error(struct ctx *c, error e)
{
    struct writer w;
    write_open(reply_begin(c, &w), '{');
    write_member_int(&w, S("status"), e->status);
    write_member_text(&w, S("code"), e->wire);
    write_member_text(&w, S("title"), str_of(status_phrase(e->status)));
    write_member_text(&w, S("detail"), e->message);
    write_close(&w, '}');
    c->res->status = e->status;
    if (e->cause.p)
        log_event(c, LOG_LEVEL_ERROR, "sandbox.failed", L_STR("cause", e->cause));
}

static void serve(void *self, struct arena *a, struct request *req, struct response *res)
{
    const struct sandbox *s = self;
    struct visit v = {
        .ctx = {.config = s->config,
                .arena = a,
                .req = req,
                .res = res,
                .request_id = req->header[H_REQUEST_ID]},
        .ledger = s->ledger,
    };
    error e = NULL;
    for (size_t i = 0; i < sizeof gates / sizeof *gates && !e; i++)
        e = gates[i](&v.ctx);
    if (e && e->status >= 400)
        answer_error(&v.ctx, e);
}

struct service sandbox_service(struct sandbox *s)
{
    return (struct service){
        .serve = serve,
        .self = s,
        .arena_bytes = ARENA_BYTES,
        .max_requests = s->config->requests_per_process,
    };
}
