/* shm.c: makes, checks and maps the shared file. */
#include "shm/shm.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"

#define SHM_MAGIC UINT64_C(0x414D502D53484D31) /* "AMP-SHM1" */
enum { SHM_VERSION = 3, PATH_SIZE = 4096 };

static bool header_fits(const struct shm *shm)
{
    return shm->magic == SHM_MAGIC && shm->version == SHM_VERSION && shm->size == sizeof *shm;
}

/* The owner's lock is held, so nobody else is making it. The magic comes last. */
static void make_anew(struct shm *shm)
{
    uint64_t generation;
    memset(shm, 0, sizeof *shm);
    shm->version = SHM_VERSION;
    shm->size = sizeof *shm;
    shm->host = id_new(clock_ms());
    crypto_random(&generation, sizeof generation); /* not one that was there before */
    atomic_store(&shm->generation, generation | 1);
    shm->magic = SHM_MAGIC;
}

/* At an address, in place of what is there, or anywhere (NULL). */
static struct shm *map(struct shm *at, int file, int flags)
{
    void *memory =
        mmap(at, sizeof(struct shm), PROT_READ | PROT_WRITE, flags | (at ? MAP_FIXED : 0), file, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* A file of the right size, mapped, and made anew if it is not what we expect; NULL if that cannot
 * be. Under the file's lock. */
static struct shm *map_file(struct shm *at, int file)
{
    struct stat s;
    struct shm *shm;
    if (fstat(file, &s) || !S_ISREG(s.st_mode))
        return NULL;
    if (s.st_size != (off_t)sizeof *shm && ftruncate(file, (off_t)sizeof *shm))
        return NULL;
    /* Have the blocks now: a full disk later would be a SIGBUS. */
    if (posix_fallocate(file, 0, (off_t)sizeof *shm))
        return NULL;
    shm = map(at, file, MAP_SHARED);
    if (shm && !header_fits(shm))
        make_anew(shm);
    return shm;
}

static bool copy_path(char name[PATH_SIZE], struct str path)
{
    if (!path.n || path.n >= PATH_SIZE)
        return false;
    memcpy(name, path.p, path.n);
    name[path.n] = '\0';
    return true;
}

static struct shm *open_and_map(struct shm *at, struct str path)
{
    char name[PATH_SIZE];
    struct shm *shm;
    int file;
    if (!copy_path(name, path))
        return NULL;
    file = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0660);
    if (file < 0)
        return NULL;
    shm = flock(file, LOCK_EX) ? NULL : map_file(at, file);
    /* Said aloud: the mapping keeps the open file, and closing it would keep the lock. */
    (void)flock(file, LOCK_UN);
    close(file);
    return shm;
}

/* The one mapping of this process, for the handler below. */
static struct shm *mapped;

/* Somebody cut the file under us. Memory of our own takes the place until shm_repair() comes by, so
 * that the request at hand goes on. */
static void on_bus_error(int signal_number, siginfo_t *info, void *context)
{
    const char *at = info->si_addr, *from = (const char *)mapped;
    (void)context;
    if (!mapped || at < from || at >= from + sizeof *mapped ||
        !map(mapped, -1, MAP_PRIVATE | MAP_ANONYMOUS)) {
        signal(signal_number, SIG_DFL);
        raise(signal_number);
    }
}

static void guard(struct shm *shm)
{
    struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};
    mapped = shm;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}

struct shm *shm_map(struct str path, const char **problem)
{
    struct shm *shm = open_and_map(NULL, path);
    *problem = NULL;
    if (shm) {
        guard(shm);
        return shm;
    }
    *problem = "the shared memory file cannot be used; limits count per process";
    shm = map(NULL, -1, MAP_PRIVATE | MAP_ANONYMOUS);
    if (!shm)
        abort(); /* half a megabyte cannot be had: nothing else would work either */
    make_anew(shm);
    return shm;
}

/* Does the file at this path hold the same host's name as the memory? */
static bool is_same_file(const char *name, const struct id *host)
{
    struct id found;
    int file = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    ssize_t n;
    if (file < 0)
        return false;
    n = pread(file, &found, sizeof found, offsetof(struct shm, host));
    close(file);
    return n == (ssize_t)sizeof found && id_eq(&found, host);
}

bool shm_repair(struct shm *shm, struct str path)
{
    char name[PATH_SIZE];
    struct stat s;
    struct id host = shm->host;
    if (shm != mapped || !copy_path(name, path))
        return false;
    /* The name in the file is random: another file has another one, or none. */
    if (!stat(name, &s) && s.st_size == (off_t)sizeof *shm && header_fits(shm) &&
        is_same_file(name, &host))
        return false;
    return open_and_map(shm, path) != NULL;
}

bool shm_turn(struct shm *shm, int64_t now_ms, int64_t every_ms)
{
    int64_t last = atomic_load(&shm->turn_ms);
    if (now_ms < last + every_ms && last <= now_ms + every_ms)
        return false;
    return atomic_compare_exchange_strong(&shm->turn_ms, &last, now_ms);
}

struct id shm_host(const struct shm *shm)
{
    return shm->host;
}

void shm_unmap(struct shm *shm)
{
    if (shm == mapped)
        mapped = NULL;
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
