/* shape_value.c: reading one scalar of a body and saying what is wrong with it. Objects and lists
 * are in shape_read.c. */
#include "json/shape_impl.h"

#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"

enum { PLACE_CEILING = 4096, MESSAGE_CEILING = 4096 };

static void place_write(struct buf *out, const struct place *at)
{
    if (!at)
        return;
    place_write(out, at->in);
    if (!at->name.p) {
        buf_printf(out, "[%zu]", at->index);
        return;
    }
    if (out->n)
        buf_char(out, '.');
    buf_add(out, at->name);
}

struct str place_text(struct arena *a, const struct place *at)
{
    if (!at)
        return (struct str){NULL, 0};
    struct buf *out = buf_new(a, PLACE_CEILING);
    place_write(out, at);
    return buf_str(out);
}

error refuse(const struct reader *r, const struct place *at, struct str message)
{
    return error_at(r->arena, ERR_INVALID_REQUEST, place_text(r->arena, at), "%.*s", STR(message));
}

static bool is_bounded(const struct field *f)
{
    return f->min != 0 || f->max != 0;
}

static bool in_range(const struct reader *r, const struct field *f, double value)
{
    return r->mode != READ_BODY || !is_bounded(f) || (value >= f->min && value <= f->max);
}

static error read_id(const struct reader *r, const struct field *f, struct json_object *v,
                     const struct place *at, void *out)
{
    if (id_parse(parsed_text(v), f->prefix, out))
        return NULL;
    return refuse(
        r, at,
        arena_printf(r->arena, "Must be an id: %.*s and 16 letters or digits.", STR(f->prefix)));
}

static bool is_host_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-';
}

/* "host", "host:port" or "[address]:port"; no user, which only ever misleads. */
static bool is_authority(struct str s)
{
    size_t i = 0;
    if (s.n && s.p[0] == '[') {
        while (i < s.n && s.p[i] != ']')
            i++;
        if (i < 3 || i++ == s.n)
            return false;
    } else {
        while (i < s.n && is_host_char(s.p[i]))
            i++;
    }
    int64_t port = 1;
    if (i == 0 || (i < s.n && s.p[i] != ':'))
        return false;
    if (i < s.n && !str_int(str_sub(s, i + 1, s.n), &port))
        return false;
    return port >= 1 && port <= 65535;
}

/* RFC 3986 as far as anybody relies on it: scheme, host, and visible ASCII without what would need
 * quoting in HTML or a header. */
static bool is_url(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] == 0x7F || memchr("\"<>\\", s.p[i], 4))
            return false;
    struct str rest = s, scheme = str_cut(&rest, ':');
    if (!str_eq_nocase(scheme, S("http")) && !str_eq_nocase(scheme, S("https")))
        return false;
    if (!str_starts(rest, S("//")))
        return false;
    rest = str_sub(rest, 2, rest.n);
    size_t n = 0;
    while (n < rest.n && !memchr("/?#", rest.p[n], 3))
        n++;
    return is_authority(str_sub(rest, 0, n));
}

static error check_length(const struct reader *r, const struct field *f, struct str text,
                          const struct place *at)
{
    double max = is_bounded(f) ? f->max : SHAPE_TEXT_MAX;
    double n = (double)utf8_length(text);
    if (n >= f->min && n <= max)
        return NULL;
    if (f->min > 0)
        return refuse(r, at,
                      arena_printf(r->arena, "Must be %.0f to %.0f characters.", f->min, max));
    return refuse(r, at, arena_printf(r->arena, "Must be at most %.0f characters.", max));
}

static error check_text(const struct reader *r, const struct field *f, struct str text,
                        const struct place *at)
{
    TRY(check_length(r, f, text, at));
    if (f->flags & F_NOT_BLANK && utf8_blank(text))
        return refuse(r, at, S("Must not be blank."));
    if (f->flags & F_URL && !is_url(text))
        return refuse(r, at, S("Must be an http or https URL."));
    const char *reason = f->check ? f->check(text) : NULL;
    return reason ? refuse(r, at, str_of(reason)) : NULL;
}

static error read_text(const struct reader *r, const struct field *f, struct json_object *v,
                       const struct place *at, void *out)
{
    struct str text = parsed_text(v);
    if (!text.p)
        return refuse(r, at, S("Must be a text."));
    *(struct str *)out = text;
    return r->mode == READ_BODY ? check_text(r, f, text, at) : NULL;
}

static struct str names_message(struct arena *a, const struct names *values)
{
    struct buf *out = buf_new(a, MESSAGE_CEILING);
    buf_add(out, S("Must be one of: "));
    for (size_t i = 1; i < values->n; i++) {
        if (i > 1)
            buf_add(out, S(", "));
        buf_add(out, values->at[i]);
    }
    buf_char(out, '.');
    return buf_str(out);
}

static error read_enum(const struct reader *r, const struct field *f, struct json_object *v,
                       const struct place *at, void *out)
{
    int value = names_find(f->values, parsed_text(v));
    if (value == 0)
        return refuse(r, at, names_message(r->arena, f->values));
    *(int *)out = value;
    return NULL;
}

static error read_int(const struct reader *r, const struct field *f, struct json_object *v,
                      const struct place *at, void *out)
{
    if (parsed_int(v, out) && in_range(r, f, (double)*(int64_t *)out))
        return NULL;
    if (!is_bounded(f))
        return refuse(r, at, S("Must be a 64-bit integer."));
    return refuse(r, at,
                  arena_printf(r->arena, "Must be an integer from %.0f to %.0f.", f->min, f->max));
}

static error read_number(const struct reader *r, const struct field *f, struct json_object *v,
                         const struct place *at, void *out)
{
    int64_t whole;
    double value = NAN;
    if (json_object_is_type(v, json_type_double))
        value = json_object_get_double(v);
    else if (parsed_int(v, &whole))
        value = (double)whole;
    *(double *)out = value;
    if (isfinite(value) && in_range(r, f, value))
        return NULL;
    if (!is_bounded(f))
        return refuse(r, at, S("Must be a number."));
    return refuse(r, at,
                  arena_printf(r->arena, "Must be a number from %.15g to %.15g.", f->min, f->max));
}

static error read_bool(const struct reader *r, const struct field *f, struct json_object *v,
                       const struct place *at, void *out)
{
    (void)f;
    if (!json_object_is_type(v, json_type_boolean))
        return refuse(r, at, S("Must be true or false."));
    *(bool *)out = json_object_get_boolean(v);
    return NULL;
}

/* Whole seconds, as they are printed: what a client reads back is what is stored. The very first
 * one of 1970 is how C says "none", so it cannot be told apart and is refused. */
static error read_time(const struct reader *r, const struct field *f, struct json_object *v,
                       const struct place *at, void *out)
{
    (void)f;
    int64_t ms = 0;
    if (!time_parse(parsed_text(v), &ms) || ms < 1000)
        return refuse(r, at, S("Must be an RFC 3339 time with an offset: 2024-01-15T09:00:00Z."));
    *(int64_t *)out = ms - ms % 1000;
    return NULL;
}

static error read_raw(const struct reader *r, const struct field *f, struct json_object *v,
                      const struct place *at, void *out)
{
    (void)r, (void)f, (void)at;
    *(struct str *)out = str_of(
        json_object_to_json_string_ext(v, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    return NULL;
}

error scalar_read(const struct reader *r, const struct field *f, struct json_object *v,
                  const struct place *at, void *out)
{
    static error (*const readers[])(const struct reader *, const struct field *,
                                    struct json_object *, const struct place *, void *) = {
        [F_ID] = read_id,         [F_TEXT] = read_text, [F_ENUM] = read_enum, [F_INT] = read_int,
        [F_NUMBER] = read_number, [F_BOOL] = read_bool, [F_TIME] = read_time, [F_RAW] = read_raw,
    };
    return readers[f->kind](r, f, v, at, out);
}
