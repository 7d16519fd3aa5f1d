/* phrase.c: finds whole words in running text. What is looked for is the caller's affair. */
#include "domain/phrase.h"

#include <unicase.h>
#include <unictype.h>

#include "base/list.h"
#include "base/utf8.h"

/* From here on scripts are written without spaces between words (CJK and what follows). */
enum { FIRST_UNSPACED = 0x2E80 };

/* Part of a word, so that another one beside it makes a longer word? */
static bool joins(int32_t c)
{
    return c >= 0 && c < FIRST_UNSPACED &&
           (c == '_' || uc_is_property_alphabetic((ucs4_t)c) || uc_is_digit((ucs4_t)c));
}

/* Takes the phrase off the front of the text. *last, *next: the characters around its end. */
static bool take(struct str text, struct str phrase, int32_t *last, int32_t *next)
{
    while (phrase.n > 0) {
        int32_t p = utf8_next(&phrase);
        int32_t t = utf8_next(&text);
        if (t < 0 || p < 0 || uc_tolower((ucs4_t)t) != uc_tolower((ucs4_t)p))
            return false;
        *last = t;
    }
    *next = utf8_next(&text);
    return true;
}

bool phrase_in(struct str text, struct str phrase)
{
    int32_t before = -1, last = -1, next = -1;
    phrase = str_trim(phrase);
    while (phrase.n > 0 && text.n > 0) {
        struct str here = text;
        int32_t first = utf8_next(&text);
        if (first < 0)
            return false;
        if (!(joins(before) && joins(first)) && take(here, phrase, &last, &next) &&
            !(joins(last) && joins(next)))
            return true;
        before = first;
    }
    return false;
}

struct str phrase_first(struct str text, const struct list *phrases)
{
    const struct str *phrase = phrases->at;
    for (size_t i = 0; i < phrases->n; i++) {
        if (phrase_in(text, phrase[i]))
            return phrase[i];
    }
    return (struct str){0};
}
