/* length.c: how long a text is where, and where it may be cut. Links are found in link.c. */
#include <assert.h>
#include <string.h>
#include <unictype.h>
#include <unigbrk.h>
#include <uninorm.h>

#include "base/utf8.h"
#include "domain/link.h"
#include "domain/platform.h"

enum {
    WINDOW = 512,   /* bytes looked at to find clusters; a longer cluster counts as several */
    NFC_GROWTH = 4, /* at most three times as long, UAX #15 */
    LINK_LENGTH = 23
};

/* A walk over a text in pieces that must not be torn: clusters, and where they count, links and
 * mentions. */
struct walk {
    struct str rest;
    enum counting counting;
    bool in_word;        /* nothing may begin here: a letter, a digit or a sign went before */
    bool after_mark;     /* only a link with a scheme may: "-", "_", "." or "/" did */
    size_t planned;      /* bytes at the front of rest whose clusters are known */
    size_t done;         /* of them */
    char starts[WINDOW]; /* does a cluster start at this byte of the window? */
};

static bool ascii_letter_or_digit(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Bytes of the window that hold whole code points. */
static size_t window_of(struct str rest)
{
    size_t n = rest.n < WINDOW ? rest.n : WINDOW;
    if (n == rest.n)
        return n;
    while (n > 1 && ((unsigned char)rest.p[n] & 0xC0) == 0x80)
        n--;
    return n;
}

/* Finds the clusters at the front of the rest. The last one of a full window may go on behind it,
 * and is left to the next window. */
static void plan(struct walk *w)
{
    size_t n = window_of(w->rest);
    u8_grapheme_breaks((const uint8_t *)w->rest.p, n, w->starts);
    w->done = 0;
    w->planned = n;
    if (n == w->rest.n)
        return;
    size_t last = n - 1;
    while (last > 0 && !w->starts[last])
        last--;
    if (last > 0)
        w->planned = last;
}

static size_t cluster_length(struct walk *w)
{
    const unsigned char *p = (const unsigned char *)w->rest.p;
    if (p[0] < 0x80 && p[0] != '\r' && (w->rest.n == 1 || p[1] < 0x80)) {
        w->done++; /* two ASCII characters but CR LF are never one cluster */
        return 1;
    }
    if (w->done >= w->planned)
        plan(w);
    size_t end = w->done + 1;
    while (end < w->planned && !w->starts[end])
        end++;
    size_t n = end - w->done;
    w->done = end;
    return n;
}

/* What must not be torn, and what it counts: a link or a mention has a length of its own. */
struct piece {
    struct str text;
    size_t fixed; /* 0: what its code points weigh */
};

static size_t handle_length(struct str text)
{
    size_t n = 1;
    while (n < text.n && (ascii_letter_or_digit((unsigned char)text.p[n]) || text.p[n] == '_'))
        n++;
    return n;
}

/* "@name@example.social" is one piece that counts as "@name". */
static struct piece mention(struct str text)
{
    size_t local = handle_length(text);
    if (local == 1)
        return (struct piece){{text.p, 0}, 0};
    size_t n = local;
    if (local + 1 < text.n && text.p[local] == '@') {
        size_t host = host_length(str_sub(text, local + 1, text.n));
        n += host > 0 ? host + 1 : 0;
    }
    return (struct piece){{text.p, n}, local};
}

static struct piece special(const struct walk *w)
{
    bool on_x = w->counting == COUNT_X_WEIGHTED;
    if (w->in_word || !(on_x || w->counting == COUNT_MASTODON))
        return (struct piece){{w->rest.p, 0}, 0};
    if (!on_x && w->rest.p[0] == '@' && !w->after_mark)
        return mention(w->rest);
    return (struct piece){{w->rest.p, link_length(w->rest, on_x && !w->after_mark)}, LINK_LENGTH};
}

static struct piece next_piece(struct walk *w)
{
    struct piece p = special(w);
    if (p.text.n > 0)
        w->planned = w->done = 0; /* the clusters behind it must be found anew */
    else
        p = (struct piece){{w->rest.p, cluster_length(w)}, 0};
    unsigned char last = (unsigned char)p.text.p[p.text.n - 1];
    w->in_word = ascii_letter_or_digit(last) || strchr("@#$", last);
    w->after_mark = strchr("_-./", last);
    w->rest = str_sub(w->rest, p.text.n, w->rest.n);
    return p;
}

static bool is_emoji(struct str cluster)
{
    struct str rest = cluster;
    int32_t first = utf8_next(&rest);
    if (first < 0x80 || !uc_is_property((ucs4_t)first, UC_PROPERTY_EXTENDED_PICTOGRAPHIC)) {
        bool flag = first >= 0x1F1E6 && first <= 0x1F1FF && rest.n > 0;
        return flag || (first >= 0 && first < 0x80 && str_ends(rest, S("\u20E3"))); /* keycap */
    }
    return uc_is_property_emoji_presentation((ucs4_t)first) || str_starts(rest, S("\uFE0F"));
}

/* twitter-text configuration v3: these ranges weigh 1, all others 2. */
static size_t x_weight(int32_t c)
{
    bool light = c <= 4351 || (c >= 8192 && c <= 8205) || (c >= 8208 && c <= 8223) ||
                 (c >= 8242 && c <= 8247);
    return light ? 1 : 2;
}

static size_t x_length(struct str cluster)
{
    if (cluster.n == 1)
        return 1;
    if (is_emoji(cluster))
        return 2;
    uint8_t nfc[WINDOW * NFC_GROWTH];
    size_t n = sizeof nfc;
    uint8_t *composed = u8_normalize(UNINORM_NFC, (const uint8_t *)cluster.p, cluster.n, nfc, &n);
    /* Never allocates: the buffer is large enough. It fails only for text that is not UTF-8. */
    struct str text = composed == nfc ? (struct str){(const char *)nfc, n} : cluster;
    size_t length = 0;
    for (int32_t c; (c = utf8_next(&text)) >= 0;)
        length += x_weight(c);
    return length;
}

static size_t utf16_length(struct str cluster)
{
    size_t length = 0;
    for (int32_t c; (c = utf8_next(&cluster)) >= 0;)
        length += c > 0xFFFF ? 2 : 1;
    return length;
}

static size_t cluster_weight(enum counting counting, struct str cluster)
{
    switch (counting) {
    case COUNT_X_WEIGHTED:
        return x_length(cluster);
    case COUNT_GRAPHEMES:
    case COUNT_MASTODON:
        return 1;
    case COUNT_EMOJI_BYTES:
        return is_emoji(cluster) ? cluster.n : utf8_length(cluster);
    case COUNT_UTF16:
        return utf16_length(cluster);
    case COUNT_CODE_POINTS:
        break;
    }
    return utf8_length(cluster);
}

static size_t piece_length(enum counting counting, const struct piece *p)
{
    return p->fixed > 0 ? p->fixed : cluster_weight(counting, p->text);
}

size_t platform_length(enum platform p, struct str text)
{
    struct walk w = {.rest = text, .counting = platform_rules[p].counting};
    if (w.counting == COUNT_CODE_POINTS)
        return utf8_length(text);
    size_t length = 0;
    while (w.rest.n > 0) {
        struct piece piece = next_piece(&w);
        length += piece_length(w.counting, &piece);
    }
    return length;
}

/* The longest beginning whose pieces, as they are in the whole text, fit the limit. */
static struct str cut_pieces(enum platform p, struct str text, size_t limit)
{
    struct walk w = {.rest = text, .counting = platform_rules[p].counting};
    size_t length = 0;
    size_t fits = 0;
    size_t word = 0;
    while (w.rest.n > 0 && length <= limit) {
        struct piece piece = next_piece(&w);
        size_t at = (size_t)(piece.text.p - text.p);
        if (utf8_blank(piece.text))
            word = at;
        length += piece_length(w.counting, &piece);
        if (length <= limit)
            fits = at + piece.text.n;
    }
    if (fits == text.n)
        return text;
    struct str cut = str_sub(text, 0, word > 0 ? word : fits);
    while (cut.n > 0 && strchr(" \t\r\n", cut.p[cut.n - 1]))
        cut.n--;
    return cut;
}

struct str platform_cut(enum platform p, struct str text, size_t limit)
{
    struct str cut = cut_pieces(p, text, limit);
    /* "ab.comfort", cut to six, ends in a link: one that counts more than its letters did. */
    for (size_t room = limit; platform_length(p, cut) > limit; room--)
        cut = cut_pieces(p, text, room);
    return cut;
}
