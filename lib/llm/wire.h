/* wire.h: how the APIs of language models are spoken to. Private to this room. */
#ifndef AMP_LLM_WIRE_H
#define AMP_LLM_WIRE_H

#include "base/config.h"
#include "json/tree.h"
#include "json/write.h"
#include "llm/llm.h"
#include "net/fetch.h"

struct wire;

/* A model, ready to be called. Prices are microcents for a million tokens. */
struct provider {
    const struct wire *wire;
    struct llm_settings set;
    int64_t price_in, price_out;
};

/* What a model said. */
struct reply {
    struct str text;         /* its words; none if it answered with an object */
    const struct node *post; /* the object; NULL if it answered with words */
    bool cut;                /* ended by max_tokens */
    bool refused;
    int64_t tokens_in, tokens_out; /* -1: it did not say */
};

enum { WIRE_HEADERS = 4 };
struct wire {
    const char *name, *path;
    void (*body)(struct writer *w, const struct provider *p, struct str system, struct str user);
    void (*headers)(struct arena *a, const struct provider *p, struct fetch_header *out);
    bool (*read)(const struct node *answer, struct reply *out); /* false: no answer of this API */
};
extern const struct wire wire_openai, wire_anthropic;

/* The JSON schema of a post, which both APIs are given. */
extern const char post_schema[];

/* Writes the two texts of a request, from the files of the configured folder (none: the installed
 * one). What people typed stands between marks that no text can hold. Errors: ERR_UNAVAILABLE with
 * the reason. */
error prompts_render(struct arena *a, struct str configured, const struct prompt *in,
                     struct str feedback, struct str *system, struct str *user);

/* Makes a draft of what a model said. False with the reason, for the model to read, if it cannot be
 * used. Fills copy, topic and confidence. */
bool answer_read(struct arena *a, const struct prompt *in, const struct reply *said,
                 struct draft *out, struct str *problem);

#endif
