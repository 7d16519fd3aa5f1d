/* store/rollup.h: sums on their way to rollup_day, rollup_hour and rollup_post, in the context's
 * tenant and mode. For store/metrics.c: who asks for figures does so in metrics.h.
 *
 * Many posts add to few rows, so sums are added up here first. Each row is then written once, in
 * the order of its key: all who write roll-ups do it in the same order, and none waits in a circle.
 */
#ifndef AMP_STORE_ROLLUP_H
#define AMP_STORE_ROLLUP_H

#include "store/metrics.h"

struct rollup {
    struct metrics_sum *days, *hours, *posts;
    size_t days_count, hours_count, posts_count, capacity;
};

/* Nothing yet; for so many calls of rollup_gain() and rollup_best(), taken together. */
struct rollup rollup_new(struct arena *a, size_t calls);

/* What a post has gained at that time: for the sums of its mission, of all missions, and of the
 * hour that it was published in. */
void rollup_gain(struct rollup *r, const struct metrics_post *post, int64_t ms,
                 const struct figures *gain);

/* A post has so many impressions: more, perhaps, than the best of its day. */
void rollup_best(struct rollup *r, const struct metrics_post *post, int64_t impressions);

/* Adds them up: one row for each key, in order. Then writes them; several statements inside the
 * caller's transaction, in which the rows stay locked until it ends. */
void rollup_add_up(struct rollup *r);
error rollup_write(struct ctx *c, struct rollup *r);

/* A post has fewer impressions than it had: finds the best of its day anew. After rollup_write(),
 * which has locked the rows, so what others have booked on that day is seen. */
error rollup_find_best(struct ctx *c, const struct metrics_post *post);

#endif
