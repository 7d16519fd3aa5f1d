/* optimal.c: default posting hours. Ours, from what is commonly advised; measured results replace
 * them where there are any. */
#include "domain/optimal.h"

#include <stdlib.h>

#include "base/clock.h"
#include "domain/zone.h"

enum { HOURS = 3, DAY_FROM = 8, DAY_TO = 21 };

/* Local hours that usually do well; weekends only where people are there for leisure. */
static const struct {
    signed char hours[HOURS];
    bool weekends;
} defaults[PLATFORM_COUNT] = {
    [PLATFORM_TWITTER] = {{9, 12, 17}, true},    [PLATFORM_LINKEDIN] = {{8, 10, 12}, false},
    [PLATFORM_INSTAGRAM] = {{11, 13, 19}, true}, [PLATFORM_FACEBOOK] = {{9, 13, 19}, true},
    [PLATFORM_THREADS] = {{9, 12, 19}, true},    [PLATFORM_BLUESKY] = {{9, 12, 17}, true},
    [PLATFORM_TIKTOK] = {{12, 18, 21}, true},    [PLATFORM_YOUTUBE] = {{12, 15, 18}, true},
    [PLATFORM_PINTEREST] = {{14, 20, 21}, true}, [PLATFORM_GOOGLE_BUSINESS] = {{9, 12, 16}, false},
    [PLATFORM_MASTODON] = {{9, 12, 18}, true},
};

static bool suits(enum platform p, const struct civil *t)
{
    if (t->weekday >= 5 && !defaults[p].weekends)
        return false;
    for (int i = 0; i < HOURS; i++) {
        if (defaults[p].hours[i] == t->hour)
            return true;
    }
    return false;
}

int64_t optimal_time(enum platform p, struct str zone, int64_t from_ms)
{
    int64_t hour_ms = from_ms / HOUR_MS * HOUR_MS;
    for (int i = 0; i <= 3 * 24; i++, hour_ms += HOUR_MS) {
        struct civil local;
        int64_t ms;
        zone_civil(zone, hour_ms, &local, NULL);
        if (local.minute) /* zones that are off by half an hour: to their full hour */
            zone_civil(zone, hour_ms + (60 - local.minute) * MINUTE_MS, &local, NULL);
        local.minute = local.second = 0;
        ms = zone_instant(zone, &local);
        if (ms >= from_ms && suits(p, &local))
            return ms;
    }
    return from_ms;
}

static double score_of(enum platform p, int hour)
{
    int nearest = 24;
    for (int i = 0; i < HOURS; i++) {
        int away = abs(defaults[p].hours[i] - hour);
        nearest = away < nearest ? away : nearest;
    }
    if (nearest <= 1)
        return nearest ? 0.8 : 1;
    return hour >= DAY_FROM && hour <= DAY_TO ? 0.6 : 0.2;
}

void optimal_week(enum platform p, struct week *out)
{
    for (int day = 0; day < 7; day++) {
        double share = day >= 5 && !defaults[p].weekends ? 0.5 : 1;
        for (int hour = 0; hour < 24; hour++)
            out->score[day][hour] = score_of(p, hour) * share;
    }
}
