/* content.h: a piece of content: what it is made of and which states it may have. */
#ifndef AMP_DOMAIN_CONTENT_H
#define AMP_DOMAIN_CONTENT_H

#include "domain/platform.h"

/* The numbers are stored: never renumber. */
enum content_status {
    CONTENT_NONE,
    CONTENT_DRAFT,
    CONTENT_PENDING_REVIEW,
    CONTENT_APPROVED,
    CONTENT_REJECTED,
    CONTENT_SCHEDULED,
    CONTENT_PUBLISHING,
    CONTENT_PUBLISHED,
    CONTENT_FAILED,
    CONTENT_ARCHIVED,
    CONTENT_STATUS_COUNT
};
extern const struct names content_status_names;

/* What may happen to content. */
enum content_event {
    CONTENT_SUBMIT, /* to review */
    CONTENT_APPROVE,
    CONTENT_REJECT,
    CONTENT_REDRAFT, /* to be written anew */
    CONTENT_SCHEDULE,
    CONTENT_UNSCHEDULE,
    CONTENT_PUBLISH,
    CONTENT_HOLD,     /* nothing has left, and it waits for the account */
    CONTENT_WITHDRAW, /* it was taken back from the provider */
    CONTENT_SUCCEED,
    CONTENT_FAIL,
    CONTENT_ARCHIVE,
    CONTENT_REVISE /* changed, so that it has to be reviewed */
};

/* The state an event leads to; false if it is not allowed from here. */
bool content_next(enum content_status from, enum content_event event, enum content_status *to);

/* The words of a post. All texts may be none but primary. */
struct copy {
    struct str primary;  /* the post; of a thread its first part */
    struct str headline; /* title, where the platform has one */
    struct str hook;
    struct list thread_parts; /* of struct str: the whole thread, first part included; else empty */
    struct list hashtags;     /* of struct str, "#DevTools" */
    struct list mentions;     /* of struct str, "@somebody" */
    struct str cta;
    struct str alt_text;
    struct str first_comment;
};
extern const struct shape copy_shape;

/* What is sent as text: primary, and the hashtags on a line of their own if they are not in the
 * text already. (Of a thread: its part `index`, hashtags with the last.) */
struct str copy_rendered(struct arena *a, const struct copy *c, size_t index);
/* How many posts a copy becomes: 1, or the number of thread parts. */
size_t copy_parts(const struct copy *c);

struct issue {
    bool error; /* else a warning */
    struct str code, message, field;
};

/* What a platform will not like, errors first; an array in the arena. media: number of images and
 * videos that go along; video: is one of them a video? */
struct list content_issues(struct arena *a, enum platform p, enum content_type type,
                           const struct copy *c, int media, bool video);

/* A piece of content as it is kept and shown. */
struct content {
    struct id id, mission_id;
    int platform, type, status; /* enums */
    struct str copy, visuals;   /* documents */
    struct content_metadata {
        struct str topic, pillar, tags, language; /* tags: a document */
        double confidence;
        struct str model;
        int64_t cost_microcents, cost_cents; /* cents follow from microcents */
    } metadata;
    struct content_scheduling {
        int64_t scheduled_ms;
        struct str zone;
    } scheduling;
    struct content_publishing {
        int64_t published_ms;
        struct str platform_post_id, platform_url, provider_post_id;
        int64_t attempts;
        struct str last_error;
    } publishing;
    struct content_review {
        bool required;
        int64_t approvals, approvals_required;
        struct str reviewed_by; /* "usr_…" or "key_…" */
        int64_t reviewed_ms;
        struct str notes, rejection_reason;
    } review;
    int64_t version;
    bool livemode;
    int64_t created_ms, updated_ms;
    struct str mission; /* as JSON, where the client asked for it (expand) */
    int64_t revision;   /* one more with each change */
    int64_t slot_ms;    /* its place in the mission's calendar; 0: none */
    int64_t list_total; /* of the list it was read with */
    int64_t hooks;      /* events of its changes that somebody wants, as bits */
};
extern const struct shape content_shape;
extern const struct shape visual_shape;

/* Filters of the list. Ranges are [after, before). */
struct content_filter {
    struct id mission_id;
    int status, platform, type;
    int64_t created_after, created_before, scheduled_after, scheduled_before;
};
extern const struct shape content_filter_shape;

/* When it is to appear, as it was wished or else as its slot says; 0 if that is over. */
int64_t content_planned_ms(const struct content *x, int64_t now_ms);

/* The words as a struct. */
error content_copy(struct arena *a, const struct content *c, struct copy *out);

/* The URLs of images and videos: list of struct visual. */
struct visual {
    struct str type, url, thumbnail_url, alt_text;
    int64_t width, height;
    struct str format;
    int64_t position;
};
error content_visuals(struct arena *a, const struct content *c, struct list *out);
/* Is one of them a video? */
bool visuals_move(const struct list *visuals);

#endif
