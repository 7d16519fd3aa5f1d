/* team.h: who belongs to a tenant, and who is invited to. */
#ifndef AMP_DOMAIN_TEAM_H
#define AMP_DOMAIN_TEAM_H

#include "domain/identity.h"

enum { INVITATION_DAYS = 7, NEW_PASSWORD_MIN = 10, NEW_PASSWORD_MAX = 256 /* characters */ };

/* A tenant as its own people see it. */
extern const struct shape tenant_details_shape; /* of struct tenant */

struct member {
    struct id id; /* of the user */
    struct str email, name;
    int role;
    int64_t created_ms; /* of the membership */
};
extern const struct shape member_shape;

struct invitation {
    struct id id;
    struct str email;
    int role;
    struct str invited_by; /* "usr_…" or "key_…" */
    struct id user;        /* behind it: of a key, who made it; none: nobody known */
    int64_t expires_ms, created_ms;
    struct str token, url; /* once, at creation */
    struct str hash;       /* hexadecimal SHA-256 of the token */
};
extern const struct shape invitation_shape;

/* The body that invites. */
struct invitation_request {
    struct str email;
    int role;
    int64_t expires_in_days;
};
extern const struct shape invitation_request_shape;

/* The body that accepts. */
struct acceptance {
    struct str token;
    struct str name; /* of a new user; none: the e-mail address */
    struct str password, new_password;
    struct str oidc_token, nonce; /* in place of both passwords */
};

/* How somebody leaves a role, as a query says. */
struct leaving {
    bool keep_keys;
};
extern const struct shape leaving_shape;
extern const struct shape acceptance_shape;

/* What accepting answers. */
struct accepted {
    struct user user;
    struct tenant tenant;
    int role;
};
extern const struct shape accepted_shape;

#endif
