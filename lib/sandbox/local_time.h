/* local_time.h: local times of the wire as instants. The sandbox has its own way to them, by the C
 * library, so that a mistake of the client's calendar shows. */
#ifndef AMP_SANDBOX_LOCAL_TIME_H
#define AMP_SANDBOX_LOCAL_TIME_H

#include "base/str.h"

/* "2025-12-05T15:30:00" in an IANA zone, or a time with an offset of its own (RFC 3339; then the
 * zone is not looked at), as milliseconds since 1970. An ambiguous time is the first of the two, a
 * skipped one an hour later. False if the text is no time or the zone unknown. */
bool local_instant(struct str text, struct str zone, int64_t *ms);

#endif
