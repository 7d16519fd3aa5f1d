/* visit.c: what the sandbox's handlers have in common. */
#include "sandbox/visit.h"

#include "base/config.h"
#include "http/query.h"
#include "sandbox/figures.h"
#include "sandbox/local_time.h"

int64_t account_user(int64_t account)
{
    return 1000000 + account % 9000000;
}

int64_t account_brand(int64_t account, int index)
{
    return 5000000 + account / 7 % 400000 * 10 + index;
}

error visit_parameter(struct ctx *c, const char *name, struct str *value)
{
    *value = query_get(c->req, name);
    if (value->n)
        return NULL;
    return error_at(c->arena, ERR_INVALID_REQUEST, str_of(name), "The parameter %s is missing.",
                    name);
}

error visit_brand(struct ctx *c)
{
    struct visit *v = visit_of(c);
    struct str user, blog;
    int64_t number;
    TRY(visit_parameter(c, "userId", &user));
    TRY(visit_parameter(c, "blogId", &blog));
    if (!str_int(user, &number) || !str_int(blog, &number))
        return error_at(c->arena, ERR_INVALID_REQUEST, S("blogId"),
                        "userId and blogId must be numbers.");
    for (int i = 0; i < SANDBOX_BRANDS; i++) {
        if (account_brand(v->account, i) == number)
            v->brand = number;
    }
    if (v->brand)
        return NULL;
    return error_at(c->arena, ERR_FORBIDDEN, S("blogId"),
                    "This user has no access to the brand %.*s.", STR(blog));
}

error visit_time(struct ctx *c, const char *name, int64_t *ms)
{
    struct str text, zone = query_get(c->req, "timezone");
    TRY(visit_parameter(c, name, &text));
    if (local_instant(text, zone.n ? zone : S("UTC"), ms))
        return NULL;
    return error_at(c->arena, ERR_INVALID_REQUEST, str_of(name),
                    "%s must be a time like 2025-12-05T15:30:00.", name);
}

error visit_network(struct ctx *c, int *network)
{
    *network = sandbox_network_find(c->req->segment);
    return *network >= 0 ? NULL : error_of(ERR_NOT_FOUND);
}

struct writer *visit_data(struct ctx *c, struct writer *w)
{
    write_open(reply_begin(c, w), '{');
    write_key(w, S("data"));
    return w;
}

error visit_reply(struct ctx *c, struct writer *w)
{
    write_close(w, '}');
    return reply_done(c, 200);
}

bool sandbox_post_is_out(const struct ctx *c, const struct ledger_post *post)
{
    return post->networks && post->publish_ms <= c->now_ms;
}

struct str sandbox_post_platform_id(struct arena *a, const struct ledger_post *post, int network)
{
    uint64_t number =
        sandbox_mix(sandbox_mix((uint64_t)post->account, (uint64_t)post->id), (uint64_t)network);
    return arena_printf(a, "test_%016llx", (unsigned long long)number);
}

struct str sandbox_post_url(struct ctx *c, const struct ledger_post *post, int network)
{
    struct str base = c->config->sandbox_url.n ? c->config->sandbox_url : S("https://example.com");
    return arena_printf(c->arena, "%.*s/posts/%.*s", STR(base),
                        STR(sandbox_post_platform_id(c->arena, post, network)));
}
