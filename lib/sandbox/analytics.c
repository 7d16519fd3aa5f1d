/* analytics.c: what posts brought in, and how accounts grew. Where the numbers come from is
 * figures' affair. */
#include <stdio.h>

#include "base/clock.h"
#include "http/query.h"
#include "sandbox/faults.h"
#include "sandbox/figures.h"
#include "sandbox/local_time.h"
#include "sandbox/posts.h"
#include "sandbox/visit.h"

enum { POSTS_MAX = 600, DAYS_MAX = 366, DAY_LEN = 8 };

/* The kinds of posts that have a call each. */
enum surface { SURFACE_POST, SURFACE_REEL, SURFACE_STORY };

/* Metrics of time series that count followers. */
static const struct {
    struct str metric;
    const char *network; /* NULL: of the parameter network */
} follower_metrics[] = {
    {S("twitterFollowers"), "twitter"}, {S("yttotalSubscribers"), "youtube"},
    {S("pageFollows"), "facebook"},     {S("followers"), NULL},
    {S("followers_count"), NULL},
};

static enum surface surface_of(const struct node *json, int network)
{
    char data[32] = {0};
    struct str name = sandbox_networks[network].data;
    for (size_t i = 0; i < name.n && i < sizeof data - 1; i++)
        data[i] = name.p[i];
    struct str type = tree_text(tree_get(tree_get(json, data), "type"));
    if (str_eq(type, S("REEL")))
        return SURFACE_REEL;
    return str_eq(type, S("STORY")) ? SURFACE_STORY : SURFACE_POST;
}

static struct sandbox_figures figures_now(struct ctx *c, const struct ledger_post *p, int network,
                                          const struct node *json)
{
    int64_t local_ms = p->publish_ms;
    struct str local = tree_text(tree_get(tree_get(json, "publicationDate"), "dateTime"));
    if (!local_instant(local, S("UTC"), &local_ms))
        local_ms = p->publish_ms;
    struct civil t = civil_of(local_ms);
    struct sandbox_figures f = sandbox_figures_of(p->account, p->id, network, t.weekday, t.hour,
                                                  c->now_ms - p->publish_ms);
    struct str text = tree_text(tree_get(json, "text"));
    if (fault_is(text, FAULT_POPULAR))
        sandbox_engage(&f, 3);
    if (fault_is(text, FAULT_IGNORED))
        sandbox_engage(&f, 0);
    return f;
}

static void write_published(struct writer *w, const struct node *json)
{
    const struct node *date = tree_get(json, "publicationDate");
    write_key(w, S("publishedAt"));
    write_open(w, '{');
    write_member_text(w, S("dateTime"), tree_text(tree_get(date, "dateTime")));
    write_member_text(w, S("timezone"), tree_text(tree_get(date, "timezone")));
    write_close(w, '}');
}

static void write_figures(struct writer *w, struct ctx *c, const struct ledger_post *p, int network,
                          const struct node *json)
{
    const struct sandbox_network *n = &sandbox_networks[network];
    struct sandbox_figures f = figures_now(c, p, network, json);
    write_open(w, '{');
    write_member_text(w, n->id, sandbox_post_platform_id(c->arena, p, network));
    write_member_text(w, n->url, sandbox_post_url(c, p, network));
    write_member_text(w, n->text, tree_text(tree_get(json, "text")));
    write_published(w, json);
    for (int i = 0; i < COUNT_KINDS; i++) {
        if (n->count[i].p)
            write_member_int(w, n->count[i], f.count[i]);
    }
    write_member_int(w, S("interactions"), sandbox_interactions(&f));
    write_close(w, '}');
}

/* A range of a network's posts of one kind. */
struct range {
    int network;
    enum surface surface;
    int64_t from_ms, to_ms;
};

static bool in_range(struct ctx *c, const struct ledger_post *p, const struct range *r)
{
    struct visit *v = visit_of(c);
    return !p->deleted && p->account == v->account && p->brand == v->brand &&
           p->networks >> r->network & 1 && sandbox_post_is_out(c, p) &&
           p->publish_ms >= r->from_ms && p->publish_ms <= r->to_ms;
}

static error answer_range(struct ctx *c, const struct range *r)
{
    struct ledger *l = visit_of(c)->ledger;
    struct writer w;
    const struct node *json;
    int listed = 0;
    write_open(visit_data(c, &w), '[');
    for (size_t i = ledger_count(l); i > 0 && listed < POSTS_MAX; i--) {
        const struct ledger_post *p = ledger_at(l, i - 1);
        if (!in_range(c, p, r))
            continue;
        TRY(ledger_look(l, p, &json));
        if (surface_of(json, r->network) != r->surface)
            continue;
        write_figures(&w, c, p, r->network, json);
        listed++;
    }
    write_close(&w, ']');
    return visit_reply(c, &w);
}

static error list_surface(struct ctx *c, enum surface surface)
{
    struct range r = {.surface = surface};
    TRY(visit_brand(c));
    TRY(visit_network(c, &r.network));
    TRY(visit_time(c, "from", &r.from_ms));
    TRY(visit_time(c, "to", &r.to_ms));
    return answer_range(c, &r);
}

static error list_posts(struct ctx *c)
{
    return list_surface(c, SURFACE_POST);
}

static error list_reels(struct ctx *c)
{
    return list_surface(c, SURFACE_REEL);
}

static error list_stories(struct ctx *c)
{
    return list_surface(c, SURFACE_STORY);
}

/* A day as "20251205", its midnight UTC. */
static error day_parameter(struct ctx *c, const char *name, int64_t *ms)
{
    struct str text;
    TRY(visit_parameter(c, name, &text));
    struct str date = arena_printf(c->arena, "%.*s-%.*s-%.*s", STR(str_sub(text, 0, 4)),
                                   STR(str_sub(text, 4, 2)), STR(str_sub(text, 6, 2)));
    if (text.n == DAY_LEN && date_parse(date, ms))
        return NULL;
    return error_at(c->arena, ERR_INVALID_REQUEST, str_of(name), "%s must be YYYYMMDD.", name);
}

static error list_tweets(struct ctx *c)
{
    struct range r = {.network = sandbox_network_find(S("twitter"))};
    TRY(visit_brand(c));
    TRY(day_parameter(c, "start", &r.from_ms));
    TRY(day_parameter(c, "end", &r.to_ms));
    r.to_ms += DAY_MS - 1;
    return answer_range(c, &r);
}

/* The network whose followers a metric counts; -1 if it counts something else. */
static int series_network(struct ctx *c, struct str metric)
{
    for (size_t i = 0; i < sizeof follower_metrics / sizeof *follower_metrics; i++) {
        if (!str_eq(metric, follower_metrics[i].metric))
            continue;
        struct str own = str_of(follower_metrics[i].network);
        return sandbox_network_find(own.p ? own : query_get(c->req, "network"));
    }
    return -1;
}

/* How a day of a series is written. */
typedef void day_writer(struct writer *w, int64_t day_ms, int64_t value);

static void write_day(struct writer *w, int64_t day_ms, int64_t value)
{
    char date[DATE_TEXT + 1], text[32];
    date_print(date, day_ms);
    snprintf(text, sizeof text, "%sT00:00:00+0000", date);
    write_open(w, '{');
    write_member_text(w, S("dateTime"), str_of(text));
    write_member_int(w, S("value"), value);
    write_close(w, '}');
}

/* The older call has texts, of milliseconds and of numbers with a point. */
static void write_pair(struct writer *w, int64_t day_ms, int64_t value)
{
    char text[32];
    write_open(w, '[');
    snprintf(text, sizeof text, "%lld", (long long)day_ms);
    write_text(w, str_of(text));
    snprintf(text, sizeof text, "%lld.0", (long long)value);
    write_text(w, str_of(text));
    write_close(w, ']');
}

/* One value a day, up to now. */
static void write_series(struct ctx *c, struct writer *w, const struct range *r, day_writer *write)
{
    int64_t from_ms = r->from_ms - r->from_ms % DAY_MS;
    int64_t to_ms = r->to_ms < c->now_ms ? r->to_ms : c->now_ms;
    write_open(w, '[');
    for (int64_t day = 0; day < DAYS_MAX && from_ms + day * DAY_MS <= to_ms; day++) {
        int64_t day_ms = from_ms + day * DAY_MS;
        write(w, day_ms, sandbox_followers(visit_of(c)->account, r->network, day_ms));
    }
    write_close(w, ']');
}

static error no_metric(struct ctx *c)
{
    return error_at(c->arena, ERR_INVALID_REQUEST, S("metric"),
                    "There is no such metric for this network.");
}

static error timeline(struct ctx *c)
{
    struct writer w;
    struct str metric;
    struct range r;
    TRY(visit_brand(c));
    TRY(visit_parameter(c, "metric", &metric));
    TRY(visit_time(c, "from", &r.from_ms));
    TRY(visit_time(c, "to", &r.to_ms));
    r.network = series_network(c, metric);
    if (r.network < 0)
        return no_metric(c);
    write_open(visit_data(c, &w), '[');
    write_open(&w, '{');
    write_member_text(&w, S("metric"), metric);
    write_key(&w, S("values"));
    write_series(c, &w, &r, write_day);
    write_close(&w, '}');
    write_close(&w, ']');
    return visit_reply(c, &w);
}

static error older_timeline(struct ctx *c)
{
    struct writer w;
    struct range r = {0};
    TRY(visit_brand(c));
    TRY(day_parameter(c, "start", &r.from_ms));
    TRY(day_parameter(c, "end", &r.to_ms));
    r.network = series_network(c, c->req->segment);
    if (r.network < 0)
        return no_metric(c);
    r.to_ms += DAY_MS - 1;
    write_series(c, reply_begin(c, &w), &r, write_pair);
    return reply_done(c, 200);
}

const struct route sandbox_analytics_routes[] = {
    {GET, "/api/v2/analytics/posts/:network", list_posts, .doc = "Figures of posts"},
    {GET, "/api/v2/analytics/reels/:network", list_reels, .doc = "Figures of reels"},
    {GET, "/api/v2/analytics/stories/:network", list_stories, .doc = "Figures of stories"},
    {GET, "/api/stats/twitter/posts", list_tweets, .doc = "Figures of posts on X"},
    {GET, "/api/v2/analytics/timelines", timeline, .doc = "Growth of an account"},
    {GET, "/api/stats/timeline/:metric", older_timeline,
     .doc = "The same, as X and YouTube have it"},
    {0},
};
