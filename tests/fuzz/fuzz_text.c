/* fuzz_text.c: texts of any bytes: UTF-8, and how the platforms count and cut what is valid. The
 * first byte of the input is a limit, the rest the text. */
#include <string.h>

#include "base/utf8.h"
#include "domain/content.h"
#include "target.h"

enum { TEXT_MAX = 1024 }; /* twice what the count of clusters looks at in one go */

/* Decoding and encoding again gives the same bytes. */
static void check_utf8(struct str text)
{
    struct str rest = text;
    size_t code_points = 0;
    while (rest.n > 0) {
        const char *at = rest.p;
        int32_t c = utf8_next(&rest);
        char again[4];
        if (c < 0)
            break;
        size_t n = utf8_encode(c, again);
        assert(n == (size_t)(rest.p - at) && memcmp(again, at, n) == 0);
        code_points++;
    }
    assert(utf8_valid(text) == (rest.n == 0));
    assert(rest.n > 0 || utf8_length(text) == code_points);
}

static void check_prefix(struct str text, size_t n)
{
    struct str front = utf8_prefix(text, n);
    assert(utf8_valid(front) && str_starts(text, front));
    assert(utf8_length(front) <= n);
    assert(utf8_length(front) == n || front.n == text.n);
}

/* What is cut off the end leaves a beginning that fits; what fits is not cut. */
static void check_cut(enum platform p, struct str text, size_t limit)
{
    struct str cut = platform_cut(p, text, limit);
    assert(utf8_valid(cut) && str_starts(text, cut));
    assert(platform_length(p, cut) <= limit);
    assert(cut.n == text.n || platform_length(p, text) > limit);
}

static void check_issues(struct arena *a, enum platform p, struct str text)
{
    const struct copy copy = {.primary = text, .hashtags = {&text, 1}, .headline = text};
    struct list issues = content_issues(a, p, TYPE_POST, &copy, 0, false);
    const struct issue *found = issues.at;
    assert(utf8_valid(copy_rendered(a, &copy, 0)));
    for (size_t i = 0; i < issues.n; i++)
        assert(found[i].code.n > 0 && utf8_valid(found[i].message));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = input_arena();
    if (size == 0 || size > TEXT_MAX)
        return 0;
    size_t limit = data[0];
    struct str text = input_text(data + 1, size - 1);
    check_utf8(text);
    if (!utf8_valid(text) || memchr(text.p, 0, text.n)) /* bodies hold no U+0000 */
        return 0;
    check_prefix(text, limit);
    for (int p = PLATFORM_NONE + 1; p < PLATFORM_COUNT; p++) {
        check_cut((enum platform)p, text, limit);
        check_cut((enum platform)p, text, (size_t)platform_rules[p].limit);
        check_issues(a, (enum platform)p, text);
    }
    return 0;
}
