/* costs.h: the answer of /analytics/costs: what was spent, on what, and what came of it. Every
 * figure is defined in docs/analytics.md. */
#ifndef AMP_DOMAIN_COSTS_H
#define AMP_DOMAIN_COSTS_H

#include "domain/analytics.h"

/* A part of the costs; its cents are given by costs_share(). */
struct cost_part {
    struct str provider, model;
    struct id mission_id;
    struct str mission_name; /* none: it is not there any more */
    struct str date;
    int64_t calls, tokens_in, tokens_out;
    int64_t microcents, cents;
};

/* GET /analytics/costs */
struct costs {
    struct period_dates period;
    int64_t total_cents;
    struct costs_budget {
        int64_t limit_cents, spent_cents, remaining_cents; /* INT_NONE: nobody has set a limit */
    } budget;
    struct list by_provider, by_model, by_mission; /* of struct cost_part */
    struct costs_category {
        int64_t generation, images, publishing;
    } by_category;
    struct list time_series;                               /* of struct cost_part */
    double cost_per_post_cents, cost_per_engagement_cents; /* NAN: there are none */
};
extern const struct shape costs_shape;

/* Gives each part its cents, so that they add up to the rounded sum. */
void costs_share(struct arena *a, const struct list *parts);

/* Cents for each of n, two decimals; NAN for none. */
double cost_per(int64_t microcents, int64_t n);

#endif
