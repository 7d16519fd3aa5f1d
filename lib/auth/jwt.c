/* jwt.c: access tokens: which claims they have, and which are believed. How a token is signed is
 * jws.c's; sessions are not known here. */
#include "auth/jwt.h"

#include <string.h>

#include "auth/jws.h"
#include "base/buf.h"
#include "json/write.h"

#define AUDIENCE S("amp-api")
#define TYPE S("at+jwt")

enum { CLAIMS_MAX = 2048 };

static void write_id(struct writer *w, struct str name, struct str prefix, const struct id *id)
{
    char text[ID_TEXT + 1];
    write_member_text(w, name, id_print(text, prefix, id));
}

static struct str claims_text(struct arena *a, struct str issuer, const struct token_claims *claims)
{
    struct buf *text = buf_new(a, CLAIMS_MAX);
    struct writer w;
    write_init(&w, text);
    write_open(&w, '{');
    write_member_text(&w, S("iss"), issuer);
    write_member_text(&w, S("aud"), AUDIENCE);
    write_id(&w, S("sub"), S("usr_"), &claims->user);
    write_id(&w, S("tid"), S("tnt_"), &claims->tenant);
    write_id(&w, S("sid"), S("ses_"), &claims->session);
    write_member_text(&w, S("jti"), id_str(&claims->token));
    write_member_int(&w, S("iat"), claims->issued_s);
    write_member_int(&w, S("nbf"), claims->issued_s);
    write_member_int(&w, S("exp"), claims->expires_s);
    write_member_text(&w, S("mode"), claims->live ? S("live") : S("test"));
    write_close(&w, '}');
    return buf_str(text);
}

static struct str secret_of(const struct token_key *key)
{
    return (struct str){(const char *)key->secret, sizeof key->secret};
}

error token_sign(struct arena *a, const struct token_key *key, struct str issuer,
                 const struct token_claims *claims, struct str *out)
{
    return jws_sign(a, secret_of(key), TYPE, id_str(&key->id), claims_text(a, issuer, claims), out);
}

/* An id without a prefix. */
static bool bare_id(struct str text, struct id *out)
{
    if (text.n != ID_LEN || !id_is_base62(text))
        return false;
    memcpy(out->c, text.p, ID_LEN);
    return true;
}

error token_key_id(struct arena *a, struct str token, struct id *kid)
{
    static const char *const names[] = {"alg", "typ", "kid", NULL};
    struct jws jws;
    if (!jws_split(a, token, TOKEN_MAX, &jws) || jws_has_others(jws.header, names) ||
        !str_eq(tree_text(tree_get(jws.header, "alg")), S("HS256")) ||
        !str_eq(tree_text(tree_get(jws.header, "typ")), TYPE) ||
        !bare_id(tree_text(tree_get(jws.header, "kid")), kid))
        return error_of(ERR_INVALID_TOKEN);
    return NULL;
}

static bool read_id(const struct node *claims, const char *name, struct str prefix, struct id *out)
{
    return id_parse(tree_text(tree_get(claims, name)), prefix, out);
}

/* All claims are there and of their kinds. */
static bool read_claims(const struct node *n, struct token_claims *out, int64_t *from_s)
{
    struct str mode = tree_text(tree_get(n, "mode"));
    out->live = str_eq(mode, S("live"));
    out->issued_s = tree_int(tree_get(n, "iat"), -1);
    out->expires_s = tree_int(tree_get(n, "exp"), -1);
    *from_s = tree_int(tree_get(n, "nbf"), -1);
    return (out->live || str_eq(mode, S("test"))) && out->issued_s >= 0 && out->expires_s >= 0 &&
           *from_s >= 0 && read_id(n, "sub", S("usr_"), &out->user) &&
           read_id(n, "tid", S("tnt_"), &out->tenant) &&
           read_id(n, "sid", S("ses_"), &out->session) &&
           bare_id(tree_text(tree_get(n, "jti")), &out->token);
}

error token_verify(struct arena *a, struct str token, const struct token_key *key,
                   struct str issuer, int64_t now_s, struct token_claims *out)
{
    struct jws jws;
    struct id kid;
    int64_t from_s;
    TRY(token_key_id(a, token, &kid));
    if (!id_eq(&kid, &key->id) || !jws_is_signed_by_secret(a, token, secret_of(key)) ||
        !jws_split(a, token, TOKEN_MAX, &jws) || !read_claims(jws.payload, out, &from_s) ||
        !str_eq(tree_text(tree_get(jws.payload, "iss")), issuer) ||
        !str_eq(tree_text(tree_get(jws.payload, "aud")), AUDIENCE) ||
        out->issued_s > now_s + TOKEN_LEEWAY_S || from_s > now_s + TOKEN_LEEWAY_S)
        return error_of(ERR_INVALID_TOKEN);
    return now_s < out->expires_s ? NULL : error_of(ERR_TOKEN_EXPIRED);
}
