/* measure.h: which figures belong to which post, and how often they are asked for. Neither SQL nor
 * calls. */
#ifndef AMP_DELIVERY_MEASURE_H
#define AMP_DELIVERY_MEASURE_H

#include "domain/content.h"
#include "publish/publisher.h"

/* When the figures of a post are asked for again: after one, six or twenty-four times interval_ms,
 * the older the rarer; INT64_MAX: it is too old. The table is in docs/analytics.md. */
int64_t measure_next_ms(int64_t published_ms, int64_t now_ms, int64_t interval_ms);

/* Pairs contents with figures, each at most once: by post id, what is left by address, and what is
 * left then by time and text, where exactly one content fits. found[i] is the content of figures[i]
 * or NULL; it has room for them all. */
error measure_match(struct arena *a, const struct list *contents, const struct list *figures,
                    const struct content **found);

#endif
