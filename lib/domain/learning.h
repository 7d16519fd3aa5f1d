/* learning.h: what results say about what to do more of. The method, with its sources, is in
 * docs/planning.md. */
#ifndef AMP_DOMAIN_LEARNING_H
#define AMP_DOMAIN_LEARNING_H

#include "domain/figures.h"

enum { LEARNING_PRIOR_POSTS = 10 };

/* How much better than the whole a part of it did: its engagement rate over that of all, drawn
 * towards 1 as if it had LEARNING_PRIOR_POSTS further posts of average reach and rate; from 0.5 to
 * 2. Where nothing was reached at all: 1. */
double learning_lift(const struct figures *part, const struct figures *all);

/* Turns n (1 or more) weights, none negative, their sum positive, into those times their lifts, in
 * whole percent: the sum is 100, none is below 1 (n is at most 50). What rounding leaves goes to
 * the heaviest, of equal ones the first. */
void learning_reweigh(int64_t *weights, const double *lifts, size_t n);

#endif
