/* test_keys.c: whose key it is, kept by a real server; and what a principal may do. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "auth/keys.h"
#include "base/clock.h"
#include "database.h"
#include "db/migrate.h"
#include "store/identity.h"

static struct database database;
static struct shm *shm;

static void must(error e)
{
    if (e)
        fail_msg("%.*s: %.*s", STR(e->wire), STR(e->cause));
}

/* A tenant of its own, and a cache that knows nothing. */
static struct key_cache *cache;

static int new_tenant(void **state)
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
    cache = key_cache_new(c->arena, shm);
    *state = c;
    return store_tenant_insert(c, &t) != NULL;
}

static struct api_key make(struct ctx *c, bool live)
{
    struct api_key k = {.id = id_new(c->now_ms), .name = S("CI"), .created_ms = c->now_ms};
    k.scope_bits = 1 << SCOPE_MISSIONS_READ;
    key_make(c->arena, live, &k);
    return k;
}

static struct api_key a_key(struct ctx *c, bool live)
{
    struct api_key k = make(c, live);
    must(store_key_insert(c, &k));
    return k;
}

static struct principal found(struct ctx *c, struct str key)
{
    struct principal p;
    must(key_authenticate(c, cache, key, &p));
    return p;
}

static void must_be_found(struct ctx *c, const struct api_key *k)
{
    struct principal p = found(c, k->key);
    assert_true(id_eq(&p.key_id, &k->id));
}

/* The error is one and the same, so that nobody learns which keys there are. */
static void must_be_refused(struct ctx *c, struct str key)
{
    struct principal p;
    error e = key_authenticate(c, cache, key, &p);
    if (e != error_of(ERR_UNAUTHORIZED))
        fail_msg("%.*s: %.*s", STR(key), STR(e ? e->wire : S("passes")));
}

static void a_key_leads_to_its_tenant_mode_and_scopes(void **state)
{
    struct ctx *c = *state;
    for (int live = 0; live <= 1; live++) {
        struct api_key k = a_key(c, live);
        struct principal p = found(c, k.key);
        assert_true(id_eq(&p.tenant_id, &c->scope.tenant));
        assert_true(id_eq(&p.key_id, &k.id));
        assert_int_equal(p.live, live);
        assert_int_equal(p.scopes, 1 << SCOPE_MISSIONS_READ);
        assert_int_equal(p.method, AUTH_API_KEY);
        assert_false(p.suspended);
    }
}

static void the_secret_is_kept_as_a_hash_only(void **state)
{
    struct ctx *c = *state;
    struct api_key k = a_key(c, true);
    unsigned char hash[SHA256_LEN];
    crypto_sha256(k.key, hash);
    assert_int_equal(k.key.n, KEY_LEN);
    assert_true(str_starts(k.key, S("amp_live_")));
    assert_true(str_eq(k.key_prefix, str_sub(k.key, 9, 4)));
    assert_true(str_eq(k.hash, crypto_hex(c->arena, (struct str){(char *)hash, sizeof hash})));
}

static void a_key_that_was_seen_costs_no_query(void **state)
{
    struct ctx *c = *state;
    struct api_key k = a_key(c, true);
    found(c, k.key);
    db_reset_count(c->db);
    must_be_found(c, &k);
    assert_int_equal(db_count(c->db), 0);
}

static void a_revoked_key_fails_as_soon_as_it_is_to_be_forgotten(void **state)
{
    struct ctx *c = *state;
    struct api_key k = a_key(c, true);
    found(c, k.key);
    must(store_key_delete(c, &k.id));
    shm_forget(shm);
    must_be_refused(c, k.key);
}

static void an_expired_key_is_refused(void **state)
{
    struct ctx *c = *state;
    struct api_key over = make(c, true), later = make(c, true);
    over.expires_ms = clock_ms() - 1;
    later.expires_ms = clock_ms() + DAY_MS;
    must(store_key_insert(c, &over));
    must(store_key_insert(c, &later));
    must_be_refused(c, over.key);
    must_be_refused(c, over.key); /* remembered or not */
    assert_int_equal(found(c, later.key).expires_ms, later.expires_ms);
}

static void the_mode_in_the_key_is_that_of_the_row_or_it_is_refused(void **state)
{
    struct ctx *c = *state;
    struct api_key k = make(c, false);
    k.livemode = true;
    must(store_key_insert(c, &k));
    must_be_refused(c, k.key);
}

static void what_is_no_key_is_refused_without_a_query(void **state)
{
    struct ctx *c = *state;
    static const char *const malformed[] = {
        "",
        "amp_live_",
        "amp_live_0123456789ABCDEF0123456789ABCDE",
        "amp_live_0123456789ABCDEF0123456789ABCDEF0",
        "amp_live_0123456789ABCDEF0123456789ABCDE-",
        "amp_dev__0123456789ABCDEF0123456789ABCDEF",
        "AMP_LIVE_0123456789ABCDEF0123456789ABCDEF",
        "amp_test-0123456789ABCDEF0123456789ABCDEF",
    };
    db_reset_count(c->db);
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++)
        must_be_refused(c, str_of(malformed[i]));
    assert_int_equal(db_count(c->db), 0);
}

static void an_unknown_key_is_refused(void **state)
{
    struct api_key never_stored = make(*state, true);
    must_be_refused(*state, never_stored.key);
}

/* The cache has few places for keys of which these bits are the same. */
static unsigned place_of(const struct api_key *k)
{
    unsigned char hash[SHA256_LEN];
    crypto_sha256(k->key, hash);
    return ((unsigned)hash[0] << 8 | hash[1]) & 0xFF;
}

static void keys_that_share_a_place_are_not_taken_for_each_other(void **state)
{
    struct ctx *c = *state;
    struct api_key keys[8];
    keys[0] = a_key(c, true);
    for (int i = 1; i < 8; i++) {
        do
            keys[i] = make(c, true);
        while (place_of(&keys[i]) != place_of(&keys[0]));
        must(store_key_insert(c, &keys[i]));
    }
    for (int i = 0; i < 16; i++)
        must_be_found(c, &keys[i % 8]);
}

static void the_limit_is_the_tenants_or_that_of_the_plan(void **state)
{
    struct ctx *c = *state;
    struct api_key k = a_key(c, true);
    database.config.rate_pro = 300;
    assert_int_equal(found(c, k.key).rate_limit, 300);
    must(db_command(c, "UPDATE tenant SET rate_limit = 17"));
    shm_forget(shm);
    assert_int_equal(found(c, k.key).rate_limit, 17);
}

static void a_suspended_tenant_is_known_to_be(void **state)
{
    struct ctx *c = *state;
    struct api_key k = a_key(c, true);
    must(db_command(c, "UPDATE tenant SET suspended = TRUE"));
    assert_true(found(c, k.key).suspended);
}

static void only_test_mode_has_a_stopped_clock(void **state)
{
    struct ctx *c = *state;
    struct api_key live = a_key(c, true), test = a_key(c, false);
    must(store_clock_set(c, 1234567));
    assert_int_equal(found(c, live.key).clock_ms, 0);
    assert_int_equal(found(c, test.key).clock_ms, 1234567);
}

static void last_use_is_written_down(void **state)
{
    struct ctx *c = *state;
    struct api_key k = a_key(c, true);
    struct id past_all = id_max(), none = {{0}};
    struct list keys;
    int64_t before = clock_ms();
    found(c, k.key);
    must(store_key_page(c, &past_all, &none, 1, &keys));
    assert_true(((const struct api_key *)keys.at)->last_used_ms >= before);
}

static void test_mode_does_not_reach_live_keys(void **state)
{
    struct ctx *c = *state;
    struct api_key live = a_key(c, true), test = a_key(c, false);
    struct id past_all = id_max(), none = {{0}};
    struct list keys;
    int64_t n;
    c->scope.live = false;
    must(store_key_page(c, &past_all, &none, 10, &keys));
    must(store_key_count(c, &n));
    assert_int_equal(keys.n, 1);
    assert_int_equal(n, 1);
    assert_true(id_eq(&((const struct api_key *)keys.at)->id, &test.id));
    assert_true(error_is(store_key_delete(c, &live.id), ERR_NOT_FOUND));
    c->scope.live = true;
    must(store_key_count(c, &n));
    assert_int_equal(n, 2);
    must(store_key_delete(c, &test.id));
}

static void scopes_cover_what_they_imply(void **state)
{
    static const struct {
        enum scope_name granted;
        const char *wanted;
        bool may;
    } cases[] = {
        {SCOPE_NONE, NULL, true},
        {SCOPE_NONE, "missions:read", false},
        {SCOPE_MISSIONS_READ, "missions:read", true},
        {SCOPE_MISSIONS_READ, "missions:write", false},
        {SCOPE_MISSIONS_WRITE, "missions:read", true},
        {SCOPE_MISSIONS_WRITE, "content:read", false},
        {SCOPE_ADMIN, "integrations:write", true},
        {SCOPE_ADMIN, "admin", true},
        {SCOPE_CONTENT_WRITE, "admin", false},
        {SCOPE_ADMIN, "no:such", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct principal p = {.scopes = cases[i].granted ? 1 << cases[i].granted : 0};
        assert_int_equal(principal_may(&p, cases[i].wanted), cases[i].may);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, new_tenant)
    const struct CMUnitTest tests[] = {
        TEST(a_key_leads_to_its_tenant_mode_and_scopes),
        TEST(the_secret_is_kept_as_a_hash_only),
        TEST(a_key_that_was_seen_costs_no_query),
        TEST(a_revoked_key_fails_as_soon_as_it_is_to_be_forgotten),
        TEST(an_expired_key_is_refused),
        TEST(the_mode_in_the_key_is_that_of_the_row_or_it_is_refused),
        TEST(what_is_no_key_is_refused_without_a_query),
        TEST(an_unknown_key_is_refused),
        TEST(keys_that_share_a_place_are_not_taken_for_each_other),
        TEST(the_limit_is_the_tenants_or_that_of_the_plan),
        TEST(a_suspended_tenant_is_known_to_be),
        TEST(only_test_mode_has_a_stopped_clock),
        TEST(last_use_is_written_down),
        TEST(test_mode_does_not_reach_live_keys),
        TEST(scopes_cover_what_they_imply),
    };
    const char *problem;
    if (!database_offered())
        return DATABASE_SKIPPED;
    if (database_make(&database, "keys") || migrate(&database.ctx, NULL, NULL))
        return 1;
    shm = shm_map((struct str){0}, &problem);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    shm_unmap(shm);
    return database_drop(&database) ? 1 : failed;
}
