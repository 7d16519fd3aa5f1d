/* metricool_call.c: calls to Metricool, alone and side by side: where they go, with which token,
 * how long they may take, and what their answers tell about the account. What is asked stands in
 * metricool.c and metricool_figures.c. */
#include "publish/metricool_call.h"

#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "publish/metricool.h"

enum { EXCERPT = 300, LARGE_BYTES = 8 << 20 };

/* Live mode speaks to Metricool, test mode to the sandbox, and never the other way round. */
static struct str base_url(struct outside *o)
{
    struct str url = o->live ? o->config->metricool_url : o->config->sandbox_url;
    while (str_ends(url, S("/")))
        url.n--;
    if (o->live || !url.n)
        return url;
    return arena_printf(o->arena, "%.*s/api", STR(url));
}

/* Three parts, the first of them base64 of '{"': a JSON Web Token. */
static bool is_jwt(struct str token)
{
    int dots = 0;
    for (size_t i = 0; i < token.n; i++)
        dots += token.p[i] == '.';
    return dots == 2 && str_starts(token, S("eyJ"));
}

static struct fetch_request request_of(struct outside *o, const struct call *call)
{
    bool jwt = is_jwt(call->account->token);
    struct str bearer = arena_printf(o->arena, "Bearer %.*s", STR(call->account->token));
    char *now = arena_alloc(o->arena, TIME_TEXT + 1);
    const struct fetch_header all[] = {
        {jwt ? "Authorization" : "X-Mc-Auth", jwt ? bearer : call->account->token},
        {"Accept", S("application/json")},
        {"Content-Type", S("application/json")},
        {o->live ? NULL : "X-AMP-Test-Time", time_print(now, o->now_ms)},
        {NULL, {0}},
    };
    struct fetch_header *headers = arena_alloc(o->arena, sizeof all);
    memcpy(headers, all, sizeof all);
    struct str base = base_url(o);
    return (struct fetch_request){
        .method = call->method,
        .url = base.n ? arena_printf(o->arena, "%.*s%.*s", STR(base), STR(call->path)) : base,
        .headers = headers,
        .body = call->body,
        .timeout_ms = o->config->metricool_timeout_ms,
        .max_bytes = call->large ? LARGE_BYTES : 0,
        .request_id = call->request_id,
        .allow_http = !o->live,
        .allow_private = !o->live && o->config->sandbox_allow_loopback,
    };
}

bool wire_is_success(const struct fetch_response *r)
{
    return r->verdict == FETCH_DONE && r->status >= 200 && r->status < 300;
}

/* A bad token gets 401, or the login page, or is sent to it. */
bool wire_is_auth_failure(const struct fetch_response *r)
{
    bool page = wire_is_success(r) && str_contains_nocase(r->type, S("text/html"));
    return r->verdict == FETCH_DONE && (r->status == 401 || r->status == 302 || page);
}

static enum call_news news_of(const struct fetch_response *r)
{
    if (wire_is_auth_failure(r))
        return CALL_REVOKED;
    if (r->verdict == FETCH_DONE && r->status == WIRE_TOO_MANY)
        return CALL_LIMITED;
    if (r->verdict != FETCH_DONE || r->status == 408 || r->status >= 500)
        return CALL_AWAY;
    return CALL_FINE;
}

static struct str problem_of(struct outside *o, const struct fetch_response *r)
{
    switch (news_of(r)) {
    case CALL_REVOKED:
        return S("Metricool does not accept the token: connect the account again.");
    case CALL_LIMITED:
        return S("Metricool asks to wait: too many calls.");
    case CALL_AWAY:
        if (r->verdict == FETCH_DONE)
            return arena_printf(o->arena, "Metricool has a problem (HTTP %d).", r->status);
        return arena_printf(o->arena, "Metricool does not answer: %.*s.", STR(r->problem));
    case CALL_NONE:
    case CALL_FINE:
        break;
    }
    return (struct str){0};
}

static void tell(struct outside *o, const struct fetch_response *r, struct call_report *report)
{
    report->latency_ms = r->took_us / 1000;
    report->retry_after_s = r->retry_after_s;
    report->news = news_of(r);
    report->problem = problem_of(o, r);
}

/* A refused token, or the longest wish to wait, has the last word among calls made side by side. */
static bool outweighs(const struct fetch_response *r, const struct call_report *report)
{
    enum call_news news = news_of(r);
    if (news != CALL_LIMITED && news != CALL_REVOKED)
        return false;
    return news > report->news ||
           (news == report->news && r->retry_after_s > report->retry_after_s);
}

static void tell_all(struct outside *o, const struct call *calls, const struct fetch_response *r,
                     size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct call_report *report = calls[i].account->report;
        if (!report || r[i].unwanted)
            continue;
        report->calls++;
        tell(o, &r[i], report);
    }
    for (size_t i = 0; i < n; i++) {
        struct call_report *report = calls[i].account->report;
        if (report && !r[i].unwanted && outweighs(&r[i], report))
            tell(o, &r[i], report);
    }
}

struct patience patience_new(const struct config *config, const struct fetch_watch *outer)
{
    return (struct patience){.outer = outer,
                             .until_us = clock_mono_us() + (int64_t)PATIENCE_MS * 1000,
                             .failures_max = config->breaker_failures};
}

bool patience_lasts(const struct patience *p)
{
    return !p || (!p->lost && clock_mono_us() < p->until_us &&
                  (!p->outer || p->outer->wanted(p->outer->self)));
}

static bool lasts(void *self)
{
    return patience_lasts(self);
}

static void take_note(void *self, const struct fetch_response *r)
{
    struct patience *p = self;
    enum call_news news = news_of(r);
    p->failures = news == CALL_AWAY ? p->failures + 1 : 0;
    p->lost |= news == CALL_REVOKED || news == CALL_LIMITED ||
               (p->failures_max > 0 && p->failures >= p->failures_max);
}

/* One or many; those that patience does not last for are unwanted. */
static void carry_out(struct outside *o, const struct fetch_request *in, struct fetch_response *r,
                      size_t n, struct patience *patience)
{
    struct fetch_watch watch = {lasts, patience, take_note};
    if (!patience_lasts(patience)) {
        for (size_t i = 0; i < n; i++)
            r[i].unwanted = true;
        return;
    }
    if (n > 1) {
        fetch_many(o, in, r, n, PUBLISHER_AT_ONCE, patience ? &watch : NULL);
        return;
    }
    fetch(o, in, r);
    if (patience)
        take_note(patience, r);
}

void wire_exchange_all(struct outside *o, const struct call *calls, struct fetch_response *r,
                       size_t n, struct patience *patience)
{
    struct fetch_request *in = arena_array(o->arena, n + 1, sizeof *in);
    for (size_t i = 0; i < n; i++) {
        in[i] = request_of(o, &calls[i]);
        r[i] = (struct fetch_response){.verdict = FETCH_UNSENT,
                                       .problem = S("no publishing provider is configured")};
    }
    if (n && in->url.n)
        carry_out(o, in, r, n, patience);
    tell_all(o, calls, r, n);
}

void wire_exchange(struct outside *o, const struct call *call, struct fetch_response *r)
{
    wire_exchange_all(o, call, r, 1, NULL);
}

/* The path with its query: what is the call's own ("a=b&" or nothing), and what all have. */
struct str wire_path(struct arena *a, const char *path, struct str query, const struct account *acc)
{
    struct str user =
        acc->user_id.n ? arena_printf(a, "&userId=%.*s", STR(url_encode(a, acc->user_id))) : S("");
    return arena_printf(a, "%s?%.*sblogId=%.*s%.*s&integrationSource=amp", path, STR(query),
                        STR(url_encode(a, acc->blog_id)), STR(user));
}

bool wire_is_gone(const struct fetch_response *r)
{
    return r->verdict == FETCH_DONE && (r->status == 404 || r->status == 410);
}

/* For the log: which call, and how it went. The path holds no secret; an answer that repeats the
 * token is left out. */
error wire_failed(struct outside *o, const struct call *call, const struct fetch_response *r)
{
    struct str said = str_sub(r->body, 0, EXCERPT);
    if (r->verdict != FETCH_DONE)
        return error_because(o->arena, ERR_PROVIDER, "%s %.*s: %.*s", call->method, STR(call->path),
                             STR(r->problem));
    if (call->account->token.n && str_contains_nocase(said, call->account->token))
        said = S("(withheld)");
    return error_because(o->arena, ERR_PROVIDER, "%s %.*s: HTTP %d: %.*s", call->method,
                         STR(call->path), r->status, STR(said));
}

/* Asks for something and hands out what is in the answer. */
error wire_ask(struct outside *o, const struct call *call, struct fetch_response *r,
               const struct node **content)
{
    wire_exchange(o, call, r);
    *content = wire_is_success(r) ? wire_content(o->arena, r->body) : NULL;
    return *content ? NULL : wire_failed(o, call, r);
}

/* "start=…&end=…&timezone=…&" under the names that a call has for them. */
struct str wire_range(struct arena *a, const char *from_name, const char *to_name, int64_t from_ms,
                      int64_t to_ms, struct str zone)
{
    zone = wire_zone_at(wire_zone_at(zone, from_ms), to_ms);
    struct str from = url_encode(a, wire_time(a, from_ms, zone));
    struct str to = url_encode(a, wire_time(a, to_ms, zone));
    return arena_printf(a, "%s=%.*s&%s=%.*s&timezone=%.*s&", from_name, STR(from), to_name, STR(to),
                        STR(url_encode(a, wire_zone(zone))));
}
