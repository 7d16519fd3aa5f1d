/* content.h: what all routes have in common that answer content. */
#ifndef AMP_API_CONTENT_H
#define AMP_API_CONTENT_H

#include "domain/content.h"

/* Answers with it, and with its mission if that was asked for (expand). With an entity tag, unless
 * expanded: then it changes with its mission. */
error reply_content(struct ctx *c, struct content *x);

#endif
