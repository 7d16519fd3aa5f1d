/* metricool.c: the calls to Metricool, and what their outcome means. What is on the wire stands in
 * metricool_body.c and metricool_parse.c; what is asked about figures in metricool_figures.c. */
#include "publish/metricool.h"
#include "publish/metricool_call.h"

#include <string.h>

#include "base/clock.h"
#include "base/config.h"

enum { HTTP_TOO_MANY = 429, EXCERPT = 300, CALLS_AT_ONCE = PUBLISHER_AT_ONCE };

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
        .max_bytes = 8 << 20,
        .allow_http = !o->live,
        .allow_private = !o->live && o->config->sandbox_allow_loopback,
    };
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

/* Makes the calls side by side, and reports on each that was made. */
static void exchange_all(struct outside *o, const struct call *calls, struct fetch_response *r,
                         size_t n, const struct fetch_watch *watch)
{
    struct fetch_request *in = arena_array(o->arena, n, sizeof *in);
    for (size_t i = 0; i < n; i++) {
        in[i] = request_of(o, &calls[i]);
        r[i] = (struct fetch_response){.verdict = FETCH_UNSENT,
                                       .problem = S("no publishing provider is configured")};
    }
    if (n == 1 && in->url.n)
        fetch(o, in, r);
    else if (n && in->url.n)
        fetch_many(o, in, r, n, CALLS_AT_ONCE, watch);
    for (size_t i = 0; i < n; i++) {
        if (calls[i].account->report && !r[i].unwanted)
            tell(o, &r[i], calls[i].account->report);
    }
}

static void exchange(struct outside *o, const struct call *call, struct fetch_response *r)
{
    exchange_all(o, call, r, 1, NULL);
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

/* Metricool did not copy a picture, so nothing has been posted. */
static void blame_picture(struct outside *o, const struct call *call,
                          const struct fetch_response *r, struct str url, struct send_result *out)
{
    bool final = r->verdict == FETCH_DONE && r->status != HTTP_TOO_MANY && r->status != 408 &&
                 r->status < 500;
    out->outcome = final ? SEND_REFUSED : SEND_UNSENT;
    out->auth_failed = is_auth_failure(r);
    out->unwanted = r->unwanted;
    out->status = r->status;
    out->retry_after_s = r->retry_after_s;
    out->problem = out->auth_failed
                       ? refusal(o, call, r)
                       : arena_printf(o->arena, "Metricool cannot fetch the picture %.*s.",
                                      STR(str_sub(url, 0, EXCERPT)));
}

/* Posts that are to be sent, and the calls for it, each about one of them. */
struct dispatch {
    struct outside *o;
    struct call *calls;
    struct sending **about;
    struct str **pictures; /* what a call is to copy, and where the copy is said to be */
    size_t n;
};

static struct dispatch dispatch_new(struct outside *o, size_t calls)
{
    return (struct dispatch){
        .o = o,
        .calls = arena_array(o->arena, calls + 1, sizeof(struct call)),
        .about = arena_array(o->arena, calls + 1, sizeof(struct sending *)),
        .pictures = arena_array(o->arena, calls + 1, sizeof(struct str *)),
    };
}

/* From now on the list is the post's own, to be changed. */
static struct str *own_media(struct arena *a, struct publication *p)
{
    struct str *urls = arena_array(a, p->media.n + 1, sizeof *urls);
    if (p->media.n)
        memcpy(urls, p->media.at, p->media.n * sizeof *urls);
    p->media.at = urls;
    return urls;
}

static void ask_for_copies(struct dispatch *d, struct sending *s)
{
    struct arena *a = d->o->arena;
    struct str *urls = own_media(a, &s->post);
    for (size_t i = 0; i < s->post.media.n; i++) {
        struct str query = arena_printf(a, "url=%.*s&", STR(url_encode(a, urls[i])));
        if (is_video(urls[i]))
            continue;
        d->calls[d->n] =
            (struct call){"GET",
                          wire_path(a, "/actions/normalize/image/url", query, s->account),
                          s->account,
                          {0}};
        s->copies++;
        d->about[d->n] = s;
        d->pictures[d->n++] = &urls[i];
    }
}

/* The posts with their pictures where Metricool has them; one that it does not say where it put
 * stays where it is. */
static void copy_pictures(struct outside *o, struct sending *s, size_t n,
                          const struct fetch_watch *watch)
{
    size_t most = 0;
    for (size_t i = 0; i < n; i++)
        most += s[i].post.media.n;
    struct dispatch d = dispatch_new(o, most);
    struct fetch_response *r = arena_array(o->arena, most + 1, sizeof *r);
    for (size_t i = 0; i < n; i++)
        if (s[i].ready)
            ask_for_copies(&d, &s[i]);
    exchange_all(o, d.calls, r, d.n, watch);
    for (size_t i = 0; i < d.n; i++) {
        bool copied = is_success(&r[i]) && !is_auth_failure(&r[i]);
        struct str to = copied ? wire_read_copied(o->arena, r[i].body) : (struct str){0};
        if (!copied && d.about[i]->ready)
            blame_picture(o, &d.calls[i], &r[i], *d.pictures[i], &d.about[i]->result);
        d.about[i]->ready &= copied;
        if (to.n)
            *d.pictures[i] = to;
    }
}

static void take_answer(struct outside *o, const struct call *call, const struct fetch_response *r,
                        struct send_result *out)
{
    out->status = r->status;
    out->retry_after_s = r->retry_after_s;
    if (r->verdict == FETCH_DONE) {
        judge(o, call, r, out);
        return;
    }
    out->outcome = r->verdict == FETCH_UNSENT ? SEND_UNSENT : SEND_UNCLEAR;
    out->unwanted = r->unwanted;
    out->problem = arena_printf(o->arena, "%s: %.*s.",
                                r->verdict == FETCH_UNSENT ? "Metricool cannot be reached"
                                                           : "Metricool's answer was lost",
                                STR(r->problem));
}

void publisher_send(struct outside *o, struct sending *s, size_t n, const struct fetch_watch *watch)
{
    struct dispatch d = dispatch_new(o, n);
    struct fetch_response *r = arena_array(o->arena, n + 1, sizeof *r);
    for (size_t i = 0; i < n; i++) {
        s[i].result = (struct send_result){.outcome = SEND_REFUSED};
        s[i].ready = publisher_offers(s[i].post.platform);
        if (!s[i].ready)
            s[i].result.problem = S("Metricool does not publish to this platform.");
    }
    copy_pictures(o, s, n, watch);
    for (size_t i = 0; i < n; i++) {
        struct str body = s[i].ready ? wire_post(o->arena, s[i].account, &s[i].post) : S("");
        if (!body.p)
            s[i].result.problem = S("The post is too large.");
        if (!body.n)
            continue;
        d.calls[d.n] =
            (struct call){"POST", wire_path(o->arena, "/v2/scheduler/posts", S(""), s[i].account),
                          s[i].account, body};
        d.about[d.n++] = &s[i];
    }
    exchange_all(o, d.calls, r, d.n, watch);
    for (size_t i = 0; i < d.n; i++)
        take_answer(o, &d.calls[i], &r[i], &d.about[i]->result);
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

static error read_status(struct outside *o, const struct call *call, const struct fetch_response *r,
                         struct inquiry *q)
{
    const struct node *post = is_success(r) ? wire_content(o->arena, r->body) : NULL;
    q->found = post && wire_read_post(o->arena, post, &q->post);
    if (q->found || wire_is_gone(r) || (post && tree_is_null(post)))
        return NULL;
    return failed(o, call, r);
}

void publisher_status(struct outside *o, struct inquiry *q, size_t n,
                      const struct fetch_watch *watch)
{
    struct call *calls = arena_array(o->arena, n + 1, sizeof *calls);
    struct fetch_response *r = arena_array(o->arena, n + 1, sizeof *r);
    for (size_t i = 0; i < n; i++)
        calls[i] = (struct call){
            "GET", post_path(o->arena, q[i].account, q[i].post_id), q[i].account, {0}};
    exchange_all(o, calls, r, n, watch);
    for (size_t i = 0; i < n; i++)
        q[i].failure = read_status(o, &calls[i], &r[i], &q[i]);
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
