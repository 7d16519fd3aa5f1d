/* inspect.c: what neither Metricool nor models have: the ledger for tests, and published posts for
 * people. */
#include "sandbox/networks.h"
#include "sandbox/posts.h"
#include "sandbox/visit.h"

enum { POSTS_MAX = 500 }; /* shown; and calls */

struct tally {
    int64_t created, deleted, pending, published;
};

static void tally(struct ctx *c, const struct ledger_post *p, struct tally *t)
{
    t->created++;
    if (p->deleted)
        t->deleted++;
    else if (sandbox_post_is_out(c, p))
        t->published++;
    else
        t->pending++;
}

static void write_tally(struct writer *w, const struct tally *t)
{
    write_key(w, S("counts"));
    write_open(w, '{');
    write_member_int(w, S("created"), t->created);
    write_member_int(w, S("deleted"), t->deleted);
    write_member_int(w, S("pending"), t->pending);
    write_member_int(w, S("published"), t->published);
    write_close(w, '}');
}

/* Everything the account ever sent, newest first, deleted posts too. */
static error show_ledger(struct ctx *c)
{
    struct visit *v = visit_of(c);
    struct tally t = {0};
    struct writer w;
    const struct node *json;
    write_open(visit_data(c, &w), '{');
    write_key(&w, S("posts"));
    write_open(&w, '[');
    for (size_t i = ledger_count(v->ledger); i > 0; i--) {
        const struct ledger_post *p = ledger_at(v->ledger, i - 1);
        if (p->account != v->account)
            continue;
        tally(c, p, &t);
        if (t.created > POSTS_MAX)
            continue;
        TRY(ledger_read(v->ledger, c->arena, p, &json));
        write_open(&w, '{');
        write_member_int(&w, S("blogId"), p->brand);
        write_member_bool(&w, S("deleted"), p->deleted);
        write_key(&w, S("post"));
        sandbox_post_write(&w, c, p, json);
        write_close(&w, '}');
    }
    write_close(&w, ']');
    write_tally(&w, &t);
    write_close(&w, '}');
    return visit_reply(c, &w);
}

/* Which network a post has this platform id on; -1 if on none. */
static int network_with(struct ctx *c, const struct ledger_post *p, struct str platform_id)
{
    for (int i = 0; i < 63 && p->networks >> i; i++) {
        if (p->networks >> i & 1 && str_eq(sandbox_post_platform_id(c->arena, p, i), platform_id))
            return i;
    }
    return -1;
}

static error answer_published(struct ctx *c, const struct ledger_post *p, int network)
{
    struct writer w;
    const struct node *json;
    TRY(ledger_read(visit_of(c)->ledger, c->arena, p, &json));
    write_open(visit_data(c, &w), '{');
    write_member_text(&w, S("id"), sandbox_post_platform_id(c->arena, p, network));
    write_member_text(&w, S("network"), sandbox_networks[network].name);
    write_member_text(&w, S("text"), tree_text(tree_get(json, "text")));
    write_member_time(&w, S("publishedAt"), p->publish_ms);
    write_close(&w, '}');
    return visit_reply(c, &w);
}

/* What is behind a publicUrl. Whoever was not told the id cannot guess it, so nobody is asked who
 * he is. */
static error show_post(struct ctx *c)
{
    struct ledger *l = visit_of(c)->ledger;
    for (size_t i = ledger_count(l); i > 0; i--) {
        const struct ledger_post *p = ledger_at(l, i - 1);
        int network = network_with(c, p, c->req->segment);
        if (network >= 0)
            return answer_published(c, p, network);
    }
    return error_of(ERR_NOT_FOUND);
}

static void write_call(struct writer *w, const struct ledger_call *call)
{
    write_open(w, '{');
    write_member_int(w, S("question"), call->question);
    write_member_int(w, S("tokensIn"), call->tokens_in);
    write_member_int(w, S("tokensOut"), call->tokens_out);
    write_member_time(w, S("at"), call->at_ms);
    write_member_int(w, S("atMs"), call->at_ms);
    write_close(w, '}');
}

/* What models answered to whoever called himself so, newest first. */
static error show_calls(struct ctx *c)
{
    const struct ledger *l = visit_of(c)->ledger;
    struct writer w;
    struct str request;
    int64_t n = 0;
    TRY(visit_parameter(c, "requestId", &request));
    write_open(visit_data(c, &w), '{');
    write_key(&w, S("calls"));
    write_open(&w, '[');
    for (size_t i = ledger_calls(l); i > 0; i--) {
        const struct ledger_call *call = ledger_call_at(l, i - 1);
        if (!str_eq(str_of(call->request), request) || ++n > POSTS_MAX)
            continue;
        write_call(&w, call);
    }
    write_close(&w, ']');
    write_member_int(&w, S("count"), n);
    write_close(&w, '}');
    return visit_reply(c, &w);
}

const struct route sandbox_inspect_routes[] = {
    {GET, "/llm/calls", show_calls, .doc = "What models answered to an X-Request-ID"},
    {GET, "/ledger", show_ledger, .doc = "What the account sent"},
    {GET, "/posts/:published", show_post, .flags = R_PUBLIC, .doc = "A published post"},
    {0},
};
