/* metricool.c: the calls to Metricool, and what their outcome means. What is on the wire stands in
 * metricool_body.c and metricool_parse.c; what is asked about figures in metricool_figures.c. */
#include "publish/metricool.h"
#include "publish/metricool_call.h"

#include "base/clock.h"
#include "base/config.h"

enum { HTTP_TOO_MANY = 429, EXCERPT = 300 };

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

static void perform(struct outside *o, const struct call *call, struct fetch_response *r)
{
    char now[TIME_TEXT + 1];
    bool jwt = is_jwt(call->account->token);
    struct str bearer = arena_printf(o->arena, "Bearer %.*s", STR(call->account->token));
    struct fetch_header headers[] = {
        {jwt ? "Authorization" : "X-Mc-Auth", jwt ? bearer : call->account->token},
        {"Accept", S("application/json")},
        {"Content-Type", S("application/json")},
        {o->live ? NULL : "X-AMP-Test-Time", time_print(now, o->now_ms)},
        {NULL, {0}},
    };
    struct str base = base_url(o);
    struct fetch_request in = {
        .method = call->method,
        .url = arena_printf(o->arena, "%.*s%.*s", STR(base), STR(call->path)),
        .headers = headers,
        .body = call->body,
        .timeout_ms = o->config->metricool_timeout_ms,
        .max_bytes = 8 << 20,
        .allow_http = !o->live,
        .allow_private = !o->live && o->config->sandbox_allow_loopback,
    };
    if (!base.n) {
        *r = (struct fetch_response){.verdict = FETCH_UNSENT,
                                     .problem = S("no publishing provider is configured")};
        return;
    }
    fetch(o, &in, r);
}

static bool is_success(const struct fetch_response *r)
{
    return r->verdict == FETCH_DONE && r->status >= 200 && r->status < 300;
}

/* A bad token gets 401, or the login page, or is sent to it. */
static bool is_auth_failure(const struct fetch_response *r)
{
    bool page = is_success(r) && str_contains_nocase(r->type, S("text/html"));
    return r->verdict == FETCH_DONE && (r->status == 401 || r->status == 302 || page);
}

static void tell(struct outside *o, const struct fetch_response *r, struct call_report *report)
{
    report->calls++;
    report->latency_ms = r->took_us / 1000;
    report->retry_after_s = r->retry_after_s;
    report->news = CALL_FINE;
    report->problem = (struct str){0};
    if (is_auth_failure(r)) {
        report->news = CALL_REVOKED;
        report->problem = S("Metricool does not accept the token: connect the account again.");
    } else if (r->verdict == FETCH_DONE && r->status == HTTP_TOO_MANY) {
        report->news = CALL_LIMITED;
        report->problem = S("Metricool asks to wait: too many calls.");
    } else if (r->verdict != FETCH_DONE || r->status == 408 || r->status >= 500) {
        report->news = CALL_AWAY;
        report->problem =
            r->verdict == FETCH_DONE
                ? arena_printf(o->arena, "Metricool has a problem (HTTP %d).", r->status)
                : arena_printf(o->arena, "Metricool does not answer: %.*s.", STR(r->problem));
    }
}

static void exchange(struct outside *o, const struct call *call, struct fetch_response *r)
{
    perform(o, call, r);
    if (call->account->report)
        tell(o, r, call->account->report);
}

/* The path with its query: what is the call's own ("a=b&" or nothing), and what all have. */
struct str wire_path(struct arena *a, const char *path, struct str query, const struct account *acc)
{
    struct str user =
        acc->user_id.n ? arena_printf(a, "&userId=%.*s", STR(url_encode(a, acc->user_id))) : S("");
    return arena_printf(a, "%s?%.*sblogId=%.*s%.*s&integrationSource=amp", path, STR(query),
                        STR(url_encode(a, acc->blog_id)), STR(user));
}

static struct str post_path(struct arena *a, const struct account *acc, struct str post_id)
{
    struct str path = arena_printf(a, "/v2/scheduler/posts/%.*s", STR(url_encode(a, post_id)));
    return wire_path(a, arena_cstr(a, path), S(""), acc);
}

bool wire_is_gone(const struct fetch_response *r)
{
    return r->verdict == FETCH_DONE && (r->status == 404 || r->status == 410);
}

/* For the log: which call, and how it went. The path holds no secret; an answer that repeats the
 * token is left out. */
static error failed(struct outside *o, const struct call *call, const struct fetch_response *r)
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
    exchange(o, call, r);
    *content = is_success(r) ? wire_content(o->arena, r->body) : NULL;
    return *content ? NULL : failed(o, call, r);
}

bool publisher_offers(enum platform p)
{
    return wire_network_of(p) && platform_rules[p].metricool;
}

static struct str refusal(struct outside *o, const struct call *call,
                          const struct fetch_response *r)
{
    struct str reason = wire_reason(o->arena, r->body);
    if (r->status == HTTP_TOO_MANY)
        return S("Metricool asks to wait before the next post.");
    if (is_auth_failure(r))
        return S("Metricool does not accept the token: connect the account again.");
    if (!reason.n || (call->account->token.n && str_contains_nocase(reason, call->account->token)))
        return arena_printf(o->arena, "Metricool refused the post (HTTP %d).", r->status);
    return arena_printf(o->arena, "Metricool refused the post: %.*s", STR(reason));
}

/* An answer came. Success without a post in it, and any failure of the server, may hide a post that
 * exists. */
static void judge(struct outside *o, const struct call *call, const struct fetch_response *r,
                  struct send_result *out)
{
    out->auth_failed = is_auth_failure(r);
    if (is_success(r)) {
        bool read = wire_read_post(o->arena, wire_content(o->arena, r->body), &out->post);
        out->outcome = read ? SEND_ACCEPTED : SEND_UNCLEAR;
        if (!read)
            out->problem = S("Metricool's answer cannot be read.");
        return;
    }
    if (r->status == 408 || r->status >= 500) {
        out->outcome = SEND_UNCLEAR;
        out->problem = arena_printf(o->arena, "Metricool has a problem (HTTP %d).", r->status);
        return;
    }
    out->outcome = r->status == HTTP_TOO_MANY ? SEND_UNSENT : SEND_REFUSED;
    out->problem = refusal(o, call, r);
}

/* Videos are fetched when the post is taken in; the call for copying knows pictures only. */
static bool is_video(struct str url)
{
    static const struct str endings[] = {S(".mp4"), S(".mov"), S(".m4v"), S(".webm")};
    struct str path = str_cut(&url, '?');
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (path.n > endings[i].n &&
            str_eq_nocase(str_sub(path, path.n - endings[i].n, SIZE_MAX), endings[i]))
            return true;
    }
    return false;
}

/* Has Metricool copy a picture. False: *out says why not, and nothing has been posted. */
static bool copy_picture(struct outside *o, const struct account *acc, struct str url,
                         struct str *copied, struct send_result *out)
{
    struct fetch_response r;
    struct str query = arena_printf(o->arena, "url=%.*s&", STR(url_encode(o->arena, url)));
    struct call call = {
        "GET", wire_path(o->arena, "/actions/normalize/image/url", query, acc), acc, {0}};
    exchange(o, &call, &r);
    if (is_success(&r) && !is_auth_failure(&r)) {
        *copied = wire_read_copied(o->arena, r.body);
        return true;
    }
    bool final =
        r.verdict == FETCH_DONE && r.status != HTTP_TOO_MANY && r.status != 408 && r.status < 500;
    out->outcome = final ? SEND_REFUSED : SEND_UNSENT;
    out->auth_failed = is_auth_failure(&r);
    out->status = r.status;
    out->retry_after_s = r.retry_after_s;
    out->problem = out->auth_failed
                       ? refusal(o, &call, &r)
                       : arena_printf(o->arena, "Metricool cannot fetch the picture %.*s.",
                                      STR(str_sub(url, 0, EXCERPT)));
    return false;
}

/* The post with its pictures where Metricool has them; one that it does not say where it put stays
 * where it is. */
static bool copy_pictures(struct outside *o, const struct account *acc, struct publication *p,
                          struct send_result *out)
{
    const struct str *urls = p->media.at;
    struct str *copied = arena_array(o->arena, p->media.n + 1, sizeof *copied);
    for (size_t i = 0; i < p->media.n; i++) {
        if (!is_video(urls[i]) && !copy_picture(o, acc, urls[i], &copied[i], out))
            return false;
        if (!copied[i].n)
            copied[i] = urls[i];
    }
    p->media = (struct list){copied, p->media.n};
    return true;
}

void publisher_send(struct outside *o, const struct account *acc, const struct publication *p,
                    struct send_result *out)
{
    struct fetch_response r;
    struct publication ready = *p;
    *out = (struct send_result){.outcome = SEND_REFUSED};
    if (!publisher_offers(p->platform)) {
        out->problem = S("Metricool does not publish to this platform.");
        return;
    }
    if (!copy_pictures(o, acc, &ready, out))
        return;
    struct call call = {"POST", wire_path(o->arena, "/v2/scheduler/posts", S(""), acc), acc,
                        wire_post(o->arena, acc, &ready)};
    if (!call.body.p) {
        out->problem = S("The post is too large.");
        return;
    }
    exchange(o, &call, &r);
    out->status = r.status;
    out->retry_after_s = r.retry_after_s;
    if (r.verdict == FETCH_DONE) {
        judge(o, &call, &r, out);
        return;
    }
    out->outcome = r.verdict == FETCH_UNSENT ? SEND_UNSENT : SEND_UNCLEAR;
    out->problem = arena_printf(o->arena, "%s: %.*s.",
                                r.verdict == FETCH_UNSENT ? "Metricool cannot be reached"
                                                          : "Metricool's answer was lost",
                                STR(r.problem));
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

error publisher_find(struct outside *o, const struct account *acc, const struct publication *p,
                     struct list *out)
{
    struct arena *a = o->arena;
    struct fetch_response r;
    const struct node *posts;
    struct str range = wire_range(a, "start", "end", p->publish_ms - 5 * MINUTE_MS,
                                  p->publish_ms + 5 * MINUTE_MS, acc->zone);
    struct str query = arena_printf(a, "%.*sextendedRange=false&", STR(range));
    struct call call = {"GET", wire_path(a, "/v2/scheduler/posts", query, acc), acc, {0}};
    struct post *found;
    size_t n = 0;
    *out = (struct list){0};
    TRY(wire_ask(o, &call, &r, &posts));
    if (!tree_is_array(posts))
        return failed(o, &call, &r);
    found = arena_array(a, tree_length(posts) + 1, sizeof *found);
    for (size_t i = 0; i < tree_length(posts); i++) {
        if (wire_read_post(a, tree_at(posts, i), &found[n]) && wire_same_post(a, p, &found[n]))
            n++;
    }
    *out = (struct list){found, n};
    return NULL;
}

error publisher_status(struct outside *o, const struct account *acc, struct str post_id,
                       bool *found, struct post *out)
{
    struct fetch_response r;
    const struct node *post;
    struct call call = {"GET", post_path(o->arena, acc, post_id), acc, {0}};
    error e = wire_ask(o, &call, &r, &post);
    *found = !e && wire_read_post(o->arena, post, out);
    if (*found || wire_is_gone(&r) || (!e && tree_is_null(post)))
        return NULL;
    return e ? e : failed(o, &call, &r);
}

error publisher_cancel(struct outside *o, const struct account *acc, struct str post_id)
{
    struct fetch_response r;
    struct call call = {"DELETE", post_path(o->arena, acc, post_id), acc, {0}};
    exchange(o, &call, &r);
    if (wire_is_gone(&r) || (is_success(&r) && !is_auth_failure(&r)))
        return NULL;
    return failed(o, &call, &r);
}

error publisher_brands(struct outside *o, const struct account *acc, struct list *out, bool *denied)
{
    static const char *const paths[] = {"/v2/settings/brands", "/admin/simpleProfiles"};
    struct fetch_response r;
    const struct node *brands;
    struct str user = S("");
    error e = NULL;
    if (acc->user_id.n)
        user = arena_printf(o->arena, "userId=%.*s&", STR(url_encode(o->arena, acc->user_id)));
    *denied = false;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct str path =
            arena_printf(o->arena, "%s?%.*sintegrationSource=amp", paths[i], STR(user));
        struct call call = {"GET", path, acc, {0}};
        e = wire_ask(o, &call, &r, &brands);
        *denied = is_auth_failure(&r) || (r.verdict == FETCH_DONE && r.status == 403);
        if (!e && tree_is_array(brands)) {
            *out = wire_read_brands(o->arena, brands);
            return NULL;
        }
        e = failed(o, &call, &r);
        if (*denied || !wire_is_gone(&r))
            return e;
    }
    return e;
}

/* Of the coming week; the answer is about all weeks. */
error publisher_best_times(struct outside *o, const struct account *acc, enum platform p,
                           struct str zone, struct week *out)
{
    struct arena *a = o->arena;
    struct fetch_response r;
    const struct node *days;
    struct str from = url_encode(a, wire_time(a, o->now_ms, zone));
    struct str to = url_encode(a, wire_time(a, o->now_ms + 7 * DAY_MS, zone));
    struct str query = arena_printf(a, "start=%.*s&end=%.*s&timezone=%.*s&", STR(from), STR(to),
                                    STR(url_encode(a, wire_zone(zone))));
    struct str path = arena_printf(a, "/v2/scheduler/besttimes/%s", platform_rules[p].metricool);
    struct call call = {"GET", wire_path(a, arena_cstr(a, path), query, acc), acc, {0}};
    TRY(wire_ask(o, &call, &r, &days));
    return wire_read_best_times(days, out) ? NULL : failed(o, &call, &r);
}
