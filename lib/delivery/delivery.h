/* delivery.h: brings contents to their networks, each once. Nothing leaves before it is written
 * down; what may have left is looked for before anything is sent again. Whoever delivers holds the
 * content's publish job; every change of state is conditional. Those of one account go together:
 * one transaction before the calls and one after them, and the calls side by side. */
#ifndef AMP_DELIVERY_DELIVERY_H
#define AMP_DELIVERY_DELIVERY_H

#include "delivery/health.h"
#include "store/job.h"

enum delivery_state {
    DELIVERY_NONE,      /* there is nothing to deliver, or somebody else does */
    DELIVERY_PUBLISHED, /* it is out */
    DELIVERY_FAILED,    /* it will not be: content.publishing.last_error says why */
    DELIVERY_WAITING,   /* look again at again_ms, on the tenant's clock */
    DELIVERY_RETRY,     /* nothing is certain: again after wait_ms, in real time; 0: as usual */
    DELIVERY_PAUSED     /* the account may not be asked now: after wait_ms, in real time, at `stage`
                           of the job; not an attempt */
};

struct delivery {
    enum delivery_state state;
    int64_t again_ms, wait_ms;
    int stage;              /* of the job, from now on */
    struct str problem;     /* DELIVERY_RETRY, DELIVERY_PAUSED: why, for people */
    struct content content; /* as it is now */
    error failure;          /* nothing was decided: again, as after any error */
    bool written;           /* what this means for the job is written down, too */
    /* The rest is the room's own. */
    struct publication_row row;
    struct connection connection;
    struct job job;
    int turn;        /* enum delivery_turn of batch.h */
    bool ours;       /* the job was held before */
    int64_t held_ms; /* real time: until then nobody else takes the job */
    bool fresh;      /* the row was written just now: nothing can have left */
    bool last_try;   /* what does not work now has failed */
    bool look_again; /* it was accepted, and may be out already */
    /* TURN_SETTLE: the state of the row before, of the content then (none: neither changes), and
     * the calls that are to be entered in the ledger. */
    enum publication_state from;
    enum content_status to;
    bool posted;
    int64_t copies, inquiries, listings;
    struct content after;
    struct job again;
};

/* Publishes approved, scheduled or failed content now, for somebody who waits for it; what remains
 * to be done is left to the worker. Not in a transaction. Errors, nothing has been sent:
 * ERR_NOT_FOUND, ERR_INVALID_STATE (its own or its mission's), ERR_NOT_CONNECTED (or no longer),
 * ERR_VALIDATION_FAILED, ERR_PROVIDER, ERR_UNAVAILABLE. */
error delivery_now(struct ctx *c, const struct id *content, struct delivery *d);

/* A delivery for a publish job that the caller holds. `content` is that of the job, as the caller
 * has just read it. last_try: a failure now is final. */
struct delivery delivery_of(const struct job *job, const struct content *content, bool last_try);

/* One step of deliveries of the context's tenant and mode, DELIVERY_TOGETHER at most: sends what is
 * due, and settles what was begun. What has not begun when there is no more patience (struct
 * patience; NULL: nobody stops wanting it) comes back as DELIVERY_PAUSED. */
enum { DELIVERY_TOGETHER = 100 };
void delivery_step(struct ctx *c, struct delivery *d, size_t n, const struct fetch_watch *watch);

/* Puts the publish jobs of scheduled content, inside the transaction that schedules it. */
error delivery_schedule(struct ctx *c, const struct content *x);
error delivery_schedule_all(struct ctx *c, const struct list *contents); /* of struct content */

/* Disconnects the account: takes back what the provider has and has not brought out, and forgets
 * the token. Scheduled content waits for another account. `cancelled` was taken back and is
 * approved again; of `left` nobody knows, or it was too late: lists of struct id. Not in a
 * transaction. */
error delivery_disconnect(struct ctx *c, struct list *cancelled, struct list *left);

#endif
