/* webhook.h: who wants to hear of what happens, and what they are told (docs/webhooks.md). */
#ifndef AMP_DOMAIN_WEBHOOK_H
#define AMP_DOMAIN_WEBHOOK_H

#include "json/shape.h"

/* The numbers are stored, also as bits: never renumber. */
enum webhook_event {
    EVENT_NONE,
    EVENT_CONTENT_PENDING_REVIEW,
    EVENT_CONTENT_APPROVED,
    EVENT_CONTENT_REJECTED,
    EVENT_CONTENT_SCHEDULED,
    EVENT_CONTENT_PUBLISHED,
    EVENT_CONTENT_FAILED,
    EVENT_MISSION_STARTED,
    EVENT_MISSION_PAUSED,
    EVENT_MISSION_COMPLETED,
    EVENT_MISSION_BUDGET_EXHAUSTED,
    EVENT_INTEGRATION_CONNECTED,
    EVENT_INTEGRATION_ERROR,
    EVENT_JOB_FAILED,
    EVENT_WEBHOOK_DISABLED,
    EVENT_WEBHOOK_TEST, /* asked for, not subscribed to */
    EVENT_COUNT
};
#define EVENT_BIT(event) (INT64_C(1) << (event))

enum { WEBHOOK_SECRET_BYTES = 32, WEBHOOKS_MAX = 20 };

struct webhook {
    struct id id;
    struct str url, description;
    struct list events; /* of int; empty: all */
    int64_t event_set;  /* the same as bits */
    bool enabled;
    struct str disabled_reason;
    struct str secret; /* "whsec_…", shown once */
    struct str secret_sealed, old_sealed;
    int64_t old_until_ms; /* real time */
    bool livemode;
    int64_t created_ms, updated_ms;
};
extern const struct shape webhook_shape;

/* Bits from the list, and back. */
int64_t webhook_event_set(const struct list *events);
void webhook_read_events(struct arena *a, struct webhook *w);

enum delivery_result { DELIVERY_NOWHERE, DELIVERY_PENDING, DELIVERY_DELIVERED, DELIVERY_LOST };

/* An event on its way to a webhook. */
struct webhook_delivery {
    struct id id, webhook, event_id;
    int event;
    struct str payload; /* JSON */
    int state;          /* enum delivery_result */
    int64_t attempts, http_status;
    struct str problem;
    int64_t created_ms, updated_ms;
};
extern const struct shape webhook_delivery_shape;

/* What is sent. `data`: the object it happened to, as JSON. */
struct str webhook_payload(struct arena *a, const struct id *event_id, enum webhook_event event,
                           bool live, int64_t now_ms, struct str data);

/* The body of a request for another secret. */
struct rotation {
    int64_t overlap_hours;
};
extern const struct shape rotation_shape;

#endif
