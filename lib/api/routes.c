/* routes.c: the list of resources; each has its rows in its own file. */
#include "api/routes.h"

/* One a line: two who add one at once do not meet. */
/* clang-format off */
const struct route *const api_routes[] = {
    mission_routes,
    pipeline_routes,
    job_routes,
    brand_routes,
    content_routes,
    review_routes,
    auth_routes,
    identity_routes,
    clock_routes,
    system_routes,
    publish_routes,
    queue_routes,
    connect_routes,
    metricool_routes,
    analytics_routes,
    performance_routes,
    costs_routes,
    export_routes,
    webhook_routes,
    audit_routes,
    openapi_routes,
    team_routes,
    NULL,
};
/* clang-format on */

struct nothing {
    char none;
};
const struct shape empty_shape = {.name = "empty", .size = sizeof(struct nothing)};
