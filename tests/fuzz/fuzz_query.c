/* fuzz_query.c: request targets of any bytes: which route a path is, and what its query says. */
#include "api/routes.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "http/query.h"
#include "target.h"

enum { TARGET_MAX = 8192, METHODS_END = OPTIONS << 1 };

static int hex_value(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    for (int i = 0; digits[i]; i++) {
        if (digits[i] == c)
            return i % 16;
    }
    return -1;
}

/* As a web server makes PATH_INFO: escapes decoded once, what is none left alone. */
static struct str decode_path(struct arena *a, struct str raw)
{
    char *out = arena_alloc(a, raw.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++) {
        int high = -1, low = -1;
        if (raw.p[i] == '%' && i + 2 < raw.n) {
            high = hex_value(raw.p[i + 1]);
            low = hex_value(raw.p[i + 2]);
        }
        if (high < 0 || low < 0) {
            out[n++] = raw.p[i];
            continue;
        }
        out[n++] = (char)(high << 4 | low);
        i += 2;
    }
    return (struct str){out, n};
}

static void take_target(struct arena *a, struct str target, struct request *r)
{
    struct str query = target;
    struct str path = decode_path(a, str_cut(&query, '?'));
    char *const variables[] = {
        arena_cstr(a, S("REQUEST_METHOD=GET")),
        arena_cstr(a, arena_printf(a, "REQUEST_URI=%.*s", STR(target))),
        arena_cstr(a, arena_printf(a, "PATH_INFO=%.*s", STR(path))),
        arena_cstr(a, arena_printf(a, "QUERY_STRING=%.*s", STR(query))),
        NULL,
    };
    request_from_environment(r, variables);
    assert(r->method == GET && r->path.p && r->query_text.p);
}

/* The pattern with what was found in place of its parameters. */
static struct str path_of(struct arena *a, const struct match *m)
{
    struct buf *out = buf_new(a, TARGET_MAX);
    struct str left = str_of(m->route->pattern);
    int ids = 0;
    (void)str_cut(&left, '/');
    while (left.p) {
        struct str part = str_cut(&left, '/');
        buf_char(out, '/');
        if (!part.n || part.p[0] != ':') {
            buf_add(out, part);
        } else if (part.n == 4) {
            buf_printf(out, "%.*s_", STR(str_sub(part, 1, 3)));
            buf_add(out, id_str(&m->id[ids++]));
        } else {
            buf_add(out, m->segment);
        }
    }
    return buf_str(out);
}

/* A route is found only for what its pattern says, and its method is among those allowed. */
static void check_route(struct arena *a, struct str path, bool versioned)
{
    unsigned allowed = route_find(api_routes, METHOD_NONE, path, versioned).allowed;
    for (unsigned method = GET; method < METHODS_END; method <<= 1) {
        struct match m = route_find(api_routes, (enum method)method, path, versioned);
        assert(m.allowed == allowed);
        assert(!m.route || allowed & method);
        if (m.route)
            assert(str_eq(path_of(a, &m), path));
    }
    assert(!allowed || route_allow(a, allowed).n > 0);
}

static void encode(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        buf_printf(out, "%%%02X", (unsigned)(unsigned char)text.p[i]);
}

/* Written anew with every byte escaped, the same pairs come out. */
static void check_pairs(struct arena *a, const struct request *r)
{
    struct buf *out = buf_new(a, 8 * TARGET_MAX);
    for (size_t i = 0; i < r->query_count; i++) {
        encode(out, r->query[i].name);
        buf_char(out, '=');
        encode(out, r->query[i].value);
        buf_char(out, '&');
    }
    struct request again = {.query_text = buf_str(out)};
    assert(!out->full && !query_split(a, &again));
    assert(again.query_count == r->query_count && r->query_count <= QUERY_MAX);
    for (size_t i = 0; i < r->query_count; i++) {
        assert(str_eq(again.query[i].name, r->query[i].name));
        assert(str_eq(again.query[i].value, r->query[i].value));
        assert(str_eq(query_get(r, arena_cstr(a, r->query[i].name)), r->query[i].value));
    }
}

static void check_refusal(error e)
{
    assert(error_is(e, ERR_INVALID_REQUEST));
    assert(e->param.n > 0 && utf8_valid(e->param) && utf8_valid(e->message));
}

static void check_page(struct arena *a, struct request *r, const struct route *route)
{
    r->page = (struct page){0};
    error e = query_page(a, r, str_of(route->id_prefix));
    if (e) {
        check_refusal(e);
        return;
    }
    assert(r->page.limit >= 1 && r->page.limit <= 100);
    assert(id_is_none(&r->page.after) || id_is_none(&r->page.before));
}

/* What is accepted is known by name; everything else is refused by name. */
static void check_parameters(struct arena *a, struct request *r, const struct route *route)
{
    const struct shape *extra = route->flags & R_LIST ? &page_query_shape : NULL;
    void *filter = arena_alloc(a, route->query ? route->query->size : 1);
    sent what;
    error e = query_read(a, r, route->query, extra, filter, &what);
    if (e) {
        check_refusal(e);
        return;
    }
    for (size_t i = 0; i < r->query_count; i++) {
        struct str name = r->query[i].name;
        bool known = route->query && shape_field(route->query, name);
        assert(known ? was_sent(route->query, what, name) : extra && shape_field(extra, name));
    }
    if (extra)
        check_page(a, r, route);
}

static void check_query(struct arena *a, struct request *r)
{
    error e = query_split(a, r);
    if (e) {
        check_refusal(e);
        return;
    }
    check_pairs(a, r);
    for (route_tables tables = api_routes; *tables; tables++) {
        for (const struct route *route = *tables; route->method; route++) {
            if (route->query || route->flags & R_LIST)
                check_parameters(a, r, route);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = input_arena();
    struct request r = {0};
    if (size > TARGET_MAX)
        return 0;
    take_target(a, input_text(data, size), &r);
    if (request_path_is_plain(&r)) {
        assert(utf8_valid(r.path));
        check_route(a, r.path, true);
        check_route(a, r.path, false);
    }
    check_query(a, &r);
    return 0;
}
