/* content.c: how content is asked for and reviewed. Publishing it is publish.c's. */
#include "api/routes.h"

#include "api/schedule.h"
#include "auth/principal.h"
#include "delivery/delivery.h"
#include "domain/review.h"
#include "http/conditional.h"
#include "http/reply.h"
#include "store/content.h"
#include "store/job.h"
#include "store/mission.h"

/* The mission as it is shown inside of content. */
static struct str mission_text(struct arena *a, const struct mission *m)
{
    struct deleted_mission deleted = {m->id, true};
    if (m->status == MISSION_DELETED)
        return shape_text(a, &deleted_mission_shape, &deleted);
    return shape_text(a, &mission_shape, m);
}

/* Puts the missions of a page into its content, if they were asked for: one statement. */
static error expand(struct ctx *c, struct content *contents, size_t n)
{
    const struct id *ids[PAGE_MAX];
    struct list missions;
    const struct mission *m;
    if (!c->req->expand_mission || !n)
        return NULL;
    for (size_t i = 0; i < n; i++)
        ids[i] = &contents[i].mission_id;
    TRY(store_missions_by_id(c, ids, n, &missions));
    m = missions.at;
    for (size_t i = 0; i < missions.n; i++) {
        struct str text = mission_text(c->arena, &m[i]);
        for (size_t k = 0; k < n; k++) {
            if (id_eq(&contents[k].mission_id, &m[i].id))
                contents[k].mission = text;
        }
    }
    return NULL;
}

/* An expanded object has no entity tag: it changes with its mission. */
static error reply_content(struct ctx *c, struct content *x)
{
    TRY(expand(c, x, 1));
    if (c->req->expand_mission)
        return reply(c, 200, &content_shape, x);
    return reply_revision(c, 200, &content_shape, x, x->revision);
}

static error content_list(struct ctx *c)
{
    struct list contents;
    int64_t total;
    bool more;
    TRY(store_content_page(c, c->req->filter, &c->req->page, &contents, &more, &total));
    TRY(expand(c, (struct content *)contents.at, contents.n));
    return reply_list(c, &content_shape, &contents, more, total);
}

static error content_get(struct ctx *c)
{
    struct content x;
    TRY(store_content_get(c, &c->req->id[0], &x));
    return reply_content(c, &x);
}

static error content_preview(struct ctx *c)
{
    struct content x;
    struct preview p;
    TRY(store_content_get(c, &c->req->id[0], &x));
    TRY(preview_make(c->arena, &x, &p));
    return reply(c, 200, &preview_shape, &p);
}

/* The content of the path, locked, if it may take this event now. */
static error lock_for(struct ctx *c, enum content_event event, struct content *x)
{
    enum content_status to;
    TRY(store_content_lock(c, &c->req->id[0], x));
    TRY(if_match(c, x->revision));
    return content_next((enum content_status)x->status, event, &to) ? NULL
                                                                    : error_of(ERR_INVALID_STATE);
}

/* A reviewer's changes make a new version; what the platform would refuse is refused here. */
static error apply_edits(struct ctx *c, const struct approval *in, struct content *x)
{
    struct content_edits edits;
    struct preview p;
    TRY(approval_edits(c->arena, in, &edits));
    if (!edits.copy.p && !edits.visuals.p)
        return NULL;
    if (edits.copy.p)
        x->copy = edits.copy;
    if (edits.visuals.p)
        x->visuals = edits.visuals;
    TRY(preview_make(c->arena, x, &p));
    if (!p.valid)
        return error_at(c->arena, ERR_VALIDATION_FAILED, S("edits"),
                        "The platform would refuse this; see the preview's issues.");
    x->version++;
    x->review.approvals = 0; /* nobody has approved these words yet */
    return store_content_rewrite(c, x);
}

/* The instant an approved text is to appear: as wished, else its place in the calendar if that is
 * still to come, else none. */
static error wished_time(struct ctx *c, const struct approval *in, struct content *x)
{
    if (in->schedule_for) {
        TRY(check_schedule_time(c, S("schedule_for"), in->schedule_for));
        x->scheduling.scheduled_ms = in->schedule_for;
    } else {
        x->scheduling.scheduled_ms = x->slot_ms > c->now_ms ? x->slot_ms : 0;
    }
    return NULL;
}

static void note_review(struct ctx *c, struct content *x, struct str notes)
{
    x->review.reviewed_by = principal_text(c->arena, c->who);
    x->review.reviewed_ms = c->now_ms;
    if (notes.p)
        x->review.notes = notes;
}

static error content_approve(struct ctx *c)
{
    const struct approval *in = c->req->in;
    struct content x;
    enum content_status to = CONTENT_APPROVED;
    error e;
    TRY(lock_for(c, CONTENT_APPROVE, &x));
    TRY(apply_edits(c, in, &x));
    TRY(wished_time(c, in, &x));
    note_review(c, &x, in->notes);
    e = store_approval_insert(c, &x, x.review.reviewed_by);
    if (error_is(e, ERR_INVALID_STATE))
        return error_at(c->arena, ERR_INVALID_STATE, (struct str){0},
                        "You have approved this version already.");
    TRY(e);
    x.review.approvals++;
    x.review.rejection_reason = (struct str){0};
    if (x.review.approvals < x.review.approvals_required)
        to = CONTENT_PENDING_REVIEW;
    else if (x.scheduling.scheduled_ms)
        to = CONTENT_SCHEDULED;
    TRY(store_content_move(c, &x, to));
    if (to == CONTENT_SCHEDULED)
        TRY(delivery_schedule(c, &x));
    return reply_content(c, &x);
}

static error content_reject(struct ctx *c)
{
    const struct rejection *in = c->req->in;
    struct content x;
    TRY(lock_for(c, CONTENT_REJECT, &x));
    note_review(c, &x, in->feedback);
    x.review.rejection_reason = in->reason;
    x.review.approvals = 0;
    x.scheduling.scheduled_ms = 0;
    TRY(store_content_move(c, &x, CONTENT_REJECTED));
    if (in->regenerate) {
        struct id job;
        TRY(store_job_put(c, JOB_CONTENT_REWRITE, &x.id, c->now_ms, NULL, &job));
    }
    return reply_content(c, &x);
}

const struct route content_routes[] = {
    {GET, "/content", content_list, "content:read", .query = &content_filter_shape,
     .out = &content_shape, .flags = R_READ | R_LIST | R_REMEMBER | R_EXPAND, .id_prefix = "cnt_",
     .doc = "List content"},
    {GET, "/content/:cnt", content_get, "content:read", .out = &content_shape,
     .flags = R_READ | R_REMEMBER | R_EXPAND, .doc = "Get a piece of content"},
    {GET, "/content/:cnt/preview", content_preview, "content:read", .out = &preview_shape,
     .flags = R_READ, .doc = "What will really be sent, and what is wrong with it"},
    {POST, "/content/:cnt/approve", content_approve, "content:write", .in = &approval_shape,
     .out = &content_shape, .flags = R_ACTION | R_EXPAND | R_REVIEW,
     .doc = "Approve it, and schedule it"},
    {POST, "/content/:cnt/reject", content_reject, "content:write", .in = &rejection_shape,
     .out = &content_shape, .flags = R_EXPAND | R_REVIEW,
     .doc = "Reject it, and have it written anew if wished"},
    {0},
};
