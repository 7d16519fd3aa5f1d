/* store/metrics.h: the tables metric_day, metric_last, rollup_day and rollup_hour, in the context's
 * tenant and mode, and the sums of the ledger `cost`. Days and hours are numbers since 1970, UTC.
 */
#ifndef AMP_STORE_METRICS_H
#define AMP_STORE_METRICS_H

#include "base/ctx.h"
#include "base/list.h"
#include "domain/figures.h"

/* A published post and what it counts under. */
struct metrics_post {
    struct id content, mission;
    int platform, type; /* enums of domain/platform.h */
    struct str pillar;  /* none: it has none */
    int64_t published_ms;
};

/* What a platform counts. */
struct metrics_counts {
    int64_t impressions, engagements, likes, comments, shares, saves, clicks;
};

/* A post with its totals since publication, as just pulled. */
struct metrics_total {
    struct metrics_post post;
    struct metrics_counts counts;
};

/* A post was published: counts it once, on the day and hour of published_ms. Again for the same
 * content: nothing happens. Several statements inside the caller's transaction. */
error store_metrics_published(struct ctx *c, const struct metrics_post *post);

/* Books what the post has gained since the totals recorded last: on the day and hour of c->now_ms,
 * raw and in the roll-ups. Equal totals change nothing, corrected ones may be smaller; what a post
 * counts under is what it was published with. A post never heard of is counted as published first.
 * Where a test clock was set back, figures from before those that are known change nothing.
 * Several statements inside the caller's transaction; short transactions, please: the sums of the
 * day are locked until it ends. */
error store_metrics_record(struct ctx *c, const struct metrics_total *m);

/* What a question is about. */
struct metrics_range {
    struct id mission;           /* none: all missions */
    int64_t first_day, last_day; /* both inclusive */
    int64_t platform_set;        /* bits (1 << PLATFORM_…); 0: all */
};

/* A sum: of a day, an hour, a platform, a pillar; what it is not of is 0 or none. */
struct metrics_sum {
    int64_t at; /* day or hour */
    int platform;
    struct str pillar; /* empty: posts without one */
    struct figures figures;
};

/* The sums of each day (hour) and platform in order of time, one call each. fn gets a struct
 * metrics_sum, which is overwritten; it runs no statement. */
typedef error metrics_fn(void *arg, const void *sum);
error store_metrics_each_day(struct ctx *c, const struct metrics_range *r, metrics_fn *fn,
                             void *arg);
error store_metrics_each_hour(struct ctx *c, const struct metrics_range *r, metrics_fn *fn,
                              void *arg);

/* Sums by platform or by pillar, in their order: list of struct metrics_sum. Pillars are of one
 * mission, at most 200 of them. */
error store_metrics_by_platform(struct ctx *c, const struct metrics_range *r, struct list *out);
error store_metrics_by_pillar(struct ctx *c, const struct metrics_range *r, struct list *out);

/* The first day that has figures, of a mission or (none) of all; ERR_NOT_FOUND. */
error store_metrics_first_day(struct ctx *c, const struct id *mission, int64_t *day);

/* A post among the best. */
struct metrics_best {
    struct id content;
    int platform;
    int64_t impressions, engagements; /* since publication */
    struct str copy;                  /* document */
};

/* The posts published in the range with the most impressions, at most `limit`, best first: list of
 * struct metrics_best. */
error store_metrics_best(struct ctx *c, const struct metrics_range *r, int64_t limit,
                         struct list *out);

/* What was spent on a mission in [from_ms, until_ms), in micro-units. */
error store_metrics_cost(struct ctx *c, const struct id *mission, int64_t from_ms, int64_t until_ms,
                         int64_t *micros);

#endif
