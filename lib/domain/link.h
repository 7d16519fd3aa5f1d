/* link.h: where a link begins and ends in a text. */
#ifndef AMP_DOMAIN_LINK_H
#define AMP_DOMAIN_LINK_H

#include "base/str.h"

/* The bytes of the link that the text begins with, 0 if there is none: "http(s)://" with a host in
 * a top-level domain, and if bare is true also such hosts without a scheme ("example.com/menu").
 * Punctuation at the end is no part of it. */
size_t link_length(struct str text, bool bare);

/* The bytes of the host name that the text begins with, 0 if there is none. */
size_t host_length(struct str text);

#endif
