/* quality.h: is a text fit to be shown to anybody, and how sure can one be? Pure: whatever writes
 * texts, and whatever is done with the verdict, is elsewhere. docs/content.md has the same tables
 * in words. */
#ifndef AMP_DOMAIN_QUALITY_H
#define AMP_DOMAIN_QUALITY_H

#include "domain/brand.h"
#include "domain/content.h"
#include "domain/mission.h"

/* From here on two texts say the same: half of their runs of three words are shared. */
#define LIKENESS_MAX 0.5

/* What texts of a mission are measured by; borrowed. Lists are of struct str. */
struct quality_rules {
    struct list excluded_topics; /* of the mission: never to be mentioned */
    struct list banned_words;    /* of the brand: never to be used */
    struct list links;           /* each must be in the text or in its first comment */
    struct list subjects;        /* what there is to speak about: objectives, name, topics */
    struct list preferred_words; /* of the brand: one is to be there */
    struct list hashtags;        /* of the brand: where there are any, one of these */
    struct str language;         /* that was asked for, BCP 47 */
};

/* The rules of a mission. `objectives`: of struct str. */
struct quality_rules quality_rules_of(struct arena *a, const struct mission *m,
                                      const struct constraints *k, const struct list *objectives);

/* What the brand asks of each text besides. */
void quality_rules_of_brand(struct arena *a, const struct brand_voice *b, struct quality_rules *r);

/* The text, and what its history has to do with it. */
struct quality_text {
    enum platform platform;
    enum content_type type;
    const struct copy *copy;
    int media; /* images and videos that go along */
    bool video;
    struct str language;  /* it is written in */
    double likeness;      /* to the most similar earlier text of the mission, 0-1 */
    double writers_share; /* of the writer's own checks that held, 0-1; NAN: it made none */
    int rewrites;         /* how often it was sent back before */
};

struct quality {
    double confidence; /* 0-1; 0 where there is a reason */
    struct str reason; /* why it must not go out, in a sentence or several; none: it may */
    bool waits;        /* the platform takes it only with an image or a video that is missing */
};
struct quality quality_check(struct arena *a, const struct quality_rules *r,
                             const struct quality_text *t);

#endif
