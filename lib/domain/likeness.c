/* likeness.c: texts as words, and as sets of what they say. What follows from it is quality.c's. */
#include "domain/likeness.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

#include "base/utf8.h"
#include "domain/link.h"

enum {
    RUN = 3,        /* words to a shingle */
    NFC_GROWTH = 3, /* at most so many times as long, UAX #15 */
    PLURAL_FROM = 4 /* shorter words have no plural to be looked through */
};

/* Where words are written without spaces. */
static const struct {
    int32_t first, last;
} crowded[] = {
    {0x0E00, 0x0EFF},   /* Thai, Lao */
    {0x1000, 0x109F},   /* Burmese */
    {0x1780, 0x17FF},   /* Khmer */
    {0x3040, 0x30FF},   /* kana */
    {0x3400, 0x9FFF},   /* Han */
    {0xF900, 0xFAFF},   /* more of it */
    {0x20000, 0x3FFFF}, /* and more */
};

static bool is_crowded(int32_t c)
{
    for (size_t i = 0; i < sizeof crowded / sizeof *crowded; i++)
        if (c >= crowded[i].first && c <= crowded[i].last)
            return true;
    return false;
}

static bool is_word_char(int32_t c)
{
    return uc_is_general_category_withtable((ucs4_t)c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M |
                                                           UC_CATEGORY_MASK_N);
}

/* Words as they are found; the text never grows by lowering its case more than NFC_GROWTH. */
struct reader {
    struct str rest;
    struct str *words;
    size_t n;
    char *out;    /* where the next character goes */
    char *begins; /* of the word being read */
    bool tag;     /* it is a hashtag: a capital after a small letter begins a word */
    bool small;   /* the last character was a small letter */
};

static void end_word(struct reader *r)
{
    if (r->out > r->begins)
        r->words[r->n++] = (struct str){r->begins, (size_t)(r->out - r->begins)};
    r->begins = r->out;
    r->small = false;
}

static void add_char(struct reader *r, int32_t c)
{
    if (is_crowded(c) || (r->tag && r->small && uc_is_upper((ucs4_t)c)))
        end_word(r);
    r->small = uc_is_lower((ucs4_t)c);
    r->out += utf8_encode((int32_t)uc_tolower((ucs4_t)c), r->out);
    if (is_crowded(c))
        end_word(r);
}

static void read_char(struct reader *r)
{
    size_t link = r->out == r->begins ? link_length(r->rest, false) : 0;
    if (link) {
        r->rest = str_sub(r->rest, link, r->rest.n);
        return;
    }
    int32_t c = utf8_next(&r->rest);
    bool apostrophe = c == '\'' || c == 0x2019;
    if (is_word_char(c)) {
        add_char(r, c);
    } else if (!apostrophe) { /* "don't" is one word */
        end_word(r);
        r->tag = c == '#';
    }
}

/* In the composed form, so that two ways to write "é" are one. */
static struct str composed(struct arena *a, struct str text)
{
    size_t n = text.n * NFC_GROWTH + 1;
    uint8_t *nfc = arena_alloc(a, n);
    uint8_t *out = u8_normalize(UNINORM_NFC, (const uint8_t *)text.p, text.n, nfc, &n);
    return out == nfc ? (struct str){(const char *)nfc, n} : text;
}

struct list words_of(struct arena *a, struct str text)
{
    struct reader r = {.rest = text.n ? composed(a, text) : text};
    r.words = arena_array(a, r.rest.n + 1, sizeof *r.words);
    r.out = r.begins = arena_alloc(a, r.rest.n * NFC_GROWTH + 4);
    while (r.rest.n)
        read_char(&r);
    end_word(&r);
    return (struct list){r.words, r.n};
}

/* Without the ending of its plural. */
static struct str singular(struct str word)
{
    if (word.n < PLURAL_FROM || word.p[word.n - 1] != 's' || word.p[word.n - 2] == 's')
        return word;
    word.n--;
    if (str_ends(word, S("xe")) || str_ends(word, S("che")) || str_ends(word, S("she")) ||
        str_ends(word, S("sse")))
        word.n--;
    return word;
}

bool words_mention(const struct list *words, const struct list *phrase)
{
    const struct str *in = words->at, *wanted = phrase->at;
    for (size_t i = 0; phrase->n && i + phrase->n <= words->n; i++) {
        size_t same = 0;
        while (same < phrase->n && str_eq(singular(in[i + same]), singular(wanted[same])))
            same++;
        if (same == phrase->n)
            return true;
    }
    return false;
}

/* splitmix64's finish (Steele, Lea, Flood, 2014). */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* FNV-1a over some words, each with an end. */
static uint64_t hash(const struct str *words, size_t n)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k <= words[i].n; k++)
            h = (h ^ (k < words[i].n ? (unsigned char)words[i].p[k] : 0)) * UINT64_C(0x100000001b3);
    }
    return mix(h);
}

static int by_value(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static struct str whole(struct arena *a, const struct copy *c)
{
    const struct str *parts = c->thread_parts.at;
    struct str text = c->thread_parts.n ? (struct str){"", 0} : c->primary;
    for (size_t i = 0; i < c->thread_parts.n; i++)
        text = arena_printf(a, "%.*s\n%.*s", STR(text), STR(parts[i]));
    return text;
}

struct list shingles_of(struct arena *a, const struct copy *c)
{
    struct list words = words_of(a, whole(a, c));
    const struct str *w = words.at;
    size_t run = words.n < RUN ? words.n : RUN;
    size_t count = run ? words.n - run + 1 : 0, n = 0;
    uint64_t *set = arena_array(a, count + 1, sizeof *set);
    for (size_t i = 0; i < count; i++)
        set[i] = hash(w + i, run);
    qsort(set, count, sizeof *set, by_value);
    for (size_t i = 0; i < count; i++)
        if (!n || set[n - 1] != set[i])
            set[n++] = set[i];
    return (struct list){set, n};
}

double shingles_likeness(const struct list *a, const struct list *b)
{
    const uint64_t *x = a->at, *y = b->at;
    size_t i = 0, k = 0, shared = 0;
    while (i < a->n && k < b->n) {
        shared += x[i] == y[k];
        if (x[i] <= y[k])
            k += x[i++] == y[k];
        else
            k++;
    }
    size_t all = a->n + b->n - shared;
    return all ? (double)shared / (double)all : 0;
}

struct sketch sketch_of(const struct list *shingles)
{
    const uint64_t *set = shingles->at;
    struct sketch s;
    for (size_t f = 0; f < SKETCH_BYTES; f++) {
        uint64_t least = UINT64_MAX, salt = mix(f + 1);
        for (size_t i = 0; i < shingles->n; i++) {
            uint64_t h = mix(set[i] ^ salt);
            least = h < least ? h : least;
        }
        s.at[f] = (unsigned char)least;
    }
    return s;
}

double sketch_likeness(const struct sketch *a, const struct sketch *b)
{
    const double chance = 1.0 / 256;
    size_t same = 0;
    for (size_t i = 0; i < SKETCH_BYTES; i++)
        same += a->at[i] == b->at[i];
    double share = ((double)same / SKETCH_BYTES - chance) / (1 - chance);
    return share > 0 ? share : 0;
}
