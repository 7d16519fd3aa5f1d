/* review.h: the bodies of approvals and rejections, and the preview of a post. */
#ifndef AMP_DOMAIN_REVIEW_H
#define AMP_DOMAIN_REVIEW_H

#include "domain/content.h"

/* What a reviewer changes on the way. */
struct content_edits {
    struct str copy, visuals; /* documents; none: unchanged */
};

struct approval {
    struct str notes;
    int64_t schedule_for;
    struct str edits; /* a document of content_edits_shape; none: no edits */
};
extern const struct shape approval_shape;

struct rejection {
    struct str reason, feedback;
    bool regenerate;
};
extern const struct shape rejection_shape;

struct regeneration {
    struct str feedback;
};
extern const struct shape regeneration_shape;

/* The same for many at once. */
struct bulk_approval {
    struct list ids; /* of struct id */
    struct str notes;
};
extern const struct shape bulk_approval_shape;

struct bulk_rejection {
    struct list ids; /* of struct id */
    struct str reason, feedback;
    bool regenerate;
};
extern const struct shape bulk_rejection_shape;

/* What became of one of many. */
struct bulk_result {
    struct id id;
    bool ok;
    struct str error; /* a document of bulk_error_shape; none if it went well */
};
struct bulk_error {
    struct str code, message, param;
};
extern const struct shape bulk_error_shape;
struct bulk_outcome {
    struct list results; /* of struct bulk_result, in the order of the ids */
    int64_t succeeded, failed;
};
extern const struct shape bulk_outcome_shape;

/* Reads the edits of an approval. */
error approval_edits(struct arena *a, const struct approval *in, struct content_edits *out);

/* What will really be sent, counted the platform's way, and what is wrong with it. */
struct preview {
    struct id content_id;
    int platform;
    bool valid;
    struct preview_rendered {
        struct str text;
        struct list parts;    /* of struct str; of a thread, else empty */
        struct list hashtags; /* of struct str */
        struct str first_comment;
        struct list media; /* of struct str: URLs */
    } rendered;
    struct preview_length {
        int64_t used, limit;
        struct str unit;
    } length;
    struct list issues; /* of struct preview_issue */
    struct str html;    /* an escaped card */
};
extern const struct shape preview_shape;

error preview_make(struct arena *a, const struct content *x, struct preview *out);

#endif
