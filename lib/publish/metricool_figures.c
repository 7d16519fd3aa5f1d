/* metricool_figures.c: asks Metricool what posts have reached and how many follow an account. How
 * a call is made stands in metricool.c, what is in the answers in metricool_parse.c. */
#include "base/clock.h"
#include "publish/metricool.h"
#include "publish/metricool_call.h"

enum { SLICES_MAX = 15, FOLLOWERS_DAYS_MAX = 90 };

/* Figures are asked for by four weeks, so that no answer outgrows what we are willing to read. */
static const int64_t slice_ms = PUBLISHER_METRICS_MS;

/* Where an analytics call is made for a network's posts. */
static const struct {
    enum platform platform;
    const char *path;
    bool days; /* the range is whole days, as X has it */
} metric_calls[] = {
    {PLATFORM_TWITTER, "/stats/twitter/posts", true},
    {PLATFORM_LINKEDIN, "/v2/analytics/posts/linkedin", false},
    {PLATFORM_INSTAGRAM, "/v2/analytics/posts/instagram", false},
    {PLATFORM_INSTAGRAM, "/v2/analytics/reels/instagram", false},
    {PLATFORM_INSTAGRAM, "/v2/analytics/stories/instagram", false},
    {PLATFORM_FACEBOOK, "/v2/analytics/posts/facebook", false},
    {PLATFORM_FACEBOOK, "/v2/analytics/reels/facebook", false},
    {PLATFORM_FACEBOOK, "/v2/analytics/stories/facebook", false},
    {PLATFORM_THREADS, "/v2/analytics/posts/threads", false},
    {PLATFORM_BLUESKY, "/v2/analytics/posts/bluesky", false},
    {PLATFORM_TIKTOK, "/v2/analytics/posts/tiktok", false},
    {PLATFORM_YOUTUBE, "/v2/analytics/posts/youtube", false},
    {PLATFORM_PINTEREST, "/v2/analytics/posts/pinterest", false},
};
enum { METRIC_CALLS = sizeof metric_calls / sizeof *metric_calls };

/* X takes whole days: one more on either side, as nobody says of which zone they are. */
static struct str days_query(struct arena *a, int64_t from_ms, int64_t until_ms)
{
    struct civil from = civil_of(from_ms - DAY_MS), to = civil_of(until_ms + DAY_MS);
    return arena_printf(a, "start=%04d%02d%02d&end=%04d%02d%02d&", from.year, from.month, from.day,
                        to.year, to.month, to.day);
}

/* Figures as they are gathered. */
struct pull {
    struct outside *o;
    const struct account *acc;
    struct post_metrics *at;
    size_t n, capacity;
};

static void gather(struct pull *pull, const struct post_metrics *m)
{
    if (pull->n == pull->capacity) {
        size_t capacity = pull->capacity ? 2 * pull->capacity : 64;
        struct post_metrics *at = arena_array(pull->o->arena, capacity, sizeof *at);
        for (size_t i = 0; i < pull->n; i++)
            at[i] = pull->at[i];
        pull->at = at;
        pull->capacity = capacity;
    }
    pull->at[pull->n++] = *m;
}

/* One analytics call. A kind of post that the provider does not know has no posts. */
static error pull_slice(struct pull *pull, size_t row, int64_t from_ms, int64_t until_ms)
{
    struct arena *a = pull->o->arena;
    struct fetch_response r;
    const struct node *posts;
    struct post_metrics m;
    struct str query = metric_calls[row].days
                           ? days_query(a, from_ms, until_ms)
                           : wire_range(a, "from", "to", from_ms, until_ms, pull->acc->zone);
    struct call call = {.method = "GET",
                        .path = wire_path(a, metric_calls[row].path, query, pull->acc),
                        .account = pull->acc,
                        .large = true};
    error e = wire_ask(pull->o, &call, &r, &posts);
    if (e)
        return wire_is_gone(&r) ? NULL : e;
    for (size_t i = 0; i < tree_length(posts); i++) {
        bool read = wire_read_metrics(a, tree_at(posts, i), pull->acc->zone, &m);
        bool early = m.published_ms && m.published_ms < from_ms;
        if (read && !early && m.published_ms < until_ms)
            gather(pull, &m);
    }
    return NULL;
}

error publisher_metrics(struct outside *o, const struct account *acc, enum platform p,
                        int64_t from_ms, int64_t until_ms, struct list *out)
{
    struct pull pull = {.o = o, .acc = acc};
    if (from_ms < until_ms - SLICES_MAX * slice_ms)
        from_ms = until_ms - SLICES_MAX * slice_ms;
    for (size_t row = 0; row < METRIC_CALLS; row++) {
        if (metric_calls[row].platform != p)
            continue;
        for (int64_t at = from_ms; at < until_ms; at += slice_ms) {
            int64_t end = at + slice_ms < until_ms ? at + slice_ms : until_ms;
            TRY(pull_slice(&pull, row, at, end));
        }
    }
    *out = (struct list){pull.at, pull.n};
    return NULL;
}

/* Where followers are asked for, and the query of that. The older call takes whole days, and knows
 * by the metric which network it is about. */
static const struct {
    enum platform platform;
    const char *path;
    struct str query;
    bool days;
} follower_calls[] = {
    {PLATFORM_TWITTER, "/stats/timeline/twitterFollowers", S(""), true},
    {PLATFORM_LINKEDIN, "/v2/analytics/timelines",
     S("metric=followers&metricType=account&network=linkedin&"), false},
    {PLATFORM_INSTAGRAM, "/v2/analytics/timelines",
     S("metric=followers&subject=account&network=instagram&"), false},
    {PLATFORM_FACEBOOK, "/v2/analytics/timelines",
     S("metric=pageFollows&subject=account&network=facebook&"), false},
    {PLATFORM_THREADS, "/v2/analytics/timelines",
     S("metric=followers_count&subject=account&network=threads&"), false},
    {PLATFORM_BLUESKY, "/v2/analytics/timelines",
     S("metric=followers_count&subject=account&network=bluesky&"), false},
    {PLATFORM_TIKTOK, "/v2/analytics/timelines",
     S("metric=followers_count&subject=account&network=tiktok&"), false},
    {PLATFORM_YOUTUBE, "/stats/timeline/yttotalSubscribers", S(""), true},
    {PLATFORM_PINTEREST, "/v2/analytics/timelines",
     S("metric=followers&subject=account&network=pinterest&"), false},
};
enum { FOLLOWER_CALLS = sizeof follower_calls / sizeof *follower_calls };

unsigned publisher_counts_followers(void)
{
    unsigned set = 0;
    for (size_t row = 0; row < FOLLOWER_CALLS; row++)
        set |= 1u << follower_calls[row].platform;
    return set;
}

/* Whole days, from midnight to midnight wherever that is. */
static struct str local_days_query(struct arena *a, int64_t from_ms, int64_t until_ms,
                                   struct str zone)
{
    static const struct str as_written = S("UTC");
    return arena_printf(a, "from=%.*s&to=%.*s&timezone=%.*s&",
                        STR(url_encode(a, wire_time(a, from_ms, as_written))),
                        STR(url_encode(a, wire_time(a, until_ms, as_written))),
                        STR(url_encode(a, wire_zone(zone))));
}

/* What the account's answer to that row tells, of whatever days. */
static error ask_followers(struct outside *o, const struct account *acc, size_t row,
                           int64_t from_ms, int64_t until_ms, struct list *out)
{
    struct arena *a = o->arena;
    struct fetch_response r;
    const struct node *series;
    struct str range = follower_calls[row].days ? days_query(a, from_ms, until_ms)
                                                : local_days_query(a, from_ms, until_ms, acc->zone);
    struct str query = arena_printf(a, "%.*s%.*s", STR(range), STR(follower_calls[row].query));
    struct call call = {.method = "GET",
                        .path = wire_path(a, follower_calls[row].path, query, acc),
                        .account = acc,
                        .large = true};
    TRY(wire_ask(o, &call, &r, &series));
    *out = wire_read_followers(a, series);
    return NULL;
}

error publisher_followers(struct outside *o, const struct account *acc, enum platform p,
                          int64_t first_day, int64_t last_day, struct list *out)
{
    struct list read = {0};
    const struct follower_count *count;
    struct follower_count *kept;
    size_t row = 0, n = 0;
    *out = (struct list){0};
    while (row < FOLLOWER_CALLS && follower_calls[row].platform != p)
        row++;
    if (row == FOLLOWER_CALLS)
        return NULL;
    if (first_day <= last_day - FOLLOWERS_DAYS_MAX)
        first_day = last_day - FOLLOWERS_DAYS_MAX + 1;
    TRY(ask_followers(o, acc, row, first_day * DAY_MS, (last_day + 1) * DAY_MS - 1000, &read));
    count = read.at;
    kept = arena_array(o->arena, read.n + 1, sizeof *kept);
    for (size_t i = 0; i < read.n; i++) {
        if (count[i].day >= first_day && count[i].day <= last_day)
            kept[n++] = count[i];
    }
    *out = (struct list){kept, n};
    return NULL;
}
