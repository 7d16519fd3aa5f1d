/* learning.c: shrunken means and the weights that follow from them. Pure arithmetic: who asks for
 * the figures and what is done with the weights is pipeline/optimize.c's. */
#include "domain/learning.h"

#include <assert.h>

static const double lift_min = 0.5, lift_max = 2;

double learning_lift(const struct figures *part, const struct figures *all)
{
    double prior, share, lift;
    if (all->posts <= 0 || all->impressions <= 0 || all->engagements <= 0)
        return 1;
    prior = LEARNING_PRIOR_POSTS * (double)all->impressions / (double)all->posts;
    share = (double)all->impressions / (double)all->engagements;
    /* A platform may correct its figures to less than nothing. */
    if (part->impressions < 0 || part->engagements < 0)
        return 1;
    lift = ((double)part->engagements * share + prior) / ((double)part->impressions + prior);
    if (lift < lift_min)
        return lift_min;
    return lift > lift_max ? lift_max : lift;
}

void learning_reweigh(int64_t *weights, const double *lifts, size_t n)
{
    enum { PERCENT = 100, MANY = 50 };
    double sum = 0;
    int64_t left = PERCENT;
    size_t heaviest = 0;
    assert(n > 0 && n <= MANY);
    for (size_t i = 0; i < n; i++)
        sum += (double)weights[i] * lifts[i];
    assert(sum > 0);
    for (size_t i = 0; i < n; i++) {
        weights[i] = (int64_t)((double)weights[i] * lifts[i] * PERCENT / sum);
        weights[i] = weights[i] < 1 ? 1 : weights[i];
        left -= weights[i];
        if (weights[i] > weights[heaviest])
            heaviest = i;
    }
    weights[heaviest] += left;
}
