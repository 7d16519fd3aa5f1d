/* posts.h: a post as JSON: checked when it comes in, with its fate when it goes out. Private to
 * this room. */
#ifndef AMP_SANDBOX_POSTS_H
#define AMP_SANDBOX_POSTS_H

#include "sandbox/visit.h"

/* Checks the text of a post as Metricool does and fills in its networks and publish_ms. Errors:
 * ERR_INVALID_REQUEST. */
error sandbox_post_read(struct ctx *c, struct str text, struct ledger_post *post,
                        const struct node **json);

/* The post as text to be kept; with another publicationDate if `date` is not NULL. Members whose
 * names are no plain words are left out. */
struct str sandbox_post_text(struct arena *a, const struct node *json, const struct node *date);

/* The post as it is answered: what was sent, ids, and what has become of it by now. */
void sandbox_post_write(struct writer *w, struct ctx *c, const struct ledger_post *post,
                        const struct node *json);

/* The network of a member of `providers`, an object or just its name; -1 if it is unknown. */
int provider_network(const struct node *provider);

#endif
