/* store/publication.h: the table publication, what was sent, in the context's tenant and mode. */
#ifndef AMP_STORE_PUBLICATION_H
#define AMP_STORE_PUBLICATION_H

#include "base/ctx.h"
#include "base/list.h"
#include "db/db.h"

/* The numbers are stored: never renumber. */
enum publication_state {
    PUBLICATION_NONE,
    PUBLICATION_INTENDED,  /* written down; may or may not have left */
    PUBLICATION_UNCLEAR,   /* left, answer lost: look before sending again */
    PUBLICATION_ACCEPTED,  /* the provider has it */
    PUBLICATION_PUBLISHED, /* it is out */
    PUBLICATION_REFUSED    /* the provider will not */
};

/* One attempt to publish one content, exactly as it is sent. */
struct publication_row {
    struct id content;
    int64_t attempt; /* from 1 */
    int state, platform, type;
    struct str copy, media; /* documents: copy_shape; ["url", …] and alt texts as {"url","alt"} */
    int64_t publish_ms, sent_ms;
    struct str provider_post_id, provider_uuid, problem;
};

/* New attempts: number, state, copy … of each. */
error store_publications_insert(struct ctx *c, const struct publication_row *const *p, size_t n);
/* The last attempt; ERR_NOT_FOUND. */
error store_publication_last(struct ctx *c, const struct id *content, struct publication_row *out);
/* The last attempts of those of the contents that have one, in any order: list of struct
 * publication_row. */
error store_publications_last(struct ctx *c, struct id_list contents, struct list *out);
/* Writes state, publish_ms, sent_ms, provider ids and problem of *p while the state is `from`;
 * ERR_INVALID_STATE: somebody was faster. */
error store_publication_move(struct ctx *c, const struct publication_row *p,
                             enum publication_state from);

/* The same of many, all or (inside a transaction) none. */
struct publication_move {
    const struct publication_row *row;
    enum publication_state from;
};
error store_publications_move(struct ctx *c, const struct publication_move *m, size_t n);

/* Is this post of the provider's known to be another content's? */
error store_publication_is_others(struct ctx *c, struct str provider_post_id,
                                  const struct id *content, bool *others);

/* Attempts that have left or may have, and that have not been seen published, by content, at most
 * `limit`: list of struct publication_row. */
error store_publication_on_its_way(struct ctx *c, int64_t limit, struct list *out);

#endif
