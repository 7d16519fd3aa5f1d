/* reconcile.c: carries counts of requests between the shared memory of this host and the
 * database. How they are counted is shm/rate.c's. */
#include "frame/reconcile.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "shm/rate.h"
#include "store/rate.h"

enum {
    EVERY_MS = 1000,
    AT_ONCE = 200 /* windows in one go; the next go continues behind them */
};

static error exchange(struct ctx *c, struct shm *shm, const struct rate_window *w)
{
    struct id host = shm_host(shm);
    struct others_windows others;
    TRY(store_rate_tell(c, w->owner, &host, w->opened_s, w->n));
    TRY(store_rate_others(c, w->owner, &host, w->opened_s - RATE_WINDOW_S + 1, &others));
    rate_learn(shm, w, others.opened_s == INT64_MIN ? w->opened_s : others.opened_s, others.n);
    return NULL;
}

void reconcile_limits(struct ctx *c, struct shm *shm)
{
    int64_t now_ms = clock_ms();
    struct rate_window windows[AT_ONCE];
    error e = NULL;
    size_t n;
    if (!c->config->rate_reconcile || !shm_turn(shm, now_ms, EVERY_MS))
        return;
    n = rate_changed(shm, now_ms / 1000, windows, AT_ONCE);
    for (size_t i = 0; !e && i < n; i++)
        e = exchange(c, shm, &windows[i]);
    if (e)
        log_event(c, LOG_LEVEL_WARN, "limits.unreconciled", L_STR("code", e->wire),
                  L_STR("cause", e->cause));
}
