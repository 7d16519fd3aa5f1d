/* deprecate.c: headers of what will go away. What that is stands in the tables. */
#include "http/deprecate.h"

#include "base/clock.h"
#include "http/reply.h"
#include "http/route.h"

static const struct deprecation *find(const struct ctx *c)
{
    const struct shape *in = c->route->in;
    if (c->route->deprecated)
        return c->route->deprecated;
    for (size_t i = 0; in && i < in->n; i++) {
        if (in->fields[i].deprecated && c->req->in_sent & (sent)1 << i)
            return in->fields[i].deprecated;
    }
    return NULL;
}

void deprecation_headers(struct ctx *c)
{
    const struct deprecation *d = c->route ? find(c) : NULL;
    char date[HTTP_DATE_TEXT + 1];
    if (!d)
        return;
    response_header(c->res, "Deprecation",
                    arena_printf(c->arena, "@%lld", (long long)(d->since_ms / 1000)));
    if (d->sunset_ms)
        response_header(c->res, "Sunset", http_date_print(date, d->sunset_ms));
    if (d->link)
        response_header(
            c->res, "Link",
            arena_printf(c->arena, "<%s>; rel=\"deprecation\"; type=\"text/html\"", d->link));
}
