/* likeness.h: the words of a text, whether it mentions something, and how much of one text another
 * one repeats. */
#ifndef AMP_DOMAIN_LIKENESS_H
#define AMP_DOMAIN_LIKENESS_H

#include "domain/content.h"

/* The words of a text, without case, punctuation and links; "#DevTools" is "dev" and "tools", and a
 * character of a script that is written without spaces is a word by itself. List of struct str. */
struct list words_of(struct arena *a, struct str text);

/* Do the words hold the phrase, one word after the other? Endings of the plural (-s, -es) make no
 * difference. A phrase without words is never held. */
bool words_mention(const struct list *words, const struct list *phrase);

/* What a post says, as the set of its runs of three words ("shingles"): sorted hashes, list of
 * uint64_t. Hashtags that stand beside the text do not count. */
struct list shingles_of(struct arena *a, const struct copy *c);

/* The shared part of both sets together (Jaccard's coefficient): 0 nothing, 1 all. */
double shingles_likeness(const struct list *a, const struct list *b);

/* The same, estimated from 64 bytes a text: of 64 hash functions the lowest byte of the smallest
 * value in the set. Two sets share a minimum as often as they are alike; unlike minima share a byte
 * by chance once in 256 times, which is set off. Standard error at most 0.063. (Li and König:
 * b-Bit Minwise Hashing, WWW 2010.) */
enum { SKETCH_BYTES = 64 };
struct sketch {
    unsigned char at[SKETCH_BYTES];
};
struct sketch sketch_of(const struct list *shingles);
double sketch_likeness(const struct sketch *a, const struct sketch *b);

#endif
