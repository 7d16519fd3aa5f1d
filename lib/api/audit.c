/* audit.c: reading the audit log. It is written by frame/audit.c, and changed by nobody. */
#include "api/routes.h"

#include "db/tx.h"
#include "http/reply.h"
#include "store/audit.h"

struct audit_page {
    struct list entries;
    int64_t total;
};

static error read_page(struct ctx *c, void *out)
{
    struct audit_page *p = out;
    TRY(store_audit_page(c, c->req->filter, &c->req->page, &p->entries));
    return store_audit_count(c, c->req->filter, &p->total);
}

static error audit_list(struct ctx *c)
{
    struct audit_page p = {0};
    bool more;
    TRY(in_snapshot(c, read_page, &p));
    page_finish(&c->req->page, &p.entries, sizeof(struct audit), &more);
    return reply_list(c, &audit_shape, &p.entries, more, p.total);
}

const struct route audit_routes[] = {
    {GET, "/audit", audit_list, "admin", .query = &audit_filter_shape, .out = &audit_shape,
     .flags = R_READ | R_LIST, .id_prefix = "aud_", .doc = "Who did what to which object",
     .name = "listAudit"},
    {0},
};
