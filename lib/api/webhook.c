/* webhook.c: who wants to hear of what happens. Telling them is the worker's. */
#include "api/routes.h"

#include "base/clock.h"
#include "delivery/webhook.h"
#include "frame/serve.h"
#include "http/reply.h"
#include "store/webhook.h"

static error webhook_create(struct ctx *c)
{
    struct webhook w = *(const struct webhook *)c->req->in;
    char text[ID_TEXT + 1];
    int64_t n;
    TRY(webhook_check_url(c, w.url));
    TRY(store_webhook_count(c, &n));
    if (n >= WEBHOOKS_MAX)
        return error_at(c->arena, ERR_VALIDATION_FAILED, (struct str){0},
                        "There are %d webhooks already, which is the most.", WEBHOOKS_MAX);
    w.id = id_new(c->now_ms);
    w.event_set = webhook_event_set(&w.events);
    w.livemode = c->scope.live;
    w.created_ms = w.updated_ms = c->now_ms;
    TRY(webhook_new_secret(c, &w));
    TRY(store_webhook_insert(c, &w));
    reply_location(c, "/webhooks/", id_print(text, S("whk_"), &w.id));
    return reply(c, 201, &webhook_shape, &w);
}

static error webhook_list(struct ctx *c)
{
    struct list webhooks;
    int64_t total;
    bool more;
    TRY(store_webhook_page(c, &c->req->page, &webhooks, &more, &total));
    return reply_list(c, &webhook_shape, &webhooks, more, total);
}

static error webhook_get(struct ctx *c)
{
    struct webhook w;
    TRY(store_webhook_get(c, &c->req->id[0], &w));
    return reply(c, 200, &webhook_shape, &w);
}

static error webhook_update(struct ctx *c)
{
    struct webhook w;
    TRY(store_webhook_lock(c, &c->req->id[0], &w));
    TRY(read_update(c, &webhook_shape, &w));
    TRY(webhook_check_url(c, w.url));
    if (w.enabled)
        w.disabled_reason = (struct str){0};
    w.event_set = webhook_event_set(&w.events);
    w.updated_ms = c->now_ms;
    TRY(store_webhook_update(c, &w));
    return reply(c, 200, &webhook_shape, &w);
}

static error webhook_delete(struct ctx *c)
{
    TRY(store_webhook_delete(c, &c->req->id[0]));
    return reply_empty(c);
}

static error webhook_rotate_secret(struct ctx *c)
{
    const struct rotation *in = c->req->in;
    struct webhook w;
    TRY(store_webhook_lock(c, &c->req->id[0], &w));
    TRY(webhook_rotate(c, &w, in->overlap_hours * HOUR_MS));
    w.updated_ms = c->now_ms;
    TRY(store_webhook_update(c, &w));
    return reply(c, 200, &webhook_shape, &w);
}

static error reply_delivery(struct ctx *c, const struct id *id)
{
    struct webhook_delivery d;
    TRY(store_delivery_get(c, id, &d));
    return reply(c, 202, &webhook_delivery_shape, &d);
}

static error webhook_test(struct ctx *c)
{
    struct webhook w;
    struct id event_id = id_new(c->now_ms), id;
    TRY(store_webhook_lock(c, &c->req->id[0], &w));
    if (!w.enabled)
        return error_of(ERR_INVALID_STATE);
    TRY(store_event_put_to(c, &w.id, EVENT_WEBHOOK_TEST, &event_id,
                           shape_text(c->arena, &webhook_shape, &w), &id));
    return reply_delivery(c, &id);
}

static error delivery_list(struct ctx *c)
{
    struct webhook w;
    struct list deliveries;
    int64_t total;
    bool more;
    TRY(store_webhook_get(c, &c->req->id[0], &w));
    TRY(store_delivery_page(c, &w.id, &c->req->page, &deliveries, &more, &total));
    return reply_list(c, &webhook_delivery_shape, &deliveries, more, total);
}

/* The same event with the same id; the receiver may have seen it. */
static error delivery_replay(struct ctx *c)
{
    struct webhook w;
    struct webhook_delivery d;
    TRY(store_webhook_lock(c, &c->req->id[0], &w));
    TRY(store_delivery_get(c, &c->req->id[1], &d));
    if (!id_eq(&d.webhook, &w.id))
        return error_of(ERR_NOT_FOUND);
    if (!w.enabled || d.state == DELIVERY_PENDING)
        return error_of(ERR_INVALID_STATE);
    d.state = DELIVERY_PENDING;
    d.attempts = 0;
    TRY(store_delivery_update(c, &d));
    TRY(store_delivery_start(c, &d.id));
    return reply_delivery(c, &d.id);
}

const struct route webhook_routes[] = {
    {GET, "/webhooks", webhook_list, "integrations:read", .out = &webhook_shape,
     .flags = R_READ | R_LIST, .id_prefix = "whk_", .doc = "List webhooks"},
    {POST, "/webhooks", webhook_create, "integrations:write", .in = &webhook_shape,
     .out = &webhook_shape, .status = 201, .doc = "Have events sent to a URL"},
    {GET, "/webhooks/:whk", webhook_get, "integrations:read", .out = &webhook_shape,
     .flags = R_READ, .doc = "Get a webhook"},
    {PUT, "/webhooks/:whk", webhook_update, "integrations:write", .in = &webhook_shape,
     .out = &webhook_shape, .flags = R_UPDATE, .doc = "Change a webhook"},
    {DELETE, "/webhooks/:whk", webhook_delete, "integrations:write", .status = 204,
     .doc = "Delete a webhook, and what it was sent"},
    {POST, "/webhooks/:whk/test", webhook_test, "integrations:write", .in = &empty_shape,
     .out = &webhook_delivery_shape, .status = 202, .flags = R_ACTION,
     .doc = "Send a webhook an event that means nothing", .name = "testWebhook"},
    {POST, "/webhooks/:whk/rotate-secret", webhook_rotate_secret, "integrations:write",
     .in = &rotation_shape, .out = &webhook_shape, .flags = R_ACTION,
     .doc = "Give a webhook another secret", .name = "rotateWebhookSecret"},
    {GET, "/webhooks/:whk/deliveries", delivery_list, "integrations:read",
     .out = &webhook_delivery_shape, .flags = R_READ | R_LIST, .id_prefix = "dlv_",
     .doc = "What a webhook was sent", .name = "listWebhookDeliveries"},
    {POST, "/webhooks/:whk/deliveries/:dlv/replay", delivery_replay, "integrations:write",
     .in = &empty_shape, .out = &webhook_delivery_shape, .status = 202, .flags = R_ACTION,
     .doc = "Send an event once more", .name = "replayWebhookDelivery"},
    {0},
};
