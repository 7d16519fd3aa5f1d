/* publish.c: the fourth stage, one job a content: a step of its delivery. How a post gets out once
 * and only once is delivery/'s. */
#include "delivery/delivery.h"
#include "pipeline/stages.h"

error publish_run(struct ctx *c, struct step *s)
{
    struct delivery d;
    bool replanned;
    TRY(late_run(c, s, &replanned));
    if (replanned)
        return step_done(s);
    TRY(delivery_step(c, s->job, s->last_try, &d));
    s->stage = d.stage;
    if (d.state == DELIVERY_WAITING)
        return step_again(s, d.again_ms);
    if (d.state == DELIVERY_RETRY)
        return step_retry(s, d.wait_ms, d.problem);
    if (d.state == DELIVERY_PAUSED)
        return step_pause(s, d.wait_ms, d.problem);
    return step_done(s);
}
