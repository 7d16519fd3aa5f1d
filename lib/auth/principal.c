/* principal.c: what somebody may do. */
#include "auth/principal.h"

#include "base/clock.h"
#include "base/config.h"
#include "store/identity.h"

bool principal_may(const struct principal *p, const char *scope)
{
    int wanted = scope ? names_find(&scope_names, str_of(scope)) : SCOPE_NONE;
    if (!scope)
        return true;
    return wanted && scopes_implied((unsigned)p->scopes) & 1u << wanted;
}

struct str principal_text(struct arena *a, const struct principal *p)
{
    char text[ID_TEXT + 1];
    if (p->method == AUTH_JWT)
        return arena_str(a, id_print(text, S("usr_"), &p->user_id));
    return arena_str(a, id_print(text, S("key_"), &p->key_id));
}

static error confirm_key(struct ctx *c)
{
    error e = store_key_hold(c, &c->who->key_id, clock_ms());
    return error_is(e, ERR_NOT_FOUND) ? error_of(ERR_UNAUTHORIZED) : e;
}

static error confirm_user(struct ctx *c)
{
    struct user user;
    int role = ROLE_NONE;
    error e = store_user_get(c, &c->who->user_id, &user);
    if (!e && user.is_operator)
        return NULL;
    if (!e)
        e = store_membership_role(c, &c->scope.tenant, &c->who->user_id, &role);
    if (e && !error_is(e, ERR_NOT_FOUND))
        return e;
    return role == ROLE_ADMIN ? NULL : error_of(ERR_FORBIDDEN);
}

error principal_confirm(struct ctx *c)
{
    return c->who->method == AUTH_JWT ? confirm_user(c) : confirm_key(c);
}

void principal_limit(struct principal *p, const struct config *config)
{
    const int64_t limits[] = {0, config->rate_free, config->rate_pro, config->rate_enterprise};
    if (p->rate_limit == INT_NONE)
        p->rate_limit = limits[p->plan];
}
