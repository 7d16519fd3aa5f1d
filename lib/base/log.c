/* log.c: building one line of JSON and writing it. What is worth a line is decided by others. */
#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ctx.h"
#include "base/utf8.h"

enum { LINE_SIZE = 4096 /* PIPE_BUF: lines of several processes do not mix */ };

/* What is left free by everything but the end of a line: a quote, a brace and a line feed. */
enum { LINE_END = 3 };

struct line {
    char p[LINE_SIZE];
    size_t n;
    bool cut; /* something did not fit; nothing is added any more */
};

/* The only state of the process here. */
static enum log_level threshold = LOG_LEVEL_INFO;

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARN] = "warn",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};

void log_set_level(enum log_level level)
{
    threshold = level;
}

enum log_level log_level(void)
{
    return threshold;
}

bool log_level_parse(struct str name, enum log_level *out)
{
    for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++) {
        if (str_eq(name, str_of(level_names[i]))) {
            *out = (enum log_level)i;
            return true;
        }
    }
    return false;
}

/* All of it or nothing. */
static void put(struct line *l, struct str s)
{
    if (l->cut || s.n > sizeof l->p - LINE_END - l->n) {
        l->cut = true;
        return;
    }
    memcpy(l->p + l->n, s.p, s.n);
    l->n += s.n;
}

/* Takes one character off the text and puts it as JSON wants it. */
static void put_character(struct line *l, struct str *rest)
{
    static const char hex[] = "0123456789abcdef";
    struct str here = *rest;
    int32_t c = utf8_next(rest);
    if (c == '"' || c == '\\') {
        put(l, (struct str){(const char[]){'\\', (char)c}, 2});
    } else if (c >= ' ' && c != 0x7F) {
        put(l, str_sub(here, 0, here.n - rest->n));
    } else {
        unsigned char byte = (unsigned char)here.p[0];
        put(l,
            (struct str){(const char[]){'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]}, 6});
        *rest = str_sub(here, 1, here.n);
    }
}

static void put_escaped(struct line *l, struct str text)
{
    while (text.n > 0 && !l->cut)
        put_character(l, &text);
}

static void put_key(struct line *l, const char *key)
{
    put(l, l->n == 0 ? S("{\"") : S(",\""));
    put_escaped(l, str_of(key));
    put(l, S("\":"));
}

/* A field for which there is not even a beginning is left out; a text may lose its end. */
static void put_text(struct line *l, const char *key, struct str text)
{
    size_t start = l->n;
    put_key(l, key);
    put(l, S("\""));
    if (l->cut) {
        l->n = start;
        return;
    }
    put_escaped(l, text);
    l->p[l->n++] = '"';
}

static void put_number(struct line *l, const char *key, int64_t number)
{
    size_t start = l->n;
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%" PRId64, number);
    assert(n > 0);
    put_key(l, key);
    put(l, (struct str){digits, (size_t)n});
    if (l->cut)
        l->n = start;
}

static void put_time(struct line *l, int64_t ms)
{
    char text[TIME_TEXT + 1];
    struct str seconds = str_sub(time_print(text, ms), 0, TIME_TEXT - 1);
    int part = (int)(ms % 1000);
    const char rest[] = {'.', (char)('0' + part / 100), (char)('0' + part / 10 % 10),
                         (char)('0' + part % 10), 'Z'};
    put(l, S("{\"time\":\""));
    put(l, seconds);
    put(l, (struct str){rest, sizeof rest});
    put(l, S("\""));
}

static void put_context(struct line *l, const struct ctx *c)
{
    if (c->request_id.p)
        put_text(l, "request_id", c->request_id);
    if (!id_is_none(&c->scope.tenant)) {
        char text[ID_TEXT + 1];
        put_text(l, "tenant", id_print(text, S("tnt_"), &c->scope.tenant));
    }
}

static void put_fields(struct line *l, const struct log_field *fields)
{
    for (const struct log_field *f = fields; f->key; f++) {
        if (f->is_number)
            put_number(l, f->key, f->number);
        else if (f->text.p)
            put_text(l, f->key, f->text);
    }
}

void log_write(const struct ctx *c, enum log_level level, const char *event,
               const struct log_field *fields)
{
    if (level > threshold)
        return;
    struct line l;
    l.n = 0;
    l.cut = false;
    put_time(&l, clock_ms());
    put_text(&l, "level", str_of(level_names[level]));
    put_text(&l, "event", str_of(event));
    if (c)
        put_context(&l, c);
    put_fields(&l, fields);
    l.p[l.n++] = '}';
    l.p[l.n++] = '\n';
    ssize_t written;
    do {
        written = write(STDERR_FILENO, l.p, l.n);
    } while (written < 0 && errno == EINTR); /* after other failures there is nobody to tell */
}
