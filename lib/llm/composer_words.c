/* composer_words.c: fills templates, and the small craft of words: capitals, contractions,
 * hashtags, looking for words. Which template, decides composer_layout.c. */
#include <string.h>

#include "llm/composer.h"

uint64_t rng_next(struct rng *r)
{
    uint64_t z = r->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

uint32_t rng_below(struct rng *r, uint32_t bound)
{
    return (uint32_t)((rng_next(r) >> 32) * bound >> 32);
}

uint64_t rng_mix(uint64_t a, uint64_t b)
{
    struct rng r = {a};
    r.state = rng_next(&r) ^ b;
    return rng_next(&r);
}

uint64_t rng_hash(struct str text)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < text.n; i++)
        h = (h ^ (unsigned char)text.p[i]) * UINT64_C(0x100000001B3);
    return h;
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_word_byte(char c)
{
    return is_upper(c) || is_lower(c) || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

static bool at_sentence_start(struct str text)
{
    while (text.n > 0 && text.p[text.n - 1] == ' ')
        text.n--;
    return text.n == 0 || strchr(".!?\n", text.p[text.n - 1]);
}

/* Appends a phrase of the mission, with a capital where a sentence begins ("iPhone" stays). */
static void add_phrase(struct buf *out, struct str phrase)
{
    size_t at = out->n;
    bool start = at_sentence_start(buf_str(out));
    buf_add(out, phrase);
    bool mixed = phrase.n > 1 && is_upper(phrase.p[1]);
    if (start && !mixed && !out->full && phrase.n > 0 && is_lower(out->p[at]))
        out->p[at] = (char)(out->p[at] - 'a' + 'A');
}

static void add_slot(struct buf *out, struct str slot, const struct matter *m)
{
    const struct {
        struct str name, text;
    } slots[] = {
        {S("t"), m->topic},
        {S("a"), m->audience.n > 0 ? m->audience : S("people")},
        {S("g"), m->goal},
        {S("is"), m->plural ? S("are") : S("is")},
        {S("has"), m->plural ? S("have") : S("has")},
        {S("it"), m->plural ? S("they") : S("it")},
        {S("them"), m->plural ? S("them") : S("it")},
        {S("s"), m->plural ? S("") : S("s")},
    };
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
        if (str_eq(slots[i].name, slot))
            add_phrase(out, slots[i].text);
}

/* One of "one|another". */
static struct str choose(struct str choices, struct rng *r)
{
    uint32_t n = 1;
    for (size_t i = 0; i < choices.n; i++)
        n += choices.p[i] == '|';
    struct str chosen = {0};
    for (uint32_t pick = rng_below(r, n) + 1; pick > 0; pick--)
        chosen = str_cut(&choices, '|');
    return chosen;
}

/* A template without choices. */
static void fill_slots(struct buf *out, struct str template, const struct matter *m)
{
    while (template.n > 0) {
        struct str plain = str_cut(&template, '{');
        buf_add(out, plain);
        if (template.p)
            add_slot(out, str_cut(&template, '}'), m);
    }
}

void words_fill(struct buf *out, const char *template, const struct matter *m, struct rng *r)
{
    struct str rest = str_of(template);
    while (rest.n > 0) {
        fill_slots(out, str_cut(&rest, '['), m);
        if (rest.p)
            fill_slots(out, choose(str_cut(&rest, ']'), r), m);
    }
}

struct contraction {
    struct str ending, full; /* longest first */
};
static const struct contraction contractions[] = {
    {S("can't"), S("cannot")},      {S("won't"), S("will not")},  {S("n't"), S(" not")},
    {S("'re"), S(" are")},          {S("'ve"), S(" have")},       {S("'ll"), S(" will")},
    {S("I'm"), S("I am")},          {S("it's"), S("it is")},      {S("that's"), S("that is")},
    {S("what's"), S("what is")},    {S("here's"), S("here is")},  {S("there's"), S("there is")},
    {S("who's"), S("who is")},      {S("you'd"), S("you would")}, {S("we'd"), S("we would")},
    {S("they'd"), S("they would")},
};

/* The contraction at the front of the text, which stands inside or at the start of a word. */
static const struct contraction *contraction_at(struct str text, bool word_start)
{
    for (size_t i = 0; i < sizeof contractions / sizeof *contractions; i++) {
        struct str ending = contractions[i].ending;
        bool whole = ending.p[0] != '\'' && !str_eq(ending, S("n't"));
        bool ends = text.n == ending.n || (text.n > ending.n && !is_word_byte(text.p[ending.n]));
        if (ends && whole <= word_start && str_eq_nocase(str_sub(text, 0, ending.n), ending))
            return &contractions[i];
    }
    return NULL;
}

void words_formal(struct buf *text, struct buf *spare)
{
    buf_clear(spare);
    struct str s = buf_str(text);
    for (size_t i = 0; i < s.n;) {
        bool word_start = i == 0 || !is_word_byte(s.p[i - 1]);
        const struct contraction *c = contraction_at(str_sub(s, i, s.n), word_start);
        if (!c) {
            buf_char(spare, s.p[i++]);
            continue;
        }
        size_t at = spare->n;
        buf_add(spare, c->full);
        if (!spare->full)
            spare->p[at] = c->full.p[0] == ' ' ? ' ' : s.p[i]; /* keep a capital */
        i += c->ending.n;
    }
    buf_clear(text);
    buf_add(text, buf_str(spare));
}

/* Words that a hashtag does without. */
static bool is_article(struct str word)
{
    static const char *const articles[] = {"a",   "an",   "the", "our", "your", "my",
                                           "new", "more", "of",  "for", "and",  "to"};
    for (size_t i = 0; i < sizeof articles / sizeof *articles; i++)
        if (str_eq_nocase(word, str_of(articles[i])))
            return true;
    return false;
}

static size_t add_tag_word(char *tag, size_t n, struct str word)
{
    bool first = true;
    for (size_t i = 0; i < word.n; i++) {
        if (!is_word_byte(word.p[i])) {
            first = word.p[i] == '-' || first;
            continue;
        }
        char c = word.p[i];
        tag[n++] = first && is_lower(c) ? (char)(c - 'a' + 'A') : c;
        first = false;
    }
    return n;
}

struct str words_hashtag(struct arena *a, struct str phrase)
{
    enum { LONGEST = 26, MOST_WORDS = 3 };
    char *tag = arena_alloc(a, phrase.n + 1);
    size_t n = 1;
    int words = 0;
    tag[0] = '#';
    while (phrase.n > 0) {
        struct str word = str_cut(&phrase, ' ');
        if (word.n == 0 || is_article(word))
            continue;
        n = add_tag_word(tag, n, word);
        words++;
    }
    bool digits = true; /* a number is no hashtag */
    for (size_t i = 1; i < n; i++)
        digits = digits && tag[i] >= '0' && tag[i] <= '9';
    if (digits || n > LONGEST || words > MOST_WORDS)
        return (struct str){0};
    return (struct str){tag, n};
}
