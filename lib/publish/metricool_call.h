/* metricool_call.h: one call of Metricool's API, private to this room. Carried out in metricool.c.
 */
#ifndef AMP_PUBLISH_METRICOOL_CALL_H
#define AMP_PUBLISH_METRICOOL_CALL_H

#include "json/tree.h"
#include "publish/publisher.h"

struct call {
    const char *method;
    struct str path; /* "/v2/…" with its query */
    const struct account *account;
    struct str body; /* none: no body */
};

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
