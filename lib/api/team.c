/* team.c: the tenant itself, who belongs to it and who is invited. All of it is shared by both
 * modes, so only live credentials change it. */
#include "api/routes.h"
#include "api/signin.h"

#include "auth/passwords.h"
#include "auth/principal.h"
#include "base/clock.h"
#include "base/config.h"
#include "db/db.h"
#include "db/tx.h"
#include "frame/audit.h"
#include "frame/serve.h"
#include "http/reply.h"
#include "store/identity.h"
#include "store/session.h"
#include "store/team.h"

enum { TOKEN_LEN = 47 /* "inv_" and 43 characters: 256 bits */ };

/* ---- the tenant ---- */

static error load_tenant(struct ctx *c, struct tenant *t)
{
    TRY(store_tenant_get(c, &c->scope.tenant, t));
    t->rate_limit = c->who->rate_limit;
    return NULL;
}

static error tenant_get(struct ctx *c)
{
    struct tenant t;
    TRY(load_tenant(c, &t));
    return reply(c, 200, &tenant_details_shape, &t);
}

static error tenant_update(struct ctx *c)
{
    struct tenant t;
    TRY(load_tenant(c, &t));
    TRY(read_update(c, &tenant_details_shape, &t));
    if (was_sent(&tenant_details_shape, c->req->in_sent, S("name"))) {
        t.updated_ms = clock_ms();
        TRY(store_tenant_rename(c, t.name, t.updated_ms));
    }
    return reply(c, 200, &tenant_details_shape, &t);
}

/* ---- members ---- */

struct list_page {
    error (*page)(struct ctx *c, const struct page *page, struct list *out);
    error (*count)(struct ctx *c, int64_t *out);
    struct list rows;
    int64_t total;
};

static error read_page(struct ctx *c, void *arg)
{
    struct list_page *p = arg;
    TRY(p->page(c, &c->req->page, &p->rows));
    return p->count(c, &p->total);
}

static error list(struct ctx *c, struct list_page *p, const struct shape *shape)
{
    bool more;
    TRY(in_snapshot(c, read_page, p));
    page_finish(&c->req->page, &p->rows, shape->size, &more);
    return reply_list(c, shape, &p->rows, more, p->total);
}

static error member_list(struct ctx *c)
{
    return list(c, &(struct list_page){store_member_page, store_member_count, {0}, 0},
                &member_shape);
}

/* The member of the path. Whoever changes members waits here for others who do, and may have been
 * changed by them. */
static error hold_member(struct ctx *c, struct member *m)
{
    TRY(store_tenant_touch(c, clock_ms()));
    TRY(principal_confirm(c));
    return store_member_get(c, &c->req->id[0], m);
}

/* Without an admin nobody could ever become one again. */
static error not_the_last_admin(struct ctx *c, const struct member *m)
{
    int64_t admins;
    if (m->role != ROLE_ADMIN)
        return NULL;
    TRY(store_admin_count(c, &admins));
    if (admins > 1)
        return NULL;
    return error_at(c->arena, ERR_INVALID_STATE, (struct str){0},
                    "The last admin of a tenant can neither leave nor get another role.");
}

/* All keys that somebody has made, of both modes: they have seen them. */
static error revoke_keys_of(struct ctx *c, const struct member *m)
{
    struct list keys;
    char text[ID_TEXT + 1];
    TRY(store_keys_by(c, &m->id, &keys));
    for (size_t i = 0; i < keys.n; i++)
        TRY(audit_also(c, S("revokeKey"),
                       id_print(text, S("key_"), (const struct id *)keys.at + i)));
    return store_key_delete_by(c, &m->id);
}

/* Who is no admin any more lets nobody in: not with links sent out before, by themselves or a key,
 * and not with keys. */
static error close_doors_of(struct ctx *c, const struct member *m)
{
    const struct leaving *how = c->req->filter;
    TRY(store_invitation_forget_by(c, &m->id));
    return how->keep_keys ? NULL : revoke_keys_of(c, m);
}

static error member_update(struct ctx *c)
{
    struct member m, changed;
    TRY(hold_member(c, &m));
    changed = m;
    TRY(read_update(c, &member_shape, &changed));
    if (changed.role != m.role) {
        TRY(not_the_last_admin(c, &m));
        TRY(store_member_set_role(c, &m.id, changed.role));
        if (m.role == ROLE_ADMIN)
            TRY(close_doors_of(c, &m));
        audit_tell(c, (struct str){0}, (struct str){0}, role_names.at[changed.role]);
    }
    forget_after_commit(c);
    return reply(c, 200, &member_shape, &changed);
}

static error member_remove(struct ctx *c)
{
    struct member m;
    TRY(hold_member(c, &m));
    TRY(not_the_last_admin(c, &m));
    TRY(store_member_delete(c, &m.id));
    TRY(close_doors_of(c, &m));
    audit_tell(c, (struct str){0}, (struct str){0}, m.email);
    forget_after_commit(c);
    return reply_empty(c);
}

/* ---- invitations ---- */

static struct str token_hash(struct arena *a, struct str token)
{
    unsigned char hash[SHA256_LEN];
    crypto_sha256(token, hash);
    return crypto_hex(a, (struct str){(char *)hash, sizeof hash});
}

/* The token stands behind "#", where no web server sees it and no log keeps it. */
static void make_token(struct ctx *c, struct invitation *i)
{
    char *text = arena_cstr(c->arena, S("inv_0000000000000000000000000000000000000000000"));
    id_random(text + 4, TOKEN_LEN - 4);
    i->token = (struct str){text, TOKEN_LEN};
    i->hash = token_hash(c->arena, i->token);
    i->url = arena_printf(c->arena, "%.*s/#/invitation/%s", STR(c->config->base_url), text);
}

static error is_no_member_yet(struct ctx *c, struct str email)
{
    struct user user;
    int role;
    error e = store_user_by_email(c, email, &user);
    if (!e)
        e = store_membership_role(c, &c->scope.tenant, &user.id, &role);
    if (!e)
        return error_at(c->arena, ERR_VALIDATION_FAILED, S("email"), "Is a member already.");
    return error_is(e, ERR_NOT_FOUND) ? NULL : e;
}

static error is_room_for_invitation(struct ctx *c)
{
    int64_t n;
    TRY(store_invitation_open(c, clock_ms(), &n));
    if (n < c->config->invitations_max)
        return NULL;
    return error_at(c->arena, ERR_LIMIT_REACHED, (struct str){0},
                    "The tenant has %d open invitations: take one back first.", (int)n);
}

static error invitation_create(struct ctx *c)
{
    const struct invitation_request *wish = c->req->in;
    int64_t now_ms = clock_ms();
    struct invitation i = {
        .id = id_new(now_ms),
        .email = email_normal(c->arena, wish->email),
        .role = wish->role,
        .invited_by = principal_text(c->arena, c->who),
        .user = c->who->user_id,
        .expires_ms = now_ms + wish->expires_in_days * DAY_MS,
        .created_ms = now_ms,
    };
    char text[ID_TEXT + 1];
    TRY(store_tenant_hold(c));
    TRY(principal_confirm(c));
    TRY(is_no_member_yet(c, i.email));
    TRY(store_invitation_forget(c, i.email));
    TRY(is_room_for_invitation(c));
    make_token(c, &i);
    TRY(store_invitation_insert(c, &i));
    audit_tell(c, (struct str){0}, (struct str){0}, i.email);
    reply_location(c, "/tenant/invitations/", id_print(text, S("inv_"), &i.id));
    return reply(c, 201, &invitation_shape, &i);
}

static error invitation_list(struct ctx *c)
{
    return list(c, &(struct list_page){store_invitation_page, store_invitation_count, {0}, 0},
                &invitation_shape);
}

static error invitation_revoke(struct ctx *c)
{
    TRY(store_invitation_delete(c, &c->req->id[0]));
    return reply_empty(c);
}

static error bad_token(struct ctx *c)
{
    return error_at(c->arena, ERR_VALIDATION_FAILED, S("token"),
                    "This invitation is unknown, used or expired.");
}

/* Somebody who accepts an invitation. */
struct joining {
    struct invitation invitation;
    struct proof proof; /* of who is known */
    struct user user;
    bool is_new;
    struct str hash; /* of a new password of who is known; none: it stays */
    bool ended;      /* sessions have */
};

static void make_user(const struct acceptance *in, struct joining *j)
{
    int64_t now_ms = clock_ms();
    j->is_new = true;
    j->user = (struct user){
        .id = id_new(now_ms),
        .email = j->invitation.email,
        .name = in->name.p ? in->name : j->invitation.email,
        .proved = in->oidc_token.p != NULL,
        .created_ms = now_ms,
        .updated_ms = now_ms,
    };
}

/* The issuer says whose the address is. */
static error prove_by_token(struct ctx *c, const struct acceptance *in, struct joining *j)
{
    TRY(show_token(c, in->oidc_token, in->nonce, &j->proof));
    if (!str_eq(j->proof.token.email, j->invitation.email))
        return error_at(c->arena, ERR_FORBIDDEN, S("oidc_token"),
                        "This is not the address that is invited.");
    j->user = j->proof.user;
    if (id_is_none(&j->user.id))
        make_user(in, j);
    return NULL;
}

static error bad_new_password(struct ctx *c, const char *why)
{
    return error_at(c->arena, ERR_VALIDATION_FAILED, S("new_password"), "%s", why);
}

/* Somebody else may have chosen the password of an address that is not proved, and know it: who
 * joins another tenant takes a new one. */
static error renew_password(struct ctx *c, const struct acceptance *in, struct joining *j)
{
    if (j->user.proved)
        return in->new_password.p
                   ? bad_new_password(c, "Keep the password, or change it signed in.")
                   : NULL;
    if (!in->new_password.p || str_eq(in->new_password, in->password))
        return bad_new_password(c, "Choose a new password: whoever invited you first may know the"
                                   " one you have.");
    return password_make(c, in->new_password, &j->hash);
}

/* A new user gets the password; one who is known has to have it, and may not try for ever. The link
 * alone opens nobody's account. */
static error prove_by_password(struct ctx *c, const struct acceptance *in, struct joining *j)
{
    error e = store_user_by_email(c, j->invitation.email, &j->user);
    if (error_is(e, ERR_NOT_FOUND)) {
        if (in->new_password.p)
            return bad_new_password(c, "Nobody has this address yet: send the password alone.");
        make_user(in, j);
        return password_make(c, in->password, &j->user.password_hash);
    }
    TRY(e);
    TRY(show_password(c, j->invitation.email, in->password, &j->proof));
    j->user = j->proof.user;
    return renew_password(c, in, j);
}

static error set_new_password(struct ctx *c, struct joining *j)
{
    if (!j->hash.p)
        return NULL;
    j->ended = true;
    TRY(store_user_set_password(c, &j->user.id, j->user.password_hash, j->hash, clock_ms()));
    return store_session_delete_all(c, &j->user.id);
}

/* Takes the invitation, which only one can, and makes the user and the membership. */
static error join(struct ctx *c, void *arg)
{
    struct joining *j = arg;
    error e = store_invitation_delete(c, &j->invitation.id);
    if (error_is(e, ERR_NOT_FOUND)) /* somebody was faster */
        return bad_token(c);
    TRY(e);
    TRY(proof_settle(c, &j->proof, &j->ended));
    TRY(set_new_password(c, j));
    e = j->is_new ? store_user_insert(c, &j->user) : NULL;
    if (db_is_duplicate(e)) /* made a moment ago, by another invitation */
        return error_of(ERR_UNAVAILABLE);
    TRY(e);
    e = store_membership_insert(c, &c->scope.tenant, &j->user.id, j->invitation.role);
    return db_is_duplicate(e) ? bad_token(c) : e;
}

static error find_invitation(struct ctx *c, struct str token, struct invitation *i)
{
    error e = store_invitation_of_token(c, token_hash(c->arena, token), clock_ms(), i);
    if (error_is(e, ERR_NOT_FOUND))
        return bad_token(c);
    TRY(e);
    c->scope.live = true;
    audit_tell(c, (struct str){0}, (struct str){0}, i->email);
    return NULL;
}

static error prove(struct ctx *c, const struct acceptance *in, struct joining *j)
{
    error e = in->oidc_token.p ? prove_by_token(c, in, j) : prove_by_password(c, in, j);
    if (e) /* perhaps since somebody accepted it meanwhile, and is known by now */
        TRY(find_invitation(c, in->token, &j->invitation));
    return e;
}

static error invitation_accept(struct ctx *c)
{
    const struct acceptance *in = c->req->in;
    struct joining j = {0};
    struct accepted out = {0};
    char text[ID_TEXT + 1];
    TRY(admit_address(c));
    TRY(find_invitation(c, in->token, &j.invitation));
    TRY(store_tenant_get(c, &c->scope.tenant, &out.tenant));
    if (out.tenant.suspended)
        return error_of(ERR_FORBIDDEN);
    TRY(prove(c, in, &j));
    TRY(in_transaction(c, join, &j));
    audit_tell(c, arena_str(c->arena, id_print(text, S("usr_"), &j.user.id)), (struct str){0},
               (struct str){0});
    forget_after_commit(c);
    out.user = j.user;
    out.role = j.invitation.role;
    return reply(c, 200, &accepted_shape, &out);
}

const struct route team_routes[] = {
    {GET, "/tenant", tenant_get, .out = &tenant_details_shape, .flags = R_READ,
     .doc = "The tenant of a credential"},
    {PUT, "/tenant", tenant_update, "admin", .in = &tenant_details_shape,
     .out = &tenant_details_shape, .flags = R_UPDATE | R_LIVE_ONLY, .doc = "Rename the tenant"},
    {GET, "/tenant/members", member_list, "admin", .out = &member_shape, .flags = R_READ | R_LIST,
     .id_prefix = "usr_", .doc = "List who belongs to the tenant", .name = "listMembers"},
    {PUT, "/tenant/members/:usr", member_update, "admin", .in = &member_shape,
     .query = &leaving_shape, .out = &member_shape, .flags = R_UPDATE | R_LIVE_ONLY,
     .doc = "Change a member's role", .name = "updateMember"},
    {DELETE, "/tenant/members/:usr", member_remove, "admin", .query = &leaving_shape, .status = 204,
     .flags = R_LIVE_ONLY, .doc = "Remove a member", .name = "removeMember"},
    {GET, "/tenant/invitations", invitation_list, "admin", .out = &invitation_shape,
     .flags = R_READ | R_LIST, .id_prefix = "inv_", .doc = "List who is invited",
     .name = "listInvitations"},
    {POST, "/tenant/invitations", invitation_create, "admin", .in = &invitation_request_shape,
     .out = &invitation_shape, .status = 201, .flags = R_LIVE_ONLY,
     .doc = "Invite somebody; the link is shown this once", .name = "createInvitation"},
    {DELETE, "/tenant/invitations/:inv", invitation_revoke, "admin", .status = 204,
     .flags = R_LIVE_ONLY, .doc = "Take an invitation back", .name = "revokeInvitation"},
    {POST, "/invitations/accept", invitation_accept, .in = &acceptance_shape,
     .out = &accepted_shape, .flags = R_PUBLIC | R_OUTSIDE | R_NOT_IDEMPOTENT | R_SIGN_IN,
     .doc = "Accept an invitation, once", .name = "acceptInvitation"},
    {0},
};
