/* housekeeping.c: deletes what is past its time. Nothing that people made. */
#include "work/housekeeping.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/idempotency.h"

error housekeeping(struct ctx *c)
{
    uint64_t answers = 0;
    TRY(store_idempotency_purge(c, clock_ms() - ANSWERS_KEPT_MS, &answers));
    if (answers)
        log_event(c, LOG_LEVEL_INFO, "housekeeping", L_INT("answers", answers));
    return NULL;
}
