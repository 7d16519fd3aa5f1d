/* quality.c: the gate between the writer and everybody else. What is looked at is
 * domain/quality.c's affair; here texts are compared with what the mission has said before, and
 * sent back. */
#include <string.h>

#include "base/utf8.h"
#include "db/tx.h"
#include "domain/likeness.h"
#include "pipeline/stages.h"
#include "store/content.h"
#include "store/version.h"

enum {
    REWRITES = 2,       /* at most; then a text is rejected */
    HISTORY = 2000,     /* of a mission's texts, the newest, are compared */
    CLOSEST = 5,        /* of them are read, and compared exactly */
    FEEDBACK_MAX = 4000 /* characters */
};
/* Sketches that are less alike than this are of texts that are: five standard errors below the
 * likeness that matters would be 0.19, three are 0.31. */
#define WORTH_READING 0.3

/* A round of looking at texts. */
struct gate {
    const struct step *step;
    const struct charter *charter;
    const struct id *self;
    struct quality_rules rules;
    struct list history;   /* of struct sketch_row */
    struct list *accepted; /* shingles of the texts that passed */
    size_t accepted_count;
    const struct prompt *prompts;
    struct written *out;
    size_t n;
};

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* The sketches most like this one, the closest first; how many. */
static size_t find_closest(const struct gate *g, const struct sketch *s, const struct id **ids)
{
    const struct sketch_row *rows = g->history.at;
    double likeness[CLOSEST];
    size_t n = 0;
    for (size_t i = 0; i < g->history.n; i++) {
        struct sketch earlier;
        memcpy(earlier.at, rows[i].sketch.p, sizeof earlier.at);
        double like = sketch_likeness(s, &earlier);
        size_t at = n;
        if (like < WORTH_READING || (g->self && id_eq(g->self, &rows[i].content_id)))
            continue;
        while (at > 0 && likeness[at - 1] < like)
            at--;
        if (at == CLOSEST)
            continue;
        n = n < CLOSEST ? n + 1 : n;
        memmove(likeness + at + 1, likeness + at, (n - at - 1) * sizeof *likeness);
        memmove(ids + at + 1, ids + at, (n - at - 1) * sizeof(void *));
        likeness[at] = like;
        ids[at] = &rows[i].content_id;
    }
    return n;
}

/* What nobody will ever see is no history. */
static bool counts_as_said(const struct content *x)
{
    return x->status != CONTENT_REJECTED && x->status != CONTENT_ARCHIVED;
}

/* How much of it the mission has said before, in its stored texts and in this batch. */
static error measure(struct ctx *c, const struct gate *g, const struct list *shingles, double *out)
{
    struct sketch s = sketch_of(shingles);
    const struct id *ids[CLOSEST];
    size_t n = find_closest(g, &s, ids);
    *out = 0;
    for (size_t i = 0; i < g->accepted_count; i++)
        *out = larger(*out, shingles_likeness(shingles, &g->accepted[i]));
    for (size_t i = 0; i < n; i++) {
        struct content x;
        struct copy copy;
        TRY(store_content_get(c, ids[i], &x));
        if (!counts_as_said(&x))
            continue;
        TRY(content_copy(c->arena, &x, &copy));
        struct list said = shingles_of(c->arena, &copy);
        *out = larger(*out, shingles_likeness(shingles, &said));
    }
    return NULL;
}

static error look_at(struct ctx *c, struct gate *g, size_t i)
{
    const struct prompt *p = &g->prompts[i];
    struct written *w = &g->out[i];
    struct list shingles = shingles_of(c->arena, &w->draft.copy);
    struct quality_text text = {
        .platform = p->platform,
        .type = p->type,
        .copy = &w->draft.copy,
        .language = w->draft.language,
        .writers_share = w->draft.confidence,
        .rewrites = w->rewrites,
    };
    TRY(measure(c, g, &shingles, &text.likeness));
    w->quality = quality_check(c->arena, &g->rules, &text);
    if (!w->quality.reason.p)
        g->accepted[g->accepted_count++] = shingles;
    return NULL;
}

/* The prompt of another try. */
static struct prompt prompt_again(struct arena *a, const struct prompt *first,
                                  const struct written *w)
{
    struct prompt p = *first;
    if (w->quality.reason.p)
        p.feedback =
            utf8_prefix(arena_printf(a, "%.*s\n%.*s", STR(first->feedback), STR(w->quality.reason)),
                        FEEDBACK_MAX);
    return p;
}

static void take(struct written *w, const struct draft *d)
{
    struct draft earlier = w->draft;
    w->draft = *d;
    w->draft.cost_microcents += earlier.cost_microcents;
    w->draft.tokens_in += earlier.tokens_in;
    w->draft.tokens_out += earlier.tokens_out;
}

/* Writes those of the texts, or writes them again; `which` has n indices. */
static error write_some(struct ctx *c, struct gate *g, const size_t *which, size_t n)
{
    struct prompt *prompts = arena_array(c->arena, n, sizeof *prompts);
    struct draft *drafts = arena_array(c->arena, n, sizeof *drafts);
    for (size_t i = 0; i < n; i++)
        prompts[i] = prompt_again(c->arena, &g->prompts[which[i]], &g->out[which[i]]);
    TRY(drafts_write(c, g->step, g->charter, prompts, n, drafts));
    for (size_t i = 0; i < n; i++) {
        struct written *w = &g->out[which[i]];
        bool again = w->quality.reason.p != NULL;
        /* A second try that fails leaves the first, which is rejected for its own reason. */
        if (again && drafts[i].failure)
            continue;
        w->rewrites += again;
        take(w, &drafts[i]);
        if (!w->draft.failure)
            TRY(look_at(c, g, which[i]));
    }
    return NULL;
}

/* Those that must not go out as they are; how many. */
static size_t find_refused(const struct gate *g, size_t *which)
{
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++)
        if (!g->out[i].draft.failure && g->out[i].quality.reason.p)
            which[n++] = i;
    return n;
}

error quality_write(struct ctx *c, const struct step *s, const struct charter *ch,
                    const struct list *prompts, const struct id *self, struct written *out)
{
    size_t n = prompts->n;
    struct gate g = {
        .step = s,
        .charter = ch,
        .self = self,
        .rules = quality_rules_of(c->arena, ch->mission, &ch->constraints, &ch->objectives),
        .accepted = arena_array(c->arena, n, sizeof *g.accepted),
        .prompts = prompts->at,
        .out = out,
        .n = n,
    };
    size_t *which = arena_array(c->arena, n, sizeof *which);
    if (ch->brand)
        quality_rules_of_brand(c->arena, ch->brand, &g.rules);
    TRY(store_sketches(c, &ch->mission->id, HISTORY, &g.history));
    for (size_t i = 0; i < n; i++) {
        out[i] = (struct written){0};
        which[i] = i;
    }
    TRY(write_some(c, &g, which, n));
    for (int again = 0; again < REWRITES; again++) {
        size_t refused = find_refused(&g, which);
        if (refused)
            TRY(write_some(c, &g, which, refused));
    }
    return NULL;
}

enum content_status quality_status(const struct constraints *k, const struct quality *q)
{
    /* A threshold decides by itself; without one the mission does. */
    bool review = isnan(k->auto_approve_threshold) ? k->require_approval
                                                   : q->confidence < k->auto_approve_threshold;
    if (q->reason.p)
        return CONTENT_REJECTED;
    if (q->waits)
        return CONTENT_DRAFT;
    return review ? CONTENT_PENDING_REVIEW : CONTENT_SCHEDULED;
}
