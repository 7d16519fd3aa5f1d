/* calendar.c: the days and minutes on which a plan posts. What a zone makes of them is zone.c's
 * affair. */
#include "domain/calendar.h"

#include <assert.h>

#include "base/clock.h"

enum {
    MINUTES_A_DAY = 24 * 60,
    SPREAD_FROM = 9 * 60, /* where a plan that names no hours keeps people company */
    SPREAD_TO = 21 * 60,
    BEST_APART = 3 /* hours between posts at good hours, where there is room */
};

static const struct str cadences[] = {{0},           S("hourly"), S("daily"),
                                      S("weekdays"), S("weekly"), S("monthly")};
const struct names cadence_names = NAMES(cadences);

static const struct str weekdays[] = {
    {0},           S("monday"), S("tuesday"),  S("wednesday"),
    S("thursday"), S("friday"), S("saturday"), S("sunday"),
};
const struct names weekday_names = NAMES(weekdays);

/* The minutes of a day at which there is a post. */
struct day_plan {
    bool at[MINUTES_A_DAY];
    int earliest, latest;
};

static int clamp(int value, int low, int high)
{
    if (value < low)
        return low;
    return value > high ? high : value;
}

/* A post at the minute, or at the nearest free one; nowhere if the day is full. */
static void place(struct day_plan *day, int minute)
{
    minute = clamp(minute, day->earliest, day->latest);
    for (int step = 0; step < MINUTES_A_DAY; step++) {
        int later = minute + step;
        int sooner = minute - step;
        if (later <= day->latest && !day->at[later]) {
            day->at[later] = true;
            return;
        }
        if (sooner >= day->earliest && !day->at[sooner]) {
            day->at[sooner] = true;
            return;
        }
    }
}

static void plan_hours(struct day_plan *day, const struct schedule *s)
{
    static const int on_the_hour = 0;
    const int *times = s->times_count ? s->times : &on_the_hour;
    size_t count = s->times_count ? s->times_count : 1;

    for (size_t i = 0; i < count; i++) {
        assert(times[i] >= 0);
        for (int minute = times[i] % 60; minute < MINUTES_A_DAY; minute += 60)
            if (minute >= day->earliest && minute <= day->latest)
                day->at[minute] = true;
    }
}

static bool is_free(const struct day_plan *day, int minute, int apart)
{
    int from = clamp(minute - apart + 1, 0, minute);
    int to = clamp(minute + apart - 1, minute, MINUTES_A_DAY - 1);
    for (int i = from; i <= to; i++) {
        if (day->at[i])
            return false;
    }
    return true;
}

/* The minute of the best hour that is so many hours from every post; -1: there is none. */
static int best_minute(const struct day_plan *day, const double *score, int apart_hours)
{
    double best = 0;
    int found = -1;
    for (int hour = 0; hour < 24; hour++) {
        int minute = clamp(hour * 60, day->earliest, day->latest);
        if (score[hour] > best && minute / 60 == hour &&
            is_free(day, minute, apart_hours ? apart_hours * 60 : 1)) {
            best = score[hour];
            found = minute;
        }
    }
    return found;
}

/* Posts at the best hours of the day; how many of them find none. */
static int plan_best(struct day_plan *day, const double *score, int posts)
{
    int apart = BEST_APART;
    while (posts > 0 && apart >= 0) {
        int minute = best_minute(day, score, apart);
        if (minute < 0) {
            apart--;
            continue;
        }
        day->at[minute] = true;
        posts--;
    }
    return posts;
}

static void plan_posts(struct day_plan *day, const struct schedule *s, int weekday)
{
    const int listed =
        s->times_count < (size_t)s->posts_per_day ? (int)s->times_count : s->posts_per_day;
    int spread = s->posts_per_day - listed;
    int from = s->earliest >= 0 ? s->earliest : SPREAD_FROM;
    int to = s->latest >= 0 ? s->latest : SPREAD_TO;

    if (from > to) { /* only one is set, and lies beyond the usual hours */
        from = day->earliest;
        to = day->latest;
    }
    for (int i = 0; i < listed; i++)
        place(day, s->times[i]);
    if (s->week)
        spread = plan_best(day, s->week->score[weekday], spread);
    for (int i = 0; i < spread; i++)
        place(day, from + (to - from) * (2 * i + 1) / (2 * spread));
}

static void plan_day(struct day_plan *day, const struct schedule *s, int weekday)
{
    assert(s->earliest < MINUTES_A_DAY && s->latest < MINUTES_A_DAY);
    *day = (struct day_plan){0};
    day->earliest = s->earliest >= 0 ? s->earliest : 0;
    day->latest = s->latest >= 0 ? s->latest : MINUTES_A_DAY - 1;
    if (s->cadence == CADENCE_HOURLY)
        plan_hours(day, s);
    else
        plan_posts(day, s, weekday);
}

static bool is_last_of_month(const struct civil *date)
{
    return civil_of(civil_ms(date) + DAY_MS).day == 1;
}

/* Does the plan post on this date? `start` is the date it begins on. */
static bool posts_on(const struct schedule *s, const struct civil *start, const struct civil *date)
{
    if (s->excluded_days & 1u << (date->weekday + DAY_MONDAY))
        return false;
    switch (s->cadence) {
    case CADENCE_HOURLY:
    case CADENCE_DAILY:
        return true;
    case CADENCE_WEEKDAYS:
        return date->weekday + DAY_MONDAY <= DAY_FRIDAY;
    case CADENCE_WEEKLY:
        return date->weekday == start->weekday;
    case CADENCE_MONTHLY:
        return date->day == start->day || (date->day < start->day && is_last_of_month(date));
    case CADENCE_NONE:
        break;
    }
    return false;
}

/* The local date of an instant, as the instant of its midnight in UTC: dates to count with. */
static int64_t date_at(struct str zone, int64_t ms)
{
    struct civil local;

    zone_civil(zone, ms, &local, NULL);
    local.hour = local.minute = local.second = 0;
    return civil_ms(&local);
}

/* What schedule_slots() walks with. */
struct walk {
    const struct schedule *s;
    const struct day_plan *day;
    int64_t from, until, last; /* last: the newest slot there is */
    int64_t *out;
    size_t n, max;
};

static void walk_day(struct walk *w, struct civil date)
{
    for (int minute = w->day->earliest; minute <= w->day->latest && w->n < w->max; minute++) {
        int64_t slot;
        if (!w->day->at[minute])
            continue;
        date.hour = minute / 60;
        date.minute = minute % 60;
        slot = zone_instant(w->s->zone, &date);
        if (slot < w->from || slot >= w->until || slot <= w->last)
            continue;
        w->out[w->n++] = w->last = slot;
    }
}

size_t schedule_slots(const struct schedule *s, int64_t from_ms, int64_t until_ms, int64_t *out,
                      size_t max)
{
    struct day_plan day;
    struct walk w = {.s = s, .day = &day, .last = INT64_MIN, .out = out, .max = max};
    struct civil start;
    int64_t date, last_date;

    w.from = from_ms > s->starts_ms ? from_ms : s->starts_ms;
    w.until = until_ms < s->ends_ms ? until_ms : s->ends_ms;
    if (w.from >= w.until)
        return 0;
    plan_day(&day, s, 0);
    zone_civil(s->zone, s->starts_ms, &start, NULL);
    last_date = date_at(s->zone, w.until - 1);
    /* A day sooner, since the post of a skipped evening falls on the next day. */
    for (date = date_at(s->zone, w.from) - DAY_MS; date <= last_date && w.n < max; date += DAY_MS) {
        struct civil on = civil_of(date);
        if (!posts_on(s, &start, &on))
            continue;
        if (s->week)
            plan_day(&day, s, on.weekday);
        walk_day(&w, on);
    }
    return w.n;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int time_of_day(struct str text)
{
    int hour, minute;

    if (text.n != 5 || !is_digit(text.p[0]) || !is_digit(text.p[1]) || text.p[2] != ':' ||
        !is_digit(text.p[3]) || !is_digit(text.p[4]))
        return -1;
    hour = (text.p[0] - '0') * 10 + (text.p[1] - '0');
    minute = (text.p[3] - '0') * 10 + (text.p[4] - '0');
    return hour < 24 && minute < 60 ? hour * 60 + minute : -1;
}
