/* late.c: what was not brought out in its time, because its mission was paused or nobody worked, is
 * not sent in a burst afterwards: it is planned anew. */
#include "base/clock.h"
#include "base/config.h"
#include "db/tx.h"
#include "delivery/delivery.h"
#include "pipeline/stages.h"
#include "store/content.h"

bool is_late(const struct ctx *c, const struct content *x)
{
    return c->now_ms - x->scheduling.scheduled_ms > c->config->late_hours * HOUR_MS;
}

error late_replan(struct ctx *c, const struct charter *ch, struct content *x)
{
    int64_t slot_ms = 0;
    if (x->scheduling.scheduled_ms == x->slot_ms)
        TRY(content_free_slot(c, ch, (enum platform)x->platform, &slot_ms));
    x->scheduling.scheduled_ms = slot_ms;
    if (!slot_ms) {
        TRY(store_content_move(c, x, CONTENT_APPROVED));
        return store_job_end(c, JOB_CONTENT_PUBLISH, &x->id, JOB_CANCELLED);
    }
    TRY(store_content_place(c, x, slot_ms));
    TRY(store_content_move(c, x, CONTENT_SCHEDULED));
    return delivery_schedule(c, x);
}

/* A publish job that may be late. */
struct tardy {
    const struct step *step;
    struct mission mission;
    struct charter charter;
    const struct content *content;
};

/* Transaction. */
static error replan(struct ctx *c, void *arg)
{
    struct tardy *t = arg;
    struct content x;
    TRY(mission_hold(c, t->step, &t->mission));
    TRY(store_content_lock(c, &t->content->id, &x));
    if (x.status != CONTENT_SCHEDULED || !is_late(c, &x))
        return error_of(ERR_INVALID_STATE);
    return late_replan(c, &t->charter, &x);
}

/* What waits for an account that lets nobody in, or has waited until it was connected a moment ago,
 * is late for a reason that its people know: it goes out as soon as it can. */
static error waits_for_account(struct ctx *c, bool *out)
{
    struct integration i;
    error e = store_integration_get(c, &i);
    *out = !e && (!integration_is_usable(i.status) ||
                  c->now_ms - i.connected_ms <= c->config->late_hours * HOUR_MS);
    return error_is(e, ERR_NOT_FOUND) ? NULL : e;
}

error late_run(struct ctx *c, const struct step *s, const struct content *x, bool *replanned)
{
    struct tardy t = {.step = s, .content = x};
    bool waits;
    error e;
    *replanned = false;
    if (x->status != CONTENT_SCHEDULED || !is_late(c, x))
        return NULL;
    e = store_mission_get(c, &x->mission_id, &t.mission);
    if (error_is(e, ERR_NOT_FOUND) || (!e && t.mission.status == MISSION_PAUSED))
        return NULL; /* there is nothing to deliver */
    TRY(e);
    TRY(waits_for_account(c, &waits));
    if (waits)
        return NULL;
    TRY(charter_load(c, &t.mission, &t.charter));
    TRY(in_transaction(c, replan, &t));
    *replanned = true;
    return NULL;
}
