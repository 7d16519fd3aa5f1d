/* metricool.c: the calls to Metricool, and what their outcome means. What is on the wire stands in
 * metricool_body.c and metricool_parse.c; what is asked about figures in metricool_figures.c. */
#include "publish/metricool.h"
#include "publish/metricool_call.h"

#include <string.h>

#include "base/clock.h"
#include "base/config.h"

enum { EXCERPT = 300 };

static struct str post_path(struct arena *a, const struct account *acc, struct str post_id)
{
    struct str path = arena_printf(a, "/v2/scheduler/posts/%.*s", STR(url_encode(a, post_id)));
    return wire_path(a, arena_cstr(a, path), S(""), acc);
}

bool publisher_offers(enum platform p)
{
    return wire_network_of(p) && platform_rules[p].metricool;
}

static struct str refusal(struct outside *o, const struct call *call,
                          const struct fetch_response *r)
{
    struct str reason = wire_reason(o->arena, r->body);
    if (r->status == WIRE_TOO_MANY)
        return S("Metricool asks to wait before the next post.");
    if (wire_is_auth_failure(r))
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
    out->auth_failed = wire_is_auth_failure(r);
    if (wire_is_success(r)) {
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
    out->outcome = r->status == WIRE_TOO_MANY ? SEND_UNSENT : SEND_REFUSED;
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
    bool final = r->verdict == FETCH_DONE && r->status != WIRE_TOO_MANY && r->status != 408 &&
                 r->status < 500;
    out->outcome = final ? SEND_REFUSED : SEND_UNSENT;
    out->auth_failed = wire_is_auth_failure(r);
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
            (struct call){.method = "GET",
                          .path = wire_path(a, "/actions/normalize/image/url", query, s->account),
                          .account = s->account,
                          .request_id = s->request_id};
        d->about[d->n] = s;
        d->pictures[d->n++] = &urls[i];
    }
}

/* The posts with their pictures where Metricool has them; one that it does not say where it put
 * stays where it is. */
static void copy_pictures(struct outside *o, struct sending *s, size_t n, struct patience *patience)
{
    size_t most = 0;
    for (size_t i = 0; i < n; i++)
        most += s[i].post.media.n;
    struct dispatch d = dispatch_new(o, most);
    struct fetch_response *r = arena_array(o->arena, most + 1, sizeof *r);
    for (size_t i = 0; i < n; i++)
        if (s[i].ready)
            ask_for_copies(&d, &s[i]);
    /* A picture that cannot be fetched says nothing about the account. */
    struct patience own = patience ? *patience : (struct patience){0};
    own.failures_max = 0;
    wire_exchange_all(o, d.calls, r, d.n, patience ? &own : NULL);
    if (patience)
        patience->lost |= own.lost;
    for (size_t i = 0; i < d.n; i++) {
        bool copied = wire_is_success(&r[i]) && !wire_is_auth_failure(&r[i]);
        struct str to = copied ? wire_read_copied(o->arena, r[i].body) : (struct str){0};
        if (!copied && d.about[i]->ready)
            blame_picture(o, &d.calls[i], &r[i], *d.pictures[i], &d.about[i]->result);
        d.about[i]->copies += !r[i].unwanted;
        d.about[i]->ready &= copied;
        if (to.n)
            *d.pictures[i] = to;
    }
}

static void take_answer(struct outside *o, const struct call *call, const struct fetch_response *r,
                        struct send_result *out)
{
    out->called = r->verdict != FETCH_UNSENT;
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

void publisher_send(struct outside *o, struct sending *s, size_t n, struct patience *patience)
{
    struct dispatch d = dispatch_new(o, n);
    struct fetch_response *r = arena_array(o->arena, n + 1, sizeof *r);
    for (size_t i = 0; i < n; i++) {
        s[i].result = (struct send_result){.outcome = SEND_REFUSED};
        s[i].ready = publisher_offers(s[i].post.platform);
        if (!s[i].ready)
            s[i].result.problem = S("Metricool does not publish to this platform.");
    }
    copy_pictures(o, s, n, patience);
    for (size_t i = 0; i < n; i++) {
        struct str body = s[i].ready ? wire_post(o->arena, s[i].account, &s[i].post) : S("");
        if (!body.p)
            s[i].result.problem = S("The post is too large.");
        if (!body.n)
            continue;
        d.calls[d.n] = (struct call){
            .method = "POST",
            .path = wire_path(o->arena, "/v2/scheduler/posts", S(""), s[i].account),
            .account = s[i].account,
            .body = body,
            .request_id = s[i].request_id,
        };
        d.about[d.n++] = &s[i];
    }
    wire_exchange_all(o, d.calls, r, d.n, patience);
    for (size_t i = 0; i < d.n; i++)
        take_answer(o, &d.calls[i], &r[i], &d.about[i]->result);
}

static error read_found(struct outside *o, const struct call *call, const struct fetch_response *r,
                        struct search *q)
{
    const struct node *posts = wire_is_success(r) ? wire_content(o->arena, r->body) : NULL;
    struct post *found;
    size_t n = 0;
    if (!tree_is_array(posts))
        return wire_failed(o, call, r);
    found = arena_array(o->arena, tree_length(posts) + 1, sizeof *found);
    for (size_t i = 0; i < tree_length(posts); i++) {
        if (wire_read_post(o->arena, tree_at(posts, i), &found[n]) &&
            wire_same_post(o->arena, &q->post, &found[n]))
            n++;
    }
    q->posts = (struct list){found, n};
    return NULL;
}

/* Posts of about one time are in one and the same list, which is asked for once. */
void publisher_find(struct outside *o, struct search *q, size_t n, struct patience *patience)
{
    struct arena *a = o->arena;
    struct call *calls = arena_array(a, n + 1, sizeof *calls);
    struct fetch_response *r = arena_array(a, n + 1, sizeof *r);
    size_t *list = arena_array(a, n + 1, sizeof *list), lists = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t at_ms = q[i].post.publish_ms;
        struct str range = wire_range(a, "start", "end", at_ms - 5 * MINUTE_MS,
                                      at_ms + 5 * MINUTE_MS, q[i].account->zone);
        struct str query = arena_printf(a, "%.*sextendedRange=false&", STR(range));
        struct str path = wire_path(a, "/v2/scheduler/posts", query, q[i].account);
        while (list[i] < lists && !str_eq(calls[list[i]].path, path))
            list[i]++;
        q[i].asked = list[i] == lists;
        if (q[i].asked)
            calls[lists++] = (struct call){.method = "GET",
                                           .path = path,
                                           .account = q[i].account,
                                           .request_id = q[i].request_id,
                                           .large = true};
    }
    wire_exchange_all(o, calls, r, lists, patience);
    for (size_t i = 0; i < n; i++) {
        const struct fetch_response *answer = &r[list[i]];
        q[i].posts = (struct list){0};
        q[i].unwanted = answer->unwanted;
        q[i].failure = read_found(o, &calls[list[i]], answer, &q[i]);
    }
}

static error read_status(struct outside *o, const struct call *call, const struct fetch_response *r,
                         struct inquiry *q)
{
    const struct node *post = wire_is_success(r) ? wire_content(o->arena, r->body) : NULL;
    q->found = post && wire_read_post(o->arena, post, &q->post);
    if (q->found || wire_is_gone(r) || (post && tree_is_null(post)))
        return NULL;
    return wire_failed(o, call, r);
}

void publisher_status(struct outside *o, struct inquiry *q, size_t n, struct patience *patience)
{
    struct call *calls = arena_array(o->arena, n + 1, sizeof *calls);
    struct fetch_response *r = arena_array(o->arena, n + 1, sizeof *r);
    for (size_t i = 0; i < n; i++)
        calls[i] = (struct call){.method = "GET",
                                 .path = post_path(o->arena, q[i].account, q[i].post_id),
                                 .account = q[i].account,
                                 .request_id = q[i].request_id};
    wire_exchange_all(o, calls, r, n, patience);
    for (size_t i = 0; i < n; i++) {
        q[i].unwanted = r[i].unwanted;
        q[i].failure = read_status(o, &calls[i], &r[i], &q[i]);
    }
}

error publisher_cancel(struct outside *o, const struct account *acc, struct str post_id)
{
    struct fetch_response r;
    struct call call = {
        .method = "DELETE", .path = post_path(o->arena, acc, post_id), .account = acc};
    wire_exchange(o, &call, &r);
    if (wire_is_gone(&r) || (wire_is_success(&r) && !wire_is_auth_failure(&r)))
        return NULL;
    return wire_failed(o, &call, &r);
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
        struct call call = {.method = "GET", .path = path, .account = acc, .large = true};
        e = wire_ask(o, &call, &r, &brands);
        *denied = wire_is_auth_failure(&r) || (r.verdict == FETCH_DONE && r.status == 403);
        if (!e && tree_is_array(brands)) {
            *out = wire_read_brands(o->arena, brands);
            return NULL;
        }
        e = wire_failed(o, &call, &r);
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
    struct call call = {
        .method = "GET", .path = wire_path(a, arena_cstr(a, path), query, acc), .account = acc};
    TRY(wire_ask(o, &call, &r, &days));
    return wire_read_best_times(days, out) ? NULL : wire_failed(o, &call, &r);
}
