/* brand.c: how brand contexts are asked for. What they do to texts is the writers' affair. */
#include "api/routes.h"

#include "db/tx.h"
#include "frame/serve.h"
#include "http/conditional.h"
#include "http/reply.h"
#include "store/brand.h"

struct brand_list {
    struct list contexts;
    int64_t total;
};

/* Snapshot. */
static error read_page(struct ctx *c, void *out)
{
    struct brand_list *l = out;
    TRY(store_brand_page(c, &c->req->page, &l->contexts));
    return store_brand_count(c, &l->total);
}

static error brand_list(struct ctx *c)
{
    struct brand_list l = {0};
    bool more;
    TRY(in_snapshot(c, read_page, &l));
    page_finish(&c->req->page, &l.contexts, sizeof(struct brand_context), &more);
    return reply_list(c, &brand_context_shape, &l.contexts, more, l.total);
}

static error brand_create(struct ctx *c)
{
    struct brand_context b = *(const struct brand_context *)c->req->in;
    char text[ID_TEXT + 1];
    b.id = id_new(c->now_ms);
    b.livemode = c->scope.live;
    b.created_ms = b.updated_ms = c->now_ms;
    b.revision = 1;
    TRY(store_brand_insert(c, &b));
    reply_location(c, "/brand-contexts/", id_print(text, S("brc_"), &b.id));
    return reply_revision(c, 201, &brand_context_shape, &b, b.revision);
}

static error brand_get(struct ctx *c)
{
    struct brand_context b;
    TRY(store_brand_get(c, &c->req->id[0], &b));
    return reply_revision(c, 200, &brand_context_shape, &b, b.revision);
}

static error brand_update(struct ctx *c)
{
    struct brand_context b;
    TRY(store_brand_lock(c, &c->req->id[0], &b));
    TRY(if_match(c, b.revision));
    TRY(read_update(c, &brand_context_shape, &b));
    b.updated_ms = c->now_ms;
    TRY(store_brand_update(c, &b));
    b.revision++;
    return reply_revision(c, 200, &brand_context_shape, &b, b.revision);
}

/* Not while a mission may still write for it: its banned words would be allowed all at once. */
static error brand_delete(struct ctx *c)
{
    struct brand_context b;
    bool used;
    TRY(store_brand_lock(c, &c->req->id[0], &b));
    TRY(if_match(c, b.revision));
    TRY(store_brand_in_use(c, &b.id, &used));
    if (used)
        return error_at(c->arena, ERR_INVALID_STATE, (struct str){0},
                        "A mission that is not over uses the brand context.");
    TRY(store_brand_delete(c, &b.id));
    return reply_empty(c);
}

const struct route brand_routes[] = {
    {GET, "/brand-contexts", brand_list, "missions:read", .out = &brand_context_shape,
     .flags = R_READ | R_LIST | R_REMEMBER, .id_prefix = "brc_", .doc = "List brand contexts"},
    {POST, "/brand-contexts", brand_create, "missions:write", .in = &brand_context_shape,
     .out = &brand_context_shape, .status = 201, .doc = "Describe a brand"},
    {GET, "/brand-contexts/:brc", brand_get, "missions:read", .out = &brand_context_shape,
     .flags = R_READ | R_REMEMBER, .doc = "Get a brand context"},
    {PUT, "/brand-contexts/:brc", brand_update, "missions:write", .in = &brand_context_shape,
     .out = &brand_context_shape, .flags = R_UPDATE,
     .doc = "Change a brand context; texts written from then on keep to it"},
    {DELETE, "/brand-contexts/:brc", brand_delete, "missions:write", .status = 204,
     .doc = "Delete a brand context that no mission uses any more"},
    {0},
};
