/* csv.c: objects to lines of comma-separated values by their table. No allocation. */
#include "json/csv.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"

static bool has_any(struct str text, const char *of)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] && strchr(of, text.p[i]))
            return true;
    }
    return false;
}

void csv_text(struct buf *out, struct str text)
{
    bool quoted = has_any(text, ",\"\r\n");
    if (quoted)
        buf_char(out, '"');
    if (has_any(str_sub(text, 0, 1), "=+-@\t\r\n"))
        buf_char(out, '\'');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            buf_char(out, '"');
        buf_char(out, text.p[i]);
    }
    if (quoted)
        buf_char(out, '"');
}

static void write_number_cell(struct buf *out, const struct field *f, double value)
{
    struct writer w;
    if (isnan(value))
        return;
    write_init(&w, out);
    write_number(&w, value, f->decimals ? f->decimals : 2);
}

static void write_id_cell(struct buf *out, const struct field *f, const struct id *id)
{
    char text[ID_TEXT + 1];
    if (!id_is_none(id))
        buf_add(out, id_print(text, f->prefix, id));
}

static void write_time_cell(struct buf *out, int64_t ms)
{
    char text[TIME_TEXT + 1];
    if (ms)
        buf_add(out, time_print(text, ms));
}

/* Only texts come from elsewhere; all else is ours. */
static void write_cell(struct buf *out, const struct field *f, const void *value)
{
    switch (f->kind) {
    case F_ID:
        write_id_cell(out, f, value);
        break;
    case F_TEXT:
        csv_text(out, *(const struct str *)value);
        break;
    case F_ENUM:
        buf_add(out, f->values->at[*(const int *)value]);
        break;
    case F_INT:
        if (*(const int64_t *)value != INT_NONE)
            buf_int(out, *(const int64_t *)value);
        break;
    case F_NUMBER:
        write_number_cell(out, f, *(const double *)value);
        break;
    case F_BOOL:
        buf_add(out, *(const bool *)value ? S("true") : S("false"));
        break;
    case F_TIME:
        write_time_cell(out, *(const int64_t *)value);
        break;
    case F_OBJECT:
    case F_LIST:
    case F_RAW:
        assert(false);
    }
}

void csv_head(struct buf *out, const struct shape *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if (i)
            buf_char(out, ',');
        buf_add(out, s->fields[i].name);
    }
    buf_add(out, S("\r\n"));
}

void csv_line(struct buf *out, const struct shape *s, const void *object)
{
    for (size_t i = 0; i < s->n; i++) {
        if (i)
            buf_char(out, ',');
        write_cell(out, &s->fields[i], (const char *)object + s->fields[i].at);
    }
    buf_add(out, S("\r\n"));
}
