/* auth.c: signing in and out. How passwords, tokens and sessions are checked is auth/'s. */
#include "api/routes.h"
#include "api/signin.h"

#include "auth/passwords.h"
#include "auth/sessions.h"
#include "base/clock.h"
#include "db/db.h"
#include "db/tx.h"
#include "frame/app.h"
#include "frame/audit.h"
#include "frame/serve.h"
#include "http/reply.h"
#include "store/identity.h"
#include "store/session.h"

struct login {
    struct str email, password, oidc_token, nonce;
    struct id tenant;
    int mode; /* MODE_NONE: live */
};
#define AT(member) offsetof(struct login, member)
static const struct field login_fields[] = {
    {.name = S("email"),
     .kind = F_TEXT,
     .flags = F_IN,
     .at = AT(email),
     .min = 1,
     .max = 254,
     .doc = "Address of the user",
     .example = "\"ada@example.com\""},
    {.name = S("password"),
     .kind = F_TEXT,
     .flags = F_IN | F_HIDDEN,
     .at = AT(password),
     .min = 1,
     .max = PASSWORD_MAX,
     .doc = "Password of the user",
     .example = "\"correct horse battery staple\""},
    OIDC_FIELDS(struct login, "both"),
    {.name = S("tenant_id"),
     .kind = F_ID,
     .flags = F_IN | F_NULLABLE,
     .at = AT(tenant),
     .prefix = S("tnt_"),
     .doc = "Where to work; default: the oldest tenant of the user"},
    {.name = S("mode"),
     .kind = F_ENUM,
     .flags = F_IN,
     .at = AT(mode),
     .values = &mode_names,
     .doc = "live or test; default live"},
};
#undef AT
static const struct login no_login = {.mode = MODE_NONE};

/* One way or the other. */
static error one_way(struct arena *a, void *object)
{
    const struct login *in = object;
    if (in->oidc_token.p && (in->email.p || in->password.p))
        return error_at(a, ERR_INVALID_REQUEST, S("oidc_token"),
                        "Must not be sent with email and password.");
    if (!in->oidc_token.p && !in->email.p)
        return error_at(a, ERR_INVALID_REQUEST, S("email"), "This field is required.");
    if (!in->oidc_token.p && !in->password.p)
        return error_at(a, ERR_INVALID_REQUEST, S("password"), "This field is required.");
    return NULL;
}

static const struct shape login_shape =
    SHAPE_INIT("login", struct login, login_fields, &no_login, one_way);

struct refresh {
    struct str refresh_token;
};
#define AT(member) offsetof(struct refresh, member)
static const struct field refresh_fields[] = {
    {.name = S("refresh_token"),
     .kind = F_TEXT,
     .flags = F_IN | F_REQUIRED | F_HIDDEN,
     .at = AT(refresh_token),
     .min = 1,
     .max = 200,
     .doc = "The newest refresh token of the session",
     .example = "\"amp_refresh_…\""},
};
#undef AT
static const struct shape refresh_shape = SHAPE("refresh", struct refresh, refresh_fields);

struct new_password {
    struct str current_password, new_password;
};
#define AT(member) offsetof(struct new_password, member)
static const struct field new_password_fields[] = {
    {.name = S("current_password"),
     .kind = F_TEXT,
     .flags = F_IN | F_REQUIRED | F_HIDDEN,
     .at = AT(current_password),
     .min = 1,
     .max = PASSWORD_MAX,
     .doc = "Password of the user until now",
     .example = "\"correct horse battery\""},
    {.name = S("new_password"),
     .kind = F_TEXT,
     .flags = F_IN | F_REQUIRED | F_HIDDEN,
     .at = AT(new_password),
     .min = PASSWORD_MIN,
     .max = PASSWORD_MAX,
     .doc = "Password from now on",
     .example = "\"battery staple correct\""},
};
#undef AT
static const struct shape new_password_shape =
    SHAPE("new_password", struct new_password, new_password_fields);

struct signed_in {
    struct grant grant;
    struct str type;
    struct member_view user;
    struct tenant tenant;
};
#define AT(member) offsetof(struct signed_in, member)
static const struct field signed_in_fields[] = {
    {.name = S("token"),
     .kind = F_TEXT,
     .at = AT(grant.token),
     .doc = "Access token, for Authorization: Bearer",
     .example = "\"eyJhbGciOiJIUzI1NiIs…\""},
    {.name = S("token_type"),
     .kind = F_TEXT,
     .at = AT(type),
     .doc = "Bearer",
     .example = "\"Bearer\""},
    {.name = S("expires_at"),
     .kind = F_TIME,
     .at = AT(grant.expires_ms),
     .doc = "When the access token ends"},
    {.name = S("refresh_token"),
     .kind = F_TEXT,
     .at = AT(grant.refresh_token),
     .doc = "Good once, for the next pair of tokens",
     .example = "\"amp_refresh_…\""},
    {.name = S("refresh_expires_at"),
     .kind = F_TIME,
     .at = AT(grant.refresh_expires_ms),
     .doc = "When the session ends, unless it is refreshed before"},
    {.name = S("user"),
     .kind = F_OBJECT,
     .at = AT(user),
     .shape = &member_view_shape,
     .doc = "Who is signed in"},
    {.name = S("tenant"),
     .kind = F_OBJECT,
     .at = AT(tenant),
     .shape = &tenant_shape,
     .doc = "Where they work"},
};
#undef AT
static const struct shape signed_in_shape = SHAPE("signed_in", struct signed_in, signed_in_fields);

struct signed_out {
    bool success;
};
static const struct field signed_out_fields[] = {
    {.name = S("success"), .kind = F_BOOL, .doc = "It is done"},
};
static const struct shape signed_out_shape =
    SHAPE("signed_out", struct signed_out, signed_out_fields);

static error not_there(struct ctx *c)
{
    return error_at(c->arena, ERR_FORBIDDEN, S("tenant_id"),
                    "This user does not reach that tenant.");
}

/* What the user is in the tenant of the grant; ERR_FORBIDDEN if nothing. */
static error take_place_in(struct ctx *c, const struct user *user, struct signed_in *out)
{
    int role = ROLE_NONE;
    error e = store_tenant_get(c, &out->grant.tenant, &out->tenant);
    if (error_is(e, ERR_NOT_FOUND) || (!e && out->tenant.suspended))
        return not_there(c);
    TRY(e);
    e = store_membership_role(c, &out->grant.tenant, &user->id, &role);
    if (e && !error_is(e, ERR_NOT_FOUND))
        return e;
    if (user->is_operator)
        role = ROLE_ADMIN;
    out->user = (struct member_view){user->id, user->email, user->name, role};
    return role ? NULL : not_there(c);
}

/* The first tenant of the user; none if there is none, or no user. */
static error first_tenant(struct ctx *c, const struct user *user, struct id *out)
{
    struct list all;
    const struct membership *m;
    TRY(store_memberships_of(c, &user->id, &all));
    m = all.at;
    *out = all.n ? m->tenant_id : (struct id){{0}};
    return NULL;
}

static struct str ses_text(struct ctx *c, const struct id *session)
{
    char text[ID_TEXT + 1];
    return arena_str(c->arena, id_print(text, S("ses_"), session));
}

static struct str usr_text(struct ctx *c, const struct id *user)
{
    char text[ID_TEXT + 1];
    return id_is_none(user) ? (struct str){0}
                            : arena_str(c->arena, id_print(text, S("usr_"), user));
}

/* For the audit log: who signs in, and in whose log it stands. */
static void tell(struct ctx *c, const struct grant *g)
{
    c->scope = (struct scope){g->tenant, g->live};
    audit_tell(c, usr_text(c, &g->user),
               id_is_none(&g->session) ? (struct str){0} : ses_text(c, &g->session),
               (struct str){0});
}

struct beginning {
    struct proof proof;
    struct grant grant;
    bool ended; /* sessions have */
};

static error begin(struct ctx *c, void *arg)
{
    struct beginning *b = arg;
    TRY(proof_settle(c, &b->proof, &b->ended));
    return session_begin(c, &b->grant, &b->ended);
}

static error reply_signed_in(struct ctx *c, struct signed_in *in)
{
    in->type = S("Bearer");
    return reply(c, 200, &signed_in_shape, in);
}

static error show(struct ctx *c, const struct login *in, struct proof *out)
{
    TRY(admit_address(c));
    if (!in->oidc_token.p)
        return show_password(c, in->email, in->password, out);
    TRY(show_token(c, in->oidc_token, in->nonce, out));
    return id_is_none(&out->user.id) ? error_of(ERR_INVALID_CREDENTIALS) : NULL;
}

/* Whose sign-in it is that has to wait, if that is going to be written down. */
static error who_waits(struct ctx *c, const struct login *in, struct user *out)
{
    error e;
    if (!c->req->audit.throttled || !in->email.p)
        return NULL;
    e = store_user_by_email(c, email_normal(c->arena, in->email), out);
    return error_is(e, ERR_NOT_FOUND) ? NULL : e;
}

static error login(struct ctx *c)
{
    const struct login *in = c->req->in;
    struct beginning b = {0};
    struct signed_in out = {0};
    error e = show(c, in, &b.proof);
    if (error_is(e, ERR_RATE_LIMIT_EXCEEDED))
        TRY(who_waits(c, in, &b.proof.user));
    else if (e && e->status != 401)
        return e;
    b.grant = (struct grant){.user = b.proof.user.id, .live = in->mode != MODE_TEST};
    TRY(first_tenant(c, &b.proof.user,
                     &b.grant.tenant)); /* of an unknown user too: the same work */
    tell(c, &b.grant);
    TRY(e);
    if (!id_is_none(&in->tenant))
        b.grant.tenant = in->tenant;
    out.grant = b.grant;
    TRY(take_place_in(c, &b.proof.user, &out));
    TRY(in_transaction(c, begin, &b));
    if (b.ended)
        forget_after_commit(c);
    out.grant = b.grant;
    tell(c, &out.grant);
    return reply_signed_in(c, &out);
}

struct exchange {
    struct str refresh_token;
    struct signed_in out;
    bool refused, ended;
};

/* Who has no place left in the session's tenant has to sign in anew, to another one. */
static error exchange(struct ctx *c, void *arg)
{
    struct exchange *x = arg;
    struct user user;
    error e;
    TRY(session_refresh(c, x->refresh_token, &x->out.grant, &x->refused, &x->ended));
    if (x->refused)
        return NULL;
    e = store_user_get(c, &x->out.grant.user, &user);
    if (!e)
        e = take_place_in(c, &user, &x->out);
    if (!error_is(e, ERR_NOT_FOUND) && !error_is(e, ERR_FORBIDDEN))
        return e;
    x->refused = x->ended = true;
    return store_session_delete(c, &x->out.grant.session);
}

/* The end of a session has to be committed although the answer is an error. */
static error refresh(struct ctx *c)
{
    const struct refresh *in = c->req->in;
    struct exchange x = {.refresh_token = in->refresh_token};
    TRY(in_transaction(c, exchange, &x));
    tell(c, &x.out.grant);
    if (x.ended)
        forget_after_commit(c);
    return x.refused ? error_of(ERR_INVALID_TOKEN) : reply_signed_in(c, &x.out);
}

static error logout(struct ctx *c)
{
    const struct signed_out done = {true};
    if (c->who->method != AUTH_JWT)
        return error_at(c->arena, ERR_FORBIDDEN, (struct str){0},
                        "An API key has no session; revoke it instead.");
    TRY(store_session_delete(c, &c->who->session_id));
    audit_tell(c, (struct str){0}, ses_text(c, &c->who->session_id), (struct str){0});
    forget_after_commit(c);
    return reply(c, 200, &signed_out_shape, &done);
}

struct change {
    struct user user;
    struct str hash;
};

/* Not 401, which would say that the token is not good. */
static error wrong_password(struct ctx *c)
{
    return error_at(c->arena, ERR_FORBIDDEN, S("current_password"),
                    "This is not the password of the user.");
}

static error set_password(struct ctx *c, void *arg)
{
    const struct change *x = arg;
    error e = store_user_set_password(c, &x->user.id, x->user.password_hash, x->hash, clock_ms());
    if (error_is(e, ERR_NOT_FOUND)) /* changed a moment ago, by somebody else */
        return wrong_password(c);
    TRY(e);
    return store_session_delete_others(c, &x->user.id, &c->who->session_id);
}

/* Who holds a token need not be the user: the password is asked for, and cannot be guessed here
 * either. */
static error check_password(struct ctx *c, struct str password, struct user *user)
{
    struct proof proof;
    error e;
    TRY(admit_address(c));
    TRY(store_user_get(c, &c->who->user_id, user));
    e = show_password(c, user->email, password, &proof);
    *user = proof.user;
    return error_is(e, ERR_INVALID_CREDENTIALS) ? wrong_password(c) : e;
}

static error password_change(struct ctx *c)
{
    const struct new_password *in = c->req->in;
    struct change x;
    if (c->who->method != AUTH_JWT)
        return error_at(c->arena, ERR_FORBIDDEN, (struct str){0}, "An API key has no password.");
    audit_tell(c, (struct str){0}, usr_text(c, &c->who->user_id), (struct str){0});
    TRY(check_password(c, in->current_password, &x.user));
    TRY(password_make(c, in->new_password, &x.hash));
    TRY(in_transaction(c, set_password, &x));
    forget_after_commit(c);
    return reply_empty(c);
}

const struct route auth_routes[] = {
    {POST, "/auth/login", login, .in = &login_shape, .out = &signed_in_shape,
     .flags = R_PUBLIC | R_OUTSIDE | R_NOT_IDEMPOTENT | R_SIGN_IN, .doc = "Sign in",
     .name = "login"},
    {POST, "/auth/refresh", refresh, .in = &refresh_shape, .out = &signed_in_shape,
     .flags = R_PUBLIC | R_OUTSIDE | R_NOT_IDEMPOTENT,
     .doc = "Exchange a refresh token for new tokens", .name = "refreshToken"},
    {POST, "/auth/logout", logout, .in = &empty_shape, .out = &signed_out_shape,
     .flags = R_ACTION | R_NOT_IDEMPOTENT | R_LEAVE, .doc = "End the session, at once",
     .name = "logout"},
    {PUT, "/auth/password", password_change, .in = &new_password_shape, .status = 204,
     .flags = R_OUTSIDE | R_SIGN_IN, .doc = "Change the password; other sessions end",
     .name = "changePassword"},
    {0},
};
