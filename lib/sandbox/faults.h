/* faults.h: what goes wrong on demand: magic words in a token or in the text of a post. */
#ifndef AMP_SANDBOX_FAULTS_H
#define AMP_SANDBOX_FAULTS_H

#include "sandbox/visit.h"

enum fault_kind {
    FAULT_NONE,
    FAULT_STATUS,      /* answers with an error, nothing is taken in */
    FAULT_PAGE,        /* answers with a login page, nothing is taken in */
    FAULT_CUT,         /* the connection ends within the answer, nothing is taken in */
    FAULT_CUT_AFTER,   /* the same, and the post is taken in */
    FAULT_TIMEOUT,     /* takes it in, and answers when nobody waits any more */
    FAULT_SLOW,        /* takes it in, and answers late */
    FAULT_MALFORMED,   /* takes it in, and answers with half a JSON text */
    FAULT_FAILS_LATER, /* takes it in, but it never appears */
    FAULT_DUPLICATE,   /* lists it twice */
    FAULT_SKEW,        /* its clock is ten minutes behind */
    FAULT_POPULAR,     /* nothing goes wrong: people engage three times as much as usual */
    FAULT_IGNORED      /* likewise: nobody engages */
};
enum { FAULT_SKEW_MS = 10 * 60 * 1000 };

struct fault {
    struct str name; /* in "[sandbox:NAME]" */
    enum fault_kind kind;
    int status;        /* FAULT_STATUS */
    int retry_after_s; /* likewise; 0: not said */
};

/* The fault that a text asks for, NULL if none. *times: so often, 0: always. */
const struct fault *fault_of(struct str text, int64_t *times);

/* Does the text ask for this kind of fault? */
bool fault_is(struct str text, enum fault_kind kind);

/* Lets the request fail as its fault wants, before anything is taken in. Errors: those of the
 * fault. *f: what remains to be done after the post is taken in; NULL: nothing. */
error fault_before(struct ctx *c, struct str text, const struct fault **f);

/* Spoils the answer of a post that was taken in. */
void fault_after(struct ctx *c, const struct fault *f);

/* What a token wants: an error for each request, or none. *own: the part of it that tells the
 * account. */
error fault_of_token(struct ctx *c, struct str token, struct str *own);

#endif
