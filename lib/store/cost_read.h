/* store/cost_read.h: what was spent, in the context's tenant and mode. Days are numbers since 1970,
 * UTC, first and last both counted; money is in microcents. */
#ifndef AMP_STORE_COST_READ_H
#define AMP_STORE_COST_READ_H

#include "base/ctx.h"
#include "base/list.h"
#include "store/cost.h"

/* What was spent on a mission. */
error store_cost_of_mission(struct ctx *c, const struct id *mission, int64_t first_day,
                            int64_t last_day, int64_t *microcents);

/* A sum: of a day and category, of a provider and model, of a mission; what it is not of is 0 or
 * none. */
struct cost_sum {
    int64_t day;
    int category; /* enum cost_category */
    struct str provider, model;
    struct id mission;
    struct str name; /* of the mission; none: it is not there any more */
    int64_t calls, tokens_in, tokens_out, microcents;
};

/* The sums of each day and category, in order, one call each with a struct cost_sum, which is
 * overwritten. */
typedef error cost_fn(void *arg, const void *sum);
error store_cost_each_day(struct ctx *c, int64_t first_day, int64_t last_day, cost_fn *fn,
                          void *arg);

/* Lists of struct cost_sum: by provider and model, in their order; by mission, the most expensive
 * first, at most COST_MISSIONS of them. */
enum { COST_MISSIONS = 100 };
error store_cost_by_model(struct ctx *c, int64_t first_day, int64_t last_day, struct list *out);
error store_cost_by_mission(struct ctx *c, int64_t first_day, int64_t last_day, struct list *out);

/* The first day on which something was spent; ERR_NOT_FOUND. */
error store_cost_first_day(struct ctx *c, int64_t *day);

/* What the missions that have a budget, and are active or paused, may spend and have spent; n: how
 * many they are. Limits are in cents. */
struct cost_budgets {
    int64_t n, limit_cents, spent;
};
error store_cost_budgets(struct ctx *c, struct cost_budgets *out);

/* Every booked or unclear call, in order of time, one call each with a struct cost. */
error store_cost_each_call(struct ctx *c, int64_t first_day, int64_t last_day, cost_fn *fn,
                           void *arg);

#endif
