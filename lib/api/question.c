/* question.c: which days, platforms and mission a request to /analytics is about. */
#include "api/question.h"

#include "base/clock.h"

error question_settle(struct ctx *c, const struct figures_query *query, struct question *q)
{
    int64_t today = c->now_ms / DAY_MS, first = today;
    q->query = query;
    q->platforms = figures_platforms(query);
    if (query->period == PERIOD_ALL) {
        error e = store_metrics_first_day(c, &q->mission, &first);
        if (e && !error_is(e, ERR_NOT_FOUND))
            return e;
    }
    q->period = period_of(query, today, first);
    q->before = period_before(&q->period);
    if (query->granularity == GRANULARITY_HOUR && q->period.first <= today - HOURS_KEPT_DAYS)
        return error_at(c->arena, ERR_INVALID_REQUEST, S("granularity"),
                        "Figures by the hour are kept for %d days.", (int)HOURS_KEPT_DAYS);
    return NULL;
}

struct metrics_range question_range(const struct question *q)
{
    return (struct metrics_range){q->mission, q->period.first, q->period.last, q->platforms};
}
