/* webhook.h: tells a webhook of an event, signed as the Standard Webhooks specification 1.0 says.
 */
#ifndef AMP_DELIVERY_WEBHOOK_H
#define AMP_DELIVERY_WEBHOOK_H

#include "domain/webhook.h"
#include "net/fetch.h"

/* Gives the webhook a new secret: w->secret to be shown, w->secret_sealed to be stored. */
error webhook_new_secret(struct ctx *c, struct webhook *w);

/* The secret that signs until now is the old one for so long (real time). */
error webhook_rotate(struct ctx *c, struct webhook *w, int64_t overlap_ms);

/* May this webhook have that URL? ERR_INVALID_REQUEST for "url". Where it leads is checked with
 * each connection. */
error webhook_check_url(struct ctx *c, struct str url);

/* The header webhook-signature: "v1,…" for each secret that is valid at now_ms (real time), with a
 * space between two. timestamp_s: what webhook-timestamp says. */
error webhook_sign(struct ctx *c, const struct webhook *w, struct str message_id,
                   int64_t timestamp_s, struct str payload, int64_t now_ms, struct str *out);

/* Sends it. Only an answer of 2xx means that it arrived. */
error webhook_send(struct ctx *c, const struct webhook *w, const struct webhook_delivery *d,
                   struct fetch_response *out);

#endif
