/* passwords.c: checks passwords and counts failures. What a good one opens is sessions.c's. */
#include "auth/passwords.h"

#include "base/clock.h"
#include "base/config.h"
#include "db/tx.h"
#include "shm/places.h"
#include "store/identity.h"
#include "store/session.h"

/* Longer, and those who wait would hold up the processes that answer everything else. */
enum { WAIT_MS = 1000 };

/* Of a password that nobody has (random bytes, forgotten), made as all others are. */
#define NOBODYS_HASH                                                                               \
    S("$argon2id$v=19$m=19456,t=2,p=1$0b8bH8yFaIAjhMkf/"                                           \
      "XaExw$IdNaaW+kxdnR86l5xiQ/acclyikiIIYqh0YSJWiK9VI")

static error take_place(struct ctx *c, int *place)
{
    *place = place_take(c->config->shm_path, PASSWORDS_AT_ONCE, WAIT_MS);
    if (*place == PLACE_NONE)
        return error_because(c->arena, ERR_UNAVAILABLE, "too many passwords at once");
    return NULL;
}

error password_make(struct ctx *c, struct str password, struct str *hash)
{
    int place;
    error e;
    TRY(take_place(c, &place));
    e = crypto_password_hash(c->arena, password, hash);
    place_leave(place);
    return e;
}

static error fits(struct ctx *c, struct str hash, struct str password, bool *out)
{
    int place;
    TRY(take_place(c, &place));
    *out = crypto_password_verify(hash.n ? hash : NOBODYS_HASH, password) && hash.n;
    place_leave(place);
    return NULL;
}

struct attempt {
    struct str account; /* hexadecimal SHA-256 of the address: also of those that nobody has */
    struct login_failures failures;
};

static error count_failure(struct ctx *c, void *arg)
{
    struct attempt *a = arg;
    int64_t now_ms = clock_ms();
    TRY(store_login_failure_add(c, a->account, now_ms, now_ms - LOGIN_WINDOW_MS));
    return store_login_failures(c, a->account, &a->failures);
}

static error forget_failures(struct ctx *c, void *arg)
{
    const struct attempt *a = arg;
    return store_login_failure_forget(c, a->account);
}

/* After `allowed` failures nothing more is said about passwords until the window is over. */
static error pass(const struct attempt *a, int64_t allowed, int64_t *retry_s)
{
    int64_t left_ms = a->failures.opened_ms + LOGIN_WINDOW_MS - clock_ms();
    if (a->failures.n <= allowed || left_ms <= 0)
        return NULL;
    *retry_s = left_ms / 1000 + 1;
    return error_of(ERR_RATE_LIMIT_EXCEEDED);
}

static error look_at_failures(struct ctx *c, struct attempt *a, int64_t *retry_s)
{
    TRY(store_login_failures(c, a->account, &a->failures));
    return pass(a, LOGIN_FAILURES - 1, retry_s);
}

static struct str account_of(struct arena *a, struct str email)
{
    unsigned char hash[SHA256_LEN];
    crypto_sha256(email, hash);
    return crypto_hex(a, (struct str){(char *)hash, sizeof hash});
}

/* Others may have tried meanwhile: failures are looked at before, and again after, so that no more
 * than LOGIN_FAILURES answers ever tell whether a password was wrong. */
error password_login(struct ctx *c, struct str email, struct str password, struct user *out,
                     int64_t *retry_s)
{
    struct str address = email_normal(c->arena, email);
    struct attempt a = {.account = account_of(c->arena, address)};
    bool good;
    error e;
    TRY(look_at_failures(c, &a, retry_s));
    e = store_user_by_email(c, address, out);
    if (e && !error_is(e, ERR_NOT_FOUND))
        return e;
    TRY(fits(c, e ? (struct str){0} : out->password_hash, password, &good));
    if (!good) {
        TRY(in_transaction(c, count_failure, &a));
        TRY(pass(&a, LOGIN_FAILURES, retry_s));
        return error_of(ERR_INVALID_CREDENTIALS);
    }
    TRY(look_at_failures(c, &a, retry_s));
    return a.failures.n ? in_transaction(c, forget_failures, &a) : NULL;
}
