/* openapi.c: the document as a whole, and its operations. What a route's row implies is in
 * openapi_route.c, requests and answers in openapi_io.c, what operations share in openapi_shared.c.
 */
#include "http/openapi.h"

#include <assert.h>

#include "http/error_body.h"
#include "http/openapi_parts.h"

enum { DOCUMENT_MAX = 8 << 20 };

static void write_info(const struct document *d)
{
    struct writer *w = d->w;
    write_key(w, S("info"));
    write_open(w, '{');
    write_member_text(w, S("title"), d->api->title);
    write_member_text(w, S("version"), d->api->version);
    write_member_text(w, S("description"), d->api->description);
    write_member_raw(w, S("license"), S("{\"name\":\"MIT\",\"identifier\":\"MIT\"}"));
    write_close(w, '}');
}

static void write_server(const struct document *d, const char *path, const char *what)
{
    struct str base = d->api->base_url;
    write_open(d->w, '{');
    write_member_text(d->w, S("url"),
                      base.n || path[0] ? arena_printf(d->arena, "%.*s%s", STR(base), path)
                                        : S("/"));
    write_member_text(d->w, S("description"), str_of(what));
    write_close(d->w, '}');
}

static void write_servers(const struct document *d, bool versioned)
{
    write_key(d->w, S("servers"));
    write_open(d->w, '[');
    if (versioned) {
        write_server(d, "/api/v1", "This installation");
        write_server(d, "/v1", "The same, shorter");
    } else {
        write_server(d, "", "This installation, whatever the version of the API");
    }
    write_close(d->w, ']');
}

static void write_tags(const struct document *d)
{
    write_key(d->w, S("tags"));
    write_open(d->w, '[');
    for (const struct openapi_tag *t = d->api->tags; t->segment; t++) {
        if (!t->doc)
            continue;
        write_open(d->w, '{');
        write_member_text(d->w, S("name"), str_of(t->tag));
        write_member_text(d->w, S("description"), str_of(t->doc));
        write_close(d->w, '}');
    }
    write_close(d->w, ']');
}

/* Who may. */
static void write_security(const struct document *d, const struct route *r)
{
    struct writer *w = d->w;
    write_key(w, S("security"));
    write_open(w, '[');
    if (!(r->flags & R_PUBLIC)) {
        write_open(w, '{');
        write_key(w, S("bearer"));
        write_open(w, '[');
        if (r->scope)
            write_text(w, str_of(r->scope));
        write_close(w, ']');
        write_close(w, '}');
    }
    write_close(w, ']');
    if (r->scope)
        write_member_text(w, S("x-required-scope"), str_of(r->scope));
}

static struct str description_of(struct arena *a, const struct route *r)
{
    struct str who = S("Needs a credential of any scope.");
    const char *test = r->flags & R_TEST_ONLY ? " Exists in test mode only." : "";
    if (r->flags & R_PUBLIC)
        who = S("Needs no credential.");
    else if (r->scope)
        who = arena_printf(a, "Needs the scope `%s`.", r->scope);
    return arena_printf(a, "%.*s%s", STR(who), test);
}

static void write_body(const struct document *d, const struct route *r)
{
    struct writer *w = d->w;
    enum view view = route_body_view(r);
    if (!r->in)
        return;
    write_key(w, S("requestBody"));
    write_open(w, '{');
    write_member_bool(w, S("required"), !(r->flags & R_ACTION));
    write_key(w, S("content"));
    write_open(w, '{');
    write_key(w, S("application/json"));
    write_open(w, '{');
    write_key(w, S("schema"));
    schema_write_ref(w, d->schemas, r->in, view);
    write_key(w, S("example"));
    example_write(w, r->in, view, false);
    write_close(w, '}');
    write_close(w, '}');
    write_close(w, '}');
}

static void write_operation(const struct document *d, const struct route *r)
{
    struct writer *w = d->w;
    write_open(w, '{');
    write_member_text(w, S("operationId"), route_name(d->arena, r));
    write_member_text(w, S("summary"), str_of(r->doc));
    write_member_text(w, S("description"), description_of(d->arena, r));
    write_key(w, S("tags"));
    write_open(w, '[');
    write_text(w, route_tag(d, r));
    write_close(w, ']');
    if (r->deprecated)
        write_member_bool(w, S("deprecated"), true);
    write_security(d, r);
    write_parameters(d, r);
    write_body(d, r);
    write_responses(d, r);
    write_close(w, '}');
}

static bool is_same_path(const struct route *a, const struct route *b)
{
    return str_eq(str_of(a->pattern), str_of(b->pattern)) &&
           !((a->flags ^ b->flags) & R_UNVERSIONED);
}

static bool is_first_of_path(const struct document *d, const struct route *r)
{
    const struct route *other = NULL;
    while ((other = route_next(d->api->routes, other)) != r) {
        if (is_same_path(other, r))
            return false;
    }
    return true;
}

static struct str method_key(enum method m)
{
    switch (m) {
    case GET:
        return S("get");
    case POST:
        return S("post");
    case PUT:
        return S("put");
    case DELETE:
        return S("delete");
    default:
        break;
    }
    assert(false); /* tables have no other method */
    return S("");
}

static void write_path(const struct document *d, const struct route *first)
{
    struct writer *w = d->w;
    write_key(w, path_text(d, first->pattern));
    write_open(w, '{');
    if (first->flags & R_UNVERSIONED)
        write_servers(d, false);
    for (const struct route *r = first; r; r = route_next(d->api->routes, r)) {
        if (!is_same_path(first, r))
            continue;
        write_key(w, method_key(r->method));
        write_operation(d, r);
    }
    write_close(w, '}');
}

static void write_paths(const struct document *d)
{
    const struct route *r = NULL;
    write_key(d->w, S("paths"));
    write_open(d->w, '{');
    while ((r = route_next(d->api->routes, r))) {
        if (is_first_of_path(d, r))
            write_path(d, r);
    }
    write_close(d->w, '}');
}

static void collect_schemas(const struct document *d)
{
    const struct route *r = NULL;
    schemas_add(d->schemas, &error_body_shape, VIEW_OUT);
    while ((r = route_next(d->api->routes, r))) {
        assert(r->out || r->media || r->status == 204);
        if (r->out)
            schemas_add(d->schemas, r->out, VIEW_OUT);
        if (r->in)
            schemas_add(d->schemas, r->in, route_body_view(r));
    }
}

struct str openapi_text(struct arena *a, const struct openapi *api)
{
    struct buf *text = buf_new(a, DOCUMENT_MAX);
    struct writer w;
    struct document d = {api, a, &w, ARENA_NEW(a, struct schemas)};
    d.schemas->arena = a;
    collect_schemas(&d);
    write_init(&w, text);
    write_open(&w, '{');
    write_member_text(&w, S("openapi"), S("3.1.0"));
    write_info(&d);
    write_servers(&d, true);
    write_tags(&d);
    write_paths(&d);
    write_components(&d);
    write_close(&w, '}');
    assert(!text->full);
    return buf_str(text);
}
