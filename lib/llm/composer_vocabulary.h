/* composer_vocabulary.h: words by class. English, in lower case, compared without case. */
#ifndef AMP_LLM_COMPOSER_VOCABULARY_H
#define AMP_LLM_COMPOSER_VOCABULARY_H

#include "base/str.h"

enum verb_kind {
    VERB_ANY,    /* "increase …": a figure or a thing */
    VERB_OFFER,  /* "promote …": a thing */
    VERB_PEOPLE, /* "reach …": an audience */
    VERB_WHOLE   /* "become …": makes sense as a whole only */
};

struct verb {
    const char *text, *gerund;
    enum verb_kind kind;
};

enum word_class {
    WORD_FIGURE,
    WORD_PLAIN_MODIFIER,
    WORD_QUANTIFIER,
    WORD_NEWCOMER,
    WORD_PREPOSITION,
    WORD_DEAL,
    WORD_TRADE,
    WORD_INSIGHT,
    WORD_DETERMINER,
    WORD_INWARD,
    WORD_CLAUSE_END,
    WORD_PERIOD,
    WORD_CHANNEL,
    WORD_LAUNCH,
    WORD_GIVING,
    WORD_INTERNAL,
    WORD_TELLING,
    WORD_POINTING,
    WORD_PEOPLE,
    WORD_SINGULAR, /* ends in s, and is one */
    WORD_PLURAL,   /* ends in no s, and are many */
    WORD_CLASS_COUNT
};

bool word_is(struct str word, enum word_class class);
/* The verb of that infinitive; NULL if it is none that objectives begin with. */
const struct verb *word_verb(struct str word);
/* Never a name, so that its capital may go. */
bool word_is_common(struct str word);
bool word_is_people(struct str word);
bool word_is_plural(struct str word);

#endif
