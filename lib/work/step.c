/* step.c: the answers of a step. What becomes of them is queue.c's. */
#include "work/step.h"

bool step_is_stopping(const struct step *s)
{
    return s->stopping && s->stopping(s->worker);
}

error step_done(struct step *s)
{
    s->next = STEP_DONE;
    return NULL;
}

error step_finished(struct step *s)
{
    s->next = STEP_FINISHED;
    return NULL;
}

error step_again(struct step *s, int64_t again_ms)
{
    s->next = STEP_AGAIN;
    s->again_ms = again_ms;
    return NULL;
}

error step_retry(struct step *s, int64_t wait_ms, struct str problem)
{
    s->next = STEP_RETRY;
    s->wait_ms = wait_ms;
    s->problem = problem;
    return NULL;
}

error step_pause(struct step *s, int64_t wait_ms, struct str problem)
{
    s->next = STEP_PAUSE;
    s->wait_ms = wait_ms;
    s->problem = problem;
    return NULL;
}
