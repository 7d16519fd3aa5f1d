/* mission.c: how a mission is asked for: stated, changed, paused, deleted. Carrying it out is the
 * pipeline's. */
#include "api/routes.h"

#include "base/clock.h"
#include "frame/serve.h"
#include "http/conditional.h"
#include "http/reply.h"
#include "store/archive.h"
#include "store/brand.h"
#include "store/job.h"
#include "store/mission.h"

/* What only stored data and the clock can tell. */
static error check_stored(struct ctx *c, const struct mission *m)
{
    if (!id_is_none(&m->brand_context_id)) {
        error e = store_brand_hold(c, &m->brand_context_id);
        if (error_is(e, ERR_NOT_FOUND))
            return error_at(c->arena, ERR_VALIDATION_FAILED, S("brand_context_id"),
                            "There is no such brand context.");
        TRY(e);
    }
    if (m->ends_ms <= c->now_ms)
        return error_at(c->arena, ERR_VALIDATION_FAILED, S("ends_at"), "Is in the past.");
    return NULL;
}

/* The job that carries the mission out, due at once. */
static error start(struct ctx *c, struct mission *m)
{
    return store_job_put(c, JOB_MISSION_RUN, &m->id, c->now_ms, NULL, &m->pipeline_job_id);
}

/* The same of a mission that is new, and so has none yet. */
static error start_new(struct ctx *c, struct mission *m)
{
    struct job_due due = {.ref = m->id, .mission = m->id, .run_ms = c->now_ms};
    TRY(store_jobs_put(c, JOB_MISSION_RUN, &due, 1));
    m->pipeline_job_id = due.id;
    return NULL;
}

static error mission_create(struct ctx *c)
{
    struct mission m = *(const struct mission *)c->req->in;
    char text[ID_TEXT + 1];
    if (m.status != MISSION_DRAFT && m.status != MISSION_ACTIVE)
        return error_at(c->arena, ERR_INVALID_REQUEST, S("status"), "Must be draft or active.");
    TRY(mission_complete_dates(c->arena, &m, c->req->in_sent, c->now_ms));
    TRY(mission_read_platforms(c->arena, &m));
    TRY(check_stored(c, &m));
    m.id = id_new(c->now_ms);
    m.livemode = c->scope.live;
    m.revision = 1;
    m.created_ms = m.updated_ms = c->now_ms;
    if (m.status == MISSION_ACTIVE)
        TRY(start_new(c, &m));
    TRY(store_mission_insert(c, &m));
    reply_location(c, "/missions/", id_print(text, S("msn_"), &m.id));
    return reply_revision(c, 201, &mission_shape, &m, m.revision);
}

static error mission_list(struct ctx *c)
{
    struct list missions;
    int64_t total;
    bool more;
    TRY(store_mission_page(c, c->req->filter, &c->req->page, &missions, &more, &total));
    return reply_list(c, &mission_shape, &missions, more, total);
}

static error mission_get(struct ctx *c)
{
    struct mission m;
    TRY(store_mission_get(c, &c->req->id[0], &m));
    return reply_revision(c, 200, &mission_shape, &m, m.revision);
}

/* The mission of the path, locked; a deleted one is not there. */
static error lock(struct ctx *c, struct mission *m)
{
    TRY(store_mission_lock(c, &c->req->id[0], m));
    return m->status == MISSION_DELETED ? error_of(ERR_NOT_FOUND) : NULL;
}

/* Did a change touch what the plan is made from? */
static bool plan_changed(const struct mission *old, const struct mission *new)
{
    return !str_eq(old->platforms, new->platforms) || !str_eq(old->constraints, new->constraints) ||
           !str_eq(old->objectives, new->objectives) ||
           !id_eq(&old->brand_context_id, &new->brand_context_id) ||
           old->starts_ms != new->starts_ms || old->ends_ms != new->ends_ms;
}

/* What is not yet published is planned and written anew. */
static error replan(struct ctx *c, struct mission *m)
{
    TRY(store_stage_clear(c, &m->id));
    TRY(store_archive_from(c, &m->id, c->now_ms));
    /* A paused one writes nothing, but must know its new end. */
    return m->status == MISSION_DRAFT ? NULL : start(c, m);
}

static bool dates_sent(const struct request *r)
{
    return was_sent(&mission_shape, r->in_sent, S("starts_at")) ||
           was_sent(&mission_shape, r->in_sent, S("ends_at")) ||
           was_sent(&mission_shape, r->in_sent, S("duration_days"));
}

static error mission_update(struct ctx *c)
{
    struct mission m, old;
    TRY(lock(c, &m));
    TRY(if_match(c, m.revision));
    old = m;
    TRY(read_update(c, &mission_shape, &m));
    if (m.status == MISSION_COMPLETED)
        return error_of(ERR_INVALID_STATE);
    if (dates_sent(c->req))
        TRY(mission_complete_dates(c->arena, &m, c->req->in_sent, c->now_ms));
    TRY(mission_read_platforms(c->arena, &m));
    TRY(check_stored(c, &m));
    m.updated_ms = c->now_ms;
    TRY(store_mission_update(c, &m, old.platform_set));
    m.revision++;
    if (plan_changed(&old, &m))
        TRY(replan(c, &m));
    return reply_revision(c, 200, &mission_shape, &m, m.revision);
}

/* From its state on nothing more is written or published. What is not archived at once is by the
 * mission's job, in steps. */
static error mission_delete(struct ctx *c)
{
    struct mission m;
    bool more;
    TRY(lock(c, &m));
    TRY(if_match(c, m.revision));
    TRY(store_mission_move(c, &m, MISSION_DELETED, (struct str){0}));
    TRY(store_archive_next(c, &m.id, &more));
    TRY(more ? start(c, &m) : store_job_end(c, JOB_MISSION_RUN, &m.id, JOB_CANCELLED));
    return reply_empty(c);
}

static error change(struct ctx *c, enum mission_event event, struct mission *m)
{
    enum mission_status to;
    TRY(lock(c, m));
    TRY(if_match(c, m->revision));
    if (!mission_next((enum mission_status)m->status, event, &to))
        return error_of(ERR_INVALID_STATE);
    TRY(store_mission_move(c, m, to, (struct str){0}));
    m->status = (int)to;
    m->status_reason = (struct str){0};
    m->revision++;
    m->updated_ms = c->now_ms;
    return NULL;
}

static error mission_pause(struct ctx *c)
{
    struct mission m;
    TRY(change(c, MISSION_PAUSE, &m));
    return reply_revision(c, 200, &mission_shape, &m, m.revision);
}

static error mission_resume(struct ctx *c)
{
    struct mission m;
    struct id had;
    TRY(change(c, MISSION_RESUME, &m));
    TRY(check_stored(c, &m));
    had = m.pipeline_job_id;
    TRY(start(c, &m));
    TRY(store_job_wake(c, JOB_CONTENT_REWRITE, JOB_STAGE_HELD));
    if (!id_eq(&had, &m.pipeline_job_id)) {
        TRY(store_mission_set_job(c, &m.id, &m.pipeline_job_id));
        m.revision++;
    }
    return reply_revision(c, 200, &mission_shape, &m, m.revision);
}

const struct route mission_routes[] = {
    {GET, "/missions", mission_list, "missions:read", .query = &mission_filter_shape,
     .out = &mission_shape, .flags = R_READ | R_LIST | R_REMEMBER, .id_prefix = "msn_",
     .doc = "List missions"},
    {POST, "/missions", mission_create, "missions:write", .in = &mission_shape,
     .out = &mission_shape, .status = 201, .doc = "State a mission"},
    {GET, "/missions/:msn", mission_get, "missions:read", .out = &mission_shape,
     .flags = R_READ | R_REMEMBER, .doc = "Get a mission"},
    {PUT, "/missions/:msn", mission_update, "missions:write", .in = &mission_shape,
     .out = &mission_shape, .flags = R_UPDATE,
     .doc = "Change a mission; what is not yet published is planned anew"},
    {DELETE, "/missions/:msn", mission_delete, "missions:write", .status = 204,
     .doc = "Delete a mission and cancel what it has not published"},
    {POST, "/missions/:msn/pause", mission_pause, "missions:write", .in = &empty_shape,
     .out = &mission_shape, .flags = R_ACTION, .doc = "Stop it until it is resumed"},
    {POST, "/missions/:msn/resume", mission_resume, "missions:write", .in = &empty_shape,
     .out = &mission_shape, .flags = R_ACTION, .doc = "Start a draft, or go on after a pause"},
    {0},
};
