/* llm.c: a language model that is none: answers as OpenAI's and Anthropic's APIs do, the same to
 * the same question, and says that it is simulated. Magic words in what it is asked make it fail.
 */
#include "base/clock.h"
#include "base/crypto.h"
#include "sandbox/faults.h"
#include "sandbox/visit.h"

enum { BYTES_A_TOKEN = 4, TOKENS_OUT = 120, DEAR = 10, SENTENCES = 8, PARTS = 3 };

static const char *const firsts[SENTENCES] = {
    "A good week starts with one thing done well.",
    "What looks simple took somebody years.",
    "Ask the people who use it every day.",
    "Small habits carry more than big plans.",
    "Nobody misses what never got in the way.",
    "The best ideas come while you explain something.",
    "Good work is quiet, and it lasts.",
    "There is always one step that can go.",
};
static const char *const seconds[SENTENCES] = {
    "Which one would you keep?",           "We learnt that the slow way.",
    "Start there, and the rest follows.",  "It is worth an hour of your time.",
    "Write it down before you forget it.", "Tell us what worked for you.",
    "That is where the time goes.",        "Try it once, and compare.",
};

/* A number that follows from the question. */
static uint64_t number_of(struct str question)
{
    unsigned char hash[SHA256_LEN];
    uint64_t n = 0;
    crypto_sha256(question, hash);
    for (int i = 0; i < 8; i++)
        n = n << 8 | hash[i];
    return n;
}

static void write_parts(struct writer *w, struct arena *a, uint64_t n)
{
    write_key(w, S("thread_parts"));
    write_open(w, '[');
    for (uint64_t i = 0; i < PARTS; i++)
        write_text(w, arena_printf(a, "%s (%d)", firsts[(n + i) % SENTENCES], (int)i + 1));
    write_close(w, ']');
}

/* The post as the schema wants it. */
static struct str post_of(struct arena *a, uint64_t n)
{
    enum { POST_MAX = 4096 };
    struct buf *b = buf_new(a, POST_MAX);
    struct writer w;
    write_init(&w, b);
    write_open(&w, '{');
    write_member_text(&w, S("text"),
                      arena_printf(a, "%s %s (Simulated text %08x.)", firsts[n % SENTENCES],
                                   seconds[n / SENTENCES % SENTENCES], (unsigned)(n >> 32)));
    write_member_text(&w, S("topic"), S("Simulated topic"));
    write_member_text(&w, S("headline"), S("Simulated headline"));
    write_parts(&w, a, n);
    write_member_raw(&w, S("hashtags"), S("[\"Simulated\"]"));
    write_member_text(&w, S("call_to_action"), S(""));
    write_member_text(&w, S("alt_text"), S(""));
    write_close(&w, '}');
    return buf_str(b);
}

/* What it takes; ten times as much on demand, which is more than a provider may. */
static int64_t tokens(struct str question, int64_t usual)
{
    return str_contains_nocase(question, S("[llm:dear]")) ? usual * DEAR : usual;
}

static struct str words_of(struct arena *a, struct str question)
{
    if (str_contains_nocase(question, S("[llm:prose]")))
        return S("This is simulated prose, and no JSON at all.");
    return post_of(a, number_of(question));
}

static struct ledger_call charge_for(struct str question)
{
    return (struct ledger_call){
        .tokens_in = tokens(question, (int64_t)question.n / BYTES_A_TOKEN),
        .tokens_out = tokens(question, TOKENS_OUT),
        .at_ms = clock_ms(),
    };
}

static void write_usage(struct writer *w, struct str question, struct str in, struct str out)
{
    struct ledger_call charge = charge_for(question);
    write_key(w, S("usage"));
    write_open(w, '{');
    write_member_int(w, in, charge.tokens_in);
    write_member_int(w, out, charge.tokens_out);
    write_close(w, '}');
}

/* What both have in common: the question is JSON, and may ask for a failure. From here on it is
 * charged for, whether or not the answer arrives. */
static error begin(struct ctx *c, const struct fault **fault)
{
    struct ledger_call charge = charge_for(c->req->body);
    if (!tree_is_object(tree_parse(c->arena, c->req->body)))
        return error_of(ERR_INVALID_JSON);
    TRY(fault_before(c, c->req->body, fault));
    return ledger_add_call(visit_of(c)->ledger, c->request_id, c->req->body, &charge);
}

static error chat(struct ctx *c)
{
    struct str question = c->req->body;
    const struct fault *fault = NULL;
    struct writer w;
    bool refuses = str_contains_nocase(question, S("[llm:refuse]"));
    bool cut = str_contains_nocase(question, S("[llm:cut]"));
    TRY(begin(c, &fault));
    write_open(reply_begin(c, &w), '{');
    write_member_text(&w, S("id"), S("chatcmpl-simulated"));
    write_member_text(&w, S("object"), S("chat.completion"));
    write_member_text(&w, S("model"), S("sandbox"));
    write_key(&w, S("choices"));
    write_open(&w, '[');
    write_open(&w, '{');
    write_member_int(&w, S("index"), 0);
    write_member_text(&w, S("finish_reason"), cut ? S("length") : S("stop"));
    write_key(&w, S("message"));
    write_open(&w, '{');
    write_member_text(&w, S("role"), S("assistant"));
    if (refuses)
        write_member_text(&w, S("refusal"), S("I am a simulation, and refuse."));
    else
        write_member_text(&w, S("content"), words_of(c->arena, question));
    write_close(&w, '}');
    write_close(&w, '}');
    write_close(&w, ']');
    write_usage(&w, question, S("prompt_tokens"), S("completion_tokens"));
    TRY(visit_reply(c, &w));
    fault_after(c, fault);
    return NULL;
}

static void write_block(struct ctx *c, struct writer *w, struct str question)
{
    bool prose = str_contains_nocase(question, S("[llm:prose]"));
    write_open(w, '{');
    write_member_text(w, S("type"), prose ? S("text") : S("tool_use"));
    if (prose)
        write_member_text(w, S("text"), words_of(c->arena, question));
    else
        write_member_raw(w, S("input"), words_of(c->arena, question));
    write_close(w, '}');
}

static error messages(struct ctx *c)
{
    struct str question = c->req->body;
    const struct fault *fault = NULL;
    struct writer w;
    bool refuses = str_contains_nocase(question, S("[llm:refuse]"));
    bool cut = str_contains_nocase(question, S("[llm:cut]"));
    TRY(begin(c, &fault));
    write_open(reply_begin(c, &w), '{');
    write_member_text(&w, S("id"), S("msg_simulated"));
    write_member_text(&w, S("type"), S("message"));
    write_member_text(&w, S("role"), S("assistant"));
    write_member_text(&w, S("model"), S("sandbox"));
    write_member_text(&w, S("stop_reason"),
                      refuses ? S("refusal")
                      : cut   ? S("max_tokens")
                              : S("tool_use"));
    write_key(&w, S("content"));
    write_open(&w, '[');
    if (!refuses)
        write_block(c, &w, question);
    write_close(&w, ']');
    write_usage(&w, question, S("input_tokens"), S("output_tokens"));
    TRY(visit_reply(c, &w));
    fault_after(c, fault);
    return NULL;
}

/* Its key is not asked for: it costs nobody anything. */
const struct route sandbox_llm_routes[] = {
    {POST, "/llm/v1/chat/completions", chat, .flags = R_PUBLIC, .doc = "As OpenAI's"},
    {POST, "/llm/v1/messages", messages, .flags = R_PUBLIC, .doc = "As Anthropic's"},
    {0},
};
