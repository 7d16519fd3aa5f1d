/* arena.c: chunks that are cut from front to back and taken back all at once. Objects that must be
 * released one by one do not live here; they are deferred. */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_GUARDED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_GUARDED 1
#endif
#endif

/* RED_ZONE: bytes after each allocation that nobody may touch. */
#ifdef ARENA_GUARDED
#include <sanitizer/asan_interface.h>
#define RED_ZONE ((size_t)16)
#define FORBID(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define PERMIT(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#define RED_ZONE ((size_t)0)
#define FORBID(p, n) ((void)(p), (void)(n))
#define PERMIT(p, n) ((void)(p), (void)(n))
#endif

enum {
    CHUNK_SIZE = 64 * 1024,
    OWN_CHUNK = CHUNK_SIZE / 4, /* what is larger would waste the rest of the current chunk */
    ALIGNMENT = alignof(max_align_t)
};

struct chunk {
    struct chunk *next;
    size_t size;
    alignas(max_align_t) char bytes[];
};

struct deferred {
    struct deferred *next;
    void (*release)(void *);
    void *object;
};

struct arena {
    char *at, *end;      /* what is free in the chunk being cut */
    struct chunk *first; /* kept over a reset */
    struct chunk *more;  /* given back at a reset */
    struct deferred *deferred;
    size_t used, ceiling;
};

/* A bug, or a machine without memory: nothing that the caller could handle. */
static _Noreturn void die(const char *why, size_t n)
{
    (void)fprintf(stderr, "arena: %s (%zu bytes)\n", why, n);
    abort();
}

static struct chunk *chunk_new(size_t size)
{
    struct chunk *chunk = malloc(sizeof *chunk + size);
    if (!chunk)
        die("out of memory", size);
    chunk->next = NULL;
    chunk->size = size;
    FORBID(chunk->bytes, size);
    return chunk;
}

static void chunk_free(struct chunk *chunk)
{
    PERMIT(chunk->bytes, chunk->size);
    free(chunk);
}

static void cut_from(struct arena *a, struct chunk *chunk)
{
    a->at = chunk->bytes;
    a->end = chunk->bytes + chunk->size;
}

struct arena *arena_new(size_t ceiling)
{
    assert(ceiling <= SIZE_MAX / 2);
    struct arena *a = calloc(1, sizeof *a);
    if (!a)
        die("out of memory", sizeof *a);
    a->ceiling = ceiling;
    a->first = chunk_new(CHUNK_SIZE);
    cut_from(a, a->first);
    return a;
}

void arena_reset(struct arena *a)
{
    while (a->deferred) {
        struct deferred *d = a->deferred;
        a->deferred = d->next;
        d->release(d->object);
    }
    while (a->more) {
        struct chunk *chunk = a->more;
        a->more = chunk->next;
        chunk_free(chunk);
    }
    a->used = 0;
    cut_from(a, a->first);
    FORBID(a->first->bytes, a->first->size);
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    arena_reset(a);
    chunk_free(a->first);
    free(a);
}

/* The current chunk is too short for `size` bytes. */
static char *take_from_new_chunk(struct arena *a, size_t size)
{
    struct chunk *chunk = chunk_new(size > OWN_CHUNK ? size : CHUNK_SIZE);
    chunk->next = a->more;
    a->more = chunk;
    if (size > OWN_CHUNK)
        return chunk->bytes;
    cut_from(a, chunk);
    a->at += size;
    return chunk->bytes;
}

/* `n` bytes as they are. */
static inline char *take(struct arena *a, size_t n)
{
    if (n > a->ceiling - a->used)
        die("ceiling passed", n);
    a->used += n;
    size_t size = ((n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1)) + RED_ZONE;
    char *p = a->at;
    if (size <= (size_t)(a->end - p))
        a->at += size;
    else
        p = take_from_new_chunk(a, size);
    PERMIT(p, n);
    return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
    return memset(take(a, n), 0, n);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t n;
    if (__builtin_mul_overflow(count, size, &n))
        die("array too large", SIZE_MAX);
    return arena_alloc(a, n);
}

struct str arena_str(struct arena *a, struct str s)
{
    return s.p ? (struct str){arena_cstr(a, s), s.n} : s;
}

char *arena_cstr(struct arena *a, struct str s)
{
    char *copy = take(a, s.n + 1);
    if (s.n)
        memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    return copy;
}

struct str arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct str text = arena_vprintf(a, format, args);
    va_end(args);
    return text;
}

struct str arena_vprintf(struct arena *a, const char *format, va_list args)
{
    char small[256];
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(small, sizeof small, format, args);
    assert(n >= 0);
    struct str text = {small, (size_t)n};
    if (text.n < sizeof small) {
        text = arena_str(a, text);
    } else {
        char *large = take(a, text.n + 1);
        (void)vsnprintf(large, text.n + 1, format, again);
        text.p = large;
    }
    va_end(again);
    return text;
}

void arena_defer(struct arena *a, void (*release)(void *), void *object)
{
    struct deferred *d = ARENA_NEW(a, struct deferred);
    *d = (struct deferred){a->deferred, release, object};
    a->deferred = d;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}
