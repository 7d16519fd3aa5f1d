/* calls.h: the ledger's entries for calls of the provider that no post is the reason for: figures,
 * followers, best times, brands. They cost nothing. (Those about a post are publication.h's.) */
#ifndef AMP_DELIVERY_CALLS_H
#define AMP_DELIVERY_CALLS_H

#include "publish/publisher.h"

struct calls {
    struct str what;   /* "analytics.posts" … */
    struct id mission; /* that they were made for; may be none: they are of the tenant */
    struct id job;     /* likewise: a person asked */
    int n;             /* how many were made; none: nothing is entered */
};

/* Inside a transaction. */
error calls_enter(struct ctx *c, const struct calls *x);

/* The same in a transaction of its own. */
error calls_note(struct ctx *c, const struct calls *x);

#endif
