/* gates.c: the checks of a request, each by itself. Their order is serve.c's. */
#include "frame/gates.h"

#include <string.h>

#include "auth/keys.h"
#include "auth/sessions.h"
#include "base/clock.h"
#include "base/log.h"
#include "db/db.h"
#include "db/tx.h"
#include "frame/app.h"
#include "frame/audit.h"
#include "frame/idempotency.h"
#include "http/client.h"
#include "http/cors.h"
#include "http/query.h"
#include "http/reply.h"
#include "shm/rate.h"

error gate_framing(struct ctx *c)
{
    c->req->client = client_address(c->req, c->config->trusted_proxies);
    if (c->req->body_too_large)
        return error_of(ERR_PAYLOAD_TOO_LARGE);
    if (c->req->body_cut)
        return error_at(c->arena, ERR_INVALID_REQUEST, S("Content-Length"),
                        "The body is not as long as announced.");
    return NULL;
}

/* Takes "/api/v1" or "/v1" off the front; false if the path has no version. */
static bool take_version(struct str *path)
{
    struct str rest = *path;
    if (str_starts(rest, S("/api/v1")))
        rest = str_sub(rest, 4, SIZE_MAX);
    if (!str_starts(rest, S("/v1")) || (rest.n > 3 && rest.p[3] != '/'))
        return false;
    *path = str_sub(rest, 3, SIZE_MAX);
    return true;
}

error gate_route(struct ctx *c)
{
    struct request *r = c->req;
    struct match m;
    bool versioned;
    r->route_path = r->path;
    versioned = take_version(&r->route_path);
    if (!request_path_is_plain(r))
        return error_of(ERR_NOT_FOUND);
    m = route_find(c->app->routes, r->method, r->route_path, versioned);
    if (!m.allowed)
        return error_of(ERR_NOT_FOUND);
    if (r->method == OPTIONS || !m.route)
        response_header(c->res, "Allow", route_allow(c->arena, m.allowed));
    if (r->method == OPTIONS) {
        cors_preflight(c, route_allow(c->arena, m.allowed));
        return reply_empty(c);
    }
    if (!m.route)
        return error_of(ERR_METHOD_NOT_ALLOWED);
    c->route = m.route;
    r->segment = m.segment;
    for (int i = 0; i < REQUEST_IDS; i++)
        r->id[i] = m.id[i];
    return NULL;
}

/* The credential of "Authorization: Bearer …". A comma means that the header came twice. */
static struct str bearer(const struct request *r)
{
    struct str value = r->header[H_AUTHORIZATION];
    struct str scheme = str_cut(&value, ' ');
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == ',')
            return (struct str){0};
    }
    return str_eq_nocase(scheme, S("Bearer")) ? str_trim(value) : (struct str){0};
}

/* Tokens have dots, keys have none. A token is one of several tenants', whichever is named. */
static error authenticate(struct ctx *c, struct str credential, struct principal *who)
{
    struct id tenant;
    bool named = id_parse(c->req->header[H_TENANT_ID], S("tnt_"), &tenant);
    if (memchr(credential.p, '.', credential.n))
        return session_authenticate(c, c->app->keys, credential, named ? &tenant : NULL, who);
    return key_authenticate(c, c->app->keys, credential, who);
}

error gate_authenticate(struct ctx *c)
{
    struct principal *who;
    struct str credential;
    if (c->route->flags & R_PUBLIC)
        return NULL;
    credential = bearer(c->req);
    if (!credential.n)
        return error_of(ERR_UNAUTHORIZED);
    who = ARENA_NEW(c->arena, struct principal);
    TRY(authenticate(c, credential, who));
    c->who = who;
    c->scope = (struct scope){who->tenant_id, who->live};
    if (!who->live && who->clock_ms)
        c->now_ms = who->clock_ms;
    return NULL;
}

/* Tenants that are suspended are closed to all, others to users without a role there. Who has
 * signed in before that can still sign out, of the tenant of the session. */
static bool is_closed(const struct ctx *c)
{
    const struct principal *who = c->who;
    if (c->route->flags & R_LEAVE && !c->req->header[H_TENANT_ID].p)
        return false;
    return who->suspended || (who->method == AUTH_JWT && !who->role);
}

error gate_tenant(struct ctx *c)
{
    struct str named = c->req->header[H_TENANT_ID];
    struct id tenant;
    if (!c->who)
        return NULL;
    if (c->req->header_twice[H_TENANT_ID] || (named.p && !id_parse(named, S("tnt_"), &tenant)))
        return error_at(c->arena, ERR_INVALID_REQUEST, S("X-Tenant-ID"),
                        "Must be the id of a tenant.");
    if (is_closed(c) || (named.p && !id_eq(&tenant, &c->who->tenant_id)))
        return error_at(c->arena, ERR_FORBIDDEN, S("X-Tenant-ID"),
                        "This credential does not reach that tenant.");
    return NULL;
}

/* In real time, whatever the tenant's clock says. */
error gate_rate(struct ctx *c)
{
    int64_t now_s = clock_ms() / 1000;
    struct rate rate;
    bool passed;
    if (!c->who)
        return NULL;
    passed = rate_take(c->app->shm, &c->scope, c->who->rate_limit, now_s, &rate);
    if (!rate.counted)
        log_event(c, LOG_LEVEL_WARN, "rate.uncounted", L_INT("limit", rate.limit));
    response_header_int(c->res, "X-RateLimit-Limit", rate.limit);
    response_header_int(c->res, "X-RateLimit-Remaining", rate.remaining);
    response_header_int(c->res, "X-RateLimit-Reset", rate.reset_s);
    if (passed)
        return NULL;
    response_header_int(c->res, "Retry-After", rate.reset_s > now_s ? rate.reset_s - now_s : 1);
    return error_of(ERR_RATE_LIMIT_EXCEEDED);
}

static error require_scope(struct ctx *c, const char *scope)
{
    if (principal_may(c->who, scope))
        return NULL;
    response_header(c->res, "WWW-Authenticate",
                    arena_printf(c->arena,
                                 "Bearer realm=\"amp\", error=\"insufficient_scope\","
                                 " scope=\"%s\"",
                                 scope));
    return error_of(ERR_FORBIDDEN);
}

error gate_scope(struct ctx *c)
{
    if (!c->who)
        return NULL;
    if (!(c->route->flags & R_REVIEW && c->who->role == ROLE_APPROVER))
        TRY(require_scope(c, c->route->scope));
    if (c->route->flags & R_TEST_ONLY && c->scope.live)
        return error_at(c->arena, ERR_FORBIDDEN, (struct str){0},
                        "This exists in test mode only: use a test key.");
    if (c->route->flags & R_LIVE_ONLY && !c->scope.live)
        return error_at(c->arena, ERR_FORBIDDEN, (struct str){0},
                        "This changes live mode as well: use a live key.");
    return NULL;
}

error gate_query(struct ctx *c)
{
    const struct route *route = c->route;
    bool list = route->flags & R_LIST;
    TRY(query_split(c->arena, c->req));
    if (route->flags & R_EXPAND)
        TRY(query_expand(c->arena, c->req, list));
    if (c->req->expand_mission)
        TRY(require_scope(c, "missions:read"));
    if (route->query)
        c->req->filter = arena_alloc(c->arena, route->query->size);
    TRY(query_read(c->arena, c->req, route->query, list ? &page_query_shape : NULL, c->req->filter,
                   &c->req->filter_sent));
    return list ? query_page(c->arena, c->req, str_of(route->id_prefix)) : NULL;
}

static bool media_type_is_json(struct str type)
{
    struct str rest = type;
    struct str essence = str_trim(str_cut(&rest, ';'));
    struct str parameter = str_trim(rest);
    if (!str_eq_nocase(essence, S("application/json")))
        return false;
    return !parameter.n || str_eq_nocase(parameter, S("charset=utf-8")) ||
           str_eq_nocase(parameter, S("charset=\"utf-8\""));
}

error gate_body(struct ctx *c)
{
    const struct route *route = c->route;
    struct request *r = c->req;
    struct str coding = r->header[H_CONTENT_ENCODING];
    if (!(r->method & (POST | PUT)))
        return NULL;
    if (coding.n && !str_eq_nocase(coding, S("identity")))
        return error_at(c->arena, ERR_UNSUPPORTED_MEDIA_TYPE, S("Content-Encoding"),
                        "The body must not be encoded.");
    if (r->body.n && !media_type_is_json(r->header[H_CONTENT_TYPE]))
        return error_of(ERR_UNSUPPORTED_MEDIA_TYPE);
    if (!r->body.n && route->flags & R_ACTION)
        r->body = S("{}");
    if (route->flags & R_UPDATE || !route->in)
        return NULL;
    r->in = arena_alloc(c->arena, route->in->size);
    return shape_read(c->arena, route->in, r->body, r->in, &r->in_sent);
}

/* A second run, after a race was lost, starts from the same response as the first. */
static error run_bare(struct ctx *c, void *headers)
{
    c->res->headers.n = *(const size_t *)headers;
    response_clear_answer(c->res);
    return c->route->handle(c);
}

static error run_handler(struct ctx *c, void *headers)
{
    return audited(c, run_bare, headers);
}

/* What is remembered is no answer while the database is away. */
error gate_remembered(struct ctx *c)
{
    if (c->app->answers && c->route->flags & R_REMEMBER && db_is_there(c->db))
        (void)answers_find(c->app->answers, c, answers_key(c));
    return NULL;
}

static error read_and_remember(struct ctx *c)
{
    uint64_t generation;
    bool may_keep = answers_begin(c->app->answers, c, &generation);
    TRY(c->route->handle(c));
    if (may_keep && c->res->status == 200)
        answers_keep(c->app->answers, c, answers_key(c), generation);
    return NULL;
}

error gate_handle(struct ctx *c)
{
    size_t headers = c->res->headers.n;
    error e;
    if (c->app->answers && c->route->flags & R_REMEMBER)
        e = read_and_remember(c);
    else if (idempotency_wanted(c))
        e = idempotency_run(c, run_handler, &headers);
    else if (c->route->flags & (R_READ | R_OUTSIDE))
        e = run_handler(c, &headers);
    else
        e = in_transaction(c, run_handler, &headers);
    audit_refusal(c, e);
    if (c->req->forget) /* even after an error: a commit may have gone through unheard */
        shm_forget(c->app->shm);
    return e;
}
