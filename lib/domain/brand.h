/* brand.h: who speaks: the voice, words, links and subjects that all texts of a brand have in
 * common. */
#ifndef AMP_DOMAIN_BRAND_H
#define AMP_DOMAIN_BRAND_H

#include "json/shape.h"

/* As it is stored and shown. */
struct brand_context {
    struct id id;
    struct str name, voice, tone, audience;
    struct str topics, preferred_words, banned_words, links, hashtags, examples; /* documents */
    bool livemode;
    int64_t created_ms, updated_ms;
    int64_t revision; /* one more with each change */
};
extern const struct shape brand_context_shape;

struct brand_topic {
    struct str name;
    int64_t weight; /* against the other topics */
};
struct brand_link {
    struct str url, label;
    bool required; /* each text has to hold it */
};

/* As it is used in writing. Text that nobody gave is none, lists are empty. */
struct brand_voice {
    struct str name, voice, tone, audience;
    struct list topics;          /* of struct brand_topic */
    struct list preferred_words; /* of struct str, as the next one */
    struct list banned_words;    /* never to be written, as whole words */
    struct list links;           /* of struct brand_link */
    struct list hashtags;        /* of struct str, each with its '#' */
    struct list examples;        /* of struct str: posts that sound right */
};
error brand_read(struct arena *a, const struct brand_context *context, struct brand_voice *out);

/* What a finished text (all of its parts) breaks: the first banned word it holds, the first
 * required link it lacks. None: nothing. `brand` may be NULL. */
struct str brand_banned_in(const struct brand_voice *brand, struct str text);
struct str brand_link_missing(const struct brand_voice *brand, struct str text);

#endif
