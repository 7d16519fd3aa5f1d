/* quality.c: what keeps a text from going out, and what takes from the confidence in it. */
#include "domain/quality.h"

#include "domain/likeness.h"

enum { REASON_MAX = 2000 };

/* What each shortcoming takes away. */
static const double for_likeness = 0.5; /* times the likeness itself */
static const double for_language = 0.4;
static const double for_subject = 0.2;
static const double for_length = 0.1;
static const double for_rewrite = 0.1;
static const double for_warning = 0.05;
static const double for_hashtags = 0.05;
static const double for_preferred = 0.05;

struct quality_rules quality_rules_of(struct arena *a, const struct mission *m,
                                      const struct constraints *k, const struct list *objectives)
{
    struct str *subjects = arena_array(a, objectives->n + 2, sizeof *subjects);
    for (size_t i = 0; i < objectives->n; i++)
        subjects[i] = ((const struct str *)objectives->at)[i];
    subjects[objectives->n] = m->name;
    subjects[objectives->n + 1] = m->description;
    return (struct quality_rules){
        .excluded_topics = k->excluded_topics,
        .subjects = {subjects, objectives->n + 2},
        .language = k->language,
    };
}

static void add_topics(struct arena *a, const struct list *topics, struct list *subjects)
{
    const struct brand_topic *topic = topics->at;
    struct str *all = arena_array(a, subjects->n + topics->n + 1, sizeof *all);
    for (size_t i = 0; i < subjects->n; i++)
        all[i] = ((const struct str *)subjects->at)[i];
    for (size_t i = 0; i < topics->n; i++)
        all[subjects->n + i] = topic[i].name;
    *subjects = (struct list){all, subjects->n + topics->n};
}

void quality_rules_of_brand(struct arena *a, const struct brand_voice *b, struct quality_rules *r)
{
    const struct brand_link *links = b->links.at;
    struct str *required = arena_array(a, b->links.n + 1, sizeof *required);
    size_t n = 0;
    for (size_t i = 0; i < b->links.n; i++)
        if (links[i].required)
            required[n++] = links[i].url;
    add_topics(a, &b->topics, &r->subjects);
    r->preferred_words = b->preferred_words;
    r->hashtags = b->hashtags;
    r->banned_words = b->banned_words;
    r->links = (struct list){required, n};
}

struct check {
    struct arena *arena;
    const struct quality_rules *rules;
    const struct quality_text *text;
    struct list words; /* of everything that people will see */
    struct quality *out;
    double taken;
};

static struct str everything(struct arena *a, const struct copy *c)
{
    const struct str texts[] = {c->primary, c->headline, c->hook,
                                c->cta,     c->alt_text, c->first_comment};
    const struct list lists[] = {c->thread_parts, c->hashtags, c->mentions};
    struct str all = {"", 0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        all = arena_printf(a, "%.*s\n%.*s", STR(all), STR(texts[i]));
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct str *at = lists[i].at;
        for (size_t k = 0; k < lists[i].n; k++)
            all = arena_printf(a, "%.*s\n%.*s", STR(all), STR(at[k]));
    }
    return all;
}

static void because(struct check *k, struct str why)
{
    struct str *reason = &k->out->reason;
    if (!reason->p)
        *reason = why;
    else if (reason->n + why.n < REASON_MAX)
        *reason = arena_printf(k->arena, "%.*s %.*s", STR(*reason), STR(why));
}

#define BECAUSE(k, ...) because((k), arena_printf((k)->arena, __VA_ARGS__))

static bool mentions(const struct check *k, struct str phrase)
{
    struct list wanted = words_of(k->arena, phrase);
    return words_mention(&k->words, &wanted);
}

static void check_forbidden(struct check *k)
{
    const struct str *topics = k->rules->excluded_topics.at, *banned = k->rules->banned_words.at;
    for (size_t i = 0; i < k->rules->excluded_topics.n; i++)
        if (mentions(k, topics[i]))
            BECAUSE(k, "It mentions \"%.*s\", a topic that the mission excludes.", STR(topics[i]));
    for (size_t i = 0; i < k->rules->banned_words.n; i++)
        if (mentions(k, banned[i]))
            BECAUSE(k, "It says \"%.*s\", which the brand never says.", STR(banned[i]));
}

static bool has_link(const struct copy *c, struct str link)
{
    const struct str *parts = c->thread_parts.at;
    if (str_contains_nocase(c->primary, link) || str_contains_nocase(c->first_comment, link))
        return true;
    for (size_t i = 0; i < c->thread_parts.n; i++)
        if (str_contains_nocase(parts[i], link))
            return true;
    return false;
}

static void check_links(struct check *k)
{
    const struct str *links = k->rules->links.at;
    for (size_t i = 0; i < k->rules->links.n; i++)
        if (!has_link(k->text->copy, links[i]))
            BECAUSE(k, "The link %.*s is missing.", STR(links[i]));
}

/* For want of an image a text waits; whatever else the platform refuses is the writer's fault. */
static void check_platform(struct check *k)
{
    const struct quality_text *t = k->text;
    struct list issues =
        content_issues(k->arena, t->platform, t->type, t->copy, t->media, t->video);
    const struct issue *issue = issues.at;
    for (size_t i = 0; i < issues.n; i++) {
        if (!issue[i].error)
            k->taken += for_warning;
        else if (str_eq(issue[i].field, S("visuals")))
            k->out->waits = true;
        else
            because(k, issue[i].message);
    }
}

static void check_likeness(struct check *k)
{
    double likeness = k->text->likeness;
    if (likeness >= LIKENESS_MAX)
        BECAUSE(k, "It says nearly the same as an earlier text of the mission (%.0f %% alike).",
                likeness * 100);
    k->taken += for_likeness * likeness;
}

/* Does it hold a word of what there is to speak about? Words of three characters and less are too
 * common to tell. */
static bool is_on_subject(const struct check *k)
{
    const struct str *subjects = k->rules->subjects.at;
    for (size_t i = 0; i < k->rules->subjects.n; i++) {
        struct list words = words_of(k->arena, subjects[i]);
        const struct str *w = words.at;
        for (size_t n = 0; n < words.n; n++)
            if (w[n].n > 3 && words_mention(&k->words, &(struct list){&w[n], 1}))
                return true;
    }
    return k->rules->subjects.n == 0;
}

/* "en" of "en-GB". */
static struct str primary_tag(struct str language)
{
    return str_cut(&language, '-');
}

/* Is one of these words said? */
static bool says_one_of(const struct check *k, const struct list *wanted)
{
    const struct str *at = wanted->at;
    for (size_t i = 0; i < wanted->n; i++)
        if (mentions(k, at[i]))
            return true;
    return !wanted->n;
}

static bool has_one_of(const struct list *hashtags, const struct list *wanted)
{
    const struct str *has = hashtags->at, *at = wanted->at;
    for (size_t i = 0; i < hashtags->n; i++)
        for (size_t k = 0; k < wanted->n; k++)
            if (str_eq_nocase(has[i], at[k]))
                return true;
    return !wanted->n;
}

static void check_manner(struct check *k)
{
    const struct quality_text *t = k->text;
    const struct platform_rule *rule = &platform_rules[t->platform];
    size_t ideal = (size_t)rule->ideal;
    size_t used = platform_length(t->platform, copy_rendered(k->arena, t->copy, 0));
    if (!str_eq_nocase(primary_tag(t->language), primary_tag(k->rules->language)))
        k->taken += for_language;
    if (!is_on_subject(k))
        k->taken += for_subject;
    if (used * 4 < ideal || used > 2 * ideal)
        k->taken += for_length;
    if (rule->ideal_hashtags &&
        (!t->copy->hashtags.n || !has_one_of(&t->copy->hashtags, &k->rules->hashtags)))
        k->taken += for_hashtags;
    if (!says_one_of(k, &k->rules->preferred_words))
        k->taken += for_preferred;
    k->taken += for_rewrite * t->rewrites;
}

struct quality quality_check(struct arena *a, const struct quality_rules *r,
                             const struct quality_text *t)
{
    struct quality out = {0};
    struct check k = {.arena = a, .rules = r, .text = t, .out = &out};
    double share = isnan(t->writers_share) ? 1 : t->writers_share;
    k.words = words_of(a, everything(a, t->copy));
    check_forbidden(&k);
    check_links(&k);
    check_platform(&k);
    check_likeness(&k);
    check_manner(&k);
    if (!out.reason.p && k.taken < 1)
        out.confidence = share * (1 - k.taken);
    return out;
}
