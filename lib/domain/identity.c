/* identity.c: names, shapes and rules of tenants, people and keys. No credentials are checked here.
 */
#include "domain/identity.h"

#include "base/utf8.h"

static const struct str plan_list[] = {{0}, S("free"), S("pro"), S("enterprise")};
const struct names plan_names = NAMES(plan_list);

static const struct str role_list[] = {{0}, S("viewer"), S("approver"), S("operator"), S("admin")};
const struct names role_names = NAMES(role_list);

static const struct str mode_list[] = {{0}, S("live"), S("test")};
const struct names mode_names = NAMES(mode_list);

static const struct str scope_list[] = {
    {0},
    S("missions:read"),
    S("missions:write"),
    S("content:read"),
    S("content:write"),
    S("analytics:read"),
    S("integrations:read"),
    S("integrations:write"),
    S("admin"),
};
const struct names scope_names = NAMES(scope_list);

unsigned scopes_implied(unsigned scopes)
{
    static const struct {
        enum scope_name write, read;
    } pairs[] = {
        {SCOPE_MISSIONS_WRITE, SCOPE_MISSIONS_READ},
        {SCOPE_CONTENT_WRITE, SCOPE_CONTENT_READ},
        {SCOPE_INTEGRATIONS_WRITE, SCOPE_INTEGRATIONS_READ},
    };
    if (scopes & 1u << SCOPE_ADMIN)
        return (1u << SCOPE_COUNT) - 2; /* all but SCOPE_NONE */
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (scopes & 1u << pairs[i].write)
            scopes |= 1u << pairs[i].read;
    }
    return scopes;
}

unsigned role_scopes(int role)
{
    enum {
        READS = 1 << SCOPE_MISSIONS_READ | 1 << SCOPE_CONTENT_READ | 1 << SCOPE_ANALYTICS_READ |
                1 << SCOPE_INTEGRATIONS_READ
    };
    static const unsigned scopes[] = {
        [ROLE_VIEWER] = READS,
        [ROLE_APPROVER] = READS,
        [ROLE_OPERATOR] = READS | 1 << SCOPE_MISSIONS_WRITE | 1 << SCOPE_CONTENT_WRITE,
        [ROLE_ADMIN] = 1 << SCOPE_ADMIN,
    };
    return scopes[role];
}

unsigned scopes_of_list(const struct list *list)
{
    const int *scope = list->at;
    unsigned bits = 0;
    for (size_t i = 0; i < list->n; i++)
        bits |= 1u << scope[i];
    return bits;
}

struct list scopes_list(struct arena *a, unsigned scopes)
{
    int *list = arena_array(a, SCOPE_COUNT, sizeof *list);
    size_t n = 0;
    for (int s = 1; s < SCOPE_COUNT; s++) {
        if (scopes & 1u << s)
            list[n++] = s;
    }
    return (struct list){list, n};
}

struct str slug_of(struct arena *a, struct str name)
{
    enum { SLUG_MAX = 48 };
    char *slug = arena_alloc(a, SLUG_MAX + 1);
    size_t n = 0;
    for (size_t i = 0; i < name.n && n < SLUG_MAX; i++) {
        char c = name.p[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            slug[n++] = c;
        else if (n && slug[n - 1] != '-')
            slug[n++] = '-';
    }
    while (n && slug[n - 1] == '-')
        n--;
    return n ? (struct str){slug, n} : S("tenant");
}

struct str email_normal(struct arena *a, struct str email)
{
    struct str bare = str_trim(email); /* as the database compares it: else each space more would
                                        * be another account to the counter of failures */
    char *lower = arena_cstr(a, bare);
    for (size_t i = 0; i < bare.n; i++) {
        if (lower[i] >= 'A' && lower[i] <= 'Z')
            lower[i] = (char)(lower[i] - 'A' + 'a');
    }
    return (struct str){lower, bare.n};
}

bool email_plausible(struct str email)
{
    struct str domain = email;
    struct str local = str_cut(&domain, '@');
    if (email.n > 254 || !local.n || !domain.n || !utf8_valid(email))
        return false;
    for (size_t i = 0; i < email.n; i++) {
        unsigned char c = (unsigned char)email.p[i];
        if (c <= ' ' || c == 0x7F || (i > local.n && c == '@'))
            return false;
    }
    return domain.p[0] != '.' && domain.p[domain.n - 1] != '.' && str_cut(&domain, '.').n &&
           domain.p;
}

#define AT(member) offsetof(struct tenant, member)
static const struct field tenant_fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(id), .prefix = S("tnt_"), .doc = "Tenant id"},
    {.name = S("name"),
     .kind = F_TEXT,
     .at = AT(name),
     .doc = "What people call it",
     .example = "\"Acme\""},
    {.name = S("slug"),
     .kind = F_TEXT,
     .at = AT(slug),
     .doc = "Short name, unique",
     .example = "\"acme\""},
    {.name = S("plan"), .kind = F_ENUM, .at = AT(plan), .values = &plan_names, .doc = "Plan"},
};
#undef AT
const struct shape tenant_shape = SHAPE("tenant", struct tenant, tenant_fields);

#define AT(member) offsetof(struct user, member)
static const struct field user_fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(id), .prefix = S("usr_"), .doc = "User id"},
    {.name = S("email"),
     .kind = F_TEXT,
     .at = AT(email),
     .doc = "Address to sign in with",
     .example = "\"ada@example.com\""},
    {.name = S("name"),
     .kind = F_TEXT,
     .at = AT(name),
     .doc = "Full name",
     .example = "\"Ada Lovelace\""},
};
#undef AT
const struct shape user_shape = SHAPE("user", struct user, user_fields);

#define AT(member) offsetof(struct member_view, member)
static const struct field member_view_fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(id), .prefix = S("usr_"), .doc = "User id"},
    {.name = S("email"),
     .kind = F_TEXT,
     .at = AT(email),
     .doc = "Address to sign in with",
     .example = "\"ada@example.com\""},
    {.name = S("name"),
     .kind = F_TEXT,
     .at = AT(name),
     .doc = "Full name",
     .example = "\"Ada Lovelace\""},
    {.name = S("role"),
     .kind = F_ENUM,
     .flags = F_NULLABLE,
     .at = AT(role),
     .values = &role_names,
     .doc = "What the user may do in this tenant",
     .example = "\"admin\""},
};
#undef AT
const struct shape member_view_shape = SHAPE("whoami_user", struct member_view, member_view_fields);

#define AT(member) offsetof(struct membership, member)
static const struct field membership_fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(tenant_id), .prefix = S("tnt_"), .doc = "Tenant id"},
    {.name = S("name"),
     .kind = F_TEXT,
     .at = AT(tenant_name),
     .doc = "Tenant name",
     .example = "\"Acme\""},
    {.name = S("role"),
     .kind = F_ENUM,
     .at = AT(role),
     .values = &role_names,
     .doc = "What the user may do there"},
};
#undef AT
const struct shape membership_shape = SHAPE("membership", struct membership, membership_fields);

static const struct field scope_item = {.kind = F_ENUM, .values = &scope_names};

#define AT(member) offsetof(struct api_key, member)
static const struct field api_key_fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(id), .prefix = S("key_"), .doc = "Key id"},
    {.name = S("name"),
     .kind = F_TEXT,
     .at = AT(name),
     .doc = "What people call it",
     .example = "\"CI deployment\""},
    {.name = S("key_prefix"),
     .kind = F_TEXT,
     .at = AT(key_prefix),
     .doc = "The first four random characters, to tell keys apart",
     .example = "\"a1B2\""},
    {.name = S("scopes"),
     .kind = F_LIST,
     .at = AT(scopes),
     .item = &scope_item,
     .doc = "What it may do"},
    {.name = S("livemode"), .kind = F_BOOL, .at = AT(livemode), .doc = "Live or test data?"},
    {.name = S("last_used_at"),
     .kind = F_TIME,
     .flags = F_NULLABLE,
     .at = AT(last_used_ms),
     .doc = "Last use, to the minute"},
    {.name = S("expires_at"),
     .kind = F_TIME,
     .flags = F_NULLABLE,
     .at = AT(expires_ms),
     .doc = "End; null: none"},
    {.name = S("created_by"),
     .kind = F_ID,
     .flags = F_NULLABLE,
     .at = AT(created_by),
     .prefix = S("usr_"),
     .doc = "Whom it speaks for",
     .example = "\"usr_2xK9mPqR4vN8sT3w\""},
    {.name = S("created_at"), .kind = F_TIME, .at = AT(created_ms), .doc = "Creation time"},
    {.name = S("key"),
     .kind = F_TEXT,
     .flags = F_ABSENT,
     .at = AT(key),
     .doc = "The key itself; only in the answer that creates it",
     .example = "\"amp_test_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6\""},
};
#undef AT
const struct shape api_key_shape = SHAPE("api_key", struct api_key, api_key_fields);

static const struct api_key_request request_default = {.expires_in_days = INT_NONE};
#define AT(member) offsetof(struct api_key_request, member)
static const struct field request_fields[] = {
    {.name = S("name"),
     .kind = F_TEXT,
     .flags = F_IN | F_REQUIRED | F_NOT_BLANK,
     .at = AT(name),
     .min = 1,
     .max = 200,
     .doc = "What people call it",
     .example = "\"CI deployment\""},
    {.name = S("scopes"),
     .kind = F_LIST,
     .flags = F_IN | F_REQUIRED | F_UNIQUE,
     .at = AT(scopes),
     .min = 1,
     .max = SCOPE_COUNT,
     .item = &scope_item,
     .doc = "What it may do",
     .example = "[\"missions:read\"]"},
    {.name = S("mode"),
     .kind = F_ENUM,
     .flags = F_IN,
     .at = AT(mode),
     .values = &mode_names,
     .doc = "live or test; default that of the creating key"},
    {.name = S("expires_in_days"),
     .kind = F_INT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(expires_in_days),
     .min = 1,
     .max = 3650,
     .doc = "Days until it ends; null: never"},
};
#undef AT
const struct shape api_key_request_shape =
    SHAPE_INIT("api_key_request", struct api_key_request, request_fields, &request_default, NULL);

static const struct key_rotation rotation_default = {.grace_hours = 24};
#define AT(member) offsetof(struct key_rotation, member)
static const struct field rotation_fields[] = {
    {.name = S("grace_hours"),
     .kind = F_INT,
     .flags = F_IN,
     .at = AT(grace_hours),
     .max = 168,
     .doc = "How long the old key lives on; default 24, 0: not at all"},
};
#undef AT
const struct shape key_rotation_shape =
    SHAPE_INIT("key_rotation", struct key_rotation, rotation_fields, &rotation_default, NULL);
