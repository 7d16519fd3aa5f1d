/* metricool_call.h: calls of Metricool's API, private to this room. */
#ifndef AMP_PUBLISH_METRICOOL_CALL_H
#define AMP_PUBLISH_METRICOOL_CALL_H

#include "json/tree.h"
#include "publish/publisher.h"

struct call {
    const char *method;
    struct str path; /* "/v2/…" with its query */
    const struct account *account;
    struct str body;       /* none: no body */
    struct str request_id; /* X-Request-ID; none: that of who asks */
    bool large;            /* the answer may have megabytes */
};

enum { WIRE_TOO_MANY = 429 };

/* Makes the calls side by side, and reports on each that was made. */
void wire_exchange_all(struct outside *o, const struct call *calls, struct fetch_response *r,
                       size_t n, struct patience *patience);
void wire_exchange(struct outside *o, const struct call *call, struct fetch_response *r);

bool wire_is_success(const struct fetch_response *r);

/* Was the token refused? A bad one gets 401, or the login page, or is sent to it. */
bool wire_is_auth_failure(const struct fetch_response *r);

/* ERR_PROVIDER, with which call it was and how it went, for the log. */
error wire_failed(struct outside *o, const struct call *call, const struct fetch_response *r);

/* The path with its query: what is the call's own ("a=b&" or nothing), and what all have. */
struct str wire_path(struct arena *a, const char *path, struct str query,
                     const struct account *acc);

/* "start=…&end=…&timezone=…&" under the names that a call has for them. */
struct str wire_range(struct arena *a, const char *from_name, const char *to_name, int64_t from_ms,
                      int64_t to_ms, struct str zone);

/* Makes the call, reports on it, and hands out what is in the answer. ERR_PROVIDER where it is no
 * success with JSON in it; *r is filled in all the same. */
error wire_ask(struct outside *o, const struct call *call, struct fetch_response *r,
               const struct node **content);

/* Was the answer that there is no such thing? */
bool wire_is_gone(const struct fetch_response *r);

#endif
