/* measure.c: pairs figures with posts, and knows how soon to look again. What is asked and booked,
 * the stage `analytics` decides. */
#include "delivery/measure.h"

#include "base/clock.h"

enum {
    APART_MS = 5 * 60 * 1000, /* of a post's time here and there */
    TOLD = 60,                /* bytes of a text that tell it from others; networks shorten links */
};

static const struct {
    int64_t younger_ms; /* than this */
    int64_t intervals;
} ages[] = {
    {2 * DAY_MS, 1},
    {14 * DAY_MS, 6},
    {90 * DAY_MS, 24},
};

int64_t measure_next_ms(int64_t published_ms, int64_t now_ms, int64_t interval_ms)
{
    for (size_t i = 0; i < sizeof ages / sizeof *ages; i++) {
        if (now_ms - published_ms < ages[i].younger_ms)
            return now_ms + ages[i].intervals * interval_ms;
    }
    return INT64_MAX;
}

/* A content that has no figures yet, with what it is known by; the words only once they count. */
struct candidate {
    const struct content *content; /* NULL: taken */
    struct str url, beginning;
};

/* An address without what networks change in it: scheme, "www.", query, last slash. */
static struct str bare(struct str url)
{
    static const struct str before[] = {S("https://"), S("http://"), S("www.")};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        if (str_starts(url, before[i]))
            url = str_sub(url, before[i].n, url.n);
    }
    url = str_cut(&url, '?');
    return str_ends(url, S("/")) ? str_sub(url, 0, url.n - 1) : url;
}

/* How a text begins, without its white space, which networks change. */
static struct str beginning(struct arena *a, struct str text)
{
    char *told = arena_alloc(a, TOLD);
    size_t n = 0;
    for (size_t i = 0; i < text.n && n < TOLD; i++) {
        if ((unsigned char)text.p[i] > ' ')
            told[n++] = text.p[i];
    }
    return (struct str){told, n};
}

/* A post as the provider tells it, and whether a content is that post. */
struct told {
    const struct post_metrics *figures;
    struct str url, beginning;
};
typedef bool sameness(const struct candidate *x, const struct told *t);

static bool same_id(const struct candidate *x, const struct told *t)
{
    struct str id = t->figures->platform_post_id;
    return id.n && str_eq(id, x->content->publishing.platform_post_id);
}

static bool same_address(const struct candidate *x, const struct told *t)
{
    return t->url.n && str_eq(t->url, x->url);
}

static bool same_words(const struct candidate *x, const struct told *t)
{
    int64_t apart_ms = t->figures->published_ms - x->content->publishing.published_ms;
    return t->beginning.n && apart_ms <= APART_MS && apart_ms >= -APART_MS &&
           str_eq(t->beginning, x->beginning);
}

static const struct {
    sameness *same;
    bool by_words; /* and then only if no other content fits */
} ways[] = {{same_id, false}, {same_address, false}, {same_words, true}};

/* The content that fits, which is taken by that; NULL: none, or not surely. */
static const struct content *take(struct candidate *x, size_t n, const struct told *t, size_t way)
{
    struct candidate *fits = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!x[i].content || !ways[way].same(&x[i], t))
            continue;
        if (fits)
            return NULL;
        fits = &x[i];
        if (!ways[way].by_words)
            break;
    }
    if (!fits)
        return NULL;
    const struct content *content = fits->content;
    fits->content = NULL;
    return content;
}

/* The words of what neither id nor address has found. */
static error read_words(struct arena *a, struct candidate *x, size_t n, struct told *told,
                        const struct content *const *found, size_t told_count)
{
    for (size_t i = 0; i < n; i++) {
        struct copy copy;
        if (!x[i].content)
            continue;
        TRY(content_copy(a, x[i].content, &copy));
        const struct str *parts = copy.thread_parts.at;
        x[i].beginning = beginning(a, copy.thread_parts.n ? parts[0] : copy.primary);
    }
    for (size_t i = 0; i < told_count; i++) {
        if (!found[i])
            told[i].beginning = beginning(a, told[i].figures->text);
    }
    return NULL;
}

error measure_match(struct arena *a, const struct list *contents, const struct list *figures,
                    const struct content **found)
{
    const struct content *x = contents->at;
    const struct post_metrics *m = figures->at;
    struct candidate *candidates = arena_array(a, contents->n + 1, sizeof *candidates);
    struct told *told = arena_array(a, figures->n + 1, sizeof *told);
    for (size_t i = 0; i < contents->n; i++)
        candidates[i] =
            (struct candidate){.content = &x[i], .url = bare(x[i].publishing.platform_url)};
    for (size_t i = 0; i < figures->n; i++) {
        told[i] = (struct told){.figures = &m[i], .url = bare(m[i].platform_url)};
        found[i] = NULL;
    }
    for (size_t way = 0; way < sizeof ways / sizeof *ways; way++) {
        if (ways[way].by_words)
            TRY(read_words(a, candidates, contents->n, told, found, figures->n));
        for (size_t i = 0; i < figures->n; i++) {
            if (!found[i])
                found[i] = take(candidates, contents->n, &told[i], way);
        }
    }
    return NULL;
}
