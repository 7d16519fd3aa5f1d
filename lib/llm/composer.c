/* composer.c: the built-in writer: no network, no key, no cost. It reads the brief, makes attempts
 * until one fits the platform and leaves the excluded topics alone, and says how sure it is. The
 * making of an attempt is in composer_layout.c.
 *
 * Confidence is the weighted share of what could be checked, times 0.95, as a machine that only
 * arranges sentences should never be certain: see checks() below. */
#include <string.h>

#include "domain/phrase.h"
#include "llm/composer.h"

enum {
    ATTEMPTS = 40,
    TEXT_CEILING = 1 << 16,
    /* Attempts and rewritings are far from the places in the order that other texts have. */
    ATTEMPT_STEP = 1000003,
    REWRITE_STEP = 50000017
};

struct keyword {
    struct str word;
    unsigned flag;
};

static unsigned read_keywords(struct str text, const struct keyword *words, size_t n)
{
    unsigned flags = 0;
    for (size_t i = 0; i < n; i++)
        if (str_contains_nocase(text, words[i].word))
            flags |= words[i].flag;
    return flags;
}

#define READ_KEYWORDS(text, words) read_keywords((text), (words), sizeof(words) / sizeof *(words))

unsigned tones_read(struct str tone)
{
    static const struct keyword words[] = {
        {S("formal"), TONE_FORMAL},
        {S("professional"), TONE_FORMAL},
        {S("authoritative"), TONE_FORMAL},
        {S("serious"), TONE_FORMAL},
        {S("corporate"), TONE_FORMAL},
        {S("friendly"), TONE_FRIENDLY},
        {S("approachable"), TONE_FRIENDLY},
        {S("casual"), TONE_FRIENDLY},
        {S("conversational"), TONE_FRIENDLY},
        {S("informal"), TONE_FRIENDLY},
        {S("playful"), TONE_PLAYFUL},
        {S("fun"), TONE_PLAYFUL},
        {S("witty"), TONE_PLAYFUL},
        {S("humor"), TONE_PLAYFUL},
        {S("humour"), TONE_PLAYFUL},
        {S("quirky"), TONE_PLAYFUL},
        {S("bold"), TONE_BOLD},
        {S("confident"), TONE_BOLD},
        {S("edgy"), TONE_BOLD},
        {S("provocative"), TONE_BOLD},
        {S("direct"), TONE_BOLD},
        {S("warm"), TONE_WARM},
        {S("empath"), TONE_WARM},
        {S("caring"), TONE_WARM},
        {S("inspir"), TONE_WARM},
        {S("hope"), TONE_WARM},
        {S("gentle"), TONE_WARM},
        {S("encourag"), TONE_WARM},
    };
    unsigned tones = READ_KEYWORDS(tone, words);
    if (str_contains_nocase(tone, S("informal")))
        tones &= ~(unsigned)TONE_FORMAL;
    return tones;
}

static bool refuses(struct str text, struct str thing)
{
    static const struct keyword refusals[] = {
        {S("no "), 1},    {S("without"), 1}, {S("remove"), 1}, {S("drop"), 1},
        {S("fewer"), 1},  {S("less"), 1},    {S("avoid"), 1},  {S("too many"), 1},
        {S("delete"), 1}, {S("don't"), 1},   {S("do not"), 1},
    };
    return str_contains_nocase(text, thing) && READ_KEYWORDS(text, refusals) != 0;
}

unsigned wishes_read(struct str feedback)
{
    static const struct keyword words[] = {
        {S("shorter"), WISH_SHORTER},    {S("too long"), WISH_SHORTER},
        {S("concise"), WISH_SHORTER},    {S("brief"), WISH_SHORTER},
        {S("longer"), WISH_LONGER},      {S("too short"), WISH_LONGER},
        {S("more detail"), WISH_LONGER}, {S("elaborate"), WISH_LONGER},
        {S("question"), WISH_QUESTION},  {S("more formal"), WISH_FORMAL},
        {S("too casual"), WISH_FORMAL},  {S("more professional"), WISH_FORMAL},
    };
    unsigned wishes = READ_KEYWORDS(feedback, words);
    if (refuses(feedback, S("hashtag")))
        wishes |= WISH_NO_HASHTAGS;
    if (refuses(feedback, S("emoji")))
        wishes |= WISH_NO_EMOJI;
    if (refuses(feedback, S("question")))
        wishes &= ~(unsigned)WISH_QUESTION;
    return wishes;
}

static const struct pillar *find_pillar(struct str name)
{
    for (size_t i = 0; i < composer_pillars_count; i++)
        if (str_contains_nocase(name, composer_pillars[i].word))
            return &composer_pillars[i];
    return NULL;
}

/* A pillar that is the brand's own topic is looked at from each side in turn. */
static const struct pillar *choose_pillar(const struct prompt *p)
{
    static const struct str sides[] = {S("education"), S("product"), S("community"), S("thought"),
                                       S("behind")};
    const struct pillar *found = find_pillar(p->pillar);
    if (found || !p->topic.n || !str_eq(p->topic, p->pillar))
        return found;
    return find_pillar(sides[rng_mix(p->seed, p->ordinal) % (sizeof sides / sizeof *sides)]);
}

/* The excluded topic that the text holds; none if it holds none. */
static struct str find_excluded(const struct brief *b, struct str text)
{
    struct str found = phrase_first(text, &b->excluded_topics);
    return found.n ? found : brand_banned_in(b->brand, text);
}

/* In a hashtag words run together. */
static bool tag_holds(struct arena *a, const struct list *phrases, struct str tag)
{
    const struct str *topics = phrases->at;
    for (size_t i = 0; i < phrases->n; i++) {
        char *joined = arena_alloc(a, topics[i].n + 1);
        size_t n = 0;
        for (size_t k = 0; k < topics[i].n; k++)
            if ((unsigned char)topics[i].p[k] > ' ' && !strchr("#-_'", topics[i].p[k]))
                joined[n++] = topics[i].p[k];
        if (n > 0 && str_contains_nocase(tag, (struct str){joined, n}))
            return true;
    }
    return false;
}

static bool tag_is_excluded(struct arena *a, const struct brief *b, struct str tag)
{
    return tag_holds(a, &b->excluded_topics, tag) ||
           (b->brand && tag_holds(a, &b->brand->banned_words, tag));
}

struct tags {
    struct str *at;
    size_t n, most;
};

static void add_tag(const struct composer *c, struct tags *tags, struct str tag)
{
    if (tag.n == 0 || tags->n == tags->most || tag_is_excluded(c->arena, c->prompt->brief, tag))
        return;
    for (size_t i = 0; i < tags->n; i++)
        if (str_eq_nocase(tags->at[i], tag))
            return;
    tags->at[tags->n++] = tag;
}

/* The mission's name, if it says something to people outside: not "My Mission", without "Q1". */
static struct str public_name(struct arena *a, struct str name)
{
    static const char *const internal[] = {"my",       "mission",  "campaign", "test",    "q1",
                                           "q2",       "q3",       "q4",       "project", "plan",
                                           "strategy", "untitled", "new",      "push",    "demo"};
    char *out = arena_alloc(a, name.n + 1);
    size_t n = 0;
    while (name.n > 0) {
        struct str word = str_cut(&name, ' ');
        bool skip = word.n == 0 || (word.p[0] >= '0' && word.p[0] <= '9');
        for (size_t i = 0; i < sizeof internal / sizeof *internal; i++)
            skip = skip || str_eq_nocase(word, str_of(internal[i]));
        if (skip)
            continue;
        memcpy(out + n, word.p, word.n);
        n += word.n;
        out[n++] = ' ';
    }
    return (struct str){out, n > 0 ? n - 1 : 0};
}

static struct list hashtags(const struct composer *c)
{
    struct tags tags = {.most = (size_t)c->rule->ideal_hashtags};
    if (tags.most == 0 || c->wishes & WISH_NO_HASHTAGS)
        return (struct list){0};
    tags.at = arena_array(c->arena, tags.most, sizeof *tags.at);
    const struct brand_voice *brand = c->prompt->brief->brand;
    for (size_t i = 0; brand && i < brand->hashtags.n; i++)
        add_tag(c, &tags, ((const struct str *)brand->hashtags.at)[i]);
    add_tag(c, &tags, words_hashtag(c->arena, c->matter.topic));
    add_tag(c, &tags, words_hashtag(c->arena, c->matter.audience));
    uint64_t first = c->order % 3;
    for (uint64_t i = 0; i < 3 && c->pillar; i++)
        add_tag(c, &tags, c->pillar->tags[(first + i) % 3]);
    if (!c->pillar)
        add_tag(c, &tags, words_hashtag(c->arena, c->prompt->pillar));
    add_tag(c, &tags, words_hashtag(c->arena, public_name(c->arena, c->prompt->brief->name)));
    return (struct list){tags.at, tags.n};
}

/* Whoever the brand speaks to, where the mission names nobody. */
static void add_audience(struct composer *c)
{
    const struct brand_voice *brand = c->prompt->brief->brand;
    if (brand && c->matter.audience.n == 0)
        matter_audience(c->arena, brand->audience, &c->matter);
}

/* What the attempt is about: the topic asked for, else one of the objectives, else the
 * name, and if that has no words, the writer itself. */
static void choose_matter(struct composer *c, uint64_t attempt)
{
    const struct brief *b = c->prompt->brief;
    const struct str *objectives = b->objectives.at;
    size_t n = b->objectives.n;
    uint64_t turn = rng_mix(c->key, c->prompt->ordinal) + attempt;
    struct matter objective = {0};
    bool found = n > 0 && matter_read(c->arena, objectives[turn % n], &objective);
    if (c->prompt->topic.n > 0 && attempt < ATTEMPTS / 2 &&
        matter_read(c->arena, c->prompt->topic, &c->matter)) {
        if (c->matter.audience.n == 0)
            c->matter.audience = objective.audience;
        return;
    }
    c->matter = objective;
    if (!found && !matter_read(c->arena, b->name, &c->matter))
        c->matter = (struct matter){.topic = S("what we do"), .kind = T_THING};
}

/* Everything of the draft that people will see. */
static struct str whole_text(struct composer *c, const struct draft *d)
{
    const struct str *parts = d->copy.thread_parts.at;
    buf_clear(c->text);
    const struct str texts[] = {d->copy.primary, d->copy.headline, d->copy.hook,
                                d->copy.cta,     d->copy.alt_text, d->topic};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        buf_add(c->text, texts[i]);
        buf_char(c->text, '\n');
    }
    for (size_t i = 0; i < d->copy.thread_parts.n; i++) {
        buf_add(c->text, parts[i]);
        buf_char(c->text, '\n');
    }
    return buf_str(c->text);
}

static double confidence(struct composer *c, const struct draft *d, uint64_t attempt)
{
    struct str all = whole_text(c, d);
    const struct brief *b = c->prompt->brief;
    size_t used = platform_length(c->prompt->platform, copy_rendered(c->arena, &d->copy, 0));
    size_t ideal = (size_t)c->rule->ideal;
    const struct {
        bool holds;
        int weight;
    } checks[] = {
        {phrase_in(all, c->matter.topic), 3},                        /* speaks of the topic */
        {c->matter.goal.n > 0, 2},                                   /* objective understood */
        {str_starts(b->language, S("en")) || b->language.n == 0, 2}, /* it writes English */
        {used * 4 >= ideal && used <= ideal + ideal / 5, 2},         /* a length that reads well */
        {c->pillar != NULL, 1},                                      /* patterns for the pillar */
        {c->matter.audience.n > 0, 1},                               /* somebody is addressed */
        {c->tones != 0 || b->tone.n == 0, 1},                        /* tone understood */
        {d->copy.hashtags.n > 0 || c->rule->ideal_hashtags == 0, 1}, /* what is customary there */
        {attempt == 0, 1},                                           /* nothing had to be avoided */
    };
    int holds = 0;
    int all_weights = 0;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        holds += checks[i].holds ? checks[i].weight : 0;
        all_weights += checks[i].weight;
    }
    return 0.95 * holds / all_weights;
}

static struct str capitalised(struct arena *a, struct str phrase)
{
    char *p = arena_cstr(a, phrase);
    if (phrase.n > 1 && p[0] >= 'a' && p[0] <= 'z' && !(p[1] >= 'A' && p[1] <= 'Z'))
        p[0] = (char)(p[0] - 'a' + 'A');
    return (struct str){p, phrase.n};
}

/* One attempt. *excluded: the topic that stood in the way, if one did. */
static bool attempt_draft(struct composer *c, uint64_t attempt, struct draft *out,
                          struct str *excluded)
{
    c->order = c->prompt->ordinal + attempt * ATTEMPT_STEP;
    if (c->prompt->feedback.n > 0)
        c->order += REWRITE_STEP * (1 + rng_hash(c->prompt->feedback) % 1000);
    c->rng = (struct rng){rng_mix(c->key, c->order)};
    choose_matter(c, attempt);
    add_audience(c);
    c->hashtags = hashtags(c);
    *out = (struct draft){.topic = capitalised(c->arena, c->matter.topic),
                          .model = S("builtin"),
                          .language = S("en")};
    if (!layout_write(c, &out->copy))
        return false;
    *excluded = find_excluded(c->prompt->brief, whole_text(c, out));
    if (excluded->n > 0)
        return false;
    out->confidence = confidence(c, out, attempt);
    return true;
}

static uint64_t key_of(const struct prompt *p)
{
    uint64_t key = rng_mix(p->seed, rng_hash(p->brief->name));
    const struct str *objectives = p->brief->objectives.at;
    for (size_t i = 0; i < p->brief->objectives.n; i++)
        key = rng_mix(key, rng_hash(objectives[i]));
    return rng_mix(key, (uint64_t)p->platform << 8 | (uint64_t)p->type);
}

/* Of the links that may be used, every third text has one, in turn; where links can be followed. */
static void add_optional_link(struct composer *c, const struct list *links)
{
    enum { EVERY = 3 };
    const struct brand_link *link = links->at;
    uint32_t turn = c->prompt->ordinal;
    if (links->n == 0 || turn % EVERY != EVERY - 1 || c->rule->needs_media)
        return;
    link += turn / EVERY % links->n;
    if (!link->required)
        buf_printf(c->text, "\n\n%.*s%s%.*s", STR(link->label), link->label.n ? ": " : "",
                   STR(link->url));
}

/* The links that each text of the brand has to hold, or else one that it may. */
static struct str links_of(struct composer *c)
{
    const struct brand_voice *brand = c->prompt->brief->brand;
    const struct brand_link *link = brand ? brand->links.at : NULL;
    buf_clear(c->text);
    for (size_t i = 0; brand && i < brand->links.n; i++)
        if (link[i].required)
            buf_printf(c->text, "%s%.*s", c->text->n ? "\n" : "\n\n", STR(link[i].url));
    if (brand && c->text->n == 0)
        add_optional_link(c, &brand->links);
    return arena_str(c->arena, buf_str(c->text));
}

/* Does it say one of the words that the brand likes, or likes it none? */
static bool says_preferred(struct composer *c, const struct draft *d)
{
    const struct brand_voice *brand = c->prompt->brief->brand;
    return !brand || !brand->preferred_words.n ||
           phrase_first(whole_text(c, d), &brand->preferred_words).n > 0;
}

/* The first text that may go out; of the next few one that has a preferred word, if there is one.
 */
static bool find_text(struct composer *c, struct draft *out, struct str *excluded)
{
    enum { SEARCHED = 8 };
    bool found = false;
    uint64_t last = ATTEMPTS;
    for (uint64_t attempt = 0; attempt < last; attempt++) {
        struct draft d;
        if (!attempt_draft(c, attempt, &d, excluded))
            continue;
        if (!found) {
            *out = d;
            last = attempt + SEARCHED < ATTEMPTS ? attempt + SEARCHED : ATTEMPTS;
        }
        found = true;
        if (says_preferred(c, &d)) {
            *out = d;
            break;
        }
    }
    return found;
}

/* The tone of the mission, else that of the brand's voice. */
static unsigned tones_of(const struct composer *c)
{
    const struct brief *b = c->prompt->brief;
    unsigned tones = tones_read(b->tone);
    if (c->wishes & WISH_FORMAL)
        return TONE_FORMAL;
    return tones || !b->brand ? tones : tones_read(b->brand->voice);
}

static void write_draft(struct composer *c, struct draft *out)
{
    const struct prompt *p = c->prompt;
    struct str excluded = {0};
    c->rule = &platform_rules[p->platform];
    c->about = matter_about(c->arena, p->brief->description);
    if (find_excluded(p->brief, c->about).n > 0)
        c->about = (struct str){0};
    c->links = links_of(c);
    c->pillar = choose_pillar(p);
    c->wishes = wishes_read(p->feedback);
    c->tones = tones_of(c);
    c->key = key_of(p);
    if (find_text(c, out, &excluded))
        return;
    *out = (struct draft){.model = S("builtin")};
    if (excluded.n > 0)
        out->failure = error_because(
            c->arena, ERR_VALIDATION_FAILED,
            "The built-in composer finds no text without \"%.*s\", which is excluded.",
            STR(excluded));
    else
        out->failure =
            error_because(c->arena, ERR_VALIDATION_FAILED,
                          "The built-in composer finds no text that fits %s.", c->rule->label);
}

static error complete(struct llm *llm, struct outside *o, const struct prompt *in, size_t n,
                      struct draft *out)
{
    (void)llm;
    struct composer c = {.arena = o->arena,
                         .text = buf_new(o->arena, TEXT_CEILING),
                         .spare = buf_new(o->arena, TEXT_CEILING)};
    for (size_t i = 0; i < n; i++) {
        c.prompt = &in[i];
        write_draft(&c, &out[i]);
    }
    return NULL;
}

const struct llm_ops llm_builtin = {.name = "builtin", .complete = complete};
