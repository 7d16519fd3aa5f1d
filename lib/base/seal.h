/* seal.h: secrets at rest. What is stored sealed begins with one byte, the number of the key that
 * sealed it; [secrets] key seals, it and [secrets] old_keys open. */
#ifndef AMP_BASE_SEAL_H
#define AMP_BASE_SEAL_H

#include "base/config.h"

/* Is there a key to seal with? */
bool seal_possible(const struct config *config);

/* The number of the key, nonce and sealed text, in the arena. `context` (an id, say) is bound to
 * it: it cannot be opened in another place. Errors: ERR_NOT_IMPLEMENTED without [secrets] key. */
error seal(struct arena *a, const struct config *config, struct str context, struct str plain,
           struct str *out);

/* False if it was tampered with or moved, or sealed by a key that is not configured (any more). */
bool unseal(struct arena *a, const struct config *config, struct str context, struct str sealed,
            struct str *plain);

/* The number of the old key at place i of [secrets] old_keys, from 0; 0: there are no more. */
int64_t seal_old_key(const struct config *config, size_t i);

/* Is this a list of old keys, "1:base64,2:base64", each number once? */
bool seal_old_keys_fit(struct str text);

#endif
