/* housekeeping.c: deletes what is past its time. Nothing that people made. */
#include "work/housekeeping.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/idempotency.h"
#include "store/rate.h"

error housekeeping(struct ctx *c)
{
    uint64_t answers = 0, windows = 0;
    int64_t now_ms = clock_ms();
    TRY(store_idempotency_purge(c, now_ms - ANSWERS_KEPT_MS, &answers));
    TRY(store_rate_purge(c, (now_ms - WINDOWS_KEPT_MS) / 1000, &windows));
    if (answers || windows)
        log_event(c, LOG_LEVEL_INFO, "housekeeping", L_INT("answers", answers),
                  L_INT("windows", windows));
    return NULL;
}
