/* places.h: a few places that the processes of a host share, for work that must not be done by
 * everybody at once. A place is a lock on one byte of the shared file, which the kernel gives up
 * for a process that dies. */
#ifndef AMP_SHM_PLACES_H
#define AMP_SHM_PLACES_H

#include "base/str.h"

enum { PLACE_NONE = -1, PLACE_UNCOUNTED = -2 };

/* Takes one of `n` places of the file at `path` (that of shm_map), waiting up to wait_ms for one.
 * To be given back with place_leave(). PLACE_NONE: they are all taken. PLACE_UNCOUNTED: the file
 * cannot be used, and the process may go on, as with limits. */
int place_take(struct str path, int n, int64_t wait_ms);
void place_leave(int place);

#endif
