/* ledger.h: what the sandbox was sent, in one file of JSON lines that all its processes append to.
 * Each keeps an index in memory and reads the file's new lines before it answers, so all agree. */
#ifndef AMP_SANDBOX_LEDGER_H
#define AMP_SANDBOX_LEDGER_H

#include "base/error.h"
#include "json/tree.h"

/* A file may have 64 MiB; a post, as JSON, 64 KiB. */
enum { LEDGER_MAX_BYTES = 64 << 20, LEDGER_POST_MAX = 64 << 10, LEDGER_FIRST_ID = 250000001 };

/* A post as the index knows it. */
struct ledger_post {
    int64_t account, brand;
    int64_t id;         /* grows from LEDGER_FIRST_ID */
    int64_t created_ms; /* times of the account's clock */
    int64_t publish_ms;
    int64_t networks; /* where it will appear: bit (1 << i) for sandbox_networks[i] */
    bool deleted;
    int64_t at; /* its newest line in the file */
    size_t length;
    const struct node *json; /* the ledger's own, see ledger_look() */
    unsigned look;
};

/* A question that a model answered, and would have charged for. */
enum { LEDGER_CALLS_MAX = 4096, LEDGER_REQUEST_MAX = 47 };
struct ledger_call {
    char request[LEDGER_REQUEST_MAX + 1]; /* its X-Request-ID, cut if it is longer */
    int64_t question;                     /* the same for the same question, and for no other */
    int64_t tokens_in, tokens_out;
    int64_t at_ms;
};

struct ledger;

/* The ledger in the file at `path`, which is made when it is first needed. Never NULL. */
struct ledger *ledger_open(struct str path, int64_t max_bytes);
void ledger_close(struct ledger *l);

/* Reads what others have appended. A line that is not ended yet is not there yet; a line that makes
 * no sense is passed over. A file that was replaced or emptied is read anew. Errors:
 * ERR_UNAVAILABLE. */
error ledger_catch_up(struct ledger *l);

/* Appends the post, a JSON object, and fills in post->id. Errors: ERR_UNAVAILABLE, with status 507
 * when the file is full. */
error ledger_add(struct ledger *l, struct ledger_post *post, struct str json);

/* Appends what has become of the post with post->id. Errors: ERR_NOT_FOUND if it has been deleted;
 * as ledger_add(). */
error ledger_replace(struct ledger *l, const struct ledger_post *post, struct str json);
error ledger_delete(struct ledger *l, int64_t id);

/* Notes that an account has tried this text once more; *before: how often it had already. Errors:
 * as ledger_add(). */
error ledger_try(struct ledger *l, int64_t account, struct str text, int64_t *before);

/* Notes that a model answered. Of the last LEDGER_CALLS_MAX calls the one at i, 0 being the oldest.
 * Errors: as ledger_add(). */
error ledger_add_call(struct ledger *l, struct str request, struct str question,
                      const struct ledger_call *call);
size_t ledger_calls(const struct ledger *l);
const struct ledger_call *ledger_call_at(const struct ledger *l, size_t i);

/* Posts in the order of their ids, deleted ones included. Pointers are good until the next call
 * that reads or appends. */
size_t ledger_count(const struct ledger *l);
const struct ledger_post *ledger_at(const struct ledger *l, size_t i);

/* The post with the id; NULL if there is none. */
const struct ledger_post *ledger_find(const struct ledger *l, int64_t id);

/* What was sent. Errors: ERR_UNAVAILABLE. */
error ledger_read(struct ledger *l, struct arena *a, const struct ledger_post *post,
                  const struct node **json);

/* The same of a post of ledger_at(), for those who go through many again and again: good until the
 * next look, and mostly there already. */
error ledger_look(struct ledger *l, const struct ledger_post *post, const struct node **json);

#endif
