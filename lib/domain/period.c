/* period.c: which days a question is about, and time cut into pieces without gaps. All in UTC. */
#include "base/clock.h"
#include "domain/figures.h"

/* The day of a date that has been checked. */
static int64_t day_of(struct str date)
{
    int64_t ms = 0;
    date_parse(date, &ms);
    return ms / DAY_MS;
}

int64_t figures_platforms(const struct figures_query *q)
{
    const int *p = q->platforms.at;
    int64_t set = 0;
    for (size_t i = 0; i < q->platforms.n; i++)
        set |= INT64_C(1) << p[i];
    return set;
}

static int64_t first_of_year(int64_t day)
{
    struct civil t = {.year = civil_of(day * DAY_MS).year, .month = 1, .day = 1};
    return civil_ms(&t) / DAY_MS;
}

struct period period_of(const struct figures_query *q, int64_t today, int64_t first_data)
{
    if (q->start_date.p)
        return (struct period){day_of(q->start_date), day_of(q->end_date)};
    switch ((enum period_name)q->period) {
    case PERIOD_7D:
        return (struct period){today - 6, today};
    case PERIOD_90D:
        return (struct period){today - 89, today};
    case PERIOD_YTD:
        return (struct period){first_of_year(today), today};
    case PERIOD_ALL:
        return (struct period){first_data < today ? first_data : today, today};
    case PERIOD_30D:
    case PERIOD_NONE:
        break;
    }
    return (struct period){today - 29, today};
}

struct period period_before(const struct period *p)
{
    return (struct period){p->first - (p->last - p->first + 1), p->first - 1};
}

/* The Monday of a day's week. Day 0 was a Thursday. */
static int64_t monday(int64_t day)
{
    return day - (day + 3) % WEEK_DAYS;
}

/* Months since the year 0. */
static int64_t month(int64_t day)
{
    struct civil t = civil_of(day * DAY_MS);
    return t.year * INT64_C(12) + t.month - 1;
}

/* Which point of the series a day (an hour) belongs to. */
static int64_t place(const struct period *p, enum granularity g, int64_t at)
{
    switch (g) {
    case GRANULARITY_HOUR:
        return at - p->first * DAY_HOURS;
    case GRANULARITY_WEEK:
        return (monday(at) - monday(p->first)) / WEEK_DAYS;
    case GRANULARITY_MONTH:
        return month(at) - month(p->first);
    case GRANULARITY_DAY:
    case GRANULARITY_NONE:
        break;
    }
    return at - p->first;
}

static struct str date_of(struct arena *a, int64_t day)
{
    char text[DATE_TEXT + 1];
    return arena_str(a, date_print(text, day * DAY_MS));
}

/* The date of a series' point i. */
static struct str point_date(struct arena *a, const struct series *s, int64_t i)
{
    char text[TIME_TEXT + 1];
    struct civil t = {.day = 1};
    int64_t months;
    switch (s->granularity) {
    case GRANULARITY_HOUR:
        return arena_str(a, time_print(text, s->period.first * DAY_MS + i * HOUR_MS));
    case GRANULARITY_WEEK:
        return date_of(a, monday(s->period.first) + i * WEEK_DAYS);
    case GRANULARITY_MONTH:
        months = month(s->period.first) + i;
        t.year = (int)(months / 12);
        t.month = (int)(months % 12) + 1;
        return date_of(a, civil_ms(&t) / DAY_MS);
    case GRANULARITY_DAY:
    case GRANULARITY_NONE:
        break;
    }
    return date_of(a, s->period.first + i);
}

error series_make(struct arena *a, const struct period *p, enum granularity g, struct series *out)
{
    bool hours = g == GRANULARITY_HOUR;
    int64_t n = place(p, g, hours ? (p->last + 1) * DAY_HOURS - 1 : p->last) + 1;
    if (n > SERIES_MAX)
        return error_at(a, ERR_INVALID_REQUEST, S("granularity"),
                        "Is too fine for this period: more than %d points.", (int)SERIES_MAX);
    *out = (struct series){.period = *p, .granularity = g, .n = (size_t)n};
    out->points = arena_array(a, out->n, sizeof *out->points);
    for (int64_t i = 0; i < n; i++)
        out->points[i].date = point_date(a, out, i);
    return NULL;
}

size_t series_place(const struct series *s, int64_t at)
{
    return (size_t)place(&s->period, s->granularity, at);
}

void series_add(struct series *s, int64_t at, const struct figures *f)
{
    int64_t day = s->granularity == GRANULARITY_HOUR ? at / DAY_HOURS : at;
    struct point *p;
    if (day < s->period.first || day > s->period.last)
        return;
    p = &s->points[series_place(s, at)];
    p->impressions += f->impressions;
    p->engagements += f->engagements;
    p->posts += f->posts;
}
