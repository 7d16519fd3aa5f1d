/* composer_layout.c: how a text is built on each platform: which parts, in which order, and what is
 * left out first when room is short. */
#include <assert.h>
#include <string.h>

#include "llm/composer.h"

/* The parts of a post, in the order in which they stand. */
enum part {
    PART_OPENING,
    PART_LEAD,
    PART_SECOND,
    PART_REMARK,
    PART_LIST,
    PART_ABOUT,
    PART_QUESTION,
    PART_CALL,
    PART_COUNT
};

/* How often a part is there, in percent and in the order above. The lead always is. */
struct style {
    int percent[PART_COUNT];
    int emoji;       /* where the tone allows one */
    bool paragraphs; /* else sentences may follow each other on one line */
};
static const struct style styles[PLATFORM_COUNT] = {
    [PLATFORM_TWITTER] = {{30, 100, 0, 25, 0, 0, 55, 0}, 0, false},
    [PLATFORM_LINKEDIN] = {{50, 100, 60, 80, 75, 30, 100, 0}, 0, true},
    [PLATFORM_INSTAGRAM] = {{45, 100, 0, 60, 30, 20, 50, 60}, 60, true},
    [PLATFORM_FACEBOOK] = {{40, 100, 15, 65, 15, 25, 90, 0}, 30, true},
    [PLATFORM_THREADS] = {{35, 100, 0, 50, 0, 0, 65, 0}, 30, false},
    [PLATFORM_BLUESKY] = {{30, 100, 0, 30, 0, 0, 55, 0}, 0, false},
    [PLATFORM_TIKTOK] = {{25, 100, 0, 0, 0, 0, 50, 50}, 60, false},
    [PLATFORM_YOUTUBE] = {{0, 100, 50, 60, 60, 40, 60, 70}, 0, true},
    [PLATFORM_PINTEREST] = {{0, 100, 0, 50, 40, 0, 0, 40}, 0, true},
    [PLATFORM_GOOGLE_BUSINESS] = {{0, 100, 0, 60, 0, 50, 0, 90}, 0, true},
    [PLATFORM_MASTODON] = {{30, 100, 0, 50, 0, 0, 60, 0}, 0, false},
};

/* What is given up first when the text is too long. */
static const enum part dispensable[] = {PART_ABOUT,   PART_REMARK, PART_LIST,    PART_SECOND,
                                        PART_OPENING, PART_CALL,   PART_QUESTION};

enum { LIST_LENGTH = 3, LONG_TEXT = 500 /* from here on a platform has room for lists */ };

/* A post being built. */
struct layout {
    struct composer *c;
    struct parts parts;
    struct lead lead;
    size_t second;      /* idea */
    struct str claim;   /* the lead in one sentence */
    bool asks;          /* the lead ends with a question, so it comes last */
    bool has_remark;    /* the lead holds the remark already */
    bool needs_company; /* the lead would look the same when its turn comes again */
    struct str text[PART_COUNT];
    unsigned wanted; /* bit (1u << PART_…) each */
    const char *gap; /* between short parts */
};

static bool chance(struct composer *c, int percent)
{
    return (int)rng_below(&c->rng, 100) < percent;
}

/* What was written since the text was cleared, as a text of its own. */
static struct str finish(struct composer *c)
{
    if (c->tones & TONE_FORMAL && !(c->tones & (TONE_FRIENDLY | TONE_PLAYFUL)))
        words_formal(c->text, c->spare);
    return arena_str(c->arena, buf_str(c->text));
}

static void fill(struct composer *c, const char *template)
{
    words_fill(c->text, template, &c->matter, &c->rng);
}

static struct str line(struct layout *l, enum role role, const struct lines *table)
{
    struct composer *c = l->c;
    buf_clear(c->text);
    fill(c, table->at[parts_pick(&l->parts.pools[role], c->order)].text);
    return finish(c);
}

static struct str idea(struct composer *c, size_t index)
{
    buf_clear(c->text);
    fill(c, parts_idea(index)->claim);
    buf_char(c->text, ' ');
    fill(c, parts_idea(index)->more);
    return finish(c);
}

/* The idea that leads. One that was used before is cut to its claim if that speaks for itself. */
static struct str lead_idea(struct layout *l)
{
    enum { QUITE_LONG = 44 };
    struct composer *c = l->c;
    const struct idea *i = parts_idea(l->lead.index);
    struct str template = str_of(i->claim);
    bool named = strstr(i->claim, "{t}") != NULL && !(i->flags & WHOLE);
    buf_clear(c->text);
    fill(c, i->claim);
    l->claim = finish(c);
    bool speaks = named && (str_ends(template, S(".")) || template.n > QUITE_LONG);
    l->needs_company = !speaks;
    if (l->lead.again && speaks)
        return l->claim;
    struct str whole = idea(c, l->lead.index);
    if (!named)
        l->claim = whole;
    return whole;
}

static struct str lead_step(struct layout *l)
{
    struct composer *c = l->c;
    size_t before = parts_pick(&l->parts.pools[ROLE_STEP_LEAD], c->order);
    buf_clear(c->text);
    fill(c, composer_step_leads.at[before].text);
    buf_char(c->text, ' ');
    fill(c, composer_steps.at[l->lead.index].text);
    l->needs_company = true;
    return l->claim = finish(c);
}

static struct str lead_question(struct layout *l)
{
    struct composer *c = l->c;
    size_t before = parts_pick(&l->parts.pools[ROLE_QUESTION_LEAD], c->order);
    size_t remark = parts_pick(&l->parts.pools[ROLE_REMARK], c->order);
    const char *question = composer_questions.at[l->lead.index].text;
    buf_clear(c->text);
    fill(c, composer_question_leads.at[before].text);
    buf_char(c->text, ' ');
    fill(c, question);
    l->claim = finish(c);
    buf_clear(c->text);
    fill(c, composer_question_leads.at[before].text);
    buf_char(c->text, ' ');
    fill(c, composer_remarks.at[remark].text);
    buf_char(c->text, ' ');
    fill(c, question);
    l->has_remark = true;
    return finish(c);
}

static void write_lead(struct layout *l)
{
    struct str text = {0};
    switch (l->lead.kind) {
    case LEAD_IDEA:
        text = lead_idea(l);
        break;
    case LEAD_STEP:
        text = lead_step(l);
        break;
    case LEAD_QUESTION:
        text = lead_question(l);
        break;
    }
    l->text[PART_LEAD] = text;
    l->asks = str_ends(text, S("?"));
}

static struct str list(struct layout *l)
{
    static const char *const bullets[] = {"\u2022 ", "\u2192 ", "- "};
    struct composer *c = l->c;
    const struct pool *steps = &l->parts.pools[ROLE_STEP];
    uint64_t stride = 1 + rng_next(&c->rng) % (steps->prime - 1);
    uint32_t bullet = rng_below(&c->rng, sizeof bullets / sizeof *bullets + 1);
    buf_clear(c->text);
    fill(c, composer_list_intros.at[parts_pick(&l->parts.pools[ROLE_INTRO], c->order)].text);
    for (uint64_t i = 0; i < LIST_LENGTH; i++) {
        buf_char(c->text, '\n');
        if (bullet < sizeof bullets / sizeof *bullets)
            buf_add(c->text, str_of(bullets[bullet]));
        else
            buf_printf(c->text, "%d. ", (int)i + 1);
        size_t step = parts_pick(steps, c->order + i * stride);
        if (l->lead.kind == LEAD_STEP && step == l->lead.index)
            step = parts_pick(steps, c->order + LIST_LENGTH * stride);
        fill(c, composer_steps.at[step].text);
    }
    return finish(c);
}

/* One emoji at most, where the tone and the platform like one. */
static void decorate(struct layout *l, const struct style *style)
{
    static const struct {
        enum part part;
        struct str emoji;
    } places[] = {
        {PART_OPENING, S(" \u2728")},      {PART_OPENING, S(" \U0001F44B")},
        {PART_CALL, S(" \U0001F4CC")},     {PART_CALL, S(" \U0001F64C")},
        {PART_QUESTION, S(" \U0001F4AC")}, {PART_QUESTION, S(" \U0001F447")},
    };
    enum { PLACES = sizeof places / sizeof *places };
    struct composer *c = l->c;
    bool light = c->tones & (TONE_FRIENDLY | TONE_PLAYFUL | TONE_WARM);
    if (!light || c->wishes & WISH_NO_EMOJI || !chance(c, style->emoji))
        return;
    uint32_t first = rng_below(&c->rng, PLACES);
    for (uint32_t i = 0; i < PLACES; i++) {
        enum part part = places[(first + i) % PLACES].part;
        if (!(l->wanted >> part & 1u))
            continue;
        struct str emoji = places[(first + i) % PLACES].emoji;
        l->text[part] = arena_printf(c->arena, "%.*s%.*s", STR(l->text[part]), STR(emoji));
        return;
    }
}

static unsigned wish(const struct composer *c, unsigned wanted)
{
    bool roomy = c->rule->ideal >= LONG_TEXT;
    if (c->wishes & WISH_LONGER)
        wanted |= 1u << PART_REMARK | 1u << PART_QUESTION | 1u << PART_OPENING |
                  (roomy ? 1u << PART_SECOND | 1u << PART_LIST : 0);
    if (c->wishes & WISH_SHORTER)
        wanted = 1u << PART_LEAD;
    if (c->wishes & WISH_QUESTION)
        wanted |= 1u << PART_QUESTION;
    return wanted;
}

static void decide(struct layout *l, const struct style *style)
{
    struct composer *c = l->c;
    enum content_type type = c->prompt->type;
    l->wanted = 1u << PART_LEAD;
    for (size_t i = 0; i < PART_COUNT; i++)
        if (chance(c, style->percent[i]))
            l->wanted |= 1u << i;
    if (type == TYPE_ARTICLE)
        l->wanted |= 1u << PART_SECOND | 1u << PART_REMARK | 1u << PART_LIST;
    if (type == TYPE_CAROUSEL)
        l->wanted |= 1u << PART_LIST;
    l->wanted = wish(c, l->wanted);
    if (l->asks) { /* long texts lead up to the question, short ones are the question */
        l->wanted &= ~(1u << PART_QUESTION);
        if (c->rule->ideal >= LONG_TEXT && !(c->wishes & WISH_SHORTER))
            l->wanted |= 1u << PART_SECOND;
        if (!(l->wanted >> PART_SECOND & 1u))
            l->wanted &= ~(1u << PART_REMARK | 1u << PART_LIST);
    }
    unsigned company = 1u << PART_OPENING | 1u << PART_QUESTION | 1u << PART_REMARK |
                       1u << PART_SECOND | 1u << PART_LIST;
    unsigned closing = 1u << (l->asks ? PART_OPENING : PART_QUESTION);
    bool free = !(c->wishes & WISH_SHORTER);
    if (free && l->lead.again) /* in other company this time */
        l->wanted |= closing | 1u << PART_OPENING | 1u << PART_REMARK;
    else if (free && !(l->wanted & company) && (l->needs_company || style->paragraphs))
        l->wanted |= style->paragraphs ? 1u << PART_REMARK : closing;
    if (l->has_remark)
        l->wanted &= ~(1u << PART_REMARK);
    if (c->about.n == 0)
        l->wanted &= ~(1u << PART_ABOUT);
    l->gap = style->paragraphs || chance(c, 50) ? "\n\n" : " ";
}

static void write_parts(struct layout *l)
{
    struct composer *c = l->c;
    if (l->wanted >> PART_OPENING & 1u)
        l->text[PART_OPENING] = line(l, ROLE_OPENING, &composer_openings);
    if (l->wanted >> PART_SECOND & 1u)
        l->text[PART_SECOND] = idea(c, l->second);
    if (l->wanted >> PART_REMARK & 1u)
        l->text[PART_REMARK] = line(l, ROLE_REMARK, &composer_remarks);
    if (l->wanted >> PART_LIST & 1u)
        l->text[PART_LIST] = list(l);
    if (l->wanted >> PART_QUESTION & 1u)
        l->text[PART_QUESTION] = line(l, ROLE_QUESTION, &composer_questions);
    if (l->wanted >> PART_CALL & 1u)
        l->text[PART_CALL] = line(l, ROLE_CALL, &composer_calls);
    l->text[PART_ABOUT] = c->about;
}

static void append(struct layout *l, enum part part, const char *gap)
{
    if (!(l->wanted >> part & 1u))
        return;
    if (l->c->text->n > 0)
        buf_add(l->c->text, str_of(gap));
    buf_add(l->c->text, l->text[part]);
}

static struct str assemble(struct layout *l)
{
    const char *paragraph = "\n\n";
    bool last = l->asks && l->wanted >> PART_SECOND & 1u; /* the lead closes the text */
    buf_clear(l->c->text);
    append(l, PART_OPENING, paragraph);
    if (!last)
        append(l, PART_LEAD, paragraph);
    append(l, PART_SECOND, paragraph);
    append(l, PART_REMARK, l->gap);
    append(l, PART_LIST, paragraph);
    append(l, PART_ABOUT, paragraph);
    if (last)
        append(l, PART_LEAD, paragraph);
    append(l, PART_QUESTION, l->gap);
    append(l, PART_CALL, l->gap);
    buf_add(l->c->text, l->c->links);
    return arena_str(l->c->arena, buf_str(l->c->text));
}

static bool fits(const struct composer *c, const struct copy *copy, size_t index, size_t limit)
{
    struct str text = copy_rendered(c->arena, copy, index);
    return platform_length(c->prompt->platform, text) <= limit &&
           (c->rule->byte_limit == 0 || text.n <= (size_t)c->rule->byte_limit);
}

/* Leaves parts out until the text has a good length, or at least fits. */
static bool fit(struct layout *l, struct copy *out)
{
    const struct platform_rule *rule = l->c->rule;
    size_t limit = (size_t)rule->limit;
    size_t ideal = (size_t)rule->ideal;
    size_t good = ideal + ideal / 5;
    if (l->c->wishes & WISH_LONGER || good > limit)
        good = limit;
    out->primary = assemble(l);
    for (size_t i = 0; i < sizeof dispensable / sizeof *dispensable; i++) {
        if (fits(l->c, out, 0, good))
            return true;
        l->wanted &= ~(1u << dispensable[i]);
        out->primary = assemble(l);
    }
    return fits(l->c, out, 0, limit);
}

static bool write_post(struct layout *l, struct copy *out)
{
    const struct style *style = &styles[l->c->prompt->platform];
    decide(l, style);
    write_parts(l);
    decorate(l, style);
    if (!fit(l, out))
        return false;
    if (l->wanted >> PART_CALL & 1u)
        out->cta = l->text[PART_CALL];
    if (l->wanted >> PART_OPENING & 1u)
        out->hook = l->text[PART_OPENING];
    return true;
}

static struct str two_lines(struct arena *a, struct str first, struct str second)
{
    return arena_printf(a, "%.*s\n\n%.*s", STR(first), STR(second));
}

/* The parts between the first and the last. */
static size_t write_middle(struct layout *l, struct str *parts)
{
    struct composer *c = l->c;
    size_t n = 0;
    size_t third = parts_pick_statement(&l->parts.pools[ROLE_SECOND], c->order + 1, l->second,
                                        l->lead.kind == LEAD_IDEA ? l->lead.index : l->second);
    parts[n++] = idea(c, l->second);
    if (c->wishes & WISH_SHORTER)
        return n;
    if (chance(c, 40) && third != l->second)
        parts[n++] = idea(c, third);
    if (chance(c, 60) || c->wishes & WISH_LONGER)
        parts[n++] = list(l);
    return n;
}

/* The lead, another idea, perhaps a third, perhaps a list, and a question at the end. A lead that
 * asks is that question, and then a title goes first. */
static bool write_thread(struct layout *l, struct copy *out)
{
    enum { MOST_PARTS = 5 };
    struct composer *c = l->c;
    struct str *parts = arena_array(c->arena, MOST_PARTS, sizeof *parts);
    struct str start = l->asks ? line(l, ROLE_TITLE, &composer_titles) : l->text[PART_LEAD];
    parts[0] = two_lines(c->arena, start, line(l, ROLE_THREAD, &composer_thread_openings));
    size_t n = 1 + write_middle(l, parts + 1);
    if (l->asks)
        parts[n++] = l->text[PART_LEAD];
    else
        parts[n++] = two_lines(c->arena, line(l, ROLE_REMARK, &composer_remarks),
                               line(l, ROLE_QUESTION, &composer_questions));
    parts[n - 1] = arena_printf(c->arena, "%.*s%.*s", STR(parts[n - 1]), STR(c->links));
    out->thread_parts = (struct list){parts, n};
    out->primary = parts[0];
    for (size_t i = 0; i < n; i++)
        if (!fits(c, out, i, (size_t)c->rule->limit))
            return false;
    return true;
}

static bool write_poll(struct layout *l, struct copy *out)
{
    struct composer *c = l->c;
    const struct poll *poll = &composer_polls[parts_pick(&l->parts.pools[ROLE_POLL], c->order)];
    struct str remark = line(l, ROLE_REMARK, &composer_remarks);
    buf_clear(c->text);
    fill(c, poll->question);
    buf_char(c->text, '\n');
    for (size_t i = 0; i < sizeof poll->options / sizeof *poll->options; i++)
        buf_printf(c->text, "\n%c) %s", (int)('A' + i), poll->options[i]);
    buf_printf(c->text, "\n\n%.*s%.*s", STR(remark), STR(c->links));
    out->primary = finish(c);
    return fits(c, out, 0, (size_t)c->rule->limit);
}

/* A few words on a picture. */
static bool write_story(struct layout *l, struct copy *out)
{
    struct composer *c = l->c;
    struct str words = l->claim;
    bool asked = words.p[words.n - 1] == '?';
    struct str question =
        asked ? line(l, ROLE_CALL, &composer_calls) : line(l, ROLE_QUESTION, &composer_questions);
    question = arena_printf(c->arena, "%.*s%.*s", STR(question), STR(c->links));
    out->primary = two_lines(c->arena, words, question);
    return fits(c, out, 0, (size_t)c->rule->limit);
}

static bool has_visuals(const struct composer *c)
{
    enum content_type type = c->prompt->type;
    return c->rule->needs_media || type == TYPE_CAROUSEL || type == TYPE_STORY ||
           type == TYPE_REEL || type == TYPE_VIDEO;
}

/* What goes along with the text. */
static void write_extras(struct layout *l, struct copy *out)
{
    struct composer *c = l->c;
    bool titled = c->rule->needs_headline || c->prompt->type == TYPE_ARTICLE ||
                  c->prompt->platform == PLATFORM_PINTEREST;
    if (titled && c->rule->headline_limit > 0)
        out->headline = platform_cut(PLATFORM_LINKEDIN, line(l, ROLE_TITLE, &composer_titles),
                                     (size_t)c->rule->headline_limit);
    if (out->hook.n == 0)
        out->hook = l->claim;
    if (has_visuals(c))
        out->alt_text =
            arena_printf(c->arena, "Graphic with the words \u201C%.*s\u201D", STR(l->claim));
}

bool layout_write(struct composer *c, struct copy *out)
{
    struct layout l = {.c = c};
    parts_gather(c, &l.parts);
    l.lead = parts_lead(c, &l.parts);
    write_lead(&l);
    size_t not_this = l.lead.kind == LEAD_IDEA ? l.lead.index : SIZE_MAX;
    l.second = parts_pick_statement(&l.parts.pools[ROLE_SECOND], c->order, not_this, not_this);
    out->hashtags = c->hashtags;
    bool written;
    switch (c->prompt->type) {
    case TYPE_THREAD:
        written = c->rule->max_parts > 1 ? write_thread(&l, out) : write_post(&l, out);
        break;
    case TYPE_POLL:
        written = write_poll(&l, out);
        break;
    case TYPE_STORY:
        written = write_story(&l, out);
        break;
    default:
        written = write_post(&l, out);
    }
    if (written)
        write_extras(&l, out);
    return written;
}
