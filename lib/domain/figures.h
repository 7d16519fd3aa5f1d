/* figures.h: what the answers of /analytics are made of: periods, sums, rates, trends, pace. Pure
 * arithmetic; each figure is defined in docs/analytics.md. Days are numbers since 1970, UTC. */
#ifndef AMP_DOMAIN_FIGURES_H
#define AMP_DOMAIN_FIGURES_H

#include "domain/mission.h"

enum { DAY_HOURS = 24, WEEK_DAYS = 7 };

/* Sums of what was reached. */
struct figures {
    int64_t posts, impressions, engagements, clicks;
};
void figures_add(struct figures *to, const struct figures *f);

/* part / whole × 10,000, rounded half away from zero to a whole number; 0 unless whole is positive.
 */
int64_t figures_hundredths(int64_t part, int64_t whole);

/* part / whole × 100, rounded half away from zero to two decimals; 0 unless whole is positive. */
double figures_percent(int64_t part, int64_t whole);

/* engagements / impressions × 100. */
double figures_rate(const struct figures *f);

/* Money is kept in microcents. */
#define MICROCENTS_PER_CENT INT64_C(1000000)

/* As whole cents, rounded half away from zero. */
int64_t figures_cents(int64_t microcents);

/* Rounds n parts (none negative) to cents so that they add up to the rounded sum: the cents that
 * cutting leaves over go to the largest remainders, of equal ones to the first. */
void figures_split_cents(const int64_t *microcents, int64_t *cents, size_t n);

/* The question. */
enum period_name { PERIOD_NONE, PERIOD_7D, PERIOD_30D, PERIOD_90D, PERIOD_YTD, PERIOD_ALL };
enum granularity {
    GRANULARITY_NONE,
    GRANULARITY_HOUR,
    GRANULARITY_DAY,
    GRANULARITY_WEEK, /* ISO: from Monday */
    GRANULARITY_MONTH
};
struct figures_query {
    int period; /* none, and no dates: 30d */
    struct str start_date, end_date;
    struct list platforms; /* of int */
    int granularity;
};
extern const struct shape figures_query_shape; /* its check refuses what contradicts itself */

/* The question about a ranking, and about a file. */
/* By what posts are ranked, always the highest first. */
enum rank { RANK_NONE, RANK_IMPRESSIONS, RANK_ENGAGEMENTS, RANK_RATE, RANK_PUBLISHED };
extern const struct names rank_names;
struct ranking_query {
    struct figures_query asked;
    int sort; /* enum rank */
    int64_t limit;
    struct str cursor;
};
extern const struct shape ranking_query_shape;

enum file_format { FORMAT_NONE, FORMAT_CSV, FORMAT_JSON };
enum export_type { EXPORT_NONE, EXPORT_CONTENT, EXPORT_COSTS, EXPORT_DAILY };
struct export_query {
    struct figures_query asked;
    int format, type;
};
extern const struct shape export_query_shape;

/* The platforms asked for, as bits (1 << PLATFORM_…); 0: all. */
int64_t figures_platforms(const struct figures_query *q);

/* First and last day, both inclusive. */
struct period {
    int64_t first, last;
};

/* The period that a checked query means, as seen from `today`. `first_data` is the first day that
 * has figures, for PERIOD_ALL only. */
struct period period_of(const struct figures_query *q, int64_t today, int64_t first_data);

/* The equally long period right before. */
struct period period_before(const struct period *p);

/* A time series: a point for each hour, day, week or month that the period touches. */
struct point {
    struct str date; /* the start of it: a date; of an hour a time */
    int64_t impressions, engagements, posts;
};
struct series {
    struct period period;
    enum granularity granularity;
    struct point *points;
    size_t n;
};

/* For so many days, today included, there are figures by the hour. */
enum { HOURS_KEPT_DAYS = 90 };

/* All points at zero. ERR_INVALID_REQUEST (granularity) if they are more than SERIES_MAX. */
enum { SERIES_MAX = 10000 };
error series_make(struct arena *a, const struct period *p, enum granularity g, struct series *out);

/* Which point a day (GRANULARITY_HOUR: an hour) of the period belongs to. */
size_t series_place(const struct series *s, int64_t at);

/* Adds what was reached in a day, or (GRANULARITY_HOUR) an hour since 1970; outside of the period
 * it is not counted. */
void series_add(struct series *s, int64_t at, const struct figures *f);

/* A figure against that of the period before. */
enum direction { DIRECTION_NONE, DIRECTION_UP, DIRECTION_DOWN, DIRECTION_FLAT };
struct trend {
    double current, previous;
    double change_percent; /* two decimals; NAN: there was nothing before */
    int direction;
};
struct trend trend_of(double current, double previous);

/* How much of the time from start to end has passed, 0 to 1. */
double share_passed(int64_t starts_ms, int64_t ends_ms, int64_t now_ms);

/* A KPI and how far it is. */
struct kpi_progress {
    int metric;
    double target, current, progress_percent;
    bool on_track;
};

/* What the mission reached on the KPI's platforms since its start, and what it cost in that time.
 */
struct kpi_sums {
    struct figures figures;
    int64_t followers_gained, microcents;
};

/* passed: the share of the mission's time that is over. */
struct kpi_progress kpi_progress_of(const struct kpi *k, const struct kpi_sums *sums,
                                    double passed);

#endif
