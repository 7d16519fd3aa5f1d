/* routes.h: the route tables of all resources. */
#ifndef AMP_API_ROUTES_H
#define AMP_API_ROUTES_H

#include "http/route.h"

extern const struct route *const api_routes[]; /* ended by NULL */

extern const struct route analytics_routes[];
extern const struct route audit_routes[];
extern const struct route auth_routes[];
extern const struct route brand_routes[];
extern const struct route clock_routes[];
extern const struct route connect_routes[];
extern const struct route content_routes[];
extern const struct route costs_routes[];
extern const struct route export_routes[];
extern const struct route identity_routes[];
extern const struct route metricool_routes[];
extern const struct route job_routes[];
extern const struct route mission_routes[];
extern const struct route openapi_routes[];
extern const struct route pipeline_routes[];
extern const struct route performance_routes[];
extern const struct route publish_routes[];
extern const struct route queue_routes[];
extern const struct route review_routes[];
extern const struct route system_routes[];
extern const struct route webhook_routes[];
extern const struct route team_routes[];

/* The OpenAPI document of all that, in the arena. */
struct config;
struct str api_document(struct arena *a, const struct config *config);

/* The body of actions that take none. */
extern const struct shape empty_shape;

#endif
