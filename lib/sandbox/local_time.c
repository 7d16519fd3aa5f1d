/* local_time.c: local times as instants, by the C library's own time zones. */
#include "sandbox/local_time.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum { LOCAL_LEN = 19, ZONE_MAX = 64, PATH_BYTES = 128 };

static bool is_name_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '+' || c == '-' || c == '/';
}

/* Letters first and no dots: such a name cannot leave the directory of zones. */
static bool zone_exists(struct str zone)
{
    char path[PATH_BYTES];
    if (!zone.n || zone.n > ZONE_MAX || zone.p[0] == '/')
        return false;
    for (size_t i = 0; i < zone.n; i++) {
        if (!is_name_char(zone.p[i]))
            return false;
    }
    int n = snprintf(path, sizeof path, "/usr/share/zoneinfo/%.*s", STR(zone));
    return n > 0 && n < PATH_BYTES && access(path, R_OK) == 0;
}

static bool enter_zone(struct str zone)
{
    char name[ZONE_MAX + 2];
    if (!zone_exists(zone))
        return false;
    int n = snprintf(name, sizeof name, ":%.*s", STR(zone));
    return n > 0 && n < (int)sizeof name && setenv("TZ", name, 1) == 0;
}

static int64_t instant(const struct civil *t)
{
    /* Summer time first, which is the first of two ambiguous hours. Where there is none then, the
     * library moves the hour and says so. */
    for (int summer = 1;; summer = 0) {
        struct tm tm = {
            .tm_year = t->year - 1900,
            .tm_mon = t->month - 1,
            .tm_mday = t->day,
            .tm_hour = t->hour,
            .tm_min = t->minute,
            .tm_sec = t->second,
            .tm_isdst = summer,
        };
        time_t s = mktime(&tm);
        if (!summer || tm.tm_isdst == 1)
            return (int64_t)s * 1000;
    }
}

bool local_instant(struct str text, struct str zone, int64_t *ms)
{
    char utc[LOCAL_LEN + 2];
    if (time_parse(text, ms))
        return true;
    int n = snprintf(utc, sizeof utc, "%.*sZ", STR(text));
    if (n != LOCAL_LEN + 1 || !time_parse(str_of(utc), ms))
        return false;
    if (str_eq(zone, S("UTC"))) /* of which the library would look for the summer time, at length */
        return true;
    if (!enter_zone(zone))
        return false;
    struct civil t = civil_of(*ms);
    *ms = instant(&t);
    return true;
}
