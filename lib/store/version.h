/* store/version.h: the tables content_version and content_sketch. */
#ifndef AMP_STORE_VERSION_H
#define AMP_STORE_VERSION_H

#include "base/page.h"
#include "domain/likeness.h"
#include "domain/version.h"

/* Keeps the first version of content that is about to get its second, as it is stored. */
error store_version_keep(struct ctx *c, const struct id *content);

error store_version_insert(struct ctx *c, const struct id *content, const struct version *v);

/* One page, newest first. Nothing is kept of content in its first version. */
error store_version_page(struct ctx *c, const struct id *content, const struct page *page,
                         struct list *out, bool *more);

/* What a text of a mission looks like from afar. */
struct sketch_row {
    struct id content_id;
    struct str sketch; /* SKETCH_BYTES of them */
};

/* Puts the sketches of what n contents say now, in place of earlier ones. skip (may be NULL): which
 * to leave out. */
error store_sketches_put(struct ctx *c, const struct content *x, size_t n, const bool *skip);

/* The sketches of a mission's newest texts that are neither rejected nor archived, at most `limit`:
 * list of struct sketch_row. */
error store_sketches(struct ctx *c, const struct id *mission, int64_t limit, struct list *out);

#endif
