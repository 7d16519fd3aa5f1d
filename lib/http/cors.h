/* cors.h: which pages of other sites may use the API from a browser (the Fetch standard, "CORS
 * protocol"). */
#ifndef AMP_HTTP_CORS_H
#define AMP_HTTP_CORS_H

#include "base/ctx.h"

/* Adds the headers that let a listed origin read the answer; nothing for any other. Credentials
 * (cookies) are never allowed: AMP has none. */
void cors_headers(struct ctx *c);

/* Adds the headers that answer a preflight for a path that takes these methods. */
void cors_preflight(struct ctx *c, struct str methods);

#endif
