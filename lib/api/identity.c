/* identity.c: who am I, and the keys of a tenant. */
#include "api/routes.h"

#include "auth/keys.h"
#include "auth/principal.h"
#include "base/clock.h"
#include "base/config.h"
#include "db/db.h"
#include "db/tx.h"
#include "frame/audit.h"
#include "frame/serve.h"
#include "http/reply.h"
#include "store/identity.h"

static const struct str method_list[] = {{0}, S("api_key"), S("jwt")};
static const struct names method_names = NAMES(method_list);
static const struct field scope_item = {.kind = F_ENUM, .values = &scope_names};
static const struct field membership_item = {.kind = F_OBJECT, .shape = &membership_shape};

struct whoami {
    struct str user; /* a document; none: the key speaks for nobody */
    struct tenant tenant;
    int method;
    struct list scopes;
    bool livemode;
    struct list tenants;
};
#define AT(member) offsetof(struct whoami, member)
static const struct field whoami_fields[] = {
    {.name = S("user"),
     .kind = F_OBJECT,
     .flags = F_DOC | F_NULLABLE,
     .at = AT(user),
     .shape = &member_view_shape,
     .doc = "Whom the credential speaks for"},
    {.name = S("tenant"),
     .kind = F_OBJECT,
     .at = AT(tenant),
     .shape = &tenant_shape,
     .doc = "Whose data it reaches"},
    {.name = S("auth_method"),
     .kind = F_ENUM,
     .at = AT(method),
     .values = &method_names,
     .doc = "How the request was authenticated"},
    {.name = S("scopes"),
     .kind = F_LIST,
     .at = AT(scopes),
     .item = &scope_item,
     .doc = "What it may do"},
    {.name = S("livemode"), .kind = F_BOOL, .at = AT(livemode), .doc = "Live or test data?"},
    {.name = S("tenants"),
     .kind = F_LIST,
     .at = AT(tenants),
     .item = &membership_item,
     .doc = "All tenants of the user"},
};
#undef AT
static const struct shape whoami_shape = SHAPE("whoami", struct whoami, whoami_fields);

/* The user with the role held in the context's tenant. */
static error user_text(struct ctx *c, const struct id *id, struct str *out)
{
    struct member_view shown;
    struct user user;
    int role = ROLE_NONE;
    error e = store_user_get(c, id, &user);
    if (error_is(e, ERR_NOT_FOUND))
        return NULL;
    TRY(e);
    if (c->who->method == AUTH_JWT)
        role = c->who->role;
    else
        e = store_membership_role(c, &c->scope.tenant, id, &role);
    if (e && !error_is(e, ERR_NOT_FOUND))
        return e;
    shown = (struct member_view){user.id, user.email, user.name, role};
    *out = shape_text(c->arena, &member_view_shape, &shown);
    return NULL;
}

static error whoami(struct ctx *c)
{
    struct whoami me = {
        .method = c->who->method,
        .scopes = scopes_list(c->arena, (unsigned)c->who->scopes),
        .livemode = c->scope.live,
    };
    TRY(store_tenant_get(c, &c->scope.tenant, &me.tenant));
    if (!id_is_none(&c->who->user_id)) {
        TRY(user_text(c, &c->who->user_id, &me.user));
        TRY(store_memberships_of(c, &c->who->user_id, &me.tenants));
    }
    return reply(c, 200, &whoami_shape, &me);
}

static void fill_scopes(struct arena *a, struct list *keys)
{
    struct api_key *key = (struct api_key *)keys->at;
    for (size_t i = 0; i < keys->n; i++)
        key[i].scopes = scopes_list(a, (unsigned)key[i].scope_bits);
}

struct key_page {
    struct list keys;
    int64_t total;
};

static error read_keys(struct ctx *c, void *out)
{
    const struct page *page = &c->req->page;
    struct id upper = page_upper(page);
    struct key_page *p = out;
    TRY(store_key_page(c, &upper, &page->before, page->limit + 1, &p->keys));
    return store_key_count(c, &p->total);
}

static error key_list(struct ctx *c)
{
    struct key_page p = {0};
    bool more;
    TRY(in_snapshot(c, read_keys, &p));
    page_finish(&c->req->page, &p.keys, sizeof(struct api_key), &more);
    fill_scopes(c->arena, &p.keys);
    return reply_list(c, &api_key_shape, &p.keys, more, p.total);
}

/* Nobody hands out more than they have: scopes within their own, and live keys only from live. */
static error may_grant(struct ctx *c, const struct api_key_request *wish, bool live)
{
    unsigned own = scopes_implied((unsigned)c->who->scopes);
    unsigned wanted = scopes_implied(scopes_of_list(&wish->scopes));
    if (wanted & ~own)
        return error_at(c->arena, ERR_FORBIDDEN, S("scopes"),
                        "A key cannot get more than its creator has.");
    if (live && !c->scope.live)
        return error_at(c->arena, ERR_FORBIDDEN, S("mode"), "A test key cannot make a live key.");
    return NULL;
}

/* In the transaction that makes it, by whoever still may. */
static error is_room_for_key(struct ctx *c, bool live)
{
    int64_t n;
    TRY(store_tenant_hold(c));
    TRY(principal_confirm(c));
    TRY(store_key_count_in(c, live, &n));
    if (n < c->config->keys_max)
        return NULL;
    return error_at(c->arena, ERR_LIMIT_REACHED, (struct str){0},
                    "The tenant has %d keys of this mode: revoke one first.", (int)n);
}

static error key_create(struct ctx *c)
{
    const struct api_key_request *wish = c->req->in;
    bool live = wish->mode ? wish->mode == MODE_LIVE : c->scope.live;
    int64_t now_ms = clock_ms(); /* credentials live in real time */
    struct api_key key = {
        .id = id_new(now_ms),
        .name = wish->name,
        .scopes = wish->scopes,
        .scope_bits = scopes_of_list(&wish->scopes),
        .created_by = c->who->user_id,
        .created_ms = now_ms,
    };
    char text[ID_TEXT + 1];
    TRY(may_grant(c, wish, live));
    TRY(is_room_for_key(c, live));
    if (wish->expires_in_days != INT_NONE)
        key.expires_ms = now_ms + wish->expires_in_days * DAY_MS;
    key_make(c->arena, live, &key);
    TRY(store_key_insert(c, &key));
    reply_location(c, "/auth/keys/", id_print(text, S("key_"), &key.id));
    return reply(c, 201, &api_key_shape, &key);
}

/* Like the old one, with as long a life, and made by whoever sees it. */
static struct api_key successor(struct ctx *c, const struct api_key *old, int64_t now_ms)
{
    return (struct api_key){
        .id = id_new(now_ms),
        .name = old->name,
        .scope_bits = old->scope_bits,
        .created_by = c->who->user_id,
        .expires_ms = old->expires_ms ? now_ms + (old->expires_ms - old->created_ms) : 0,
        .created_ms = now_ms,
    };
}

static error key_rotate(struct ctx *c)
{
    const struct key_rotation *wish = c->req->in;
    int64_t now_ms = clock_ms();
    struct api_key old, key;
    char text[ID_TEXT + 1];
    TRY(store_key_get(c, &c->req->id[0], &old));
    TRY(is_room_for_key(c, old.livemode));
    TRY(store_key_replace(c, &old.id, now_ms, now_ms + wish->grace_hours * HOUR_MS));
    key = successor(c, &old, now_ms);
    key.scopes = scopes_list(c->arena, (unsigned)key.scope_bits);
    key_make(c->arena, old.livemode, &key);
    TRY(store_key_insert(c, &key));
    audit_tell(c, (struct str){0}, (struct str){0},
               arena_str(c->arena, id_print(text, S("key_"), &key.id)));
    forget_after_commit(c);
    return reply(c, 200, &api_key_shape, &key);
}

static error key_revoke(struct ctx *c)
{
    TRY(store_key_delete(c, &c->req->id[0]));
    forget_after_commit(c);
    return reply_empty(c);
}

const struct route identity_routes[] = {
    {GET, "/auth/whoami", whoami, .out = &whoami_shape, .flags = R_READ,
     .doc = "Whom a credential speaks for", .name = "whoami"},
    {GET, "/auth/keys", key_list, "admin", .out = &api_key_shape, .flags = R_READ | R_LIST,
     .id_prefix = "key_", .doc = "List the tenant's keys"},
    {POST, "/auth/keys", key_create, "admin", .in = &api_key_request_shape, .out = &api_key_shape,
     .status = 201, .doc = "Make a key; it is shown this once"},
    {POST, "/auth/keys/:key/rotate", key_rotate, "admin", .in = &key_rotation_shape,
     .out = &api_key_shape, .flags = R_ACTION, .doc = "Make a new key in the place of this one",
     .name = "rotateKey"},
    {DELETE, "/auth/keys/:key", key_revoke, "admin", .status = 204, .doc = "Revoke a key, at once"},
    {0},
};
