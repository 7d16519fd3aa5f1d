/* calls.c: enters calls of the provider into the ledger. */
#include "delivery/calls.h"

#include "db/tx.h"
#include "store/cost.h"

error calls_enter(struct ctx *c, const struct calls *x)
{
    struct cost *calls = arena_array(c->arena, (size_t)x->n + 1, sizeof *calls);
    for (int i = 0; i < x->n; i++)
        calls[i] = (struct cost){
            .id = id_new(c->now_ms),
            .mission_id = x->mission,
            .job_id = x->job,
            .category = COST_PUBLISHING,
            .provider = S("metricool"),
            .model = x->what,
        };
    return x->n ? store_costs_enter(c, calls, (size_t)x->n) : NULL;
}

static error enter(struct ctx *c, void *arg)
{
    return calls_enter(c, arg);
}

error calls_note(struct ctx *c, const struct calls *x)
{
    struct calls copy = *x; /* in_transaction() hands out what may be written to */
    return x->n ? in_transaction(c, enter, &copy) : NULL;
}
