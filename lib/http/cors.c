/* cors.c: headers for browsers. Off unless [server] cors_origins lists somebody. */
#include "http/cors.h"

#include "base/config.h"
#include "http/reply.h"

#define REQUEST_HEADERS                                                                            \
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-ID,"         \
    " X-Tenant-ID"
#define RESPONSE_HEADERS                                                                           \
    "Deprecation, ETag, Idempotent-Replayed, Link, Location, Retry-After, Sunset,"                 \
    " WWW-Authenticate, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-ID"
enum { PREFLIGHT_AGE_S = 600 };

static bool is_listed(struct str list, struct str origin)
{
    while (origin.n && list.p) {
        if (str_eq(str_trim(str_cut(&list, ',')), origin))
            return true;
    }
    return false;
}

void cors_headers(struct ctx *c)
{
    struct str origin = c->req->header[H_ORIGIN];
    if (!c->config->cors_origins.p)
        return;
    response_header(c->res, "Vary", S("Origin")); /* caches must not mix them up */
    if (!is_listed(c->config->cors_origins, origin))
        return;
    response_header(c->res, "Access-Control-Allow-Origin", origin);
    response_header(c->res, "Access-Control-Expose-Headers", S(RESPONSE_HEADERS));
}

void cors_preflight(struct ctx *c, struct str methods)
{
    if (!is_listed(c->config->cors_origins, c->req->header[H_ORIGIN]))
        return;
    response_header(c->res, "Access-Control-Allow-Methods", methods);
    response_header(c->res, "Access-Control-Allow-Headers", S(REQUEST_HEADERS));
    response_header_int(c->res, "Access-Control-Max-Age", PREFLIGHT_AGE_S);
}
