/* job.h: work that nobody waits for: what it is about, where it stands. */
#ifndef AMP_DOMAIN_JOB_H
#define AMP_DOMAIN_JOB_H

#include "json/shape.h"

/* The numbers are stored: never renumber. */
enum job_type_id {
    JOB_NONE,
    JOB_MISSION_RUN,     /* ref: mission. Plans, writes, completes; one a mission */
    JOB_CONTENT_PUBLISH, /* ref: content. Sends, settles; one a content */
    JOB_METRICS_PULL,    /* ref: tenant. One a tenant and mode */
    JOB_CONTENT_REWRITE, /* ref: content. A rejected text is written anew */
    JOB_WEBHOOK_DELIVER, /* ref: delivery. Tells a webhook of an event */
    JOB_TYPE_COUNT
};

/* Stages of a mission's pipeline, in their order. */
enum stage {
    STAGE_NONE,
    STAGE_INTAKE,
    STAGE_STRATEGY,
    STAGE_CONTENT,
    STAGE_PUBLISH,
    STAGE_ANALYTICS,
    STAGE_OPTIMIZE,
    STAGE_COUNT
};

/* The stage of a job that waits for the account at the provider, or for its mission to go on. */
enum { JOB_STAGE_RESERVED = 1, JOB_STAGE_HELD = 2 };

/* Beside the stage of a job that asks for figures: a call of its is waited for with a time of its
 * own. */
enum { JOB_STAGE_PLACE = 128 };

enum job_state { JOB_STATE_NONE, JOB_OPEN, JOB_DONE, JOB_DEAD, JOB_CANCELLED };

extern const struct names job_type_names, job_state_names, stage_names;

struct job {
    struct id tenant;
    bool live;
    struct id id, ref;
    struct id mission; /* whose it is; none: the tenant's */
    int type, state, stage;
    int64_t run_ms;          /* due, on the tenant's clock */
    int64_t locked_until_ms; /* real time */
    int64_t lease;           /* of who has it; 0: it was given back */
    int64_t attempts;
    int64_t abandoned; /* how often in a row those who had it did not give it back */
    int64_t progress;  /* percent */
    struct str last_error;
    int64_t created_ms, updated_ms;
    /* For people; see job_describe(). */
    struct str ref_text, activity;
    int pipeline_stage; /* enum stage */
    bool running;
};
extern const struct shape job_shape;

/* Fills in what is only shown. now_ms: real time, which leases are in. */
void job_describe(struct arena *a, struct job *j, int64_t now_ms);

/* Filters of the list. */
struct job_filter {
    int status, type;
    struct id mission;
};
extern const struct shape job_filter_shape;

/* What is said of a mission's pipeline as a whole, and of each stage. */
struct stage_view {
    int stage, status;
    int64_t progress;
    struct str input, output; /* JSON */
    int64_t started_ms, updated_ms;
};
enum { STAGE_STATUS_NONE, STAGE_PENDING, STAGE_RUNNING, STAGE_WAITING, STAGE_DONE, STAGE_FAILED };

struct pipeline_view {
    struct id mission;
    int mission_status; /* enum mission_status */
    int64_t progress;
    struct list stages; /* of struct stage_view */
    struct str job;     /* as JSON */
};
extern const struct shape pipeline_shape;

/* The body of a request to run a mission now. */
struct run_request {
    int from; /* enum stage; none: where it stands */
};
extern const struct shape run_request_shape;

#endif
