/* passwords.h: signing in with e-mail and password, and what keeps others from guessing one. */
#ifndef AMP_AUTH_PASSWORDS_H
#define AMP_AUTH_PASSWORDS_H

#include "base/ctx.h"
#include "domain/identity.h"

enum {
    PASSWORD_MIN = 10,     /* bytes */
    PASSWORD_MAX = 1024,   /* bytes */
    PASSWORDS_AT_ONCE = 4, /* Argon2id takes 19 MiB and a core each time */
    LOGIN_FAILURES = 10,   /* of an account, in … */
    LOGIN_WINDOW_MS = 15 * 60 * 1000,
};

/* Hashes a new password, of PASSWORD_MIN to PASSWORD_MAX bytes. Never inside a transaction. Errors:
 * ERR_UNAVAILABLE while too many others do the like on this host. */
error password_make(struct ctx *c, struct str password, struct str *hash);

/* Whose address and password are these? *out is the user of the address even if the password is
 * wrong, and has no id if there is none. Takes the same time and answers the same whether there is
 * such a user, with a password, or not. Outside of transactions. Errors: ERR_INVALID_CREDENTIALS;
 * ERR_RATE_LIMIT_EXCEEDED after LOGIN_FAILURES failures, right password or not, with the seconds to
 * wait in *retry_s; ERR_UNAVAILABLE as above; those of the database. */
error password_login(struct ctx *c, struct str email, struct str password, struct user *out,
                     int64_t *retry_s);

#endif
