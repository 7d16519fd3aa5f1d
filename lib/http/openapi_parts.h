/* openapi_parts.h: what the files of openapi share. Private to them. */
#ifndef AMP_HTTP_OPENAPI_PARTS_H
#define AMP_HTTP_OPENAPI_PARTS_H

#include "http/openapi.h"
#include "json/schema.h"

struct document {
    const struct openapi *api;
    struct arena *arena;
    struct writer *w;
    struct schemas *schemas;
};

/* What follows from a route's row and its place among the others. */
int route_status(const struct route *r);
bool route_has_tag(const struct document *d,
                   const struct route *r); /* does it answer with an ETag? */
bool route_if_match(const struct document *d, const struct route *r); /* may it be conditional? */
bool route_is_idempotent(const struct route *r); /* does it take an Idempotency-Key? */
bool route_fails_with(const struct document *d, const struct route *r, int status);
enum view route_body_view(const struct route *r);
struct str route_tag(const struct document *d, const struct route *r);

/* The next row of all tables after *r (start with NULL); NULL at the end. */
const struct route *route_next(route_tables tables, const struct route *r);

/* Parts of an operation. */
void write_parameters(const struct document *d, const struct route *r);
void write_responses(const struct document *d, const struct route *r);

/* The path with its parameters in braces. */
struct str path_text(const struct document *d, const char *pattern);

/* The reusable parts: "parameters", "headers", "responses", "schemas", "securitySchemes". */
void write_components(const struct document *d);

/* The name of the schema of a list's page. */
struct str list_name(const struct document *d, const struct shape *item);

/* {"$ref":"#/components/KIND/NAME"} */
void write_component_ref(const struct document *d, const char *kind, struct str name);

/* The name of the shared response of an error status: "NotFound". */
struct str response_name(struct arena *a, int status);

#endif
