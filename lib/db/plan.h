/* plan.h: what becomes of a statement's text: the text that the server gets, and where the value of
 * each of its placeholders comes from. Knows no database. */
#ifndef AMP_DB_PLAN_H
#define AMP_DB_PLAN_H

#include "db/db.h"

enum plan_source { PLAN_ARGUMENT, PLAN_IDS, PLAN_TENANT, PLAN_LIVE, PLAN_NOW };

struct plan {
    struct str sql;            /* placeholders are `?` only; a zero follows */
    enum plan_source *sources; /* one for each placeholder, in order */
    size_t n;                  /* placeholders */
    size_t arguments;          /* what the caller brings: one for all placeholders of an `:ids` */
};

/* Expands `:cols`, `:ids`, `:tenant`, `:live` and `:now` outside quotes; another name after a colon
 * is a bug and ends the process. The result lives in the arena. */
void plan_make(struct arena *a, const struct query *q, struct plan *out);

/* The values of all placeholders in order, for this context; `out` has room for plan->n. The number
 * of arguments is asserted. */
void plan_fill(const struct plan *plan, const struct ctx *c, const struct param *arguments,
               struct param *out);

#endif
