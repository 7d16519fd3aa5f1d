/* strategy.h: what to speak about, how often, and in which form. The same mission has the same
 * strategy, whoever works it out. */
#ifndef AMP_PIPELINE_STRATEGY_H
#define AMP_PIPELINE_STRATEGY_H

#include "pipeline/stages.h"

struct theme {
    struct str name;
    int64_t weight; /* percent; of all themes together 100 */
};
struct form {
    int type; /* enum content_type */
    int64_t weight;
};
struct platform_plan {
    int platform;
    struct list forms;         /* of struct form */
    struct times times;        /* source TIMES_NONE: the mission does not ask for good hours */
    int64_t first_ms, last_ms; /* of the slots up to the end of the mission; 0: none */
};
struct strategy {
    struct list themes;     /* of struct theme, the heaviest first */
    int64_t brand_revision; /* of the brand context that it rests on; 0: none */
    struct list platforms;  /* of struct platform_plan */
};

/* Works it out from objectives, brand and platforms, for the time from now_ms on. */
error strategy_make(struct arena *a, const struct charter *ch, int64_t now_ms,
                    struct strategy *out);

/* The stage: the same as a document, and back. No output: the step was paused. */
error strategy_run(struct ctx *c, struct step *s, const struct charter *ch, struct str *output);
error strategy_read(struct arena *a, struct str text, struct strategy *out);

/* The mission's strategy as it counts now: with what was learned, unless that is switched off.
 * ERR_NOT_FOUND: it has none yet. */
error strategy_text(struct ctx *c, const struct id *mission, struct str *out);

/* Theme and form of the k-th text (from 0) for a platform. */
const struct theme *strategy_theme(const struct strategy *s, uint64_t k);
enum content_type strategy_type(const struct strategy *s, enum platform p, uint64_t k);

/* The brand's topic that is behind a theme; none: the theme is a view on the objectives. */
struct str strategy_topic(const struct brand_voice *brand, struct str theme);

/* Smooth weighted round robin: whose turn is the k-th? Each gets its share of any stretch as evenly
 * as can be. weight(list, i) is that of the i-th of n; their sum is positive. (The method is
 * nginx's way of choosing upstream servers.) */
size_t rota(int64_t (*weight)(const void *of, size_t i), const void *of, size_t n, uint64_t k);

#endif
