/* mission.c: carries a mission out: its stages in order, then what its calendar asks for, until it
 * ends. What a stage does is in its own file. */
#include "base/clock.h"
#include "base/config.h"
#include "db/tx.h"
#include "delivery/delivery.h"
#include "pipeline/strategy.h"
#include "store/archive.h"
#include "store/audit.h"
#include "store/content.h"

enum { PAGE = 50, STARTED = 5, PLANNED = 20, WRITTEN = 100 /* percent */ };

/* Stages that are worked out once, from the mission alone. */
static const struct {
    enum stage stage;
    error (*run)(struct ctx *c, struct step *s, const struct charter *ch, struct str *output);
} planning[] = {
    {STAGE_INTAKE, intake_run},
    {STAGE_STRATEGY, strategy_run},
};

/* A step of a mission's job. */
struct march {
    struct step *step;
    struct mission mission;
    struct charter charter;
    struct str strategy; /* its output, or that of the sixth stage */
    enum stage stage;    /* what is to be stored is of this one */
    struct str input, output;
    struct id after; /* where a walk over content goes on */
    size_t seen;
};

error mission_hold(struct ctx *c, const struct step *s, const struct mission *m)
{
    struct mission now;
    TRY(store_mission_lock(c, &m->id, &now));
    if (now.status != m->status || now.revision != m->revision)
        return error_of(ERR_INVALID_STATE);
    return store_job_extend(c, s->job, clock_ms() + c->config->lease_s * 1000);
}

static error complete(struct ctx *c, void *arg)
{
    const struct march *t = arg;
    TRY(mission_hold(c, t->step, &t->mission));
    TRY(store_audit_system(c, S("completeMission"), S("msn_"), &t->mission.id, (struct str){0}));
    return store_mission_move(c, &t->mission, MISSION_COMPLETED, (struct str){0});
}

static error store_output(struct ctx *c, void *arg)
{
    const struct march *t = arg;
    TRY(mission_hold(c, t->step, &t->mission));
    if (t->stage == STAGE_STRATEGY) /* what was learned was about another */
        TRY(store_stage_clear_from(c, &t->mission.id, STAGE_OPTIMIZE));
    return store_stage_put(c, &t->mission.id, t->stage, t->input, t->output);
}

/* What the mission was paused for too long to send in time is planned anew; the rest has its job.
 * Those jobs that were due during the pause are over. */
static error put_job(struct ctx *c, const struct march *t, const struct id *id)
{
    struct content locked; /* it must not be on its way already */
    TRY(store_content_lock(c, id, &locked));
    if (locked.status != CONTENT_SCHEDULED)
        return NULL;
    if (is_late(c, &locked))
        return late_replan(c, &t->charter, &locked);
    return delivery_schedule(c, &locked);
}

/* Transaction: jobs for a page of scheduled content. */
static error put_jobs(struct ctx *c, void *arg)
{
    struct march *t = arg;
    struct list page;
    const struct content *x;
    TRY(mission_hold(c, t->step, &t->mission));
    TRY(store_content_in_state(c, &t->mission.id, CONTENT_SCHEDULED, &t->after, PAGE, &page));
    x = page.at;
    for (size_t i = 0; i < page.n; i++)
        TRY(put_job(c, t, &x[i].id));
    t->seen = page.n;
    if (page.n)
        t->after = x[page.n - 1].id;
    return NULL;
}

/* The first step after a mission was made, changed or resumed. */
static error start(struct ctx *c, struct march *t)
{
    do
        TRY(in_transaction(c, put_jobs, t));
    while (t->seen == PAGE);
    t->step->progress = STARTED;
    return step_again(t->step, c->now_ms);
}

/* A stage is to be worked out; the step may have to wait for the provider. What results have to say
 * is seen at once. */
static error work_out(struct ctx *c, struct march *t, size_t i)
{
    bool skipped;
    t->stage = planning[i].stage;
    t->step->stage = (int)t->stage;
    t->step->progress = PLANNED;
    TRY(planning[i].run(c, t->step, &t->charter, &t->output));
    if (t->step->next == STEP_PAUSE)
        return NULL;
    TRY(in_transaction(c, store_output, t));
    if (t->stage == STAGE_STRATEGY)
        TRY(optimize_mission(c, t->step, &t->mission, &skipped));
    return step_again(t->step, c->now_ms);
}

/* Is the output that was found of the brand context as it is? */
static error check_brand(struct ctx *c, const struct march *t, enum stage stage, bool *current)
{
    struct strategy s;
    *current = true;
    if (stage != STAGE_STRATEGY)
        return NULL;
    TRY(strategy_read(c->arena, t->strategy, &s));
    *current = s.brand_revision == t->charter.brand_revision;
    return NULL;
}

/* Works out the first stage that has no output, or that of another brand. *planned: there was one;
 * else t->strategy is read. */
static error plan(struct ctx *c, struct march *t, bool *planned)
{
    bool current = true;
    *planned = true;
    t->input = shape_text(c->arena, &mission_shape, &t->mission);
    for (size_t i = 0; i < sizeof planning / sizeof *planning; i++) {
        error e = store_stage_get(c, &t->mission.id, planning[i].stage, &t->strategy);
        if (!e)
            TRY(check_brand(c, t, planning[i].stage, &current));
        if (error_is(e, ERR_NOT_FOUND) || !current)
            return work_out(c, t, i);
        TRY(e);
        t->input = t->strategy;
    }
    *planned = false;
    return strategy_text(c, &t->mission.id, &t->strategy);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* What results teach follows each look at the figures. Where a run has taken it back, and there is
 * nothing new to look at, it is worked out anew from what is known. */
static error relearn(struct ctx *c, struct march *t)
{
    struct str text;
    bool skipped;
    error e = store_stage_get(c, &t->mission.id, STAGE_ANALYTICS, &text);
    if (!e && c->config->learn)
        e = store_stage_get(c, &t->mission.id, STAGE_OPTIMIZE, &text);
    return error_is(e, ERR_NOT_FOUND) ? optimize_mission(c, t->step, &t->mission, &skipped) : e;
}

/* All that can be written is: waits for what is next. What no writer could do now is tried again
 * in an hour. */
static error rest(struct ctx *c, struct march *t, bool refused)
{
    int64_t review_ms, next_ms;
    t->input = t->strategy;
    TRY(content_summary(c, &t->mission, &t->output));
    TRY(in_transaction(c, store_output, t));
    TRY(relearn(c, t));
    TRY(review_run(c, t->step, &t->charter, &review_ms));
    next_ms = earlier(earlier(content_next_ms(c, &t->charter), review_ms), t->mission.ends_ms);
    if (refused)
        next_ms = earlier(next_ms, c->now_ms + HOUR_MS);
    t->step->progress = WRITTEN;
    return step_again(t->step, next_ms);
}

static error write_texts(struct ctx *c, struct march *t)
{
    struct content_progress p;
    enum drafts_end end;
    error e = content_run(c, t->step, &t->charter, t->strategy, &p);
    t->stage = STAGE_CONTENT;
    t->step->stage = STAGE_CONTENT;
    TRY(drafts_end(c, t->step, &t->mission.id, e, &end));
    if (end == DRAFTS_EXHAUSTED) /* who resumes it puts the job anew */
        return step_again(t->step, t->mission.ends_ms);
    if (end == DRAFTS_UNWANTED)
        return step_again(t->step, c->now_ms);
    if (end == DRAFTS_AWAITED)
        return drafts_await(t->step);
    if (!p.missing || !p.written)
        return rest(c, t, p.missing > 0);
    t->step->progress =
        PLANNED + (int64_t)((WRITTEN - PLANNED) * p.written / (p.written + p.missing));
    return step_again(t->step, c->now_ms);
}

static error march(struct ctx *c, struct march *t)
{
    bool planned;
    if (t->mission.ends_ms <= c->now_ms) {
        TRY(in_transaction(c, complete, t));
        return step_done(t->step);
    }
    if (t->mission.status == MISSION_PAUSED) /* who resumes it puts the job anew */
        return step_again(t->step, t->mission.ends_ms);
    TRY(charter_load(c, &t->mission, &t->charter));
    if (!t->step->job->progress)
        return start(c, t);
    TRY(plan(c, t, &planned));
    return planned ? NULL : write_texts(c, t);
}

/* A deleted mission, of which there may be content left to archive. */
struct remains {
    const struct job *job;
    bool more;
};

/* Transaction. */
static error archive(struct ctx *c, void *arg)
{
    struct remains *r = arg;
    TRY(store_job_extend(c, r->job, clock_ms() + c->config->lease_s * 1000));
    return store_archive_next(c, &r->job->ref, &r->more);
}

static error clear_away(struct ctx *c, struct step *s)
{
    struct remains r = {.job = s->job};
    TRY(in_transaction(c, archive, &r));
    return r.more ? step_again(s, c->now_ms) : step_done(s);
}

error mission_run(struct ctx *c, struct step *s)
{
    struct march t = {.step = s};
    error e = store_mission_get(c, &s->job->ref, &t.mission);
    if (error_is(e, ERR_NOT_FOUND))
        return clear_away(c, s);
    TRY(e);
    if (t.mission.status != MISSION_ACTIVE && t.mission.status != MISSION_PAUSED)
        return step_done(s);
    return march(c, &t);
}
