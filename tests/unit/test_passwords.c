/* test_passwords.c: whose password it is, and when nobody is told, kept by a real server. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>

#include "auth/passwords.h"
#include "base/clock.h"
#include "database.h"
#include "db/migrate.h"
#include "db/tx.h"
#include "shm/places.h"
#include "store/identity.h"
#include "store/session.h"

#define PASSWORD S("correct horse battery")

static struct database database;
static char path[] = "/tmp/amp-passwords-XXXXXX";

static void must(error e)
{
    if (e)
        fail_msg("%.*s: %.*s", STR(e->wire), STR(e->cause));
}

static void must_be(enum error_code code, error e)
{
    if (!error_is(e, code))
        fail_msg("%.*s", STR(e ? e->wire : S("passes")));
}

static struct user a_user(struct ctx *c, struct str password)
{
    struct user u = {.id = id_new(clock_ms()), .name = S("Ann"), .created_ms = 1, .updated_ms = 1};
    u.email = arena_printf(c->arena, "%.*s@example.com", STR(id_str(&u.id)));
    u.email = email_normal(c->arena, u.email);
    if (password.p)
        must(password_make(c, password, &u.password_hash));
    must(store_user_insert(c, &u));
    return u;
}

static error try(struct ctx *c, struct str email, struct str password, struct user *out)
{
    int64_t retry_s = 0;
    error e = password_login(c, email, password, out, &retry_s);
    assert_int_equal(retry_s > 0, error_is(e, ERR_RATE_LIMIT_EXCEEDED));
    assert_true(retry_s <= LOGIN_WINDOW_MS / 1000 + 1);
    return e;
}

static void a_password_opens_the_account_of_its_user_only(void **state)
{
    struct ctx *c = *state;
    struct user one = a_user(c, PASSWORD), other = a_user(c, S("battery staple")), found;
    must(try(c, one.email, PASSWORD, &found));
    assert_true(id_eq(&found.id, &one.id));
    must_be(ERR_INVALID_CREDENTIALS, try(c, other.email, PASSWORD, &found));
    assert_true(id_eq(&found.id, &other.id));
}

static void hashes_of_one_password_differ_and_are_argon2id(void **state)
{
    struct ctx *c = *state;
    struct str one, other;
    must(password_make(c, PASSWORD, &one));
    must(password_make(c, PASSWORD, &other));
    assert_false(str_eq(one, other));
    assert_true(str_starts(one, S("$argon2id$v=19$m=19456,t=2,p=1$")));
}

static void nobody_and_who_has_no_password_fail_as_a_wrong_one_does(void **state)
{
    struct ctx *c = *state;
    struct user without = a_user(c, (struct str){0}), found;
    must_be(ERR_INVALID_CREDENTIALS, try(c, without.email, PASSWORD, &found));
    must_be(ERR_INVALID_CREDENTIALS, try(c, without.email, S(""), &found));
    must_be(ERR_INVALID_CREDENTIALS, try(c, S("nobody@example.com"), PASSWORD, &found));
    assert_true(id_is_none(&found.id));
}

static void fail_often(struct ctx *c, struct str email, int times)
{
    struct user found;
    while (times-- > 0)
        must_be(ERR_INVALID_CREDENTIALS, try(c, email, S("wrong"), &found));
}

static void ten_failures_close_an_account_whatever_comes_then(void **state)
{
    struct ctx *c = *state;
    struct user u = a_user(c, PASSWORD), found;
    struct str louder = arena_printf(c->arena, "%.*s@EXAMPLE.com", STR(id_str(&u.id)));
    fail_often(c, u.email, LOGIN_FAILURES);
    must_be(ERR_RATE_LIMIT_EXCEEDED, try(c, u.email, PASSWORD, &found));
    must_be(ERR_RATE_LIMIT_EXCEEDED, try(c, u.email, S("wrong"), &found));
    must_be(ERR_RATE_LIMIT_EXCEEDED, try(c, louder, PASSWORD, &found));
}

static void a_success_forgets_the_failures_before_it(void **state)
{
    struct ctx *c = *state;
    struct user u = a_user(c, PASSWORD), found;
    for (int i = 0; i < 2; i++) {
        fail_often(c, u.email, LOGIN_FAILURES - 1);
        must(try(c, u.email, PASSWORD, &found));
    }
}

static int take_all(struct ctx *c, int places[PASSWORDS_AT_ONCE])
{
    int taken = 0;
    while (taken < PASSWORDS_AT_ONCE &&
           (places[taken] = place_take(c->config->shm_path, PASSWORDS_AT_ONCE, 0)) >= 0)
        taken++;
    return taken;
}

static void while_all_places_are_taken_no_password_is_looked_at_or_made(void **state)
{
    struct ctx *c = *state;
    struct user u = a_user(c, PASSWORD), found;
    struct str hash = {0};
    int places[PASSWORDS_AT_ONCE];
    assert_int_equal(take_all(c, places), PASSWORDS_AT_ONCE);
    must_be(ERR_UNAVAILABLE, try(c, u.email, PASSWORD, &found));
    must_be(ERR_UNAVAILABLE, password_make(c, PASSWORD, &hash));
    assert_null(hash.p);
    place_leave(places[0]);
    must(try(c, u.email, PASSWORD, &found));
    must(password_make(c, PASSWORD, &hash));
    places[0] = place_take(c->config->shm_path, PASSWORDS_AT_ONCE, 0);
    assert_true(places[0] >= 0); /* both gave theirs back */
    for (int i = 0; i < PASSWORDS_AT_ONCE; i++)
        place_leave(places[i]);
}

static int start(void **state)
{
    int file = mkstemp(path);
    must(database_make(&database, "passwords"));
    must(migrate(&database.ctx, NULL, NULL));
    database.config.shm_path = str_of(path);
    *state = &database.ctx;
    return file < 0 || close(file);
}

static int stop(void **state)
{
    (void)state;
    return database_drop(&database) != NULL || unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_password_opens_the_account_of_its_user_only),
        cmocka_unit_test(hashes_of_one_password_differ_and_are_argon2id),
        cmocka_unit_test(nobody_and_who_has_no_password_fail_as_a_wrong_one_does),
        cmocka_unit_test(ten_failures_close_an_account_whatever_comes_then),
        cmocka_unit_test(a_success_forgets_the_failures_before_it),
        cmocka_unit_test(while_all_places_are_taken_no_password_is_looked_at_or_made),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    return cmocka_run_group_tests(tests, start, stop);
}
