/* optimal.h: when an audience is likely to be there, as long as nothing is known of it. */
#ifndef AMP_DOMAIN_OPTIMAL_H
#define AMP_DOMAIN_OPTIMAL_H

#include "domain/calendar.h"
#include "domain/platform.h"

/* The next full hour at or after from_ms at which posts on the platform usually do well, in the
 * time zone of the audience. At most three days later. */
int64_t optimal_time(enum platform p, struct str zone, int64_t from_ms);

/* The same as scores from 0.1 to 1: the hours that usually do well, then those beside them, the
 * others of the day, and the night. */
void optimal_week(enum platform p, struct week *out);

#endif
