/* store/rate.h: the table rate_window: what the hosts of an installation tell each other. */
#ifndef AMP_STORE_RATE_H
#define AMP_STORE_RATE_H

#include "base/ctx.h"

/* Tells the others of this host's window. */
error store_rate_tell(struct ctx *c, uint64_t owner, const struct id *host, int64_t opened_s,
                      int64_t n);

/* What other hosts have counted in windows opened at since_s or later, and when the first of these
 * was opened (INT64_MIN: there is none). */
struct others_windows {
    int64_t n, opened_s;
};
error store_rate_others(struct ctx *c, uint64_t owner, const struct id *host, int64_t since_s,
                        struct others_windows *out);

/* Deletes windows that were opened before, a batch at most. */
error store_rate_purge(struct ctx *c, int64_t before_s, uint64_t *deleted);

#endif
