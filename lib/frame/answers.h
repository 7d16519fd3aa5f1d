/* answers.h: answers that this process remembers, so that asking the same again costs no query. An
 * answer counts while its tenant's generation (shm/generation.h) stands, and for two seconds at
 * most: another host, or somebody at the database, may have changed something unheard. */
#ifndef AMP_FRAME_ANSWERS_H
#define AMP_FRAME_ANSWERS_H

#include "base/ctx.h"
#include "shm/shm.h"

struct answers;

/* Room for the answers of a process; NULL if they are switched off ([server] remember_answers). */
struct answers *answers_new(struct arena *process, struct shm *shm, bool on);
void answers_free(struct answers *answers);

/* By what the answer of a GET on an R_REMEMBER route is known: path, query and, of R_AS_OF, the
 * day. In the arena. */
struct str answers_key(const struct ctx *c);

/* Fills in the response if the answer is known by this key for the context's tenant and mode, and
 * then true. */
bool answers_find(struct answers *answers, struct ctx *c, struct str key);

/* What is read from now on may be remembered under the generation of now; false if it may not.
 * Said before the database is asked. */
bool answers_begin(struct answers *answers, struct ctx *c, uint64_t *generation);

/* Remembers the response (a 2xx with a body) by that key, under that generation. */
void answers_keep(struct answers *answers, struct ctx *c, struct str key, uint64_t generation);

#endif
