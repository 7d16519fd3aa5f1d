/* store/archive.h: putting away, in bulk, what a mission has not published. */
#ifndef AMP_STORE_ARCHIVE_H
#define AMP_STORE_ARCHIVE_H

#include "base/ctx.h"
#include "base/id.h"

enum { ARCHIVE_STEP = 500 /* texts that one transaction puts away of a deleted mission */ };

/* Both archive content of a mission that nobody has published or is publishing (draft,
 * pending_review, approved, scheduled, rejected, failed), and cancel its open jobs. Its slots are
 * free again. Inside a transaction; several statements. */

/* All that has a slot from `from_ms` on. */
error store_archive_from(struct ctx *c, const struct id *mission, int64_t from_ms);

/* The oldest ARCHIVE_STEP, with or without a slot, of a mission that gets no new content. *more:
 * there may be some left. */
error store_archive_next(struct ctx *c, const struct id *mission, bool *more);

#endif
