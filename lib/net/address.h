/* address.h: is this an address of the public internet? */
#ifndef AMP_NET_ADDRESS_H
#define AMP_NET_ADDRESS_H

#include <sys/socket.h>

#include "base/str.h"

/* True for a unicast address that anybody may route to: nothing of the IANA special-purpose
 * registries (RFC 6890 and its updates), so no private, shared, loopback, link-local, unique local,
 * documentation, multicast or reserved one. An IPv4 address inside an IPv6 one (mapped, NAT64,
 * 6to4) is judged as what it is. Families other than IPv4 and IPv6 are not public. */
bool address_is_public(const struct sockaddr *address);

/* The same for an address as text ("192.0.2.1", "2001:db8::1"); false if it is none. */
bool address_text_is_public(const char *text);

#endif
