/* audit.c: how an entry of the audit log looks, and what a list of them may be narrowed to. */
#include "domain/audit.h"

#define AT(member) offsetof(struct audit, member)
static const struct field fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(id), .prefix = S("aud_"), .doc = "Entry id"},
    {.name = S("actor"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(actor),
     .doc = "Who: a user, a key, cli or system; null: nobody who is known",
     .example = "\"usr_2xK9mPqR4vN8sT3w\""},
    {.name = S("action"),
     .kind = F_TEXT,
     .at = AT(action),
     .doc = "What: the operationId of the request, or the command",
     .example = "\"pauseMission\""},
    {.name = S("object"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(object),
     .doc = "To what",
     .example = "\"msn_2xK9mPqR4vN8sT3w\""},
    {.name = S("detail"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(detail),
     .doc = "What else is worth knowing: a new role, the e-mail address of a sign-in"},
    {.name = S("status"),
     .kind = F_INT,
     .flags = F_NULLABLE,
     .at = AT(status),
     .doc = "HTTP status of the answer; null: it was no request",
     .example = "200"},
    {.name = S("address"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(address),
     .doc = "From where",
     .example = "\"203.0.113.7\""},
    {.name = S("request_id"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(request_id),
     .doc = "X-Request-ID of the request",
     .example = "\"req_2xK9mPqR4vN8sT3w\""},
    {.name = S("livemode"), .kind = F_BOOL, .at = AT(livemode), .doc = "Live or test data?"},
    {.name = S("created_at"), .kind = F_TIME, .at = AT(created_ms), .doc = "When, in real time"},
};
#undef AT
const struct shape audit_shape = SHAPE("audit_entry", struct audit, fields);

enum { ACTOR_MAX = 20, ACTION_MAX = 64, OBJECT_MAX = 20 };

#define AT(member) offsetof(struct audit_filter, member)
static const struct field filter_fields[] = {
    {.name = S("actor"),
     .kind = F_TEXT,
     .at = AT(actor),
     .min = 1,
     .max = ACTOR_MAX,
     .doc = "Only what this user or key did"},
    {.name = S("action"),
     .kind = F_TEXT,
     .at = AT(action),
     .min = 1,
     .max = ACTION_MAX,
     .doc = "Only this action"},
    {.name = S("object"),
     .kind = F_TEXT,
     .at = AT(object),
     .min = 1,
     .max = OBJECT_MAX,
     .doc = "Only what was done to this object"},
    {.name = S("created_after"),
     .kind = F_TIME,
     .at = AT(created_after),
     .doc = "Done then or later"},
    {.name = S("created_before"),
     .kind = F_TIME,
     .at = AT(created_before),
     .doc = "Done earlier than that"},
};
#undef AT
static const struct audit_filter no_filter = {
    .created_after = INT64_MIN,
    .created_before = INT64_MAX,
};
const struct shape audit_filter_shape =
    SHAPE_INIT("audit_filter", struct audit_filter, filter_fields, &no_filter, NULL);
