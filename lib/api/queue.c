/* queue.c: what will be published, in order of time, and how much of it on which day. */
#include "api/routes.h"

#include "base/clock.h"
#include "domain/zone.h"
#include "http/query.h"
#include "http/reply.h"
#include "store/content.h"

enum { DAYS_DEFAULT = 30, DAYS_MAX = 366 };

#define AT(member) offsetof(struct queue_filter, member)
static const struct field queue_query_fields[] = {
    {.name = S("platform"),
     .kind = F_ENUM,
     .flags = F_IN,
     .at = AT(platform),
     .values = &platform_names,
     .doc = "Only this platform"},
    {.name = S("mission_id"),
     .kind = F_ID,
     .flags = F_IN,
     .at = AT(mission),
     .prefix = S("msn_"),
     .doc = "Only this mission"},
    {.name = S("from"),
     .kind = F_TIME,
     .flags = F_IN,
     .at = AT(from_ms),
     .doc = "At this time or later"},
    {.name = S("to"), .kind = F_TIME, .flags = F_IN, .at = AT(to_ms), .doc = "Before this time"},
};
static const struct shape queue_query_shape =
    SHAPE("queue_query", struct queue_filter, queue_query_fields);
#undef AT

/* Where a page begins or ends, as the place of that content in the queue. */
static error find_cursor(struct ctx *c, struct queue_cursor *out)
{
    const struct page *page = &c->req->page;
    bool up = !id_is_none(&page->before);
    struct content x;
    error e;
    *out = (struct queue_cursor){.up = up};
    if (page_is_first(page))
        return NULL;
    out->id = up ? page->before : page->after;
    e = store_content_get(c, &out->id, &x);
    if (error_is(e, ERR_NOT_FOUND))
        return error_at(c->arena, ERR_INVALID_REQUEST,
                        up ? S("ending_before") : S("starting_after"), "There is no such content.");
    TRY(e);
    out->at_ms = x.scheduling.scheduled_ms;
    return NULL;
}

static error queue_list(struct ctx *c)
{
    const struct queue_filter *f = c->req->filter;
    struct queue_cursor cursor;
    struct list contents;
    int64_t total;
    bool more;
    TRY(find_cursor(c, &cursor));
    TRY(store_content_queue(c, f, &cursor, c->req->page.limit + 1, &contents, &total));
    page_finish(&c->req->page, &contents, sizeof(struct content), &more);
    return reply_list(c, &content_shape, &contents, more, total);
}

struct calendar_query {
    struct queue_filter filter;
    struct str zone;
};
#define AT(member) offsetof(struct calendar_query, member)
static const struct field calendar_query_fields[] = {
    {.name = S("platform"),
     .kind = F_ENUM,
     .flags = F_IN,
     .at = AT(filter.platform),
     .values = &platform_names,
     .doc = "Only this platform"},
    {.name = S("mission_id"),
     .kind = F_ID,
     .flags = F_IN,
     .at = AT(filter.mission),
     .prefix = S("msn_"),
     .doc = "Only this mission"},
    {.name = S("from"),
     .kind = F_TIME,
     .flags = F_IN,
     .at = AT(filter.from_ms),
     .doc = "Begins with the day of this time; default today"},
    {.name = S("to"),
     .kind = F_TIME,
     .flags = F_IN,
     .at = AT(filter.to_ms),
     .doc = "Ends with the day of this time, at most 366 days later; default 29 days later"},
    {.name = S("timezone"),
     .kind = F_TEXT,
     .flags = F_IN,
     .at = AT(zone),
     .min = 1,
     .max = 64,
     .doc = "Whose days: an IANA zone; default UTC"},
};
#undef AT
static const struct shape calendar_query_shape =
    SHAPE("calendar_query", struct calendar_query, calendar_query_fields);

struct calendar_day {
    struct str date;
    int64_t scheduled, publishing, published, failed;
};
#define AT(member) offsetof(struct calendar_day, member)
static const struct field day_fields[] = {
    {.name = S("date"),
     .kind = F_TEXT,
     .at = AT(date),
     .doc = "The day",
     .example = "\"2026-01-16\""},
    {.name = S("scheduled"), .kind = F_INT, .at = AT(scheduled), .doc = "What waits for its time"},
    {.name = S("publishing"), .kind = F_INT, .at = AT(publishing), .doc = "What is on its way"},
    {.name = S("published"), .kind = F_INT, .at = AT(published), .doc = "What is out"},
    {.name = S("failed"), .kind = F_INT, .at = AT(failed), .doc = "What could not be published"},
};
#undef AT
static const struct shape day_shape = SHAPE("calendar_day", struct calendar_day, day_fields);
static const struct field day_item = {.kind = F_OBJECT, .shape = &day_shape};

struct calendar {
    struct str zone;
    struct list days;
    /* Not printed: the days as they are counted, and the number of the first. */
    struct calendar_day *at;
    int64_t first;
};
#define AT(member) offsetof(struct calendar, member)
static const struct field calendar_fields[] = {
    {.name = S("timezone"),
     .kind = F_TEXT,
     .at = AT(zone),
     .doc = "Whose days these are",
     .example = "\"UTC\""},
    {.name = S("days"),
     .kind = F_LIST,
     .at = AT(days),
     .item = &day_item,
     .doc = "Each day of the range, in order"},
};
#undef AT
static const struct shape calendar_shape = SHAPE("calendar", struct calendar, calendar_fields);

/* Days since 1970 of the civil date in the zone. */
static int64_t day_in(struct str zone, int64_t ms)
{
    struct civil t;
    int offset_s;
    zone_civil(zone, ms, &t, &offset_s);
    return (ms + (int64_t)offset_s * 1000) / DAY_MS;
}

/* When a day begins in the zone. */
static int64_t begin_of(struct str zone, int64_t day)
{
    struct civil t = civil_of(day * DAY_MS);
    return zone_instant(zone, &t);
}

static error count_one(void *arg, const void *row)
{
    const struct queue_place *x = row;
    struct calendar *out = arg;
    int64_t i = day_in(out->zone, x->at_ms) - out->first;
    if (i < 0 || i >= (int64_t)out->days.n)
        return NULL;
    struct calendar_day *day = &out->at[i];
    day->scheduled += x->status == CONTENT_SCHEDULED;
    day->publishing += x->status == CONTENT_PUBLISHING;
    day->published += x->status == CONTENT_PUBLISHED;
    day->failed += x->status == CONTENT_FAILED;
    return NULL;
}

static error calendar_get(struct ctx *c)
{
    const struct calendar_query *q = c->req->filter;
    struct queue_filter f = q->filter;
    struct calendar out = {.zone = q->zone.p ? q->zone : S("UTC")};
    char text[TIME_TEXT + 1];
    int64_t last;
    if (!zone_known(out.zone))
        return error_at(c->arena, ERR_INVALID_REQUEST, S("timezone"),
                        "Must be the name of an IANA time zone.");
    out.first = day_in(out.zone, f.from_ms ? f.from_ms : c->now_ms);
    last = f.to_ms ? day_in(out.zone, f.to_ms) : out.first + DAYS_DEFAULT - 1;
    if (last < out.first || last >= out.first + DAYS_MAX)
        return error_at(c->arena, ERR_INVALID_REQUEST, S("to"),
                        "Must be the same day or at most %d days later.", DAYS_MAX);
    out.days.n = (size_t)(last - out.first + 1);
    out.days.at = out.at = arena_array(c->arena, out.days.n, sizeof *out.at);
    for (size_t i = 0; i < out.days.n; i++)
        out.at[i].date = arena_str(
            c->arena, str_sub(time_print(text, (out.first + (int64_t)i) * DAY_MS), 0, 10));
    f.from_ms = begin_of(out.zone, out.first);
    f.to_ms = begin_of(out.zone, last + 1);
    TRY(store_content_calendar(c, &f, count_one, &out));
    return reply(c, 200, &calendar_shape, &out);
}

const struct route queue_routes[] = {
    {GET, "/publish/queue", queue_list, "content:read", .query = &queue_query_shape,
     .out = &content_shape, .id_prefix = "cnt_", .flags = R_READ | R_LIST | R_REMEMBER,
     .doc = "What will be published, the next first", .name = "listPublishQueue"},
    {GET, "/publish/calendar", calendar_get, "content:read", .query = &calendar_query_shape,
     .out = &calendar_shape, .flags = R_READ, .doc = "How much is published on which day",
     .name = "getPublishCalendar"},
    {0},
};
