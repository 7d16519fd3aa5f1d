/* link.h: where a link begins and ends in a text. */
#ifndef AMP_DOMAIN_LINK_H
#define AMP_DOMAIN_LINK_H

#include "base/str.h"

/* The bytes of the link that the text begins with, 0 if there is none: "http(s)://" with a host
 * that has a dot, and if bare is true also host names without a scheme that X makes a link of
 * ("example.com", "example.de/menu"). Punctuation at the end is no part of it. */
size_t link_length(struct str text, bool bare);

/* The bytes of the host name that the text begins with, 0 if there is none. */
size_t host_length(struct str text);

#endif
