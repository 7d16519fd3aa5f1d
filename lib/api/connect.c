/* connect.c: what AMP is connected to, and how that is going. */
#include "api/routes.h"

#include "delivery/account.h"
#include "http/reply.h"
#include "json/write.h"

static const struct str health_list[] = {{0}, S("healthy"), S("degraded"), S("error")};

static void write_metricool(struct writer *w, bool connected, const struct integration *i,
                            size_t accounts)
{
    write_key(w, S("metricool"));
    write_open(w, '{');
    write_member_bool(w, S("connected"), connected);
    write_member_text(w, S("status"), connected ? health_list[i->status] : S("disconnected"));
    write_member_time(w, S("last_sync"), i->last_sync_ms);
    write_member_int(w, S("accounts_connected"), (int64_t)accounts);
    write_member_text(w, S("last_error"), i->last_error);
    write_close(w, '}');
}

/* The built-in composer needs no connection and is always there. */
static void write_llm(struct writer *w)
{
    write_key(w, S("llm"));
    write_open(w, '{');
    write_member_bool(w, S("connected"), true);
    write_member_text(w, S("status"), S("healthy"));
    write_member_text(w, S("provider"), S("builtin"));
    write_member_text(w, S("last_error"), (struct str){0});
    write_close(w, '}');
}

static void write_platforms(struct writer *w, const struct list *networks)
{
    const struct brand_network *n = networks->at;
    write_key(w, S("platforms"));
    write_open(w, '{');
    for (int p = 1; p < PLATFORM_COUNT; p++) {
        const struct brand_network *found = NULL;
        for (size_t i = 0; i < networks->n; i++) {
            if ((int)n[i].platform == p)
                found = &n[i];
        }
        write_key(w, platform_names.at[p]);
        write_open(w, '{');
        write_member_bool(w, S("connected"), found != NULL);
        write_member_text(w, S("account"), found ? found->handle : (struct str){0});
        write_close(w, '}');
    }
    write_close(w, '}');
}

/* Test mode connects itself to the sandbox at first use, which asking for the status is. */
static error load(struct ctx *c, bool *connected, struct integration *i, struct list *networks)
{
    struct connection unused;
    error e = account_of(c, &unused);
    *connected = !e;
    *i = (struct integration){0};
    *networks = (struct list){0};
    if (!e) {
        TRY(store_integration_get(c, i));
        return account_networks(c->arena, i, networks);
    }
    if (error_is(e, ERR_PROVIDER))
        i->last_error = e->message;
    else if (!error_is(e, ERR_NOT_CONNECTED))
        return e;
    return NULL;
}

static error connect_status(struct ctx *c)
{
    struct integration i;
    struct list networks;
    struct writer w;
    bool connected;
    TRY(load(c, &connected, &i, &networks));
    write_open(reply_begin(c, &w), '{');
    write_key(&w, S("integrations"));
    write_open(&w, '{');
    write_metricool(&w, connected, &i, networks.n);
    write_llm(&w);
    write_close(&w, '}');
    write_platforms(&w, &networks);
    write_close(&w, '}');
    return reply_done(c, 200);
}

const struct route connect_routes[] = {
    {GET, "/connect/status", connect_status, "integrations:read", .flags = R_OUTSIDE,
     .doc = "What is connected, and how that is going"},
    {0},
};
