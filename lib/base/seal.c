/* seal.c: which key seals and which opens. The cryptography is crypto.c's. */
#include "base/seal.h"

#include <string.h>

enum { KEY_ID_MAX = 255 };

struct old_key {
    int64_t id;
    unsigned char key[SEAL_KEY_LEN];
};

static bool read_key(struct str text, unsigned char key[SEAL_KEY_LEN])
{
    size_t n = 0;
    return crypto_base64_decode(text, key, SEAL_KEY_LEN, &n) && n == SEAL_KEY_LEN;
}

/* Takes the first "1:base64" off the front of the list. */
static bool next_old(struct str *list, struct old_key *out)
{
    struct str text = str_trim(str_cut(list, ','));
    struct str number = str_trim(str_cut(&text, ':'));
    *out = (struct old_key){0};
    return str_int(number, &out->id) && out->id >= 1 && out->id <= KEY_ID_MAX &&
           read_key(str_trim(text), out->key);
}

/* *list is left behind the key that was found. */
static bool find_old(struct str *list, int64_t id, struct old_key *out)
{
    while (list->p) {
        if (next_old(list, out) && out->id == id)
            return true;
    }
    return false;
}

bool seal_possible(const struct config *config)
{
    unsigned char key[SEAL_KEY_LEN];
    return read_key(config->secret_key, key);
}

error seal(struct arena *a, const struct config *config, struct str context, struct str plain,
           struct str *out)
{
    unsigned char key[SEAL_KEY_LEN];
    *out = (struct str){0};
    if (!read_key(config->secret_key, key))
        return error_because(a, ERR_NOT_IMPLEMENTED, "[secrets] key is not set");
    struct str sealed = crypto_seal(a, key, context, plain);
    char *text = arena_alloc(a, 1 + sealed.n);
    text[0] = (char)config->secret_key_id;
    memcpy(text + 1, sealed.p, sealed.n);
    *out = (struct str){text, 1 + sealed.n};
    return NULL;
}

bool unseal(struct arena *a, const struct config *config, struct str context, struct str sealed,
            struct str *plain)
{
    struct old_key k = {0};
    struct str list = config->old_keys;
    int64_t id = sealed.n ? (unsigned char)sealed.p[0] : 0;
    bool found =
        id == config->secret_key_id ? read_key(config->secret_key, k.key) : find_old(&list, id, &k);
    *plain = (struct str){0};
    return found && crypto_open(a, k.key, context, str_sub(sealed, 1, SIZE_MAX), plain);
}

int64_t seal_old_key(const struct config *config, size_t i)
{
    struct old_key k = {0};
    struct str list = config->old_keys;
    for (size_t n = 0; list.p && n <= i; n++) {
        if (next_old(&list, &k) && n == i)
            return k.id;
    }
    return 0;
}

bool seal_old_keys_fit(struct str text)
{
    struct old_key k = {0}, same = {0};
    while (text.p) {
        if (!next_old(&text, &k))
            return false;
        struct str rest = text;
        if (find_old(&rest, k.id, &same))
            return false;
    }
    return true;
}
