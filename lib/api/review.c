/* review.c: what people decide about content: approve, reject, change, have it written anew, put it
 * away; one by one and many at once. docs/content.md says what leads where. */
#include "api/routes.h"

#include "api/content.h"
#include "api/schedule.h"
#include "auth/principal.h"
#include "db/tx.h"
#include "delivery/delivery.h"
#include "domain/quality.h"
#include "domain/review.h"
#include "frame/serve.h"
#include "http/conditional.h"
#include "http/reply.h"
#include "store/brand.h"
#include "store/content.h"
#include "store/job.h"
#include "store/mission.h"

/* May this content take this event now? */
static error check_event(const struct content *x, enum content_event event)
{
    enum content_status to;
    return content_next((enum content_status)x->status, event, &to) ? NULL
                                                                    : error_of(ERR_INVALID_STATE);
}

/* The content, locked, if it may take this event now. */
static error lock_for(struct ctx *c, const struct id *id, enum content_event event,
                      struct content *x)
{
    TRY(store_content_lock(c, id, x));
    TRY(if_match(c, x->revision));
    return check_event(x, event);
}

/* ---- changes ---- */

/* What the brand of a mission, if it has one, asks of texts. */
static error read_brand(struct ctx *c, const struct mission *m, struct quality_rules *rules)
{
    struct brand_context context;
    struct brand_voice brand;
    error e = NULL;
    if (id_is_none(&m->brand_context_id))
        return NULL;
    e = store_brand_get(c, &m->brand_context_id, &context);
    if (error_is(e, ERR_NOT_FOUND)) /* deleted, as the mission had come to its end */
        return NULL;
    TRY(e);
    TRY(brand_read(c->arena, &context, &brand));
    quality_rules_of_brand(c->arena, &brand, rules);
    return NULL;
}

/* The mission's rules for texts, and its brand's. */
static error read_rules(struct ctx *c, const struct content *x, struct quality_rules *out)
{
    struct mission m;
    struct constraints k;
    struct list objectives;
    error e = store_mission_get(c, &x->mission_id, &m);
    if (error_is(e, ERR_NOT_FOUND))
        return error_at(c->arena, ERR_INVALID_STATE, (struct str){0}, "Its mission is deleted.");
    TRY(e);
    TRY(mission_constraints(c->arena, &m, &k));
    TRY(mission_objectives(c->arena, &m, &objectives));
    *out = quality_rules_of(c->arena, &m, &k, &objectives);
    return read_brand(c, &m, out);
}

/* What changed words are worth. Whether something like them was said before is left to whoever
 * changed them. */
static error check_words(struct ctx *c, struct content *x, struct str param, bool *waits)
{
    struct quality_rules rules;
    struct copy copy;
    struct list visuals;
    struct quality q;
    struct quality_text text = {.platform = (enum platform)x->platform,
                                .type = (enum content_type)x->type,
                                .copy = &copy,
                                .language = x->metadata.language,
                                .writers_share = NAN};
    TRY(read_rules(c, x, &rules));
    TRY(content_copy(c->arena, x, &copy));
    TRY(content_visuals(c->arena, x, &visuals));
    text.media = (int)visuals.n;
    text.video = visuals_move(&visuals);
    q = quality_check(c->arena, &rules, &text);
    if (q.reason.p)
        return error_at(c->arena, ERR_VALIDATION_FAILED, param, "%.*s", STR(q.reason));
    x->metadata.confidence = q.confidence;
    *waits = q.waits;
    return NULL;
}

static error refuse_waiting(struct ctx *c, struct str param, bool waits)
{
    if (!waits)
        return NULL;
    return error_at(c->arena, ERR_VALIDATION_FAILED, param,
                    "The platform would refuse this; see the preview's issues.");
}

/* Nobody has approved these words yet. */
static error new_version(struct ctx *c, struct content *x)
{
    struct revision why = {.cause = VERSION_EDITED, .author = principal_text(c->arena, c->who)};
    x->review.approvals = 0;
    return store_content_rewrite(c, x, &why);
}

/* Approvers decide; words are for those who may write. */
static error may_write(struct ctx *c, struct str param)
{
    if (principal_may(c->who, "content:write"))
        return NULL;
    return error_at(c->arena, ERR_FORBIDDEN, param, "This role may decide, but not change texts.");
}

/* A reviewer's changes make a new version; what must not go out is refused here. */
static error apply_edits(struct ctx *c, const struct approval *in, struct content *x)
{
    struct content_edits edits = {0};
    bool waits = false;
    TRY(approval_edits(c->arena, in, &edits));
    if (!edits.copy.p && !edits.visuals.p)
        return NULL;
    TRY(may_write(c, S("edits")));
    if (edits.copy.p)
        x->copy = edits.copy;
    if (edits.visuals.p)
        x->visuals = edits.visuals;
    TRY(check_words(c, x, S("edits"), &waits));
    TRY(refuse_waiting(c, S("edits"), waits));
    return new_version(c, x);
}

/* Writes down where a change leads, and sees to the job that brings it out. */
static error settle(struct ctx *c, struct content *x, enum content_status to)
{
    bool was_scheduled = x->status == CONTENT_SCHEDULED;
    TRY(store_content_move(c, x, to));
    if (to == CONTENT_SCHEDULED)
        return delivery_schedule(c, x);
    if (was_scheduled)
        return store_job_end(c, JOB_CONTENT_PUBLISH, &x->id, JOB_CANCELLED);
    return NULL;
}

/* Content may be sent back as it was got, but its zone is its mission's; and a time that is the
 * same to the second is the same. */
static error read_schedule(struct ctx *c, const struct content *old, struct content *x,
                           bool *changed)
{
    struct content_scheduling *s = &x->scheduling;
    if (s->zone.p && !str_eq(s->zone, old->scheduling.zone))
        return error_at(c->arena, ERR_INVALID_REQUEST, S("scheduling.timezone"),
                        "This field is read-only.");
    s->zone = old->scheduling.zone;
    *changed = s->scheduled_ms / 1000 != old->scheduling.scheduled_ms / 1000;
    if (!*changed)
        s->scheduled_ms = old->scheduling.scheduled_ms;
    else if (s->scheduled_ms)
        return check_schedule_time(c, S("scheduling.scheduled_for"), s->scheduled_ms);
    return NULL;
}

/* Where changed words lead: to review if the mission wants one, or somebody had refused them. */
static enum content_status after_new_words(const struct content *x, bool waits)
{
    if (waits)
        return CONTENT_DRAFT;
    if (x->review.required || x->status == CONTENT_REJECTED || x->status == CONTENT_PENDING_REVIEW)
        return CONTENT_PENDING_REVIEW;
    return x->status == CONTENT_DRAFT ? CONTENT_APPROVED : (enum content_status)x->status;
}

/* Good content with a time is scheduled, and without one is not. */
static enum content_status with_time(enum content_status to, bool time_changed, int64_t time_ms)
{
    if (to == CONTENT_APPROVED && time_ms)
        return CONTENT_SCHEDULED;
    if (to == CONTENT_FAILED && time_changed && time_ms)
        return CONTENT_SCHEDULED;
    return to == CONTENT_SCHEDULED && !time_ms ? CONTENT_APPROVED : to;
}

/* time: its time was chosen along with them. */
static error change_words(struct ctx *c, struct content *x, bool time, enum content_status *to)
{
    bool may_wait = x->status == CONTENT_DRAFT || x->status == CONTENT_REJECTED;
    bool waits = false;
    TRY(check_words(c, x, S("copy"), &waits));
    if (!may_wait)
        TRY(refuse_waiting(c, S("visuals"), waits));
    *to = after_new_words(x, waits);
    x->review.rejection_reason = (struct str){0};
    if (may_wait && !time)
        x->scheduling.scheduled_ms = content_planned_ms(x, c->now_ms);
    return new_version(c, x);
}

static error content_update(struct ctx *c)
{
    struct content x, old;
    bool words, time = false;
    enum content_status to;
    TRY(store_content_lock(c, &c->req->id[0], &x));
    TRY(if_match(c, x.revision));
    old = x;
    TRY(read_update(c, &content_shape, &x));
    TRY(check_event(&old, CONTENT_REVISE));
    TRY(read_schedule(c, &old, &x, &time));
    words = !str_eq(x.copy, old.copy) || !str_eq(x.visuals, old.visuals);
    if (!words && !time)
        return reply_content(c, &x);
    TRY(check_mission_lives(c, &x));
    to = (enum content_status)x.status;
    if (words)
        TRY(change_words(c, &x, time, &to));
    to = with_time(to, time, x.scheduling.scheduled_ms);
    TRY(settle(c, &x, to));
    return reply_content(c, &x);
}

/* ---- decisions ---- */

static void note_review(struct ctx *c, struct content *x, struct str notes)
{
    x->review.reviewed_by = principal_text(c->arena, c->who);
    x->review.reviewed_ms = c->now_ms;
    if (notes.p)
        x->review.notes = notes;
}

/* Who counts as one approver: a person, whatever keys they use; of a key that is nobody's, the key.
 */
static struct str approver(struct ctx *c)
{
    char text[ID_TEXT + 1];
    if (id_is_none(&c->who->user_id))
        return principal_text(c->arena, c->who);
    return arena_str(c->arena, id_print(text, S("usr_"), &c->who->user_id));
}

static error count_approval(struct ctx *c, struct content *x)
{
    error e = store_approval_insert(c, x, approver(c));
    if (error_is(e, ERR_INVALID_STATE))
        return error_at(c->arena, ERR_INVALID_STATE, (struct str){0},
                        "You have approved this version already.");
    TRY(e);
    x->review.approvals++;
    return NULL;
}

static error approve(struct ctx *c, const struct id *id, const struct approval *in,
                     struct content *x)
{
    enum content_status to = CONTENT_APPROVED;
    TRY(lock_for(c, id, CONTENT_APPROVE, x));
    TRY(check_mission_lives(c, x));
    TRY(apply_edits(c, in, x));
    TRY(check_publishable(c, x, (struct str){0}));
    if (in->schedule_for)
        TRY(check_schedule_time(c, S("schedule_for"), in->schedule_for));
    x->scheduling.scheduled_ms =
        in->schedule_for ? in->schedule_for : content_planned_ms(x, c->now_ms);
    note_review(c, x, in->notes);
    TRY(count_approval(c, x));
    x->review.rejection_reason = (struct str){0};
    if (x->review.approvals < x->review.approvals_required)
        to = CONTENT_PENDING_REVIEW;
    else if (x->scheduling.scheduled_ms)
        to = CONTENT_SCHEDULED;
    return settle(c, x, to);
}

static error rewrite_soon(struct ctx *c, const struct content *x)
{
    return store_job_put(c, JOB_CONTENT_REWRITE, &x->id, c->now_ms, NULL, NULL);
}

static error reject(struct ctx *c, const struct id *id, const struct rejection *in,
                    struct content *x)
{
    if (in->regenerate)
        TRY(may_write(c, S("regenerate")));
    TRY(lock_for(c, id, CONTENT_REJECT, x));
    TRY(check_mission_lives(c, x));
    note_review(c, x, in->feedback);
    x->review.rejection_reason = in->reason;
    x->review.approvals = 0;
    x->scheduling.scheduled_ms = 0;
    TRY(settle(c, x, CONTENT_REJECTED));
    return in->regenerate ? rewrite_soon(c, x) : NULL;
}

static error content_approve(struct ctx *c)
{
    struct content x;
    TRY(approve(c, &c->req->id[0], c->req->in, &x));
    return reply_content(c, &x);
}

static error content_reject(struct ctx *c)
{
    struct content x;
    TRY(reject(c, &c->req->id[0], c->req->in, &x));
    return reply_content(c, &x);
}

/* Until there is a new version it is a draft, which nobody brings out. */
static error content_regenerate(struct ctx *c)
{
    const struct regeneration *in = c->req->in;
    struct content x;
    TRY(lock_for(c, &c->req->id[0], CONTENT_REDRAFT, &x));
    TRY(check_mission_lives(c, &x));
    note_review(c, &x, in->feedback);
    x.review.approvals = 0;
    TRY(settle(c, &x, CONTENT_DRAFT));
    TRY(rewrite_soon(c, &x));
    return reply_content(c, &x);
}

static error content_archive(struct ctx *c)
{
    struct content x;
    TRY(lock_for(c, &c->req->id[0], CONTENT_ARCHIVE, &x));
    x.scheduling.scheduled_ms = 0;
    TRY(settle(c, &x, CONTENT_ARCHIVED));
    return reply_content(c, &x);
}

/* ---- many at once ---- */

/* One of many; what is refused of it leaves the others alone. */
struct item {
    const struct id *id;
    const struct approval *approval; /* or */
    const struct rejection *rejection;
};

static error decide(struct ctx *c, void *arg)
{
    const struct item *i = arg;
    struct content x;
    return i->approval ? approve(c, i->id, i->approval, &x) : reject(c, i->id, i->rejection, &x);
}

static struct str error_document(struct arena *a, error e)
{
    struct bulk_error out = {e->wire, e->message, e->param};
    return shape_text(a, &bulk_error_shape, &out);
}

static error decide_all(struct ctx *c, const struct list *ids, struct item *item)
{
    const struct id *id = ids->at;
    struct bulk_result *results = arena_array(c->arena, ids->n, sizeof *results);
    struct bulk_outcome out = {.results = {results, ids->n}};
    for (size_t i = 0; i < ids->n; i++) {
        error refused;
        item->id = &id[i];
        TRY(in_savepoint(c, decide, item, &refused));
        results[i] = (struct bulk_result){.id = id[i], .ok = !refused};
        if (refused)
            results[i].error = error_document(c->arena, refused);
        out.succeeded += !refused;
        out.failed += refused != NULL;
    }
    return reply(c, 200, &bulk_outcome_shape, &out);
}

static error bulk_approve(struct ctx *c)
{
    const struct bulk_approval *in = c->req->in;
    struct approval each = {.notes = in->notes};
    return decide_all(c, &in->ids, &(struct item){.approval = &each});
}

static error bulk_reject(struct ctx *c)
{
    const struct bulk_rejection *in = c->req->in;
    struct rejection each = {in->reason, in->feedback, in->regenerate};
    return decide_all(c, &in->ids, &(struct item){.rejection = &each});
}

const struct route review_routes[] = {
    {POST, "/content/bulk/approve", bulk_approve, "content:write", .in = &bulk_approval_shape,
     .out = &bulk_outcome_shape, .flags = R_REVIEW,
     .doc = "Approve many at once, with a result for each", .name = "bulkApproveContent"},
    {POST, "/content/bulk/reject", bulk_reject, "content:write", .in = &bulk_rejection_shape,
     .out = &bulk_outcome_shape, .flags = R_REVIEW,
     .doc = "Reject many at once, with a result for each", .name = "bulkRejectContent"},
    {PUT, "/content/:cnt", content_update, "content:write", .in = &content_shape,
     .out = &content_shape, .flags = R_UPDATE | R_EXPAND,
     .doc = "Change its words, visuals or time; new words are a new version"},
    {POST, "/content/:cnt/approve", content_approve, "content:write", .in = &approval_shape,
     .out = &content_shape, .flags = R_ACTION | R_EXPAND | R_REVIEW,
     .doc = "Approve it, and schedule it"},
    {POST, "/content/:cnt/reject", content_reject, "content:write", .in = &rejection_shape,
     .out = &content_shape, .flags = R_EXPAND | R_REVIEW,
     .doc = "Reject it, and have it written anew if wished"},
    {POST, "/content/:cnt/regenerate", content_regenerate, "content:write",
     .in = &regeneration_shape, .out = &content_shape, .flags = R_ACTION | R_EXPAND,
     .doc = "Have it written anew"},
    {POST, "/content/:cnt/archive", content_archive, "content:write", .in = &empty_shape,
     .out = &content_shape, .flags = R_ACTION | R_EXPAND, .doc = "Put it away for good"},
    {0},
};
