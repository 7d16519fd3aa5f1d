/* visit.h: a request to the sandbox on its way, private to this room. */
#ifndef AMP_SANDBOX_VISIT_H
#define AMP_SANDBOX_VISIT_H

#include "base/ctx.h"
#include "http/reply.h"
#include "http/route.h"
#include "json/tree.h"
#include "sandbox/ledger.h"

/* Each token has an account of its own, with these brands. */
struct sandbox_brand {
    const char *label, *title, *zone;
    int networks; /* so many rows of sandbox_networks are connected */
};
enum { SANDBOX_BRANDS = 2 };
extern const struct sandbox_brand sandbox_brands[SANDBOX_BRANDS];

/* What handlers get: the circumstances of http/, and the sandbox's own. */
struct visit {
    struct ctx ctx; /* the first member: see visit_of() */
    struct ledger *ledger;
    int64_t account;
    int64_t brand; /* of blogId; 0 where a call has none */
};

static inline struct visit *visit_of(struct ctx *c)
{
    return (struct visit *)(void *)c;
}

/* The account's user, and the number of its brand at `index`. */
int64_t account_user(int64_t account);
int64_t account_brand(int64_t account, int index);

/* A query parameter that must be there. Errors: ERR_INVALID_REQUEST. */
error visit_parameter(struct ctx *c, const char *name, struct str *value);

/* Reads userId and blogId, which every call about a brand has. Errors: ERR_INVALID_REQUEST,
 * ERR_FORBIDDEN for a brand of somebody else. */
error visit_brand(struct ctx *c);

/* A time in the query, local to its timezone (none: UTC) or with an offset. Errors:
 * ERR_INVALID_REQUEST. */
error visit_time(struct ctx *c, const char *name, int64_t *ms);

/* The network in the path. Errors: ERR_NOT_FOUND. */
error visit_network(struct ctx *c, int *network);

/* Begins {"data": … of an answer, and ends and sends it. */
struct writer *visit_data(struct ctx *c, struct writer *w);
error visit_reply(struct ctx *c, struct writer *w);

/* Has the post appeared on any network by now? */
bool sandbox_post_is_out(const struct ctx *c, const struct ledger_post *post);

/* The id under which a post appeared on a network, and its address. */
struct str sandbox_post_platform_id(struct arena *a, const struct ledger_post *post, int network);
struct str sandbox_post_url(struct ctx *c, const struct ledger_post *post, int network);

extern const struct route sandbox_brand_routes[], sandbox_scheduler_routes[],
    sandbox_analytics_routes[], sandbox_inspect_routes[], sandbox_llm_routes[];

#endif
