/* route.h: the table that says everything about a resource: dispatch, permissions, shapes,
 * documentation. */
#ifndef AMP_HTTP_ROUTE_H
#define AMP_HTTP_ROUTE_H

#include "http/request.h"

enum {
    R_READ = 1,         /* runs without a transaction of the frame */
    R_OUTSIDE = 2,      /* opens its own short transactions around calls to the world */
    R_PUBLIC = 4,       /* needs no credential */
    R_LIST = 8,         /* takes limit, starting_after, ending_before */
    R_ACTION = 16,      /* an empty body means {} */
    R_UPDATE = 32,      /* the body is read by the handler, over the stored object */
    R_UNVERSIONED = 64, /* lives outside /v1 */
    R_REMEMBER = 256,   /* GET whose answer depends on nothing but the tenant's data and the URL */
    R_NOT_IDEMPOTENT = 512, /* POST that pays no heed to an Idempotency-Key */
    R_EXPAND = 1024,        /* answers content: takes expand=mission */
    R_WHOLE = 2048,         /* answers all there is in the envelope of a list, without pages */
    R_TEST_ONLY = 128,      /* exists for test-mode credentials only */
    R_LIVE_ONLY = 1 << 12,  /* is for live credentials only: it changes what both modes share */
    R_SIGN_IN = 1 << 13,    /* a sign-in: one that is refused is written into the audit log, too */
    R_LEAVE = 1 << 15,      /* open also to users who have no place in their tenant any more */
    R_AS_OF = 1 << 16,      /* with R_REMEMBER: depends on the day as well; has no entity tag */
    R_REVIEW = 1 << 14      /* open to approvers too, whose role has not its scope */
};

struct route {
    enum method method;
    const char *pattern; /* "/missions/:msn/pause"; ":msn" is an id with that prefix, ":name" with
                            more than three letters any segment */
    handler *handle;
    const char *scope; /* "missions:write"; NULL: any credential */
    unsigned flags;
    const struct shape *in;    /* body */
    const struct shape *query; /* parameters besides those of R_LIST */
    const struct shape *out;   /* of the object answered, or of a list's members; NULL: no JSON */
    const char *id_prefix;     /* R_LIST: "msn_", what cursors look like */
    const char *const *media;  /* it answers a file of one of these types instead; ended by NULL */
    int status;                /* of success; 0: 200 */
    int other_status;          /* of success as well: 202; 0: there is none */
    const char *doc;
    const char *name; /* for programmers: "createMission"; NULL: made from method and pattern */
    const struct deprecation *deprecated;
};

/* Several tables (one a resource), ended by NULL; each table ends with a zeroed row. */
typedef const struct route *const *route_tables;

struct match {
    const struct route *route; /* NULL: none for this method */
    unsigned allowed;          /* methods that the path knows, as bits; 0: no such path */
    struct id id[REQUEST_IDS];
    struct str segment;
};

/* Finds method and path in one pass. HEAD finds what GET would. */
struct match route_find(route_tables tables, enum method method, struct str path, bool versioned);

/* The operationId: the row's name, or one made from method and pattern. In the arena. */
struct str route_name(struct arena *a, const struct route *r);

/* "GET, HEAD, OPTIONS" of a set of methods. */
struct str route_allow(struct arena *a, unsigned allowed);

#endif
