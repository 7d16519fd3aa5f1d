/* times.h: the hours at which a mission posts on a platform, how good they are, and who says so.
 * The method is told in docs/planning.md. */
#ifndef AMP_DOMAIN_TIMES_H
#define AMP_DOMAIN_TIMES_H

#include "domain/figures.h"

/* The numbers are stored in documents by name. */
enum times_source {
    TIMES_NONE,     /* the mission does not ask for good hours */
    TIMES_DEFAULT,  /* what is commonly advised for the platform */
    TIMES_PROVIDER, /* what the publishing provider knows of the account's audience */
    TIMES_RESULTS   /* the tenant's own results, on top of one of the others */
};

/* So many posts of the tenant must be out on a platform before its results count. */
enum { TIMES_MIN_POSTS = 20 };

struct good_hour {
    int64_t hour;          /* local */
    double score, planned; /* score: planned × lift of the hour */
};
struct good_day {
    int weekday;       /* enum weekday */
    struct list hours; /* of struct good_hour, the best first */
};
struct hour_result {
    int64_t hour;
    double lift; /* see learning.h */
    struct figures figures;
};
struct times {
    int source, base; /* enum times_source; base: who has said what is planned */
    struct list week; /* of struct good_day, from Monday; what the mission excludes is left out */
    struct list results; /* of struct hour_result: hours of publication that have counted */
};
extern const struct shape times_shape;

/* The hours that a plan may use, by scores of a source. So many a day as it may want, and some in
 * reserve. */
struct times times_make(struct arena *a, const struct schedule *s, const struct week *scores,
                        enum times_source from);

/* The same with what was reached by local hour of publication taken into account, from the planned
 * scores on; unchanged, where posts are fewer than TIMES_MIN_POSTS. */
struct times times_learn(struct arena *a, const struct times *planned,
                         const struct figures by_hour[DAY_HOURS]);

/* As scores to plan with. */
void times_week(const struct times *t, struct week *out);

#endif
