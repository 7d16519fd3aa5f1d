/* store/content.h: the tables content and content_count, in the context's tenant and mode. */
#ifndef AMP_STORE_CONTENT_H
#define AMP_STORE_CONTENT_H

#include "base/ctx.h"
#include "base/page.h"
#include "db/db.h"
#include "domain/version.h"

error store_content_get(struct ctx *c, const struct id *id, struct content *out);

/* Those of the ids that are there, in any order: list of struct content. */
error store_contents_get(struct ctx *c, struct id_list ids, struct list *out);

/* The same, with their rows locked until the transaction ends, one after the other by id. */
error store_contents_lock(struct ctx *c, struct id_list ids, struct list *out);

/* One, with its row locked until the transaction ends. */
error store_content_lock(struct ctx *c, const struct id *id, struct content *out);

/* One page, newest first, and how many there are in all, as of one moment: one statement, or a
 * snapshot of two where ranges are asked for or a later page is empty. Not within a transaction. */
error store_content_page(struct ctx *c, const struct content_filter *f, const struct page *page,
                         struct list *out, bool *more, int64_t *total);

/* Row, sketch and counts. Content for a slot that is taken already (same mission, platform and
 * slot_ms): db_is_duplicate(). */
error store_content_insert(struct ctx *c, const struct content *x);

/* The same of many; taken (n of them, false): true where the slot was taken, which is no error. */
error store_contents_insert(struct ctx *c, const struct content *x, size_t n, bool *taken);

/* Conditional change of state, from x->status to `to`, that also writes scheduling, publishing and
 * review of *x, and updated_ms = :now; x->status and x->updated_ms follow. ERR_INVALID_STATE:
 * somebody was faster, nothing is written. */
error store_content_move(struct ctx *c, struct content *x, enum content_status to);

/* The same of many, all or (inside a transaction) none. */
struct content_move {
    struct content *content;
    enum content_status to;
};
error store_contents_move(struct ctx *c, const struct content_move *m, size_t n);

/* Why there is a new version of content. */
struct revision {
    enum version_cause cause;
    struct str author; /* "usr_…" or "key_…"; none: AMP itself */
    struct str reason; /* what was wrong with the version before; may be none */
};

/* Writes *x as a new version (copy, visuals, metadata), x->version + 1, while the status is still
 * x->status: ERR_INVALID_STATE. The versions before stay readable. Several statements. */
error store_content_rewrite(struct ctx *c, struct content *x, const struct revision *why);

/* Gives content another slot; db_is_duplicate(): it is taken. */
error store_content_place(struct ctx *c, struct content *x, int64_t slot_ms);

/* Slots of a mission and platform that already have content, from_ms <= slot < until_ms, in order:
 * list of int64_t. */
error store_content_slots(struct ctx *c, const struct id *mission, enum platform p, int64_t from_ms,
                          int64_t until_ms, struct list *out);

/* How many texts the mission has had for the platform so far, whatever became of them. */
error store_content_count_of(struct ctx *c, const struct id *mission, enum platform p,
                             int64_t *out);

/* Content of a mission in a state, oldest first, at most `limit`, with ids past `after`. */
error store_content_in_state(struct ctx *c, const struct id *mission, enum content_status status,
                             const struct id *after, int64_t limit, struct list *out);

/* Content of a mission that has waited for a review, unchanged, since until_ms or longer, at most
 * `limit`. */
error store_content_waiting(struct ctx *c, const struct id *mission, int64_t until_ms,
                            int64_t limit, struct list *out);
/* Since when the mission's longest waiting content has waited; 0: none does. */
error store_content_waiting_since(struct ctx *c, const struct id *mission, int64_t *out);

/* What is asked of the queue; 0 and none: everything. */
struct queue_filter {
    struct id mission;
    int platform;
    int64_t from_ms, to_ms; /* [from, to) */
};
/* A place in the queue: behind it, or before it if `up`; no id: from the first. */
struct queue_cursor {
    struct id id;
    int64_t at_ms;
    bool up;
};

/* Content that is scheduled or being published, by its time (read upwards the other way round), and
 * how much there is without the cursor. Three statements. */
error store_content_queue(struct ctx *c, const struct queue_filter *f,
                          const struct queue_cursor *from, int64_t limit, struct list *out,
                          int64_t *total);

/* When content is scheduled, is being published, was published or failed. */
struct queue_place {
    int64_t at_ms;
    int status;
};
/* Calls fn with a struct queue_place for each content in the filter's range, in any order. */
error store_content_calendar(struct ctx *c, const struct queue_filter *f,
                             error (*fn)(void *arg, const void *row), void *arg);

/* Numbers of a mission's content by state: counts[CONTENT_STATUS_COUNT]. */
error store_content_by_state(struct ctx *c, const struct id *mission, int64_t *counts);

/* Notes that somebody approved this version; ERR_INVALID_STATE: not for the first time. */
error store_approval_insert(struct ctx *c, const struct content *x, struct str approver);

#endif
