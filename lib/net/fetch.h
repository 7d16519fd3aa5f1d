/* fetch.h: the doorman of libcurl: HTTP exchanges with the world outside, each with a deadline,
 * a size limit and a verdict. */
#ifndef AMP_NET_FETCH_H
#define AMP_NET_FETCH_H

#include "base/ctx.h"

/* What is known after an exchange. */
enum fetch_verdict {
    FETCH_DONE,   /* an answer arrived whole: see status */
    FETCH_UNSENT, /* nothing can have reached the other side: safe to try again */
    FETCH_UNCLEAR /* it may have been carried out, the answer is lost */
};

struct fetch_header {
    const char *name;
    struct str value;
};

struct fetch_request {
    const char *method;                 /* "GET" … */
    struct str url;                     /* absolute; no secrets in it */
    const struct fetch_header *headers; /* ended by a NULL name */
    struct str body;                    /* none: no body */
    struct str request_id;              /* X-Request-ID; none: that of who asks */
    int64_t timeout_ms;                 /* in all; 0: 10 s. Connecting: 3 s at most */
    size_t max_bytes;                   /* of the answer; 0: 1 MiB */
    bool allow_private;                 /* addresses that are private, loopback or link-local */
    bool allow_http;                    /* without TLS */
};

struct fetch_response {
    enum fetch_verdict verdict;
    int status;            /* HTTP; 0 unless FETCH_DONE */
    struct str body;       /* in the arena */
    struct str type;       /* Content-Type */
    int64_t retry_after_s; /* of a Retry-After in seconds or as a date; 0: none */
    bool unwanted;         /* FETCH_UNSENT because nobody wanted it any more */
    struct str problem;    /* for the log, when not FETCH_DONE; never holds a secret */
    int64_t took_us;
};

/* Once per process, before threads or other users of libcurl. */
void fetch_init(void);

/* One exchange: certificates are checked, redirects are answers like any other, the address is
 * checked after name resolution (and so on each connection). Sends X-Request-ID. Never fails but
 * through the verdict. */
void fetch(struct outside *o, const struct fetch_request *in, struct fetch_response *out);

/* Asked a few times a second while exchanges are under way: is there still somebody who wants them?
 */
struct fetch_watch {
    bool (*wanted)(void *self);
    void *self;
    void (*ended)(void *self, const struct fetch_response *r); /* one is over; NULL: not told */
};

/* n exchanges, at_once of them at the same time (FETCH_AT_ONCE at most), each as by fetch();
 * returns when the last one is over. Those that are not wanted any more are given up as long as
 * nothing of them has been sent; the others may be carried out, so their answers are waited for. No
 * watch (NULL): they are wanted. */
enum { FETCH_AT_ONCE = 64 };
void fetch_many(struct outside *o, const struct fetch_request *in, struct fetch_response *out,
                size_t n, size_t at_once, const struct fetch_watch *watch);

/* Percent-encodes for a query or a path segment (RFC 3986 unreserved stay). */
struct str url_encode(struct arena *a, struct str text);

#endif
