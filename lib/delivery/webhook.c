/* webhook.c: secrets of webhooks, signatures and sending. When to send, and again, is decided by
 * pipeline/webhook.c. */
#include "delivery/webhook.h"

#include "base/clock.h"
#include "base/seal.h"
#include "db/tx.h"

enum { TIMEOUT_MS = 10 * 1000, ANSWER_BYTES = 64 * 1024 };

static const struct str secret_prefix = S("whsec_");

error webhook_new_secret(struct ctx *c, struct webhook *w)
{
    unsigned char *secret = arena_alloc(c->arena, WEBHOOK_SECRET_BYTES);
    struct str bytes = {(const char *)secret, WEBHOOK_SECRET_BYTES};
    crypto_random(secret, WEBHOOK_SECRET_BYTES);
    w->secret =
        arena_printf(c->arena, "%.*s%.*s", STR(secret_prefix), STR(crypto_base64(c->arena, bytes)));
    return seal(c->arena, c->config, id_str(&w->id), bytes, &w->secret_sealed);
}

error webhook_rotate(struct ctx *c, struct webhook *w, int64_t overlap_ms)
{
    w->old_sealed = w->secret_sealed;
    w->old_until_ms = clock_ms() + overlap_ms;
    return webhook_new_secret(c, w);
}

static bool may_reach_this_host(const struct ctx *c)
{
    return !c->scope.live && c->config->sandbox_allow_loopback;
}

error webhook_check_url(struct ctx *c, struct str url)
{
    if (str_starts(url, S("https://")) || may_reach_this_host(c))
        return NULL;
    return error_at(c->arena, ERR_INVALID_REQUEST, S("url"), "Must be an https URL.");
}

/* "v1," and the MAC, by one of the secrets. */
static error sign(struct ctx *c, const struct webhook *w, struct str sealed, struct str message,
                  struct str *out)
{
    unsigned char mac[SHA256_LEN];
    struct str secret;
    *out = (struct str){0};
    if (!unseal(c->arena, c->config, id_str(&w->id), sealed, &secret))
        return error_because(c->arena, ERR_INTERNAL, "a webhook's secret cannot be opened");
    crypto_hmac_sha256(secret, message, mac);
    *out = arena_printf(c->arena, "v1,%.*s",
                        STR(crypto_base64(c->arena, (struct str){(const char *)mac, sizeof mac})));
    return NULL;
}

/* The header webhook-signature: "v1,…" for each secret that is valid now, with a space between two.
 * The message is id, time and payload, as the headers say them. */
static error sign_all(struct ctx *c, const struct webhook *w, struct str message, int64_t now_ms,
                      struct str *out)
{
    struct str old = {0};
    TRY(sign(c, w, w->secret_sealed, message, out));
    if (!w->old_sealed.p || w->old_until_ms <= now_ms)
        return NULL;
    TRY(sign(c, w, w->old_sealed, message, &old));
    *out = arena_printf(c->arena, "%.*s %.*s", STR(*out), STR(old));
    return NULL;
}

error webhook_send(struct ctx *c, const struct webhook *w, const struct webhook_delivery *d,
                   struct fetch_response *out)
{
    char text[ID_TEXT + 1];
    int64_t now_ms = clock_ms();
    struct str id = id_print(text, S("evt_"), &d->event_id), signature = {0};
    struct str time = arena_printf(c->arena, "%lld", (long long)(now_ms / 1000));
    TRY(sign_all(c, w,
                 arena_printf(c->arena, "%.*s.%.*s.%.*s", STR(id), STR(time), STR(d->payload)),
                 now_ms, &signature));
    struct fetch_header headers[] = {
        {"Content-Type", S("application/json")},
        {"webhook-id", id},
        {"webhook-timestamp", time},
        {"webhook-signature", signature},
        {0},
    };
    struct fetch_request request = {
        .method = "POST",
        .url = w->url,
        .headers = headers,
        .body = d->payload,
        .timeout_ms = TIMEOUT_MS,
        .max_bytes = ANSWER_BYTES,
        .allow_private = may_reach_this_host(c),
        .allow_http = may_reach_this_host(c),
    };
    fetch(leave(c), &request, out);
    return NULL;
}
