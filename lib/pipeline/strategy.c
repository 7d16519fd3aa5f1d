/* strategy.c: the second stage: themes and their weights from the objectives and the brand's
 * topics, forms from what the platforms take, the calendar from the posting plan. Writes no texts.
 */
#include "pipeline/strategy.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/config.h"
#include "domain/learning.h"
#include "domain/phrase.h"

/* At most so many take turns: themes, and as many topics as a brand may have. */
enum { MANY = 32 };

enum { EDUCATION, PRODUCT, BEHIND, COMMUNITY, THOUGHT, THEMES };
static const struct {
    struct str name;
    int weight; /* where the objectives say nothing */
} themes[THEMES] = {
    [EDUCATION] = {S("Education"), 6},        [PRODUCT] = {S("Product Value"), 5},
    [BEHIND] = {S("Behind the Scenes"), 3},   [COMMUNITY] = {S("Community"), 4},
    [THOUGHT] = {S("Thought Leadership"), 4},
};

/* What an objective that holds the word adds. */
static const struct {
    struct str word;
    int weight[THEMES];
} leanings[] = {
    {S("aware"), {[EDUCATION] = 4, [COMMUNITY] = 2, [BEHIND] = 1}},
    {S("brand"), {[BEHIND] = 3, [COMMUNITY] = 2}},
    {S("visib"), {[EDUCATION] = 2, [THOUGHT] = 3}},
    {S("reach"), {[EDUCATION] = 3, [COMMUNITY] = 2}},
    {S("educat"), {[EDUCATION] = 6}},
    {S("explain"), {[EDUCATION] = 5}},
    {S("teach"), {[EDUCATION] = 5}},
    {S("learn"), {[EDUCATION] = 4}},
    {S("developer"), {[EDUCATION] = 3, [BEHIND] = 2}},
    {S("lead"), {[PRODUCT] = 3, [THOUGHT] = 2}},
    {S("sale"), {[PRODUCT] = 6}},
    {S("sell"), {[PRODUCT] = 6}},
    {S("convert"), {[PRODUCT] = 5}},
    {S("conversion"), {[PRODUCT] = 5}},
    {S("trial"), {[PRODUCT] = 5, [EDUCATION] = 1}},
    {S("signup"), {[PRODUCT] = 5}},
    {S("sign-up"), {[PRODUCT] = 5}},
    {S("sign up"), {[PRODUCT] = 5}},
    {S("launch"), {[PRODUCT] = 5, [BEHIND] = 2}},
    {S("traffic"), {[EDUCATION] = 3, [PRODUCT] = 3}},
    {S("adoption"), {[EDUCATION] = 4, [PRODUCT] = 3}},
    {S("community"), {[COMMUNITY] = 6}},
    {S("engage"), {[COMMUNITY] = 5}},
    {S("follower"), {[COMMUNITY] = 4, [BEHIND] = 2}},
    {S("loyal"), {[COMMUNITY] = 4, [BEHIND] = 2}},
    {S("retain"), {[COMMUNITY] = 4, [EDUCATION] = 2}},
    {S("hire"), {[BEHIND] = 6}},
    {S("hiring"), {[BEHIND] = 6}},
    {S("recruit"), {[BEHIND] = 6}},
    {S("trust"), {[BEHIND] = 3, [THOUGHT] = 3}},
    {S("thought"), {[THOUGHT] = 6}},
    {S("authority"), {[THOUGHT] = 6}},
    {S("expert"), {[THOUGHT] = 5, [EDUCATION] = 1}},
    {S("credib"), {[THOUGHT] = 5}},
    {S("industry"), {[THOUGHT] = 4}},
};

/* What can be written without images, and in which proportion. */
static const struct form mix[] = {{TYPE_POST, 6}, {TYPE_THREAD, 1}, {TYPE_ARTICLE, 1}};
enum { FORMS = sizeof mix / sizeof *mix };

static const struct field theme_fields[] = {
    {.name = S("name"), .kind = F_TEXT, .at = offsetof(struct theme, name)},
    {.name = S("weight"), .kind = F_INT, .at = offsetof(struct theme, weight)},
};
static const struct shape theme_shape = SHAPE("theme", struct theme, theme_fields);
static const struct field theme_item = {.kind = F_OBJECT, .shape = &theme_shape};

static const struct field form_fields[] = {
    {.name = S("type"),
     .kind = F_ENUM,
     .at = offsetof(struct form, type),
     .values = &content_type_names},
    {.name = S("weight"), .kind = F_INT, .at = offsetof(struct form, weight)},
};
static const struct shape form_shape = SHAPE("form", struct form, form_fields);
static const struct field form_item = {.kind = F_OBJECT, .shape = &form_shape};

#define AT(member) offsetof(struct platform_plan, member)
static const struct field platform_fields[] = {
    {.name = S("platform"), .kind = F_ENUM, .at = AT(platform), .values = &platform_names},
    {.name = S("types"), .kind = F_LIST, .at = AT(forms), .item = &form_item},
    {.name = S("times"), .kind = F_OBJECT, .at = AT(times), .shape = &times_shape},
    {.name = S("first_slot_at"), .kind = F_TIME, .at = AT(first_ms)},
    {.name = S("last_slot_at"), .kind = F_TIME, .at = AT(last_ms)},
};
#undef AT
static const struct shape platform_shape =
    SHAPE("platform_plan", struct platform_plan, platform_fields);
static const struct field platform_item = {.kind = F_OBJECT, .shape = &platform_shape};

static const struct field strategy_fields[] = {
    {.name = S("pillars"),
     .kind = F_LIST,
     .at = offsetof(struct strategy, themes),
     .item = &theme_item},
    {.name = S("brand_revision"), .kind = F_INT, .at = offsetof(struct strategy, brand_revision)},
    {.name = S("calendar"),
     .kind = F_LIST,
     .at = offsetof(struct strategy, platforms),
     .item = &platform_item},
};
static const struct shape strategy_shape = SHAPE("strategy", struct strategy, strategy_fields);

/* The heaviest first, of equal ones by name. */
static int by_weight(const void *a, const void *b)
{
    const struct theme *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight < y->weight ? 1 : -1;
    return str_cmp(x->name, y->name);
}

/* Themes being weighed: first those of every mission, then the topics of the brand. */
struct weighing {
    struct theme at[MANY];
    size_t n;
};

static int64_t sum_of(const struct theme *of, size_t n)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += of[i].weight;
    return sum;
}

static void weigh_by_objectives(struct weighing *w, const struct list *objectives)
{
    const struct str *objective = objectives->at;
    for (int t = 0; t < THEMES; t++)
        w->at[w->n++] = (struct theme){themes[t].name, themes[t].weight};
    for (size_t i = 0; i < objectives->n; i++) {
        for (size_t k = 0; k < sizeof leanings / sizeof *leanings; k++) {
            for (int t = 0; t < THEMES && str_contains_nocase(objective[i], leanings[k].word); t++)
                w->at[t].weight += leanings[k].weight[t];
        }
    }
}

/* May the mission speak about it at all? */
static bool is_allowed(const struct charter *ch, struct str topic)
{
    return !phrase_first(topic, &ch->constraints.excluded_topics).n &&
           !brand_banned_in(ch->brand, topic).n;
}

/* A topic that has the name of a theme, or of a topic before it, adds to that. */
static void add_topic(struct weighing *w, const struct brand_topic *topic)
{
    size_t i = 0;
    while (i < w->n && !str_eq_nocase(w->at[i].name, topic->name))
        i++;
    if (i == w->n && w->n < MANY)
        w->at[w->n++] = (struct theme){topic->name, 0};
    if (i < w->n)
        w->at[i].weight += topic->weight;
}

/* Topics and the other themes have half of all texts each. */
static void share_with_topics(struct weighing *w)
{
    int64_t own = sum_of(w->at, THEMES), of_brand = sum_of(w->at + THEMES, w->n - THEMES);
    for (size_t i = 0; i < w->n && of_brand; i++)
        w->at[i].weight *= i < THEMES ? of_brand : own;
}

static struct list weigh_themes(struct arena *a, const struct charter *ch)
{
    struct weighing *w = ARENA_NEW(a, struct weighing);
    const struct brand_topic *topic = ch->brand ? ch->brand->topics.at : NULL;
    int64_t weights[MANY];
    double lifts[MANY];
    weigh_by_objectives(w, &ch->objectives);
    for (size_t i = 0; ch->brand && i < ch->brand->topics.n; i++) {
        if (is_allowed(ch, topic[i].name))
            add_topic(w, &topic[i]);
    }
    share_with_topics(w);
    qsort(w->at, w->n, sizeof *w->at, by_weight);
    for (size_t i = 0; i < w->n; i++) {
        weights[i] = w->at[i].weight;
        lifts[i] = 1;
    }
    learning_reweigh(weights, lifts, w->n);
    for (size_t i = 0; i < w->n; i++)
        w->at[i].weight = weights[i];
    return (struct list){w->at, w->n};
}

static struct list choose_forms(struct arena *a, const struct platform_rule *rule)
{
    struct form *out = arena_array(a, FORMS, sizeof *out);
    size_t n = 0;
    for (size_t i = 0; i < FORMS; i++) {
        bool lone = rule->needs_media && mix[i].type != TYPE_POST;
        if (rule->types >> mix[i].type & 1u && !lone)
            out[n++] = mix[i];
    }
    if (!n)
        out[n++] = (struct form){TYPE_VIDEO, 1}; /* its words, at least */
    return (struct list){out, n};
}

/* First and last slot from now on, looked for day by day from either end. */
static void find_ends(const struct schedule *s, int64_t now_ms, struct platform_plan *out)
{
    enum { SLOTS_A_DAY = 24 * 60 };
    int64_t slots[SLOTS_A_DAY], from_ms = now_ms > s->starts_ms ? now_ms : s->starts_ms;
    if (!schedule_slots(s, from_ms, s->ends_ms, &out->first_ms, 1))
        return;
    for (int64_t until_ms = s->ends_ms; until_ms > from_ms; until_ms -= DAY_MS) {
        int64_t day_ms = until_ms - DAY_MS > from_ms ? until_ms - DAY_MS : from_ms;
        size_t n = schedule_slots(s, day_ms, until_ms, slots, SLOTS_A_DAY);
        if (n) {
            out->last_ms = slots[n - 1];
            return;
        }
    }
}

error strategy_make(struct arena *a, const struct charter *ch, int64_t now_ms, struct strategy *out)
{
    struct platform_plan *plans = arena_array(a, ch->platforms.n, sizeof *plans);
    const int *platform = ch->platforms.at;
    struct schedule schedule;
    for (size_t i = 0; i < ch->platforms.n; i++) {
        plans[i].platform = platform[i];
        plans[i].forms = choose_forms(a, &platform_rules[platform[i]]);
        if (ch->times)
            plans[i].times = ch->times[platform[i]];
        schedule = charter_schedule(a, ch, (enum platform)platform[i]);
        find_ends(&schedule, now_ms, &plans[i]);
    }
    out->themes = weigh_themes(a, ch);
    out->brand_revision = ch->brand_revision;
    out->platforms = (struct list){plans, ch->platforms.n};
    return NULL;
}

error strategy_run(struct ctx *c, struct step *step, const struct charter *ch, struct str *output)
{
    struct charter with_times = *ch;
    struct strategy s;
    *output = (struct str){0};
    if (ch->constraints.use_optimal_times) {
        TRY(times_find(c, step, &with_times));
        if (step->next == STEP_PAUSE)
            return NULL;
    }
    TRY(strategy_make(c->arena, &with_times, c->now_ms, &s));
    *output = shape_text(c->arena, &strategy_shape, &s);
    return NULL;
}

error strategy_text(struct ctx *c, const struct id *mission, struct str *out)
{
    error e = c->config->learn ? store_stage_get(c, mission, STAGE_OPTIMIZE, out)
                               : error_of(ERR_NOT_FOUND);
    return error_is(e, ERR_NOT_FOUND) ? store_stage_get(c, mission, STAGE_STRATEGY, out) : e;
}

error strategy_read(struct arena *a, struct str text, struct strategy *out)
{
    return shape_parse(a, &strategy_shape, text, out);
}

/* Each step everybody gets his weight and the richest pays the sum of all; after as many steps as
 * the sum all are back at nothing. */
size_t rota(int64_t (*weight)(const void *of, size_t i), const void *of, size_t n, uint64_t k)
{
    int64_t purse[MANY] = {0}, sum = 0;
    size_t richest = 0;
    n = n < MANY ? n : MANY;
    for (size_t i = 0; i < n; i++)
        sum += weight(of, i);
    assert(sum > 0);
    for (uint64_t turn = 0; turn <= k % (uint64_t)sum; turn++) {
        richest = 0;
        for (size_t i = 0; i < n; i++) {
            purse[i] += weight(of, i);
            if (purse[i] > purse[richest])
                richest = i;
        }
        purse[richest] -= sum;
    }
    return richest;
}

static int64_t theme_weight(const void *of, size_t i)
{
    return ((const struct theme *)of)[i].weight;
}

static int64_t form_weight(const void *of, size_t i)
{
    return ((const struct form *)of)[i].weight;
}

const struct theme *strategy_theme(const struct strategy *s, uint64_t k)
{
    const struct theme *of = s->themes.at;
    return &of[rota(theme_weight, of, s->themes.n, k)];
}

enum content_type strategy_type(const struct strategy *s, enum platform p, uint64_t k)
{
    const struct platform_plan *plans = s->platforms.at;
    for (size_t i = 0; i < s->platforms.n; i++) {
        const struct form *of = plans[i].forms.at;
        if ((enum platform)plans[i].platform == p)
            return (enum content_type)of[rota(form_weight, of, plans[i].forms.n, k)].type;
    }
    return TYPE_POST;
}

struct str strategy_topic(const struct brand_voice *brand, struct str theme)
{
    const struct brand_topic *topic = brand ? brand->topics.at : NULL;
    for (size_t i = 0; brand && i < brand->topics.n; i++) {
        if (str_eq_nocase(topic[i].name, theme))
            return topic[i].name;
    }
    return (struct str){0};
}
