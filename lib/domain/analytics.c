/* analytics.c: how the answers of /analytics look. Where their figures come from, it does not know.
 */
#include "domain/analytics.h"

#include <assert.h>

#include "base/clock.h"

enum { KEY_MAX = 8 << 10, GROUPS_TEXT_MAX = 1 << 20 };

#define AT(member) offsetof(struct period_dates, member)
static const struct field period_fields[] = {
    {.name = S("start"),
     .kind = F_TEXT,
     .at = AT(start),
     .doc = "First day (UTC)",
     .example = "\"2026-01-01\""},
    {.name = S("end"),
     .kind = F_TEXT,
     .at = AT(end),
     .doc = "Last day (UTC), counted in",
     .example = "\"2026-01-31\""},
};
#undef AT
const struct shape period_shape = SHAPE("analytics_period", struct period_dates, period_fields);

/* Sums as they are shown under a name. */
struct group_sums {
    int64_t posts, impressions, engagements;
    double engagement_rate;
};
#define AT(member) offsetof(struct group_sums, member)
static const struct field group_fields[] = {
    {.name = S("posts_published"), .kind = F_INT, .at = AT(posts), .doc = "Posts published"},
    {.name = S("impressions"), .kind = F_INT, .at = AT(impressions), .doc = "Impressions gained"},
    {.name = S("engagements"), .kind = F_INT, .at = AT(engagements), .doc = "Engagements gained"},
    {.name = S("engagement_rate"),
     .kind = F_NUMBER,
     .at = AT(engagement_rate),
     .doc = "Engagements per 100 impressions"},
};
#undef AT
static const struct shape group_shape = SHAPE("analytics_group", struct group_sums, group_fields);
const struct field group_item = {.kind = F_OBJECT, .shape = &group_shape};

#define AT(member) offsetof(struct point, member)
static const struct field point_fields[] = {
    {.name = S("date"),
     .kind = F_TEXT,
     .at = AT(date),
     .doc = "Start of the day, the ISO week, the month (a date) or the hour (a time), UTC",
     .example = "\"2026-01-15\""},
    {.name = S("impressions"), .kind = F_INT, .at = AT(impressions), .doc = "Impressions gained"},
    {.name = S("engagements"), .kind = F_INT, .at = AT(engagements), .doc = "Engagements gained"},
    {.name = S("posts"), .kind = F_INT, .at = AT(posts), .doc = "Posts published"},
};
#undef AT
static const struct shape point_shape = SHAPE("analytics_point", struct point, point_fields);
static const struct field point_item = {.kind = F_OBJECT, .shape = &point_shape};

#define AT(member) offsetof(struct top_content, member)
static const struct field top_fields[] = {
    {.name = S("content_id"),
     .kind = F_ID,
     .at = AT(content_id),
     .prefix = S("cnt_"),
     .doc = "The post"},
    {.name = S("platform"),
     .kind = F_ENUM,
     .at = AT(platform),
     .values = &platform_names,
     .doc = "Where it appeared"},
    {.name = S("impressions"),
     .kind = F_INT,
     .at = AT(impressions),
     .doc = "Impressions since it was published"},
    {.name = S("engagement_rate"),
     .kind = F_NUMBER,
     .at = AT(engagement_rate),
     .doc = "Engagements per 100 impressions since it was published"},
    {.name = S("preview"),
     .kind = F_TEXT,
     .at = AT(preview),
     .doc = "The beginning of its text",
     .example = "\"Three things we learned from a thousand API integrations.\""},
};
#undef AT
static const struct shape top_shape = SHAPE("analytics_top", struct top_content, top_fields);
static const struct field top_item = {.kind = F_OBJECT, .shape = &top_shape};

static const struct str direction_list[] = {{0}, S("up"), S("down"), S("flat")};
static const struct names direction_names = NAMES(direction_list);

#define AT(member) offsetof(struct trend, member)
static const struct field trend_fields[] = {
    {.name = S("current"), .kind = F_NUMBER, .at = AT(current), .doc = "In the period"},
    {.name = S("previous"),
     .kind = F_NUMBER,
     .at = AT(previous),
     .doc = "In the equally long period before"},
    {.name = S("change_percent"),
     .kind = F_NUMBER,
     .flags = F_NULLABLE,
     .at = AT(change_percent),
     .doc = "How much more, in percent of previous; null when that is 0",
     .example = "12.5"},
    {.name = S("direction"),
     .kind = F_ENUM,
     .at = AT(direction),
     .values = &direction_names,
     .doc = "Where it goes"},
};
#undef AT
static const struct shape trend_shape = SHAPE("analytics_trend", struct trend, trend_fields);

#define AT(member) offsetof(struct overview_summary, member)
static const struct field summary_fields[] = {
    {.name = S("missions_active"),
     .kind = F_INT,
     .at = AT(missions_active),
     .doc = "Missions that are active now"},
    {.name = S("content_published"),
     .kind = F_INT,
     .at = AT(content_published),
     .doc = "Posts published"},
    {.name = S("total_impressions"),
     .kind = F_INT,
     .at = AT(total_impressions),
     .doc = "Impressions gained"},
    {.name = S("total_engagements"),
     .kind = F_INT,
     .at = AT(total_engagements),
     .doc = "Engagements gained"},
    {.name = S("overall_engagement_rate"),
     .kind = F_NUMBER,
     .at = AT(overall_engagement_rate),
     .doc = "Engagements per 100 impressions"},
    {.name = S("total_link_clicks"),
     .kind = F_INT,
     .at = AT(total_link_clicks),
     .doc = "Clicks gained"},
    {.name = S("followers_gained"),
     .kind = F_INT,
     .at = AT(followers_gained),
     .doc = "Followers that the accounts gained"},
};
#undef AT
static const struct shape summary_shape =
    SHAPE("analytics_summary", struct overview_summary, summary_fields);

#define AT(member) offsetof(struct overview_trends, member)
static const struct field trends_fields[] = {
    {.name = S("impressions"),
     .kind = F_OBJECT,
     .at = AT(impressions),
     .shape = &trend_shape,
     .doc = "Of impressions"},
    {.name = S("engagements"),
     .kind = F_OBJECT,
     .at = AT(engagements),
     .shape = &trend_shape,
     .doc = "Of engagements"},
    {.name = S("engagement_rate"),
     .kind = F_OBJECT,
     .at = AT(engagement_rate),
     .shape = &trend_shape,
     .doc = "Of the engagement rate"},
};
#undef AT
static const struct shape trends_shape =
    SHAPE("analytics_trends", struct overview_trends, trends_fields);

#define AT(member) offsetof(struct overview, member)
static const struct field overview_fields[] = {
    {.name = S("period"),
     .kind = F_OBJECT,
     .at = AT(period),
     .shape = &period_shape,
     .doc = "What the figures are about"},
    {.name = S("summary"),
     .kind = F_OBJECT,
     .at = AT(summary),
     .shape = &summary_shape,
     .doc = "All in all"},
    {.name = S("trends"),
     .kind = F_OBJECT,
     .at = AT(trends),
     .shape = &trends_shape,
     .doc = "Against the equally long period before"},
    {.name = S("by_platform"),
     .kind = F_RAW,
     .at = AT(by_platform),
     .doc = "Sums of each platform that has any",
     .item = &group_item,
     .values = &platform_names},
    {.name = S("time_series"),
     .kind = F_LIST,
     .at = AT(time_series),
     .item = &point_item,
     .doc = "Without gaps"},
    {.name = S("top_content"),
     .kind = F_LIST,
     .at = AT(top_content),
     .item = &top_item,
     .doc = "Of the posts published in the period those with the most impressions"},
};
#undef AT
const struct shape overview_shape = SHAPE("analytics", struct overview, overview_fields);

#define AT(member) offsetof(struct mission_summary, member)
static const struct field mission_summary_fields[] = {
    {.name = S("posts_published"),
     .kind = F_INT,
     .at = AT(posts_published),
     .doc = "Posts published"},
    {.name = S("posts_scheduled"),
     .kind = F_INT,
     .at = AT(posts_scheduled),
     .doc = "Posts that are scheduled now"},
    {.name = S("posts_pending"),
     .kind = F_INT,
     .at = AT(posts_pending),
     .doc = "Posts that now are a draft or wait for a review"},
    {.name = S("impressions"), .kind = F_INT, .at = AT(impressions), .doc = "Impressions gained"},
    {.name = S("engagements"), .kind = F_INT, .at = AT(engagements), .doc = "Engagements gained"},
    {.name = S("engagement_rate"),
     .kind = F_NUMBER,
     .at = AT(engagement_rate),
     .doc = "Engagements per 100 impressions"},
    {.name = S("link_clicks"), .kind = F_INT, .at = AT(link_clicks), .doc = "Clicks gained"},
    {.name = S("cost_cents"), .kind = F_INT, .at = AT(cost_cents), .doc = "Spent in the period"},
};
#undef AT
static const struct shape mission_summary_shape =
    SHAPE("mission_analytics_summary", struct mission_summary, mission_summary_fields);

#define AT(member) offsetof(struct kpi_progress, member)
static const struct field kpi_fields[] = {
    {.name = S("metric"),
     .kind = F_ENUM,
     .at = AT(metric),
     .values = &kpi_metric_names,
     .doc = "What is measured"},
    {.name = S("target"), .kind = F_NUMBER, .at = AT(target), .doc = "The value to reach"},
    {.name = S("current"),
     .kind = F_NUMBER,
     .at = AT(current),
     .doc = "The value since the start of the mission"},
    {.name = S("progress_percent"),
     .kind = F_NUMBER,
     .at = AT(progress_percent),
     .doc = "How much of the target is reached"},
    {.name = S("on_track"),
     .kind = F_BOOL,
     .at = AT(on_track),
     .doc = "As much of it as of the mission's time"},
};
#undef AT
static const struct shape kpi_shape = SHAPE("kpi_progress", struct kpi_progress, kpi_fields);
static const struct field kpi_item = {.kind = F_OBJECT, .shape = &kpi_shape};

#define AT(member) offsetof(struct mission_report, member)
static const struct field report_fields[] = {
    {.name = S("mission_id"),
     .kind = F_ID,
     .at = AT(mission_id),
     .prefix = S("msn_"),
     .doc = "The mission"},
    {.name = S("mission_name"),
     .kind = F_TEXT,
     .at = AT(mission_name),
     .doc = "Its name",
     .example = "\"My Mission\""},
    {.name = S("period"),
     .kind = F_OBJECT,
     .at = AT(period),
     .shape = &period_shape,
     .doc = "What the figures are about"},
    {.name = S("status"),
     .kind = F_ENUM,
     .at = AT(status),
     .values = &mission_status_names,
     .doc = "Life cycle"},
    {.name = S("progress_percent"),
     .kind = F_NUMBER,
     .at = AT(progress_percent),
     .doc = "How much of its time has passed, 0 to 100"},
    {.name = S("summary"),
     .kind = F_OBJECT,
     .at = AT(summary),
     .shape = &mission_summary_shape,
     .doc = "All in all"},
    {.name = S("kpis"),
     .kind = F_LIST,
     .at = AT(kpis),
     .item = &kpi_item,
     .doc = "How far it is, whatever the period"},
    {.name = S("by_platform"),
     .kind = F_RAW,
     .at = AT(by_platform),
     .doc = "Sums of the mission's platforms",
     .item = &group_item,
     .values = &platform_names},
    {.name = S("by_pillar"),
     .kind = F_RAW,
     .at = AT(by_pillar),
     .doc = "Sums of each pillar that has any; under an empty key those of none",
     .item = &group_item,
     .example = "{\"Thought leadership\":{\"posts_published\":1,\"impressions\":1200,"
                "\"engagements\":54,\"engagement_rate\":4.5}}"},
    {.name = S("time_series"),
     .kind = F_LIST,
     .at = AT(time_series),
     .item = &point_item,
     .doc = "Without gaps"},
    {.name = S("top_content"),
     .kind = F_LIST,
     .at = AT(top_content),
     .item = &top_item,
     .doc = "Of the posts published in the period those with the most impressions"},
};
#undef AT
const struct shape mission_report_shape =
    SHAPE("mission_analytics", struct mission_report, report_fields);

struct period_dates period_dates_of(struct arena *a, const struct period *p)
{
    char text[DATE_TEXT + 1];
    struct period_dates dates;
    dates.start = arena_str(a, date_print(text, p->first * DAY_MS));
    dates.end = arena_str(a, date_print(text, p->last * DAY_MS));
    return dates;
}

/* A name as the inside of a JSON text: pillars are named by people and models. */
static struct str key_of(struct arena *a, struct str name)
{
    struct buf *quoted = buf_new(a, KEY_MAX);
    struct writer w;
    write_init(&w, quoted);
    write_text(&w, name);
    assert(!quoted->full);
    return str_sub(buf_str(quoted), 1, quoted->n - 2);
}

static void write_group(struct writer *w, const struct figures *f)
{
    struct group_sums sums = {f->posts, f->impressions, f->engagements, figures_rate(f)};
    shape_write(w, &group_shape, &sums);
}

struct str groups_text(struct arena *a, const struct group *groups, size_t n)
{
    struct buf *out = buf_new(a, GROUPS_TEXT_MAX);
    struct writer w;
    write_init(&w, out);
    write_open(&w, '{');
    for (size_t i = 0; i < n; i++) {
        write_key(&w, key_of(a, groups[i].name));
        write_group(&w, &groups[i].figures);
    }
    write_close(&w, '}');
    assert(!out->full); /* a few platforms, or at most 200 pillars of 200 characters */
    return buf_str(out);
}
