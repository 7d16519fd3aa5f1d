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
#include "work/queue.h"

enum {
    GRACE_MS = 60 * 1000,
    LOOK_MS = 500,   /* so often somebody looks during a call whether its text is still wanted */
    AWAIT_MS = 2000, /* before a question is asked that may be on its way */
    CATEGORY = COST_GENERATION
};
#define ANSWER_KEPT_MS (7 * DAY_MS)

/* The budget of a mission, as a step spends it. */
struct step_budget {
    struct llm_budget as_llm; /* the first member: see budget_of() */
    struct ctx *c;
    const struct step *step;
    const struct charter *charter;
    int64_t looked_us; /* when somebody last looked whether the texts are wanted */
};

static struct pipeline *line_of(const struct step *s)
{
    return s->self;
}

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
    bool alone, granted;
};

static struct entry entry_of(const struct step_budget *t, const struct llm_call *call)
{
    return (struct entry){
        .budget = t,
        .alone = call->alone,
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

/* Who asks must still hold the job, and does so for another lease; and a mission that was paused or
 * changed is left alone. */
static error check_step(struct ctx *c, const struct step_budget *t)
{
    const struct job *j = t->step->job;
    const struct mission *m = t->charter->mission;
    struct mission now;
    TRY(store_job_extend(c, j, clock_ms() + queue_lease_ms(c->config, j->abandoned)));
    error e = store_mission_get(c, &m->id, &now);
    if (error_is(e, ERR_NOT_FOUND) || (!e && now.status == MISSION_PAUSED) ||
        (!e && j->type == JOB_MISSION_RUN && now.revision != m->revision))
        return error_of(ERR_INVALID_STATE);
    return e;
}

/* While the database does not answer nobody knows better. */
static bool wanted(struct llm_budget *as_llm)
{
    struct step_budget *t = budget_of(as_llm);
    struct pipeline *line = line_of(t->step);
    int64_t now_us = clock_mono_us();
    if (step_is_stopping(t->step))
        line->unwanted = true;
    if (now_us >= t->looked_us + LOOK_MS * 1000) {
        t->looked_us = now_us;
        line->unwanted |= error_is(check_step(t->c, t), ERR_INVALID_STATE);
    }
    return !line->unwanted;
}

/* Who tries a model out may have thought so before another's try was over. */
static error check_still_unproven(struct ctx *c, struct entry *e)
{
    struct writer_row w;
    TRY(store_writer_lock(c, e->cost.provider, &w));
    e->granted = w.pause_ms <= clock_ms() && !(w.proven && str_eq(w.model, e->cost.model));
    return e->granted ? NULL : store_cost_release(c, &e->cost);
}

/* Transaction. */
static error reserve(struct ctx *c, void *arg)
{
    struct entry *e = arg;
    TRY(check_step(c, e->budget));
    TRY(store_cost_reserve(c, &e->cost, limit_of(e->budget->charter), e->alone, &e->granted));
    return e->alone && e->granted ? check_still_unproven(c, e) : NULL;
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

/* Is nobody waiting for the answer any more? The job's last worker died of it, or it is long past
 * its time. */
static bool is_forsaken(const struct step *s, const struct cost *x)
{
    return x->expires_ms <= clock_ms() || (id_eq(&x->job_id, &s->job->id) && s->job->abandoned);
}

/* What was asked before. A call that nobody waits for may have been charged. */
static error find_earlier(struct step_budget *t, struct llm_call *call, enum budget_answer *word)
{
    struct cost found;
    error e = store_cost_of_key(t->c, call->key, &found);
    *word = BUDGET_GRANTED;
    if (error_is(e, ERR_NOT_FOUND))
        return NULL;
    TRY(e);
    if (found.state == COST_RESERVED && !is_forsaken(t->step, &found)) {
        *word = BUDGET_BUSY;
        line_of(t->step)->awaited = true;
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

/* Is there no money, or has it to wait until it is alone? */
static error tell_why(struct step_budget *t, const struct llm_call *call, enum budget_answer *word)
{
    struct budget b = {0};
    if (call->alone)
        TRY(store_budget_get(t->c, &t->charter->mission->id, &b));
    *word = BUDGET_EXHAUSTED;
    if (call->alone && b.spent + call->most <= limit_of(t->charter))
        *word = BUDGET_BUSY;
    line_of(t->step)->exhausted |= *word == BUDGET_EXHAUSTED;
    line_of(t->step)->awaited |= *word == BUDGET_BUSY;
    return NULL;
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
        line_of(t->step)->awaited = true;
        return NULL;
    }
    TRY(failure);
    return e.granted ? NULL : tell_why(t, call, word);
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
    *out = (struct llm_health){w.failures, w.pause_ms, w.problem, w.model, w.proven, w.dear};
    return NULL;
}

static error note(struct llm_budget *as_llm, struct str provider, const struct llm_health *h)
{
    struct writer_row w = {h->failures, h->pause_until_ms, h->problem,
                           h->model,    h->proven,         h->dear};
    return store_writer_put(budget_of(as_llm)->c, provider, &w);
}

error drafts_write(struct ctx *c, const struct step *s, const struct charter *ch,
                   const struct prompt *prompts, size_t n, struct draft *out)
{
    struct llm llm = *line_of(s)->llm;
    struct step_budget budget = {
        .as_llm = {open_call, close_call, wanted, health, note}, .c = c, .step = s, .charter = ch};
    llm.budget = &budget.as_llm;
    return llm.ops->complete(&llm, leave(c), prompts, n, out);
}

error drafts_used(struct ctx *c, const struct content *x)
{
    return str_eq(llm_order(c->config, c->scope.live), S("builtin")) ? NULL
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

error drafts_end(struct ctx *c, const struct step *s, const struct id *mission, error failure,
                 enum drafts_end *end)
{
    struct pipeline *line = line_of(s);
    struct pipeline was = *line;
    struct pause p = {s, *mission};
    line->exhausted = line->unwanted = line->awaited = false;
    *end = DRAFTS_EXHAUSTED;
    if (was.exhausted)
        return in_transaction(c, pause, &p);
    *end = DRAFTS_UNWANTED;
    if (was.unwanted || error_is(failure, ERR_INVALID_STATE))
        return NULL;
    *end = was.awaited ? DRAFTS_AWAITED : DRAFTS_WRITTEN;
    return failure;
}

error drafts_await(struct step *s)
{
    return step_pause(s, AWAIT_MS, S("An earlier question to the writer is still to be answered."));
}
