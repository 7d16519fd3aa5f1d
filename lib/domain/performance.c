/* performance.c: distributions of what posts have reached, best times, and how the answer of
 * /analytics/performance looks. Where the figures come from, it does not know. */
#include "domain/performance.h"

#include <assert.h>

#include "base/clock.h"
#include "domain/calendar.h"

enum { TIMES_TEXT_MAX = 64 << 10, MONDAY_OFFSET = 3 /* day 0 was a Thursday */ };

/* Sums under an hour or a weekday; the other one is none. */
struct time_sums {
    int64_t hour;
    int weekday;
    int64_t posts, impressions, engagements;
    double engagement_rate;
};

#define AT(member) offsetof(struct time_sums, member)
#define TIME_SUMS                                                                                  \
    {.name = S("posts_published"), .kind = F_INT, .at = AT(posts), .doc = "Posts published then"}, \
        {.name = S("impressions"),                                                                 \
         .kind = F_INT,                                                                            \
         .at = AT(impressions),                                                                    \
         .doc = "Impressions of these since they were published"},                                 \
        {.name = S("engagements"),                                                                 \
         .kind = F_INT,                                                                            \
         .at = AT(engagements),                                                                    \
         .doc = "Engagements of these since they were published"},                                 \
    {                                                                                              \
        .name = S("engagement_rate"), .kind = F_NUMBER, .at = AT(engagement_rate),                 \
        .doc = "Engagements per 100 impressions"                                                   \
    }
#define HOUR_FIELD                                                                                 \
    {                                                                                              \
        .name = S("hour"), .kind = F_INT, .at = AT(hour), .min = 0, .max = 23,                     \
        .doc = "Hour of the day, UTC", .example = "9"                                              \
    }
#define WEEKDAY_FIELD                                                                              \
    {                                                                                              \
        .name = S("weekday"), .kind = F_ENUM, .at = AT(weekday), .values = &weekday_names,         \
        .doc = "Day of the week, UTC"                                                              \
    }
static const struct field hour_fields[] = {HOUR_FIELD, TIME_SUMS};
static const struct field weekday_fields[] = {WEEKDAY_FIELD, TIME_SUMS};
static const struct field slot_fields[] = {WEEKDAY_FIELD, HOUR_FIELD, TIME_SUMS};
#undef AT
static const struct shape hour_shape = SHAPE("performance_hour", struct time_sums, hour_fields);
static const struct shape weekday_shape =
    SHAPE("performance_weekday", struct time_sums, weekday_fields);
static const struct shape slot_shape = SHAPE("performance_time", struct time_sums, slot_fields);
static const struct field hour_item = {.kind = F_OBJECT, .shape = &hour_shape};
static const struct field weekday_item = {.kind = F_OBJECT, .shape = &weekday_shape};
static const struct field slot_item = {.kind = F_OBJECT, .shape = &slot_shape};
static const struct field slots_item = {.kind = F_LIST, .item = &slot_item};

#define AT(member) offsetof(struct ranked_post, member)
static const struct field post_fields[] = {
    {.name = S("content_id"),
     .kind = F_ID,
     .at = AT(content_id),
     .prefix = S("cnt_"),
     .doc = "The post"},
    {.name = S("mission_id"),
     .kind = F_ID,
     .at = AT(mission_id),
     .prefix = S("msn_"),
     .doc = "Its mission"},
    {.name = S("platform"),
     .kind = F_ENUM,
     .at = AT(platform),
     .values = &platform_names,
     .doc = "Where it appeared"},
    {.name = S("type"),
     .kind = F_ENUM,
     .at = AT(type),
     .values = &content_type_names,
     .doc = "What it is"},
    {.name = S("pillar"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(pillar),
     .doc = "Its content pillar",
     .example = "\"Thought Leadership\""},
    {.name = S("published_at"), .kind = F_TIME, .at = AT(published_ms), .doc = "When it came out"},
    {.name = S("impressions"),
     .kind = F_INT,
     .at = AT(impressions),
     .doc = "Impressions since it was published"},
    {.name = S("engagements"),
     .kind = F_INT,
     .at = AT(engagements),
     .doc = "Engagements since it was published"},
    {.name = S("engagement_rate"),
     .kind = F_NUMBER,
     .at = AT(engagement_rate),
     .doc = "Engagements per 100 impressions"},
    {.name = S("link_clicks"),
     .kind = F_INT,
     .at = AT(link_clicks),
     .doc = "Clicks since it was published"},
};
#undef AT
static const struct shape post_shape = SHAPE("ranked_post", struct ranked_post, post_fields);
static const struct field post_item = {.kind = F_OBJECT, .shape = &post_shape};

#define AT(member) offsetof(struct performance, member)
static const struct field performance_fields[] = {
    {.name = S("period"),
     .kind = F_OBJECT,
     .at = AT(period),
     .shape = &period_shape,
     .doc = "The posts published then are looked at"},
    {.name = S("content"),
     .kind = F_LIST,
     .at = AT(content),
     .item = &post_item,
     .doc = "A page of the ranking"},
    {.name = S("has_more"), .kind = F_BOOL, .at = AT(has_more), .doc = "Does it go on?"},
    {.name = S("next_cursor"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(next_cursor),
     .doc = "The cursor of the next page, null at the end",
     .example = "\"impressions:1385:cnt_Vbu0HmgU7PLlqIsX\""},
    {.name = S("by_type"),
     .kind = F_RAW,
     .at = AT(by_type),
     .item = &group_item,
     .values = &content_type_names,
     .doc = "Sums of each type of which there is a post"},
    {.name = S("by_hour"),
     .kind = F_LIST,
     .at = AT(by_hour),
     .item = &hour_item,
     .doc = "Sums by hour of publication, all 24"},
    {.name = S("by_weekday"),
     .kind = F_LIST,
     .at = AT(by_weekday),
     .item = &weekday_item,
     .doc = "Sums by day of publication, all 7, from Monday"},
    {.name = S("best_times"),
     .kind = F_RAW,
     .at = AT(best_times),
     .item = &slots_item,
     .values = &platform_names,
     .doc = "For each platform with posts, the hours of the week that did best"},
};
#undef AT
const struct shape performance_shape = SHAPE("performance", struct performance, performance_fields);

void distribution_add(struct distribution *d, int64_t hour, int platform, int type,
                      const struct figures *f)
{
    int64_t of_day = hour % DAY_HOURS, weekday = (hour / DAY_HOURS + MONDAY_OFFSET) % WEEK_DAYS;
    assert(platform > PLATFORM_NONE && platform < PLATFORM_COUNT);
    assert(type > TYPE_NONE && type < TYPE_COUNT);
    figures_add(&d->by_type[type], f);
    figures_add(&d->by_hour[of_day], f);
    figures_add(&d->by_weekday[weekday], f);
    figures_add(&d->slots[platform][weekday * DAY_HOURS + of_day], f);
}

static struct time_sums sums_of(const struct figures *f, int64_t weekday, int64_t hour)
{
    return (struct time_sums){.hour = hour,
                              .weekday = (int)weekday + 1,
                              .posts = f->posts,
                              .impressions = f->impressions,
                              .engagements = f->engagements,
                              .engagement_rate = figures_rate(f)};
}

/* Has the first one done better? By the rate as it is shown, then by impressions. */
static bool is_better(const struct figures *f, const struct figures *than)
{
    int64_t a = figures_hundredths(f->engagements, f->impressions);
    int64_t b = figures_hundredths(than->engagements, than->impressions);
    return a != b ? a > b : f->impressions > than->impressions;
}

/* The hours of the week with the best of a platform, best first; of equal ones the earlier. */
static size_t best_slots(const struct figures *slots, int best[BEST_TIMES])
{
    size_t n = 0;
    for (int i = 0; i < WEEK_DAYS * DAY_HOURS; i++) {
        size_t at = n;
        if (!slots[i].posts)
            continue;
        while (at > 0 && is_better(&slots[i], &slots[best[at - 1]]))
            at--;
        if (at == BEST_TIMES)
            continue;
        if (n < BEST_TIMES)
            n++;
        for (size_t k = n - 1; k > at; k--)
            best[k] = best[k - 1];
        best[at] = i;
    }
    return n;
}

static void write_best(struct writer *w, const struct figures *slots)
{
    int best[BEST_TIMES] = {0};
    size_t n = best_slots(slots, best);
    write_open(w, '[');
    for (size_t i = 0; i < n; i++) {
        struct time_sums sums = sums_of(&slots[best[i]], best[i] / DAY_HOURS, best[i] % DAY_HOURS);
        shape_write(w, &slot_shape, &sums);
    }
    write_close(w, ']');
}

static bool has_posts(const struct figures *slots)
{
    int best[BEST_TIMES];
    return best_slots(slots, best) > 0;
}

static struct str best_times(struct arena *a, const struct distribution *d)
{
    struct buf *text = buf_new(a, TIMES_TEXT_MAX);
    struct writer w;
    write_init(&w, text);
    write_open(&w, '{');
    for (int p = PLATFORM_NONE + 1; p < PLATFORM_COUNT; p++) {
        if (!has_posts(d->slots[p]))
            continue;
        write_key(&w, platform_names.at[p]);
        write_best(&w, d->slots[p]);
    }
    write_close(&w, '}');
    assert(!text->full); /* eleven platforms of five */
    return buf_str(text);
}

void performance_distribute(struct arena *a, const struct distribution *d, struct performance *p)
{
    struct time_sums *hours = arena_array(a, DAY_HOURS, sizeof *hours);
    struct time_sums *weekdays = arena_array(a, WEEK_DAYS, sizeof *weekdays);
    struct group types[TYPE_COUNT];
    size_t n = 0;
    for (int i = 0; i < DAY_HOURS; i++)
        hours[i] = sums_of(&d->by_hour[i], 0, i);
    for (int i = 0; i < WEEK_DAYS; i++)
        weekdays[i] = sums_of(&d->by_weekday[i], i, 0);
    for (int t = TYPE_NONE + 1; t < TYPE_COUNT; t++) {
        if (d->by_type[t].posts)
            types[n++] = (struct group){content_type_names.at[t], d->by_type[t]};
    }
    p->by_hour = (struct list){hours, DAY_HOURS};
    p->by_weekday = (struct list){weekdays, WEEK_DAYS};
    p->by_type = groups_text(a, types, n);
    p->best_times = best_times(a, d);
}

struct str rank_cursor(struct arena *a, enum rank by, int64_t value, const struct id *content)
{
    char id[ID_TEXT + 1];
    return arena_printf(a, "%.*s:%lld:%.*s", STR(rank_names.at[by]), (long long)value,
                        STR(id_print(id, S("cnt_"), content)));
}

bool rank_cursor_parse(struct str text, enum rank by, int64_t *value, struct id *content)
{
    struct str rest = text;
    struct str name = str_cut(&rest, ':'), number = str_cut(&rest, ':');
    return str_eq(name, rank_names.at[by]) && str_int(number, value) &&
           id_parse(rest, S("cnt_"), content);
}
