/* llm.h: whoever writes texts: a batch of prompts in, drafts and usage out. */
#ifndef AMP_LLM_LLM_H
#define AMP_LLM_LLM_H

#include "domain/brand.h"
#include "domain/content.h"

/* What a mission tells its writer; borrowed. */
struct brief {
    struct str name, description;
    struct list objectives; /* of struct str */
    struct str tone;
    struct str language;             /* BCP 47; the composer writes English and says so */
    struct list excluded_topics;     /* of struct str */
    const struct brand_voice *brand; /* whose texts these are; NULL: none was named */
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
    struct id content;   /* that the text is for, in the ledger; may be none */
};

/* One text. */
struct draft {
    error failure; /* NULL: it worked, and the rest is filled in. ERR_VALIDATION_FAILED: no text
                      comes about, however often one asks; else: not now */
    struct copy copy;
    struct str topic;
    struct str model;    /* "builtin", or the model's name */
    struct str language; /* BCP 47, that it was asked for in */
    double confidence;   /* 0-1, from what was checked */
    int64_t tokens_in, tokens_out, cost_microcents;
};

/* One call of a provider: what it may cost, what it cost, and what came back. */
struct llm_call {
    struct str key; /* 32 hexadecimal digits that follow from all that is asked */
    struct str provider, model;
    struct id content;
    int64_t lasts_ms; /* how long it may take */
    int64_t most;     /* microcents: what it can cost at most */
    bool alone; /* nobody knows yet whether the model charges as agreed: no other of the mission is
                   to be under way */
    int64_t tokens_in, tokens_out, microcents; /* what it cost */
    struct str answer;                         /* the body that came back */
    enum llm_outcome {
        LLM_NOT_MADE, /* it cost nothing: nothing was sent, or it was refused as a whole */
        LLM_ANSWERED,
        LLM_UNCLEAR /* it may have been charged, the answer is lost */
    } outcome;
    struct id id; /* given by the budget */
};

/* How a provider has been doing. */
struct llm_health {
    int64_t failures;       /* in a row */
    int64_t pause_until_ms; /* real time: not to be called before */
    struct str problem;     /* the last one; none: it works */
    struct str model;       /* that the rest is about */
    bool proven;            /* it has charged as agreed */
    int64_t dear;           /* percent of what was agreed that it may charge, from experience */
};

/* The budget that calls are paid from, and their ledger. */
enum budget_answer {
    BUDGET_GRANTED,
    BUDGET_ANSWERED,  /* the same was asked before: answer, tokens and microcents are filled in */
    BUDGET_EXHAUSTED, /* there is no money for it */
    BUDGET_BUSY       /* somebody is asking the same right now, or asks while this has to be alone:
                         again later */
};
struct llm_budget {
    /* Before a call is made: sets call->most aside. */
    error (*open)(struct llm_budget *, struct llm_call *, enum budget_answer *);
    /* After it: books what it cost, or gives back. An error ends the batch. */
    error (*close)(struct llm_budget *, const struct llm_call *);
    /* Is the batch still wanted? Asked between calls, and a few times a second during them. Once
     * false, no call is begun any more; the answers of those that were sent are waited for and
     * booked, and are found again by whoever asks the same. */
    bool (*wanted)(struct llm_budget *);
    /* What is known of a provider, of all workers; and news of it. */
    error (*health)(struct llm_budget *, struct str provider, struct llm_health *);
    error (*note)(struct llm_budget *, struct str provider, const struct llm_health *);
};

struct llm; /* who writes */
struct llm_ops {
    const char *name;
    /* Fills out[n]. A single failure is in its draft; the error is for the batch. */
    error (*complete)(struct llm *llm, struct outside *o, const struct prompt *in, size_t n,
                      struct draft *out);
};
struct llm {
    const struct llm_ops *ops;
    const struct config *config;
    struct llm_budget *budget; /* of the step that asks; the built-in composer needs none */
};
extern const struct llm_ops llm_builtin;
/* The writers of [llm] order (in test mode [sandbox] llm_order), the next where one fails. */
extern const struct llm_ops llm_writers;

/* Who writes in this mode, in order, as configured. */
struct str llm_order(const struct config *config, bool live);

/* Reads the files of the folder (none: the installed one) as they would be for a prompt; false with
 * what is wrong with them, one a line. */
bool prompts_check(struct arena *a, struct str folder, struct str *problems);

#endif
