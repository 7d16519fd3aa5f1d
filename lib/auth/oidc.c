/* oidc.c: which identity tokens are believed. Where keys come from is net/'s, whom an address
 * belongs to the caller's. */
#include "auth/oidc.h"

#include "auth/jws.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "domain/identity.h"
#include "json/write.h"

enum {
    KEY_MAX = 4096,
    KEYS_MAX = 100,
    LEEWAY_S = 30,
    RSA_MODULUS_MIN = 342 /* base64url of 2048 bits */
};

/* The algorithms, and the kind of key each takes. */
static const struct algorithm {
    struct str name, kind, curve;
} algorithms[] = {
    {S("RS256"), S("RSA"), {0}},       {S("RS384"), S("RSA"), {0}},
    {S("RS512"), S("RSA"), {0}},       {S("PS256"), S("RSA"), {0}},
    {S("PS384"), S("RSA"), {0}},       {S("PS512"), S("RSA"), {0}},
    {S("ES256"), S("EC"), S("P-256")}, {S("ES384"), S("EC"), S("P-384")},
    {S("ES512"), S("EC"), S("P-521")},
};

static struct str member(const struct node *n, const char *name)
{
    return tree_text(tree_get(n, name));
}

static const struct algorithm *algorithm_of(const struct node *header)
{
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        if (str_eq(algorithms[i].name, member(header, "alg")))
            return &algorithms[i];
    }
    return NULL;
}

static bool is_absent_or(const struct node *n, const char *name, struct str value)
{
    return !tree_get(n, name) || str_eq(member(n, name), value);
}

/* Is this the key that a token with this header means? Without a kid, any key of its kind is. */
static bool is_meant(const struct node *key, const struct node *header, const struct algorithm *alg)
{
    return str_eq(member(key, "kty"), alg->kind) &&
           (!alg->curve.p || str_eq(member(key, "crv"), alg->curve)) &&
           is_absent_or(key, "use", S("sig")) && is_absent_or(key, "alg", alg->name) &&
           (!tree_get(header, "kid") || str_eq(member(key, "kid"), member(header, "kid"))) &&
           (!str_eq(alg->kind, S("RSA")) || member(key, "n").n >= RSA_MODULUS_MIN);
}

/* The public part of a key, and nothing else of it. */
static struct str public_key(struct arena *a, const struct node *key)
{
    static const char *const names[] = {"kty", "crv", "n", "e", "x", "y"};
    struct buf *text = buf_new(a, KEY_MAX);
    struct writer w;
    write_init(&w, text);
    write_open(&w, '{');
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (member(key, names[i]).p)
            write_member_text(&w, str_of(names[i]), member(key, names[i]));
    }
    write_close(&w, '}');
    return text->full ? S("{}") : buf_str(text);
}

static bool is_signed(struct arena *a, struct str token, const struct jws *jws, struct str key_set,
                      bool *unknown_key)
{
    const struct node *keys = tree_get(tree_parse(a, key_set), "keys");
    const struct algorithm *alg = algorithm_of(jws->header);
    *unknown_key = alg != NULL;
    for (size_t i = 0; alg && i < tree_length(keys) && i < KEYS_MAX; i++) {
        const struct node *key = tree_at(keys, i);
        if (!is_meant(key, jws->header, alg))
            continue;
        *unknown_key = false;
        if (jws_is_signed_by(a, token, public_key(a, key)))
            return true;
    }
    return false;
}

/* One audience, or several of which we are one; then the token says for whom it was made. */
static bool is_for(const struct node *claims, struct str client_id)
{
    const struct node *audience = tree_get(claims, "aud");
    bool found = str_eq(tree_text(audience), client_id);
    for (size_t i = 0; i < tree_length(audience); i++)
        found = found || str_eq(tree_text(tree_at(audience, i)), client_id);
    if (tree_length(audience) > 1 && !tree_get(claims, "azp"))
        return false;
    return found && is_absent_or(claims, "azp", client_id);
}

static bool claims_hold(const struct node *claims, const struct oidc_rules *rules)
{
    int64_t issued_s = tree_int(tree_get(claims, "iat"), -1);
    int64_t from_s = tree_get(claims, "nbf") ? tree_int(tree_get(claims, "nbf"), INT64_MAX) : 0;
    return str_eq(member(claims, "iss"), rules->issuer) && is_for(claims, rules->client_id) &&
           member(claims, "sub").n && issued_s >= 0 && issued_s <= rules->now_s + LEEWAY_S &&
           from_s <= rules->now_s + LEEWAY_S && tree_int(tree_get(claims, "exp"), -1) >= 0 &&
           (!rules->nonce.p || str_eq(member(claims, "nonce"), rules->nonce));
}

/* Of header and payload. */
static struct str digest_of(struct arena *a, struct str token)
{
    unsigned char hash[SHA256_LEN];
    while (token.n && token.p[token.n - 1] != '.')
        token.n--;
    crypto_sha256(token, hash);
    return crypto_hex(a, (struct str){(char *)hash, sizeof hash});
}

static int64_t end_of(const struct node *claims)
{
    int64_t expires_s = tree_int(tree_get(claims, "exp"), -1);
    int64_t issued_s = tree_int(tree_get(claims, "iat"), -1);
    return expires_s - issued_s < OIDC_AGE_MAX_S ? expires_s : issued_s + OIDC_AGE_MAX_S;
}

error oidc_verify(struct arena *a, struct str token, struct str key_set,
                  const struct oidc_rules *rules, struct oidc_identity *out, bool *unknown_key)
{
    static const char *const names[] = {"alg", "typ", "kid", "x5t", "x5t#S256", NULL};
    struct jws jws;
    *unknown_key = false;
    if (!jws_split(a, token, OIDC_TOKEN_MAX, &jws) || jws_has_others(jws.header, names) ||
        !is_absent_or(jws.header, "typ", S("JWT")) ||
        !is_signed(a, token, &jws, key_set, unknown_key) || !claims_hold(jws.payload, rules))
        return error_of(ERR_INVALID_TOKEN);
    *out = (struct oidc_identity){member(jws.payload, "email"), digest_of(a, token),
                                  end_of(jws.payload)};
    if (rules->now_s >= out->ends_s)
        return error_of(ERR_TOKEN_EXPIRED);
    if (!out->email.n || !tree_bool(tree_get(jws.payload, "email_verified"), false))
        return error_of(ERR_INVALID_CREDENTIALS);
    return NULL;
}
