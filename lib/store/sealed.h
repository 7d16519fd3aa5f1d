/* store/sealed.h: the table of all that is kept sealed, so that it can be sealed anew with another
 * key. A new column with secrets in it is a row more. */
#ifndef AMP_STORE_SEALED_H
#define AMP_STORE_SEALED_H

#include "base/ctx.h"
#include "base/list.h"

/* A sealed value and where it is kept; which members say so depends on the kind. */
struct sealed {
    struct id tenant, id;
    bool live;
    struct str principal, key; /* of a kept answer */
    struct str text;
};

struct sealed_kind {
    const char *name;         /* for people: "accounts" */
    const struct query *next; /* some of those that a key has sealed, after the first n of them */
    /* What the value is bound to, as where it was sealed. */
    struct str (*context)(struct arena *a, const struct sealed *s);
    /* Puts the fresh text in the place of the old one, if that is still there. */
    error (*put)(struct ctx *c, const struct sealed *old, struct str fresh, uint64_t *changed);
};
extern const struct sealed_kind sealed_kinds[];
extern const size_t sealed_kinds_count;

/* Some values of a kind, of all tenants, that the key of this number has sealed, but for the first
 * `skip`: list of struct sealed, empty at the end. */
error store_sealed_next(struct ctx *c, const struct sealed_kind *kind, int64_t key_id, int64_t skip,
                        struct list *out);

#endif
