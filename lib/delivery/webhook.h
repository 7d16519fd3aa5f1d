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

/* Sends it. Only an answer of 2xx means that it arrived. */
error webhook_send(struct ctx *c, const struct webhook *w, const struct webhook_delivery *d,
                   struct fetch_response *out);

#endif
