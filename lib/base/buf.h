/* buf.h: bytes that grow up to a ceiling. Running into it sets `full`, which is asked once, at the
 * end; until then further appends do nothing. */
#ifndef AMP_BASE_BUF_H
#define AMP_BASE_BUF_H

#include "base/arena.h"

struct buf {
    char *p;
    size_t n, capacity, ceiling;
    bool full;
};

/* A buffer on the heap; buf_release() frees it. */
void buf_init(struct buf *b, size_t ceiling);
void buf_release(struct buf *b);

/* A buffer that is released when the arena is reset. */
struct buf *buf_new(struct arena *a, size_t ceiling);

/* Empty again, memory kept, `full` cleared. */
void buf_clear(struct buf *b);

void buf_add(struct buf *b, struct str s);
void buf_char(struct buf *b, char c);
void buf_int(struct buf *b, int64_t value);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Room for `n` more bytes at b->p + b->n, to be written by the caller who then adds to b->n; NULL
 * when that would pass the ceiling (and `full` is set). */
char *buf_room(struct buf *b, size_t n);

/* What has been written so far; valid until the next append. */
struct str buf_str(const struct buf *b);

#endif
