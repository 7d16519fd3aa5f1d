/* principal.c: what somebody may do. */
#include "auth/principal.h"

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
