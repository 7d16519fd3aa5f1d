/* schedule.c: what approving and scheduling have in common. */
#include "api/schedule.h"

#include "base/clock.h"

enum { AHEAD_MIN_S = 60, AHEAD_MAX_DAYS = 365 };

error check_schedule_time(struct ctx *c, struct str param, int64_t when_ms)
{
    if (when_ms < c->now_ms + AHEAD_MIN_S * 1000)
        return error_at(c->arena, ERR_VALIDATION_FAILED, param,
                        "Must be at least %d seconds ahead.", (int)AHEAD_MIN_S);
    if (when_ms > c->now_ms + AHEAD_MAX_DAYS * DAY_MS)
        return error_at(c->arena, ERR_VALIDATION_FAILED, param, "Must be within a year.");
    return NULL;
}
