/* metricool_parse.c: reads Metricool's answers, which differ by client, network and year: names are
 * rows to try in order, numbers may be texts, and what is missing is nothing. Calls nobody. */
#include "publish/metricool.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "domain/calendar.h"

enum { NAMES_MAX = 8, REASON_MAX = 300, LOCAL_TIME_LEN = 19, COMPACT_DATE_LEN = 8 };
#define COUNT_LIMIT 1e15

/* Other names that networks were seen under. */
static const struct {
    struct str name;
    enum platform platform;
} aliases[] = {
    {S("googleBusinessProfile"), PLATFORM_GOOGLE_BUSINESS},
    {S("gbp"), PLATFORM_GOOGLE_BUSINESS},
    {S("x"), PLATFORM_TWITTER},
};

static const struct {
    struct str name;
    enum post_status status;
} statuses[] = {
    {S("PENDING"), POST_PENDING},
    {S("PUBLISHING"), POST_PUBLISHING},
    {S("PUBLISHED"), POST_PUBLISHED},
    {S("ERROR"), POST_ERROR},
};

static const char *const reason_names[] = {"detail", "message", "title", "error", NULL};
static const char *const handle_names[] = {"handle", "username", "userName", "screenName", NULL};
static const char *const name_names[] = {"name", "displayName", "title", "pageName", NULL};
static const char *const url_names[] = {"url", "profileUrl", "link", "permalink", NULL};
static const char *const id_names[] = {"id", "userId", "pageId", "accountId", "channelId", NULL};
static const char *const post_id_names[] = {"id", "postId", "tweetId", "videoId", "mediaId", NULL};
static const char *const post_url_names[] = {"url",      "link",      "permalink",
                                             "shareUrl", "publicUrl", NULL};
static const char *const post_text_names[] = {"text",    "content",     "message",
                                              "caption", "description", NULL};
static const char *const post_time_names[] = {"publishedAt", "created", "timestamp", NULL};

/* Each row adds the first of its names that is there: quotes come on top of shares. */
static const struct {
    size_t at;
    const char *names[NAMES_MAX];
} counts[] = {
    {offsetof(struct post_metrics, impressions),
     {"impressions", "impressionsTotal", "views", "reach"}},
    {offsetof(struct post_metrics, engagements), {"interactions"}},
    {offsetof(struct post_metrics, likes), {"likes", "favorites", "reactions"}},
    {offsetof(struct post_metrics, comments), {"comments", "replies"}},
    {offsetof(struct post_metrics, shares), {"shares", "retweets", "reposts"}},
    {offsetof(struct post_metrics, shares), {"quotes"}},
    {offsetof(struct post_metrics, saves), {"saves", "saved"}},
    {offsetof(struct post_metrics, clicks), {"clicks", "linkClicks", "urlClicks"}},
};

/* The first of the names that the object has and that is not null. */
static const struct node *first_of(const struct node *n, const char *const *names)
{
    for (; *names; names++) {
        const struct node *value = tree_get(n, *names);
        if (value && !tree_is_null(value))
            return value;
    }
    return NULL;
}

/* A text, or a whole number as text. */
static struct str text_of(struct arena *a, const struct node *n)
{
    struct str text = tree_text(n);
    int64_t number = tree_int(n, INT64_MIN);
    if (text.p || number == INT64_MIN)
        return text;
    return arena_printf(a, "%lld", (long long)number);
}

/* A number, or one as text ("12", "12.0"), rounded down; 0 for anything else and below, and for
 * what nobody can have counted. */
static int64_t count_of(const struct node *n)
{
    int64_t value = 0;
    double number = tree_number(n);
    struct str rest = tree_text(n);
    if (rest.p)
        number = str_int(str_cut(&rest, '.'), &value) ? (double)value : 0;
    return number >= 0 && number < COUNT_LIMIT ? (int64_t)number : 0;
}

enum platform wire_platform(struct str network)
{
    for (size_t i = 0; i < wire_networks_count; i++) {
        enum platform p = wire_networks[i].platform;
        const char *name = platform_rules[p].metricool;
        if (name && str_eq_nocase(network, str_of(name)))
            return p;
    }
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        if (str_eq_nocase(network, aliases[i].name))
            return aliases[i].platform;
    }
    return PLATFORM_NONE;
}

const struct node *wire_content(struct arena *a, struct str body)
{
    const struct node *top = tree_parse(a, body);
    const struct node *data = tree_get(top, "data");
    return data ? data : top;
}

struct str wire_read_copied(struct arena *a, struct str body)
{
    static const char *const names[] = {"url", "mediaId", NULL};
    const struct node *content = wire_content(a, body);
    struct str text = str_trim(content ? tree_text(content) : body);
    if (tree_is_object(content))
        text = tree_text(first_of(content, names));
    return str_starts(text, S("https://")) || str_starts(text, S("http://")) ? text
                                                                             : (struct str){0};
}

struct str wire_reason(struct arena *a, struct str body)
{
    const struct node *top = tree_parse(a, body);
    struct str reason = str_trim(tree_text(first_of(top, reason_names)));
    return reason.n ? utf8_prefix(reason, REASON_MAX) : (struct str){0};
}

/* Seconds or milliseconds since 1970; 0 if it is neither, or not before the year 10000. */
static int64_t instant_of_number(int64_t n)
{
    if (n < 0 || n >= TIME_END_MS)
        return 0;
    return n > INT64_C(100000000000) ? n : n * 1000;
}

/* "2025-12-05T15:30:00" in a zone, or with an offset of its own, or a count since 1970; 0 if it is
 * none of these. */
static int64_t instant_of(struct arena *a, const struct node *n, struct str zone)
{
    struct str text = tree_text(n);
    int64_t ms;
    if (!text.p)
        return instant_of_number(tree_int(n, 0));
    if (time_parse(text, &ms))
        return ms;
    struct str local = str_sub(text, 0, LOCAL_TIME_LEN);
    char *utc = arena_cstr(a, arena_printf(a, "%.*sZ", STR(local)));
    if (local.n == LOCAL_TIME_LEN && utc[10] == ' ')
        utc[10] = 'T';
    if (!time_parse(str_of(utc), &ms))
        return 0;
    struct civil t = civil_of(ms);
    ms = zone_instant(wire_zone(zone), &t);
    return ms >= 0 && ms < TIME_END_MS ? ms : 0;
}

/* The same, or {"dateTime","timezone"}. */
static int64_t date_of(struct arena *a, const struct node *n, struct str zone)
{
    struct str own = tree_text(tree_get(n, "timezone"));
    if (!tree_is_object(n))
        return instant_of(a, n, zone);
    return instant_of(a, tree_get(n, "dateTime"), own.n ? own : zone);
}

static enum post_status status_of(struct str name)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (str_eq_nocase(name, statuses[i].name))
            return statuses[i].status;
    }
    return POST_UNKNOWN;
}

bool wire_read_post(struct arena *a, const struct node *n, struct post *out)
{
    const struct node *provider = tree_at(tree_get(n, "providers"), 0);
    *out = (struct post){
        .id = text_of(a, tree_get(n, "id")),
        .uuid = text_of(a, tree_get(n, "uuid")),
        .status = status_of(tree_text(tree_get(provider, "status"))),
        .status_text = tree_text(tree_get(provider, "detailedStatus")),
        .platform_post_id = text_of(a, tree_get(provider, "id")),
        .platform_url = tree_text(tree_get(provider, "publicUrl")),
        .publish_ms = date_of(a, tree_get(n, "publicationDate"), (struct str){0}),
        .platform = wire_platform(tree_text(tree_get(provider, "network"))),
        .text = tree_text(tree_get(n, "text")),
    };
    return out->id.n > 0;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Takes the next word off the front; none at the end. */
static struct str next_word(struct str *rest)
{
    size_t from = 0, to;
    while (from < rest->n && is_space(rest->p[from]))
        from++;
    for (to = from; to < rest->n && !is_space(rest->p[to]);)
        to++;
    struct str word = str_sub(*rest, from, to - from);
    *rest = str_sub(*rest, to, SIZE_MAX);
    return word.n ? word : (struct str){0};
}

static bool same_words(struct str a, struct str b)
{
    for (;;) {
        struct str word = next_word(&a);
        if (!str_eq(word, next_word(&b)))
            return false;
        if (!word.p)
            return true;
    }
}

bool wire_same_post(struct arena *a, const struct publication *p, const struct post *post)
{
    int64_t apart_ms = post->publish_ms - p->publish_ms;
    return post->platform == p->platform && apart_ms > -MINUTE_MS && apart_ms < MINUTE_MS &&
           same_words(post->text, copy_rendered(a, &p->copy, 0));
}

/* What is known of a connected network: an object, or just its handle. False if it is not
 * connected. */
static bool read_network(struct arena *a, const struct node *n, enum platform p,
                         struct brand_network *out)
{
    if (tree_text(n).n) {
        *out = (struct brand_network){.platform = p, .handle = tree_text(n)};
        return true;
    }
    if (!tree_is_object(n))
        return false;
    *out = (struct brand_network){
        .platform = p,
        .handle = text_of(a, first_of(n, handle_names)),
        .name = text_of(a, first_of(n, name_names)),
        .url = text_of(a, first_of(n, url_names)),
        .external_id = text_of(a, first_of(n, id_names)),
    };
    return true;
}

static const struct node *find_network(const struct node *brand, const struct wire_network *w)
{
    const struct node *all = tree_get(brand, "networksData");
    if (!all)
        return tree_get(brand, w->profile);
    const struct node *n = tree_get(all, w->connected[0]);
    return n || !w->connected[1] ? n : tree_get(all, w->connected[1]);
}

static void read_brand(struct arena *a, const struct node *n, struct brand *out)
{
    struct brand_network *networks = arena_array(a, wire_networks_count, sizeof *networks);
    size_t count = 0;
    *out = (struct brand){
        .blog_id = text_of(a, tree_get(n, "id")),
        .user_id = text_of(a, tree_get(n, "userId")),
        .label = tree_text(tree_get(n, "label")),
        .zone = tree_text(tree_get(n, "timezone")),
    };
    for (size_t i = 0; i < wire_networks_count; i++) {
        const struct wire_network *w = &wire_networks[i];
        if (read_network(a, find_network(n, w), w->platform, &networks[count]))
            count++;
    }
    out->networks = (struct list){networks, count};
}

struct list wire_read_brands(struct arena *a, const struct node *n)
{
    size_t count = 0, all = tree_length(n);
    struct brand *brands = arena_array(a, all ? all : 1, sizeof *brands);
    for (size_t i = 0; i < all; i++) {
        read_brand(a, tree_at(n, i), &brands[count]);
        if (brands[count].blog_id.n)
            count++;
    }
    return (struct list){brands, count};
}

bool wire_read_metrics(struct arena *a, const struct node *n, struct str zone,
                       struct post_metrics *out)
{
    *out = (struct post_metrics){
        .platform_post_id = text_of(a, first_of(n, post_id_names)),
        .platform_url = tree_text(first_of(n, post_url_names)),
        .text = tree_text(first_of(n, post_text_names)),
        .published_ms = date_of(a, first_of(n, post_time_names), zone),
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        int64_t *total = (int64_t *)(void *)((char *)out + counts[i].at);
        *total += count_of(first_of(n, counts[i].names));
    }
    if (!out->engagements)
        out->engagements = out->likes + out->comments + out->shares + out->saves + out->clicks;
    return out->platform_post_id.n || out->platform_url.n;
}

/* The day of "2025-12-05T…" as it is written, of "20251205", or of a count since 1970; -1: none. */
static int64_t day_of(struct arena *a, const struct node *n)
{
    struct str text = text_of(a, n);
    int64_t number, ms;
    if (text.n == COMPACT_DATE_LEN && str_int(text, &number))
        text = arena_printf(a, "%.*s-%.*s-%.*s", STR(str_sub(text, 0, 4)), STR(str_sub(text, 4, 2)),
                            STR(str_sub(text, 6, 2)));
    else if (str_int(text, &number))
        return number > 0 ? instant_of_number(number) / DAY_MS : -1;
    return date_parse(str_sub(text, 0, DATE_TEXT), &ms) ? ms / DAY_MS : -1;
}

/* {"dateTime", "value"}, or a pair of the two. */
static bool read_follower_count(struct arena *a, const struct node *n, struct follower_count *out)
{
    bool pair = tree_is_array(n);
    *out = (struct follower_count){
        .day = day_of(a, pair ? tree_at(n, 0) : tree_get(n, "dateTime")),
        .followers = count_of(pair ? tree_at(n, 1) : tree_get(n, "value")),
    };
    return out->day >= 0 && out->followers > 0;
}

struct list wire_read_followers(struct arena *a, const struct node *n)
{
    const struct node *first = tree_at(n, 0), *values = tree_get(first ? first : n, "values");
    size_t count = 0, all = tree_length(values ? values : n);
    struct follower_count *out = arena_array(a, all + 1, sizeof *out);
    for (size_t i = 0; i < all; i++) {
        if (read_follower_count(a, tree_at(values ? values : n, i), &out[count]))
            count++;
    }
    return (struct list){out, count};
}

/* The score of one hour, {"hourOfDay","value"}. */
static void read_hour(const struct node *n, double hours[24])
{
    int64_t hour = tree_int(tree_get(n, "hourOfDay"), -1);
    double value = tree_number(tree_get(n, "value"));
    if (hour >= 0 && hour < 24 && value > 0 && value < COUNT_LIMIT)
        hours[hour] = value;
}

/* Scores up to 1; false if all are 0. */
static bool level(struct week *w)
{
    double best = 0;
    for (int day = 0; day < 7; day++)
        for (int hour = 0; hour < 24; hour++)
            best = w->score[day][hour] > best ? w->score[day][hour] : best;
    for (int day = 0; day < 7 && best > 0; day++)
        for (int hour = 0; hour < 24; hour++)
            w->score[day][hour] /= best;
    return best > 0;
}

bool wire_read_best_times(const struct node *n, struct week *out)
{
    *out = (struct week){0};
    for (size_t i = 0; i < tree_length(n); i++) {
        int64_t day = tree_int(tree_get(tree_at(n, i), "dayOfWeek"), 0);
        const struct node *hours = tree_get(tree_at(n, i), "bestTimesByHour");
        for (size_t h = 0; h < tree_length(hours) && day >= 1 && day <= 7; h++)
            read_hour(tree_at(hours, h), out->score[(day + 5) % 7]);
    }
    return level(out);
}
