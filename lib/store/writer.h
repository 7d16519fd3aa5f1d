/* store/writer.h: the table writer, in the context's tenant and mode: how providers of texts have
 * been doing, for all workers. */
#ifndef AMP_STORE_WRITER_H
#define AMP_STORE_WRITER_H

#include "base/ctx.h"

struct writer_row {
    int64_t failures; /* in a row */
    int64_t pause_ms; /* real time: not to be called before; 0: it may be */
    struct str problem;
    struct str model; /* that the rest is about */
    bool proven;      /* it has charged as agreed */
    int64_t dear;     /* percent: what it may charge, of what was agreed */
};

/* All zero if nothing is known. */
error store_writer_get(struct ctx *c, struct str name, struct writer_row *out);

/* The same as it is at this moment, and stays until the transaction ends. */
error store_writer_lock(struct ctx *c, struct str name, struct writer_row *out);

error store_writer_put(struct ctx *c, struct str name, const struct writer_row *w);

#endif
