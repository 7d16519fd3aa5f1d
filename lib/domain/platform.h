/* platform.h: the networks, and what each of them allows. One table for writing, checking and
 * showing. */
#ifndef AMP_DOMAIN_PLATFORM_H
#define AMP_DOMAIN_PLATFORM_H

#include "json/shape.h"

/* The numbers are stored: never renumber. */
enum platform {
    PLATFORM_NONE,
    PLATFORM_TWITTER,
    PLATFORM_LINKEDIN,
    PLATFORM_INSTAGRAM,
    PLATFORM_FACEBOOK,
    PLATFORM_THREADS,
    PLATFORM_BLUESKY,
    PLATFORM_TIKTOK,
    PLATFORM_YOUTUBE,
    PLATFORM_PINTEREST,
    PLATFORM_GOOGLE_BUSINESS,
    PLATFORM_MASTODON,
    PLATFORM_COUNT
};
extern const struct names platform_names;

enum content_type {
    TYPE_NONE,
    TYPE_POST,
    TYPE_THREAD,
    TYPE_CAROUSEL,
    TYPE_STORY,
    TYPE_REEL,
    TYPE_VIDEO,
    TYPE_ARTICLE,
    TYPE_POLL,
    TYPE_COUNT
};
extern const struct names content_type_names;

/* How a platform counts the length of a text. */
enum counting {
    COUNT_CODE_POINTS,
    COUNT_X_WEIGHTED,  /* NFC; 1 or 2 a code point, links 23, an emoji sequence 2 */
    COUNT_GRAPHEMES,   /* extended grapheme clusters, UAX #29 */
    COUNT_MASTODON,    /* grapheme clusters, links 23, only the local part of a mention */
    COUNT_EMOJI_BYTES, /* code points, but an emoji sequence its UTF-8 bytes */
    COUNT_UTF16        /* UTF-16 code units */
};

struct platform_rule {
    const char *label;     /* for people: "X", "LinkedIn" */
    const char *metricool; /* network name on Metricool's wire; NULL: not offered there */
    enum counting counting;
    int limit;          /* of one text (one part of a thread), in the unit of counting */
    int byte_limit;     /* of one text, in bytes of UTF-8; 0: none */
    int ideal;          /* a length that reads well there, in the unit of counting */
    int max_parts;      /* of a thread; 1: no threads */
    int max_hashtags;   /* that the platform accepts */
    int ideal_hashtags; /* that read well */
    int max_media;
    unsigned types;   /* bit (1u << TYPE_…) each */
    bool needs_media; /* a post without image or video is refused */
    bool needs_video;
    bool first_comment; /* offers one */
    int headline_limit; /* code points of a title; 0: none */
    bool needs_headline;
};
/* Indexed by enum platform. */
extern const struct platform_rule platform_rules[PLATFORM_COUNT];

/* The length of a text as the platform counts it. */
size_t platform_length(enum platform p, struct str text);

/* The unit of that length, "weighted characters", "graphemes" … for people. */
struct str platform_unit(enum platform p);

/* The longest beginning of the text that fits `limit` of the platform's units, never inside a
 * grapheme cluster or a link, and if possible at the end of a word. */
struct str platform_cut(enum platform p, struct str text, size_t limit);

/* Sets of platforms as bits (1u << PLATFORM_…). */
bool platform_in(unsigned set, enum platform p);

#endif
