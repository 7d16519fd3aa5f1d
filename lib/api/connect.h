/* connect.h: what the routes about connections have in common; private to this room. */
#ifndef AMP_API_CONNECT_H
#define AMP_API_CONNECT_H

#include "api/routes.h"
#include "delivery/account.h"

/* Names of enum integration_status. */
extern const struct names health_names;

/* The account, INTEGRATION_DISCONNECTED if there is none, and what is connected to it: list of
 * struct brand_network, empty without an account. Test mode connects itself to the sandbox at first
 * use, which asking for this is. */
error integration_load(struct ctx *c, struct integration *out, struct list *networks);

#endif
