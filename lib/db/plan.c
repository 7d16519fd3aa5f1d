/* plan.c: turns the text of a statement into what the server gets and a list of where its values
 * come from. No connection, no client library: db_client.c has those. */
#include "db/plan.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"

enum { SQL_MAX = 64 * 1024 };

static const struct {
    struct str name;
    enum plan_source source;
} context_names[] = {
    {{":tenant", 7}, PLAN_TENANT},
    {{":live", 5}, PLAN_LIVE},
    {{":now", 4}, PLAN_NOW},
};
enum { CONTEXT_NAMES = sizeof context_names / sizeof *context_names };

/* The length of a quoted piece, both quotes included. A doubled quote reads as two pieces, which
 * comes to the same. */
static size_t quoted_length(struct str s)
{
    for (size_t i = 1; i < s.n; i++) {
        if (s.p[i] == s.p[0])
            return i + 1;
        if (s.p[i] == '\\' && s.p[0] != '`')
            i++;
    }
    return s.n;
}

static size_t name_length(struct str s)
{
    size_t n = 1;
    while (n < s.n && s.p[n] >= 'a' && s.p[n] <= 'z')
        n++;
    return n;
}

static struct str next_piece(struct str s)
{
    switch (s.p[0]) {
    case '\'':
    case '"':
    case '`':
        return str_sub(s, 0, quoted_length(s));
    case ':':
        return str_sub(s, 0, name_length(s));
    default:
        return str_sub(s, 0, 1);
    }
}

static void add_placeholder(struct plan *plan, struct buf *text, enum plan_source source)
{
    plan->sources[plan->n++] = source;
    plan->arguments += source == PLAN_ARGUMENT;
    buf_char(text, '?');
}

static void add_ids(struct plan *plan, struct buf *text)
{
    for (size_t i = 0; i < DB_IDS; i++) {
        if (i > 0)
            buf_add(text, S(", "));
        add_placeholder(plan, text, PLAN_IDS);
    }
    plan->arguments++;
}

static void add_name(struct plan *plan, struct buf *text, struct str name)
{
    size_t i = 0;
    if (str_eq(name, S(":ids"))) {
        add_ids(plan, text);
        return;
    }
    while (i < CONTEXT_NAMES && !str_eq(name, context_names[i].name))
        i++;
    assert(i < CONTEXT_NAMES);
    add_placeholder(plan, text, context_names[i].source);
}

static void add_columns(struct buf *text, const struct row *row)
{
    assert(row);
    for (size_t i = 0; i < row->n; i++) {
        if (i > 0)
            buf_add(text, S(", "));
        buf_add(text, str_of(row->cols[i].name));
    }
}

/* The statement with its column list in place: expressions of that list may hold names and
 * placeholders of their own. */
static struct str with_columns(struct arena *a, const struct query *q)
{
    struct str rest = str_of(q->sql);
    struct buf *text = buf_new(a, SQL_MAX);
    while (rest.n > 0) {
        struct str piece = next_piece(rest);
        if (str_eq(piece, S(":cols")))
            add_columns(text, q->row);
        else
            buf_add(text, piece);
        rest = str_sub(rest, piece.n, rest.n);
    }
    assert(!text->full);
    return buf_str(text);
}

static size_t placeholders_at_most(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        n += s.p[i] == '?' || s.p[i] == ':';
        if (str_starts(str_sub(s, i, s.n), S(":ids")))
            n += DB_IDS;
    }
    return n;
}

void plan_make(struct arena *a, const struct query *q, struct plan *out)
{
    struct str rest = with_columns(a, q);
    struct buf text;
    buf_init(&text, SQL_MAX);
    *out = (struct plan){0};
    out->sources = arena_array(a, placeholders_at_most(rest) + 1, sizeof *out->sources);
    while (rest.n > 0) {
        struct str piece = next_piece(rest);
        if (str_eq(piece, S("?")))
            add_placeholder(out, &text, PLAN_ARGUMENT);
        else if (piece.p[0] == ':' && piece.n > 1)
            add_name(out, &text, piece);
        else
            buf_add(&text, piece);
        rest = str_sub(rest, piece.n, rest.n);
    }
    assert(!text.full);
    out->sql = arena_str(a, buf_str(&text));
    buf_release(&text);
}

/* The k-th placeholder of a list. */
static struct param nth_id(const struct param *p, size_t k)
{
    assert(p->kind == PARAM_IDS);
    return param_id(&p->ids.at[k < p->ids.n ? k : p->ids.n - 1]);
}

void plan_fill(const struct plan *plan, const struct ctx *c, const struct param *arguments,
               struct param *out)
{
    size_t id = 0;
    for (size_t i = 0; i < plan->n; i++) {
        switch (plan->sources[i]) {
        case PLAN_ARGUMENT:
            assert(arguments->kind != PARAM_END && arguments->kind != PARAM_IDS);
            out[i] = *arguments++;
            break;
        case PLAN_IDS:
            out[i] = nth_id(arguments, id++);
            if (id == DB_IDS) {
                arguments++;
                id = 0;
            }
            break;
        case PLAN_TENANT:
            out[i] = param_id(&c->scope.tenant);
            break;
        case PLAN_LIVE:
            out[i] = param_bool(c->scope.live);
            break;
        case PLAN_NOW:
            out[i] = param_int(c->now_ms);
            break;
        }
    }
    assert(arguments->kind == PARAM_END);
}
