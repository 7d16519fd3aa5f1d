/* deprecate.h: tells clients what will go away (RFC 9745 Deprecation, RFC 8594 Sunset). */
#ifndef AMP_HTTP_DEPRECATE_H
#define AMP_HTTP_DEPRECATE_H

#include "base/ctx.h"

/* Adds Deprecation, Sunset and Link if the request's route is deprecated, or a field that its body
 * sent. The first one found counts. */
void deprecation_headers(struct ctx *c);

#endif
