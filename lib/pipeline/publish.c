/* publish.c: the fourth stage, one job a content: a step of its delivery, together with those of
 * others that are due. How posts get out once and only once is delivery/'s. */
#include "delivery/delivery.h"
#include "pipeline/stages.h"
#include "store/content.h"

/* Publish jobs under way, and the deliveries of those that have something to deliver. */
struct publishing {
    struct step **steps;
    struct delivery *deliveries;
    size_t n;
};

static const struct content *content_of(const struct list *contents, const struct job *j)
{
    const struct content *x = contents->at;
    for (size_t i = 0; i < contents->n; i++) {
        if (id_eq(&x[i].id, &j->ref))
            return &x[i];
    }
    return NULL;
}

/* What is there and not late is delivered. */
static error take_up(struct ctx *c, struct step *s, const struct content *x, struct publishing *p)
{
    bool replanned;
    if (!x)
        return step_done(s);
    TRY(late_run(c, s, x, &replanned));
    if (replanned)
        return step_done(s);
    p->deliveries[p->n] = delivery_of(s->job, x, s->last_try);
    p->steps[p->n++] = s;
    return NULL;
}

static error answer(struct step *s, const struct delivery *d)
{
    s->stage = d->stage;
    s->wait_ms = d->wait_ms; /* what may have left is not looked for at once */
    TRY(d->failure);
    if (d->written)
        return step_finished(s);
    if (d->state == DELIVERY_WAITING)
        return step_again(s, d->again_ms);
    if (d->state == DELIVERY_RETRY)
        return step_retry(s, d->wait_ms, d->problem);
    if (d->state == DELIVERY_PAUSED)
        return step_pause(s, d->wait_ms, d->problem);
    return step_done(s);
}

static bool is_wanted(void *step)
{
    return !step_is_stopping(step);
}

error publish_run(struct ctx *c, struct step *s, size_t n)
{
    struct publishing p = {.steps = arena_array(c->arena, n, sizeof(struct step *)),
                           .deliveries = arena_array(c->arena, n, sizeof *p.deliveries)};
    struct id *ids = arena_array(c->arena, n, sizeof *ids);
    struct fetch_watch watch = {.wanted = is_wanted, .self = s};
    struct list contents;
    for (size_t i = 0; i < n; i++)
        ids[i] = s[i].job->ref;
    TRY(store_contents_get(c, (struct id_list){ids, n}, &contents));
    for (size_t i = 0; i < n; i++)
        s[i].failure = take_up(c, &s[i], content_of(&contents, s[i].job), &p);
    delivery_step(c, p.deliveries, p.n, &watch);
    for (size_t i = 0; i < p.n; i++)
        p.steps[i]->failure = answer(p.steps[i], &p.deliveries[i]);
    return NULL;
}
