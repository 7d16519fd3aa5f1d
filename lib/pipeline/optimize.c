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
    {.name = S("times"), .kind = F_OBJECT, .at = AT(times), .shape = &times_shape},
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
    {.name = S("brand_revision"), .kind = F_INT, .at = offsetof(struct strategy, brand_revision)},
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

/* Which sums are meant; what is 0, or none, is not asked about. */
struct part {
    int platform, type;
    struct str pillar;
};

static struct figures sum_up(const struct results *r, struct part of)
{
    const struct metrics_sum *s = r->sums.at;
    struct figures all = {0};
    for (size_t i = 0; i < r->sums.n; i++) {
        if ((!of.platform || s[i].platform == of.platform) && (!of.type || s[i].type == of.type) &&
            (!of.pillar.p || str_eq(s[i].pillar, of.pillar)))
            figures_add(&all, &s[i].figures);
    }
    return all;
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
    struct figures all = sum_up(r, (struct part){0});
    for (size_t i = 0; i < n; i++) {
        struct figures part = sum_up(r, (struct part){.pillar = was[i].name});
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
    struct figures all = sum_up(r, (struct part){.platform = plan->platform});
    for (size_t i = 0; i < n; i++) {
        struct figures part = sum_up(r, (struct part){plan->platform, was[i].type, {0}});
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
    now.brand_revision = was.brand_revision;
    plans = arena_array(a, was.platforms.n + 1, sizeof *plans);
    for (size_t i = 0; i < was.platforms.n; i++) {
        plans[i] = ((const struct platform_plan *)was.platforms.at)[i];
        plans[i].forms = learn_forms(a, &plans[i], r);
        if (r->by_hour && plans[i].times.source)
            plans[i].times = times_learn(a, &plans[i].times, r->by_hour[plans[i].platform]);
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
    TRY(store_stage_put(c, &l->mission->id, STAGE_ANALYTICS, (struct str){0}, l->results));
    if (!l->weights.p)
        return NULL;
    return store_stage_put(c, &l->mission->id, STAGE_OPTIMIZE, l->results, l->weights);
}

/* What a mission's weights are to follow. */
static error read_results(struct ctx *c, const struct mission *m, struct results *out)
{
    struct metrics_range range = {.mission = m->id, .last_day = c->now_ms / DAY_MS};
    struct figures(*by_hour)[DAY_HOURS];
    struct constraints k;
    *out = (struct results){0};
    range.first_day = range.last_day - LOOKED_AT_DAYS;
    TRY(store_metrics_by_part(c, &range, &out->sums));
    if (!out->sums.n)
        return NULL;
    TRY(mission_constraints(c->arena, m, &k));
    if (!k.use_optimal_times)
        return NULL;
    TRY(times_results(c, k.timezone, &by_hour));
    out->by_hour = (const struct figures(*)[DAY_HOURS])by_hour;
    return NULL;
}

error optimize_mission(struct ctx *c, const struct step *s, const struct mission *m, bool *skipped)
{
    struct lesson l = {.step = s, .mission = m};
    struct results r;
    struct figures all;
    struct str strategy;
    error e;
    *skipped = false;
    TRY(read_results(c, m, &r));
    all = sum_up(&r, (struct part){0});
    if (!all.posts && !all.impressions)
        return NULL;
    l.results = shape_text(c->arena, &figures_shape, &all);
    e = store_stage_get(c, &m->id, STAGE_STRATEGY, &strategy);
    if (e && !error_is(e, ERR_NOT_FOUND))
        return e;
    if (!e && c->config->learn && all.impressions > 0)
        TRY(optimize_make(c->arena, strategy, &r, &l.weights));
    e = in_transaction(c, store_lesson, &l);
    *skipped = error_is(e, ERR_INVALID_STATE);
    return *skipped ? NULL : e;
}

/* A look at the missions with figures that have changed since the last one. */
struct look {
    const struct step *step;
    int64_t *until_ms; /* see job_keep() */
    int64_t since_ms;
    bool skipped; /* a mission was changed just now: it is looked at again next time */
};

static error look_at(struct ctx *c, struct look *l, const struct id *id)
{
    struct mission m;
    bool skipped;
    error e = store_mission_get(c, id, &m);
    if (error_is(e, ERR_NOT_FOUND) || (!e && m.status != MISSION_ACTIVE))
        return NULL;
    TRY(e);
    TRY(optimize_mission(c, l->step, &m, &skipped));
    l->skipped |= skipped;
    return NULL;
}

static error look_at_all(struct ctx *c, struct look *l)
{
    struct id after = {"0000000000000000"};
    struct list page;
    do {
        const struct id *id;
        arena_reset(c->arena);
        TRY(job_keep(c, l->step, l->until_ms));
        TRY(store_metrics_changed(c, l->since_ms, &after, PAGE, &page));
        id = page.at;
        if (page.n)
            after = id[page.n - 1];
        for (size_t i = 0; i < page.n; i++)
            TRY(look_at(c, l, &id[i]));
    } while (page.n == PAGE);
    return NULL;
}

/* When all was looked at for the last time stands beside the missions' own looks. A clock that was
 * set back has seen nothing yet. */
static const struct id all_missions = {"0000000000000000"};

static error mark(struct ctx *c, void *arg)
{
    (void)arg;
    return store_stage_put(c, &all_missions, STAGE_ANALYTICS, (struct str){0}, S("{}"));
}

static error look(struct ctx *c, const struct step *s, int64_t *until_ms)
{
    struct look l = {.step = s, .until_ms = until_ms};
    TRY(store_stage_time(c, &all_missions, STAGE_ANALYTICS, &l.since_ms));
    if (l.since_ms > c->now_ms)
        l.since_ms = 0;
    TRY(look_at_all(c, &l));
    return l.skipped ? NULL : in_transaction(c, mark, NULL);
}

error optimize_run(struct ctx *c, const struct step *s, int64_t *until_ms)
{
    struct ctx own = *c;
    error e;
    own.arena = arena_new(PAGE_BYTES);
    e = look(&own, s, until_ms);
    if (e)
        e = error_because(c->arena, e->code, "%.*s", STR(e->cause.p ? e->cause : e->message));
    arena_free(own.arena);
    return e;
}
