/* platform.c: the table of the networks and what each of them allows. How long a text is there is
 * counted in length.c. */
#include "domain/platform.h"

static const struct str platforms[] = {
    {0},          S("twitter"), S("linkedin"), S("instagram"), S("facebook"),        S("threads"),
    S("bluesky"), S("tiktok"),  S("youtube"),  S("pinterest"), S("google_business"), S("mastodon"),
};
const struct names platform_names = NAMES(platforms);

static const struct str content_types[] = {
    {0},       S("post"),  S("thread"),  S("carousel"), S("story"),
    S("reel"), S("video"), S("article"), S("poll"),
};
const struct names content_type_names = NAMES(content_types);

#define BIT(type) (1u << TYPE_##type)

/* Sources: the networks' developer and help pages as of 2025. A network that sets no limit to
 * hashtags of its own has here what the length of its texts leaves room for. */
const struct platform_rule platform_rules[PLATFORM_COUNT] = {
    [PLATFORM_TWITTER] = {.label = "X",
                          .metricool = "twitter",
                          .counting = COUNT_X_WEIGHTED,
                          .limit = 280,
                          .ideal = 220,
                          .max_parts = 25,
                          .max_hashtags = 50,
                          .ideal_hashtags = 2,
                          .max_media = 4,
                          .types = BIT(POST) | BIT(THREAD) | BIT(VIDEO) | BIT(POLL)},
    [PLATFORM_LINKEDIN] = {.label = "LinkedIn",
                           .metricool = "linkedin",
                           .counting = COUNT_CODE_POINTS,
                           .limit = 3000,
                           .ideal = 900,
                           .max_parts = 1,
                           .max_hashtags = 30,
                           .ideal_hashtags = 3,
                           .max_media = 20,
                           .types =
                               BIT(POST) | BIT(CAROUSEL) | BIT(VIDEO) | BIT(ARTICLE) | BIT(POLL),
                           .first_comment = true,
                           .headline_limit = 200},
    [PLATFORM_INSTAGRAM] = {.label = "Instagram",
                            .metricool = "instagram",
                            .counting = COUNT_CODE_POINTS,
                            .limit = 2200,
                            .ideal = 700,
                            .max_parts = 1,
                            .max_hashtags = 30,
                            .ideal_hashtags = 5,
                            .max_media = 10,
                            .types =
                                BIT(POST) | BIT(CAROUSEL) | BIT(STORY) | BIT(REEL) | BIT(VIDEO),
                            .needs_media = true,
                            .first_comment = true},
    [PLATFORM_FACEBOOK] = {.label = "Facebook",
                           .metricool = "facebook",
                           .counting = COUNT_CODE_POINTS,
                           .limit = 63206,
                           .ideal = 600,
                           .max_parts = 1,
                           .max_hashtags = 30,
                           .ideal_hashtags = 2,
                           .max_media = 10,
                           .types = BIT(POST) | BIT(CAROUSEL) | BIT(STORY) | BIT(REEL) | BIT(VIDEO),
                           .first_comment = true,
                           .headline_limit = 255},
    [PLATFORM_THREADS] = {.label = "Threads",
                          .metricool = "threads",
                          .counting = COUNT_EMOJI_BYTES,
                          .limit = 500,
                          .ideal = 300,
                          .max_parts = 25,
                          .max_hashtags = 30,
                          .ideal_hashtags = 1,
                          .max_media = 20,
                          .types =
                              BIT(POST) | BIT(THREAD) | BIT(CAROUSEL) | BIT(VIDEO) | BIT(POLL)},
    [PLATFORM_BLUESKY] = {.label = "Bluesky",
                          .metricool = "bluesky",
                          .counting = COUNT_GRAPHEMES,
                          .limit = 300,
                          .byte_limit = 3000,
                          .ideal = 230,
                          .max_parts = 25,
                          .max_hashtags = 50,
                          .ideal_hashtags = 2,
                          .max_media = 4,
                          .types = BIT(POST) | BIT(THREAD) | BIT(VIDEO)},
    [PLATFORM_TIKTOK] = {.label = "TikTok",
                         .metricool = "tiktok",
                         .counting = COUNT_UTF16,
                         .limit = 2200,
                         .ideal = 200,
                         .max_parts = 1,
                         .max_hashtags = 30,
                         .ideal_hashtags = 4,
                         .max_media = 35,
                         .types = BIT(POST) | BIT(CAROUSEL) | BIT(VIDEO),
                         .needs_media = true,
                         .headline_limit = 90},
    [PLATFORM_YOUTUBE] = {.label = "YouTube",
                          .metricool = "youtube",
                          .counting = COUNT_CODE_POINTS,
                          .limit = 5000,
                          .byte_limit = 5000,
                          .ideal = 800,
                          .max_parts = 1,
                          .max_hashtags = 60,
                          .ideal_hashtags = 3,
                          .max_media = 1,
                          .types = BIT(VIDEO) | BIT(REEL),
                          .needs_media = true,
                          .needs_video = true,
                          .first_comment = true,
                          .headline_limit = 100,
                          .needs_headline = true},
    [PLATFORM_PINTEREST] = {.label = "Pinterest",
                            .metricool = "pinterest",
                            .counting = COUNT_CODE_POINTS,
                            .limit = 500,
                            .ideal = 300,
                            .max_parts = 1,
                            .max_hashtags = 20,
                            .ideal_hashtags = 3,
                            .max_media = 5,
                            .types = BIT(POST) | BIT(CAROUSEL) | BIT(VIDEO),
                            .needs_media = true,
                            .headline_limit = 100},
    [PLATFORM_GOOGLE_BUSINESS] = {.label = "Google Business Profile",
                                  .metricool = "gmb",
                                  .counting = COUNT_CODE_POINTS,
                                  .limit = 1500,
                                  .ideal = 350,
                                  .max_parts = 1,
                                  .max_hashtags = 30,
                                  .ideal_hashtags = 0,
                                  .max_media = 1,
                                  .types = BIT(POST)},
    [PLATFORM_MASTODON] = {.label = "Mastodon",
                           .metricool = NULL,
                           .counting = COUNT_MASTODON,
                           .limit = 500,
                           .ideal = 300,
                           .max_parts = 25,
                           .max_hashtags = 50,
                           .ideal_hashtags = 3,
                           .max_media = 4,
                           .types = BIT(POST) | BIT(THREAD) | BIT(VIDEO) | BIT(POLL)},
};

bool platform_in(unsigned set, enum platform p)
{
    return set >> p & 1u;
}

struct str platform_unit(enum platform p)
{
    switch (platform_rules[p].counting) {
    case COUNT_X_WEIGHTED:
        return S("weighted characters");
    case COUNT_GRAPHEMES:
    case COUNT_MASTODON:
        return S("graphemes");
    case COUNT_UTF16:
        return S("UTF-16 units");
    case COUNT_CODE_POINTS:
    case COUNT_EMOJI_BYTES:
        break;
    }
    return S("characters");
}
