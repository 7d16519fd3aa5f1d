/* team.c: how tenants, members and invitations look. */
#include "domain/team.h"

#define AT(member) offsetof(struct tenant, member)
static const struct field tenant_fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(id), .prefix = S("tnt_"), .doc = "Tenant id"},
    {.name = S("name"),
     .kind = F_TEXT,
     .flags = F_IN | F_NOT_BLANK,
     .at = AT(name),
     .min = 1,
     .max = 200,
     .doc = "What people call it",
     .example = "\"Acme\""},
    {.name = S("slug"),
     .kind = F_TEXT,
     .at = AT(slug),
     .doc = "Short name, unique",
     .example = "\"acme\""},
    {.name = S("plan"), .kind = F_ENUM, .at = AT(plan), .values = &plan_names, .doc = "Plan"},
    {.name = S("rate_limit"),
     .kind = F_INT,
     .at = AT(rate_limit),
     .doc = "Requests a minute, in each mode"},
    {.name = S("created_at"), .kind = F_TIME, .at = AT(created_ms), .doc = "Creation time"},
    {.name = S("updated_at"), .kind = F_TIME, .at = AT(updated_ms), .doc = "Last change"},
};
#undef AT
const struct shape tenant_details_shape = SHAPE("tenant_details", struct tenant, tenant_fields);

#define AT(field) offsetof(struct member, field)
static const struct field member_fields[] = {
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
     .flags = F_IN,
     .at = AT(role),
     .values = &role_names,
     .doc = "What the user may do in this tenant"},
    {.name = S("created_at"), .kind = F_TIME, .at = AT(created_ms), .doc = "Member since"},
};
#undef AT
const struct shape member_shape = SHAPE("member", struct member, member_fields);

#define AT(member) offsetof(struct invitation, member)
static const struct field invitation_fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(id), .prefix = S("inv_"), .doc = "Invitation id"},
    {.name = S("email"),
     .kind = F_TEXT,
     .at = AT(email),
     .doc = "Who is invited",
     .example = "\"ada@example.com\""},
    {.name = S("role"),
     .kind = F_ENUM,
     .at = AT(role),
     .values = &role_names,
     .doc = "What they will be allowed"},
    {.name = S("invited_by"),
     .kind = F_TEXT,
     .at = AT(invited_by),
     .doc = "The user or key that invited",
     .example = "\"usr_2xK9mPqR4vN8sT3w\""},
    {.name = S("expires_at"), .kind = F_TIME, .at = AT(expires_ms), .doc = "Until when it is good"},
    {.name = S("created_at"), .kind = F_TIME, .at = AT(created_ms), .doc = "Creation time"},
    {.name = S("token"),
     .kind = F_TEXT,
     .flags = F_ABSENT,
     .at = AT(token),
     .doc = "What accepts it, once; only in the answer that creates it",
     .example = "\"inv_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V\""},
    {.name = S("url"),
     .kind = F_TEXT,
     .flags = F_ABSENT,
     .at = AT(url),
     .doc = "The link for whoever is invited; only in the answer that creates it",
     .example = "\"https://amp.example.org/#/invitation/inv_a1B2c3…\""},
};
#undef AT
const struct shape invitation_shape = SHAPE("invitation", struct invitation, invitation_fields);

static const struct invitation_request invitation_default = {.expires_in_days = INVITATION_DAYS};

static error check_email(struct arena *a, void *object)
{
    const struct invitation_request *r = object;
    if (email_plausible(r->email))
        return NULL;
    return error_at(a, ERR_INVALID_REQUEST, S("email"), "Must be an e-mail address.");
}

#define AT(member) offsetof(struct invitation_request, member)
static const struct field request_fields[] = {
    {.name = S("email"),
     .kind = F_TEXT,
     .flags = F_IN | F_REQUIRED,
     .at = AT(email),
     .min = 3,
     .max = 254,
     .doc = "Who is invited",
     .example = "\"ada@example.com\""},
    {.name = S("role"),
     .kind = F_ENUM,
     .flags = F_IN | F_REQUIRED,
     .at = AT(role),
     .values = &role_names,
     .doc = "What they will be allowed"},
    {.name = S("expires_in_days"),
     .kind = F_INT,
     .flags = F_IN,
     .at = AT(expires_in_days),
     .min = 1,
     .max = 30,
     .doc = "Days until it ends; default 7"},
};
#undef AT
const struct shape invitation_request_shape =
    SHAPE_INIT("invitation_request", struct invitation_request, request_fields, &invitation_default,
               check_email);

#define AT(member) offsetof(struct acceptance, member)
static const struct field acceptance_fields[] = {
    {.name = S("token"),
     .kind = F_TEXT,
     .flags = F_IN | F_REQUIRED | F_HIDDEN,
     .at = AT(token),
     .min = 1,
     .max = 100,
     .doc = "That of the invitation",
     .example = "\"inv_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V\""},
    {.name = S("name"),
     .kind = F_TEXT,
     .flags = F_IN | F_NOT_BLANK,
     .at = AT(name),
     .min = 1,
     .max = 200,
     .doc = "Full name of a new user; default the e-mail address",
     .example = "\"Ada Lovelace\""},
    {.name = S("password"),
     .kind = F_TEXT,
     .flags = F_IN | F_HIDDEN,
     .at = AT(password),
     .min = NEW_PASSWORD_MIN,
     .max = NEW_PASSWORD_MAX,
     .doc = "Of a new user: the one to sign in with. Of one who is known: the one they have",
     .example = "\"correct horse battery\""},
    {.name = S("new_password"),
     .kind = F_TEXT,
     .flags = F_IN | F_HIDDEN | F_NULLABLE,
     .at = AT(new_password),
     .min = NEW_PASSWORD_MIN,
     .max = NEW_PASSWORD_MAX,
     .doc = "The one from now on, of a user whose address nobody has proved yet"},
    OIDC_FIELDS(struct acceptance, "passwords"),
};
#undef AT
static const struct acceptance no_acceptance;

/* One way or the other. */
static error one_way(struct arena *a, void *object)
{
    const struct acceptance *in = object;
    if (in->oidc_token.p && (in->password.p || in->new_password.p))
        return error_at(a, ERR_INVALID_REQUEST, S("oidc_token"),
                        "Must not be sent with a password.");
    if (!in->oidc_token.p && !in->password.p)
        return error_at(a, ERR_INVALID_REQUEST, S("password"), "This field is required.");
    return NULL;
}

const struct shape acceptance_shape =
    SHAPE_INIT("acceptance", struct acceptance, acceptance_fields, &no_acceptance, one_way);

static const struct field leaving_fields[] = {
    {.name = S("keep_keys"),
     .kind = F_BOOL,
     .at = offsetof(struct leaving, keep_keys),
     .doc = "true: keys that an admin has made go on when they are none any more"},
};
const struct shape leaving_shape = SHAPE("leaving", struct leaving, leaving_fields);

#define AT(member) offsetof(struct accepted, member)
static const struct field accepted_fields[] = {
    {.name = S("user"),
     .kind = F_OBJECT,
     .at = AT(user),
     .shape = &user_shape,
     .doc = "Who accepted"},
    {.name = S("tenant"),
     .kind = F_OBJECT,
     .at = AT(tenant),
     .shape = &tenant_shape,
     .doc = "Where they belong now"},
    {.name = S("role"),
     .kind = F_ENUM,
     .at = AT(role),
     .values = &role_names,
     .doc = "What they may do there"},
};
#undef AT
const struct shape accepted_shape = SHAPE("accepted_invitation", struct accepted, accepted_fields);
