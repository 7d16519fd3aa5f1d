/* write.h: JSON out in one pass. Commas are the writer's business. Objects are built nowhere. */
#ifndef AMP_JSON_WRITE_H
#define AMP_JSON_WRITE_H

#include "base/buf.h"

enum { WRITE_MAX_DEPTH = 40 };

struct writer {
    struct buf *out;
    int depth;
    bool comma[WRITE_MAX_DEPTH]; /* is one due before the next value at this depth? */
};

void write_init(struct writer *w, struct buf *out);

void write_open(struct writer *w, char bracket);  /* '{' or '[' */
void write_close(struct writer *w, char bracket); /* '}' or ']' */

/* The key of the next value. Keys are ours and need no escaping. */
void write_key(struct writer *w, struct str key);

void write_text(struct writer *w, struct str text); /* none gives null; must be valid UTF-8 */
void write_int(struct writer *w, int64_t value);
void write_bool(struct writer *w, bool value);
void write_null(struct writer *w);
/* At most `decimals` places, trailing zeros cut; NAN gives null. */
void write_number(struct writer *w, double value, int decimals);
/* RFC 3339; 0 gives null. */
void write_time(struct writer *w, int64_t ms);
/* A value that is JSON already (a stored document); none gives null. */
void write_raw(struct writer *w, struct str json);

/* Key and value in one. */
void write_member_text(struct writer *w, struct str key, struct str text);
void write_member_int(struct writer *w, struct str key, int64_t value);
void write_member_bool(struct writer *w, struct str key, bool value);
void write_member_number(struct writer *w, struct str key, double value, int decimals);
void write_member_time(struct writer *w, struct str key, int64_t ms);
void write_member_raw(struct writer *w, struct str key, struct str json);

#endif
