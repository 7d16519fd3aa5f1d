/* stages.h: what the stages of a mission's pipeline work from, and what they hand on to each other.
 * Private to this room. */
#ifndef AMP_PIPELINE_STAGES_H
#define AMP_PIPELINE_STAGES_H

#include "delivery/health.h"
#include "domain/brand.h"
#include "domain/quality.h"
#include "domain/times.h"
#include "pipeline/jobs.h"
#include "store/mission.h"

/* A mission with its documents read. */
struct charter {
    const struct mission *mission;
    struct constraints constraints;
    struct list objectives; /* of struct str */
    struct list platforms;  /* of int */
    struct schedule schedule;
    const struct brand_voice *brand; /* NULL: none is named */
    int64_t brand_revision;          /* of it; 0: none */
    const struct times *times;       /* by platform; NULL: none, or they are not worked out yet */
};
/* From the mission alone; and with the brand that it names, and the hours of its strategy. */
error charter_read(struct arena *a, const struct mission *m, struct charter *out);
error charter_load(struct ctx *c, const struct mission *m, struct charter *out);

/* The posting plan of one of its platforms. */
struct schedule charter_schedule(struct arena *a, const struct charter *ch, enum platform p);

/* The good hours of its platforms, which it wishes for: finds them out (the provider is asked; the
 * step may have been paused afterwards, and nothing is found then), and reads those that were found
 * out and learned since. */
error times_find(struct ctx *c, struct step *s, struct charter *ch);
error times_load(struct ctx *c, struct charter *ch);

/* What the tenant's posts of the last 90 days have reached, by platform and local hour of
 * publication. */
error times_results(struct ctx *c, struct str zone, struct figures (**out)[DAY_HOURS]);

/* Intake: what the mission amounts to, as a document. */
error intake_run(struct ctx *c, struct step *s, const struct charter *ch, struct str *output);

/* Inside a transaction: locks the mission, and makes sure that it is still as it was read, and that
 * the step still has its job; else ERR_INVALID_STATE. */
error mission_hold(struct ctx *c, const struct step *s, const struct mission *m);

/* Content: writes the texts that come next and have none, a batch at most. */
struct content_progress {
    size_t written; /* now */
    size_t refused; /* now: the writer could not, and may another time */
    size_t missing; /* still, up to the horizon */
};
error content_run(struct ctx *c, const struct step *s, const struct charter *ch,
                  struct str strategy, struct content_progress *out);

/* The next slot up to the horizon for which the platform has no text; 0: there is none. */
error content_free_slot(struct ctx *c, const struct charter *ch, enum platform p, int64_t *slot_ms);

/* Is it so long past its time that it must not be sent as if nothing had happened? */
bool is_late(const struct ctx *c, const struct content *x);

/* Inside a transaction that holds the mission: gives locked, scheduled, late content the next free
 * place in the calendar; where there is none, or a person had chosen its time, it goes back to
 * approved. */
error late_replan(struct ctx *c, const struct charter *ch, struct content *x);

/* The same for the content of a publish job, before it is delivered. *replanned: it was late, and
 * there is nothing to deliver now. */
error late_run(struct ctx *c, const struct step *s, const struct content *x, bool *replanned);

/* When the next slot comes into the horizon; INT64_MAX: none will. */
int64_t content_next_ms(const struct ctx *c, const struct charter *ch);

/* Texts written, as a document: the output of the stage. */
error content_summary(struct ctx *c, const struct mission *m, struct str *output);

/* Optimize: what a mission's results make of its strategy: a document that strategy_read() reads,
 * too. */
struct results {
    struct list sums; /* by platform, type and pillar: of struct metrics_sum */
    const struct figures (*by_hour)[DAY_HOURS]; /* see times_results(); NULL: hours do not matter */
};
error optimize_make(struct arena *a, struct str strategy, const struct results *r,
                    struct str *output);
/* Looks at the figures of a mission, and stores what they are (analytics) and teach; and at those
 * of each active mission of which there are new ones since it last did so, for which the step's job
 * is kept (job_keep()). *skipped: the mission has changed meanwhile. */
error optimize_mission(struct ctx *c, const struct step *s, const struct mission *m, bool *skipped);
error optimize_run(struct ctx *c, const struct step *s, int64_t *until_ms);

/* For a step that lasts: its job is kept until *until_ms, which is the end of its lease at first,
 * and longer once half of a lease is over. */
error job_keep(struct ctx *c, const struct step *s, int64_t *until_ms);

/* Of the job that asks for figures: where it is, and whether the account may be called now. Whoever
 * has to come back for a call keeps the time that is free for it. */
int analytics_stage(const struct job *j);
error analytics_ask(struct ctx *c, struct step *s, const struct connection *to,
                    struct permission *out);

/* Counts followers, network by network. *over: all have had their turn, and nothing has been said
 * to the step. In s->stage stands PLATFORM_COUNT + the last network, above all platforms. */
error followers_run(struct ctx *c, struct step *s, int64_t *until_ms, bool *over);

/* What a mission tells its writer. */
struct brief brief_of(const struct charter *ch);
/* The seed of its texts. */
uint64_t seed_of(const struct mission *m);

/* Has n texts written, paid for out of the mission's budget. A prompt's content is who they are
 * for. */
error drafts_write(struct ctx *c, const struct step *s, const struct charter *ch,
                   const struct prompt *prompts, size_t n, struct draft *out);
/* Inside the transaction that stores it: what was paid for this text need not be kept any more. */
error drafts_used(struct ctx *c, const struct content *x);
/* How the writing of a step's texts ended, given the error it ended with. */
enum drafts_end {
    DRAFTS_WRITTEN,
    DRAFTS_EXHAUSTED, /* the budget is used up; the mission pauses */
    DRAFTS_UNWANTED,  /* the mission was paused or changed, or the worker is to stop */
    DRAFTS_AWAITED    /* a question that was asked earlier is still to be answered */
};
error drafts_end(struct ctx *c, const struct step *s, const struct id *mission, error failure,
                 enum drafts_end *end);
/* For the end of a step whose drafts are awaited. */
error drafts_await(struct step *s);

/* A text, its last version, and what the quality gate made of it. */
struct written {
    struct draft draft; /* its cost is that of all tries */
    struct quality quality;
    int rewrites; /* how often it was sent back */
};

/* Writes a text for each struct prompt, looks at each, and sends back what must not go out, at most
 * twice, with the reasons as feedback. `self`: the content that is written anew; NULL: new texts.
 */
error quality_write(struct ctx *c, const struct step *s, const struct charter *ch,
                    const struct list *prompts, const struct id *self, struct written *out);

/* Where a text goes that was just written: rejected with the reason, a draft while its image is
 * missing, to review, or on its way (CONTENT_SCHEDULED). */
enum content_status quality_status(const struct constraints *k, const struct quality *q);

/* Approves what has waited for a review as long as the mission says, a batch at most. *next_ms:
 * when the next one will have waited that long; INT64_MAX: none. */
error review_run(struct ctx *c, const struct step *s, const struct charter *ch, int64_t *next_ms);

/* The jobs. */
steps_fn publish_run;
step_fn mission_run, rewrite_run, analytics_run, webhook_run;

#endif
