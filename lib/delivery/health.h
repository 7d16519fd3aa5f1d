/* health.h: how the account at the provider is doing, and whether it may be asked just now: a
 * circuit breaker, and a pace that all workers and hosts keep together. */
#ifndef AMP_DELIVERY_HEALTH_H
#define AMP_DELIVERY_HEALTH_H

#include "delivery/account.h"

enum permit {
    PERMIT_NOW,   /* a call may be made, and has been counted */
    PERMIT_LATER, /* in wait_ms, at a time that is kept free: come back with `reserved` */
    PERMIT_HELD   /* not before wait_ms; who comes back asks again */
};
struct permission {
    bool reserved; /* asked by who comes back at a time that was kept free */
    enum permit permit;
    int64_t wait_ms; /* real time, never the same for all who ask */
    struct str why;  /* for people */
};

/* May the provider be called through the connection? Calls that come on top of the one that was
 * asked for are booked by connection_note(). Not in a transaction. */
error connection_ask(struct ctx *c, const struct connection *to, bool reserved,
                     struct permission *out);

/* The same of n calls; p[i].reserved says what each asks with. */
error connection_ask_all(struct ctx *c, const struct connection *to, struct permission *p,
                         size_t n);

/* Writes down what the calls of to->account.report have told about the account. What was said to
 * an account that has been connected anew meanwhile counts no more. Not in a transaction. */
error connection_note(struct ctx *c, const struct connection *to);

/* The same of n reports of calls made side by side; that of the account itself is not among them.
 * *woken: a pause of the account has ended with them. */
error connection_note_all(struct ctx *c, const struct connection *to,
                          const struct call_report *const *reports, size_t n, bool *woken);

/* Stores the account in the place of what was connected before, or as not connected any more; where
 * it names no board, the same brand keeps its own. Inside a transaction. */
error connection_put(struct ctx *c, const struct integration *i);

/* May anything be sent through an account in this state? */
bool integration_is_usable(int status);

#endif
