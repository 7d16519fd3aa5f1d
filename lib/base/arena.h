/* arena.h: memory that lives until its arena is reset; nothing in it is freed one by one. */
#ifndef AMP_BASE_ARENA_H
#define AMP_BASE_ARENA_H

#include <stdarg.h>

#include "base/str.h"

struct arena;

/* A new arena that may hold `ceiling` bytes. The ceiling is a trap for bugs: inputs are bounded
 * before they get here, and passing it ends the process. Never NULL. */
struct arena *arena_new(size_t ceiling);

/* Runs what was deferred (newest first) and takes all memory back; pointers into it are dead. One
 * block is kept for the next use. In AddressSanitizer builds the memory is poisoned. */
void arena_reset(struct arena *a);

/* arena_reset(), and the arena itself is gone. NULL is allowed. */
void arena_free(struct arena *a);

/* `n` zeroed bytes, aligned for any type. Never NULL. */
void *arena_alloc(struct arena *a, size_t n);

/* `count` zeroed members of `size` bytes; an overflow of the product is fatal. */
void *arena_array(struct arena *a, size_t count, size_t size);

/* One zeroed object of a type. */
#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))

/* A copy of the text; none stays none. The copy has a zero after it. */
struct str arena_str(struct arena *a, struct str s);

/* The text as a C string (for library borders); none gives "". */
char *arena_cstr(struct arena *a, struct str s);

/* Formatted as by printf. */
struct str arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct str arena_vprintf(struct arena *a, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Calls release(object) at the next reset: for objects of libraries. */
void arena_defer(struct arena *a, void (*release)(void *), void *object);

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);

#endif
