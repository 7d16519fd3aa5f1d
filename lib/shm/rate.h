/* rate.h: how many requests a tenant may still make: fixed windows of 60 seconds, opened by their
 * first request, counted exactly by all processes of a host. */
#ifndef AMP_SHM_RATE_H
#define AMP_SHM_RATE_H

#include "base/ctx.h"
#include "shm/shm.h"

enum { RATE_WINDOW_S = 60 };

struct rate {
    int64_t limit, remaining;
    int64_t reset_s; /* Unix time at which the window ends */
    bool counted;    /* false: no bucket was free, and the request passed uncounted */
};

/* Takes one request out of the scope's window; false if there was none left. `limit` is at most
 * 16,777,215. Fails open. */
bool rate_take(struct shm *shm, const struct scope *scope, int64_t limit, int64_t now_s,
               struct rate *out);

#endif
