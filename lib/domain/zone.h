/* zone.h: civil time in the zones of the system's time zone database, and back. */
#ifndef AMP_DOMAIN_ZONE_H
#define AMP_DOMAIN_ZONE_H

#include "base/str.h"

struct civil; /* base/clock.h */

/* Is this the name of an IANA time zone the system knows ("Europe/Madrid", "UTC")? Only names of
 * [A-Za-z0-9_+-] segments are looked at, never paths out of the database. "UTC" needs no database.
 */
bool zone_known(struct str name);

/* The civil time in the zone at an instant, and its offset from UTC in seconds (either pointer may
 * be NULL). A zone that is not known is UTC, here and below. */
void zone_civil(struct str zone, int64_t ms, struct civil *out, int *offset_s);

/* The instant of a civil time in the zone. A time skipped by daylight saving moves to the next
 * minute that exists; an ambiguous one is the first of the two. */
int64_t zone_instant(struct str zone, const struct civil *local);

#endif
