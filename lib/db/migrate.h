/* migrate.h: brings a database to this program's schema: numbered files of sql/, compiled in. */
#ifndef AMP_DB_MIGRATE_H
#define AMP_DB_MIGRATE_H

#include "base/ctx.h"

struct migration {
    int version;      /* 1 for sql/0001-identity.sql */
    const char *name; /* "identity" */
    const char *sql;
};
extern const struct migration migrations[]; /* made from sql/ at build time, in order */
extern const int migrations_count;

/* Applies what is missing, in order, each once, under a lock (a row lock, no GET_LOCK), recorded
 * with its checksum; two at once are harmless. `told` (may be NULL) is called before each. Errors:
 * ERR_INVALID_STATE with a cause: the schema is newer than this program, or a recorded migration
 * differs from ours. */
error migrate(struct ctx *c, void (*told)(void *arg, const struct migration *m), void *arg);

/* Is the schema the one this program knows? ERR_UNAVAILABLE with a cause if older or newer. */
error migrate_check(struct ctx *c);

#endif
