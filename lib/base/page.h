/* page.h: where in a list a page begins. */
#ifndef AMP_BASE_PAGE_H
#define AMP_BASE_PAGE_H

#include "base/id.h"
#include "base/list.h"

enum { PAGE_MAX = 100 };

struct page {
    int64_t limit;
    struct id after, before; /* at most one is set */
};

/* Lists are read with one row more than the page holds: drops it, says whether it was there, and
 * turns a page that was read upwards (before is set) around, so that it is newest first. */
void page_finish(const struct page *page, struct list *rows, size_t row_size, bool *more);

/* The id that a page read downwards stays below: its cursor, or one past all ids. */
struct id page_upper(const struct page *page);

/* Does it begin where the list begins? Then, if it has no rows, the list has none. */
bool page_is_first(const struct page *page);

#endif
