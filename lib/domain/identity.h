/* identity.h: tenants, people, keys, and what they may do. */
#ifndef AMP_DOMAIN_IDENTITY_H
#define AMP_DOMAIN_IDENTITY_H

#include "json/shape.h"

/* The numbers are stored: never renumber. */
enum plan { PLAN_NONE, PLAN_FREE, PLAN_PRO, PLAN_ENTERPRISE };
extern const struct names plan_names;

enum role { ROLE_NONE, ROLE_VIEWER, ROLE_APPROVER, ROLE_OPERATOR, ROLE_ADMIN };
extern const struct names role_names;

enum mode { MODE_NONE, MODE_LIVE, MODE_TEST };
extern const struct names mode_names;

/* Scopes count from 1; as a set, bit (1u << SCOPE_…) each. */
enum scope_name {
    SCOPE_NONE,
    SCOPE_MISSIONS_READ,
    SCOPE_MISSIONS_WRITE,
    SCOPE_CONTENT_READ,
    SCOPE_CONTENT_WRITE,
    SCOPE_ANALYTICS_READ,
    SCOPE_INTEGRATIONS_READ,
    SCOPE_INTEGRATIONS_WRITE,
    SCOPE_ADMIN,
    SCOPE_COUNT
};
extern const struct names scope_names;

/* A set with all that its members include: write includes read, admin everything. */
unsigned scopes_implied(unsigned scopes);
/* What a role may do, as scopes. An approver may review besides (R_REVIEW of http/route.h). */
unsigned role_scopes(int role);
/* Set and list of int in the arena. */
unsigned scopes_of_list(const struct list *list);
struct list scopes_list(struct arena *a, unsigned scopes);

struct tenant {
    struct id id;
    struct str name, slug;
    int plan;
    int64_t rate_limit; /* requests a minute; INT_NONE: the plan's */
    bool suspended;
    int64_t created_ms, updated_ms;
};
extern const struct shape tenant_shape;

/* "Acme & Söhne" → "acme-s-hne": lower-case ASCII letters, digits and hyphens, at most 48. */
struct str slug_of(struct arena *a, struct str name);

struct user {
    struct id id;
    struct str email, name, password_hash;
    bool is_operator;
    bool proved; /* the address is theirs, and not only named by an invitation */
    int64_t created_ms, updated_ms;
};
extern const struct shape user_shape;

/* A user with the role held in a tenant, as whoami and signing in show it. */
struct member_view {
    struct id id;
    struct str email, name;
    int role; /* none: the user has left it */
};
extern const struct shape member_view_shape;

/* A user's place in a tenant, as whoami lists it. */
struct membership {
    struct id tenant_id;
    struct str tenant_name;
    int role;
};
extern const struct shape membership_shape;

/* Is this an address that mail could go to? (One @, no white space, a dot in the domain, ≤ 254.) */
bool email_plausible(struct str email);

/* The address as it is stored and compared: with ASCII letters in lower case, and without white
 * space around it. In the arena. */
struct str email_normal(struct arena *a, struct str email);

struct api_key {
    struct id id;
    struct str name, key_prefix;
    struct list scopes; /* of int */
    int64_t scope_bits; /* the same, as stored */
    bool livemode;
    int64_t last_used_ms, expires_ms, rotated_ms;
    struct id created_by;
    int64_t created_ms;
    struct str key;  /* the secret: once, at creation */
    struct str hash; /* hexadecimal SHA-256 */
    int64_t list_total;
};
extern const struct shape api_key_shape;

/* The body that makes a key. */
struct api_key_request {
    struct str name;
    struct list scopes; /* of int */
    int mode;           /* MODE_NONE: that of the creator */
    int64_t expires_in_days;
};
extern const struct shape api_key_request_shape;

/* The body that puts a new key in the place of an old one. */
struct key_rotation {
    int64_t grace_hours;
};
extern const struct shape key_rotation_shape;

/* Who asks: made by authentication, read by gates and handlers (auth/principal.h). */
enum auth_method { AUTH_NONE, AUTH_API_KEY, AUTH_JWT };

struct principal {
    int method;           /* enum auth_method */
    struct id key_id;     /* AUTH_API_KEY */
    struct id session_id; /* AUTH_JWT */
    struct id user_id;    /* the key's creator, the token's subject; may be none */
    struct id tenant_id;
    int role;         /* AUTH_JWT: held in the tenant; ROLE_NONE: the user has no place there */
    bool is_operator; /* AUTH_JWT: of the installation */
    bool live;
    int64_t scopes;     /* as granted; see principal_may() */
    int64_t rate_limit; /* requests a minute */
    int64_t expires_ms; /* of the credential; 0: never */
    int64_t clock_ms;   /* where the tenant's test clock stands; 0: it runs */
    int64_t last_used_ms;
    int plan;
    bool suspended; /* the tenant */
};

/* How people show who they are by a token of the OpenID Connect issuer: two fields of a body, whose
 * struct has oidc_token and nonce. instead_of: what need not be sent then. */
enum { OIDC_TOKEN_MAX = 16384, OIDC_NONCE_MAX = 255 };
#define OIDC_FIELDS(of, instead_of)                                                                \
    {.name = S("oidc_token"),                                                                      \
     .kind = F_TEXT,                                                                               \
     .flags = F_IN | F_HIDDEN | F_NULLABLE,                                                        \
     .at = offsetof(of, oidc_token),                                                               \
     .min = 1,                                                                                     \
     .max = OIDC_TOKEN_MAX,                                                                        \
     .doc = "In place of " instead_of ": an identity token of the OpenID Connect issuer"},         \
    {                                                                                              \
        .name = S("nonce"), .kind = F_TEXT, .flags = F_IN | F_NULLABLE, .at = offsetof(of, nonce), \
        .min = 1, .max = OIDC_NONCE_MAX, .doc = "The nonce that oidc_token must have"              \
    }

#endif
