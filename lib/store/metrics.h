/* store/metrics.h: the tables metric_gain, metric_last, rollup_day, rollup_hour and rollup_post, in
 * the context's tenant and mode. Days and hours are numbers since 1970, UTC. */
#ifndef AMP_STORE_METRICS_H
#define AMP_STORE_METRICS_H

#include "base/ctx.h"
#include "base/list.h"
#include "domain/figures.h"
#include "domain/platform.h"

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
    int64_t due_ms; /* when to look again; INT64_MAX: never */
    bool untold;    /* there were no figures of it: nothing is booked */
};

/* Posts were published: counts each once, on the day and hour of its published_ms. Again for the
 * same content: nothing happens. Several statements inside the caller's transaction. */
error store_metrics_published(struct ctx *c, const struct metrics_post *posts, size_t n);

/* Books what n posts, each another one, have gained since the totals recorded last: on the day and
 * hour of c->now_ms, raw and in the roll-ups. Equal totals change nothing, corrected ones may be
 * smaller; what a post counts under is what it was published with. A post never heard of is counted
 * as published first. Where a test clock was set back, figures from before those that are known
 * change nothing. All of them have been looked at, and are due when they say. Several statements
 * inside the caller's transaction, for many posts about as many as for one; those about the sums of
 * the day, which stay locked until it ends, come last. */
error store_metrics_record(struct ctx *c, const struct metrics_total *m, size_t n);

/* What a question is about. */
struct metrics_range {
    struct id mission;           /* none: all missions */
    int64_t first_day, last_day; /* both inclusive */
    int64_t platform_set;        /* bits (1 << PLATFORM_…); 0: all */
};

/* A sum: of a day, an hour, a platform, a type, a pillar; what it is not of is 0 or none. */
struct metrics_sum {
    struct id mission;
    int64_t at; /* day or hour */
    int platform, type;
    struct str pillar; /* empty: posts without one */
    int64_t
        best; /* of a day: impressions until now of the best post published then; -1: none was */
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

/* Sums by platform, type within it, and pillar within that: list of struct metrics_sum. */
error store_metrics_by_part(struct ctx *c, const struct metrics_range *r, struct list *out);

/* The first day that has figures, of a mission or (none) of all; ERR_NOT_FOUND. */
error store_metrics_first_day(struct ctx *c, const struct id *mission, int64_t *day);

/* Where one of the best posts may be found: a day of publication and a platform. */
enum { METRICS_BEST = 5 };
struct metrics_place {
    int64_t day;
    int platform; /* none: nowhere */
};

/* A post among the best. */
struct metrics_best {
    struct id content;
    int64_t day; /* of publication */
    int platform;
    int64_t impressions, engagements; /* since publication */
    struct str copy;                  /* document */
};

/* The best five posts published in those five places, most impressions first, of equal ones the
 * later day, then the lower platform, then the newer post: list of struct metrics_best. Where the
 * places are those with the five highest struct metrics_sum.best of a period, in that order, these
 * are the best of the period. */
error store_metrics_best(struct ctx *c, const struct id *mission,
                         const struct metrics_place at[METRICS_BEST], struct list *out);

/* The range's posts as they were published, in order of hour, platform and type, one call each:
 * what they have reached until now. Of all missions. */
error store_metrics_each_post_hour(struct ctx *c, const struct metrics_range *r, metrics_fn *fn,
                                   void *arg);

/* A post and what it has reached until now. */
struct metrics_rank {
    struct metrics_post post;
    struct metrics_counts counts;
    int64_t rate; /* engagements per 100 impressions, in hundredths */
};

/* The posts published in the range, of all missions, highest value first, of equal ones the newer
 * id, from after `value` and `content` on: list of struct metrics_rank. */
struct rank_page {
    int by; /* enum rank */
    int64_t value;
    struct id content;
    int64_t limit;
};
error store_metrics_rank(struct ctx *c, const struct metrics_range *r, const struct rank_page *page,
                         struct list *out);

/* The same in order of publication, one call each with a struct metrics_rank. */
error store_metrics_each_post(struct ctx *c, const struct metrics_range *r, metrics_fn *fn,
                              void *arg);

/* The roll-ups of every day of the range, of each mission, in order of mission, day, platform, type
 * and pillar, one call each with a struct metrics_sum. */
error store_metrics_each_rollup(struct ctx *c, const struct metrics_range *r, metrics_fn *fn,
                                void *arg);

/* Missions with a post whose totals were found changed at since_ms or later, in the order of their
 * ids, from after an id on (all zeros, as text: the first), at most `limit`: list of struct id. */
error store_metrics_changed(struct ctx *c, int64_t since_ms, const struct id *after, int64_t limit,
                            struct list *out);

/* When the first post of each platform is to be looked at again; INT64_MAX: none is. */
error store_metrics_due(struct ctx *c, int64_t due_ms[PLATFORM_COUNT]);

/* Published content of a platform that is due by then, at most `limit`: list of struct content, of
 * which what it counts under, its words, and how the network knows it are read. */
error store_metrics_to_measure(struct ctx *c, enum platform p, int64_t until_ms, int64_t limit,
                               struct list *out);

/* Makes all roll-ups anew from metric_gain and metric_last. Inside in_locking_transaction(); nobody
 * books figures of this tenant and mode until it ends. */
error store_metrics_rebuild(struct ctx *c);

/* Deletes roll-ups of hours before this one, whosever they are, at most 1000. */
error store_metrics_purge_hours(struct ctx *c, int64_t hour, uint64_t *n);

#endif
