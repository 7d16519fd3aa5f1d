/* fuzz_token.c: tokens, ours and an issuer's, before and while they are verified. Whatever comes,
 * nothing is believed that was not signed. */
#include "auth/jws.h"
#include "auth/jwt.h"
#include "target.h"

enum { NOW_S = 1800000000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct token_key key = {.secret = "no input knows this one"};
    struct arena *a = input_arena();
    struct str token = input_text(data, size);
    struct token_claims claims;
    struct jws jws;
    struct id kid;
    bool well_formed;
    if (size > INPUT_MAX)
        return 0;
    well_formed = jws_split(a, token, TOKEN_MAX, &jws);
    if (!token_key_id(a, token, &kid))
        assert(well_formed && id_is_base62(id_str(&kid)));
    assert(token_verify(a, token, &key, S("amp"), NOW_S, &claims));
    if (well_formed)
        assert(!jws_is_signed_by_secret(a, token, S("nor this, of thirty-two bytes ..")));
    return 0;
}
