/* cost_read.c: the questions to the ledger. Who writes it is elsewhere. */
#include "store/cost_read.h"

#include "db/db.h"

static const struct col cost_cols[] = {{"COALESCE(SUM(microcents), 0)", COL_INT, 0}};
static const struct row cost_row = ROW(int64_t, cost_cols);

error store_cost_of_mission(struct ctx *c, const struct id *mission, int64_t from_ms,
                            int64_t until_ms, int64_t *microcents)
{
    QUERY q = {
        .name = "cost.of_mission",
        .sql = "SELECT :cols FROM cost WHERE tenant_id = :tenant AND livemode = :live"
               " AND mission_id = ? AND spent_ms >= ? AND spent_ms < ?",
        .row = &cost_row,
        .index = "by_mission",
    };
    return db_one(c, &q, microcents, P(mission), P(from_ms), P(until_ms));
}
