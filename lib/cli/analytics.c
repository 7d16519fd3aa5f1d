/* analytics.c: the command that makes the roll-ups of figures anew. */
#include "cli/command.h"

#include "db/tx.h"
#include "store/cost_day.h"
#include "store/identity.h"
#include "store/metrics.h"

static error rebuild_one(struct ctx *c, void *none)
{
    (void)none;
    TRY(store_metrics_rebuild(c));
    return store_cost_day_rebuild(c);
}

/* Both modes, each in a transaction of its own. */
static error rebuild_tenant(struct ctx *c, const struct id *tenant)
{
    for (int live = 0; live < 2; live++) {
        c->scope = (struct scope){*tenant, live == 1};
        TRY(in_locking_transaction(c, rebuild_one, NULL));
    }
    return NULL;
}

/* All tenants after *last, up to a page of them; *n of them. */
static error rebuild_page(struct ctx *c, struct id *last, int64_t *n)
{
    const struct tenant *t;
    struct list tenants;
    TRY(store_tenant_page(c, last, &tenants));
    t = tenants.at;
    for (size_t i = 0; i < tenants.n; i++)
        TRY(rebuild_tenant(c, &t[i].id));
    *n = (int64_t)tenants.n;
    if (tenants.n)
        *last = t[tenants.n - 1].id;
    return NULL;
}

static error rebuild_all(struct ctx *c, int64_t *total)
{
    struct id last = {{0}};
    int64_t n;
    do {
        TRY(rebuild_page(c, &last, &n));
        *total += n;
    } while (n);
    return NULL;
}

static int rebuild(struct call *call)
{
    struct str wanted = option(call, "tenant");
    struct id tenant;
    struct tenant found;
    int64_t n = wanted.p ? 1 : 0;
    error e;
    db_be_patient(call->app->db);
    if (wanted.p && !id_parse(wanted, S("tnt_"), &tenant))
        return complain(call, "--tenant must be the id of a tenant.");
    e = wanted.p ? store_tenant_get(call->ctx, &tenant, &found) : NULL;
    if (wanted.p)
        call->ctx->scope.tenant = tenant;
    if (!e) /* first: that it was begun is never lost */
        e = change(call, NULL, NULL, (struct str){0});
    if (!e && wanted.p)
        e = rebuild_tenant(call->ctx, &tenant);
    else if (!e)
        e = rebuild_all(call->ctx, &n);
    if (e)
        return complain_of(call, e);
    buf_printf(call->out, call->json ? "{\"tenants\":%lld}\n" : "Tenants done: %lld.\n",
               (long long)n);
    return 0;
}

const struct command analytics_commands[] = {
    {.words = "analytics rebuild",
     .run = rebuild,
     .needs = C_CONFIG | C_DATABASE,
     .options = {{"tenant", "tnt_…", false, NULL}},
     .doc = "Make the sums of figures anew from what came in, of one tenant or of all."},
    {0},
};
