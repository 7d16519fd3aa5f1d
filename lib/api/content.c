/* content.c: how content is asked for. Reviewing it is review.c's, publishing it publish.c's. */
#include "api/routes.h"

#include "api/content.h"
#include "domain/review.h"
#include "http/conditional.h"
#include "http/reply.h"
#include "store/content.h"
#include "store/mission.h"
#include "store/version.h"

/* The mission as it is shown inside of content. */
static struct str mission_text(struct arena *a, const struct mission *m)
{
    struct deleted_mission deleted = {m->id, true};
    if (m->status == MISSION_DELETED)
        return shape_text(a, &deleted_mission_shape, &deleted);
    return shape_text(a, &mission_shape, m);
}

/* Puts the missions of a page into its content, if they were asked for: one statement. */
static error expand(struct ctx *c, struct content *contents, size_t n)
{
    const struct id *ids[PAGE_MAX];
    struct list missions;
    const struct mission *m;
    if (!c->req->expand_mission || !n)
        return NULL;
    for (size_t i = 0; i < n; i++)
        ids[i] = &contents[i].mission_id;
    TRY(store_missions_by_id(c, ids, n, &missions));
    m = missions.at;
    for (size_t i = 0; i < missions.n; i++) {
        struct str text = mission_text(c->arena, &m[i]);
        for (size_t k = 0; k < n; k++) {
            if (id_eq(&contents[k].mission_id, &m[i].id))
                contents[k].mission = text;
        }
    }
    return NULL;
}

error reply_content(struct ctx *c, struct content *x)
{
    TRY(expand(c, x, 1));
    if (c->req->expand_mission)
        return reply(c, 200, &content_shape, x);
    return reply_revision(c, 200, &content_shape, x, x->revision);
}

static error content_list(struct ctx *c)
{
    struct list contents;
    int64_t total;
    bool more;
    TRY(store_content_page(c, c->req->filter, &c->req->page, &contents, &more, &total));
    TRY(expand(c, (struct content *)contents.at, contents.n));
    return reply_list(c, &content_shape, &contents, more, total);
}

static error content_get(struct ctx *c)
{
    struct content x;
    TRY(store_content_get(c, &c->req->id[0], &x));
    return reply_content(c, &x);
}

static error content_preview(struct ctx *c)
{
    struct content x;
    struct preview p;
    TRY(store_content_get(c, &c->req->id[0], &x));
    TRY(preview_make(c->arena, &x, &p));
    return reply(c, 200, &preview_shape, &p);
}

/* Content that was never changed is its own first version; else all are kept. */
static error content_versions(struct ctx *c)
{
    const struct page *page = &c->req->page;
    struct content x;
    struct version first;
    struct list versions = {0};
    bool more = false;
    TRY(store_content_get(c, &c->req->id[0], &x));
    if (x.version > 1)
        TRY(store_version_page(c, &x.id, page, &versions, &more));
    first = version_of(&x);
    if (x.version == 1 && (id_is_none(&page->after) || id_cmp(&first.id, &page->after) < 0) &&
        (id_is_none(&page->before) || id_cmp(&first.id, &page->before) > 0))
        versions = (struct list){&first, 1};
    return reply_list(c, &version_shape, &versions, more, x.version);
}

const struct route content_routes[] = {
    {GET, "/content", content_list, "content:read", .query = &content_filter_shape,
     .out = &content_shape, .flags = R_READ | R_LIST | R_REMEMBER | R_EXPAND, .id_prefix = "cnt_",
     .doc = "List content"},
    {GET, "/content/:cnt", content_get, "content:read", .out = &content_shape,
     .flags = R_READ | R_REMEMBER | R_EXPAND, .doc = "Get a piece of content"},
    {GET, "/content/:cnt/preview", content_preview, "content:read", .out = &preview_shape,
     .flags = R_READ, .doc = "What will really be sent, and what is wrong with it"},
    {GET, "/content/:cnt/versions", content_versions, "content:read", .out = &version_shape,
     .flags = R_READ | R_LIST, .id_prefix = "ver_", .doc = "What it said before, and why not now"},
    {0},
};
