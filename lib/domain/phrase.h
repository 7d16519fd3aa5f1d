/* phrase.h: does a text hold certain words? For what must, or must never, be said. */
#ifndef AMP_DOMAIN_PHRASE_H
#define AMP_DOMAIN_PHRASE_H

#include "base/str.h"

/* Does the text hold the phrase as whole words? Case does not matter in any script (simple case
 * mapping of Unicode). Scripts that write without spaces (Chinese, Japanese) have no whole words:
 * there a phrase is found anywhere. An empty phrase is held by nothing. */
bool phrase_in(struct str text, struct str phrase);

/* The first of the phrases (a list of struct str) that the text holds; none: it holds none. */
struct list;
struct str phrase_first(struct str text, const struct list *phrases);

#endif
