/* crypto.c: the doorman of libsodium; the only file that includes it. Which key seals what, and who
 * has which password, is not known here. */
#include "base/crypto.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NONCE_LEN = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, TAG_LEN = 16 };

/* Argon2id as OWASP's password storage guide asks for it. */
enum { PASSWORD_PASSES = 2, PASSWORD_MEMORY = 19 * 1024 * 1024 };

static_assert(SHA256_LEN == crypto_hash_sha256_BYTES, "length of SHA-256");
static_assert(SEAL_KEY_LEN == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "length of a key");
static_assert(TAG_LEN == crypto_aead_xchacha20poly1305_ietf_ABYTES, "length of a tag");
static_assert(PASSWORD_HASH_MAX >= crypto_pwhash_STRBYTES, "room for a hash");

void crypto_init(void)
{
    if (sodium_init() < 0) {
        (void)fputs("crypto: libsodium cannot start\n", stderr);
        abort();
    }
}

void crypto_random(void *out, size_t n)
{
    randombytes_buf(out, n);
}

uint32_t crypto_random_below(uint32_t bound)
{
    return randombytes_uniform(bound);
}

int64_t crypto_jitter(int64_t ms)
{
    uint32_t half = (uint32_t)(ms / 2);
    return ms - half + crypto_random_below(half + 1);
}

static const unsigned char *bytes_of(struct str s)
{
    return (const unsigned char *)(s.p ? s.p : "");
}

void crypto_sha256(struct str in, unsigned char out[SHA256_LEN])
{
    int failed = crypto_hash_sha256(out, bytes_of(in), in.n);
    assert(!failed);
}

bool crypto_equal(struct str a, struct str b)
{
    return a.n == b.n && sodium_memcmp(bytes_of(a), bytes_of(b), a.n) == 0;
}

error crypto_password_hash(struct arena *a, struct str password, struct str *out)
{
    char *hash = arena_alloc(a, PASSWORD_HASH_MAX);
    if (crypto_pwhash_str_alg(hash, (const char *)bytes_of(password), password.n, PASSWORD_PASSES,
                              PASSWORD_MEMORY, crypto_pwhash_ALG_ARGON2ID13))
        return error_because(a, ERR_UNAVAILABLE, "no memory to hash a password");
    *out = str_of(hash);
    return NULL;
}

bool crypto_password_verify(struct str hash, struct str password)
{
    char text[PASSWORD_HASH_MAX] = {0}; /* libsodium wants a zero, and reads up to this length */
    if (hash.n == 0 || hash.n >= sizeof text)
        return false;
    memcpy(text, hash.p, hash.n);
    return crypto_pwhash_str_verify(text, (const char *)bytes_of(password), password.n) == 0;
}

struct str crypto_seal(struct arena *a, const unsigned char key[SEAL_KEY_LEN], struct str context,
                       struct str plain)
{
    size_t n = NONCE_LEN + plain.n + TAG_LEN;
    unsigned char *sealed = arena_alloc(a, n);
    randombytes_buf(sealed, NONCE_LEN);
    int failed = crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed + NONCE_LEN, NULL, bytes_of(plain), plain.n, bytes_of(context), context.n, NULL,
        sealed, key);
    assert(!failed);
    return (struct str){(const char *)sealed, n};
}

bool crypto_open(struct arena *a, const unsigned char key[SEAL_KEY_LEN], struct str context,
                 struct str sealed, struct str *plain)
{
    if (sealed.n < NONCE_LEN + TAG_LEN)
        return false;
    const unsigned char *nonce = bytes_of(sealed);
    size_t n = sealed.n - NONCE_LEN - TAG_LEN;
    unsigned char *opened = arena_alloc(a, n + 1);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(opened, NULL, NULL, nonce + NONCE_LEN,
                                                   n + TAG_LEN, bytes_of(context), context.n, nonce,
                                                   key))
        return false;
    *plain = (struct str){(const char *)opened, n};
    return true;
}

void crypto_hmac_sha256(struct str key, struct str in, unsigned char out[SHA256_LEN])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, bytes_of(key), key.n);
    crypto_auth_hmacsha256_update(&state, bytes_of(in), in.n);
    crypto_auth_hmacsha256_final(&state, out);
}

struct str crypto_hex(struct arena *a, struct str bytes)
{
    char *text = arena_array(a, bytes.n + 1, 2);
    sodium_bin2hex(text, bytes.n * 2 + 1, bytes_of(bytes), bytes.n);
    return (struct str){text, bytes.n * 2};
}

static bool decode(struct str text, unsigned char *out, size_t max, size_t *n, int variant)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] >= 0x80) /* libsodium 1.0.18 takes some of them for digits */
            return false;
    }
    return sodium_base642bin(out, max, (const char *)bytes_of(text), text.n, NULL, n, NULL,
                             variant) == 0;
}

bool crypto_base64_decode(struct str text, unsigned char *out, size_t max, size_t *n)
{
    return decode(text, out, max, n, sodium_base64_VARIANT_ORIGINAL);
}

bool crypto_base64url_decode(struct arena *a, struct str text, struct str *out)
{
    unsigned char *bytes = arena_alloc(a, text.n + 1);
    size_t n;
    if (!decode(text, bytes, text.n, &n, sodium_base64_VARIANT_URLSAFE_NO_PADDING))
        return false;
    *out = (struct str){(const char *)bytes, n};
    return true;
}

struct str crypto_base64(struct arena *a, struct str bytes)
{
    size_t size = sodium_base64_encoded_len(bytes.n, sodium_base64_VARIANT_ORIGINAL);
    char *text = arena_alloc(a, size);
    sodium_bin2base64(text, size, bytes_of(bytes), bytes.n, sodium_base64_VARIANT_ORIGINAL);
    return (struct str){text, size - 1};
}
