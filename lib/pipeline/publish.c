/* publish.c: the fourth stage, one job a content: a step of its delivery. How a post gets out once
 * and only once is delivery/'s. */
#include "delivery/delivery.h"
#include "pipeline/stages.h"
#include "store/content.h"

error publish_run(struct ctx *c, struct step *s)
{
    struct delivery d;
    struct content x;
    bool replanned;
    error e = store_content_get(c, &s->job->ref, &x);
    if (error_is(e, ERR_NOT_FOUND))
        return step_done(s);
    TRY(e);
    TRY(late_run(c, s, &x, &replanned));
    if (replanned)
        return step_done(s);
    TRY(delivery_step(c, s->job, &x, s->last_try, &d));
    s->stage = d.stage;
    if (d.finished)
        return step_finished(s);
    if (d.state == DELIVERY_WAITING)
        return step_again(s, d.again_ms);
    if (d.state == DELIVERY_RETRY)
        return step_retry(s, d.wait_ms, d.problem);
    if (d.state == DELIVERY_PAUSED)
        return step_pause(s, d.wait_ms, d.problem);
    return step_done(s);
}
