/* llm.h: whoever writes texts: a batch of prompts in, drafts and usage out. */
#ifndef AMP_LLM_LLM_H
#define AMP_LLM_LLM_H

#include "domain/content.h"

/* What a mission tells its writer; borrowed. */
struct brief {
    struct str name, description;
    struct list objectives; /* of struct str */
    struct str tone;
    struct str language;         /* BCP 47; the composer writes English and says so */
    struct list excluded_topics; /* of struct str */
};

/* One text to write. */
struct prompt {
    const struct brief *brief;
    enum platform platform;
    enum content_type type;
    struct str pillar;   /* "Education", "Behind the Scenes" … one of pillar_names() */
    struct str topic;    /* none: the writer chooses */
    int64_t slot_ms;     /* when it is to appear */
    uint64_t seed;       /* one for all texts of a mission: same seed and brief, same texts */
    uint32_t ordinal;    /* this is the mission's n-th text for the platform, from 0; the composer
                            repeats itself least if none is used twice under one seed */
    struct str feedback; /* of a reviewer on an earlier version; may be none */
};

/* One text. */
struct draft {
    error failure; /* NULL: it worked, and the rest is filled in */
    struct copy copy;
    struct str topic;
    struct str model;  /* "builtin", or the model's name */
    double confidence; /* 0-1, from what was checked */
    int64_t tokens_in, tokens_out, cost_microcents;
};

struct llm; /* a configured provider */
struct llm_ops {
    const char *name;
    /* Fills out[n]. A single failure is in its draft; the error is for the batch. */
    error (*complete)(struct llm *llm, struct outside *o, const struct prompt *in, size_t n,
                      struct draft *out);
    bool outside; /* does it call the world? */
};
struct llm {
    const struct llm_ops *ops;
    const struct config *config;
};
extern const struct llm_ops llm_builtin;

#endif
