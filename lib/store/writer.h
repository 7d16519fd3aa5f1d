/* store/writer.h: the table writer, in the context's tenant and mode: how providers of texts have
 * been doing, for all workers. */
#ifndef AMP_STORE_WRITER_H
#define AMP_STORE_WRITER_H

#include "base/ctx.h"

struct writer_row {
    int64_t failures; /* in a row */
    int64_t pause_ms; /* real time: not to be called before; 0: it may be */
    struct str problem;
};

/* All zero if nothing is known. */
error store_writer_get(struct ctx *c, struct str name, struct writer_row *out);
error store_writer_put(struct ctx *c, struct str name, const struct writer_row *w);

#endif
