/* audit.h: an entry of the audit log: who did what to which object, from where. */
#ifndef AMP_DOMAIN_AUDIT_H
#define AMP_DOMAIN_AUDIT_H

#include "json/shape.h"

struct audit {
    struct id id;
    struct str actor; /* "usr_…", "key_…", "cli", "system"; none: nobody who is known */
    struct str
        action; /* the operationId of the route, the words of the command, or what AMP did itself */
    struct str object; /* "msn_…"; none: about nothing in particular */
    struct str detail;
    int64_t status; /* of the answer; INT_NONE: it was no request */
    struct str address, request_id;
    bool livemode;
    int64_t created_ms; /* real time, whatever the tenant's clock says */
};
extern const struct shape audit_shape;

/* What a list may be narrowed to; none and the widest bounds: not at all. */
struct audit_filter {
    struct str actor, action, object;
    int64_t created_after, created_before;
};
extern const struct shape audit_filter_shape;

#endif
