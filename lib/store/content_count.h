/* store/content_count.h: how many contents there are of each kind: mission, platform, type, state.
 * Inside the transaction that changes them. Private to this room. */
#ifndef AMP_STORE_CONTENT_COUNT_H
#define AMP_STORE_CONTENT_COUNT_H

#include "store/content.h"

/* n contents like *x have gone from one state to another. */
error store_count_move(struct ctx *c, const struct content *x, int from, int to, int64_t n);

/* Contents are about to go from the state they are in to another. */
error store_counts_move(struct ctx *c, const struct content_move *m, size_t n);

/* There is one more of the kind of each; taken (may be NULL): which were not inserted. */
error store_count_inserted(struct ctx *c, const struct content *x, size_t n, const bool *taken);

#endif
