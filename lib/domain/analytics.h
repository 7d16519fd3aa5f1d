/* analytics.h: the answers of /analytics as structs and shapes. Every figure is defined in
 * docs/analytics.md; the arithmetic is in figures.h. */
#ifndef AMP_DOMAIN_ANALYTICS_H
#define AMP_DOMAIN_ANALYTICS_H

#include "domain/figures.h"

enum { PREVIEW_LENGTH = 100 /* code points */ };

struct period_dates {
    struct str start, end;
};
extern const struct shape period_shape;

/* One of the best posts. */
struct top_content {
    struct id content_id;
    int platform;
    int64_t impressions;
    double engagement_rate;
    struct str preview;
};

/* GET /analytics */
struct overview {
    struct period_dates period;
    struct overview_summary {
        int64_t missions_active, content_published, total_impressions, total_engagements;
        double overall_engagement_rate;
        int64_t total_link_clicks, followers_gained;
    } summary;
    struct overview_trends {
        struct trend impressions, engagements, engagement_rate;
    } trends;
    struct str by_platform;  /* of groups_text() */
    struct list time_series; /* of struct point */
    struct list top_content; /* of struct top_content */
};
extern const struct shape overview_shape;

/* GET /analytics/missions/:id */
struct mission_report {
    struct id mission_id;
    struct str mission_name;
    struct period_dates period;
    int status; /* enum mission_status */
    double progress_percent;
    struct mission_summary {
        int64_t posts_published, posts_scheduled, posts_pending, impressions, engagements;
        double engagement_rate;
        int64_t link_clicks, cost_cents;
    } summary;
    struct list kpis; /* of struct kpi_progress */
    struct str by_platform, by_pillar;
    struct list time_series, top_content;
};
extern const struct shape mission_report_shape;

/* A period as it is shown. */
struct period_dates period_dates_of(struct arena *a, const struct period *p);

/* Sums under a name. */
struct group {
    struct str name;
    struct figures figures;
};

extern const struct field group_item; /* what stands under the name */

/* JSON: {"twitter":{"posts_published":…,"impressions":…,"engagements":…,"engagement_rate":…},…}. */
struct str groups_text(struct arena *a, const struct group *groups, size_t n);

#endif
