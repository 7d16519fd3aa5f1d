/* publish.c: publishing now, scheduling, cancelling. The protocol with the provider is delivery/'s.
 */
#include "api/routes.h"

#include "api/schedule.h"
#include "delivery/delivery.h"
#include "domain/optimal.h"
#include "http/conditional.h"
#include "http/reply.h"
#include "store/content.h"

struct publish_request {
    struct id content_id;
};
#define AT(member) offsetof(struct publish_request, member)
static const struct field publish_fields[] = {
    {.name = S("content_id"),
     .kind = F_ID,
     .flags = F_IN | F_REQUIRED,
     .at = AT(content_id),
     .prefix = S("cnt_"),
     .doc = "What to publish"},
};
#undef AT
static const struct shape publish_request_shape =
    SHAPE("publish_request", struct publish_request, publish_fields);

struct published {
    struct id content_id;
    int status, platform;
    int64_t published_ms;
    struct str platform_post_id, platform_url;
};
#define AT(member) offsetof(struct published, member)
static const struct field published_fields[] = {
    {.name = S("content_id"),
     .kind = F_ID,
     .at = AT(content_id),
     .prefix = S("cnt_"),
     .doc = "Content id"},
    {.name = S("status"),
     .kind = F_ENUM,
     .at = AT(status),
     .values = &content_status_names,
     .doc = "published, or publishing while it is not yet known to be out",
     .example = "\"published\""},
    {.name = S("published_at"),
     .kind = F_TIME,
     .flags = F_NULLABLE,
     .at = AT(published_ms),
     .doc = "When it appeared",
     .example = "\"2026-01-16T14:00:00Z\""},
    {.name = S("platform"),
     .kind = F_ENUM,
     .at = AT(platform),
     .values = &platform_names,
     .doc = "Where"},
    {.name = S("platform_post_id"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(platform_post_id),
     .doc = "The post's id there",
     .example = "\"1747257293212340224\""},
    {.name = S("platform_url"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(platform_url),
     .doc = "Where it is",
     .example = "\"https://x.com/example/status/1747257293212340224\""},
};
#undef AT
static const struct shape published_shape = SHAPE("published", struct published, published_fields);

/* An id in a body that leads nowhere does not fit what is stored. */
static error not_in_store(struct ctx *c, error e)
{
    if (!error_is(e, ERR_NOT_FOUND))
        return e;
    return error_at(c->arena, ERR_VALIDATION_FAILED, S("content_id"), "There is no such content.");
}

static error publish_now(struct ctx *c)
{
    const struct publish_request *in = c->req->in;
    struct delivery d = {0};
    struct published out;
    TRY(not_in_store(c, delivery_now(c, &in->content_id, &d)));
    if (d.state == DELIVERY_FAILED)
        return error_at(c->arena, ERR_PROVIDER, (struct str){0}, "%.*s",
                        STR(d.content.publishing.last_error));
    out = (struct published){
        .content_id = d.content.id,
        .status = d.content.status,
        .platform = d.content.platform,
        .published_ms = d.content.publishing.published_ms,
        .platform_post_id = d.content.publishing.platform_post_id,
        .platform_url = d.content.publishing.platform_url,
    };
    return reply(c, d.state == DELIVERY_PUBLISHED ? 200 : 202, &published_shape, &out);
}

struct schedule_request {
    struct id content_id;
    int64_t scheduled_for;
    bool use_optimal_time;
};
#define AT(member) offsetof(struct schedule_request, member)
static const struct field schedule_fields[] = {
    {.name = S("content_id"),
     .kind = F_ID,
     .flags = F_IN | F_REQUIRED,
     .at = AT(content_id),
     .prefix = S("cnt_"),
     .doc = "What to publish"},
    {.name = S("scheduled_for"),
     .kind = F_TIME,
     .flags = F_IN | F_REQUIRED,
     .at = AT(scheduled_for),
     .doc = "When: 60 seconds to one year ahead",
     .example = "\"2030-01-16T14:00:00Z\""},
    {.name = S("use_optimal_time"),
     .kind = F_BOOL,
     .flags = F_IN,
     .at = AT(use_optimal_time),
     .doc = "Move it to the next hour at which posts there usually do well; default false"},
};
#undef AT
static const struct shape schedule_request_shape =
    SHAPE("schedule_request", struct schedule_request, schedule_fields);

struct scheduled {
    struct id content_id;
    int status;
    int64_t scheduled_ms;
    struct str metricool_post_id;
};
#define AT(member) offsetof(struct scheduled, member)
static const struct field scheduled_fields[] = {
    {.name = S("content_id"),
     .kind = F_ID,
     .at = AT(content_id),
     .prefix = S("cnt_"),
     .doc = "Content id"},
    {.name = S("status"),
     .kind = F_ENUM,
     .at = AT(status),
     .values = &content_status_names,
     .doc = "scheduled",
     .example = "\"scheduled\""},
    {.name = S("scheduled_for"),
     .kind = F_TIME,
     .at = AT(scheduled_ms),
     .doc = "When",
     .example = "\"2030-01-16T14:00:00Z\""},
    {.name = S("metricool_post_id"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(metricool_post_id),
     .doc = "Null: AMP keeps the schedule, and hands a post over when it is due"},
};
#undef AT
static const struct shape scheduled_shape = SHAPE("scheduled", struct scheduled, scheduled_fields);

static error publish_schedule(struct ctx *c)
{
    const struct schedule_request *in = c->req->in;
    struct content x;
    enum content_status to;
    int64_t when_ms = in->scheduled_for;
    TRY(not_in_store(c, store_content_lock(c, &in->content_id, &x)));
    if (!content_next((enum content_status)x.status, CONTENT_SCHEDULE, &to))
        return error_of(ERR_INVALID_STATE);
    TRY(check_mission_lives(c, &x));
    if (in->use_optimal_time)
        when_ms = optimal_time((enum platform)x.platform, x.scheduling.zone, when_ms);
    TRY(check_schedule_time(c, S("scheduled_for"), when_ms));
    TRY(check_publishable(c, &x, S("content_id")));
    x.scheduling.scheduled_ms = when_ms;
    x.publishing.last_error = (struct str){0};
    TRY(store_content_move(c, &x, to));
    TRY(delivery_schedule(c, &x));
    return reply(c, 200, &scheduled_shape,
                 &(struct scheduled){x.id, x.status, when_ms, x.publishing.provider_post_id});
}

struct cancelled {
    struct id content_id;
    int status;
    int64_t previous_ms, cancelled_ms;
};
#define AT(member) offsetof(struct cancelled, member)
static const struct field cancelled_fields[] = {
    {.name = S("content_id"),
     .kind = F_ID,
     .at = AT(content_id),
     .prefix = S("cnt_"),
     .doc = "Content id"},
    {.name = S("status"),
     .kind = F_ENUM,
     .at = AT(status),
     .values = &content_status_names,
     .doc = "approved",
     .example = "\"approved\""},
    {.name = S("previous_scheduled_for"),
     .kind = F_TIME,
     .at = AT(previous_ms),
     .doc = "When it would have appeared",
     .example = "\"2030-01-16T14:00:00Z\""},
    {.name = S("cancelled_at"), .kind = F_TIME, .at = AT(cancelled_ms), .doc = "Now"},
};
#undef AT
static const struct shape cancelled_shape = SHAPE("cancelled", struct cancelled, cancelled_fields);

static error publish_cancel(struct ctx *c)
{
    struct content x;
    struct cancelled out;
    enum content_status to;
    TRY(store_content_lock(c, &c->req->id[0], &x));
    TRY(if_match(c, x.revision));
    if (!content_next((enum content_status)x.status, CONTENT_UNSCHEDULE, &to))
        return error_of(ERR_INVALID_STATE);
    out = (struct cancelled){x.id, (int)to, x.scheduling.scheduled_ms, c->now_ms};
    x.scheduling.scheduled_ms = 0;
    TRY(store_content_move(c, &x, to));
    TRY(store_job_end(c, JOB_CONTENT_PUBLISH, &x.id, JOB_CANCELLED));
    return reply(c, 200, &cancelled_shape, &out);
}

const struct route publish_routes[] = {
    {POST, "/publish", publish_now, "content:write", .in = &publish_request_shape,
     .out = &published_shape, .other_status = 202, .flags = R_OUTSIDE,
     .doc = "Publish now; 202 if it is not yet known to be out"},
    {POST, "/publish/schedule", publish_schedule, "content:write", .in = &schedule_request_shape,
     .out = &scheduled_shape, .doc = "Publish at a given time"},
    {DELETE, "/publish/:cnt", publish_cancel, "content:write", .out = &cancelled_shape,
     .doc = "Cancel what is scheduled; it stays approved", .name = "cancelPublish"},
    {0},
};
