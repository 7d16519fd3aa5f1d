/* client.h: from which address does a request come, if there may be proxies before the web server?
 */
#ifndef AMP_HTTP_CLIENT_H
#define AMP_HTTP_CLIENT_H

#include "http/request.h"

/* The address of the client: that of the peer, unless the peer is one of the `proxies` (comma list
 * of addresses); then the last entry of X-Forwarded-For that is none of them. What stands before it
 * anybody may have written. Where an entry is no address, the one that was handed on last. */
struct str client_address(const struct request *r, struct str proxies);

/* Whom an address belongs to, as far as counting goes: an IPv4 address itself, of an IPv6 address
 * the first 64 bits, which are one subscriber's. In the arena. */
struct str client_network(struct arena *a, struct str address);

#endif
