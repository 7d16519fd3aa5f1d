/* buf.c: bytes that grow on the heap. What they mean (JSON, SQL, HTTP) is the writer's business. */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 256, INT_DIGITS = 20 /* of INT64_MIN, with its sign */ };

void buf_init(struct buf *b, size_t ceiling)
{
    assert(ceiling <= SIZE_MAX / 2);
    *b = (struct buf){.ceiling = ceiling};
}

void buf_release(struct buf *b)
{
    free(b->p);
    buf_init(b, b->ceiling);
}

static void release(void *b)
{
    buf_release(b);
}

struct buf *buf_new(struct arena *a, size_t ceiling)
{
    struct buf *b = ARENA_NEW(a, struct buf);
    buf_init(b, ceiling);
    arena_defer(a, release, b);
    return b;
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->full = false;
}

/* At least `capacity` bytes, which the ceiling allows. One byte more is there for the zero that
 * vsnprintf() cannot do without. */
static void grow(struct buf *b, size_t capacity)
{
    if (capacity < FIRST_CAPACITY)
        capacity = FIRST_CAPACITY;
    if (capacity < 2 * b->capacity)
        capacity = 2 * b->capacity;
    if (capacity > b->ceiling)
        capacity = b->ceiling;
    char *p = realloc(b->p, capacity + 1);
    if (!p) {
        (void)fprintf(stderr, "buf: out of memory (%zu bytes)\n", capacity);
        abort();
    }
    b->p = p;
    b->capacity = capacity;
}

char *buf_room(struct buf *b, size_t n)
{
    if (b->full || n > b->ceiling - b->n) {
        b->full = true;
        return NULL;
    }
    if (!b->p || n > b->capacity - b->n)
        grow(b, b->n + n);
    return b->p + b->n;
}

void buf_add(struct buf *b, struct str s)
{
    char *room = buf_room(b, s.n);
    if (!room || s.n == 0)
        return;
    memcpy(room, s.p, s.n);
    b->n += s.n;
}

void buf_char(struct buf *b, char c)
{
    buf_add(b, (struct str){&c, 1});
}

void buf_int(struct buf *b, int64_t value)
{
    char digits[INT_DIGITS];
    size_t at = sizeof digits;
    uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (value < 0)
        digits[--at] = '-';
    buf_add(b, (struct str){digits + at, sizeof digits - at});
}

static void __attribute__((format(printf, 2, 0)))
add_formatted(struct buf *b, const char *format, va_list args)
{
    char small[256];
    va_list again;
    va_copy(again, args);
    int wanted = vsnprintf(small, sizeof small, format, args);
    assert(wanted >= 0);
    size_t n = (size_t)wanted;
    if (n < sizeof small)
        buf_add(b, (struct str){small, n});
    else if (buf_room(b, n)) {
        (void)vsnprintf(b->p + b->n, n + 1, format, again);
        b->n += n;
    }
    va_end(again);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_formatted(b, format, args);
    va_end(args);
}

struct str buf_str(const struct buf *b)
{
    return (struct str){b->p ? b->p : "", b->n};
}
