/* job.c: jobs and the stages of a pipeline as people see them. Who carries them out is work/'s and
 * pipeline/'s. */
#include "domain/job.h"

#include "domain/mission.h"

/* What a type of job is called, what it is about, and what it does at work. */
static const struct {
    struct str ref, activity;
} kinds[JOB_TYPE_COUNT] = {
    [JOB_NONE] = {S("ref_"), S("Working")},
    [JOB_MISSION_RUN] = {S("msn_"), S("Planning and writing")},
    [JOB_CONTENT_PUBLISH] = {S("cnt_"), S("Bringing a post out")},
    [JOB_METRICS_PULL] = {S("tnt_"), S("Asking for the figures of what is out")},
    [JOB_CONTENT_REWRITE] = {S("cnt_"), S("Writing a text anew")},
    [JOB_WEBHOOK_DELIVER] = {S("dlv_"), S("Telling a webhook of an event")},
};
static const struct str type_list[JOB_TYPE_COUNT] = {
    [JOB_MISSION_RUN] = S("mission.run"),         [JOB_CONTENT_PUBLISH] = S("content.publish"),
    [JOB_METRICS_PULL] = S("metrics.pull"),       [JOB_CONTENT_REWRITE] = S("content.rewrite"),
    [JOB_WEBHOOK_DELIVER] = S("webhook.deliver"),
};
const struct names job_type_names = NAMES(type_list);

static const struct str state_list[] = {{0}, S("open"), S("done"), S("dead"), S("cancelled")};
const struct names job_state_names = NAMES(state_list);

static const struct str stage_list[] = {{0},          S("intake"),    S("strategy"), S("content"),
                                        S("publish"), S("analytics"), S("optimize")};
const struct names stage_names = NAMES(stage_list);

/* What a mission's job does at a stage. */
static const struct str stage_activities[STAGE_COUNT] = {
    [STAGE_NONE] = S("Beginning"),
    [STAGE_INTAKE] = S("Counting what the mission amounts to"),
    [STAGE_STRATEGY] = S("Choosing themes, forms and times"),
    [STAGE_CONTENT] = S("Writing texts"),
    [STAGE_PUBLISH] = S("Bringing posts out"),
    [STAGE_ANALYTICS] = S("Reading figures"),
    [STAGE_OPTIMIZE] = S("Learning from figures"),
};

#define AT(member) offsetof(struct job, member)
static const struct field fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(id), .prefix = S("job_"), .doc = "Job id"},
    {.name = S("type"),
     .kind = F_ENUM,
     .at = AT(type),
     .values = &job_type_names,
     .doc = "What kind of work"},
    {.name = S("status"),
     .kind = F_ENUM,
     .at = AT(state),
     .values = &job_state_names,
     .doc = "open: to be done, now or at run_at; dead: given up, with last_error"},
    {.name = S("running"), .kind = F_BOOL, .at = AT(running), .doc = "Is a worker at it just now?"},
    {.name = S("stage"),
     .kind = F_ENUM,
     .flags = F_NULLABLE,
     .at = AT(pipeline_stage),
     .values = &stage_names,
     .doc = "Of a mission's job: the stage of its pipeline"},
    {.name = S("progress_percent"), .kind = F_INT, .at = AT(progress), .doc = "How far it is"},
    {.name = S("activity"),
     .kind = F_TEXT,
     .at = AT(activity),
     .doc = "What is being done, or waited for",
     .example = "\"Writing texts\""},
    {.name = S("ref"),
     .kind = F_TEXT,
     .at = AT(ref_text),
     .doc = "What it is about: a mission, a piece of content, a tenant …",
     .example = "\"msn_2xK9mPqR4vN8sT3w\""},
    {.name = S("mission_id"),
     .kind = F_ID,
     .flags = F_NULLABLE,
     .at = AT(mission),
     .prefix = S("msn_"),
     .doc = "The mission it serves, if it is one's"},
    {.name = S("run_at"), .kind = F_TIME, .at = AT(run_ms), .doc = "When it is due"},
    {.name = S("attempts"), .kind = F_INT, .at = AT(attempts), .doc = "Tries of the present step"},
    {.name = S("last_error"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(last_error),
     .doc = "What went wrong last, or what it waits for"},
    {.name = S("livemode"), .kind = F_BOOL, .at = AT(live), .doc = "Live or test data?"},
    {.name = S("created_at"), .kind = F_TIME, .at = AT(created_ms), .doc = "Creation time"},
    {.name = S("updated_at"), .kind = F_TIME, .at = AT(updated_ms), .doc = "Last change"},
};
#undef AT
const struct shape job_shape = SHAPE("job", struct job, fields);

static struct str activity_of(const struct job *j)
{
    bool mission = j->type == JOB_MISSION_RUN;
    switch (j->state) {
    case JOB_DONE:
        return S("Finished");
    case JOB_DEAD:
        return S("Given up");
    case JOB_CANCELLED:
        return S("Cancelled");
    default:
        break;
    }
    if (j->type == JOB_CONTENT_PUBLISH && j->stage == JOB_STAGE_HELD)
        return S("Waiting for the account at the provider");
    if (!j->running && j->type == JOB_CONTENT_REWRITE && j->stage == JOB_STAGE_HELD)
        return S("Waiting for its mission to go on");
    if (!j->running && j->attempts && j->last_error.p)
        return S("Waiting for the next try");
    if (!j->running && mission && j->progress == 100)
        return S("Waiting for the next days to come into reach");
    if (!j->running)
        return S("Waiting for its time");
    return mission ? stage_activities[j->pipeline_stage] : kinds[j->type].activity;
}

void job_describe(struct arena *a, struct job *j, int64_t now_ms)
{
    char *text = arena_alloc(a, ID_TEXT + 1);
    if (j->type < 0 || j->type >= JOB_TYPE_COUNT)
        j->type = JOB_NONE; /* of a newer program */
    j->running = j->state == JOB_OPEN && j->lease && j->locked_until_ms > now_ms;
    j->pipeline_stage = j->type == JOB_MISSION_RUN && j->stage < STAGE_COUNT ? j->stage : 0;
    j->ref_text = id_print(text, kinds[j->type].ref, &j->ref);
    j->activity = activity_of(j);
}

static const struct field filter_fields[] = {
    {.name = S("status"),
     .kind = F_ENUM,
     .at = offsetof(struct job_filter, status),
     .values = &job_state_names,
     .doc = "Only jobs in this state"},
    {.name = S("type"),
     .kind = F_ENUM,
     .at = offsetof(struct job_filter, type),
     .values = &job_type_names,
     .doc = "Only jobs of this type"},
    {.name = S("mission_id"),
     .kind = F_ID,
     .at = offsetof(struct job_filter, mission),
     .prefix = S("msn_"),
     .doc = "Only jobs that serve this mission"},
};
const struct shape job_filter_shape = SHAPE("job_filter", struct job_filter, filter_fields);

static const struct str status_list[] = {{0},          S("pending"), S("running"),
                                         S("waiting"), S("done"),    S("failed")};
static const struct names status_names = NAMES(status_list);

#define AT(member) offsetof(struct stage_view, member)
static const struct field stage_fields[] = {
    {.name = S("stage"), .kind = F_ENUM, .at = AT(stage), .values = &stage_names, .doc = "Which"},
    {.name = S("status"),
     .kind = F_ENUM,
     .at = AT(status),
     .values = &status_names,
     .doc = "pending: not its turn yet; waiting: for what is next, or for the mission to go on"},
    {.name = S("progress_percent"), .kind = F_INT, .at = AT(progress), .doc = "How far it is"},
    {.name = S("input"),
     .kind = F_RAW,
     .flags = F_NULLABLE,
     .at = AT(input),
     .doc = "What it works from"},
    {.name = S("output"),
     .kind = F_RAW,
     .flags = F_NULLABLE,
     .at = AT(output),
     .doc = "What it found out"},
    {.name = S("started_at"),
     .kind = F_TIME,
     .flags = F_NULLABLE,
     .at = AT(started_ms),
     .doc = "When its first output was stored"},
    {.name = S("updated_at"),
     .kind = F_TIME,
     .flags = F_NULLABLE,
     .at = AT(updated_ms),
     .doc = "When its output was stored last"},
};
#undef AT
static const struct shape stage_shape = SHAPE("pipeline_stage", struct stage_view, stage_fields);
static const struct field stage_item = {.kind = F_OBJECT, .shape = &stage_shape};

#define AT(member) offsetof(struct pipeline_view, member)
static const struct field pipeline_fields[] = {
    {.name = S("mission_id"),
     .kind = F_ID,
     .at = AT(mission),
     .prefix = S("msn_"),
     .doc = "The mission"},
    {.name = S("status"),
     .kind = F_ENUM,
     .at = AT(mission_status),
     .values = &mission_status_names,
     .doc = "Its state"},
    {.name = S("progress_percent"),
     .kind = F_INT,
     .at = AT(progress),
     .doc = "How much of what it amounts to is out"},
    {.name = S("stages"),
     .kind = F_LIST,
     .at = AT(stages),
     .item = &stage_item,
     .doc = "The six stages, in their order"},
    {.name = S("job"),
     .kind = F_OBJECT,
     .flags = F_DOC | F_NULLABLE,
     .at = AT(job),
     .shape = &job_shape,
     .doc = "The job that carries the mission out; null: it was never started"},
};
#undef AT
const struct shape pipeline_shape = SHAPE("pipeline", struct pipeline_view, pipeline_fields);

static const struct field run_fields[] = {
    {.name = S("from"),
     .kind = F_ENUM,
     .flags = F_IN | F_NULLABLE,
     .at = offsetof(struct run_request, from),
     .values = &stage_names,
     .doc = "The stage to begin again with; where the mission stands by default"},
};
const struct shape run_request_shape = SHAPE("run", struct run_request, run_fields);
