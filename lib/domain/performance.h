/* performance.h: the answer of /analytics/performance: which posts did best, and when and as what
 * they were published. Every figure is defined in docs/analytics.md. */
#ifndef AMP_DOMAIN_PERFORMANCE_H
#define AMP_DOMAIN_PERFORMANCE_H

#include "domain/analytics.h"

enum { BEST_TIMES = 5 };

/* What posts have reached until now, by when they were published (UTC) and as what. */
struct distribution {
    struct figures by_type[TYPE_COUNT];
    struct figures by_hour[DAY_HOURS];
    struct figures by_weekday[WEEK_DAYS]; /* from Monday */
    struct figures slots[PLATFORM_COUNT][WEEK_DAYS * DAY_HOURS];
};

/* Posts of one hour since 1970. */
void distribution_add(struct distribution *d, int64_t hour, int platform, int type,
                      const struct figures *f);

/* A post of the ranking. */
struct ranked_post {
    struct id content_id, mission_id;
    int platform, type;
    struct str pillar; /* none: it has none */
    int64_t published_ms, impressions, engagements;
    double engagement_rate;
    int64_t link_clicks;
};

/* GET /analytics/performance */
struct performance {
    struct period_dates period;
    struct list content; /* of struct ranked_post */
    bool has_more;
    struct str next_cursor; /* none: there are no more */
    struct str by_type;     /* of groups_text() */
    struct list by_hour;    /* of struct time_sums, 24 */
    struct list by_weekday; /* 7, from Monday */
    struct str best_times;  /* an object: lists by platform */
};
extern const struct shape performance_shape;

/* Fills in all but period and ranking. */
void performance_distribute(struct arena *a, const struct distribution *d, struct performance *p);

/* Where a ranking goes on: after the post with this value. The text of it, and back; false if it is
 * none of this ranking. */
struct str rank_cursor(struct arena *a, enum rank by, int64_t value, const struct id *content);
bool rank_cursor_parse(struct str text, enum rank by, int64_t *value, struct id *content);

#endif
