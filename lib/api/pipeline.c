/* pipeline.c: how far a mission's pipeline is, stage by stage, and setting it going again. What the
 * stages do is pipeline/'s. */
#include "api/routes.h"

#include "base/clock.h"
#include "db/tx.h"
#include "domain/content.h"
#include "http/conditional.h"
#include "http/reply.h"
#include "store/content.h"
#include "store/job.h"
#include "store/mission.h"

enum { PERCENT = 100 };

/* All that an answer is made from, as of one moment. */
struct sight {
    struct mission mission;
    struct job job; /* no id: there is none */
    struct stage_row rows[STAGE_COUNT];
    int64_t counts[CONTENT_STATUS_COUNT];
};

static error see_job(struct ctx *c, struct sight *s)
{
    error e;
    if (id_is_none(&s->mission.pipeline_job_id))
        return NULL;
    e = store_job_get(c, &s->mission.pipeline_job_id, &s->job);
    if (error_is(e, ERR_NOT_FOUND))
        return NULL;
    job_describe(c->arena, &s->job, clock_ms());
    return e;
}

/* Snapshot. */
static error see(struct ctx *c, void *arg)
{
    struct sight *s = arg;
    *s = (struct sight){0};
    TRY(store_mission_get(c, &c->req->id[0], &s->mission));
    TRY(see_job(c, s));
    TRY(store_stages(c, &s->mission.id, s->rows));
    return store_content_by_state(c, &s->mission.id, s->counts);
}

/* What the later stages have before them, and what became of it. */
struct tally {
    int64_t drafts, pending, approved, scheduled, publishing, published, failed;
};
#define AT(member) offsetof(struct tally, member)
static const struct field tally_fields[] = {
    {.name = S("draft"), .kind = F_INT, .at = AT(drafts)},
    {.name = S("pending_review"), .kind = F_INT, .at = AT(pending)},
    {.name = S("approved"), .kind = F_INT, .at = AT(approved)},
    {.name = S("scheduled"), .kind = F_INT, .at = AT(scheduled)},
    {.name = S("publishing"), .kind = F_INT, .at = AT(publishing)},
    {.name = S("published"), .kind = F_INT, .at = AT(published)},
    {.name = S("failed"), .kind = F_INT, .at = AT(failed)},
};
#undef AT
static const struct shape tally_shape = SHAPE("tally", struct tally, tally_fields);

static struct tally tally_of(const struct sight *s)
{
    return (struct tally){
        .drafts = s->counts[CONTENT_DRAFT],
        .pending = s->counts[CONTENT_PENDING_REVIEW],
        .approved = s->counts[CONTENT_APPROVED],
        .scheduled = s->counts[CONTENT_SCHEDULED],
        .publishing = s->counts[CONTENT_PUBLISHING],
        .published = s->counts[CONTENT_PUBLISHED],
        .failed = s->counts[CONTENT_FAILED],
    };
}

static int64_t share(int64_t part, int64_t whole)
{
    return whole > 0 ? part * PERCENT / whole : 0;
}

/* What is out of what was written. */
static int64_t published_percent(const struct tally *t)
{
    return share(t->published, t->drafts + t->pending + t->approved + t->scheduled + t->publishing +
                                   t->published + t->failed);
}

/* How a stage stands whose output is stored once, or again and again. */
static int status_of(const struct sight *s, enum stage stage, bool stored)
{
    bool once = stage <= STAGE_STRATEGY;
    if (s->mission.status == MISSION_COMPLETED || (stored && once))
        return STAGE_DONE;
    if (s->job.state == JOB_DEAD && stage <= STAGE_CONTENT)
        return STAGE_FAILED;
    if (stage <= STAGE_CONTENT && s->job.running && s->job.pipeline_stage == (int)stage)
        return STAGE_RUNNING;
    return stored ? STAGE_WAITING : STAGE_PENDING;
}

static int publish_status(const struct sight *s, const struct tally *t)
{
    if (s->mission.status == MISSION_COMPLETED)
        return STAGE_DONE;
    if (t->publishing)
        return STAGE_RUNNING;
    return t->scheduled || t->published ? STAGE_WAITING : STAGE_PENDING;
}

static int64_t progress_of(const struct sight *s, enum stage stage, int status,
                           const struct tally *t)
{
    if (status == STAGE_DONE)
        return PERCENT;
    if (stage == STAGE_CONTENT)
        return s->job.pipeline_stage == STAGE_CONTENT ? s->job.progress : 0;
    if (stage == STAGE_PUBLISH)
        return published_percent(t);
    return status == STAGE_WAITING ? PERCENT : 0;
}

static void view_stages(struct ctx *c, const struct sight *s, struct stage_view *out)
{
    struct tally t = tally_of(s);
    struct str input = shape_text(c->arena, &mission_shape, &s->mission);
    for (int i = STAGE_INTAKE; i < STAGE_COUNT; i++) {
        const struct stage_row *row = &s->rows[i];
        struct stage_view *v = &out[i - STAGE_INTAKE];
        *v = (struct stage_view){
            .stage = i,
            .input = row->input.p ? row->input : input,
            .output = row->output,
            .started_ms = row->started_ms,
            .updated_ms = row->updated_ms,
            .status = status_of(s, (enum stage)i, row->output.p != NULL),
        };
        if (i == STAGE_PUBLISH) {
            v->status = publish_status(s, &t);
            if (v->status != STAGE_PENDING)
                v->output = shape_text(c->arena, &tally_shape, &t);
        }
        v->progress = progress_of(s, (enum stage)i, v->status, &t);
        input = v->output; /* of the next one */
    }
}

static error pipeline_get(struct ctx *c)
{
    struct sight s;
    struct stage_view stages[STAGE_COUNT - STAGE_INTAKE];
    struct tally t;
    TRY(in_snapshot(c, see, &s));
    view_stages(c, &s, stages);
    t = tally_of(&s);
    return reply(
        c, 200, &pipeline_shape,
        &(struct pipeline_view){
            .mission = s.mission.id,
            .mission_status = s.mission.status,
            .progress = s.mission.status == MISSION_COMPLETED ? PERCENT : published_percent(&t),
            .stages = {stages, sizeof stages / sizeof *stages},
            .job =
                id_is_none(&s.job.id) ? (struct str){0} : shape_text(c->arena, &job_shape, &s.job),
        });
}

/* The mission's job is due now. One that is waiting, or being carried out, only comes to its next
 * step earlier; one that has ended, or is to begin again with a stage, is put anew. */
static error set_going(struct ctx *c, struct mission *m, int from)
{
    struct job j = {0};
    error e = store_job_get(c, &m->pipeline_job_id, &j);
    if (e && !error_is(e, ERR_NOT_FOUND))
        return e;
    if (!from && j.state == JOB_OPEN)
        return store_job_reschedule(c, JOB_MISSION_RUN, &m->id, c->now_ms);
    if (from)
        TRY(store_stage_clear_from(c, &m->id, (enum stage)from));
    /* Nobody waits for the next pull who wants to know what came of it. */
    if (from >= STAGE_ANALYTICS)
        TRY(store_job_reschedule(c, JOB_METRICS_PULL, &c->scope.tenant, c->now_ms));
    TRY(store_job_put(c, JOB_MISSION_RUN, &m->id, c->now_ms, NULL, &m->pipeline_job_id));
    return store_mission_set_job(c, &m->id, &m->pipeline_job_id);
}

static error mission_set_going(struct ctx *c)
{
    const struct run_request *in = c->req->in;
    struct mission m;
    struct job j;
    TRY(store_mission_lock(c, &c->req->id[0], &m));
    if (m.status == MISSION_DELETED)
        return error_of(ERR_NOT_FOUND);
    TRY(if_match(c, m.revision));
    if (m.status != MISSION_ACTIVE)
        return error_of(ERR_INVALID_STATE);
    TRY(set_going(c, &m, in->from));
    TRY(store_job_get(c, &m.pipeline_job_id, &j));
    job_describe(c->arena, &j, clock_ms());
    return reply(c, 202, &job_shape, &j);
}

const struct route pipeline_routes[] = {
    {GET, "/missions/:msn/pipeline", pipeline_get, "missions:read", .out = &pipeline_shape,
     .flags = R_READ, .doc = "How far its pipeline is, stage by stage"},
    {POST, "/missions/:msn/run", mission_set_going, "missions:write", .in = &run_request_shape,
     .out = &job_shape, .status = 202, .flags = R_ACTION,
     .doc = "Plan and write now what is still to be planned and written", .name = "runMission"},
    {0},
};
