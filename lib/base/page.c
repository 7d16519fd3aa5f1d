/* page.c: pages of lists by keyset: a page begins at an id, never at a number of rows. */
#include "base/page.h"

#include <string.h>

static void swap(char *a, char *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char t = a[i];
        a[i] = b[i];
        b[i] = t;
    }
}

void page_finish(const struct page *page, struct list *rows, size_t row_size, bool *more)
{
    char *at = (char *)rows->at;
    *more = rows->n > (size_t)page->limit;
    if (*more)
        rows->n = (size_t)page->limit;
    if (id_is_none(&page->before))
        return;
    for (size_t low = 0, high = rows->n; low + 1 < high; low++, high--)
        swap(at + low * row_size, at + (high - 1) * row_size, row_size);
}

struct id page_upper(const struct page *page)
{
    struct id past_all;
    if (!id_is_none(&page->after))
        return page->after;
    memset(past_all.c, '~', sizeof past_all.c);
    return past_all;
}

bool page_is_first(const struct page *page)
{
    return id_is_none(&page->after) && id_is_none(&page->before);
}
