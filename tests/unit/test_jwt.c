/* test_jwt.c: which access tokens are believed. Forgeries are signed with the real secret wherever
 * that makes them harder to tell. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <sodium.h>
#include <string.h>

#include "auth/jwt.h"

enum { NOW_S = 1800000000 };
#define ISSUER S("https://amp.example")
#define KID "0OxlNPC000000001"
#define HEADER "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"" KID "\"}"
#define IDS                                                                                        \
    "\"sub\":\"usr_0OxlNPC000000002\",\"tid\":\"tnt_0OxlNPC000000003\","                           \
    "\"sid\":\"ses_0OxlNPC000000004\",\"jti\":\"0OxlNPC000000005\","
#define OURS "\"iss\":\"https://amp.example\",\"aud\":\"amp-api\","
#define TIMES "\"iat\":1800000000,\"nbf\":1800000000,\"exp\":1800000900,"
#define LIVE "\"mode\":\"live\""
#define CLAIMS "{" OURS IDS TIMES LIVE "}"

static struct arena *arena;
static const struct token_key key = {{KID}, "0123456789abcdef0123456789abcde"};

static int start(void **state)
{
    (void)state;
    crypto_init();
    arena = arena_new(16 << 20);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct str base64url(const void *bytes, size_t n)
{
    size_t size = sodium_base64_encoded_len(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = arena_alloc(arena, size);
    sodium_bin2base64(text, size, bytes, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return str_of(text);
}

/* Signed by HS256 with the real secret, whatever the header says. */
static struct str forge(const char *header, const char *claims)
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    struct str h = base64url(header, strlen(header)), p = base64url(claims, strlen(claims));
    struct str input = arena_printf(arena, "%.*s.%.*s", STR(h), STR(p));
    crypto_auth_hmacsha256(mac, (const unsigned char *)input.p, input.n, key.secret);
    return arena_printf(arena, "%.*s.%.*s", STR(input), STR(base64url(mac, sizeof mac)));
}

static error check(struct str token)
{
    struct token_claims claims;
    struct id kid;
    TRY(token_key_id(arena, token, &kid));
    return token_verify(arena, token, &key, ISSUER, NOW_S, &claims);
}

static void must_be_invalid(struct str token, const char *why)
{
    error e = check(token);
    if (!error_is(e, ERR_INVALID_TOKEN))
        fail_msg("%s: %.*s", why, STR(e ? e->wire : S("believed")));
}

static void what_is_signed_is_believed(void **state)
{
    const struct token_claims in = {
        .token = {"0OxlNPC000000005"},
        .user = {"0OxlNPC000000002"},
        .tenant = {"0OxlNPC000000003"},
        .session = {"0OxlNPC000000004"},
        .issued_s = NOW_S,
        .expires_s = NOW_S + TOKEN_LIFE_S,
    };
    struct token_claims out;
    struct str token;
    struct id kid;
    (void)state;
    assert_null(token_sign(arena, &key, ISSUER, &in, &token));
    assert_null(token_key_id(arena, token, &kid));
    assert_true(id_eq(&kid, &key.id));
    assert_null(token_verify(arena, token, &key, ISSUER, NOW_S, &out));
    assert_true(id_eq(&out.user, &in.user) && id_eq(&out.tenant, &in.tenant));
    assert_true(id_eq(&out.session, &in.session) && id_eq(&out.token, &in.token));
    assert_false(out.live);
    assert_int_equal(out.expires_s, in.expires_s);
    assert_null(check(forge(HEADER, CLAIMS))); /* so that all below fail for what they say */
}

static void a_header_that_is_not_ours_is_refused(void **state)
{
#define REST "\"typ\":\"at+jwt\",\"kid\":\"" KID "\"}"
#define BEGIN "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"" KID "\","
    static const char *const headers[] = {
        "{\"alg\":\"none\"," REST,
        "{\"alg\":\"None\"," REST,
        "{\"alg\":\"hs256\"," REST,
        "{\"alg\":\"HS384\"," REST,
        "{\"alg\":\"HS512\"," REST,
        "{\"alg\":\"RS256\"," REST,
        "{\"alg\":\"PS256\"," REST,
        "{\"alg\":\"ES256\"," REST,
        "{\"alg\":[\"HS256\"]," REST,
        "{\"alg\":null," REST,
        "{" REST,
        "{\"alg\":\"none\",\"alg\":\"HS256\"," REST,
        "{\"alg\":\"HS256\",\"kid\":\"" KID "\"}",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"" KID "\"}",
        "{\"alg\":\"HS256\",\"typ\":\"AT+JWT\",\"kid\":\"" KID "\"}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"0OxlNPC000000002\"}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"../../dev/null\"}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"x' OR '1'='1\"}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":1}",
        BEGIN "\"crit\":[\"exp\"],\"exp\":1}",
        BEGIN "\"crit\":[]}",
        BEGIN "\"jku\":\"https://evil.example/jwks\"}",
        BEGIN "\"jwk\":{\"kty\":\"oct\",\"k\":\"AA\"}}",
        BEGIN "\"x5u\":\"https://evil.example/cert\"}",
        BEGIN "\"x5c\":[]}",
        BEGIN "\"b64\":false}",
        BEGIN "\"zip\":\"DEF\"}",
        BEGIN "\"cty\":\"JWT\"}",
        "[]",
        "\"HS256\"",
        "{\"alg\":\"HS256\"",
    };
    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        must_be_invalid(forge(headers[i], CLAIMS), headers[i]);
}

static void claims_that_are_missing_foreign_or_of_another_kind_are_refused(void **state)
{
    static const char *const claims[] = {
        "{" IDS TIMES LIVE "}",
        "{\"iss\":\"https://amp.example\"," IDS TIMES LIVE "}",
        "{\"iss\":\"https://amp.example/\",\"aud\":\"amp-api\"," IDS TIMES LIVE "}",
        "{\"iss\":\"https://other.example\",\"aud\":\"amp-api\"," IDS TIMES LIVE "}",
        "{\"iss\":\"https://amp.example\",\"aud\":\"other\"," IDS TIMES LIVE "}",
        "{\"iss\":\"https://amp.example\",\"aud\":[\"amp-api\",\"other\"]," IDS TIMES LIVE "}",
        "{" OURS TIMES LIVE "}",
        "{" OURS IDS TIMES "\"mode\":\"dev\"}",
        "{" OURS IDS TIMES "\"mode\":true}",
        "{" OURS IDS "\"nbf\":1800000000,\"exp\":1800000900," LIVE "}",
        "{" OURS IDS "\"iat\":1800000000,\"exp\":1800000900," LIVE "}",
        "{" OURS IDS "\"iat\":1800000000,\"nbf\":1800000000," LIVE "}",
        "{" OURS IDS "\"iat\":1800000000,\"nbf\":1800000000,\"exp\":\"1800000900\"," LIVE "}",
        "{" OURS IDS "\"iat\":1800000000,\"nbf\":1800000000,\"exp\":null," LIVE "}",
        "{" OURS IDS "\"iat\":1800000000,\"nbf\":1800000000,\"exp\":1800000900.5," LIVE "}",
        "{" OURS IDS "\"iat\":1800000000,\"nbf\":1800000000,\"exp\":1e400," LIVE "}",
        "{" OURS IDS "\"iat\":1800000000,\"nbf\":1800000000,\"exp\":-1," LIVE "}",
        "{" OURS IDS "\"iat\":1800000031,\"nbf\":1800000000,\"exp\":1800000900," LIVE "}",
        "{" OURS IDS "\"iat\":1800000000,\"nbf\":1800000031,\"exp\":1800000900," LIVE "}",
        "{" OURS IDS TIMES LIVE ",\"mode\":\"test\"}",
        "{" OURS "\"sub\":\"tnt_0OxlNPC000000002\",\"tid\":\"tnt_0OxlNPC000000003\","
        "\"sid\":\"ses_0OxlNPC000000004\",\"jti\":\"0OxlNPC000000005\"," TIMES LIVE "}",
        "{" OURS "\"sub\":7,\"tid\":\"tnt_0OxlNPC000000003\","
        "\"sid\":\"ses_0OxlNPC000000004\",\"jti\":\"0OxlNPC000000005\"," TIMES LIVE "}",
        "[]",
        "null",
        "{",
    };
    (void)state;
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
        must_be_invalid(forge(HEADER, claims[i]), claims[i]);
}

static void clocks_may_differ_by_half_a_minute_but_an_end_is_an_end(void **state)
{
    (void)state;
    assert_null(check(forge(HEADER, "{" OURS IDS "\"iat\":1800000030,\"nbf\":1800000030,"
                                    "\"exp\":1800000900," LIVE "}")));
    assert_null(check(forge(HEADER, "{" OURS IDS "\"iat\":1799999101,\"nbf\":1799999101,"
                                    "\"exp\":1800000001," LIVE "}")));
    assert_true(error_is(check(forge(HEADER, "{" OURS IDS "\"iat\":1799999100,\"nbf\":1799999100,"
                                             "\"exp\":1800000000," LIVE "}")),
                         ERR_TOKEN_EXPIRED));
    assert_true(error_is(check(forge(HEADER, "{\"iss\":\"https://other.example\"," IDS
                                             "\"iat\":1,\"nbf\":1,\"exp\":2," LIVE "}")),
                         ERR_INVALID_TOKEN));
}

static void a_token_has_one_spelling(void **state)
{
    struct str good = forge(HEADER, CLAIMS), last = str_sub(good, 0, good.n - 1);
    static const char *const ends[] = {"=", "==", ".", ".x", " ", "\n", "A"};
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        must_be_invalid(arena_printf(arena, "%.*s%s", STR(good), ends[i]), ends[i]);
    must_be_invalid(last, "cut");
    must_be_invalid(arena_printf(arena, " %.*s", STR(good)), "space before");
    for (size_t i = 0; i < good.n; i++) { /* each character is another one */
        char *other = arena_cstr(arena, good);
        other[i] = other[i] == 'A' ? 'B' : 'A';
        must_be_invalid((struct str){other, good.n}, "a changed character");
    }
}

static void what_is_not_signed_is_not_read(void **state)
{
    struct str h = base64url(HEADER, sizeof HEADER - 1), p = base64url(CLAIMS, sizeof CLAIMS - 1);
    char *long_text = arena_alloc(arena, TOKEN_MAX + 1);
    (void)state;
    must_be_invalid(arena_printf(arena, "%.*s.%.*s.", STR(h), STR(p)), "no signature");
    must_be_invalid(arena_printf(arena, "%.*s.%.*s", STR(h), STR(p)), "two parts");
    must_be_invalid(arena_printf(arena, "%.*s..%.*s", STR(h), STR(p)), "no claims");
    must_be_invalid(S(".."), "nothing");
    memset(long_text, 'A', TOKEN_MAX + 1);
    must_be_invalid((struct str){long_text, TOKEN_MAX + 1}, "too long");
    must_be_invalid(forge(HEADER, arena_printf(arena, "{%s%s%s%s,\"x\":\"%.*s\"}", OURS, IDS, TIMES,
                                               LIVE, TOKEN_MAX, long_text)
                                      .p),
                    "too long, and signed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_signed_is_believed),
        cmocka_unit_test(a_header_that_is_not_ours_is_refused),
        cmocka_unit_test(claims_that_are_missing_foreign_or_of_another_kind_are_refused),
        cmocka_unit_test(clocks_may_differ_by_half_a_minute_but_an_end_is_an_end),
        cmocka_unit_test(a_token_has_one_spelling),
        cmocka_unit_test(what_is_not_signed_is_not_read),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
