/* openapi_io.c: what an operation takes and answers: parameters and responses. */
#include "http/openapi_parts.h"
#include "http/query.h"
#include "http/reply.h"

static const struct openapi_id unknown_id = {"", "id", "Id"};

/* The row of the id ":msn". */
static const struct openapi_id *id_of(const struct document *d, struct str segment)
{
    struct str prefix = arena_printf(d->arena, "%.*s_", STR(str_sub(segment, 1, SIZE_MAX)));
    for (const struct openapi_id *id = d->api->ids; id->prefix; id++) {
        if (str_eq(str_of(id->prefix), prefix))
            return id;
    }
    return &unknown_id;
}

static bool is_id(struct str segment)
{
    return segment.n == 4 && segment.p[0] == ':';
}

static bool is_name(struct str segment)
{
    return segment.n > 4 && segment.p[0] == ':';
}

struct str path_text(const struct document *d, const char *pattern)
{
    struct str rest = str_sub(str_of(pattern), 1, SIZE_MAX), path = S("");
    while (rest.p) {
        struct str segment = str_cut(&rest, '/');
        if (is_id(segment))
            segment = arena_printf(d->arena, "{%s}", id_of(d, segment)->name);
        else if (is_name(segment))
            segment = arena_printf(d->arena, "{%.*s}", STR(str_sub(segment, 1, SIZE_MAX)));
        path = arena_printf(d->arena, "%.*s/%.*s", STR(path), STR(segment));
    }
    return path;
}

static void open_parameter(const struct document *d, struct str name, const char *in,
                           const char *doc)
{
    write_open(d->w, '{');
    write_member_text(d->w, S("name"), name);
    write_member_text(d->w, S("in"), str_of(in));
    write_member_text(d->w, S("description"), str_of(doc));
}

static void write_path_parameters(const struct document *d, const struct route *r)
{
    struct str rest = str_sub(str_of(r->pattern), 1, SIZE_MAX);
    while (rest.p) {
        struct str segment = str_cut(&rest, '/');
        const struct openapi_id *id = is_id(segment) ? id_of(d, segment) : NULL;
        if (!id && !is_name(segment))
            continue;
        open_parameter(d, id ? str_of(id->name) : str_sub(segment, 1, SIZE_MAX), "path",
                       id ? id->doc : "Name");
        write_member_bool(d->w, S("required"), true);
        write_key(d->w, S("schema"));
        write_open(d->w, '{');
        write_member_text(d->w, S("type"), S("string"));
        if (id)
            write_member_text(d->w, S("pattern"),
                              arena_printf(d->arena, "^%s[0-9A-Za-z]{%d}$", id->prefix, ID_LEN));
        write_close(d->w, '}');
        write_close(d->w, '}');
    }
}

static void write_query_parameter(const struct document *d, const struct shape *s,
                                  const struct field *f)
{
    open_parameter(d, f->name, "query", f->doc);
    if (f->kind == F_LIST) {
        write_member_text(d->w, S("style"), S("form"));
        write_member_bool(d->w, S("explode"), false);
    }
    write_key(d->w, S("schema"));
    schema_write_field(d->w, d->schemas, s, f, VIEW_QUERY);
    write_close(d->w, '}');
}

/* Cursors are ids of what is listed. */
static void write_page_parameters(const struct document *d, const struct route *r)
{
    for (size_t i = 0; i < page_query_shape.n; i++) {
        struct field f = page_query_shape.fields[i];
        if (f.kind == F_TEXT) {
            f.kind = F_ID;
            f.prefix = str_of(r->id_prefix);
        }
        write_query_parameter(d, &page_query_shape, &f);
    }
}

static void write_expand(const struct document *d, const struct route *r)
{
    open_parameter(d, S("expand"), "query",
                   "Show the mission itself beside its id; needs the scope `missions:read` too");
    write_member_raw(d->w, S("schema"),
                     r->flags & R_LIST
                         ? S("{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":"
                             "[\"mission\",\"data.mission\"]}}")
                         : S("{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":"
                             "[\"mission\"]}}"));
    write_close(d->w, '}');
}

static void write_header_parameters(const struct document *d, const struct route *r)
{
    write_component_ref(d, "parameters", S("X-Request-ID"));
    if (!(r->flags & R_PUBLIC))
        write_component_ref(d, "parameters", S("X-Tenant-ID"));
    if (route_is_idempotent(r))
        write_component_ref(d, "parameters", S("Idempotency-Key"));
    if (route_if_match(d, r))
        write_component_ref(d, "parameters", S("If-Match"));
    if (r->method == GET && route_has_tag(d, r))
        write_component_ref(d, "parameters", S("If-None-Match"));
}

void write_parameters(const struct document *d, const struct route *r)
{
    write_key(d->w, S("parameters"));
    write_open(d->w, '[');
    write_path_parameters(d, r);
    for (size_t i = 0; r->query && i < r->query->n; i++)
        write_query_parameter(d, r->query, &r->query->fields[i]);
    if (r->flags & R_LIST)
        write_page_parameters(d, r);
    if (r->flags & R_EXPAND)
        write_expand(d, r);
    write_header_parameters(d, r);
    write_close(d->w, ']');
}

static void write_header(const struct document *d, const char *name)
{
    write_key(d->w, str_of(name));
    write_component_ref(d, "headers", str_of(name));
}

static void write_headers(const struct document *d, const struct route *r, int status)
{
    write_key(d->w, S("headers"));
    write_open(d->w, '{');
    write_header(d, "X-Request-ID");
    if (!(r->flags & R_PUBLIC)) {
        write_header(d, "X-RateLimit-Limit");
        write_header(d, "X-RateLimit-Remaining");
        write_header(d, "X-RateLimit-Reset");
    }
    if (status == 201)
        write_header(d, "Location");
    if (status != 204 && route_has_tag(d, r))
        write_header(d, "ETag");
    if (route_is_idempotent(r))
        write_header(d, "Idempotent-Replayed");
    write_close(d->w, '}');
}

static void write_list_example(const struct document *d, const struct route *r)
{
    write_open(d->w, '{');
    write_key(d->w, S("data"));
    write_open(d->w, '[');
    example_write(d->w, r->out, VIEW_OUT, false);
    write_close(d->w, ']');
    write_member_bool(d->w, S("has_more"), false);
    write_member_int(d->w, S("total"), 1);
    write_close(d->w, '}');
}

static void write_content(const struct document *d, const struct route *r, int status)
{
    struct writer *w = d->w;
    write_key(w, S("content"));
    write_open(w, '{');
    write_key(w, S("application/json"));
    write_open(w, '{');
    write_key(w, S("schema"));
    if (r->flags & (R_LIST | R_WHOLE))
        write_component_ref(d, "schemas", list_name(d, r->out));
    else
        schema_write_ref(w, d->schemas, r->out, VIEW_OUT);
    if (status == route_status(r)) {
        write_key(w, S("example"));
        if (r->flags & (R_LIST | R_WHOLE))
            write_list_example(d, r);
        else
            example_write(w, r->out, VIEW_OUT, status == 201);
    }
    write_close(w, '}');
    write_close(w, '}');
}

/* Files: a text of each type. */
static void write_files(const struct document *d, const struct route *r)
{
    write_key(d->w, S("content"));
    write_open(d->w, '{');
    for (size_t i = 0; r->media[i]; i++) {
        write_key(d->w, str_of(r->media[i]));
        write_raw(d->w, S("{\"schema\":{\"type\":\"string\"}}"));
    }
    write_close(d->w, '}');
}

static void write_success(const struct document *d, const struct route *r, int status)
{
    bool has_body = status != 204 && status != 304;
    write_key(d->w, arena_printf(d->arena, "%d", status));
    write_open(d->w, '{');
    write_member_text(d->w, S("description"), str_of(status_phrase(status)));
    write_headers(d, r, status);
    if (has_body && r->media)
        write_files(d, r);
    else if (has_body)
        write_content(d, r, status);
    write_close(d->w, '}');
}

/* error.def is in the order of statuses; each has one response, whatever its codes. */
static void write_failures(const struct document *d, const struct route *r)
{
    int last = 0;
    for (int code = 0; code < ERR_COUNT; code++) {
        int status = error_of((enum error_code)code)->status;
        if (status <= last || !route_fails_with(d, r, status))
            continue;
        write_key(d->w, arena_printf(d->arena, "%d", status));
        write_component_ref(d, "responses", response_name(d->arena, status));
        last = status;
    }
}

void write_responses(const struct document *d, const struct route *r)
{
    write_key(d->w, S("responses"));
    write_open(d->w, '{');
    write_success(d, r, route_status(r));
    if (r->other_status)
        write_success(d, r, r->other_status);
    if (r->method == GET && route_has_tag(d, r))
        write_success(d, r, 304);
    write_failures(d, r);
    write_close(d->w, '}');
}
