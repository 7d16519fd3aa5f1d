/* metricool_body.c: what a post looks like on Metricool's wire when it leaves. Calls nobody. */
#include "publish/metricool.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "domain/calendar.h"
#include "json/write.h"

enum { BODY_MAX_BYTES = 1 << 20, TITLE_MAX = 100 };

const struct wire_network wire_networks[] = {
    {PLATFORM_TWITTER, "twitterData", {"twitterData"}, "twitter"},
    {PLATFORM_LINKEDIN, "linkedinData", {"linkedinData"}, "linkedinCompany"},
    {PLATFORM_INSTAGRAM, "instagramData", {"instagramData"}, "instagram"},
    {PLATFORM_FACEBOOK, "facebookData", {"facebookData"}, "facebook"},
    {PLATFORM_THREADS, "threadsData", {"threadsData"}, "threads"},
    {PLATFORM_BLUESKY, "blueskyData", {"blueskyData"}, "bluesky"},
    {PLATFORM_TIKTOK, "tiktokData", {"tiktokData"}, "tiktok"},
    {PLATFORM_YOUTUBE, "youtubeData", {"youtubeData"}, "youtube"},
    {PLATFORM_PINTEREST, "pinterestData", {"pinterestData"}, "pinterest"},
    {PLATFORM_GOOGLE_BUSINESS, "gmbData", {"gbpData", "gmbData"}, "gmb"},
};
const size_t wire_networks_count = sizeof wire_networks / sizeof *wire_networks;

/* Where the value of a member comes from. */
enum source {
    FROM_ROW,      /* the JSON in the row */
    FROM_SURFACE,  /* feed, reel or story */
    FROM_LENGTH,   /* long or short video */
    FROM_HEADLINE, /* the headline, may be empty */
    FROM_TITLE,    /* the headline, else the beginning of the text */
    FROM_BOARD     /* that of the account; left out if it has none */
};

/* What only one network knows, with sane values. Leaving these objects out can lose media. */
static const struct {
    enum platform platform;
    struct str key;
    enum source source;
    struct str json;
} members[] = {
    {PLATFORM_TWITTER, S("tags"), FROM_ROW, S("[]")},
    {PLATFORM_LINKEDIN, S("type"), FROM_ROW, S("\"post\"")},
    {PLATFORM_LINKEDIN, S("publishImagesAsPDF"), FROM_ROW, S("false")},
    {PLATFORM_LINKEDIN, S("previewIncluded"), FROM_ROW, S("true")},
    {PLATFORM_INSTAGRAM, S("type"), FROM_SURFACE, {0}},
    {PLATFORM_INSTAGRAM, S("showReelOnFeed"), FROM_ROW, S("true")},
    {PLATFORM_INSTAGRAM, S("collaborators"), FROM_ROW, S("[]")},
    {PLATFORM_INSTAGRAM, S("autoPublish"), FROM_ROW, S("true")},
    {PLATFORM_FACEBOOK, S("type"), FROM_SURFACE, {0}},
    {PLATFORM_FACEBOOK, S("title"), FROM_HEADLINE, {0}},
    {PLATFORM_THREADS, S("allowedCountryCodes"), FROM_ROW, S("[]")},
    {PLATFORM_BLUESKY, S("postLanguages"), FROM_ROW, S("[]")},
    {PLATFORM_TIKTOK, S("privacyOption"), FROM_ROW, S("\"PUBLIC_TO_EVERYONE\"")},
    {PLATFORM_TIKTOK, S("disableComment"), FROM_ROW, S("false")},
    {PLATFORM_TIKTOK, S("disableDuet"), FROM_ROW, S("false")},
    {PLATFORM_TIKTOK, S("disableStitch"), FROM_ROW, S("false")},
    {PLATFORM_TIKTOK, S("title"), FROM_TITLE, {0}},
    {PLATFORM_TIKTOK, S("autoAddMusic"), FROM_ROW, S("false")},
    {PLATFORM_TIKTOK, S("photoCoverIndex"), FROM_ROW, S("0")},
    {PLATFORM_YOUTUBE, S("title"), FROM_TITLE, {0}},
    {PLATFORM_YOUTUBE, S("type"), FROM_LENGTH, {0}},
    {PLATFORM_YOUTUBE, S("privacy"), FROM_ROW, S("\"public\"")},
    {PLATFORM_YOUTUBE, S("tags"), FROM_ROW, S("[]")},
    {PLATFORM_YOUTUBE, S("madeForKids"), FROM_ROW, S("false")},
    {PLATFORM_PINTEREST, S("boardId"), FROM_BOARD, {0}},
    {PLATFORM_PINTEREST, S("pinTitle"), FROM_TITLE, {0}},
    {PLATFORM_PINTEREST, S("pinNewFormat"), FROM_ROW, S("true")},
    {PLATFORM_GOOGLE_BUSINESS, S("type"), FROM_ROW, S("\"publication\"")},
};

const struct wire_network *wire_network_of(enum platform p)
{
    for (size_t i = 0; i < wire_networks_count; i++) {
        if (wire_networks[i].platform == p)
            return &wire_networks[i];
    }
    return NULL;
}

struct str wire_zone(struct str zone)
{
    return zone.n && zone_known(zone) ? zone : S("UTC");
}

struct str wire_zone_at(struct str zone, int64_t ms)
{
    struct civil t;
    int offset_s;
    struct str known = wire_zone(zone);
    zone_civil(known, ms, &t, &offset_s);
    return zone_instant(known, &t) == ms - ms % 1000 ? known : S("UTC");
}

struct str wire_time(struct arena *a, int64_t ms, struct str zone)
{
    struct civil t;
    int offset_s;
    zone_civil(wire_zone(zone), ms, &t, &offset_s);
    return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d", t.year, t.month, t.day, t.hour,
                        t.minute, t.second);
}

static struct str surface(enum content_type type)
{
    if (type == TYPE_STORY)
        return S("STORY");
    return type == TYPE_REEL ? S("REEL") : S("POST");
}

static struct str title(const struct publication *p)
{
    int limit = platform_rules[p->platform].headline_limit;
    struct str text = p->copy.headline;
    if (!text.n) {
        struct str rest = p->copy.primary;
        text = str_cut(&rest, '\n');
    }
    return utf8_prefix(text, limit > 0 ? (size_t)limit : TITLE_MAX);
}

static void write_member(struct writer *w, size_t i, const struct account *acc,
                         const struct publication *p)
{
    struct str key = members[i].key;
    switch (members[i].source) {
    case FROM_ROW:
        write_member_raw(w, key, members[i].json);
        break;
    case FROM_SURFACE:
        write_member_text(w, key, surface(p->type));
        break;
    case FROM_LENGTH:
        write_member_text(w, key, p->type == TYPE_REEL ? S("short") : S("video"));
        break;
    case FROM_HEADLINE:
        write_member_text(w, key, p->copy.headline.n ? p->copy.headline : S(""));
        break;
    case FROM_TITLE:
        write_member_text(w, key, title(p));
        break;
    case FROM_BOARD:
        if (acc->pinterest_board_id.n)
            write_member_text(w, key, acc->pinterest_board_id);
        break;
    }
}

static void write_network_data(struct writer *w, const struct account *acc,
                               const struct publication *p)
{
    const struct wire_network *network = wire_network_of(p->platform);
    write_key(w, str_of(network->data));
    write_open(w, '{');
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (members[i].platform == p->platform)
            write_member(w, i, acc, p);
    }
    write_close(w, '}');
}

/* The texts of a list, `n` of them; what the list does not have is null. */
static void write_texts(struct writer *w, struct str key, const struct list *texts, size_t n)
{
    const struct str *text = texts->at;
    write_key(w, key);
    write_open(w, '[');
    for (size_t i = 0; i < n; i++)
        write_text(w, i < texts->n ? text[i] : (struct str){0});
    write_close(w, ']');
}

static void write_providers(struct writer *w, enum platform p)
{
    write_key(w, S("providers"));
    write_open(w, '[');
    write_open(w, '{');
    write_member_text(w, S("network"), str_of(platform_rules[p].metricool));
    write_close(w, '}');
    write_close(w, ']');
}

static void write_date(struct writer *w, struct arena *a, int64_t ms, struct str zone)
{
    write_key(w, S("publicationDate"));
    write_open(w, '{');
    write_member_text(w, S("dateTime"), wire_time(a, ms, wire_zone_at(zone, ms)));
    write_member_text(w, S("timezone"), wire_zone_at(zone, ms));
    write_close(w, '}');
}

/* What every part of a thread has in common with a post that stands alone. Media go with the first
 * part. */
static void write_part(struct writer *w, struct arena *a, const struct account *acc,
                       const struct publication *p, size_t part)
{
    size_t media = part == 0 ? p->media.n : 0;
    bool comment = part == 0 && p->copy.first_comment.n;
    write_member_text(w, S("text"), copy_rendered(a, &p->copy, part));
    write_member_text(w, S("firstCommentText"), comment ? p->copy.first_comment : S(""));
    write_providers(w, p->platform);
    write_date(w, a, p->publish_ms, acc->zone);
    write_member_bool(w, S("autoPublish"), true);
    write_member_bool(w, S("draft"), false);
    write_member_bool(w, S("shortener"), false);
    write_member_bool(w, S("saveExternalMediaFiles"), true);
    write_texts(w, S("media"), &p->media, media);
    write_texts(w, S("mediaAltText"), &p->media_alt, media);
    write_member_raw(w, S("smartLinkData"), S("{\"ids\":[]}"));
    write_member_bool(w, S("hasNotReadNotes"), false);
    write_network_data(w, acc, p);
}

struct str wire_post(struct arena *a, const struct account *acc, const struct publication *p)
{
    struct writer w;
    struct buf *out = buf_new(a, BODY_MAX_BYTES);
    size_t parts = copy_parts(&p->copy);
    write_init(&w, out);
    write_open(&w, '{');
    write_part(&w, a, acc, p, 0);
    write_key(&w, S("descendants"));
    write_open(&w, '[');
    for (size_t i = 1; i < parts; i++) {
        write_open(&w, '{');
        write_part(&w, a, acc, p, i);
        write_member_raw(&w, S("descendants"), S("[]"));
        write_close(&w, '}');
    }
    write_close(&w, ']');
    write_close(&w, '}');
    return out->full ? (struct str){0} : buf_str(out);
}
