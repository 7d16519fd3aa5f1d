/* webhook.c: webhooks, deliveries and events as JSON. Signing and sending is delivery/'s. */
#include "domain/webhook.h"

static const struct str event_list[EVENT_COUNT] = {
    [EVENT_CONTENT_PENDING_REVIEW] = S("content.pending_review"),
    [EVENT_CONTENT_APPROVED] = S("content.approved"),
    [EVENT_CONTENT_REJECTED] = S("content.rejected"),
    [EVENT_CONTENT_SCHEDULED] = S("content.scheduled"),
    [EVENT_CONTENT_PUBLISHED] = S("content.published"),
    [EVENT_CONTENT_FAILED] = S("content.failed"),
    [EVENT_MISSION_STARTED] = S("mission.started"),
    [EVENT_MISSION_PAUSED] = S("mission.paused"),
    [EVENT_MISSION_COMPLETED] = S("mission.completed"),
    [EVENT_MISSION_BUDGET_EXHAUSTED] = S("mission.budget_exhausted"),
    [EVENT_INTEGRATION_CONNECTED] = S("integration.connected"),
    [EVENT_INTEGRATION_ERROR] = S("integration.error"),
    [EVENT_JOB_FAILED] = S("job.failed"),
    [EVENT_WEBHOOK_DISABLED] = S("webhook.disabled"),
    [EVENT_WEBHOOK_TEST] = S("webhook.test"),
};
static const struct names event_names = NAMES(event_list);
static const struct field event_item = {.kind = F_ENUM, .values = &event_names};

static const struct webhook webhook_default = {.enabled = true};
#define AT(member) offsetof(struct webhook, member)
static const struct field webhook_fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(id), .prefix = S("whk_"), .doc = "Webhook id"},
    {.name = S("url"),
     .kind = F_TEXT,
     .flags = F_IN | F_REQUIRED | F_URL,
     .at = AT(url),
     .min = 8,
     .max = 2000,
     .doc = "Where events are sent; https, on the public internet",
     .example = "\"https://example.com/hooks/amp\""},
    {.name = S("description"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(description),
     .max = 500,
     .doc = "What it is for"},
    {.name = S("events"),
     .kind = F_LIST,
     .flags = F_IN | F_UNIQUE,
     .at = AT(events),
     .item = &event_item,
     .doc = "Which events it wants; none named: all",
     .example = "[\"content.published\",\"content.failed\"]"},
    {.name = S("enabled"),
     .kind = F_BOOL,
     .flags = F_IN,
     .at = AT(enabled),
     .doc = "Are events sent? default true"},
    {.name = S("disabled_reason"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(disabled_reason),
     .doc = "Why AMP stopped sending"},
    {.name = S("secret"),
     .kind = F_TEXT,
     .flags = F_ABSENT,
     .at = AT(secret),
     .doc = "What signatures are made with; shown once",
     .example = "\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\""},
    {.name = S("livemode"), .kind = F_BOOL, .at = AT(livemode), .doc = "Live or test events?"},
    {.name = S("created_at"), .kind = F_TIME, .at = AT(created_ms), .doc = "Creation time"},
    {.name = S("updated_at"), .kind = F_TIME, .at = AT(updated_ms), .doc = "Last change"},
};
#undef AT
const struct shape webhook_shape =
    SHAPE_INIT("webhook", struct webhook, webhook_fields, &webhook_default, NULL);

int64_t webhook_event_set(const struct list *events)
{
    const int *event = events->at;
    int64_t set = 0;
    for (size_t i = 0; i < events->n; i++)
        set |= EVENT_BIT(event[i]);
    return set ? set : EVENT_BIT(EVENT_COUNT) - 1;
}

void webhook_read_events(struct arena *a, struct webhook *w)
{
    int *events = arena_array(a, EVENT_COUNT, sizeof *events);
    size_t n = 0;
    w->events = (struct list){0};
    if (w->event_set == EVENT_BIT(EVENT_COUNT) - 1)
        return;
    for (int i = EVENT_NONE + 1; i < EVENT_COUNT; i++) {
        if (w->event_set & EVENT_BIT(i))
            events[n++] = i;
    }
    w->events = (struct list){events, n};
}

struct event {
    struct id id;
    int type;
    bool live;
    int64_t at_ms;
    struct str data;
};
#define AT(member) offsetof(struct event, member)
static const struct field event_fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(id), .prefix = S("evt_"), .doc = "Event id"},
    {.name = S("type"),
     .kind = F_ENUM,
     .at = AT(type),
     .values = &event_names,
     .doc = "What happened"},
    {.name = S("timestamp"), .kind = F_TIME, .at = AT(at_ms), .doc = "When, on the tenant's clock"},
    {.name = S("livemode"), .kind = F_BOOL, .at = AT(live), .doc = "Live or test data?"},
    {.name = S("data"),
     .kind = F_RAW,
     .flags = F_NULLABLE,
     .at = AT(data),
     .doc = "What it happened to, as the API answers it: content, a mission, a job …"},
};
#undef AT
static const struct shape event_shape = SHAPE("webhook_event", struct event, event_fields);

static const struct str result_list[] = {{0}, S("pending"), S("delivered"), S("failed")};
static const struct names result_names = NAMES(result_list);

#define AT(member) offsetof(struct webhook_delivery, member)
static const struct field delivery_fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(id), .prefix = S("dlv_"), .doc = "Delivery id"},
    {.name = S("webhook_id"),
     .kind = F_ID,
     .at = AT(webhook),
     .prefix = S("whk_"),
     .doc = "Where it goes"},
    {.name = S("event_id"),
     .kind = F_ID,
     .at = AT(event_id),
     .prefix = S("evt_"),
     .doc = "The event; sent as webhook-id, the same with every try"},
    {.name = S("event"),
     .kind = F_ENUM,
     .at = AT(event),
     .values = &event_names,
     .doc = "What happened"},
    {.name = S("status"),
     .kind = F_ENUM,
     .at = AT(state),
     .values = &result_names,
     .doc = "What became of it"},
    {.name = S("attempts"), .kind = F_INT, .at = AT(attempts), .doc = "How often it was sent"},
    {.name = S("http_status"),
     .kind = F_INT,
     .flags = F_NULLABLE,
     .at = AT(http_status),
     .doc = "What the last try was answered with"},
    {.name = S("last_error"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(problem),
     .doc = "What went wrong last"},
    {.name = S("payload"),
     .kind = F_OBJECT,
     .flags = F_DOC,
     .at = AT(payload),
     .shape = &event_shape,
     .doc = "The event as it is sent"},
    {.name = S("created_at"), .kind = F_TIME, .at = AT(created_ms), .doc = "When it happened"},
    {.name = S("updated_at"), .kind = F_TIME, .at = AT(updated_ms), .doc = "Last change"},
};
#undef AT
const struct shape webhook_delivery_shape =
    SHAPE("webhook_delivery", struct webhook_delivery, delivery_fields);

struct str webhook_payload(struct arena *a, const struct id *event_id, enum webhook_event event,
                           bool live, int64_t now_ms, struct str data)
{
    struct event e = {*event_id, (int)event, live, now_ms, data};
    return shape_text(a, &event_shape, &e);
}

static const struct rotation rotation_default = {.overlap_hours = 24};
static const struct field rotation_fields[] = {
    {.name = S("overlap_hours"),
     .kind = F_INT,
     .flags = F_IN,
     .at = offsetof(struct rotation, overlap_hours),
     .max = 168,
     .doc = "So long the old secret signs as well; default 24"},
};
const struct shape rotation_shape =
    SHAPE_INIT("rotation", struct rotation, rotation_fields, &rotation_default, NULL);
