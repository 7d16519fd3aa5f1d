/* request.h: a request as it came in, and what the gates found in it. */
#ifndef AMP_HTTP_REQUEST_H
#define AMP_HTTP_REQUEST_H

#include "base/page.h"
#include "json/shape.h"

enum { BODY_MAX = 1048576, REQUEST_IDS = 2, QUERY_MAX = 40 };

enum method {
    METHOD_NONE,
    GET = 1 << 0,
    POST = 1 << 1,
    PUT = 1 << 2,
    DELETE = 1 << 3,
    PATCH = 1 << 4,
    HEAD = 1 << 5,
    OPTIONS = 1 << 6
};

/* The request headers that anybody here reads. */
enum header {
    H_AUTHORIZATION,
    H_CONTENT_ENCODING,
    H_CONTENT_TYPE,
    H_FORWARDED_FOR,
    H_IDEMPOTENCY_KEY,
    H_IF_MATCH,
    H_IF_NONE_MATCH,
    H_ORIGIN,
    H_REQUEST_ID,
    H_TENANT_ID,
    H_MC_AUTH,   /* Metricool's, for the sandbox */
    H_TEST_TIME, /* of test mode, for the sandbox */
    HEADER_COUNT
};

/* A query parameter, decoded. */
struct pair {
    struct str name, value;
};

struct request {
    /* From the web server; borrowed until the response is out. */
    enum method method; /* METHOD_NONE: one we do not know */
    struct str method_text;
    struct str path; /* PATH_INFO, decoded once by the web server */
    struct str uri;  /* REQUEST_URI, as sent */
    struct str query_text;
    struct str remote; /* address of the client */
    struct str header[HEADER_COUNT];
    bool header_twice[HEADER_COUNT]; /* X-Tenant-ID and X_Tenant_ID both, say */
    struct str body;
    bool body_too_large;
    bool body_cut;      /* less arrived than was announced */
    int64_t started_us; /* clock_mono_us() */

    /* From the gates. */
    struct str client;         /* whom it is from, proxies aside (client.h) */
    struct str id_text;        /* X-Request-ID of the answer */
    struct str route_path;     /* below the version: "/missions/msn_…" */
    struct id id[REQUEST_IDS]; /* of the path */
    struct str segment;        /* of a ":name" in the path that is no id */
    struct pair *query;
    size_t query_count;
    struct page page;
    void *filter; /* of the route's .query shape */
    sent filter_sent;
    void *in; /* of the route's .in shape; a POST action's empty body leaves defaults */
    sent in_sent;
    struct str idempotency_key, fingerprint; /* none: the request carries no key */
    bool expand_mission;
    struct {
        struct str actor, object, detail; /* what a handler tells the audit log; none: nothing */
        bool throttled;                   /* that it was told to wait stands there, too */
    } audit;
    bool forget;         /* after the commit the host's processes must forget what they remember */
    struct ctx *context; /* of the request, for its log line */
};

/* Fills a zeroed request from CGI variables "NAME=value" (RFC 3875). */
void request_from_environment(struct request *r, char *const *environment);

/* The variable CONTENT_LENGTH: -1 if it is absent, -2 if it is no number. */
int64_t request_length(char *const *environment);

/* Does REQUEST_URI hide something that decoding made invisible: an encoded slash or NUL, a dot
 * segment, an empty segment or trailing slash, bad %xx, control bytes, invalid UTF-8? Such a path
 * is not found. */
bool request_path_is_plain(const struct request *r);

/* The method of that name. */
enum method method_parse(struct str name);
struct str method_name(enum method m);

#endif
