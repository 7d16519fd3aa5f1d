/* access.c: commands about who may reach the whole installation, and what signs their tokens. */
#include "cli/command.h"

#include "auth/signing.h"
#include "base/clock.h"
#include "store/identity.h"

struct operator_change {
    struct user user;
    bool on;
};

static error set_operator(struct ctx *c, void *arg)
{
    const struct operator_change *grant = arg;
    return store_user_set_operator(c, &grant->user.id, grant->on);
}

static int user_operator(struct call *call)
{
    struct operator_change grant = {
        .on = !option(call, "remove").p,
    };
    char id[ID_TEXT + 1];
    error e =
        store_user_by_email(call->ctx, email_normal(call->arena, call->operands[0]), &grant.user);
    if (!e && grant.on && !grant.user.proved)
        return complain(call, "Nobody has proved that the address is this user's: see amp user"
                              " password.");
    if (!e)
        e = change(call, set_operator, &grant, id_print(id, S("usr_"), &grant.user.id));
    if (error_is(e, ERR_NOT_FOUND))
        return complain(call, "There is no user with this e-mail address.");
    if (e)
        return complain_of(call, e);
    shm_forget(call->app->shm);
    if (call->json)
        buf_printf(call->out, "{\"operator\":%s}\n", grant.on ? "true" : "false");
    return 0;
}

struct rotation {
    bool revoke;
    struct token_key key;
};

static error rotate(struct ctx *c, void *arg)
{
    struct rotation *rotation = arg;
    return signing_rotate(c, rotation->revoke, &rotation->key);
}

static int jwt_rotate(struct call *call)
{
    struct rotation rotation = {.revoke = option(call, "revoke").p != NULL};
    error e = change(call, rotate, &rotation, (struct str){0});
    if (e)
        return complain_of(call, e);
    shm_forget(call->app->shm);
    buf_printf(call->out, call->json ? "{\"kid\":\"%.*s\"}\n" : "%.*s\n",
               STR(id_str(&rotation.key.id)));
    return 0;
}

const struct command access_commands[] = {
    {.words = "user operator",
     .run = user_operator,
     .operands = "EMAIL",
     .needs = C_CONFIG | C_DATABASE,
     .options = {{"remove", NULL, false, NULL}},
     .doc = "Make a user an operator of the installation, who is admin of every tenant; or, with"
            " --remove, no longer."},
    {.words = "jwt rotate",
     .run = jwt_rotate,
     .needs = C_CONFIG | C_DATABASE,
     .options = {{"revoke", NULL, false, NULL}},
     .doc = "Sign access tokens with a new key, and print its id. What is out stays good until it"
            " expires; with --revoke it does not, and clients have to refresh."},
    {0},
};
