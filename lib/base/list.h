/* list.h: some objects in a row, of a type that the holder knows. */
#ifndef AMP_BASE_LIST_H
#define AMP_BASE_LIST_H

#include <stddef.h>

/* `at` points to n objects; borrowed, never owned. */
struct list {
    const void *at;
    size_t n;
};

#endif
