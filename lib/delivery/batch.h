/* batch.h: deliveries of one account that are carried out together, and what is next for each.
 * Private to this room. */
#ifndef AMP_DELIVERY_BATCH_H
#define AMP_DELIVERY_BATCH_H

#include "delivery/delivery.h"
#include "delivery/publication.h"

enum delivery_turn {
    TURN_OVER,   /* nothing: its state or its failure says why */
    TURN_INTEND, /* it is written down that it is about to be sent */
    TURN_LOOK,   /* the provider may have it: it is asked */
    TURN_RENEW,  /* it never arrived: a new attempt is written down */
    TURN_SEND,   /* it is sent */
    TURN_SETTLE  /* what calls have told is written down */
};

struct batch {
    struct delivery **at;
    size_t n;
    struct patience *patience; /* NULL: all calls begin */
    int64_t calls_ms;          /* so long may the calls take that come next */
    int64_t held_ms;           /* a transaction has prolonged the jobs until then; 0: it has not */
};

/* Those of the batch whose turn it is. */
struct batch batch_of(struct ctx *c, const struct batch *all, enum delivery_turn turn);

/* Runs a transaction for all of the batch; if something about one of them stands in the way, once
 * for each. What failed has its failure, and its turn is over. */
void batch_write(struct ctx *c, const struct batch *b, error (*work)(struct ctx *c, void *batch));

/* intent.c: before anything is sent. The first three run inside a transaction, on a batch. */

/* TURN_INTEND: content and job are ours, and what is to be sent is written down, or an earlier
 * attempt whose fate nobody knows goes on. Fills in the failure of what may not be sent. */
error intent_write(struct ctx *c, void *batch);
/* TURN_RENEW, of one: its attempt is closed, and a new one begins, unless it may not be sent any
 * more: then d->problem says why, and it is scheduled again, or has failed. */
error intent_renew(struct ctx *c, void *batch);
/* Of one: it cannot be sent at all, d->problem says why. */
error intent_turn_down(struct ctx *c, void *batch);
/* Makes sure that the jobs stay ours during calls that take so long. */
void intent_keep(struct ctx *c, const struct batch *b, int64_t calls_ms);
/* How long so many calls may take that are made side by side: all of them, or as far as patience
 * lasts. */
int64_t intent_calls_ms(const struct ctx *c, size_t calls);
int64_t intent_patient_ms(const struct ctx *c, size_t calls);
/* Not in a transaction: what belongs to a paused or deleted mission asks for nothing more. */
void intent_check_missions(struct ctx *c, const struct batch *b);

/* ask.c: the calls, none of them in a transaction. Each ends in a verdict, or in TURN_RENEW. */
void ask_send(struct ctx *c, const struct batch *b);   /* TURN_SEND */
void ask_status(struct ctx *c, const struct batch *b); /* TURN_LOOK, of what was accepted */
void ask_search(struct ctx *c, const struct batch *b); /* TURN_LOOK, of what may have arrived */

/* verdict.c: what calls have told becomes states. */

/* Metricool has it, and may say already that it is out. */
void verdict_take(struct ctx *c, struct delivery *d, const struct post *post);
void verdict_send(struct ctx *c, struct delivery *d, const struct send_result *r);
void verdict_status(struct ctx *c, struct delivery *d, const struct post *post);
/* It was asked for, and is not there. */
void verdict_missing(struct ctx *c, struct delivery *d);
/* It is nobody's fault: the job is given back. Of the second it is certain that nothing has left,
 * so it waits as if it were not due. */
void verdict_give_back(struct delivery *d);
void verdict_withhold(struct delivery *d);
/* The provider did not say. */
void verdict_silence(struct ctx *c, struct delivery *d);
/* Nothing is certain, and nothing was asked. */
void verdict_postpone(struct delivery *d, struct str problem);
/* TURN_SETTLE, inside a transaction, on a batch. */
error verdict_settle(struct ctx *c, void *batch);

/* delivery.c */

/* How long before its time the provider is told of a post. */
int64_t delivery_lead_ms(const struct ctx *c);
/* How long the provider may take to show what it was sent. */
int64_t delivery_reconcile_ms(const struct ctx *c);
/* From 0 to `range`, always the same for the content: what many want at the same minute is spread.
 */
int64_t delivery_spread_ms(const struct content *x, int64_t range);

#endif
