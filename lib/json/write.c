/* write.c: JSON appended to a buffer, value by value. What objects look like is shape's affair. */
#include "json/write.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"

enum { MAX_DECIMALS = 9 };

void write_init(struct writer *w, struct buf *out)
{
    w->out = out;
    w->depth = 0;
    w->comma[0] = false;
}

/* The comma before a value; a key has written it already and left none due. */
static void begin(struct writer *w)
{
    if (w->comma[w->depth])
        buf_char(w->out, ',');
    w->comma[w->depth] = true;
}

void write_open(struct writer *w, char bracket)
{
    assert(w->depth + 1 < WRITE_MAX_DEPTH);
    begin(w);
    buf_char(w->out, bracket);
    w->comma[++w->depth] = false;
}

void write_close(struct writer *w, char bracket)
{
    assert(w->depth > 0);
    buf_char(w->out, bracket);
    w->depth--;
}

void write_key(struct writer *w, struct str key)
{
    char *p = buf_room(w->out, w->comma[w->depth] + key.n + 3);
    if (!p)
        return;
    char *from = p;
    if (w->comma[w->depth])
        *p++ = ',';
    *p++ = '"';
    memcpy(p, key.p, key.n);
    p += key.n;
    *p++ = '"';
    *p++ = ':';
    w->out->n += (size_t)(p - from);
    w->comma[w->depth] = false;
}

/* Bytes at the front that stand for themselves. */
static size_t plain_run(struct str s)
{
    size_t i = 0;
    while (i < s.n && (unsigned char)s.p[i] >= 0x20 && s.p[i] != '"' && s.p[i] != '\\')
        i++;
    return i;
}

static void write_escape(struct buf *out, char c)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    static const char hex[] = "0123456789abcdef";
    const char *found = memchr(from, c, sizeof from - 1);
    if (found) {
        buf_char(out, '\\');
        buf_char(out, to[found - from]);
        return;
    }
    buf_add(out, S("\\u00"));
    buf_char(out, hex[c >> 4]);
    buf_char(out, hex[c & 15]);
}

void write_text(struct writer *w, struct str text)
{
    if (!text.p) {
        write_null(w);
        return;
    }
    begin(w);
    size_t run = plain_run(text);
    char *p = buf_room(w->out, text.n + 2); /* all of it, in the usual case of nothing to escape */
    if (!p)
        return;
    *p = '"';
    memcpy(p + 1, text.p, run);
    w->out->n += run + 1;
    while (run < text.n) {
        write_escape(w->out, text.p[run]);
        text = str_sub(text, run + 1, text.n);
        run = plain_run(text);
        buf_add(w->out, str_sub(text, 0, run));
    }
    buf_char(w->out, '"');
}

void write_int(struct writer *w, int64_t value)
{
    begin(w);
    buf_int(w->out, value);
}

void write_bool(struct writer *w, bool value)
{
    begin(w);
    buf_add(w->out, value ? S("true") : S("false"));
}

void write_null(struct writer *w)
{
    begin(w);
    buf_add(w->out, S("null"));
}

/* The places of `fraction` out of `unit` (a power of ten), without trailing zeros. */
static void write_fraction(struct buf *out, int64_t fraction, int64_t unit)
{
    buf_char(out, '.');
    while (fraction > 0) {
        unit /= 10;
        buf_char(out, (char)('0' + fraction / unit));
        fraction %= unit;
    }
}

/* By integers, not by printf: quicker, and no locale can turn the point into a comma. */
void write_number(struct writer *w, double value, int decimals)
{
    static const int64_t powers[MAX_DECIMALS + 1] = {
        1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};
    static const double exact = 9007199254740992.0; /* 2^53: above, doubles have no fraction */
    assert(decimals >= 0 && decimals <= MAX_DECIMALS);
    if (!isfinite(value)) {
        write_null(w);
        return;
    }
    begin(w);
    int64_t unit = powers[decimals];
    double scaled = round(fabs(value) * (double)unit);
    if (scaled >= exact) {
        buf_printf(w->out, "%.0f", value);
        return;
    }
    int64_t n = (int64_t)scaled;
    if (value < 0 && n > 0)
        buf_char(w->out, '-');
    buf_int(w->out, n / unit);
    if (n % unit)
        write_fraction(w->out, n % unit, unit);
}

void write_time(struct writer *w, int64_t ms)
{
    if (ms == 0) {
        write_null(w);
        return;
    }
    char text[TIME_TEXT + 1];
    write_text(w, time_print(text, ms));
}

void write_raw(struct writer *w, struct str json)
{
    begin(w);
    buf_add(w->out, json.p ? json : S("null"));
}

void write_member_text(struct writer *w, struct str key, struct str text)
{
    write_key(w, key);
    write_text(w, text);
}

void write_member_int(struct writer *w, struct str key, int64_t value)
{
    write_key(w, key);
    write_int(w, value);
}

void write_member_bool(struct writer *w, struct str key, bool value)
{
    write_key(w, key);
    write_bool(w, value);
}

void write_member_number(struct writer *w, struct str key, double value, int decimals)
{
    write_key(w, key);
    write_number(w, value, decimals);
}

void write_member_time(struct writer *w, struct str key, int64_t ms)
{
    write_key(w, key);
    write_time(w, ms);
}

void write_member_raw(struct writer *w, struct str key, struct str json)
{
    write_key(w, key);
    write_raw(w, json);
}
