/* store/cost_read.h: the sums of the ledger `cost`, in the context's tenant and mode. */
#ifndef AMP_STORE_COST_READ_H
#define AMP_STORE_COST_READ_H

#include "base/ctx.h"

/* What was spent on a mission in [from_ms, until_ms), in microcents. */
error store_cost_of_mission(struct ctx *c, const struct id *mission, int64_t from_ms,
                            int64_t until_ms, int64_t *microcents);

#endif
