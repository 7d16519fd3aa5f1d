/* schedule.c: what approving and scheduling have in common. */
#include "api/schedule.h"

#include "base/clock.h"
#include "delivery/account.h"
#include "domain/review.h"
#include "store/mission.h"

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

static error check_board(struct ctx *c, enum platform p)
{
    struct integration i = {0};
    error e = p == PLATFORM_PINTEREST ? store_integration_get(c, &i) : NULL;
    if (!error_is(e, ERR_NOT_FOUND))
        TRY(e);
    return account_check_board(c, p, i.pinterest_board_id);
}

error check_publishable(struct ctx *c, const struct content *x, struct str param)
{
    struct preview p;
    TRY(preview_make(c->arena, x, &p));
    if (!p.valid)
        return error_at(c->arena, ERR_VALIDATION_FAILED, param,
                        "The platform would refuse this; see the preview's issues.");
    return check_board(c, (enum platform)x->platform);
}

error check_mission_lives(struct ctx *c, const struct content *x)
{
    struct mission m;
    error e = store_mission_get(c, &x->mission_id, &m);
    if (error_is(e, ERR_NOT_FOUND))
        return error_at(c->arena, ERR_INVALID_STATE, (struct str){0}, "Its mission is deleted.");
    return e;
}
