/* zone.c: the doorman of the C library's time zones, and nothing else. The library knows one zone
 * at a time, TZ, for the whole process. TZ belongs to this file: it stays at the zone that was
 * asked for last, as loading one costs a file. That is sound because a process has one thread, and
 * because nobody else may ask for local time (a law of tests/lint/banned). */
#include "domain/zone.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define DATABASE "/usr/share/zoneinfo/"

enum { NAME_MAX_BYTES = 64 };

static const int64_t day_s = 86400;

static char selected[NAME_MAX_BYTES + 1]; /* the zone TZ stands at; "" is none yet */
static bool selected_known;               /* else TZ stands at UTC in its place */

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-';
}

/* Segments of name bytes with single slashes between them. */
static bool well_formed(struct str name)
{
    bool in_segment = false;

    if (name.n == 0 || name.n > NAME_MAX_BYTES)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        if (!is_name_byte(name.p[i]) && !(name.p[i] == '/' && in_segment))
            return false;
        in_segment = name.p[i] != '/';
    }
    return in_segment;
}

/* Files that lie in the database but are no zones of IANA: copies, some of which count leap
 * seconds, and what the host's administrator chose. */
static bool is_alias_of_host(struct str name)
{
    static const struct str firsts[] = {S("posix"), S("right"), S("posixrules"), S("localtime")};
    struct str rest = name;
    struct str first = str_cut(&rest, '/');

    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++)
        if (str_eq(first, firsts[i]))
            return true;
    return false;
}

/* Begins the file with the magic of RFC 8536? Tables and lists lie beside the zones. */
static bool is_zone_file(struct str name)
{
    char path[sizeof DATABASE + NAME_MAX_BYTES];
    char magic[4] = "";
    size_t got;
    FILE *file;

    snprintf(path, sizeof path, DATABASE "%.*s", STR(name));
    file = fopen(path, "rb");
    if (!file)
        return false;
    got = fread(magic, 1, sizeof magic, file);
    return fclose(file) == 0 && got == sizeof magic && memcmp(magic, "TZif", sizeof magic) == 0;
}

bool zone_known(struct str name)
{
    if (str_eq(name, S("UTC")) || (selected_known && str_eq(name, str_of(selected))))
        return true; /* no file need be looked at */
    return well_formed(name) && !is_alias_of_host(name) && is_zone_file(name);
}

/* Makes the zone the one localtime_r() speaks of. */
static void select_zone(struct str zone)
{
    char tz[sizeof ":" DATABASE + NAME_MAX_BYTES];

    if (!well_formed(zone))
        zone = S("UTC");
    if (str_eq(zone, str_of(selected)))
        return;
    selected_known = zone_known(zone);
    snprintf(selected, sizeof selected, "%.*s", STR(zone));
    /* The whole path, so that the file read is the file zone_known() looked at. */
    snprintf(tz, sizeof tz, ":" DATABASE "%s", selected_known ? selected : "UTC");
    if (setenv("TZ", tz, 1) != 0)
        abort(); /* no memory for a line */
    tzset();
}

/* Rounds down, before 1970 too. */
static time_t seconds_of(int64_t ms)
{
    return (time_t)(ms / 1000 - (ms % 1000 < 0));
}

static int64_t offset_at(time_t t)
{
    struct tm tm;
    const struct tm *local = localtime_r(&t, &tm);

    assert(local); /* fails only in years that no int can number */
    return local->tm_gmtoff;
}

void zone_civil(struct str zone, int64_t ms, struct civil *out, int *offset_s)
{
    int64_t offset;
    time_t t = seconds_of(ms);

    select_zone(zone);
    offset = offset_at(t);
    if (out)
        *out = civil_of(((int64_t)t + offset) * 1000);
    if (offset_s)
        *offset_s = (int)offset;
}

/* The first instant in (before, after] whose offset is that of `after`. */
static time_t transition(time_t before, time_t after)
{
    const int64_t offset = offset_at(after);

    while (after - before > 1) {
        time_t middle = before + (after - before) / 2;
        if (offset_at(middle) == offset)
            after = middle;
        else
            before = middle;
    }
    return after;
}

int64_t zone_instant(struct str zone, const struct civil *local)
{
    const time_t wall = seconds_of(civil_ms(local)); /* as if it were UTC */
    int64_t offset_before, offset_after;
    time_t by_before, by_after, t;

    select_zone(zone);
    /* No offset is as large as a day: these two are in force on the two sides of the time meant. */
    offset_before = offset_at(wall - day_s);
    offset_after = offset_at(wall + day_s);
    by_before = wall - offset_before;
    by_after = wall - offset_after;
    if (offset_at(by_before) == offset_before) /* also the first of two */
        t = by_before;
    else if (offset_at(by_after) == offset_after)
        t = by_after;
    else /* skipped: clocks went from before the time to after it in one step */
        t = transition(by_after, by_before);
    return (int64_t)t * 1000;
}
