/* account.c: the account at the publishing provider: its token sealed and opened, what is connected
 * to it, and the account that test mode has of its own. */
#include "delivery/account.h"

#include "base/seal.h"
#include "db/tx.h"
#include "delivery/calls.h"

#define AT(member) offsetof(struct brand_network, member)
static const struct field network_fields[] = {
    {.name = S("platform"), .kind = F_ENUM, .at = AT(platform), .values = &platform_names},
    {.name = S("handle"), .kind = F_TEXT, .at = AT(handle)},
    {.name = S("name"), .kind = F_TEXT, .at = AT(name)},
    {.name = S("url"), .kind = F_TEXT, .at = AT(url)},
    {.name = S("external_id"), .kind = F_TEXT, .at = AT(external_id)},
};
#undef AT
static const struct shape network_shape =
    SHAPE("brand_network", struct brand_network, network_fields);
static const struct field network_item = {.kind = F_OBJECT, .shape = &network_shape};
static const struct field networks_field = {.kind = F_LIST, .item = &network_item};

error account_networks(struct arena *a, const struct integration *i, struct list *out)
{
    return list_parse(a, &networks_field, i->networks, out);
}

error account_row(struct ctx *c, const struct brand *brand, struct str token,
                  struct integration *out)
{
    *out = (struct integration){
        .blog_id = brand->blog_id,
        .user_id = brand->user_id.p ? brand->user_id : S(""),
        .blog_name = brand->label,
        .zone = brand->zone,
        .networks = list_text(c->arena, &networks_field, &brand->networks),
        .status = INTEGRATION_HEALTHY,
        .last_sync_ms = c->now_ms,
        .connected_ms = c->now_ms,
    };
    if (!token.p)
        return NULL;
    return seal(c->arena, c->config, id_str(&c->scope.tenant), token, &out->token_sealed);
}

/* Each tenant has an account of its own in the sandbox. */
static struct str sandbox_token(struct ctx *c)
{
    return arena_printf(c->arena, "sandbox_%.*s", STR(id_str(&c->scope.tenant)));
}

static error connect_sandbox(struct ctx *c, struct integration *out)
{
    struct call_report report = {0};
    struct account own = {.token = sandbox_token(c), .report = &report};
    struct list brands;
    bool denied;
    error e = publisher_brands(leave(c), &own, &brands, &denied);
    TRY(calls_note(c, &(struct calls){.what = S("settings.brands"), .n = report.calls}));
    TRY(e);
    if (!brands.n)
        return error_of(ERR_NOT_CONNECTED);
    TRY(account_row(c, brands.at, (struct str){0}, out));
    return store_integration_put(c, out);
}

static error token_of(struct ctx *c, const struct integration *i, struct str *out)
{
    *out = (struct str){0};
    if (i->status == INTEGRATION_DISCONNECTED)
        return NULL;
    if (!i->token_sealed.p && c->scope.live)
        return error_of(ERR_NOT_CONNECTED);
    if (!i->token_sealed.p) {
        *out = sandbox_token(c);
        return NULL;
    }
    if (unseal(c->arena, c->config, id_str(&c->scope.tenant), i->token_sealed, out))
        return NULL;
    return error_because(c->arena, ERR_INTERNAL, "the token sealed with key %d cannot be opened",
                         (unsigned char)i->token_sealed.p[0]);
}

error account_check_board(struct ctx *c, enum platform p, struct str board_id)
{
    if (p != PLATFORM_PINTEREST || board_id.n)
        return NULL;
    return error_at(c->arena, ERR_VALIDATION_FAILED, S("platform"),
                    "A pin needs a board: connect Metricool again, with pinterest_board_id.");
}

error account_of(struct ctx *c, struct connection *out)
{
    struct integration i;
    struct list networks;
    const struct brand_network *network;
    error e = store_integration_get(c, &i);
    if (error_is(e, ERR_NOT_FOUND))
        e = c->scope.live ? error_of(ERR_NOT_CONNECTED) : connect_sandbox(c, &i);
    TRY(e);
    *out = (struct connection){
        .account = {.blog_id = i.blog_id,
                    .user_id = i.user_id,
                    .pinterest_board_id = i.pinterest_board_id,
                    .zone = i.zone,
                    .report = ARENA_NEW(c->arena, struct call_report)},
        .status = (enum integration_status)i.status,
        .connected_ms = i.connected_ms,
        .last_sync_ms = i.last_sync_ms,
        .failures = i.failures,
        .pause_ms = i.pause_ms,
    };
    TRY(token_of(c, &i, &out->account.token));
    TRY(account_networks(c->arena, &i, &networks));
    network = networks.at;
    for (size_t n = 0; n < networks.n; n++)
        out->platforms |= 1u << network[n].platform;
    return NULL;
}
