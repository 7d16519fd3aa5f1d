/* error_body.c: how an error looks to clients. What each is worth stands in base/error.def. */
#include "http/error_body.h"

static const struct str code_list[] = {
    {0},
#define ERROR(name, status, code, text) S(code),
#include "base/error.def"
#undef ERROR
};
/* ERR_RETRY, the last, has the code of another and never leaves the program. */
static const struct names code_names = {code_list, 1 + ERR_RETRY};

#define AT(member) offsetof(struct error_detail, member)
static const struct field detail_fields[] = {
    {.name = S("code"),
     .kind = F_ENUM,
     .at = AT(code),
     .values = &code_names,
     .doc = "What went wrong, for programs"},
    {.name = S("message"), .kind = F_TEXT, .at = AT(message), .doc = "What went wrong, for people"},
    {.name = S("param"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(param),
     .doc = "The field (with its path), parameter or header that is meant"},
    {.name = S("doc_url"), .kind = F_TEXT, .at = AT(doc_url), .doc = "Where it is explained"},
    {.name = S("request_id"),
     .kind = F_TEXT,
     .at = AT(request_id),
     .doc = "Id of the request, as in X-Request-ID"},
};
#undef AT
static const struct shape detail_shape = SHAPE("error_detail", struct error_detail, detail_fields);

static const struct field body_fields[] = {
    {.name = S("error"),
     .kind = F_OBJECT,
     .at = offsetof(struct error_body, error),
     .shape = &detail_shape,
     .doc = "What went wrong"},
};
const struct shape error_body_shape = SHAPE("error", struct error_body, body_fields);

struct error_body error_body_of(struct arena *a, error e, struct str error_url,
                                struct str request_id)
{
    struct error_detail detail = {
        .code = names_find(&code_names, e->wire),
        .message = e->message,
        .param = e->param,
        .doc_url = arena_printf(a, "%.*s#%.*s", STR(error_url), STR(e->wire)),
        .request_id = request_id,
    };
    return (struct error_body){detail};
}
