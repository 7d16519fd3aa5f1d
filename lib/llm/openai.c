/* openai.c: the chat completions of OpenAI, which OpenRouter, Ollama, vLLM and llama.cpp speak too.
 * What is asked, and what becomes of it, is known elsewhere. */
#include "llm/wire.h"

const char post_schema[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"text\",\"topic\","
    "\"headline\",\"thread_parts\",\"hashtags\",\"call_to_action\",\"alt_text\"],\"properties\":{"
    "\"text\":{\"type\":\"string\"},\"topic\":{\"type\":\"string\"},"
    "\"headline\":{\"type\":\"string\"},"
    "\"thread_parts\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
    "\"hashtags\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
    "\"call_to_action\":{\"type\":\"string\"},\"alt_text\":{\"type\":\"string\"}}}";

static void write_message(struct writer *w, struct str role, struct str text)
{
    write_open(w, '{');
    write_member_text(w, S("role"), role);
    write_member_text(w, S("content"), text);
    write_close(w, '}');
}

static void write_format(struct writer *w, struct str format)
{
    if (str_eq(format, S("text")))
        return;
    write_key(w, S("response_format"));
    write_open(w, '{');
    write_member_text(w, S("type"), format);
    if (str_eq(format, S("json_schema"))) {
        write_key(w, S("json_schema"));
        write_open(w, '{');
        write_member_text(w, S("name"), S("post"));
        write_member_bool(w, S("strict"), true);
        write_member_raw(w, S("schema"), str_of(post_schema));
        write_close(w, '}');
    }
    write_close(w, '}');
}

static void body(struct writer *w, const struct provider *p, struct str system, struct str user)
{
    write_open(w, '{');
    write_member_text(w, S("model"), p->set.model);
    write_member_int(w, p->set.limit_name, p->set.max_tokens);
    write_format(w, p->set.answer_format);
    write_key(w, S("messages"));
    write_open(w, '[');
    write_message(w, S("system"), system);
    write_message(w, S("user"), user);
    write_close(w, ']');
    write_close(w, '}');
}

static void headers(struct arena *a, const struct provider *p, struct fetch_header *out)
{
    *out++ = (struct fetch_header){"Content-Type", S("application/json")};
    if (p->set.key.n)
        *out++ =
            (struct fetch_header){"Authorization", arena_printf(a, "Bearer %.*s", STR(p->set.key))};
}

/* A text, or the first part of one in parts. */
static struct str text_of(const struct node *content)
{
    return tree_is_array(content) ? tree_text(tree_get(tree_at(content, 0), "text"))
                                  : tree_text(content);
}

static bool read(const struct node *answer, struct reply *out)
{
    const struct node *choice = tree_at(tree_get(answer, "choices"), 0);
    const struct node *message = tree_get(choice, "message");
    const struct node *usage = tree_get(answer, "usage");
    struct str reason = tree_text(tree_get(choice, "finish_reason"));
    *out = (struct reply){
        .text = text_of(tree_get(message, "content")),
        .cut = str_eq(reason, S("length")),
        .refused =
            str_eq(reason, S("content_filter")) || tree_text(tree_get(message, "refusal")).n > 0,
        .tokens_in = tree_int(tree_get(usage, "prompt_tokens"), -1),
        .tokens_out = tree_int(tree_get(usage, "completion_tokens"), -1),
    };
    return tree_is_object(message);
}

const struct wire wire_openai = {
    .name = "openai",
    .path = "/chat/completions",
    .body = body,
    .headers = headers,
    .read = read,
};
