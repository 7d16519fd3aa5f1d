/* composer.h: what the files of the built-in composer share. A text is put together from parts: an
 * idea (a claim and what follows from it), an opening, a remark, a short list, a question. The
 * parts are templates; the words that fill them come from the mission. */
#ifndef AMP_LLM_COMPOSER_H
#define AMP_LLM_COMPOSER_H

#include "base/buf.h"
#include "llm/llm.h"

/* splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). */
struct rng {
    uint64_t state;
};
uint64_t rng_next(struct rng *r);
uint32_t rng_below(struct rng *r, uint32_t bound);
uint64_t rng_mix(uint64_t a, uint64_t b);
uint64_t rng_hash(struct str text); /* FNV-1a */

/* Flags of templates. Without any of a group, a template fits all of it. */
enum {
    /* The theme. */
    P_EDUCATION = 1 << 0,
    P_BEHIND = 1 << 1,
    P_COMMUNITY = 1 << 2,
    P_PRODUCT = 1 << 3,
    P_THOUGHT = 1 << 4,
    P_INDUSTRY = 1 << 5,
    P_STORY = 1 << 6,
    P_ANY = (1 << 7) - 1,
    /* What the topic is: something to be achieved ("awareness", "reaching developers"), a field to
     * know ("employment law"), or a thing on offer ("our summer menu", "the food drive"). */
    T_CRAFT = 1 << 7,
    T_FIELD = 1 << 8,
    T_THING = 1 << 19,
    T_THEME = T_CRAFT | T_FIELD, /* one can be good at it */
    T_OFFER = T_FIELD | T_THING, /* one can get to know it */
    T_ANY = T_CRAFT | T_FIELD | T_THING,
    T_NOUN = 1 << 9,    /* only where the topic is no gerund */
    T_LAUNCH = 1 << 10, /* only for something new */
    T_GIVING = 1 << 11, /* only where help is asked for */
    /* What must be known. */
    NEEDS_GOAL = 1 << 12,
    NEEDS_AUDIENCE = 1 << 13,
    WHOLE = 1 << 21,      /* an idea whose claim says nothing by itself */
    IN_CONTACT = 1 << 20, /* a call that asks to get in touch, as a business page does */
    /* The tone. */
    TONE_FORMAL = 1 << 14,
    TONE_FRIENDLY = 1 << 15,
    TONE_PLAYFUL = 1 << 16,
    TONE_BOLD = 1 << 17,
    TONE_WARM = 1 << 18,
    TONE_ANY = TONE_FORMAL | TONE_FRIENDLY | TONE_PLAYFUL | TONE_BOLD | TONE_WARM
};

/* Templates. {t} topic, {a} audience or "people", {g} goal as an instruction; {is} {has} {it}
 * {them} and {s} (of a verb) agree with the topic. [one|another] is a choice. */
struct line {
    unsigned flags;
    const char *text;
};
struct idea {
    unsigned flags;
    const char *claim, *more;
};
struct poll {
    unsigned flags;
    const char *question;
    const char *options[3];
};
struct pillar {
    struct str word; /* a name that holds it, ASCII case aside, is this pillar */
    unsigned flag;
    struct str tags[3];
};

/* A table and its length. */
struct lines {
    const struct line *at;
    size_t n;
};
extern const struct idea composer_general[]; /* for any pillar */
extern const size_t composer_general_count;
extern const struct idea composer_ideas[]; /* of the pillars */
extern const size_t composer_ideas_count;
extern const struct lines composer_openings, composer_remarks, composer_questions, composer_steps,
    composer_list_intros, composer_titles, composer_thread_openings, composer_calls,
    composer_step_leads, composer_question_leads;
extern const struct poll composer_polls[];
extern const size_t composer_polls_count;
extern const struct pillar composer_pillars[];
extern const size_t composer_pillars_count;

/* What an objective says, as parts of speech. */
struct matter {
    struct str topic;    /* noun phrase: "brand awareness", "the free trial", "donating blood" */
    struct str audience; /* plural noun phrase: "developers"; none if none is named */
    struct str goal;     /* "increase brand awareness among developers"; none: not an instruction */
    unsigned kind;       /* T_CRAFT, T_FIELD or T_THING; T_LAUNCH, T_GIVING */
    bool plural, gerund; /* of the topic */
};

/* Reads an objective, or a topic. False if there are no words in it. */
bool matter_read(struct arena *a, struct str objective, struct matter *out);

/* Takes those who are spoken to from a text, if it names some: "backend developers, mostly". */
void matter_audience(struct arena *a, struct str text, struct matter *m);

/* A sentence of the description that speaks to readers ("We bake …"), not about the campaign; none
 * if there is none. */
struct str matter_about(struct arena *a, struct str description);

/* Appends the template, filled. A sentence begins with a capital; formal: without contractions. */
void words_fill(struct buf *out, const char *template, const struct matter *m, struct rng *r);
void words_formal(struct buf *text, struct buf *spare);

/* "#EmploymentLaw"; none if the phrase is too long, or no letters are left. */
struct str words_hashtag(struct arena *a, struct str phrase);

/* What the reviewer asked for, and the tone. */
enum {
    WISH_SHORTER = 1 << 0,
    WISH_LONGER = 1 << 1,
    WISH_NO_HASHTAGS = 1 << 2,
    WISH_NO_EMOJI = 1 << 3,
    WISH_QUESTION = 1 << 4,
    WISH_FORMAL = 1 << 5
};
unsigned wishes_read(struct str feedback);
unsigned tones_read(struct str tone);

/* One attempt at a text. */
struct composer {
    struct arena *arena;
    const struct prompt *prompt;
    const struct platform_rule *rule;
    struct matter matter;
    struct str about;
    struct str links; /* that the brand wants in this text, behind an empty line; may be empty */
    const struct pillar *pillar; /* NULL: one without patterns of its own */
    unsigned tones, wishes;
    uint64_t key;   /* of the mission on the platform */
    uint64_t order; /* which of its texts */
    struct rng rng;
    struct buf *text, *spare;
    struct list hashtags; /* of struct str */
};

/* The parts that a text is made of. They are chosen by its place in the order of the mission's
 * texts, each kind with a prime number of candidates of its own: the same combination comes back
 * only after the product of the primes. */
enum role {
    ROLE_GENERAL, /* what leads a text under any pillar: an idea, a step, or a question */
    ROLE_REMARK,
    ROLE_QUESTION,
    ROLE_STEP,
    ROLE_STEP_LEAD, /* what goes before a step or a question that leads */
    ROLE_QUESTION_LEAD,
    /* Here the pillar has a say: these come later, as each role leaves its prime to no later one,
     * and the primes above must be the same under every pillar. */
    ROLE_OWN, /* ideas of the pillar */
    ROLE_OPENING,
    ROLE_SECOND, /* another idea, for longer texts */
    ROLE_INTRO,  /* of a list */
    ROLE_DISTINCT,
    /* These stand beside the text, or are the text, and need no primes of their own. */
    ROLE_TITLE = ROLE_DISTINCT,
    ROLE_CALL,
    ROLE_THREAD,
    ROLE_POLL,
    ROLE_COUNT
};
enum { CANDIDATES_MAX = 256 };
struct pool {
    uint16_t candidates[CANDIDATES_MAX]; /* indices of the role's table */
    size_t n;
    uint64_t prime, offset, stride, turn;
};
struct parts {
    struct pool pools[ROLE_COUNT];
};
void parts_gather(const struct composer *c, struct parts *out);
/* The index of the candidate for a place in the order. */
size_t parts_pick(const struct pool *p, uint64_t order);
/* The same for an idea that asks nothing and is none of the two. */
size_t parts_pick_statement(const struct pool *p, uint64_t order, size_t not_this, size_t nor_this);

/* The general ideas, and behind them those of the pillars. */
const struct idea *parts_idea(size_t index);

/* What a text is about. */
enum lead_kind { LEAD_IDEA, LEAD_STEP, LEAD_QUESTION };
struct lead {
    enum lead_kind kind;
    size_t index; /* of the kind's table; of an idea as parts_idea() takes it */
    bool again;   /* it may have been used before */
};
/* Two texts of five are of the pillar's own ideas, so that these last; the others of general ones.
 */
struct lead parts_lead(const struct composer *c, const struct parts *parts);

/* Writes the copy. False if it does not fit the platform with these parts. */
bool layout_write(struct composer *c, struct copy *out);

#endif
