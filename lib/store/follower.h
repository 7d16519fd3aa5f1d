/* store/follower.h: the tables follower and follower_asked, in the context's tenant and mode: how
 * many follow an account (the provider's blog_id) on a platform (enum platform). */
#ifndef AMP_STORE_FOLLOWER_H
#define AMP_STORE_FOLLOWER_H

#include "base/ctx.h"
#include "domain/platform.h"

/* So many follow an account on a day. */
struct follower_day {
    int platform;
    int64_t day, followers;
};

/* Writes them down, in the place of what was known of those days. Several statements inside the
 * caller's transaction. */
error store_follower_put(struct ctx *c, struct str blog_id, const struct follower_day *days,
                         size_t n);

/* The provider was asked on that day (UTC) about these platforms, bits (1u << PLATFORM_…). Several
 * statements inside the caller's transaction. */
error store_follower_asked(struct ctx *c, struct str blog_id, unsigned platforms, int64_t day);

/* What is known of each platform that the provider was ever asked about; known[] of the others is
 * left as it is. */
struct follower_known {
    int64_t asked; /* the day when it was asked last (UTC) */
    int64_t last;  /* the last day of which the number is known; 0: none is */
};
error store_follower_known(struct ctx *c, struct str blog_id,
                           struct follower_known known[PLATFORM_COUNT]);

/* How many more followed at the end of the period than before its first day, of all accounts and
 * the platforms of the set (0: of all): for each the number of the last day known up to last_day,
 * less that of the last day known before first_day, or where there is none of the first day known.
 */
error store_follower_gained(struct ctx *c, int64_t first_day, int64_t last_day,
                            int64_t platform_set, int64_t *gained);

#endif
