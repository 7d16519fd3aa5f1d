/* anthropic.c: the messages of Anthropic. The form of the answer is demanded as the input of a tool
 * that must be used. What is asked, and what becomes of it, is known elsewhere. */
#include "llm/wire.h"

static void body(struct writer *w, const struct provider *p, struct str system, struct str user)
{
    write_open(w, '{');
    write_member_text(w, S("model"), p->set.model);
    write_member_int(w, S("max_tokens"), p->set.max_tokens);
    write_member_text(w, S("system"), system);
    write_key(w, S("messages"));
    write_open(w, '[');
    write_open(w, '{');
    write_member_text(w, S("role"), S("user"));
    write_member_text(w, S("content"), user);
    write_close(w, '}');
    write_close(w, ']');
    write_key(w, S("tools"));
    write_open(w, '[');
    write_open(w, '{');
    write_member_text(w, S("name"), S("write_post"));
    write_member_text(w, S("description"), S("Hands in the post."));
    write_member_raw(w, S("input_schema"), str_of(post_schema));
    write_close(w, '}');
    write_close(w, ']');
    write_member_raw(w, S("tool_choice"), S("{\"type\":\"tool\",\"name\":\"write_post\"}"));
    write_close(w, '}');
}

static void headers(struct arena *a, const struct provider *p, struct fetch_header *out)
{
    (void)a;
    *out++ = (struct fetch_header){"Content-Type", S("application/json")};
    *out++ = (struct fetch_header){"anthropic-version", S("2023-06-01")};
    if (p->set.key.n)
        *out++ = (struct fetch_header){"x-api-key", p->set.key};
}

/* What went in, whether or not it was in the cache; -1 where it is not said. */
static int64_t tokens_in(const struct node *usage)
{
    static const char *const cached[] = {"cache_creation_input_tokens", "cache_read_input_tokens"};
    int64_t n = tree_int(tree_get(usage, "input_tokens"), -1);
    for (size_t i = 0; i < sizeof cached / sizeof *cached && n >= 0; i++) {
        int64_t more = tree_int(tree_get(usage, cached[i]), 0);
        n = more < 0 || n > INT64_MAX - more ? -1 : n + more;
    }
    return n;
}

static bool read(const struct node *answer, struct reply *out)
{
    const struct node *content = tree_get(answer, "content"), *usage = tree_get(answer, "usage");
    struct str reason = tree_text(tree_get(answer, "stop_reason"));
    *out = (struct reply){
        .cut = str_eq(reason, S("max_tokens")),
        .refused = str_eq(reason, S("refusal")),
        .tokens_in = tokens_in(usage),
        .tokens_out = tree_int(tree_get(usage, "output_tokens"), -1),
    };
    for (size_t i = 0; i < tree_length(content); i++) {
        const struct node *block = tree_at(content, i);
        if (str_eq(tree_text(tree_get(block, "type")), S("tool_use")))
            out->post = tree_get(block, "input");
        else if (!out->text.p)
            out->text = tree_text(tree_get(block, "text"));
    }
    return tree_is_array(content);
}

const struct wire wire_anthropic = {
    .name = "anthropic",
    .path = "/messages",
    .body = body,
    .headers = headers,
    .read = read,
};
