/* places.c: locks on bytes behind the end of the shared file ("open file description" locks, which
 * belong to the descriptor and not to the process: nothing else that closes the file drops them).
 */
#include "shm/places.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "shm/shm.h"

enum { PATH_SIZE = 4096, LOOK_EVERY_NS = 5 * 1000 * 1000 };

static bool lock_byte(int file, int place)
{
    struct flock lock = {
        .l_type = F_WRLCK,
        .l_whence = SEEK_SET,
        .l_start = (off_t)sizeof(struct shm) + place,
        .l_len = 1,
    };
    return fcntl(file, F_OFD_SETLK, &lock) == 0;
}

static bool take_any(int file, int n)
{
    for (int place = 0; place < n; place++) {
        if (lock_byte(file, place))
            return true;
    }
    return false;
}

int place_take(struct str path, int n, int64_t wait_ms)
{
    const struct timespec pause = {0, LOOK_EVERY_NS};
    int64_t end_us = clock_mono_us() + wait_ms * 1000;
    char name[PATH_SIZE];
    int file;
    if (!path.n || path.n >= sizeof name)
        return PLACE_UNCOUNTED;
    memcpy(name, path.p, path.n);
    name[path.n] = '\0';
    file = open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0)
        return PLACE_UNCOUNTED;
    while (!take_any(file, n)) {
        if (errno != EAGAIN && errno != EACCES) {
            close(file);
            return PLACE_UNCOUNTED;
        }
        if (clock_mono_us() >= end_us) {
            close(file);
            return PLACE_NONE;
        }
        nanosleep(&pause, NULL);
    }
    return file;
}

void place_leave(int place)
{
    if (place >= 0)
        close(place);
}
