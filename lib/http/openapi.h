/* openapi.h: the OpenAPI 3.1 document of an API, made from its route tables and their shapes. */
#ifndef AMP_HTTP_OPENAPI_H
#define AMP_HTTP_OPENAPI_H

#include "http/route.h"

/* The group that operations are shown in. */
struct openapi_tag {
    const char *segment; /* with which their path begins: "missions" */
    const char *tag;     /* several segments may have the same, with one doc */
    const char *doc;     /* NULL: said by another row */
};

/* What an id in a path is called. */
struct openapi_id {
    const char *prefix; /* "msn_" */
    const char *name;   /* "mission_id" */
    const char *doc;
};

struct openapi {
    route_tables routes;
    const struct openapi_tag *tags; /* ended by a zeroed row */
    const struct openapi_id *ids;   /* likewise */
    struct str title, version, description;
    struct str base_url;  /* "https://amp.example.org"; none: relative to where it was read */
    struct str error_url; /* "#code" is added */
};

/* The document as JSON, in the arena. Complete: asserts that every route says what it answers. */
struct str openapi_text(struct arena *a, const struct openapi *api);

#endif
