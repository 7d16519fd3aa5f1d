/* posts.c: a post as JSON, in and out. Where posts are kept is the ledger's affair. */
#include "sandbox/posts.h"

#include <math.h>

#include "base/clock.h"
#include "sandbox/faults.h"
#include "sandbox/figures.h"
#include "sandbox/local_time.h"
#include "sandbox/networks.h"

enum { PROVIDERS_MAX = 12, MEDIA_MAX = 20, PARTS_MAX = 50, DECIMALS = 6 };

/* A post may be due a little before it arrives. */
static const int64_t late_ms = 5 * MINUTE_MS;

static error bad(struct ctx *c, struct str param, const char *why)
{
    return error_at(c->arena, ERR_INVALID_REQUEST, param, "%.*s: %s", STR(param), why);
}

int provider_network(const struct node *provider)
{
    const struct node *name = tree_is_object(provider) ? tree_get(provider, "network") : provider;
    struct str text = tree_text(name);
    return sandbox_network_find(str_eq(text, S("googleBusinessProfile")) ? S("gmb") : text);
}

/* A pin is pinned to a board. */
static bool lacks_board(const struct node *json, int network)
{
    const struct node *data = tree_get(json, "pinterestData");
    return str_eq(sandbox_networks[network].name, S("pinterest")) &&
           !tree_text(tree_get(data, "boardId")).n;
}

/* Providers that are no objects are taken, but nothing will ever appear there. */
static error read_providers(struct ctx *c, const struct node *json, struct ledger_post *post)
{
    const struct node *providers = tree_get(json, "providers");
    bool automatic = tree_bool(tree_get(json, "autoPublish"), false) &&
                     !tree_bool(tree_get(json, "draft"), false);
    size_t n = tree_length(providers), media = tree_length(tree_get(json, "media"));
    post->networks = 0;
    if (n < 1 || n > PROVIDERS_MAX)
        return bad(c, S("providers"), "must name at least one network");
    for (size_t i = 0; i < n; i++) {
        int network = provider_network(tree_at(providers, i));
        if (network < 0)
            return bad(c, S("providers"), "unknown network");
        if (sandbox_networks[network].needs_media && !media)
            return bad(c, S("media"), "this network needs an image or a video");
        if (lacks_board(json, network))
            return bad(c, S("pinterestData.boardId"), "a pin needs a board");
        if (automatic && tree_is_object(tree_at(providers, i)))
            post->networks |= INT64_C(1) << network;
    }
    return NULL;
}

static error read_date(struct ctx *c, const struct node *json, struct ledger_post *post)
{
    const struct node *date = tree_get(json, "publicationDate");
    struct str text = tree_text(tree_get(date, "dateTime"));
    struct str zone = tree_text(tree_get(date, "timezone"));
    if (!zone.n || !local_instant(text, zone, &post->publish_ms))
        return bad(c, S("publicationDate"), "must have a local dateTime and an IANA timezone");
    if (post->publish_ms < c->now_ms - late_ms)
        return bad(c, S("publicationDate"), "is in the past");
    return NULL;
}

static error read_media(struct ctx *c, const struct node *json)
{
    const struct node *media = tree_get(json, "media");
    if (tree_length(media) > MEDIA_MAX)
        return bad(c, S("media"), "too many");
    for (size_t i = 0; i < tree_length(media); i++) {
        if (!tree_text(tree_at(media, i)).n)
            return bad(c, S("media"), "must be addresses");
    }
    return NULL;
}

static error read_parts(struct ctx *c, const struct node *json)
{
    const struct node *parts = tree_get(json, "descendants");
    if (tree_length(parts) > PARTS_MAX)
        return bad(c, S("descendants"), "too many");
    for (size_t i = 0; i < tree_length(parts); i++) {
        if (!tree_text(tree_get(tree_at(parts, i), "text")).n)
            return bad(c, S("descendants"), "a part without text");
    }
    return NULL;
}

error sandbox_post_read(struct ctx *c, struct str text, struct ledger_post *post,
                        const struct node **json)
{
    *json = tree_parse(c->arena, text);
    if (!tree_is_object(*json))
        return error_of(ERR_INVALID_JSON);
    if (!tree_text(tree_get(*json, "text")).n && !tree_length(tree_get(*json, "media")))
        return bad(c, S("text"), "a post needs a text or media");
    TRY(read_providers(c, *json, post));
    TRY(read_media(c, *json));
    TRY(read_parts(c, *json));
    return read_date(c, *json, post);
}

static bool is_word(struct str key)
{
    for (size_t i = 0; i < key.n; i++) {
        char c = key.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              c == '_'))
            return false;
    }
    return key.n > 0;
}

static void write_scalar(struct writer *w, const struct node *n)
{
    double number = tree_number(n);
    if (tree_text(n).p)
        write_text(w, tree_text(n));
    else if (tree_bool(n, false) == tree_bool(n, true))
        write_bool(w, tree_bool(n, false));
    else if (tree_int(n, INT64_MIN) != INT64_MIN)
        write_int(w, tree_int(n, 0));
    else if (!isnan(number))
        write_number(w, number, DECIMALS);
    else
        write_null(w);
}

static bool write_member(void *arg, struct str key, const struct node *value);

/* Deeper than any post goes, things are null. */
static void write_node(struct writer *w, const struct node *n)
{
    enum { DEPTH = 12 };
    if (w->depth > DEPTH) {
        write_null(w);
    } else if (tree_is_object(n)) {
        write_open(w, '{');
        tree_each(n, write_member, w);
        write_close(w, '}');
    } else if (tree_is_array(n)) {
        write_open(w, '[');
        for (size_t i = 0; i < tree_length(n); i++)
            write_node(w, tree_at(n, i));
        write_close(w, ']');
    } else {
        write_scalar(w, n);
    }
}

static bool write_member(void *arg, struct str key, const struct node *value)
{
    struct writer *w = arg;
    if (is_word(key)) {
        write_key(w, key);
        write_node(w, value);
    }
    return true;
}

/* Members that the answer, or a change, brings anew. */
static bool write_kept(void *arg, struct str key, const struct node *value)
{
    static const struct str ours[] = {S("id"),           S("uuid"),
                                      S("providers"),    S("publicationDate"),
                                      S("creationDate"), S("creatorUserId")};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        if (str_eq(key, ours[i]))
            return true;
    }
    return write_member(arg, key, value);
}

struct str sandbox_post_text(struct arena *a, const struct node *json, const struct node *date)
{
    struct writer w;
    struct buf *out = buf_new(a, 2 * LEDGER_POST_MAX);
    write_init(&w, out);
    write_open(&w, '{');
    tree_each(json, write_kept, &w);
    write_key(&w, S("providers"));
    write_node(&w, tree_get(json, "providers"));
    write_key(&w, S("publicationDate"));
    write_node(&w, date ? date : tree_get(json, "publicationDate"));
    write_close(&w, '}');
    return buf_str(out);
}

/* What has become of the post on a network by now. */
enum fate { PENDING, OUT, REFUSED };

static enum fate fate_of(struct ctx *c, const struct ledger_post *post, int network,
                         struct str text)
{
    if (network < 0 || !(post->networks >> network & 1) || !sandbox_post_is_out(c, post))
        return PENDING;
    if (fault_is(text, FAULT_FAILS_LATER))
        return REFUSED;
    if (fault_is(text, FAULT_SKEW) && post->publish_ms > c->now_ms - FAULT_SKEW_MS)
        return PENDING;
    return OUT;
}

static void write_provider(struct writer *w, struct ctx *c, const struct ledger_post *post,
                           int network, enum fate fate)
{
    static const struct str statuses[] = {S("PENDING"), S("PUBLISHED"), S("ERROR")};
    static const struct str details[] = {S("Pending"), S("Published"),
                                         S("The network has refused the post, as asked for.")};
    write_open(w, '{');
    write_member_text(w, S("network"), network >= 0 ? sandbox_networks[network].name : S(""));
    if (fate == OUT)
        write_member_text(w, S("id"), sandbox_post_platform_id(c->arena, post, network));
    write_member_text(w, S("status"), statuses[fate]);
    write_member_text(w, S("detailedStatus"), details[fate]);
    if (fate == OUT)
        write_member_text(w, S("publicUrl"), sandbox_post_url(c, post, network));
    write_close(w, '}');
}

static void write_creation(struct writer *w, int64_t ms)
{
    char text[TIME_TEXT + 1];
    struct str utc = time_print(text, ms);
    write_key(w, S("creationDate"));
    write_open(w, '{');
    write_member_text(w, S("dateTime"), str_sub(utc, 0, TIME_TEXT - 1)); /* without the Z */
    write_member_text(w, S("timezone"), S("UTC"));
    write_close(w, '}');
}

void sandbox_post_write(struct writer *w, struct ctx *c, const struct ledger_post *post,
                        const struct node *json)
{
    const struct node *providers = tree_get(json, "providers");
    struct str text = tree_text(tree_get(json, "text"));
    uint64_t uuid = sandbox_mix((uint64_t)post->id, (uint64_t)post->publish_ms);
    write_open(w, '{');
    write_member_int(w, S("id"), post->id);
    write_member_text(w, S("uuid"), arena_printf(c->arena, "%llu", (unsigned long long)uuid));
    write_key(w, S("publicationDate"));
    write_node(w, tree_get(json, "publicationDate"));
    write_creation(w, post->created_ms);
    write_member_int(w, S("creatorUserId"), account_user(post->account));
    write_key(w, S("providers"));
    write_open(w, '[');
    for (size_t i = 0; i < tree_length(providers); i++) {
        int network = provider_network(tree_at(providers, i));
        write_provider(w, c, post, network, fate_of(c, post, network, text));
    }
    write_close(w, ']');
    tree_each(json, write_kept, w);
    write_close(w, '}');
}
