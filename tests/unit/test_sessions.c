/* test_sessions.c: who is signed in, and what they have shown for it, kept by a real server. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "auth/proof.h"
#include "auth/sessions.h"
#include "base/clock.h"
#include "database.h"
#include "db/migrate.h"
#include "db/tx.h"
#include "store/identity.h"
#include "store/session.h"
#include "work/housekeeping.h"

enum { SESSIONS = 3 };

static struct database database;
static struct shm *shm;
static struct key_cache *cache; /* knows nothing at the start of a test */

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

static struct user user; /* an admin of the context's tenant, whose address nobody has proved */

static int somebody(void **state)
{
    struct ctx *c = &database.ctx;
    struct tenant t = {.id = id_new(clock_ms()),
                       .name = S("Acme"),
                       .plan = PLAN_PRO,
                       .rate_limit = INT_NONE,
                       .created_ms = 1,
                       .updated_ms = 1};
    t.slug = id_str(&t.id);
    c->scope = (struct scope){t.id, true};
    user = (struct user){.id = id_new(clock_ms()),
                         .name = S("Ann"),
                         .password_hash = S("a hash"),
                         .created_ms = 1,
                         .updated_ms = 1};
    user.email = email_normal(c->arena, arena_printf(c->arena, "%.*s@b.c", STR(id_str(&user.id))));
    cache = key_cache_new(c->arena, shm);
    *state = c;
    must(store_tenant_insert(c, &t));
    must(store_user_insert(c, &user));
    return store_membership_insert(c, &t.id, &user.id, ROLE_ADMIN) != NULL;
}

struct beginning {
    struct grant grant;
    bool ended;
};

static error begin(struct ctx *c, void *arg)
{
    struct beginning *b = arg;
    return session_begin(c, &b->grant, &b->ended);
}

static struct beginning signed_in(struct ctx *c)
{
    static int64_t last_ms; /* sessions of one millisecond have no order */
    while (clock_ms() == last_ms)
        ;
    last_ms = clock_ms();
    struct beginning b = {.grant = {.user = user.id, .tenant = c->scope.tenant, .live = true}};
    must(in_transaction(c, begin, &b));
    return b;
}

struct exchange {
    struct str token;
    struct grant grant;
    bool refused, ended;
};

static error exchange(struct ctx *c, void *arg)
{
    struct exchange *x = arg;
    return session_refresh(c, x->token, &x->grant, &x->refused, &x->ended);
}

static struct exchange refreshed(struct ctx *c, struct str token)
{
    struct exchange x = {.token = token};
    must(in_transaction(c, exchange, &x));
    return x;
}

static error look(struct ctx *c, struct str token, struct principal *out)
{
    return session_authenticate(c, key_cache_new(c->arena, shm), token, NULL, out);
}

static void a_token_speaks_for_its_user_in_the_tenant_and_mode_of_the_session(void **state)
{
    struct ctx *c = *state;
    struct beginning b = signed_in(c);
    struct principal p;
    must(look(c, b.grant.token, &p));
    assert_true(id_eq(&p.user_id, &user.id) && id_eq(&p.tenant_id, &c->scope.tenant));
    assert_true(id_eq(&p.session_id, &b.grant.session));
    assert_int_equal(p.role, ROLE_ADMIN);
    assert_int_equal(p.method, AUTH_JWT);
    assert_true(p.live);
}

static void in_a_tenant_where_the_user_has_no_place_there_is_no_role(void **state)
{
    struct ctx *c = *state;
    struct beginning b = signed_in(c);
    struct id nobodys = id_new(clock_ms());
    struct principal p;
    must(session_authenticate(c, cache, b.grant.token, &nobodys, &p));
    assert_int_equal(p.role, ROLE_NONE);
    assert_true(id_is_none(&p.tenant_id));
}

static void what_was_seen_costs_no_query_until_the_host_forgets(void **state)
{
    struct ctx *c = *state;
    struct beginning b = signed_in(c);
    struct principal p;
    must(session_authenticate(c, cache, b.grant.token, NULL, &p));
    db_reset_count(c->db);
    must(session_authenticate(c, cache, b.grant.token, NULL, &p));
    assert_int_equal(db_count(c->db), 0);
    must(store_session_delete(c, &b.grant.session));
    must(session_authenticate(c, cache, b.grant.token, NULL, &p));
    shm_forget(shm);
    must_be(ERR_INVALID_TOKEN, session_authenticate(c, cache, b.grant.token, NULL, &p));
}

static void a_refresh_token_is_good_once_and_the_second_time_ends_the_session(void **state)
{
    struct ctx *c = *state;
    struct beginning b = signed_in(c);
    struct exchange first = refreshed(c, b.grant.refresh_token), again;
    struct principal p;
    assert_false(first.refused || first.ended);
    assert_true(id_eq(&first.grant.session, &b.grant.session));
    must(look(c, first.grant.token, &p));
    again = refreshed(c, b.grant.refresh_token);
    assert_true(again.refused && again.ended);
    must_be(ERR_INVALID_TOKEN, look(c, first.grant.token, &p));
    again = refreshed(c, first.grant.refresh_token);
    assert_true(again.refused && !again.ended);
}

static void what_is_no_refresh_token_is_refused_without_a_query(void **state)
{
    struct ctx *c = *state;
    struct beginning b = signed_in(c);
    struct exchange x = {.token = str_sub(b.grant.refresh_token, 0, 40)};
    db_reset_count(c->db);
    must(exchange(c, &x));
    assert_true(x.refused && !x.ended);
    assert_int_equal(db_count(c->db), 0);
}

static void one_session_too_many_ends_the_oldest(void **state)
{
    struct ctx *c = *state;
    struct beginning first = signed_in(c), last;
    struct principal p;
    for (int i = 1; i < SESSIONS; i++) {
        last = signed_in(c);
        assert_false(last.ended);
    }
    must(look(c, first.grant.token, &p));
    last = signed_in(c);
    assert_true(last.ended);
    must_be(ERR_INVALID_TOKEN, look(c, first.grant.token, &p));
    must(look(c, last.grant.token, &p));
}

struct settling {
    struct proof proof;
    bool ended;
};

static error settle(struct ctx *c, void *arg)
{
    struct settling *s = arg;
    return proof_settle(c, &s->proof, &s->ended);
}

static struct settling by_issuer(const char *digest)
{
    struct settling s = {.proof = {.user = user, .by_issuer = true}};
    s.proof.token = (struct oidc_identity){user.email, str_of(digest), clock_ms() / 1000 + 60};
    return s;
}

static void a_password_that_was_changed_meanwhile_shows_nothing(void **state)
{
    struct ctx *c = *state;
    struct settling s = {.proof = {.user = user}};
    must(in_transaction(c, settle, &s));
    must(store_user_set_password(c, &user.id, user.password_hash, S("another"), clock_ms()));
    must_be(ERR_INVALID_CREDENTIALS, in_transaction(c, settle, &s));
    assert_false(s.ended);
}

static void the_first_proof_of_an_address_makes_password_and_sessions_void(void **state)
{
    struct ctx *c = *state;
    struct beginning b = signed_in(c);
    struct settling s = by_issuer("11"), again = by_issuer("12");
    struct principal p;
    struct user now;
    must(in_transaction(c, settle, &s));
    assert_true(s.ended);
    must_be(ERR_INVALID_TOKEN, look(c, b.grant.token, &p));
    must(store_user_get(c, &user.id, &now));
    assert_true(now.proved);
    assert_null(now.password_hash.p);
    b = signed_in(c);
    must(in_transaction(c, settle, &again));
    assert_false(again.ended);
    must(look(c, b.grant.token, &p));
}

static void a_token_is_spent_by_what_is_signed_until_it_ends(void **state)
{
    struct ctx *c = *state;
    struct settling s = by_issuer("21"), ended = by_issuer("22");
    must(in_transaction(c, settle, &s));
    must_be(ERR_INVALID_TOKEN, in_transaction(c, settle, &s));
    ended.proof.token.ends_s = (clock_ms() - TOKENS_KEPT_MS) / 1000 - 1;
    must(in_transaction(c, settle, &ended));
    must(housekeeping(c));
    must_be(ERR_INVALID_TOKEN, in_transaction(c, settle, &s));
    must(in_transaction(c, settle, &ended)); /* nothing is remembered of it */
}

static error fail_often(struct ctx *c, void *arg)
{
    for (int i = 0; i < 2500; i++)
        TRY(store_login_failure_add(c, arena_printf(c->arena, "%064d", i), 1, 0));
    (void)arg;
    return NULL;
}

static void many_failures_at_once_are_forgotten_at_once(void **state)
{
    struct ctx *c = *state;
    uint64_t left;
    must(in_transaction(c, fail_often, NULL));
    must(housekeeping(c));
    must(store_login_failure_purge(c, clock_ms(), &left));
    assert_int_equal(0, left);
}

static int start(void **state)
{
    const char *problem;
    (void)state;
    must(database_make(&database, "sessions"));
    must(migrate(&database.ctx, NULL, NULL));
    database.config.sessions_max = SESSIONS;
    database.config.secret_key_id = 1;
    database.config.secret_key = S("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    shm = shm_map(S("/nowhere/amp.shm"), &problem);
    return shm == NULL;
}

static int stop(void **state)
{
    (void)state;
    shm_unmap(shm);
    return database_drop(&database) != NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_token_speaks_for_its_user_in_the_tenant_and_mode_of_the_session,
                               somebody),
        cmocka_unit_test_setup(in_a_tenant_where_the_user_has_no_place_there_is_no_role, somebody),
        cmocka_unit_test_setup(what_was_seen_costs_no_query_until_the_host_forgets, somebody),
        cmocka_unit_test_setup(a_refresh_token_is_good_once_and_the_second_time_ends_the_session,
                               somebody),
        cmocka_unit_test_setup(what_is_no_refresh_token_is_refused_without_a_query, somebody),
        cmocka_unit_test_setup(one_session_too_many_ends_the_oldest, somebody),
        cmocka_unit_test_setup(a_password_that_was_changed_meanwhile_shows_nothing, somebody),
        cmocka_unit_test_setup(the_first_proof_of_an_address_makes_password_and_sessions_void,
                               somebody),
        cmocka_unit_test_setup(a_token_is_spent_by_what_is_signed_until_it_ends, somebody),
        cmocka_unit_test_setup(many_failures_at_once_are_forgotten_at_once, somebody),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    return cmocka_run_group_tests(tests, start, stop);
}
