/* request.c: CGI variables become a request. Knows nothing of routes, credentials or libfcgi. */
#include "http/request.h"

#include <string.h>

#include "base/utf8.h"

static const struct {
    struct str name;
    enum method method;
} methods[] = {
    {S("GET"), GET},     {S("POST"), POST}, {S("PUT"), PUT},         {S("DELETE"), DELETE},
    {S("PATCH"), PATCH}, {S("HEAD"), HEAD}, {S("OPTIONS"), OPTIONS},
};

/* CGI variables of the headers we read. */
static const struct str header_variables[HEADER_COUNT] = {
    [H_AUTHORIZATION] = S("HTTP_AUTHORIZATION"),
    [H_CONTENT_ENCODING] = S("HTTP_CONTENT_ENCODING"),
    [H_CONTENT_TYPE] = S("CONTENT_TYPE"),
    [H_FORWARDED_FOR] = S("HTTP_X_FORWARDED_FOR"),
    [H_IDEMPOTENCY_KEY] = S("HTTP_IDEMPOTENCY_KEY"),
    [H_IF_MATCH] = S("HTTP_IF_MATCH"),
    [H_IF_NONE_MATCH] = S("HTTP_IF_NONE_MATCH"),
    [H_ORIGIN] = S("HTTP_ORIGIN"),
    [H_REQUEST_ID] = S("HTTP_X_REQUEST_ID"),
    [H_TENANT_ID] = S("HTTP_X_TENANT_ID"),
    [H_MC_AUTH] = S("HTTP_X_MC_AUTH"),
    [H_TEST_TIME] = S("HTTP_X_AMP_TEST_TIME"),
};

/* Variables that describe the request line and the peer. */
static const struct {
    struct str name;
    size_t at;
} line_variables[] = {
    {S("REQUEST_METHOD"), offsetof(struct request, method_text)},
    {S("PATH_INFO"), offsetof(struct request, path)},
    {S("REQUEST_URI"), offsetof(struct request, uri)},
    {S("QUERY_STRING"), offsetof(struct request, query_text)},
    {S("REMOTE_ADDR"), offsetof(struct request, remote)},
};

enum method method_parse(struct str name)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (str_eq(methods[i].name, name))
            return methods[i].method;
    }
    return METHOD_NONE;
}

struct str method_name(enum method m)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (methods[i].method == m)
            return methods[i].name;
    }
    return (struct str){0};
}

static void take_header(struct request *r, struct str name, struct str value)
{
    for (int i = 0; i < HEADER_COUNT; i++) {
        if (!str_eq(header_variables[i], name))
            continue;
        r->header_twice[i] = r->header[i].p != NULL;
        r->header[i] = value;
        return;
    }
}

void request_from_environment(struct request *r, char *const *environment)
{
    for (; *environment; environment++) {
        struct str value = str_of(*environment);
        struct str name = str_cut(&value, '=');
        if (!value.p)
            continue;
        if (str_starts(name, S("HTTP_")) || str_eq(name, S("CONTENT_TYPE"))) {
            take_header(r, name, value);
            continue;
        }
        for (size_t i = 0; i < sizeof line_variables / sizeof *line_variables; i++) {
            if (str_eq(line_variables[i].name, name))
                memcpy((char *)r + line_variables[i].at, &value, sizeof value);
        }
    }
    r->method = method_parse(r->method_text);
}

int64_t request_length(char *const *environment)
{
    for (; *environment; environment++) {
        struct str value = str_of(*environment);
        int64_t length;
        if (!str_starts(value, S("CONTENT_LENGTH=")))
            continue;
        value = str_sub(value, sizeof "CONTENT_LENGTH=" - 1, SIZE_MAX);
        if (!value.n)
            return -1;
        return str_int(value, &length) && length >= 0 ? length : -2;
    }
    return -1;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* An escape that decoding must not hide: NUL, slash, dot; or one that is none. */
static bool escape_is_plain(struct str rest)
{
    static const char *const hidden[] = {"00", "2f", "2F", "2e", "2E"};
    if (rest.n < 3 || !is_hex(rest.p[1]) || !is_hex(rest.p[2]))
        return false;
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        if (rest.p[1] == hidden[i][0] && rest.p[2] == hidden[i][1])
            return false;
    }
    return true;
}

static bool segment_is_plain(struct str segment)
{
    if (!segment.n || str_eq(segment, S(".")) || str_eq(segment, S("..")))
        return false;
    for (size_t i = 0; i < segment.n; i++) {
        unsigned char c = (unsigned char)segment.p[i];
        if (c <= ' ' || c >= 0x7F)
            return false;
        if (c == '%' && !escape_is_plain(str_sub(segment, i, 3)))
            return false;
    }
    return true;
}

bool request_path_is_plain(const struct request *r)
{
    struct str rest = r->uri;
    struct str path = str_cut(&rest, '?');
    if (!utf8_valid(r->path))
        return false;
    for (size_t i = 0; i < r->path.n; i++) {
        if ((unsigned char)r->path.p[i] < ' ' || r->path.p[i] == 0x7F)
            return false;
    }
    if (!path.p) /* no REQUEST_URI: a request from the command line */
        return true;
    if (!path.n || path.p[0] != '/')
        return false;
    path = str_sub(path, 1, SIZE_MAX);
    while (path.p) {
        if (!segment_is_plain(str_cut(&path, '/')))
            return false;
    }
    return true;
}
