/* store/cost_day.h: the table cost_day, sums of the ledger by day, in the context's tenant and
 * mode.
 */
#ifndef AMP_STORE_COST_DAY_H
#define AMP_STORE_COST_DAY_H

#include "store/cost.h"

/* Takes a call as it now stands in the ledger into the sums of its day (sign 1), or out of them
 * (-1); one that is only reserved, or not there, counts nothing. Whoever changes a call takes it
 * out before and in again after, in the same transaction. Locks the call. */
error store_cost_day_count(struct ctx *c, const struct id *call, int sign);

/* Takes calls that were booked just now into the sums: one statement, in the order of the sums'
 * key, so those who enter at once wait for each other and never in a circle. */
error store_cost_day_enter(struct ctx *c, const struct cost *calls, size_t n);

/* Makes the sums anew from the ledger. Inside in_locking_transaction(); no call is booked until it
 * ends. */
error store_cost_day_rebuild(struct ctx *c);

#endif
