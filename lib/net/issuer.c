/* issuer.c: asks an issuer for its keys. What they are good for is not known here. */
#include "net/issuer.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/config.h"
#include "json/tree.h"
#include "net/fetch.h"

enum { ANSWER_MAX = 256 << 10, TIMEOUT_MS = 5000, KEPT_MS = 3600 * 1000 };

/* Six at once, then one every ten seconds: who makes up names of keys does not keep the owners of
 * new ones waiting for long, nor the issuer busy. */
enum { NEWER_AT_ONCE = 6, NEWER_EVERY_US = 10 * 1000 * 1000 };

struct issuer {
    struct buf keys; /* empty: none yet */
    int64_t read_ms; /* last read */
    int64_t paid_us; /* until when (monotonic) the questions for newer ones so far would last */
};

struct issuer *issuer_new(struct arena *process)
{
    struct issuer *issuer = ARENA_NEW(process, struct issuer);
    buf_init(&issuer->keys, ANSWER_MAX);
    return issuer;
}

void issuer_free(struct issuer *issuer)
{
    buf_release(&issuer->keys);
}

static error get(struct outside *o, struct str url, struct str *body)
{
    bool private = o->config->oidc_allow_private;
    const struct fetch_request request = {
        .method = "GET",
        .url = url,
        .timeout_ms = TIMEOUT_MS,
        .max_bytes = ANSWER_MAX,
        .allow_private = private,
        .allow_http = private,
    };
    struct fetch_response answer;
    fetch(o, &request, &answer);
    if (answer.verdict != FETCH_DONE)
        return error_because(o->arena, ERR_UNAVAILABLE, "the issuer: %.*s", STR(answer.problem));
    if (answer.status != 200)
        return error_because(o->arena, ERR_UNAVAILABLE, "the issuer answers %d", answer.status);
    *body = answer.body;
    return NULL;
}

/* The document must be about the issuer that was asked (Discovery, §4.3). */
static error discover(struct outside *o, struct str *keys_url)
{
    struct str issuer = o->config->oidc_issuer, body = {0};
    const struct node *document;
    TRY(get(o, arena_printf(o->arena, "%.*s/.well-known/openid-configuration", STR(issuer)),
            &body));
    document = tree_parse(o->arena, body);
    *keys_url = tree_text(tree_get(document, "jwks_uri"));
    if (!str_eq(tree_text(tree_get(document, "issuer")), issuer) || !keys_url->n)
        return error_because(o->arena, ERR_UNAVAILABLE, "what the issuer says is not about it");
    return NULL;
}

static error read_keys(struct outside *o, struct issuer *issuer)
{
    struct str url = {0}, body = {0};
    TRY(discover(o, &url));
    TRY(get(o, url, &body));
    if (!tree_is_array(tree_get(tree_parse(o->arena, body), "keys")))
        return error_because(o->arena, ERR_UNAVAILABLE, "the issuer's keys cannot be read");
    buf_clear(&issuer->keys);
    buf_add(&issuer->keys, body);
    issuer->read_ms = clock_ms();
    return NULL;
}

static bool may_ask(struct issuer *issuer)
{
    int64_t now_us = clock_mono_us();
    int64_t paid_us = issuer->paid_us > now_us ? issuer->paid_us : now_us;
    if (paid_us - now_us > (NEWER_AT_ONCE - 1) * NEWER_EVERY_US)
        return false;
    issuer->paid_us = paid_us + NEWER_EVERY_US;
    return true;
}

error issuer_keys(struct outside *o, struct issuer *issuer, bool newer, struct str *key_set)
{
    int64_t now_ms = clock_ms();
    if (!o->config->oidc_issuer.n || !o->config->oidc_client_id.n)
        return error_because(o->arena, ERR_NOT_IMPLEMENTED, "[oidc] is not set");
    if ((newer && may_ask(issuer)) || !issuer->keys.n || now_ms >= issuer->read_ms + KEPT_MS)
        TRY(read_keys(o, issuer));
    *key_set = buf_str(&issuer->keys);
    return NULL;
}
