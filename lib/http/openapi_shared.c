/* openapi_shared.c: what operations have in common: headers, error responses, the schemas. */
#include "http/error_body.h"
#include "http/openapi_parts.h"
#include "http/reply.h"

struct header_doc {
    const char *name, *type, *pattern; /* pattern NULL: any */
    bool required;
    const char *doc;
};

static const struct header_doc request_headers[] = {
    {"X-Request-ID", "string", "^[A-Za-z0-9._-]{1,128}$", false,
     "Your own id for this request; anything else is replaced by one of ours"},
    {"X-Tenant-ID", "string", "^tnt_[0-9A-Za-z]{16}$", false,
     "The tenant that is meant; a key belongs to one, which it may repeat here"},
    {"Idempotency-Key", "string", "^[!-+\\--~]{1,255}$", false,
     "Makes it happen once, however often it is sent within 24 hours"},
    {"If-Match", "string", NULL, false, "Change it only if it still has this entity tag"},
    {"If-None-Match", "string", NULL, false, "Answer 304 if it still has this entity tag"},
};

static const struct header_doc answer_headers[] = {
    {"X-Request-ID", "string", "^[A-Za-z0-9._-]{1,128}$", true,
     "Id of this request, in the log too"},
    {"X-RateLimit-Limit", "integer", NULL, false, "Requests a minute"},
    {"X-RateLimit-Remaining", "integer", NULL, false, "How many of them are left"},
    {"X-RateLimit-Reset", "integer", NULL, false,
     "When there will be all of them again, Unix seconds"},
    {"Location", "string", "^/", true, "Path of what was created"},
    {"ETag", "string", "^\"[^\"]+\"$", false, "Entity tag; absent where something was expanded"},
    {"Idempotent-Replayed", "string", "^true$", false,
     "This is the answer to an earlier request with the same Idempotency-Key"},
    {"Retry-After", "integer", NULL, true, "Seconds after which to try again"},
    {"WWW-Authenticate", "string", "^Bearer realm=\"amp\"", true, "RFC 6750"},
};

void write_component_ref(const struct document *d, const char *kind, struct str name)
{
    write_open(d->w, '{');
    write_member_text(d->w, S("$ref"),
                      arena_printf(d->arena, "#/components/%s/%.*s", kind, STR(name)));
    write_close(d->w, '}');
}

static void write_header_schema(const struct document *d, const struct header_doc *h)
{
    write_member_text(d->w, S("description"), str_of(h->doc));
    write_member_bool(d->w, S("required"), h->required);
    write_key(d->w, S("schema"));
    write_open(d->w, '{');
    write_member_text(d->w, S("type"), str_of(h->type));
    if (h->pattern)
        write_member_text(d->w, S("pattern"), str_of(h->pattern));
    write_close(d->w, '}');
}

static void write_request_headers(const struct document *d)
{
    write_key(d->w, S("parameters"));
    write_open(d->w, '{');
    for (size_t i = 0; i < sizeof request_headers / sizeof *request_headers; i++) {
        struct str name = str_of(request_headers[i].name);
        write_key(d->w, name);
        write_open(d->w, '{');
        write_member_text(d->w, S("name"), name);
        write_member_text(d->w, S("in"), S("header"));
        write_header_schema(d, &request_headers[i]);
        write_close(d->w, '}');
    }
    write_close(d->w, '}');
}

static void write_answer_headers(const struct document *d)
{
    write_key(d->w, S("headers"));
    write_open(d->w, '{');
    for (size_t i = 0; i < sizeof answer_headers / sizeof *answer_headers; i++) {
        write_key(d->w, str_of(answer_headers[i].name));
        write_open(d->w, '{');
        write_header_schema(d, &answer_headers[i]);
        write_close(d->w, '}');
    }
    write_close(d->w, '}');
}

struct str response_name(struct arena *a, int status)
{
    struct str rest = str_of(status_phrase(status)), name = S("");
    while (rest.p) {
        struct str word = str_cut(&rest, ' ');
        name = arena_printf(a, "%.*s%.*s", STR(name), STR(word));
    }
    return name;
}

static void write_error_example(const struct document *d, error e)
{
    struct error_body body =
        error_body_of(d->arena, e, d->api->error_url, S("req_2xK9mPqR4vN8sT3w"));
    write_key(d->w, e->wire);
    write_open(d->w, '{');
    write_key(d->w, S("value"));
    shape_write(d->w, &error_body_shape, &body);
    write_close(d->w, '}');
}

static void write_error_headers(const struct document *d, int status)
{
    write_key(d->w, S("headers"));
    write_open(d->w, '{');
    write_key(d->w, S("X-Request-ID"));
    write_component_ref(d, "headers", S("X-Request-ID"));
    if (status == 401) {
        write_key(d->w, S("WWW-Authenticate"));
        write_component_ref(d, "headers", S("WWW-Authenticate"));
    }
    if (status == 429 || status == 503) {
        write_key(d->w, S("Retry-After"));
        write_component_ref(d, "headers", S("Retry-After"));
    }
    write_close(d->w, '}');
}

static void write_error_response(const struct document *d, int status)
{
    struct writer *w = d->w;
    write_key(w, response_name(d->arena, status));
    write_open(w, '{');
    write_member_text(w, S("description"), str_of(status_phrase(status)));
    write_error_headers(d, status);
    write_key(w, S("content"));
    write_open(w, '{');
    write_key(w, S("application/json"));
    write_open(w, '{');
    write_key(w, S("schema"));
    schema_write_ref(w, d->schemas, &error_body_shape, VIEW_OUT);
    write_key(w, S("examples"));
    write_open(w, '{');
    for (int code = 0; code < ERR_COUNT; code++) {
        if (error_of((enum error_code)code)->status == status && code != ERR_RETRY)
            write_error_example(d, error_of((enum error_code)code));
    }
    write_close(w, '}');
    write_close(w, '}');
    write_close(w, '}');
    write_close(w, '}');
}

static bool is_used(const struct document *d, int status)
{
    const struct route *r = NULL;
    while ((r = route_next(d->api->routes, r))) {
        if (route_fails_with(d, r, status))
            return true;
    }
    return false;
}

static void write_error_responses(const struct document *d)
{
    int last = 0;
    write_key(d->w, S("responses"));
    write_open(d->w, '{');
    for (int code = 0; code < ERR_COUNT; code++) {
        int status = error_of((enum error_code)code)->status;
        if (status > last && is_used(d, status)) {
            write_error_response(d, status);
            last = status;
        }
    }
    write_close(d->w, '}');
}

struct str list_name(const struct document *d, const struct shape *item)
{
    return arena_printf(d->arena, "%s_list", item->name);
}

static bool is_first_list(const struct document *d, const struct route *r)
{
    const struct route *other = NULL;
    while ((other = route_next(d->api->routes, other)) != r) {
        if (other->flags & (R_LIST | R_WHOLE) && other->out == r->out)
            return false;
    }
    return r->flags & (R_LIST | R_WHOLE);
}

/* The envelope of reply_list(). */
static void write_list_schema(const struct document *d, const struct shape *item)
{
    struct writer *w = d->w;
    write_key(w, list_name(d, item));
    write_open(w, '{');
    write_member_text(w, S("type"), S("object"));
    write_key(w, S("properties"));
    write_open(w, '{');
    write_key(w, S("data"));
    write_open(w, '{');
    write_member_text(w, S("type"), S("array"));
    write_key(w, S("items"));
    schema_write_ref(w, d->schemas, item, VIEW_OUT);
    write_close(w, '}');
    write_member_raw(
        w, S("has_more"),
        S("{\"type\":\"boolean\",\"description\":\"Is there more in this direction?\"}"));
    write_member_raw(w, S("total"),
                     S("{\"type\":\"integer\",\"format\":\"int64\",\"description\":"
                       "\"How many there are in all, under these filters\"}"));
    write_close(w, '}');
    write_member_raw(w, S("required"), S("[\"data\",\"has_more\",\"total\"]"));
    write_member_bool(w, S("additionalProperties"), false);
    write_close(w, '}');
}

static void write_schemas(const struct document *d)
{
    const struct route *r = NULL;
    write_key(d->w, S("schemas"));
    write_open(d->w, '{');
    while ((r = route_next(d->api->routes, r))) {
        if (is_first_list(d, r))
            write_list_schema(d, r->out);
    }
    schemas_write(d->w, d->schemas);
    write_close(d->w, '}');
}

void write_components(const struct document *d)
{
    write_key(d->w, S("components"));
    write_open(d->w, '{');
    write_member_raw(d->w, S("securitySchemes"),
                     S("{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":"
                       "\"An API key (amp_live_… or amp_test_…) or a token from signing in\"}}"));
    write_request_headers(d);
    write_answer_headers(d);
    write_error_responses(d);
    write_schemas(d);
    write_close(d->w, '}');
}
