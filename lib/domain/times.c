/* times.c: good hours as a document, from scores, and what results make of them. Who has the scores
 * and the results is pipeline/times.c's affair. */
#include "domain/times.h"

#include <math.h>
#include <stdlib.h>

#include "domain/learning.h"

enum { IN_RESERVE = 6, DECIMALS = 3 };

static const struct str sources[] = {{0}, S("default"), S("provider"), S("results")};
static const struct names source_names = NAMES(sources);

#define AT(member) offsetof(struct good_hour, member)
static const struct field hour_fields[] = {
    {.name = S("hour"), .kind = F_INT, .at = AT(hour)},
    {.name = S("score"), .kind = F_NUMBER, .at = AT(score), .decimals = DECIMALS},
    {.name = S("planned_score"), .kind = F_NUMBER, .at = AT(planned), .decimals = DECIMALS},
};
#undef AT
static const struct shape hour_shape = SHAPE("good_hour", struct good_hour, hour_fields);
static const struct field hour_item = {.kind = F_OBJECT, .shape = &hour_shape};

#define AT(member) offsetof(struct good_day, member)
static const struct field day_fields[] = {
    {.name = S("weekday"), .kind = F_ENUM, .at = AT(weekday), .values = &weekday_names},
    {.name = S("hours"), .kind = F_LIST, .at = AT(hours), .item = &hour_item},
};
#undef AT
static const struct shape day_shape = SHAPE("good_day", struct good_day, day_fields);
static const struct field day_item = {.kind = F_OBJECT, .shape = &day_shape};

#define AT(member) offsetof(struct hour_result, member)
static const struct field result_fields[] = {
    {.name = S("hour"), .kind = F_INT, .at = AT(hour)},
    {.name = S("lift"), .kind = F_NUMBER, .at = AT(lift), .decimals = DECIMALS},
    {.name = S("posts"), .kind = F_INT, .at = AT(figures.posts)},
    {.name = S("impressions"), .kind = F_INT, .at = AT(figures.impressions)},
    {.name = S("engagements"), .kind = F_INT, .at = AT(figures.engagements)},
};
#undef AT
static const struct shape result_shape = SHAPE("hour_result", struct hour_result, result_fields);
static const struct field result_item = {.kind = F_OBJECT, .shape = &result_shape};

#define AT(member) offsetof(struct times, member)
static const struct field times_fields[] = {
    {.name = S("source"), .kind = F_ENUM, .at = AT(source), .values = &source_names},
    {.name = S("base"), .kind = F_ENUM, .at = AT(base), .values = &source_names},
    {.name = S("week"), .kind = F_LIST, .at = AT(week), .item = &day_item},
    {.name = S("results"), .kind = F_LIST, .at = AT(results), .item = &result_item},
};
#undef AT
const struct shape times_shape = SHAPE("times", struct times, times_fields);

/* A score as it is stored and shown, so that the order is that of what people see, and the same
 * when it is read again. */
static double shown(double score)
{
    return round(score * 1000) / 1000;
}

/* The best first, of equal ones the earlier. */
static int by_score(const void *a, const void *b)
{
    const struct good_hour *x = a, *y = b;
    if (x->score < y->score || x->score > y->score)
        return x->score < y->score ? 1 : -1;
    return x->hour < y->hour ? -1 : 1;
}

/* The hours of a day that have a minute of the allowed time. */
static struct list choose_hours(struct arena *a, const struct schedule *s, const double *scores)
{
    struct good_hour *out = arena_array(a, DAY_HOURS, sizeof *out);
    size_t n = 0, wanted = (size_t)s->posts_per_day + IN_RESERVE;
    for (int hour = 0; hour < DAY_HOURS; hour++) {
        bool early = s->earliest >= 0 && hour < s->earliest / 60;
        bool late = s->latest >= 0 && hour * 60 > s->latest;
        if (shown(scores[hour]) > 0 && !early && !late)
            out[n++] = (struct good_hour){hour, shown(scores[hour]), shown(scores[hour])};
    }
    qsort(out, n, sizeof *out, by_score);
    return (struct list){out, n < wanted ? n : wanted};
}

struct times times_make(struct arena *a, const struct schedule *s, const struct week *scores,
                        enum times_source from)
{
    struct good_day *days = arena_array(a, WEEK_DAYS, sizeof *days);
    size_t n = 0;
    for (int day = 0; day < WEEK_DAYS; day++) {
        int weekday = day + DAY_MONDAY;
        bool idle = s->cadence == CADENCE_WEEKDAYS && weekday > DAY_FRIDAY;
        if (!idle && !(s->excluded_days >> weekday & 1u))
            days[n++] = (struct good_day){weekday, choose_hours(a, s, scores->score[day])};
    }
    return (struct times){.source = (int)from, .base = (int)from, .week = {days, n}};
}

static struct list lift_hours(struct arena *a, const struct list *hours, const double *lifts)
{
    const struct good_hour *was = hours->at;
    struct good_hour *out = arena_array(a, hours->n + 1, sizeof *out);
    for (size_t i = 0; i < hours->n; i++) {
        double lift = was[i].hour >= 0 && was[i].hour < DAY_HOURS ? lifts[was[i].hour] : 1;
        out[i] = (struct good_hour){was[i].hour, shown(was[i].planned * lift), was[i].planned};
    }
    qsort(out, hours->n, sizeof *out, by_score);
    return (struct list){out, hours->n};
}

static struct list judge_hours(struct arena *a, const struct figures by_hour[DAY_HOURS],
                               const struct figures *all, double lifts[DAY_HOURS])
{
    struct hour_result *out = arena_array(a, DAY_HOURS, sizeof *out);
    size_t n = 0;
    for (int hour = 0; hour < DAY_HOURS; hour++) {
        lifts[hour] = learning_lift(&by_hour[hour], all);
        if (by_hour[hour].posts > 0)
            out[n++] = (struct hour_result){hour, lifts[hour], by_hour[hour]};
    }
    return (struct list){out, n};
}

struct times times_learn(struct arena *a, const struct times *planned,
                         const struct figures by_hour[DAY_HOURS])
{
    const struct good_day *was = planned->week.at;
    struct good_day *days = arena_array(a, planned->week.n + 1, sizeof *days);
    struct times out = {.source = planned->base, .base = planned->base};
    double lifts[DAY_HOURS];
    struct figures all = {0};
    for (int hour = 0; hour < DAY_HOURS; hour++) {
        figures_add(&all, &by_hour[hour]);
        lifts[hour] = 1;
    }
    if (all.posts >= TIMES_MIN_POSTS) {
        out.source = TIMES_RESULTS;
        out.results = judge_hours(a, by_hour, &all, lifts);
    }
    for (size_t i = 0; i < planned->week.n; i++)
        days[i] = (struct good_day){was[i].weekday, lift_hours(a, &was[i].hours, lifts)};
    out.week = (struct list){days, planned->week.n};
    return out;
}

void times_week(const struct times *t, struct week *out)
{
    const struct good_day *days = t->week.at;
    *out = (struct week){0};
    for (size_t d = 0; d < t->week.n; d++) {
        const struct good_hour *hours = days[d].hours.at;
        for (size_t i = 0; i < days[d].hours.n && days[d].weekday; i++) {
            if (hours[i].hour >= 0 && hours[i].hour < DAY_HOURS)
                out->score[days[d].weekday - DAY_MONDAY][hours[i].hour] = hours[i].score;
        }
    }
}
