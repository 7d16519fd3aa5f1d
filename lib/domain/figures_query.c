/* figures_query.c: what may be asked of /analytics, and what contradicts itself. Which days that
 * means is period.c's. */
#include "base/clock.h"
#include "domain/figures.h"

static const struct str period_list[] = {{0}, S("7d"), S("30d"), S("90d"), S("ytd"), S("all")};
static const struct names period_names = NAMES(period_list);
static const struct str granularity_list[] = {{0}, S("hour"), S("day"), S("week"), S("month")};
static const struct names granularity_names = NAMES(granularity_list);

static const char *check_date(struct str text)
{
    int64_t ms;
    return date_parse(text, &ms) ? NULL : "Must be a date, YYYY-MM-DD.";
}

/* The day of a date that has been checked. */
static int64_t day_of(struct str date)
{
    int64_t ms = 0;
    date_parse(date, &ms);
    return ms / DAY_MS;
}

static error settle_query(struct arena *a, void *object)
{
    const struct figures_query *q = object;
    if (q->period && (q->start_date.p || q->end_date.p))
        return error_at(a, ERR_INVALID_REQUEST, S("period"),
                        "Must not be combined with start_date and end_date.");
    if (q->end_date.p && !q->start_date.p)
        return error_at(a, ERR_INVALID_REQUEST, S("start_date"), "Is needed with end_date.");
    if (q->start_date.p && !q->end_date.p)
        return error_at(a, ERR_INVALID_REQUEST, S("end_date"), "Is needed with start_date.");
    if (q->start_date.p && day_of(q->start_date) > day_of(q->end_date))
        return error_at(a, ERR_INVALID_REQUEST, S("end_date"), "Must not be before start_date.");
    return NULL;
}

static const struct str rank_list[] = {
    {0}, S("impressions"), S("engagements"), S("engagement_rate"), S("published_at")};
const struct names rank_names = NAMES(rank_list);

static const struct field platform_item = {.kind = F_ENUM, .values = &platform_names};

/* Every question begins with these, and its struct with a struct figures_query. */
#define AT(member) offsetof(struct figures_query, member)
#define PERIOD_FIELDS                                                                              \
    {.name = S("period"),                                                                          \
     .kind = F_ENUM,                                                                               \
     .flags = F_IN,                                                                                \
     .at = AT(period),                                                                             \
     .values = &period_names,                                                                      \
     .doc = "The last days up to today, this year so far, or everything; default 30d"},            \
        {.name = S("start_date"),                                                                  \
         .kind = F_TEXT,                                                                           \
         .flags = F_IN,                                                                            \
         .at = AT(start_date),                                                                     \
         .check = check_date,                                                                      \
         .doc = "First day (UTC), with end_date and instead of period",                            \
         .pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",                                                \
         .example = "\"2026-01-01\""},                                                             \
        {.name = S("end_date"),                                                                    \
         .kind = F_TEXT,                                                                           \
         .flags = F_IN,                                                                            \
         .at = AT(end_date),                                                                       \
         .check = check_date,                                                                      \
         .doc = "Last day (UTC), counted in",                                                      \
         .pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",                                                \
         .example = "\"2026-01-31\""},                                                             \
        {.name = S("platforms"),                                                                   \
         .kind = F_LIST,                                                                           \
         .flags = F_IN,                                                                            \
         .at = AT(platforms),                                                                      \
         .max = 11,                                                                                \
         .item = &platform_item,                                                                   \
         .doc = "Only these platforms, as a comma list"},                                          \
    {                                                                                              \
        .name = S("granularity"), .kind = F_ENUM, .flags = F_IN, .at = AT(granularity),            \
        .values = &granularity_names, .doc = "Steps of the time series; default day"               \
    }

static const struct field query_fields[] = {PERIOD_FIELDS};
static const struct figures_query query_default = {.granularity = GRANULARITY_DAY};
const struct shape figures_query_shape =
    SHAPE_INIT("analytics_query", struct figures_query, query_fields, &query_default, settle_query);

static const struct ranking_query ranking_default = {
    .asked = {.granularity = GRANULARITY_DAY}, .sort = RANK_IMPRESSIONS, .limit = 20};
static const struct field ranking_fields[] = {
    PERIOD_FIELDS,
    {.name = S("sort"),
     .kind = F_ENUM,
     .flags = F_IN,
     .at = offsetof(struct ranking_query, sort),
     .values = &rank_names,
     .doc = "What the ranking goes by, the highest first; default impressions"},
    {.name = S("limit"),
     .kind = F_INT,
     .flags = F_IN,
     .at = offsetof(struct ranking_query, limit),
     .min = 1,
     .max = 100,
     .doc = "How many posts of the ranking to answer"},
    {.name = S("cursor"),
     .kind = F_TEXT,
     .flags = F_IN,
     .at = offsetof(struct ranking_query, cursor),
     .max = 100,
     .doc = "The next_cursor of the page before, with the same sort"},
};
const struct shape ranking_query_shape = SHAPE_INIT("performance_query", struct ranking_query,
                                                    ranking_fields, &ranking_default, settle_query);

static const struct str format_list[] = {{0}, S("csv"), S("json")};
static const struct names format_names = NAMES(format_list);
static const struct str export_list[] = {{0}, S("content"), S("costs"), S("daily")};
static const struct names export_names = NAMES(export_list);
static const struct export_query export_default = {
    .asked = {.granularity = GRANULARITY_DAY}, .format = FORMAT_CSV, .type = EXPORT_CONTENT};
static const struct field export_fields[] = {
    PERIOD_FIELDS,
    {.name = S("format"),
     .kind = F_ENUM,
     .flags = F_IN,
     .at = offsetof(struct export_query, format),
     .values = &format_names,
     .doc = "csv (default), or json: a line of JSON for each row"},
    {.name = S("type"),
     .kind = F_ENUM,
     .flags = F_IN,
     .at = offsetof(struct export_query, type),
     .values = &export_names,
     .doc = "What a row is: a post (content, the default), a call that was paid for, or the sums of"
            " a day"},
};
const struct shape export_query_shape =
    SHAPE_INIT("export_query", struct export_query, export_fields, &export_default, settle_query);
#undef AT
