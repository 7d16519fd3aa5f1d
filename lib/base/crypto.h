/* crypto.h: the doorman of libsodium: randomness, hashes, passwords, sealed secrets. */
#ifndef AMP_BASE_CRYPTO_H
#define AMP_BASE_CRYPTO_H

#include "base/arena.h"
#include "base/error.h"

enum { SHA256_LEN = 32, SEAL_KEY_LEN = 32, PASSWORD_HASH_MAX = 128 };

/* Once per process, before anything else here; ends the process if libsodium cannot start. */
void crypto_init(void);

void crypto_random(void *out, size_t n);

/* A uniform number below `bound`, for jitter and choices that are no secrets. */
uint32_t crypto_random_below(uint32_t bound);

/* Half of a pause, and a random part of its other half, so that those who failed together do not
 * come back together. At most 2^32 ms. */
int64_t crypto_jitter(int64_t ms);

void crypto_sha256(struct str in, unsigned char out[SHA256_LEN]);

/* HMAC-SHA-256 (RFC 2104) under a key of any length. */
void crypto_hmac_sha256(struct str key, struct str in, unsigned char out[SHA256_LEN]);

/* Equal in constant time? Lengths are no secret. */
bool crypto_equal(struct str a, struct str b);

/* Argon2id (RFC 9106), m = 19 MiB, t = 2, p = 1, in the PHC string form; never holds a password. */
error crypto_password_hash(struct arena *a, struct str password, struct str *out);
bool crypto_password_verify(struct str hash, struct str password);

/* XChaCha20-Poly1305 with a fresh nonce: nonce and sealed text. `context` (an id) is bound to it as
 * associated data. opening what was tampered with or sealed for another context fails. */
struct str crypto_seal(struct arena *a, const unsigned char key[SEAL_KEY_LEN], struct str context,
                       struct str plain);
bool crypto_open(struct arena *a, const unsigned char key[SEAL_KEY_LEN], struct str context,
                 struct str sealed, struct str *plain);

/* Lower-case hexadecimal. */
struct str crypto_hex(struct arena *a, struct str bytes);
/* Standard base64 in; false if it is malformed or longer than `max` bytes decoded. */
bool crypto_base64_decode(struct str text, unsigned char *out, size_t max, size_t *n);
struct str crypto_base64(struct arena *a, struct str bytes);
/* The one base64url text of some bytes (RFC 4648 §5), without padding, as tokens have it: false for
 * anything else that decodes to the same. The bytes are in the arena. */
bool crypto_base64url_decode(struct arena *a, struct str text, struct str *out);

#endif
