/* optimize.c: the sixth stage: after each look at the figures the weights of a mission's strategy
 * follow its results. Also stores what the fifth stage has found out of a mission. The arithmetic
 * is domain/learning.c's; who writes by the new weights is content.c. */
#include "base/clock.h"
#include "base/config.h"
#include "db/tx.h"
#include "domain/learning.h"
#include "pipeline/strategy.h"
#include "store/metrics.h"

enum { LOOKED_AT_DAYS = 90, PAGE = 50, PAGE_BYTES = 64 << 20 };

/* A weight of the strategy, and what it has become and why. */
struct learned {
    int64_t planned;
    double lift;
    struct figures figures;
};
struct learned_theme {
    struct theme theme;
    struct learned by;
};
struct learned_form {
    struct form form;
    struct learned by;
};

#define LEARNED(of)                                                                                \
    {.name = S("planned_weight"), .kind = F_INT, .at = offsetof(of, by.planned)},                  \
        {.name = S("lift"), .kind = F_NUMBER, .at = offsetof(of, by.lift), .decimals = 3},         \
        {.name = S("posts"), .kind = F_INT, .at = offsetof(of, by.figures.posts)},                 \
        {.name = S("impressions"), .kind = F_INT, .at = offsetof(of, by.figures.impressions)},     \
    {                                                                                              \
        .name = S("engagements"), .kind = F_INT, .at = offsetof(of, by.figures.engagements)        \
    }
/* strategy_read() reads these, too: the names are those of the strategy. */
static const struct field theme_fields[] = {
    {.name = S("name"), .kind = F_TEXT, .at = offsetof(struct learned_theme, theme.name)},
    {.name = S("weight"), .kind = F_INT, .at = offsetof(struct learned_theme, theme.weight)},
    LEARNED(struct learned_theme)};
static const struct shape theme_shape = SHAPE("learned_theme", struct learned_theme, theme_fields);
static const struct field theme_item = {.kind = F_OBJECT, .shape = &theme_shape};

static const struct field form_fields[] = {
    {.name = S("type"),
     .kind = F_ENUM,
     .at = offsetof(struct learned_form, form.type),
     .values = &content_type_names},
    {.name = S("weight"), .kind = F_INT, .at = offsetof(struct learned_form, form.weight)},
    LEARNED(struct learned_form)};
static const struct shape form_shape = SHAPE("learned_form", struct learned_form, form_fields);
static const struct field form_item = {.kind = F_OBJECT, .shape = &form_shape};

#define AT(member) offsetof(struct platform_plan, member)
static const struct field platform_fields[] = {
    {.name = S("platform"), .kind = F_ENUM, .at = AT(platform), .values = &platform_names},
    {.name = S("types"), .kind = F_LIST, .at = AT(forms), .item = &form_item},
    {.name = S("first_slot_at"), .kind = F_TIME, .at = AT(first_ms)},
    {.name = S("last_slot_at"), .kind = F_TIME, .at = AT(last_ms)},
};
#undef AT
static const struct shape platform_shape =
    SHAPE("learned_platform", struct platform_plan, platform_fields);
static const struct field platform_item = {.kind = F_OBJECT, .shape = &platform_shape};

static const struct field strategy_fields[] = {
    {.name = S("pillars"),
     .kind = F_LIST,
     .at = offsetof(struct strategy, themes),
     .item = &theme_item},
    {.name = S("calendar"),
     .kind = F_LIST,
     .at = offsetof(struct strategy, platforms),
     .item = &platform_item},
};
static const struct shape learned_shape = SHAPE("learned", struct strategy, strategy_fields);

static const struct field figures_fields[] = {
    {.name = S("posts"), .kind = F_INT, .at = offsetof(struct figures, posts)},
    {.name = S("impressions"), .kind = F_INT, .at = offsetof(struct figures, impressions)},
    {.name = S("engagements"), .kind = F_INT, .at = offsetof(struct figures, engagements)},
    {.name = S("link_clicks"), .kind = F_INT, .at = offsetof(struct figures, clicks)},
};
static const struct shape figures_shape = SHAPE("results", struct figures, figures_fields);

static struct figures sum_up(const struct list *sums, int platform)
{
    const struct metrics_sum *s = sums->at;
    struct figures all = {0};
    for (size_t i = 0; i < sums->n; i++) {
        if (!platform || s[i].platform == platform)
            figures_add(&all, &s[i].figures);
    }
    return all;
}

static struct figures of_pillar(const struct results *r, struct str name)
{
    const struct metrics_sum *s = r->by_pillar.at;
    for (size_t i = 0; i < r->by_pillar.n; i++) {
        if (str_eq(s[i].pillar, name))
            return s[i].figures;
    }
    return (struct figures){0};
}

static struct figures of_type(const struct results *r, int platform, int type)
{
    const struct metrics_sum *s = r->by_type.at;
    for (size_t i = 0; i < r->by_type.n; i++) {
        if (s[i].platform == platform && s[i].type == type)
            return s[i].figures;
    }
    return (struct figures){0};
}

static struct learned learn(int64_t planned, const struct figures *part, const struct figures *all)
{
    return (struct learned){planned, learning_lift(part, all), *part};
}

static struct list learn_themes(struct arena *a, const struct strategy *s, const struct results *r)
{
    size_t n = s->themes.n;
    const struct theme *was = s->themes.at;
    struct learned_theme *out = arena_array(a, n, sizeof *out);
    int64_t *weights = arena_array(a, n, sizeof *weights);
    double *lifts = arena_array(a, n, sizeof *lifts);
    struct figures all = sum_up(&r->by_pillar, 0);
    for (size_t i = 0; i < n; i++) {
        struct figures part = of_pillar(r, was[i].name);
        out[i] = (struct learned_theme){was[i], learn(was[i].weight, &part, &all)};
        weights[i] = was[i].weight;
        lifts[i] = out[i].by.lift;
    }
    learning_reweigh(weights, lifts, n);
    for (size_t i = 0; i < n; i++)
        out[i].theme.weight = weights[i];
    return (struct list){out, n};
}

static struct list learn_forms(struct arena *a, const struct platform_plan *plan,
                               const struct results *r)
{
    size_t n = plan->forms.n;
    const struct form *was = plan->forms.at;
    struct learned_form *out = arena_array(a, n, sizeof *out);
    int64_t *weights = arena_array(a, n, sizeof *weights);
    double *lifts = arena_array(a, n, sizeof *lifts);
    struct figures all = sum_up(&r->by_type, plan->platform);
    for (size_t i = 0; i < n; i++) {
        struct figures part = of_type(r, plan->platform, was[i].type);
        out[i] = (struct learned_form){was[i], learn(was[i].weight, &part, &all)};
        weights[i] = was[i].weight;
        lifts[i] = out[i].by.lift;
    }
    learning_reweigh(weights, lifts, n);
    for (size_t i = 0; i < n; i++)
        out[i].form.weight = weights[i];
    return (struct list){out, n};
}

error optimize_make(struct arena *a, struct str strategy, const struct results *r,
                    struct str *output)
{
    struct strategy was, now;
    struct platform_plan *plans;
    TRY(strategy_read(a, strategy, &was));
    if (!was.themes.n)
        return error_because(a, ERR_INTERNAL, "a strategy without pillars");
    now.themes = learn_themes(a, &was, r);
    plans = arena_array(a, was.platforms.n + 1, sizeof *plans);
    for (size_t i = 0; i < was.platforms.n; i++) {
        plans[i] = ((const struct platform_plan *)was.platforms.at)[i];
        plans[i].forms = learn_forms(a, &plans[i], r);
    }
    now.platforms = (struct list){plans, was.platforms.n};
    *output = shape_text(a, &learned_shape, &now);
    return NULL;
}

/* What one mission is found to have reached and taught. */
struct lesson {
    const struct step *step;
    const struct mission *mission;
    struct str results, weights; /* weights: none where nothing is learned */
};

static error store_lesson(struct ctx *c, void *arg)
{
    const struct lesson *l = arg;
    TRY(mission_hold(c, l->step, l->mission));
    TRY(store_stage_put(c, &l->mission->id, STAGE_ANALYTICS, l->results));
    if (!l->weights.p)
        return NULL;
    return store_stage_put(c, &l->mission->id, STAGE_OPTIMIZE, l->weights);
}

static error look_at(struct ctx *c, const struct step *s, const struct mission *m)
{
    struct metrics_range range = {.mission = m->id, .last_day = c->now_ms / DAY_MS};
    struct lesson l = {.step = s, .mission = m};
    struct results r;
    struct figures all;
    struct str strategy;
    error e;
    range.first_day = range.last_day - LOOKED_AT_DAYS;
    TRY(store_metrics_by_pillar(c, &range, &r.by_pillar));
    TRY(store_metrics_by_type(c, &range, &r.by_type));
    all = sum_up(&r.by_type, 0);
    if (!all.posts && !all.impressions)
        return NULL;
    l.results = shape_text(c->arena, &figures_shape, &all);
    e = store_stage_get(c, &m->id, STAGE_STRATEGY, &strategy);
    if (e && !error_is(e, ERR_NOT_FOUND))
        return e;
    if (!e && c->config->learn && all.impressions > 0)
        TRY(optimize_make(c->arena, strategy, &r, &l.weights));
    e = in_transaction(c, store_lesson, &l);
    return error_is(e, ERR_INVALID_STATE) ? NULL : e; /* it was changed just now: next time */
}

static error look_at_all(struct ctx *c, const struct step *s)
{
    struct id after = {"0000000000000000"};
    struct list page;
    do {
        const struct mission *m;
        arena_reset(c->arena);
        TRY(store_job_extend(c, s->job, clock_ms() + c->config->lease_s * 1000));
        TRY(store_missions_active_after(c, &after, PAGE, &page));
        m = page.at;
        if (page.n)
            after = m[page.n - 1].id;
        for (size_t i = 0; i < page.n; i++)
            TRY(look_at(c, s, &m[i]));
    } while (page.n == PAGE);
    return NULL;
}

error optimize_run(struct ctx *c, const struct step *s)
{
    struct ctx own = *c;
    error e;
    own.arena = arena_new(PAGE_BYTES);
    e = look_at_all(&own, s);
    if (e)
        e = error_because(c->arena, e->code, "%.*s", STR(e->cause.p ? e->cause : e->message));
    arena_free(own.arena);
    return e;
}
