/* test_seal.c: sealed with the new key, opened with the old ones as long as they are configured. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/seal.h"

#define KEY_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define KEY_B "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static const struct config with_a = {.secret_key = S(KEY_A), .secret_key_id = 1};
static const struct config with_b = {
    .secret_key = S(KEY_B), .secret_key_id = 255, .old_keys = S(" 7:" KEY_B ", 1 : " KEY_A)};
static const struct config only_b = {.secret_key = S(KEY_B), .secret_key_id = 255};

static int set_up(void **state)
{
    *state = arena_new((size_t)1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static struct str sealed_by(struct arena *a, const struct config *config)
{
    struct str sealed;
    assert_null(seal(a, config, S("tnt_1"), S("token"), &sealed));
    assert_int_equal((unsigned char)sealed.p[0], config->secret_key_id);
    return sealed;
}

static bool opens(struct arena *a, const struct config *config, struct str sealed)
{
    struct str plain;
    bool opened = unseal(a, config, S("tnt_1"), sealed, &plain);
    assert_int_equal(opened, str_eq(plain, S("token")));
    return opened;
}

static void an_old_key_opens_until_it_is_removed(void **state)
{
    struct str old = sealed_by(*state, &with_a), fresh = sealed_by(*state, &with_b);
    assert_true(opens(*state, &with_a, old));
    assert_true(opens(*state, &with_b, old));
    assert_false(opens(*state, &only_b, old));
    assert_true(opens(*state, &with_b, fresh));
    assert_true(opens(*state, &only_b, fresh));
    assert_false(opens(*state, &with_a, fresh));
}

static void what_was_moved_bent_or_cut_does_not_open(void **state)
{
    struct str plain, sealed = sealed_by(*state, &with_a);
    assert_false(unseal(*state, &with_a, S("tnt_2"), sealed, &plain));
    for (size_t n = 0; n < sealed.n; n++) {
        char *bent = arena_cstr(*state, sealed);
        bent[n] ^= 1;
        assert_false(opens(*state, &with_a, (struct str){bent, sealed.n}));
        assert_false(opens(*state, &with_a, str_sub(sealed, 0, n)));
    }
}

static void without_a_key_nothing_is_sealed(void **state)
{
    static const struct config none = {.secret_key_id = 1};
    struct str sealed;
    error e = seal(*state, &none, S("tnt_1"), S("token"), &sealed);
    assert_true(error_is(e, ERR_NOT_IMPLEMENTED));
    assert_false(seal_possible(&none));
    assert_true(seal_possible(&only_b));
    assert_false(opens(*state, &none, sealed_by(*state, &with_a)));
}

static void old_keys_are_counted_in_their_order(void **state)
{
    (void)state;
    assert_int_equal(seal_old_key(&with_b, 0), 7);
    assert_int_equal(seal_old_key(&with_b, 1), 1);
    assert_int_equal(seal_old_key(&with_b, 2), 0);
    assert_int_equal(seal_old_key(&only_b, 0), 0);
}

static void a_list_of_old_keys_has_to_fit(void **state)
{
    static const struct str wrong[] = {
        S(""),
        S("1"),
        S(KEY_A),
        S("0:" KEY_A),
        S("256:" KEY_A),
        S("1:AAAA"),
        S("1:" KEY_A ","),
        S("x:" KEY_A),
        S("1:" KEY_A ", 2:" KEY_B ", 1:" KEY_B),
    };
    (void)state;
    assert_true(seal_old_keys_fit(S("1:" KEY_A)));
    assert_true(seal_old_keys_fit(with_b.old_keys));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(seal_old_keys_fit(wrong[i]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_old_key_opens_until_it_is_removed), TEST(what_was_moved_bent_or_cut_does_not_open),
        TEST(without_a_key_nothing_is_sealed),      TEST(old_keys_are_counted_in_their_order),
        TEST(a_list_of_old_keys_has_to_fit),
    };
    crypto_init();
    return cmocka_run_group_tests_name("seal", tests, NULL, NULL);
}
