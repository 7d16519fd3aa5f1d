/* clock.c: the machine's clock and the calendar of UTC. Time zones are not known here. */
#include "base/clock.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

enum {
    DAYS_OF_ERA = 146097,         /* 400 years, after which the calendar repeats */
    DAYS_TO_MARCH_OF_0 = -719468, /* 1 March of the year 0, counted from 1970 */
};

static int64_t read_clock(clockid_t which, int64_t per_second)
{
    struct timespec t;
    int failed = clock_gettime(which, &t);
    assert(!failed);
    return (int64_t)t.tv_sec * per_second + (int64_t)t.tv_nsec / (1000000000 / per_second);
}

int64_t clock_ms(void)
{
    return read_clock(CLOCK_REALTIME, 1000);
}

int64_t clock_mono_us(void)
{
    return read_clock(CLOCK_MONOTONIC, 1000000);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days before the first of a month in a year that starts with March: the lengths 31 30 31 30 31
 * repeat every 153 days, and February, whose length changes, comes last. */
static int64_t days_before_month(int64_t month_from_march)
{
    return (153 * month_from_march + 2) / 5;
}

static int64_t days_before_year(int64_t year)
{
    return year * 365 + floor_div(year, 4) - floor_div(year, 100) + floor_div(year, 400);
}

static int64_t days_of(int year, int month, int day)
{
    int64_t from_march = (month + 9) % 12;
    int64_t march_year = month < 3 ? year - 1 : year;
    return DAYS_TO_MARCH_OF_0 + days_before_year(march_year) + days_before_month(from_march) + day -
           1;
}

/* The inverse of days_of(). */
static void date_of(int64_t days, struct civil *t)
{
    days -= DAYS_TO_MARCH_OF_0;
    int64_t year = floor_div(days * 400, DAYS_OF_ERA); /* the right one or one too many */
    if (days_before_year(year) > days)
        year--;
    else if (days_before_year(year + 1) <= days)
        year++;
    int64_t day = days - days_before_year(year);
    int64_t from_march = (5 * day + 2) / 153;
    t->month = (int)((from_march + 2) % 12) + 1;
    t->day = (int)(day - days_before_month(from_march)) + 1;
    t->year = (int)(t->month < 3 ? year + 1 : year);
}

struct civil civil_of(int64_t ms)
{
    int64_t days = floor_div(ms, DAY_MS);
    int second = (int)((ms - days * DAY_MS) / 1000);
    struct civil t = {
        .hour = second / 3600,
        .minute = second / 60 % 60,
        .second = second % 60,
        .weekday = (int)(days + 3 - floor_div(days + 3, 7) * 7), /* 1970 began on a Thursday */
    };
    date_of(days, &t);
    return t;
}

int64_t civil_ms(const struct civil *t)
{
    return days_of(t->year, t->month, t->day) * DAY_MS + t->hour * HOUR_MS + t->minute * MINUTE_MS +
           t->second * INT64_C(1000);
}

/* Two digits. */
static char *put2(char *out, int value, char after)
{
    out[0] = (char)('0' + value / 10);
    out[1] = (char)('0' + value % 10);
    out[2] = after;
    return out + 3;
}

static char *put_date(char *out, const struct civil *t, char after)
{
    put2(out, t->year / 100, '\0');
    out = put2(out + 2, t->year % 100, '-');
    return put2(put2(out, t->month, '-'), t->day, after);
}

static struct civil printable(int64_t ms)
{
    return civil_of(ms < 0 ? 0 : ms >= TIME_END_MS ? TIME_END_MS - 1 : ms);
}

struct str time_print(char out[TIME_TEXT + 1], int64_t ms)
{
    struct civil t = printable(ms);
    char *at = put_date(out, &t, 'T');
    at = put2(put2(put2(at, t.hour, ':'), t.minute, ':'), t.second, 'Z');
    *at = '\0';
    return (struct str){out, TIME_TEXT};
}

struct str date_print(char out[DATE_TEXT + 1], int64_t ms)
{
    struct civil t = printable(ms);
    put_date(out, &t, '\0');
    return (struct str){out, DATE_TEXT};
}

struct str http_date_print(char out[HTTP_DATE_TEXT + 1], int64_t ms)
{
    static const char days[7][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct civil t = printable(ms);
    int n =
        snprintf(out, HTTP_DATE_TEXT + 1, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[t.weekday],
                 t.day, months[t.month - 1], t.year, t.hour, t.minute, t.second);
    assert(n == HTTP_DATE_TEXT);
    return (struct str){out, HTTP_DATE_TEXT};
}

/* Takes exactly `digits` digits off the front; the number must be at most `max`. */
static bool take_number(struct str *rest, size_t digits, int max, int *out)
{
    int value = 0;
    if (rest->n < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        char c = rest->p[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    *rest = str_sub(*rest, digits, rest->n);
    *out = value;
    return value <= max;
}

static bool take_char(struct str *rest, char c)
{
    if (rest->n == 0 || rest->p[0] != c)
        return false;
    *rest = str_sub(*rest, 1, rest->n);
    return true;
}

static int days_in_month(int year, int month)
{
    int64_t next = month == 12 ? days_of(year + 1, 1, 1) : days_of(year, month + 1, 1);
    return (int)(next - days_of(year, month, 1));
}

static bool take_date(struct str *rest, struct civil *t)
{
    return take_number(rest, 4, 9999, &t->year) && take_char(rest, '-') &&
           take_number(rest, 2, 12, &t->month) && take_char(rest, '-') &&
           take_number(rest, 2, 31, &t->day) && t->month >= 1 && t->day >= 1 &&
           t->day <= days_in_month(t->year, t->month);
}

static bool take_time(struct str *rest, struct civil *t)
{
    if (!take_number(rest, 2, 23, &t->hour) || !take_char(rest, ':') ||
        !take_number(rest, 2, 59, &t->minute) || !take_char(rest, ':') ||
        !take_number(rest, 2, 60, &t->second))
        return false;
    if (t->second == 60)
        t->second = 59;
    return true;
}

/* ".5" and the like, in milliseconds; finer digits are dropped. */
static bool take_fraction(struct str *rest, int64_t *ms)
{
    *ms = 0;
    if (!take_char(rest, '.'))
        return true;
    int digit;
    int64_t weight = 100;
    if (!take_number(rest, 1, 9, &digit))
        return false;
    do {
        *ms += digit * weight;
        weight /= 10;
    } while (take_number(rest, 1, 9, &digit));
    return true;
}

static bool take_offset(struct str *rest, int64_t *ms)
{
    *ms = 0;
    if (take_char(rest, 'Z') || take_char(rest, 'z'))
        return true;
    bool west = take_char(rest, '-');
    int hours, minutes;
    if ((!west && !take_char(rest, '+')) || !take_number(rest, 2, 23, &hours) ||
        !take_char(rest, ':') || !take_number(rest, 2, 59, &minutes))
        return false;
    *ms = (hours * HOUR_MS + minutes * MINUTE_MS) * (west ? -1 : 1);
    return true;
}

bool time_parse(struct str text, int64_t *ms)
{
    struct civil t = {0};
    int64_t fraction, offset;
    if (!take_date(&text, &t) || (!take_char(&text, 'T') && !take_char(&text, 't')) ||
        !take_time(&text, &t) || !take_fraction(&text, &fraction) || !take_offset(&text, &offset) ||
        text.n > 0)
        return false;
    int64_t at = civil_ms(&t) + fraction - offset;
    if (at < 0 || at >= TIME_END_MS)
        return false;
    *ms = at;
    return true;
}

bool date_parse(struct str text, int64_t *ms)
{
    struct civil t = {0};
    if (!take_date(&text, &t) || text.n > 0 || t.year < 1970)
        return false;
    *ms = civil_ms(&t);
    return true;
}
