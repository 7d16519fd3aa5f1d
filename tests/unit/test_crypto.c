/* test_crypto.c: the promises of base/crypto.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <string.h>
#include <cmocka.h>

#include "base/crypto.h"

#define assert_str(got, want) assert_true(str_eq((got), (want)))

static const unsigned char key[SEAL_KEY_LEN] = {1, 2, 3};

static int make(void **state)
{
    *state = arena_new(1 << 20);
    return 0;
}

static int drop(void **state)
{
    arena_free(*state);
    return 0;
}

static struct str hex_of_sha256(struct arena *a, struct str in)
{
    unsigned char hash[SHA256_LEN];
    crypto_sha256(in, hash);
    return crypto_hex(a, (struct str){(const char *)hash, sizeof hash});
}

/* FIPS 180-2, appendix B. */
static void sha256_gives_the_published_values(void **state)
{
    assert_str(hex_of_sha256(*state, S("abc")),
               S("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    assert_str(hex_of_sha256(*state, (struct str){NULL, 0}),
               S("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

static void equality_is_of_length_and_bytes(void **state)
{
    (void)state;
    assert_true(crypto_equal(S("secret"), S("secret")));
    assert_false(crypto_equal(S("secret"), S("secreT")));
    assert_false(crypto_equal(S("secret"), S("secre")));
    assert_true(crypto_equal(S(""), (struct str){NULL, 0}));
}

static void random_bytes_differ_and_numbers_stay_below_their_bound(void **state)
{
    (void)state;
    unsigned char a[16], b[16];
    crypto_random(a, sizeof a);
    crypto_random(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    unsigned seen = 0;
    for (int i = 0; i < 1000; i++) {
        uint32_t n = crypto_random_below(3);
        assert_in_range(n, 0, 2);
        seen |= 1u << n;
    }
    assert_int_equal(seen, 7);
}

static void a_password_opens_its_own_hash_only(void **state)
{
    struct str hash, again;
    assert_null(crypto_password_hash(*state, S("correct horse"), &hash));
    assert_null(crypto_password_hash(*state, S("correct horse"), &again));
    assert_false(str_eq(hash, again));
    assert_true(hash.n < PASSWORD_HASH_MAX);
    assert_true(str_starts(hash, S("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert_true(crypto_password_verify(hash, S("correct horse")));
    assert_false(crypto_password_verify(hash, S("correct horsf")));
    assert_false(crypto_password_verify(hash, (struct str){NULL, 0}));
}

static void what_is_no_hash_verifies_nothing(void **state)
{
    (void)state;
    char text[400];
    memset(text, 'a', sizeof text);
    assert_false(crypto_password_verify((struct str){text, sizeof text}, S("x")));
    assert_false(crypto_password_verify((struct str){NULL, 0}, S("x")));
    assert_false(crypto_password_verify(S("$argon2id$"), S("x")));
}

static void what_is_sealed_can_be_opened(void **state)
{
    static const struct str plain[] = {{"token", 5}, {"", 0}, {"\0\xFF", 2}};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        struct str opened, sealed = crypto_seal(*state, key, S("tnt_1"), plain[i]);
        assert_true(crypto_open(*state, key, S("tnt_1"), sealed, &opened));
        assert_str(opened, plain[i]);
    }
}

static void sealing_twice_gives_different_bytes(void **state)
{
    struct str a = crypto_seal(*state, key, S("tnt_1"), S("token"));
    struct str b = crypto_seal(*state, key, S("tnt_1"), S("token"));
    assert_false(str_eq(a, b));
}

static void tampered_cut_or_foreign_seals_do_not_open(void **state)
{
    struct str opened = S("untouched");
    struct str sealed = crypto_seal(*state, key, S("tnt_1"), S("token"));
    const unsigned char other[SEAL_KEY_LEN] = {9};
    assert_false(crypto_open(*state, key, S("tnt_2"), sealed, &opened));
    assert_false(crypto_open(*state, other, S("tnt_1"), sealed, &opened));
    for (size_t n = 0; n < sealed.n; n++) {
        char *bent = arena_cstr(*state, sealed);
        bent[n] ^= 1;
        assert_false(crypto_open(*state, key, S("tnt_1"), (struct str){bent, sealed.n}, &opened));
        assert_false(crypto_open(*state, key, S("tnt_1"), str_sub(sealed, 0, n), &opened));
    }
    assert_str(opened, S("untouched"));
}

/* RFC 4648, section 10. */
static void base64_is_the_standard_one(void **state)
{
    static const struct str pairs[][2] = {
        {{"", 0}, {"", 0}},
        {{"f", 1}, {"Zg==", 4}},
        {{"fo", 2}, {"Zm8=", 4}},
        {{"foobar", 6}, {"Zm9vYmFy", 8}},
        {{"\xFB\xFF", 2}, {"+/8=", 4}},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        unsigned char out[16];
        size_t n;
        assert_str(crypto_base64(*state, pairs[i][0]), pairs[i][1]);
        assert_true(crypto_base64_decode(pairs[i][1], out, sizeof out, &n));
        assert_str(((struct str){(const char *)out, n}), pairs[i][0]);
    }
}

static void malformed_or_long_base64_is_refused(void **state)
{
    (void)state;
    unsigned char out[3];
    size_t n;
    static const char *const bad[] = {"wa\226n", "Zg",   "Zg=",   "Zh==",   "Z",
                                      "Zg==x",   "-_8=", "Zm 8=", "Zm8=\n", "Zm9vYmFy"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(crypto_base64_decode(str_of(bad[i]), out, sizeof out, &n));
    assert_true(crypto_base64_decode(S("Zm9v"), out, sizeof out, &n));
    assert_int_equal(n, 3);
}

static void hexadecimal_is_lower_case(void **state)
{
    assert_str(crypto_hex(*state, S("\x01\xAB\xFF")), S("01abff"));
    assert_str(crypto_hex(*state, S("")), S(""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

/* RFC 4231, test cases 1 and 6 (a key that is longer than a block). */
static void macs_are_those_of_the_standard(void **state)
{
    struct arena *a = *state;
    unsigned char mac[SHA256_LEN];
    char long_key[131];
    memset(long_key, 0x0b, 20);
    crypto_hmac_sha256((struct str){long_key, 20}, S("Hi There"), mac);
    assert_true(str_eq(crypto_hex(a, (struct str){(const char *)mac, sizeof mac}),
                       S("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")));
    memset(long_key, 0xaa, sizeof long_key);
    crypto_hmac_sha256((struct str){long_key, sizeof long_key},
                       S("Test Using Larger Than Block-Size Key - Hash Key First"), mac);
    assert_true(str_eq(crypto_hex(a, (struct str){(const char *)mac, sizeof mac}),
                       S("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")));
}

static void a_jittered_pause_is_half_to_whole(void **state)
{
    bool differs = false;
    int64_t first = crypto_jitter(1000);
    (void)state;
    for (int i = 0; i < 100; i++) {
        int64_t ms = crypto_jitter(1000);
        assert_in_range(ms, 500, 1000);
        differs |= ms != first;
    }
    assert_true(differs);
    assert_int_equal(crypto_jitter(0), 0);
}

int main(void)
{
    crypto_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jittered_pause_is_half_to_whole),
        TEST(macs_are_those_of_the_standard),
        TEST(sha256_gives_the_published_values),
        TEST(equality_is_of_length_and_bytes),
        TEST(random_bytes_differ_and_numbers_stay_below_their_bound),
        TEST(a_password_opens_its_own_hash_only),
        TEST(what_is_no_hash_verifies_nothing),
        TEST(what_is_sealed_can_be_opened),
        TEST(sealing_twice_gives_different_bytes),
        TEST(tampered_cut_or_foreign_seals_do_not_open),
        TEST(base64_is_the_standard_one),
        TEST(malformed_or_long_base64_is_refused),
        TEST(hexadecimal_is_lower_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
