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

/* The same for whoever has this hash (shm_hash() of owner.h). */
bool rate_take_owner(struct shm *shm, uint64_t owner, int64_t limit, int64_t now_s,
                     struct rate *out);

/* A window of this host. */
struct rate_window {
    uint64_t owner; /* hash of tenant and mode */
    int64_t opened_s, n;
};

/* Windows that are open and have changed since they were last asked for, at most `max`; the next
 * call goes on behind them. */
size_t rate_changed(struct shm *shm, int64_t now_s, struct rate_window *out, size_t max);

/* What other hosts counted for the owner of such a window, and when the first of their windows was
 * opened: the earliest becomes the window of all. */
void rate_learn(struct shm *shm, const struct rate_window *w, int64_t opened_s, int64_t n);

#endif
