/* clock.h: the only place that asks what time it is, and the calendar of UTC. Times are
 * milliseconds since 1970 in UTC; 0 is "none". Business code takes ctx.now_ms instead. */
#ifndef AMP_BASE_CLOCK_H
#define AMP_BASE_CLOCK_H

#include "base/str.h"

#define DAY_MS INT64_C(86400000)
#define HOUR_MS INT64_C(3600000)
#define MINUTE_MS INT64_C(60000)
#define TIME_END_MS INT64_C(253402300800000) /* 10000-01-01T00:00:00Z, which no text can say */

enum {
    TIME_TEXT = 20, /* "2024-01-15T00:00:00Z" */
    DATE_TEXT = 10,
    HTTP_DATE_TEXT = 29 /* "Mon, 15 Jan 2024 00:00:00 GMT" */
};

/* The real time; and a monotonic count of microseconds for measuring. */
int64_t clock_ms(void);
int64_t clock_mono_us(void);

/* RFC 3339, UTC, whole seconds (rounded down). Clamped to the years 1970 to 9999. */
struct str time_print(char out[TIME_TEXT + 1], int64_t ms);

/* RFC 3339 with an explicit offset ("Z", "+02:00"), fraction allowed, seconds 00-59 (a leap second
 * 60 counts as 59), real calendar dates, years 1970 to 9999. */
bool time_parse(struct str text, int64_t *ms);

/* "2024-01-15", midnight UTC; and back. */
bool date_parse(struct str text, int64_t *ms);
struct str date_print(char out[DATE_TEXT + 1], int64_t ms);

/* IMF-fixdate (RFC 9110 §5.6.7), as HTTP headers have it. */
struct str http_date_print(char out[HTTP_DATE_TEXT + 1], int64_t ms);

/* A date and time of the proleptic Gregorian calendar, UTC. */
struct civil {
    int year, month, day; /* month 1-12, day 1-31 */
    int hour, minute, second;
    int weekday; /* 0 = Monday … 6 = Sunday */
};
struct civil civil_of(int64_t ms);
int64_t civil_ms(const struct civil *t); /* weekday is not read; fields must be in range */

#endif
