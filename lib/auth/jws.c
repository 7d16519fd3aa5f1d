/* jws.c: takes tokens apart, strictly, and is the doorman of cjose, which signs and verifies. Keys,
 * algorithms and claims are others' affair. */
#include "auth/jws.h"

#include <cjose/cjose.h>

#include "base/crypto.h"

static const struct node *object_of(struct arena *a, struct str part)
{
    struct str text;
    const struct node *n;
    if (!part.n || !crypto_base64url_decode(a, part, &text))
        return NULL;
    n = tree_parse(a, text);
    return tree_is_object(n) ? n : NULL;
}

bool jws_split(struct arena *a, struct str token, size_t max, struct jws *out)
{
    struct str rest = token, header, payload, signature;
    if (token.n > max)
        return false;
    header = str_cut(&rest, '.');
    payload = str_cut(&rest, '.');
    signature = str_cut(&rest, '.');
    if (rest.p || !signature.n)
        return false;
    *out = (struct jws){.header = object_of(a, header), .payload = object_of(a, payload)};
    return out->header && out->payload && crypto_base64url_decode(a, signature, &out->signature);
}

struct search {
    const char *const *names;
    bool found;
};

static bool is_known(void *arg, struct str key, const struct node *value)
{
    struct search *search = arg;
    (void)value;
    for (const char *const *name = search->names; *name; name++) {
        if (str_eq(key, str_of(*name)))
            return true;
    }
    search->found = true;
    return false;
}

bool jws_has_others(const struct node *object, const char *const *names)
{
    struct search search = {names, false};
    tree_each(object, is_known, &search);
    return search.found;
}

static void release_jws(void *jws)
{
    cjose_jws_release(jws);
}

static void release_key(void *key)
{
    cjose_jwk_release(key);
}

static void release_header(void *header)
{
    cjose_header_release(header);
}

static cjose_jwk_t *key_of_secret(struct arena *a, struct str secret)
{
    cjose_jwk_t *key = cjose_jwk_create_oct_spec((const uint8_t *)secret.p, secret.n, NULL);
    if (key)
        arena_defer(a, release_key, key);
    return key;
}

static bool set(cjose_header_t *header, const char *name, const char *value)
{
    return cjose_header_set(header, name, value, NULL);
}

error jws_sign(struct arena *a, struct str secret, struct str type, struct str key_id,
               struct str payload, struct str *out)
{
    cjose_jwk_t *key = key_of_secret(a, secret);
    cjose_header_t *header = cjose_header_new(NULL);
    cjose_jws_t *jws = NULL;
    const char *text = NULL;
    if (header)
        arena_defer(a, release_header, header);
    if (key && header && set(header, CJOSE_HDR_ALG, CJOSE_HDR_ALG_HS256) &&
        set(header, "typ", arena_cstr(a, type)) &&
        set(header, CJOSE_HDR_KID, arena_cstr(a, key_id)))
        jws = cjose_jws_sign(key, header, (const uint8_t *)payload.p, payload.n, NULL);
    if (jws)
        arena_defer(a, release_jws, jws);
    if (!jws || !cjose_jws_export(jws, &text, NULL))
        return error_because(a, ERR_UNAVAILABLE, "a token could not be signed");
    *out = str_of(text);
    return NULL;
}

static bool verify(struct arena *a, struct str token, const cjose_jwk_t *key)
{
    cjose_jws_t *jws = key ? cjose_jws_import(token.p, token.n, NULL) : NULL;
    if (!jws)
        return false;
    arena_defer(a, release_jws, jws);
    return cjose_jws_verify(jws, key, NULL);
}

bool jws_is_signed_by_secret(struct arena *a, struct str token, struct str secret)
{
    return verify(a, token, key_of_secret(a, secret));
}

bool jws_is_signed_by(struct arena *a, struct str token, struct str jwk)
{
    cjose_jwk_t *key = cjose_jwk_import(jwk.p, jwk.n, NULL);
    if (key)
        arena_defer(a, release_key, key);
    return verify(a, token, key);
}
