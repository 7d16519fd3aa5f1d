/* store/cost.h: the tables cost and budget, in the context's tenant and mode: what calls to the
 * world outside cost, and that a mission never spends more than its budget. Money is in microcents,
 * of which a cent has a million (domain/figures.h).
 *
 * A call is entered before it is made, with the most that it can cost, which is set aside from the
 * budget by one conditional UPDATE; so any number of workers together cannot set aside more than
 * there is. Afterwards it is booked at what it cost, or released if it never took place. A call
 * whose outcome nobody learnt, because the answer was lost or the worker died, is booked at its
 * most: it may have been charged. */
#ifndef AMP_STORE_COST_H
#define AMP_STORE_COST_H

#include "base/ctx.h"

/* The numbers are stored: never renumber. */
enum cost_category { COST_CATEGORY_NONE, COST_GENERATION, COST_IMAGES, COST_PUBLISHING };
enum cost_state { COST_STATE_NONE, COST_RESERVED, COST_BOOKED, COST_UNCLEAR };

/* A call, or what it cost. */
struct cost {
    struct id id;
    struct id mission_id, content_id, job_id; /* may be none; what costs has a mission */
    int category, state;                      /* enums */
    struct str provider, model;
    int64_t tokens_in, tokens_out;
    int64_t reserved;   /* the most that it may cost */
    int64_t microcents; /* what it cost */
    int64_t spent_ms;   /* on the tenant's clock */
    struct str key; /* 32 characters that follow from what is asked; none: asked by nobody else */
    struct str answer;  /* kept until it is used, so that the same is not paid twice */
    int64_t expires_ms; /* real time: a reservation is then unclear, an answer forgotten */
};

/* What a mission has spent, and what its calls under way may yet spend. */
struct budget {
    int64_t spent, reserved;
};
error store_budget_get(struct ctx *c, const struct id *mission, struct budget *out);

/* The call of that key which is under way, or answered but not used; ERR_NOT_FOUND. */
error store_cost_of_key(struct ctx *c, struct str key, struct cost *out);

/* Inside a transaction, several statements: sets x->reserved aside and enters the call. `alone`:
 * only if no other call of the mission is under way. *granted: false if one is, or if that would
 * pass `limit` (microcents; INT64_MAX: none); nothing is entered then. A key that is there already:
 * db_is_duplicate(). */
error store_cost_reserve(struct ctx *c, const struct cost *x, int64_t limit, bool alone,
                         bool *granted);

/* Inside a transaction, several statements: what a reserved call cost (tokens, microcents) and
 * answered. x->state is COST_BOOKED, or COST_UNCLEAR where nobody knows; such a call gives up its
 * key, as it has no answer. Of a call that is booked already nothing changes; one that expired
 * meanwhile is put right. */
error store_cost_book(struct ctx *c, const struct cost *x);

/* Inside a transaction, several statements: the call did not take place; it is taken out. */
error store_cost_release(struct ctx *c, const struct cost *x);

/* Inside a transaction, several statements: a call that costs what was known before, x->microcents,
 * which may be nothing. */
error store_cost_enter(struct ctx *c, const struct cost *x);
error store_costs_enter(struct ctx *c, const struct cost *x, size_t n); /* many such */

/* The answer of a booked call is for this content. */
error store_cost_assign(struct ctx *c, const struct id *id, const struct id *content);

/* The answers for this content have been used: their keys are free, and they are forgotten. */
error store_cost_use(struct ctx *c, const struct id *content);

/* Of all tenants, a batch: books reservations that expired as unclear, forgets answers that did.
 * Not within a transaction. *n: how many. */
error store_cost_expire(struct ctx *c, int64_t real_ms, uint64_t *n);

#endif
