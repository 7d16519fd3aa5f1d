/* principal.c: what somebody may do. */
#include "auth/principal.h"

#include "base/config.h"

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

void principal_limit(struct principal *p, const struct config *config)
{
    const int64_t limits[] = {0, config->rate_free, config->rate_pro, config->rate_enterprise};
    if (p->rate_limit == INT_NONE)
        p->rate_limit = limits[p->plan];
}
