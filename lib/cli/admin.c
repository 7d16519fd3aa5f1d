/* admin.c: commands about tenants, users and keys. */
#include "cli/command.h"

#include <unistd.h>

#include "auth/passwords.h"
#include "auth/proof.h"
#include "base/clock.h"
#include "db/tx.h"
#include "store/identity.h"

static int answer(struct call *call, const struct shape *shape, const void *object, struct str text)
{
    struct writer w;
    if (call->json) {
        write_init(&w, call->out);
        shape_write(&w, shape, object);
    } else {
        buf_add(call->out, text);
    }
    buf_char(call->out, '\n');
    return 0;
}

/* What this host's processes remember of keys must be read again. */
static void forget(struct call *call)
{
    shm_forget(call->app->shm);
}

static error insert_tenant(struct ctx *c, void *arg)
{
    return store_tenant_insert(c, arg);
}

static int tenant_create(struct call *call)
{
    struct str name = option(call, "name"), plan = option(call, "plan");
    struct str limit = option(call, "rate-limit");
    struct tenant t = {
        .id = id_new(clock_ms()),
        .name = name,
        .slug = slug_of(call->arena, name),
        .plan = plan.p ? names_find(&plan_names, plan) : PLAN_FREE,
        .rate_limit = INT_NONE,
        .created_ms = call->ctx->now_ms,
        .updated_ms = call->ctx->now_ms,
    };
    char id[ID_TEXT + 1];
    error e;
    if (!str_trim(name).n || name.n > 200)
        return complain(call, "--name must be 1 to 200 bytes.");
    if (!t.plan)
        return complain(call, "--plan must be free, pro or enterprise.");
    if (limit.p && (!str_int(limit, &t.rate_limit) || t.rate_limit < 1 || t.rate_limit > 16000000))
        return complain(call, "--rate-limit must be a whole number from 1 to 16000000.");
    call->ctx->scope.tenant = t.id;
    id_print(id, S("tnt_"), &t.id);
    e = change(call, insert_tenant, &t, str_of(id));
    if (db_is_duplicate(e)) { /* the name is taken: tell them apart by the id */
        t.slug = arena_printf(call->arena, "%.*s-%.*s", STR(t.slug), 8, t.id.c + 8);
        e = change(call, insert_tenant, &t, str_of(id));
    }
    if (e)
        return complain_of(call, e);
    return answer(call, &tenant_shape, &t, str_of(id));
}

static int tenant_list(struct call *call)
{
    struct list tenants;
    const struct tenant *t;
    struct writer w;
    struct id after = {{0}};
    error e = store_tenant_page(call->ctx, &after, &tenants);
    if (e)
        return complain_of(call, e);
    t = tenants.at;
    write_init(&w, call->out);
    if (call->json)
        write_open(&w, '[');
    for (size_t i = 0; i < tenants.n; i++) {
        char id[ID_TEXT + 1];
        if (call->json)
            shape_write(&w, &tenant_shape, &t[i]);
        else
            buf_printf(call->out, "%s  %-10.*s  %.*s\n", id_print(id, S("tnt_"), &t[i].id).p,
                       STR(plan_names.at[t[i].plan]), STR(t[i].name));
    }
    if (call->json) {
        write_close(&w, ']');
        buf_char(call->out, '\n');
    }
    return 0;
}

/* The first line of standard input, without its line end; false after complaining. */
static bool read_password(struct call *call, struct str *out)
{
    char *text = arena_alloc(call->arena, PASSWORD_MAX + 2);
    struct str password = {text, 0};
    ssize_t n;
    while (password.n <= PASSWORD_MAX &&
           (n = read(STDIN_FILENO, text + password.n, PASSWORD_MAX + 1 - password.n)) > 0)
        password.n += (size_t)n;
    password = str_cut(&password, '\n');
    if (str_ends(password, S("\r")))
        password.n--;
    *out = password;
    if (password.n >= PASSWORD_MIN && password.n <= PASSWORD_MAX)
        return true;
    complain(call, "The password must have %d to %d bytes.", (int)PASSWORD_MIN, (int)PASSWORD_MAX);
    return false;
}

struct new_member {
    struct user user;
    struct id tenant;
    int role;
};

/* User and membership; the tenant must be there. */
static error insert_member(struct ctx *c, void *arg)
{
    const struct new_member *m = arg;
    struct tenant tenant;
    TRY(store_tenant_get(c, &m->tenant, &tenant));
    TRY(store_user_insert(c, &m->user));
    return store_membership_insert(c, &m->tenant, &m->user.id, m->role);
}

static int user_create(struct call *call)
{
    struct new_member m = {.role = names_find(&role_names, option(call, "role"))};
    struct str email = option(call, "email"), name = option(call, "name");
    struct str password;
    char id[ID_TEXT + 1];
    error e;
    if (!email_plausible(email))
        return complain(call, "--email must be an e-mail address.");
    if (!id_parse(option(call, "tenant"), S("tnt_"), &m.tenant))
        return complain(call, "--tenant must be the id of a tenant, tnt_…");
    if (!m.role)
        return complain(call, "--role must be viewer, operator, approver or admin.");
    if (!read_password(call, &password))
        return 1;
    m.user = (struct user){
        .id = id_new(clock_ms()),
        .email = email_normal(call->arena, email),
        .name = name.p ? name : email,
        .proved = true,
        .created_ms = call->ctx->now_ms,
        .updated_ms = call->ctx->now_ms,
    };
    e = password_make(call->ctx, password, &m.user.password_hash);
    call->ctx->scope.tenant = m.tenant;
    call->detail = role_names.at[m.role];
    id_print(id, S("usr_"), &m.user.id);
    if (!e)
        e = change(call, insert_member, &m, str_of(id));
    if (error_is(e, ERR_NOT_FOUND))
        return complain(call, "There is no such tenant.");
    if (db_is_duplicate(e))
        return complain(call, "There is a user with this e-mail address already.");
    if (e)
        return complain_of(call, e);
    return answer(call, &user_shape, &m.user, str_of(id));
}

struct new_password {
    struct user user;
    struct str hash;
};

static error set_password(struct ctx *c, void *arg)
{
    const struct new_password *p = arg;
    return proof_of_address(c, &p->user.id, p->hash);
}

static int user_password(struct call *call)
{
    struct new_password p = {0};
    struct str password;
    char id[ID_TEXT + 1];
    error e = store_user_by_email(call->ctx, email_normal(call->arena, call->operands[0]), &p.user);
    if (error_is(e, ERR_NOT_FOUND))
        return complain(call, "There is no user with this e-mail address.");
    if (!e && !read_password(call, &password))
        return 1;
    if (!e)
        e = password_make(call->ctx, password, &p.hash);
    if (!e)
        e = change(call, set_password, &p, id_print(id, S("usr_"), &p.user.id));
    if (e)
        return complain_of(call, e);
    forget(call);
    return answer(call, &user_shape, &p.user, str_of(id));
}

/* "a,b" → bits; 0 if there is one we do not know. */
static unsigned parse_scopes(struct str text)
{
    unsigned bits = 0;
    while (text.p) {
        int scope = names_find(&scope_names, str_trim(str_cut(&text, ',')));
        if (!scope)
            return 0;
        bits |= 1u << scope;
    }
    return bits;
}

static error insert_key(struct ctx *c, void *arg)
{
    struct api_key *key = arg;
    struct tenant tenant;
    error e;
    TRY(store_tenant_get(c, &c->scope.tenant, &tenant));
    e = store_first_admin(c, &c->scope.tenant, &key->created_by);
    if (e && !error_is(e, ERR_NOT_FOUND))
        return e;
    return store_key_insert(c, key);
}

static int key_create(struct call *call)
{
    struct str scopes = option(call, "scopes"), name = option(call, "name");
    int mode = names_find(&mode_names, option(call, "mode"));
    struct api_key key = {
        .id = id_new(clock_ms()),
        .name = name.p ? name : S("made on the command line"),
        .created_ms = call->ctx->now_ms,
    };
    char id[ID_TEXT + 1];
    error e;
    if (!id_parse(option(call, "tenant"), S("tnt_"), &call->ctx->scope.tenant))
        return complain(call, "--tenant must be the id of a tenant, tnt_…");
    if (!mode)
        return complain(call, "--mode must be live or test.");
    if (name.p && (!str_trim(name).n || name.n > 200))
        return complain(call, "--name must be 1 to 200 bytes.");
    key.scope_bits = scopes.p ? parse_scopes(scopes) : 1u << SCOPE_ADMIN;
    if (!key.scope_bits)
        return complain(call, "--scopes holds one that is not known.");
    key.scopes = scopes_list(call->arena, (unsigned)key.scope_bits);
    key_make(call->arena, mode == MODE_LIVE, &key);
    e = change(call, insert_key, &key, id_print(id, S("key_"), &key.id));
    if (error_is(e, ERR_NOT_FOUND))
        return complain(call, "There is no such tenant.");
    if (e)
        return complain_of(call, e);
    return answer(call, &api_key_shape, &key, key.key);
}

static error delete_key(struct ctx *c, void *key)
{
    TRY(store_key_tenant(c, key, &c->scope.tenant));
    return store_key_delete_anywhere(c, key);
}

static int key_revoke(struct call *call)
{
    struct id key;
    error e;
    if (!id_parse(call->operands[0], S("key_"), &key))
        return complain(call, "That is not the id of a key (key_…).");
    e = change(call, delete_key, &key, call->operands[0]);
    if (error_is(e, ERR_NOT_FOUND))
        return complain(call, "There is no such key.");
    if (e)
        return complain_of(call, e);
    forget(call);
    if (call->json)
        buf_add(call->out, S("{\"revoked\":true}\n"));
    return 0;
}

const struct command admin_commands[] = {
    {.words = "tenant create",
     .run = tenant_create,
     .needs = C_CONFIG | C_DATABASE,
     .options = {{"name", "N", true, NULL},
                 {"plan", "free|pro|enterprise", false, NULL},
                 {"rate-limit", "N", false, NULL}},
     .doc = "Make a tenant; prints its id. The limit is in requests a minute."},
    {.words = "tenant list",
     .run = tenant_list,
     .needs = C_CONFIG | C_DATABASE,
     .doc = "List the tenants."},
    {.words = "user create",
     .run = user_create,
     .needs = C_CONFIG | C_DATABASE,
     .options = {{"email", "E", true, NULL},
                 {"tenant", "tnt_…", true, NULL},
                 {"role", "viewer|operator|approver|admin", true, NULL},
                 {"password-stdin", NULL, true, NULL},
                 {"name", "N", false, NULL}},
     .doc = "Make a user of a tenant; the password is the first line of standard input."},
    {.words = "user password",
     .run = user_password,
     .operands = "EMAIL",
     .needs = C_CONFIG | C_DATABASE,
     .options = {{"password-stdin", NULL, true, NULL}},
     .doc = "Give a user another password, the first line of standard input. Says that the address"
            " is theirs; all their sessions end."},
    {.words = "key create",
     .run = key_create,
     .needs = C_CONFIG | C_DATABASE,
     .options = {{"tenant", "tnt_…", true, NULL},
                 {"mode", "live|test", true, NULL},
                 {"scopes", "a,b", false, NULL},
                 {"name", "N", false, NULL}},
     .doc = "Make an API key and print it, this once. Default scope: admin."},
    {.words = "key revoke",
     .run = key_revoke,
     .operands = "key_…",
     .needs = C_CONFIG | C_DATABASE,
     .doc = "Revoke an API key, at once."},
    {0},
};
