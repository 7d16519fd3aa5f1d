/* question.h: what a request to /analytics asks about. */
#ifndef AMP_API_QUESTION_H
#define AMP_API_QUESTION_H

#include "domain/figures.h"
#include "store/metrics.h"

struct question {
    const struct figures_query *query;
    struct id mission; /* none: all */
    struct period period, before;
    int64_t platforms; /* bits; 0: all */
};

/* Completes a question whose mission is set from the request's query, as seen from c->now_ms; reads
 * the first day that has figures, if everything is asked for. ERR_INVALID_REQUEST (granularity):
 * figures by the hour are not kept for so long. */
error question_settle(struct ctx *c, const struct figures_query *query, struct question *q);

/* The period as a range of the roll-ups. */
struct metrics_range question_range(const struct question *q);

#endif
