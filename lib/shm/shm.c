/* shm.c: makes, checks and maps the shared file. */
#include "shm/shm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHM_MAGIC UINT64_C(0x414D502D53484D31) /* "AMP-SHM1" */
enum { SHM_VERSION = 2 };

static bool header_fits(const struct shm *shm)
{
    return shm->magic == SHM_MAGIC && shm->version == SHM_VERSION && shm->size == sizeof *shm;
}

/* The owner's lock is held, so nobody else is making it. The magic comes last. */
static void make_anew(struct shm *shm)
{
    memset(shm, 0, sizeof *shm);
    shm->version = SHM_VERSION;
    shm->size = sizeof *shm;
    atomic_store(&shm->generation, 1);
    shm->magic = SHM_MAGIC;
}

static struct shm *map(int file, int flags)
{
    void *memory = mmap(NULL, sizeof(struct shm), PROT_READ | PROT_WRITE, flags, file, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* A file of the right size, mapped; NULL if that cannot be. */
static struct shm *map_file(int file)
{
    struct stat s;
    if (flock(file, LOCK_EX) || fstat(file, &s))
        return NULL;
    if (s.st_size != (off_t)sizeof(struct shm) && ftruncate(file, (off_t)sizeof(struct shm)))
        return NULL;
    /* Have the blocks now: a full disk later would be a SIGBUS. */
    if (posix_fallocate(file, 0, (off_t)sizeof(struct shm)))
        return NULL;
    return map(file, MAP_SHARED);
}

struct shm *shm_map(struct str path, const char **problem)
{
    char name[4096];
    struct shm *shm = NULL;
    int file = -1;
    *problem = NULL;
    if (path.n && path.n < sizeof name) {
        memcpy(name, path.p, path.n);
        name[path.n] = '\0';
        file = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
    }
    if (file >= 0) {
        shm = map_file(file);
        if (shm && !header_fits(shm))
            make_anew(shm);
        /* Said aloud: the mapping keeps the open file, and closing it would keep the lock. */
        (void)flock(file, LOCK_UN);
        close(file);
    }
    if (shm)
        return shm;
    *problem = "the shared memory file cannot be used; limits count per process";
    shm = map(-1, MAP_PRIVATE | MAP_ANONYMOUS);
    if (!shm)
        abort(); /* 200 KiB cannot be had: nothing else would work either */
    make_anew(shm);
    return shm;
}

void shm_unmap(struct shm *shm)
{
    if (shm)
        munmap(shm, sizeof *shm);
}

uint64_t shm_generation(const struct shm *shm)
{
    return atomic_load(&shm->generation);
}

void shm_forget(struct shm *shm)
{
    atomic_fetch_add(&shm->generation, 1);
}
