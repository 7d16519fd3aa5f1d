/* audit.c: commands about the audit log: reading it, the installation's own entries too, and
 * deleting what is old, which only the owner of the tables may. */
#include "cli/command.h"

#include "base/clock.h"
#include "db/tx.h"
#include "store/audit.h"

static void print_entry(struct call *call, const struct audit *a)
{
    char time[TIME_TEXT + 1];
    struct writer w;
    if (call->json) {
        write_init(&w, call->out);
        shape_write(&w, &audit_shape, a);
    } else {
        buf_printf(call->out, "%s  %-20.*s  %-24.*s  %-20.*s  %.*s  %.*s",
                   time_print(time, a->created_ms).p, STR(a->actor), STR(a->action), STR(a->object),
                   STR(a->address), STR(a->detail));
    }
    buf_char(call->out, '\n');
}

static int audit_list(struct call *call)
{
    struct audit_filter everything = {.created_after = INT64_MIN, .created_before = INT64_MAX};
    struct page page = {.limit = PAGE_MAX};
    struct list entries;
    struct str tenant = option(call, "tenant");
    bool more;
    error e;
    if (tenant.p && !id_parse(tenant, S("tnt_"), &call->ctx->scope.tenant))
        return complain(call, "--tenant must be the id of a tenant, tnt_…");
    call->ctx->scope.live = !option(call, "test").p;
    e = store_audit_page(call->ctx, &everything, &page, &entries);
    if (e)
        return complain_of(call, e);
    page_finish(&page, &entries, sizeof(struct audit), &more);
    for (size_t i = 0; i < entries.n; i++)
        print_entry(call, (const struct audit *)entries.at + i);
    return 0;
}

struct purge {
    int64_t before_ms;
    uint64_t deleted;
};

static error purge_some(struct ctx *c, void *arg)
{
    struct purge *p = arg;
    return store_audit_purge(c, p->before_ms, &p->deleted);
}

static int audit_purge(struct call *call)
{
    struct purge p;
    uint64_t all = 0;
    error e;
    if (!date_parse(option(call, "before"), &p.before_ms))
        return complain(call, "--before must be a date, YYYY-MM-DD.");
    call->detail = option(call, "before");
    e = change(call, NULL, NULL, (struct str){0}); /* first: that it was begun is never lost */
    do {
        if (!e)
            e = in_transaction(call->ctx, purge_some, &p);
        all += e ? 0 : p.deleted;
    } while (!e && p.deleted);
    if (e)
        return complain_of(call, e);
    buf_printf(call->out, call->json ? "{\"deleted\":%d}\n" : "%d deleted.\n", (int)all);
    return 0;
}

const struct command audit_commands[] = {
    {.words = "audit list",
     .run = audit_list,
     .needs = C_CONFIG | C_DATABASE,
     .options = {{"tenant", "tnt_…", false, NULL}, {"test", NULL, false, NULL}},
     .doc = "Print the last 100 entries of the audit log: a tenant's, or the installation's own."},
    {.words = "audit purge",
     .run = audit_purge,
     .needs = C_CONFIG | C_DATABASE | C_OWNER,
     .options = {{"before", "YYYY-MM-DD", true, NULL}},
     .doc = "Delete the entries of all tenants from before a day, as owner of the tables."},
    {0},
};
