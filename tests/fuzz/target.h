/* target.h: what every target has. A target checks promises with assert(), which ends it. */
#ifndef AMP_TESTS_TARGET_H
#define AMP_TESTS_TARGET_H

#include <assert.h>
#include <stdint.h>

#include "base/arena.h"

enum { INPUT_MAX = 64 * 1024 }; /* what is larger is slow and shows nothing new */

/* Looks at one input; returns 0 (libFuzzer's contract). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline struct str input_text(const uint8_t *data, size_t size)
{
    return size ? (struct str){(const char *)data, size} : S("");
}

/* The arena of all inputs of a process, empty. */
static inline struct arena *input_arena(void)
{
    static struct arena *a;
    if (!a)
        a = arena_new((size_t)256 << 20);
    arena_reset(a);
    return a;
}

#endif
