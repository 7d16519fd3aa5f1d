/* composer_matter.c: reads an objective ("Increase brand awareness among developers") as grammar:
 * what is wanted, what it is about, and for whom. English only; what it does not know, it takes as
 * a noun phrase. */
#include <string.h>

#include "llm/composer.h"
#include "llm/composer_vocabulary.h"

enum { MAX_WORDS = 48, TOPIC_MAX = 56, AUDIENCE_MAX = 40, GOAL_MAX = 90 };

struct phrase {
    struct str words[MAX_WORDS];
    size_t n;
};

/* The text of the words [from, to). They stand in one text with one space between. */
static struct str span(const struct phrase *p, size_t from, size_t to)
{
    if (from >= to || to > p->n)
        return (struct str){0};
    const char *start = p->words[from].p;
    return (struct str){start, (size_t)(p->words[to - 1].p + p->words[to - 1].n - start)};
}

static bool starts_with_digit(struct str word)
{
    return word.n > 0 && word.p[0] >= '0' && word.p[0] <= '9';
}

static bool ends_text(char c)
{
    return strchr(".,;:!?", c) != NULL;
}

static bool is_plain_letter(char c, char first, char last)
{
    return c >= first && c <= last;
}

/* "Awareness" → "awareness", but "API" and "iPhone" stay. */
static void lower_word(char *p, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (is_plain_letter(p[i], 'A', 'Z'))
            return;
    if (n > 0 && is_plain_letter(p[0], 'A', 'Z'))
        p[0] = (char)(p[0] - 'A' + 'a');
}

/* Takes a word off the front. *ends: the clause ends behind it. */
static struct str next_word(struct str *rest, bool *ends)
{
    size_t n = 0;
    while (n < rest->n && (unsigned char)rest->p[n] > ' ' && rest->p[n] != '(')
        n++;
    struct str word = {rest->p, n};
    *rest = str_trim(str_sub(*rest, n, rest->n));
    *ends = rest->n == 0 || rest->p[0] == '(';
    while (word.n > 0 && ends_text(word.p[word.n - 1])) {
        word.n--;
        *ends = true;
    }
    return word;
}

static bool is_dash(struct str word)
{
    return str_eq(word, S("-")) || str_eq(word, S("\u2013")) || str_eq(word, S("\u2014"));
}

/* Splits the first clause into words, copied with one space between; "to" at its front is dropped.
 */
static void split(struct arena *a, struct str text, struct phrase *out)
{
    char *p = arena_alloc(a, text.n + 1);
    struct str rest = str_trim(text);
    bool ends = rest.n == 0;
    out->n = 0;
    while (!ends && out->n < MAX_WORDS) {
        struct str word = next_word(&rest, &ends);
        if (is_dash(word) && out->n > 0)
            return;
        if (word.n == 0 || is_dash(word) || (out->n == 0 && str_eq_nocase(word, S("to"))))
            continue;
        memcpy(p, word.p, word.n);
        if (word_is_common(word) || (out->n == 0 && word_verb(word)))
            lower_word(p, word.n);
        out->words[out->n++] = (struct str){p, word.n};
        p += word.n;
        *p++ = ' ';
    }
}

/* Does a part begin here that says how, when or where, but not what? */
static bool is_aside(const struct phrase *p, size_t i)
{
    struct str word = p->words[i];
    struct str next = i + 1 < p->n ? p->words[i + 1] : (struct str){0};
    if (word_is(word, WORD_CLAUSE_END))
        return true;
    if (str_eq_nocase(word, S("and")))
        return word_verb(next) != NULL;
    if (str_eq_nocase(word, S("this")) || str_eq_nocase(word, S("next")))
        return word_is(next, WORD_PERIOD);
    if (str_eq_nocase(word, S("on")))
        return word_is(next, WORD_CHANNEL);
    if (str_eq_nocase(word, S("in")) || str_eq_nocase(word, S("to")) ||
        str_eq_nocase(word, S("from")))
        return starts_with_digit(next) || word_is(next, WORD_PERIOD);
    return false;
}

static void cut_asides(struct phrase *p)
{
    for (size_t i = 1; i < p->n; i++)
        if (is_aside(p, i))
            p->n = i;
}

/* The first preposition in [from, to), else `to`. */
static size_t find_preposition(const struct phrase *p, size_t from, size_t to)
{
    while (from < to && !word_is(p->words[from], WORD_PREPOSITION))
        from++;
    return from;
}

/* Is the noun phrase [from, to) one of people? */
static bool are_people(const struct phrase *p, size_t from, size_t to)
{
    size_t end = find_preposition(p, from, to);
    return end > from && word_is_people(p->words[end - 1]);
}

static size_t skip_quantifiers(const struct phrase *p, size_t from, size_t to)
{
    while (from + 1 < to &&
           (word_is(p->words[from], WORD_QUANTIFIER) || starts_with_digit(p->words[from])))
        from++;
    return from;
}

/* Takes the longest beginning of the words as the topic that is short enough to be said often. */
static void set_topic(struct matter *m, const struct phrase *p, size_t from, size_t to)
{
    from = skip_quantifiers(p, from, to);
    while (to > from + 1 && span(p, from, to).n > TOPIC_MAX) {
        size_t shorter = to - 1;
        while (shorter > from + 1 && !word_is(p->words[shorter], WORD_PREPOSITION))
            shorter--;
        to = shorter > from + 1 ? shorter : to - 1;
    }
    m->topic = span(p, from, to);
    size_t head = find_preposition(p, from, to);
    m->plural = head > from && word_is_plural(p->words[head - 1]);
    for (size_t i = from + 1; i + 1 < head; i++)
        m->plural = m->plural || str_eq_nocase(p->words[i], S("and"));
}

static void set_audience(struct matter *m, const struct phrase *p, size_t from, size_t to)
{
    from = skip_quantifiers(p, from, to);
    while (from + 1 < to && word_is(p->words[from], WORD_NEWCOMER))
        from++;
    to = find_preposition(p, from, to);
    struct str audience = span(p, from, to);
    bool anybody = str_eq_nocase(audience, S("people"));
    if (!anybody && audience.n > 0 && audience.n <= AUDIENCE_MAX &&
        word_is_plural(p->words[to - 1]))
        m->audience = audience;
}

/* "reaching developers", "donating blood": the words [from, to), of which the first is the verb. */
static bool set_gerund(struct arena *a, struct matter *m, const struct phrase *p, size_t from)
{
    const struct verb *v = from < p->n ? word_verb(p->words[from]) : NULL;
    struct str rest = span(p, from + 1, p->n);
    if (!v || rest.n == 0 || strlen(v->gerund) + 1 + rest.n > TOPIC_MAX)
        return false;
    m->topic = arena_printf(a, "%s %.*s", v->gerund, STR(rest));
    m->gerund = true;
    m->plural = false;
    return true;
}

/* "… among developers", "… for startups": takes the audience off the end; the new end. */
static size_t take_audience(struct matter *m, const struct phrase *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        struct str word = p->words[i];
        bool among = str_eq_nocase(word, S("among")) || str_eq_nocase(word, S("across")) ||
                     str_eq_nocase(word, S("with")) || str_eq_nocase(word, S("from"));
        bool to_people = str_eq_nocase(word, S("for")) || str_eq_nocase(word, S("to"));
        if (!(among || to_people) || !are_people(p, i + 1, to))
            continue;
        set_audience(m, p, i + 1, to);
        return i;
    }
    return to;
}

/* Something to know about, or something on offer? A determiner tells: "our app", "the law fair". */
static void set_offer(struct matter *m, const struct phrase *p, size_t from, size_t to, bool field)
{
    set_topic(m, p, from, to);
    m->kind &= ~(unsigned)T_ANY;
    m->kind |= field && !word_is(p->words[from], WORD_DETERMINER) ? T_FIELD : T_THING;
}

/* "an orphanage" → "the orphanage": readers are to hear of one that they come to know. */
static void make_definite(struct arena *a, struct matter *m)
{
    struct str rest = m->topic;
    struct str article = str_cut(&rest, ' ');
    if (rest.n > 0 && (str_eq_nocase(article, S("a")) || str_eq_nocase(article, S("an"))))
        m->topic = arena_printf(a, "the %.*s", STR(rest));
}

/* "Position us as the simplest way to pay" is about that way; "Bring families into the shop" about
 * the shop, for families. False: it is neither. */
static bool read_place(struct matter *m, const struct phrase *p)
{
    bool position =
        str_eq_nocase(p->words[0], S("position")) || str_eq_nocase(p->words[0], S("establish"));
    bool bring = str_eq_nocase(p->words[0], S("bring"));
    size_t at = 1;
    for (; at + 1 < p->n; at++) {
        struct str word = p->words[at];
        if (position && str_eq_nocase(word, S("as")))
            break;
        if (bring && (str_eq_nocase(word, S("to")) || str_eq_nocase(word, S("into"))))
            break;
    }
    if (at + 1 >= p->n || !(position || (bring && are_people(p, 1, at))))
        return false;
    if (bring)
        set_audience(m, p, 1, at);
    set_offer(m, p, at + 1, p->n, false);
    return true;
}

/* "wedding cake orders" → "our wedding cakes", "newsletter sign-ups" → "our newsletter". */
static void set_deal(struct arena *a, struct matter *m, const struct phrase *p, size_t from,
                     size_t head)
{
    struct str what = span(p, from, head - 1);
    bool many = word_is(p->words[head - 1], WORD_TRADE) && !word_is_plural(p->words[head - 2]);
    const char *our = word_is(p->words[from], WORD_DETERMINER) ? "" : "our ";
    m->topic = arena_printf(a, "%s%.*s%s", our, STR(what), many ? "s" : "");
    m->plural = many || word_is_plural(p->words[head - 2]);
    m->kind |= T_THING;
}

/* What a figure is about if its own words say so: "sign-ups *for the free trial*". */
static bool read_tail(struct matter *m, const struct phrase *p, size_t head, size_t end)
{
    struct str figure = p->words[head - 1];
    struct str link = p->words[head];
    bool inside = str_eq_nocase(link, S("in")) || str_eq_nocase(link, S("on"));
    bool loose = str_eq_nocase(link, S("across")) || str_eq_nocase(link, S("as"));
    if (head + 1 >= end || loose || (inside && !word_is(figure, WORD_INWARD)))
        return false;
    set_offer(m, p, head + 1, end, word_is(figure, WORD_INSIGHT));
    return true;
}

/* "brand awareness", "sign-ups for the free trial", "wedding cake orders". False: no figure. */
static bool read_figure(struct arena *a, struct matter *m, const struct phrase *p, size_t from)
{
    size_t head = find_preposition(p, from, p->n);
    if (head == from || !word_is(p->words[head - 1], WORD_FIGURE))
        return false;
    size_t end = take_audience(m, p, head, p->n);
    if (head < end && read_tail(m, p, head, end))
        return true;
    from = skip_quantifiers(p, from, head);
    bool plain = true;
    for (size_t i = from; i + 1 < head; i++)
        plain = plain &&
                (word_is(p->words[i], WORD_PLAIN_MODIFIER) || word_is(p->words[i], WORD_NEWCOMER));
    if (!plain && word_is(p->words[head - 1], WORD_DEAL)) {
        set_deal(a, m, p, from, head);
        return true;
    }
    set_topic(m, p, from, head);
    m->kind |= T_CRAFT;
    return true;
}

/* "volunteers for the winter drive", "founders about employment law", "people to donate blood". */
static void read_people(struct arena *a, struct matter *m, const struct phrase *p)
{
    size_t from = 1;
    if (str_eq_nocase(p->words[from], S("with")) && p->n > 2)
        from++;
    size_t end = find_preposition(p, from, p->n);
    size_t verb = from + 1;
    while (verb < end && !word_verb(p->words[verb]))
        verb++;
    set_audience(m, p, from, verb);
    struct str link = end + 1 < p->n ? p->words[end] : (struct str){0};
    bool about = str_eq_nocase(link, S("about")) || str_eq_nocase(link, S("on")) ||
                 str_eq_nocase(link, S("of"));
    bool for_thing = str_eq_nocase(link, S("for")) && !are_people(p, end + 1, p->n);
    if (about || for_thing) {
        set_offer(m, p, end + 1, p->n, about);
        return;
    }
    if (str_eq_nocase(link, S("to")) && set_gerund(a, m, p, end + 1)) {
        m->kind |= T_FIELD;
        return;
    }
    m->kind |= T_CRAFT;
    if (!set_gerund(a, m, p, 0))
        set_topic(m, p, from, p->n);
}

/* A thing: what it is, with what belongs to it, less whom it is for. */
static void read_thing(struct arena *a, struct matter *m, const struct phrase *p, size_t from,
                       bool offer)
{
    size_t end = take_audience(m, p, from + 1, p->n);
    if (from > 0 && !offer && are_people(p, from, end)) {
        set_audience(m, p, from, end);
        if (set_gerund(a, m, p, 0)) {
            m->kind |= T_CRAFT;
            return;
        }
    }
    set_offer(m, p, from, end, from == 0);
}

static void read_whole(struct arena *a, struct matter *m, const struct phrase *p)
{
    m->kind |= T_CRAFT;
    (void)take_audience(m, p, 1, p->n);
    if (!set_gerund(a, m, p, 0))
        set_topic(m, p, 1, p->n);
}

static void read_kind(struct matter *m, const struct phrase *p)
{
    if (word_is(p->words[0], WORD_LAUNCH))
        m->kind |= T_LAUNCH;
    for (size_t i = 0; i < p->n; i++)
        if (word_is(p->words[i], WORD_GIVING))
            m->kind |= T_GIVING;
}

/* v: the verb that it begins with; NULL: it is a noun phrase. */
static void read_by_verb(struct arena *a, struct matter *m, const struct phrase *p,
                         const struct verb *v)
{
    size_t from = v ? 1 : 0;
    if (v && v->kind == VERB_WHOLE)
        read_whole(a, m, p);
    else if (v && v->kind == VERB_PEOPLE)
        read_people(a, m, p);
    else if (!read_figure(a, m, p, from))
        read_thing(a, m, p, from, v && v->kind == VERB_OFFER);
}

bool matter_read(struct arena *a, struct str objective, struct matter *out)
{
    struct phrase p = {.n = 0};
    *out = (struct matter){0};
    split(a, objective, &p);
    cut_asides(&p);
    if (p.n == 0)
        return false;
    const struct verb *v = p.n > 1 ? word_verb(p.words[0]) : NULL;
    struct str goal = span(&p, 0, p.n);
    if (v && goal.n <= GOAL_MAX)
        out->goal = goal;
    read_kind(out, &p);
    if (!v || !read_place(out, &p))
        read_by_verb(a, out, &p, v);
    make_definite(a, out);
    if (out->topic.n > 2 * TOPIC_MAX)
        out->topic = platform_cut(PLATFORM_BLUESKY, out->topic, TOPIC_MAX);
    return out->topic.n > 0;
}

void matter_audience(struct arena *a, struct str text, struct matter *m)
{
    struct phrase p = {.n = 0};
    split(a, text, &p);
    cut_asides(&p);
    if (p.n > 0)
        set_audience(m, &p, 0, p.n);
}

static bool speaks_to_readers(struct str sentence)
{
    enum { SHORTEST = 20, LONGEST = 180 };
    if (sentence.n < SHORTEST || sentence.n > LONGEST)
        return false;
    struct str rest = sentence;
    bool verb = false;
    struct str first = {0};
    for (size_t i = 0; rest.n > 0; i++) {
        bool ends;
        struct str word = next_word(&rest, &ends);
        if (word_is(word, WORD_INTERNAL))
            return false;
        first = i == 0 ? word : first;
        verb = verb || (i > 0 && i < 5 && word_is(word, WORD_TELLING));
        rest = str_trim(str_sub(rest, rest.n > 0 && rest.p[0] == '(', rest.n));
    }
    return verb && is_plain_letter(first.p[0], 'A', 'Z') && !word_is(first, WORD_POINTING);
}

struct str matter_about(struct arena *a, struct str description)
{
    struct str rest = str_trim(description);
    while (rest.n > 0) {
        size_t n = 0;
        while (n < rest.n && !(strchr(".!?\n", rest.p[n]) &&
                               (n + 1 == rest.n || (unsigned char)rest.p[n + 1] <= ' ')))
            n++;
        struct str sentence = str_trim(str_sub(rest, 0, n));
        bool question = n < rest.n && rest.p[n] == '?';
        rest = str_trim(str_sub(rest, n + 1, rest.n));
        if (!question && speaks_to_readers(sentence))
            return arena_printf(a, "%.*s.", STR(sentence));
    }
    return (struct str){0};
}
