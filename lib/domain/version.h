/* version.h: what a piece of content said, from when to when, and why it was changed. */
#ifndef AMP_DOMAIN_VERSION_H
#define AMP_DOMAIN_VERSION_H

#include "domain/content.h"

/* The numbers are stored: never renumber. */
enum version_cause {
    VERSION_CAUSE_NONE,
    VERSION_WRITTEN,    /* the first one */
    VERSION_EDITED,     /* by a person */
    VERSION_REGENERATED /* by the writer, after a review */
};
extern const struct names version_cause_names;

struct version {
    struct id id; /* of the first version: the content's */
    int64_t version;
    struct str copy, visuals; /* documents */
    int cause;                /* enum version_cause */
    struct str author;        /* "usr_…" or "key_…"; none: AMP itself */
    struct str reason;        /* what a reviewer wanted; may be none */
    double confidence;
    struct str model;
    bool livemode;
    int64_t created_ms;
};
extern const struct shape version_shape;

/* The version that content is in now; whoever wrote it down knows cause, author and reason. */
struct version version_of(const struct content *x);

#endif
