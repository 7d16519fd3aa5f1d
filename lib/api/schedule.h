/* schedule.h: what approving and scheduling have in common. */
#ifndef AMP_API_SCHEDULE_H
#define AMP_API_SCHEDULE_H

#include "domain/content.h"

/* May something be scheduled for then? At least 60 s ahead, at most a year:
 * ERR_VALIDATION_FAILED. */
error check_schedule_time(struct ctx *c, struct str param, int64_t when_ms);

/* What the platform would refuse anyway is not put out, nor a pin without a board to go to:
 * ERR_VALIDATION_FAILED. */
error check_publishable(struct ctx *c, const struct content *x, struct str param);

/* Is there still a mission that the content is for? ERR_INVALID_STATE. */
error check_mission_lives(struct ctx *c, const struct content *x);

#endif
