/* scheduler.c: posts: taken in, listed, moved, taken back. What a post brings in is analytics'. */
#include "base/clock.h"
#include "sandbox/faults.h"
#include "sandbox/figures.h"
#include "sandbox/local_time.h"
#include "sandbox/posts.h"
#include "sandbox/visit.h"

enum { LIST_MAX = 400 };

/* The post in the path, of this brand. */
static error find_post(struct ctx *c, struct ledger_post *out)
{
    struct visit *v = visit_of(c);
    int64_t id;
    TRY(visit_brand(c));
    const struct ledger_post *p = str_int(c->req->segment, &id) ? ledger_find(v->ledger, id) : NULL;
    if (!p || p->deleted || p->account != v->account || p->brand != v->brand)
        return error_of(ERR_NOT_FOUND);
    *out = *p;
    return NULL;
}

/* A post that may still be changed. */
static error find_pending(struct ctx *c, struct ledger_post *out)
{
    TRY(find_post(c, out));
    if (!sandbox_post_is_out(c, out))
        return NULL;
    return error_at(c->arena, ERR_INVALID_REQUEST, S("id"), "The post has been published already.");
}

static error answer_post(struct ctx *c, const struct ledger_post *post, const struct node *json)
{
    struct writer w;
    sandbox_post_write(visit_data(c, &w), c, post, json);
    return visit_reply(c, &w);
}

static error post_create(struct ctx *c)
{
    struct visit *v = visit_of(c);
    struct ledger_post post = {.account = v->account, .created_ms = c->now_ms};
    const struct node *json;
    const struct fault *fault;
    TRY(visit_brand(c));
    TRY(sandbox_post_read(c, c->req->body, &post, &json));
    TRY(fault_before(c, tree_text(tree_get(json, "text")), &fault));
    post.brand = v->brand;
    TRY(ledger_add(v->ledger, &post, sandbox_post_text(c->arena, json, NULL)));
    TRY(answer_post(c, &post, json));
    fault_after(c, fault);
    return NULL;
}

static error post_get(struct ctx *c)
{
    struct ledger_post post = {0};
    const struct node *json;
    TRY(find_post(c, &post));
    TRY(ledger_read(visit_of(c)->ledger, c->arena, &post, &json));
    return answer_post(c, &post, json);
}

static error post_replace(struct ctx *c)
{
    struct ledger_post post = {0};
    const struct node *json;
    TRY(find_pending(c, &post));
    TRY(sandbox_post_read(c, c->req->body, &post, &json));
    TRY(ledger_replace(visit_of(c)->ledger, &post, sandbox_post_text(c->arena, json, NULL)));
    return answer_post(c, &post, json);
}

/* Only the date can be changed alone. */
static error post_move(struct ctx *c)
{
    struct ledger_post post = {0};
    const struct node *json, *change = tree_parse(c->arena, c->req->body);
    struct str fields, text;
    TRY(find_pending(c, &post));
    TRY(visit_parameter(c, "fields", &fields));
    if (!str_eq(fields, S("publicationDate")))
        return error_at(c->arena, ERR_INVALID_REQUEST, S("fields"),
                        "fields must be publicationDate.");
    TRY(ledger_read(visit_of(c)->ledger, c->arena, &post, &json));
    text = sandbox_post_text(c->arena, json, tree_get(change, "publicationDate"));
    TRY(sandbox_post_read(c, text, &post, &json));
    TRY(ledger_replace(visit_of(c)->ledger, &post, text));
    return answer_post(c, &post, json);
}

static error post_delete(struct ctx *c)
{
    struct ledger_post post = {0};
    TRY(find_pending(c, &post));
    TRY(ledger_delete(visit_of(c)->ledger, post.id));
    return reply_empty(c);
}

static error post_list(struct ctx *c)
{
    struct visit *v = visit_of(c);
    struct writer w;
    int64_t start_ms, end_ms;
    const struct node *json;
    int listed = 0;
    TRY(visit_brand(c));
    TRY(visit_time(c, "start", &start_ms));
    TRY(visit_time(c, "end", &end_ms));
    write_open(visit_data(c, &w), '[');
    for (size_t i = 0; i < ledger_count(v->ledger); i++) {
        const struct ledger_post *p = ledger_at(v->ledger, i);
        if (p->deleted || p->account != v->account || p->brand != v->brand ||
            p->publish_ms < start_ms || p->publish_ms > end_ms)
            continue;
        if (listed == LIST_MAX) /* half a list would look like the absence of the rest */
            return error_at(c->arena, ERR_INVALID_REQUEST, S("end"),
                            "More than %d posts: ask for a shorter range.", (int)LIST_MAX);
        TRY(ledger_read(v->ledger, c->arena, p, &json));
        sandbox_post_write(&w, c, p, json);
        if (fault_is(tree_text(tree_get(json, "text")), FAULT_DUPLICATE))
            sandbox_post_write(&w, c, p, json);
        listed++;
    }
    write_close(&w, ']');
    return visit_reply(c, &w);
}

static void write_day(struct writer *w, int64_t account, int network, int weekday)
{
    write_open(w, '{');
    write_member_int(w, S("dayOfWeek"), (weekday + 1) % 7 + 1); /* 1 = Sunday */
    write_key(w, S("bestTimesByHour"));
    write_open(w, '[');
    for (int hour = 0; hour < 24; hour++) {
        write_open(w, '{');
        write_member_int(w, S("hourOfDay"), hour);
        write_member_number(w, S("value"),
                            (double)sandbox_hour(account, network, weekday, hour) / 1000, 3);
        write_close(w, '}');
    }
    write_close(w, ']');
    write_close(w, '}');
}

static error best_times(struct ctx *c)
{
    struct writer w;
    int network;
    int64_t start_ms, end_ms;
    TRY(visit_brand(c));
    TRY(visit_network(c, &network));
    TRY(visit_time(c, "start", &start_ms));
    TRY(visit_time(c, "end", &end_ms));
    write_open(visit_data(c, &w), '[');
    for (int weekday = 0; weekday < 7; weekday++)
        write_day(&w, visit_of(c)->account, network, weekday);
    write_close(&w, ']');
    return visit_reply(c, &w);
}

const struct route sandbox_scheduler_routes[] = {
    {POST, "/api/v2/scheduler/posts", post_create, .doc = "Schedule a post"},
    {GET, "/api/v2/scheduler/posts", post_list, .doc = "Posts of a range of time"},
    {GET, "/api/v2/scheduler/posts/:number", post_get, .doc = "One post"},
    {PUT, "/api/v2/scheduler/posts/:number", post_replace, .doc = "Replace a post"},
    {PATCH, "/api/v2/scheduler/posts/:number", post_move, .doc = "Move a post"},
    {DELETE, "/api/v2/scheduler/posts/:number", post_delete, .doc = "Take a post back"},
    {GET, "/api/v2/scheduler/besttimes/:network", best_times, .doc = "Good hours to post"},
    {0},
};
