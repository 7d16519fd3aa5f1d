/* openapi_route.c: what a row of a route table implies: names, headers it heeds, ways to fail. */
#include "http/openapi_parts.h"

enum { NAME_MAX_BYTES = 200 };

const struct route *route_next(route_tables tables, const struct route *r)
{
    bool found = !r;
    for (; *tables; tables++) {
        for (const struct route *row = *tables; row->method; row++) {
            if (found)
                return row;
            found = row == r;
        }
    }
    return NULL;
}

int route_status(const struct route *r)
{
    return r->status ? r->status : 200;
}

static bool is_read_of_one(const struct route *r)
{
    return r->method == GET && r->flags & R_REMEMBER && !(r->flags & (R_LIST | R_WHOLE | R_AS_OF));
}

/* The last segment of a pattern: ":msn" of "/missions/:msn". */
static struct str last_segment(const char *pattern)
{
    struct str rest = str_of(pattern), last = {0};
    while (rest.p)
        last = str_cut(&rest, '/');
    return last;
}

static bool has_segment(const char *pattern, struct str segment)
{
    struct str rest = str_of(pattern);
    while (rest.p) {
        if (str_eq(str_cut(&rest, '/'), segment))
            return true;
    }
    return false;
}

bool route_has_tag(const struct document *d, const struct route *r)
{
    const struct route *read = NULL;
    while ((read = route_next(d->api->routes, read))) {
        if (is_read_of_one(read) && read->out == r->out && !(r->flags & (R_LIST | R_WHOLE)))
            return true;
    }
    return false;
}

/* Whoever changes an object that is read with an entity tag. */
bool route_if_match(const struct document *d, const struct route *r)
{
    const struct route *read = NULL;
    while (r->method != GET && (read = route_next(d->api->routes, read))) {
        if (is_read_of_one(read) && has_segment(r->pattern, last_segment(read->pattern)))
            return true;
    }
    return false;
}

bool route_is_idempotent(const struct route *r)
{
    return r->method == POST && !(r->flags & (R_PUBLIC | R_NOT_IDEMPOTENT));
}

enum view route_body_view(const struct route *r)
{
    return r->flags & R_UPDATE ? VIEW_UPDATE : VIEW_IN;
}

/* Does it name an object that may not be there? */
static bool names_an_object(const struct route *r)
{
    if (str_contains_nocase(str_of(r->pattern), S(":")))
        return true;
    for (size_t i = 0; r->in && i < r->in->n; i++) {
        if (r->in->fields[i].kind == F_ID && r->in->fields[i].flags & F_REQUIRED)
            return true;
    }
    return false;
}

/* 405 has no row; 408, 414 and 431 come from the web server, whatever the route. */
bool route_fails_with(const struct document *d, const struct route *r, int status)
{
    bool has_body = r->method & (POST | PUT);
    bool identifies = !(r->flags & R_PUBLIC) || r->in; /* by a credential, or by what it sends */
    switch (status) {
    case 400:
    case 500:
    case 503:
        return true;
    case 401:
    case 403:
    case 429:
        return identifies;
    case 404:
        return names_an_object(r);
    case 409:
        return route_is_idempotent(r) || route_if_match(d, r) || r->flags & R_OUTSIDE ||
               (r->method & (PUT | DELETE) && names_an_object(r));
    case 412:
        return route_if_match(d, r);
    case 413:
    case 415:
    case 422:
        return has_body;
    case 502:
        return r->flags & R_OUTSIDE;
    default:
        return false;
    }
}

/* "brand-contexts" → "BrandContexts"; "brandContexts" at the beginning of the name. */
static void add_words(struct buf *name, struct str segment)
{
    bool start = name->n > 0;
    for (size_t i = 0; i < segment.n; i++) {
        char c = segment.p[i];
        bool letter = c >= 'a' && c <= 'z';
        if (letter || (c >= '0' && c <= '9'))
            buf_char(name, start && letter ? (char)(c - 'a' + 'A') : c);
        start = !letter;
    }
}

/* The verb that method and flags give; none: the path's last segment is one ("pause"). */
static struct str verb_of(const struct route *r)
{
    switch (r->method) {
    case GET:
        return r->flags & (R_LIST | R_WHOLE) ? S("list") : S("get");
    case PUT:
        return S("update");
    case DELETE:
        return S("delete");
    default:
        return route_status(r) == 201 ? S("create") : (struct str){0};
    }
}

struct str route_name(struct arena *a, const struct route *r)
{
    struct buf *name = buf_new(a, NAME_MAX_BYTES);
    struct str verb = verb_of(r), rest = str_sub(str_of(r->pattern), 1, SIZE_MAX);
    bool acts = !verb.p;
    if (r->name)
        return str_of(r->name);
    add_words(name, acts ? last_segment(r->pattern) : verb);
    while (rest.p) {
        struct str segment = str_cut(&rest, '/');
        bool is_one = rest.p ? rest.n && rest.p[0] == ':' : r->method == POST;
        if (!segment.n || segment.p[0] == ':' || (!rest.p && acts))
            continue;
        if (is_one && str_ends(segment, S("s")))
            segment.n--;
        add_words(name, segment);
    }
    return buf_str(name);
}

struct str route_tag(const struct document *d, const struct route *r)
{
    struct str rest = str_sub(str_of(r->pattern), 1, SIZE_MAX), segment = str_cut(&rest, '/');
    for (const struct openapi_tag *t = d->api->tags; t->segment; t++) {
        if (str_eq(str_of(t->segment), segment))
            return str_of(t->tag);
    }
    return segment;
}
