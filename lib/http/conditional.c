/* conditional.c: what "only if it is (not) this one" means. */
#include "http/conditional.h"

#include "http/reply.h"

struct str etag_of(struct arena *a, int64_t revision)
{
    return arena_printf(a, "\"%lld\"", (long long)revision);
}

/* Takes one entity tag off the list; false at its end or where it is malformed. */
static bool next_tag(struct str *list, struct str *tag, bool *is_weak)
{
    struct str rest = str_trim(*list);
    size_t end = 1;
    if (rest.n && rest.p[0] == ',')
        rest = str_trim(str_sub(rest, 1, SIZE_MAX));
    *is_weak = str_starts(rest, S("W/"));
    if (*is_weak)
        rest = str_sub(rest, 2, SIZE_MAX);
    if (!rest.n || rest.p[0] != '"')
        return false;
    while (end < rest.n && rest.p[end] != '"')
        end++;
    if (end == rest.n)
        return false;
    *tag = str_sub(rest, 0, end + 1);
    *list = str_sub(rest, end + 1, SIZE_MAX);
    return true;
}

bool etag_listed(struct str list, struct str etag, bool weak)
{
    struct str tag;
    bool is_weak;
    if (str_eq(str_trim(list), S("*")))
        return true;
    while (next_tag(&list, &tag, &is_weak)) {
        if (str_eq(tag, etag) && (weak || !is_weak))
            return true;
    }
    return false;
}

error if_match(struct ctx *c, int64_t revision)
{
    struct str wanted = c->req->header[H_IF_MATCH];
    if (!wanted.p || etag_listed(wanted, etag_of(c->arena, revision), false))
        return NULL;
    return error_at(c->arena, ERR_PRECONDITION_FAILED, S("If-Match"),
                    "The resource has changed since.");
}

error reply_revision(struct ctx *c, int status, const struct shape *shape, const void *object,
                     int64_t revision)
{
    c->res->etag = etag_of(c->arena, revision);
    return reply(c, status, shape, object);
}

void reply_unless_known(struct ctx *c)
{
    struct str known = c->req->header[H_IF_NONE_MATCH];
    if (c->res->status != 200 || !c->res->etag.p || !known.p || !(c->req->method & (GET | HEAD)))
        return;
    if (!etag_listed(known, c->res->etag, true))
        return;
    c->res->status = 304;
    buf_clear(&c->res->body);
}
