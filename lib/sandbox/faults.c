/* faults.c: the table of what goes wrong on demand, and how. Which requests may go wrong is said
 * where they are handled. */
#include "sandbox/faults.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/config.h"

enum { TIMES_MAX = 1000, SLOW_MS = 1500, LATE_MS = 500, ANNOUNCED = 4096, TOKEN_TIME_LEN = 16 };

static const struct fault faults[] = {
    {S("bad-request"), FAULT_STATUS, 400, 0},
    {S("unauthorized"), FAULT_STATUS, 401, 0},
    {S("forbidden"), FAULT_STATUS, 403, 0},
    {S("limited"), FAULT_STATUS, 429, 0},
    {S("limited-wait"), FAULT_STATUS, 429, 2},
    {S("error"), FAULT_STATUS, 500, 0},
    {S("unavailable"), FAULT_STATUS, 503, 0},
    {S("page"), FAULT_PAGE, 200, 0},
    {S("reset"), FAULT_CUT, 200, 0},
    {S("reset-after"), FAULT_CUT_AFTER, 200, 0},
    {S("timeout-after"), FAULT_TIMEOUT, 200, 0},
    {S("slow"), FAULT_SLOW, 200, 0},
    {S("malformed"), FAULT_MALFORMED, 200, 0},
    {S("fails-later"), FAULT_FAILS_LATER, 200, 0},
    {S("duplicate"), FAULT_DUPLICATE, 200, 0},
    {S("skew"), FAULT_SKEW, 200, 0},
    {S("popular"), FAULT_POPULAR, 200, 0},
    {S("ignored"), FAULT_IGNORED, 200, 0},
};
static const struct fault ends = {S("until"), FAULT_STATUS, 401, 0};

static const struct fault *find(struct str name)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        if (str_eq(faults[i].name, name))
            return &faults[i];
    }
    return NULL;
}

const struct fault *fault_of(struct str text, int64_t *times)
{
    static const struct str sign = S("[sandbox:");
    *times = 0;
    while (text.n > sign.n) {
        const char *bracket = memchr(text.p, '[', text.n);
        if (!bracket)
            return NULL;
        struct str rest = str_sub(text, (size_t)(bracket - text.p), SIZE_MAX);
        text = str_sub(rest, 1, SIZE_MAX);
        if (!str_starts(rest, sign))
            continue;
        rest = str_sub(rest, sign.n, SIZE_MAX);
        struct str word = str_cut(&rest, ']');
        const struct fault *f = find(str_cut(&word, '*'));
        if (word.n && (!str_int(word, times) || *times < 1 || *times > TIMES_MAX))
            *times = 0;
        return f;
    }
    return NULL;
}

bool fault_is(struct str text, enum fault_kind kind)
{
    int64_t times;
    const struct fault *f = fault_of(text, &times);
    return f && f->kind == kind;
}

static void wait_ms(int64_t ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&time, NULL); /* a signal ends the process's work anyway */
}

/* An error of the wire as the sandbox answers it. */
static error status_error(struct ctx *c, const struct fault *f)
{
    struct error *e = ARENA_NEW(c->arena, struct error);
    *e = (struct error){
        .code = ERR_INTERNAL,
        .status = f->status,
        .wire = f->name,
        .message = arena_printf(c->arena, "As asked for: %.*s.", STR(f->name)),
    };
    if (f->retry_after_s)
        response_header_int(c->res, "Retry-After", f->retry_after_s);
    return e;
}

/* The answer is to be this one, though nothing failed on the way: the error stops the gates. */
static error instead(struct ctx *c, const struct fault *f)
{
    static const struct error stop = {.code = ERR_INTERNAL, .status = 200};
    struct writer w;
    if (f->kind == FAULT_STATUS)
        return status_error(c, f);
    if (f->kind == FAULT_PAGE) {
        struct buf *body = reply_begin(c, &w)->out;
        buf_add(body, S("<!DOCTYPE html><title>Log in</title><form>Please log in.</form>\n"));
        c->res->type = S("text/html; charset=utf-8");
    } else {
        write_open(reply_begin(c, &w), '{');
        write_close(&w, '}');
        c->res->announced = ANNOUNCED;
    }
    c->res->status = 200;
    return &stop;
}

error fault_before(struct ctx *c, struct str text, const struct fault **out)
{
    int64_t times;
    const struct fault *f = fault_of(text, &times);
    *out = NULL;
    if (f && times) {
        int64_t before;
        TRY(ledger_try(visit_of(c)->ledger, visit_of(c)->account, text, &before));
        if (before >= times)
            f = NULL;
    }
    if (!f)
        return NULL;
    if (f->kind == FAULT_STATUS || f->kind == FAULT_PAGE || f->kind == FAULT_CUT)
        return instead(c, f);
    *out = f;
    return NULL;
}

void fault_after(struct ctx *c, const struct fault *f)
{
    if (!f)
        return;
    if (f->kind == FAULT_TIMEOUT)
        wait_ms(c->config->metricool_timeout_ms + LATE_MS);
    if (f->kind == FAULT_SLOW)
        wait_ms(SLOW_MS);
    if (f->kind == FAULT_CUT_AFTER)
        c->res->announced = ANNOUNCED;
    if (f->kind == FAULT_MALFORMED)
        c->res->body.n /= 2;
}

/* "20260201T000000Z" */
static bool compact_time(struct arena *a, struct str t, int64_t *ms)
{
    if (t.n != TOKEN_TIME_LEN)
        return false;
    return time_parse(arena_printf(a, "%.*s-%.*s-%.*sT%.*s:%.*s:%.*sZ", STR(str_sub(t, 0, 4)),
                                   STR(str_sub(t, 4, 2)), STR(str_sub(t, 6, 2)),
                                   STR(str_sub(t, 9, 2)), STR(str_sub(t, 11, 2)),
                                   STR(str_sub(t, 13, 2))),
                      ms);
}

error fault_of_token(struct ctx *c, struct str token, struct str *own)
{
    struct str rest = str_sub(token, sizeof "sandbox_" - 1, SIZE_MAX);
    const struct fault *f;
    int64_t until_ms;
    *own = token;
    if (!str_starts(token, S("sandbox_")))
        return NULL;
    if (str_starts(rest, S("until_"))) {
        rest = str_sub(rest, sizeof "until_" - 1, SIZE_MAX);
        if (!compact_time(c->arena, str_cut(&rest, '_'), &until_ms))
            return NULL;
        *own = arena_printf(c->arena, "sandbox_%.*s", STR(rest));
        return c->now_ms < until_ms ? NULL : instead(c, &ends);
    }
    f = find(str_cut(&rest, '_'));
    return f && f->kind <= FAULT_CUT ? instead(c, f) : NULL;
}
