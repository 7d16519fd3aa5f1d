/* calendar.h: when a mission posts: days and times of a plan in its time zone, as instants. */
#ifndef AMP_DOMAIN_CALENDAR_H
#define AMP_DOMAIN_CALENDAR_H

#include "domain/zone.h"
#include "json/shape.h"

/* The numbers are stored in documents by name; index 0 is none. */
enum cadence {
    CADENCE_NONE,
    CADENCE_HOURLY, /* every hour, at the minutes of the posting times (none: on the hour) */
    CADENCE_DAILY,
    CADENCE_WEEKDAYS, /* Monday to Friday */
    CADENCE_WEEKLY,   /* the weekday of the start */
    CADENCE_MONTHLY   /* the day of the month of the start, or the month's last */
};
extern const struct names cadence_names;

enum weekday {
    DAY_NONE,
    DAY_MONDAY,
    DAY_TUESDAY,
    DAY_WEDNESDAY,
    DAY_THURSDAY,
    DAY_FRIDAY,
    DAY_SATURDAY,
    DAY_SUNDAY
};
extern const struct names weekday_names; /* "monday" … */

/* How good the hours of a week are to post in: by weekday from Monday and local hour, higher is
 * better; 0: not to be chosen. */
struct week {
    double score[7][24];
};

/* A plan of posting times. */
struct schedule {
    struct str zone;
    enum cadence cadence;
    int posts_per_day; /* 1-24; hourly has its own count */
    const int *times;  /* minutes since midnight, local, of which the first posts_per_day
                          count; the posts beyond them stand at the best hours of the week
                          that are left, then in the middle of equal parts of earliest to
                          latest */
    size_t times_count;
    const struct week *week;    /* borrowed; NULL: all hours are alike. At the full hour; three
                                   hours apart as far as there is room, of equal ones the earlier */
    int earliest, latest;       /* minutes since midnight; posting times outside move to the edge,
                                   hours outside are left out; -1: not set (00:00, 23:59; for
                                   spreading 09:00, 21:00) */
    unsigned excluded_days;     /* bit (1u << DAY_…) each */
    int64_t starts_ms, ends_ms; /* [starts, ends) */
};

/* The slots of a plan with from_ms <= slot < until_ms, in order, all within the plan's own range,
 * no two in one minute: of posts that meet, one moves to the nearest free minute of the day, but
 * those that daylight saving moves together are one. At most `max`; the number found. */
size_t schedule_slots(const struct schedule *s, int64_t from_ms, int64_t until_ms, int64_t *out,
                      size_t max);

/* "09:30" → minutes since midnight; -1 if it is not a time of day. */
int time_of_day(struct str text);

#endif
