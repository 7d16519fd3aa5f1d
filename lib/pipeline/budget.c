/* budget.c: has texts written, and pays for them out of the mission's budget. What they say is the
 * writers' (llm/); the books are the store's. */
#include "base/clock.h"
#include "base/config.h"
#include "db/db.h"
#include "db/tx.h"
#include "domain/figures.h"
#include "pipeline/stages.h"
#include "store/audit.h"
#include "store/cost.h"
#include "store/writer.h"

enum { GRACE_MS = 60 * 1000, CATEGORY = COST_GENERATION };
#define ANSWER_KEPT_MS (7 * DAY_MS)

/* The budget of a mission, as a step spends it. */
struct step_budget {
    struct llm_budget as_llm; /* the first member: see budget_of() */
    struct ctx *c;
    const struct step *step;
    const struct charter *charter;
};

static struct step_budget *budget_of(struct llm_budget *t)
{
    return (struct step_budget *)(void *)t;
}

static int64_t limit_of(const struct charter *ch)
{
    int64_t cents = ch->constraints.budget_cents;
    return cents == INT_NONE ? INT64_MAX : cents * MICROCENTS_PER_CENT;
}

struct entry {
    const struct step_budget *budget;
    struct cost cost;
    bool granted;
};

static struct entry entry_of(const struct step_budget *t, const struct llm_call *call)
{
    return (struct entry){
        .budget = t,
        .cost = {.id = call->id,
                 .mission_id = t->charter->mission->id,
                 .content_id = call->content,
                 .job_id = t->step->job->id,
                 .category = CATEGORY,
                 .provider = call->provider,
                 .model = call->model,
                 .tokens_in = call->tokens_in,
                 .tokens_out = call->tokens_out,
                 .reserved = call->most,
                 .microcents = call->microcents,
                 .key = call->key},
    };
}

/* Who asks must still hold the job, and a mission that was paused or changed is left alone. */
static error check_step(struct ctx *c, const struct step_budget *t, int64_t lasts_ms)
{
    struct mission now;
    TRY(store_job_extend(c, t->step->job, clock_ms() + lasts_ms + c->config->lease_s * 1000));
    if (t->step->job->type != JOB_MISSION_RUN)
        return NULL;
    TRY(store_mission_get(c, &t->charter->mission->id, &now));
    return now.revision == t->charter->mission->revision ? NULL : error_of(ERR_INVALID_STATE);
}

/* Transaction. */
static error reserve(struct ctx *c, void *arg)
{
    struct entry *e = arg;
    TRY(check_step(c, e->budget, e->cost.expires_ms - GRACE_MS - clock_ms()));
    return store_cost_reserve(c, &e->cost, limit_of(e->budget->charter), &e->granted);
}

/* Transaction. */
static error book(struct ctx *c, void *arg)
{
    return store_cost_book(c, arg);
}

static error release(struct ctx *c, void *arg)
{
    return store_cost_release(c, arg);
}

/* What was asked before. A call that this very job left open died with its worker, and may have
 * been charged. */
static error find_earlier(struct step_budget *t, struct llm_call *call, enum budget_answer *word)
{
    struct cost found;
    error e = store_cost_of_key(t->c, call->key, &found);
    *word = BUDGET_GRANTED;
    if (error_is(e, ERR_NOT_FOUND))
        return NULL;
    TRY(e);
    if (found.state == COST_RESERVED && !id_eq(&found.job_id, &t->step->job->id)) {
        *word = BUDGET_BUSY;
        return NULL;
    }
    if (found.state == COST_RESERVED) {
        found.state = COST_UNCLEAR;
        found.microcents = found.reserved;
        return in_transaction(t->c, book, &found);
    }
    *word = BUDGET_ANSWERED;
    call->id = found.id;
    call->answer = found.answer;
    call->tokens_in = found.tokens_in;
    call->tokens_out = found.tokens_out;
    call->microcents = found.microcents;
    return store_cost_assign(t->c, &found.id, &call->content);
}

static error open_call(struct llm_budget *as_llm, struct llm_call *call, enum budget_answer *word)
{
    struct step_budget *t = budget_of(as_llm);
    TRY(find_earlier(t, call, word));
    if (*word != BUDGET_GRANTED)
        return NULL;
    call->id = id_new(t->c->now_ms);
    struct entry e = entry_of(t, call);
    e.cost.expires_ms = clock_ms() + call->lasts_ms + GRACE_MS;
    error failure = in_transaction(t->c, reserve, &e);
    if (db_is_duplicate(failure)) {
        *word = BUDGET_BUSY;
        return NULL;
    }
    TRY(failure);
    if (!e.granted) {
        *word = BUDGET_EXHAUSTED;
        ((struct pipeline *)t->step->self)->exhausted = true;
    }
    return NULL;
}

static error close_call(struct llm_budget *as_llm, const struct llm_call *call)
{
    struct step_budget *t = budget_of(as_llm);
    struct entry e = entry_of(t, call);
    if (call->outcome == LLM_NOT_MADE)
        return in_transaction(t->c, release, &e.cost);
    e.cost.state = call->outcome == LLM_ANSWERED ? COST_BOOKED : COST_UNCLEAR;
    e.cost.answer = call->outcome == LLM_ANSWERED ? call->answer : (struct str){0};
    e.cost.expires_ms = e.cost.answer.p ? clock_ms() + ANSWER_KEPT_MS : 0;
    return in_transaction(t->c, book, &e.cost);
}

static error health(struct llm_budget *as_llm, struct str provider, struct llm_health *out)
{
    struct writer_row w;
    TRY(store_writer_get(budget_of(as_llm)->c, provider, &w));
    *out = (struct llm_health){w.failures, w.pause_ms, w.problem};
    return NULL;
}

static error note(struct llm_budget *as_llm, struct str provider, const struct llm_health *h)
{
    struct writer_row w = {h->failures, h->pause_until_ms, h->problem};
    return store_writer_put(budget_of(as_llm)->c, provider, &w);
}

error drafts_write(struct ctx *c, const struct step *s, const struct charter *ch,
                   const struct prompt *prompts, size_t n, struct draft *out)
{
    struct llm llm = *((struct pipeline *)s->self)->llm;
    struct step_budget budget = {{open_call, close_call, health, note}, c, s, ch};
    llm.budget = &budget.as_llm;
    return llm.ops->complete(&llm, leave(c), prompts, n, out);
}

error drafts_used(struct ctx *c, const struct content *x)
{
    return str_eq(x->metadata.model, S("builtin")) && !x->metadata.cost_microcents
               ? NULL
               : store_cost_use(c, &x->id);
}

struct pause {
    const struct step *step;
    struct id mission;
};

/* Transaction. */
static error pause(struct ctx *c, void *arg)
{
    const struct pause *p = arg;
    struct mission m;
    TRY(store_mission_lock(c, &p->mission, &m));
    if (m.status != MISSION_ACTIVE)
        return NULL;
    TRY(store_audit_system(c, S("pauseMission"), S("msn_"), &m.id, S("budget_exhausted")));
    return store_mission_move(c, &m, MISSION_PAUSED, S("budget_exhausted"));
}

error budget_check(struct ctx *c, const struct step *s, const struct id *mission, bool *exhausted)
{
    struct pipeline *line = s->self;
    struct pause p = {s, *mission};
    *exhausted = line->exhausted;
    line->exhausted = false;
    return *exhausted ? in_transaction(c, pause, &p) : NULL;
}
