/* mission.h: a mission: what it states and which states it may have. */
#ifndef AMP_DOMAIN_MISSION_H
#define AMP_DOMAIN_MISSION_H

#include "domain/calendar.h"
#include "domain/platform.h"

/* The numbers are stored: never renumber. */
enum mission_status {
    MISSION_NONE,
    MISSION_DRAFT,
    MISSION_ACTIVE,
    MISSION_PAUSED,
    MISSION_COMPLETED,
    MISSION_DELETED /* kept for its figures, shown to nobody */
};
extern const struct names mission_status_names; /* without deleted */

enum mission_event { MISSION_PAUSE, MISSION_RESUME, MISSION_COMPLETE, MISSION_DELETE };

/* The state an event leads to; false if it is not allowed from here. */
bool mission_next(enum mission_status from, enum mission_event event, enum mission_status *to);

/* How the mission wants to be run; see constraints_shape for what each means. */
struct constraints {
    struct str tone;
    int cadence; /* enum cadence */
    int64_t posts_per_day;
    struct list posting_times; /* of struct str, "09:00" */
    struct str timezone;
    bool require_approval;
    double auto_approve_threshold;
    int64_t auto_approve_after_hours;
    int64_t min_approvals;
    bool use_optimal_times;
    struct str earliest_time, latest_time;
    struct list exclude_days; /* of int, enum weekday */
    int64_t budget_cents;
    struct list excluded_topics; /* of struct str */
    struct str language;
};
extern const struct shape constraints_shape;

/* What a KPI measures; the numbers are stored in documents by name. */
enum kpi_metric {
    KPI_METRIC_NONE,
    KPI_ENGAGEMENT_RATE,
    KPI_IMPRESSIONS,
    KPI_ENGAGEMENTS,
    KPI_LINK_CLICKS,
    KPI_FOLLOWERS_GAINED,
    KPI_POSTS_PUBLISHED,
    KPI_COST_PER_ENGAGEMENT /* in cents */
};
extern const struct names kpi_metric_names;

enum { KPI_ALL = PLATFORM_COUNT /* as a KPI's platform: all of them */ };
struct kpi {
    int metric, platform;
    double target;
};

struct mission {
    struct id id;
    struct str name, description;
    int status; /* enum mission_status */
    struct str status_reason;
    struct str objectives, platforms, constraints, kpis; /* documents */
    struct id brand_context_id;
    int64_t duration_days, starts_ms, ends_ms;
    struct id pipeline_job_id;
    bool livemode;
    int64_t created_ms, updated_ms;
    int64_t revision;     /* one more with each change */
    int64_t platform_set; /* the platforms as bits; follows from the document */
    int64_t list_total;   /* of the list it was read with */
    int64_t hooks;        /* events of its changes that somebody wants, as bits */
};
extern const struct shape mission_shape;

/* What is shown of a mission that has been deleted, inside of its content. */
struct deleted_mission {
    struct id id;
    bool deleted;
};
extern const struct shape deleted_mission_shape;

/* Filters of the list. */
struct mission_filter {
    int status, platform;
};
extern const struct shape mission_filter_shape;

/* Completes what a client stated: start (now if none), end and duration from each other, platforms
 * as bits. `sent` tells which of starts_at, ends_at, duration_days were stated. The end of a
 * mission of n days is the last second of the day n days after its start (UTC). Errors:
 * ERR_INVALID_REQUEST for what contradicts itself. */
error mission_complete_dates(struct arena *a, struct mission *m, sent what, int64_t now_ms);
error mission_read_platforms(struct arena *a, struct mission *m);

/* The documents as structs. */
error mission_constraints(struct arena *a, const struct mission *m, struct constraints *out);
error mission_objectives(struct arena *a, const struct mission *m, struct list *out);
error mission_platforms(struct arena *a, const struct mission *m, struct list *out); /* of int */
error mission_kpis(struct arena *a, const struct mission *m, struct list *out); /* of struct kpi */

/* The posting plan of a mission. */
error mission_schedule(struct arena *a, const struct mission *m, const struct constraints *k,
                       struct schedule *out);

#endif
