/* delivery.c: the publish protocol: intend, send, settle, watch. What exactly is sent is
 * publication.c's, how it is said to the provider publish/'s. */
#include "delivery/delivery.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/utf8.h"
#include "db/tx.h"
#include "delivery/publication.h"
#include "store/content.h"
#include "store/metrics.h"
#include "store/mission.h"

enum {
    LEASE_SPARE_MS = 5000, /* a lease outlives a call to the provider by this */
    WATCH_MIN_MS = 15 * 1000,
    WATCH_MAX_MS = 6 * 60 * 60 * 1000,
    HELD_MS = 10 * 60 * 1000, /* how often somebody looks whether the account is there again */
    METRICS_AFTER_MS = 60 * 1000,
    /* What the columns hold, in characters. */
    PROBLEM_MAX = 225, /* 900 bytes at most */
    POST_ID_MAX = 255,
    URL_MAX = 2000
};

static int64_t lead_ms(const struct ctx *c)
{
    return (c->scope.live ? c->config->metricool_lead_s : c->config->sandbox_lead_s) * 1000;
}

static int64_t reconcile_ms(const struct ctx *c)
{
    return (c->scope.live ? c->config->metricool_reconcile_s : c->config->sandbox_reconcile_s) *
           1000;
}

/* From 0 to `range`, always the same for the content: what many want at the same minute is spread.
 */
static int64_t spread_ms(const struct content *x, int64_t range)
{
    uint32_t sum = 0;
    struct str id = id_str(&x->id);
    for (size_t i = 0; i < id.n; i++)
        sum = sum * 31 + (unsigned char)id.p[i];
    return range > 0 ? sum % range : 0;
}

/* The provider is told a little ahead of time: once or twice the lead. */
static int64_t due_ms(const struct ctx *c, const struct content *x)
{
    return x->scheduling.scheduled_ms - lead_ms(c) - spread_ms(x, lead_ms(c));
}

error delivery_schedule_all(struct ctx *c, const struct list *contents)
{
    const struct content *x = contents->at;
    struct job_due *due = arena_array(c->arena, contents->n, sizeof *due);
    for (size_t i = 0; i < contents->n; i++)
        due[i] = (struct job_due){
            .ref = x[i].id, .mission = x[i].mission_id, .run_ms = due_ms(c, &x[i])};
    return store_jobs_put(c, JOB_CONTENT_PUBLISH, due, contents->n);
}

error delivery_schedule(struct ctx *c, const struct content *x)
{
    struct job_due due = {.ref = x->id, .mission = x->mission_id, .run_ms = due_ms(c, x)};
    return store_jobs_put(c, JOB_CONTENT_PUBLISH, &due, 1);
}

static int64_t calls_ms(const struct ctx *c, size_t calls)
{
    return (int64_t)calls * c->config->metricool_timeout_ms;
}

/* When the job would be anybody's again, in real time: not while so many calls may be under way. */
static int64_t lock_until(const struct ctx *c, size_t calls)
{
    int64_t lease_ms = c->config->lease_s * 1000, spared_ms = calls_ms(c, calls) + LEASE_SPARE_MS;
    return clock_ms() + (lease_ms > spared_ms ? lease_ms : spared_ms);
}

/* Inside a transaction: makes sure that the job is still ours, and will be during so many calls. */
static error hold(struct ctx *c, struct delivery *d, size_t calls)
{
    d->held_ms = lock_until(c, calls);
    return store_job_extend(c, &d->job, d->held_ms);
}

/* The same before calls. What a transaction of this step held long enough, nobody has taken since:
 * only content that is not being published is given to others before its time. */
static error keep(struct ctx *c, struct delivery *d, size_t calls)
{
    if (d->held_ms >= clock_ms() + calls_ms(c, calls) + LEASE_SPARE_MS / 2)
        return NULL;
    return hold(c, d, calls);
}

/* Takes the content's job for somebody who waits, whoever had it. */
static error seize(struct ctx *c, struct delivery *d)
{
    struct job_lock lock = {.until_ms = d->held_ms = lock_until(c, 1)};
    uint64_t random;
    crypto_random(&random, sizeof random);
    lock.lease = d->job.lease = (int64_t)(random >> 1 | 1);
    return store_job_put(c, JOB_CONTENT_PUBLISH, &d->job.ref, c->now_ms, &lock, &d->job.id);
}

static error mission_allows(struct ctx *c, const struct content *x)
{
    struct mission m;
    error e = store_mission_get(c, &x->mission_id, &m);
    if (error_is(e, ERR_NOT_FOUND) || (!e && m.status == MISSION_PAUSED))
        return error_at(c->arena, ERR_INVALID_STATE, (struct str){0}, "Its mission is %s.",
                        e ? "deleted" : "paused");
    return e;
}

/* The instant to ask the provider for, in whole seconds. */
static int64_t publish_ms(const struct ctx *c, const struct content *x)
{
    int64_t ms = c->now_ms + lead_ms(c);
    if (x->scheduling.scheduled_ms > ms)
        ms = x->scheduling.scheduled_ms;
    return ms - ms % 1000;
}

/* Writes down a new attempt of the locked content, after the last one (0: it is the first). */
static error attempt(struct ctx *c, struct delivery *d, int64_t last)
{
    struct content *x = &d->content;
    TRY(publication_make(c, x, publish_ms(c, x), &d->row));
    d->row.attempt = last + 1;
    x->publishing.attempts++;
    TRY(store_content_move(c, x, CONTENT_PUBLISHING));
    TRY(store_publication_insert(c, &d->row));
    d->fresh = true;
    return NULL;
}

/* May a post have come from this attempt? */
static bool may_be_out(const struct publication_row *row)
{
    return row->state == PUBLICATION_INTENDED || row->state == PUBLICATION_UNCLEAR ||
           row->state == PUBLICATION_ACCEPTED;
}

/* Transaction: the content is about to be sent. An earlier attempt whose fate nobody knows goes on
 * rather than a new one. */
static error intend(struct ctx *c, void *arg)
{
    struct delivery *d = arg;
    struct content *x = &d->content;
    enum content_status to;
    error e;
    TRY(store_content_lock(c, &d->job.ref, x));
    if (!content_next((enum content_status)x->status, CONTENT_PUBLISH, &to))
        return error_of(ERR_INVALID_STATE);
    TRY(mission_allows(c, x));
    TRY(publication_check(c, x, &d->connection));
    TRY(d->ours ? hold(c, d, 1) : seize(c, d));
    if (!d->ours && (!x->scheduling.scheduled_ms || x->scheduling.scheduled_ms > c->now_ms))
        x->scheduling.scheduled_ms = c->now_ms;
    d->fresh = false;
    e = store_publication_last(c, &x->id, &d->row);
    if (error_is(e, ERR_NOT_FOUND) || (!e && !may_be_out(&d->row)))
        return attempt(c, d, d->row.attempt);
    TRY(e);
    return store_content_move(c, x, to);
}

/* Transaction: the attempt that never arrived is closed, and a new one begins. It is read anew, for
 * d->row is the new one's when this runs a second time. */
static error renew(struct ctx *c, void *arg)
{
    struct delivery *d = arg;
    struct publication_row lost;
    enum publication_state from;
    TRY(store_content_lock(c, &d->job.ref, &d->content));
    TRY(hold(c, d, 1));
    TRY(store_publication_last(c, &d->job.ref, &lost));
    from = (enum publication_state)lost.state;
    if (d->content.status != CONTENT_PUBLISHING ||
        (from != PUBLICATION_INTENDED && from != PUBLICATION_UNCLEAR))
        return error_of(ERR_INVALID_STATE);
    lost.state = PUBLICATION_REFUSED;
    if (!lost.problem.p)
        lost.problem = S("It never arrived.");
    TRY(store_publication_move(c, &lost, from));
    return attempt(c, d, lost.attempt);
}

/* Transaction: content that cannot be sent at all. */
static error turn_down(struct ctx *c, void *arg)
{
    struct delivery *d = arg;
    struct content *x = &d->content;
    TRY(store_content_lock(c, &d->job.ref, x));
    TRY(hold(c, d, 1));
    if (x->status != CONTENT_SCHEDULED)
        return error_of(ERR_INVALID_STATE);
    TRY(store_content_move(c, x, CONTENT_PUBLISHING));
    x->publishing.last_error = d->problem;
    return store_content_move(c, x, CONTENT_FAILED);
}

/* What a call has told, to be written down: d->row and d->content hold the new values. */
struct outcome {
    struct delivery *d;
    enum publication_state from; /* of the row */
    enum content_status to;
    struct content after;
};

/* It counts from now on, and its figures are looked at. */
static error count_published(struct ctx *c, const struct content *x)
{
    struct metrics_post post = {
        .content = x->id,
        .mission = x->mission_id,
        .platform = x->platform,
        .type = x->type,
        .pillar = x->metadata.pillar,
        .published_ms = x->publishing.published_ms,
    };
    TRY(store_metrics_published(c, &post));
    return store_job_ensure(c, JOB_METRICS_PULL, &c->scope.tenant, c->now_ms + METRICS_AFTER_MS);
}

/* The job has nothing left to do. What became of the post counts though it may be another's by now.
 */
static error finish(struct ctx *c, const struct job *job)
{
    error e = store_job_finish(c, job);
    return error_is(e, ERR_INVALID_STATE) ? NULL : e;
}

static bool is_over(enum content_status s)
{
    return s == CONTENT_PUBLISHED || s == CONTENT_FAILED;
}

static error write_down(struct ctx *c, void *arg)
{
    struct outcome *o = arg;
    o->after = o->d->content;
    TRY(store_publication_move(c, &o->d->row, o->from));
    TRY(store_content_move(c, &o->after, o->to));
    if (o->to == CONTENT_PUBLISHED)
        TRY(count_published(c, &o->after));
    if (o->d->called)
        TRY(publication_enter(c, &o->after, &o->d->job.id, S("posts.create")));
    return is_over(o->to) ? finish(c, &o->d->job) : NULL;
}

static error settle(struct ctx *c, struct delivery *d, enum publication_state row,
                    enum content_status content)
{
    struct outcome o = {.d = d, .from = (enum publication_state)d->row.state, .to = content};
    d->row.state = (int)row;
    TRY(in_transaction(c, write_down, &o));
    d->called = false;
    d->content = o.after;
    d->finished = is_over(content);
    return NULL;
}

static void note_problem(struct delivery *d, struct str problem)
{
    d->row.problem = d->content.publishing.last_error = utf8_prefix(problem, PROBLEM_MAX);
}

/* Nothing is tried through an account that does not let anybody in; connecting it again wakes the
 * job. */
static void hold_for_account(struct delivery *d, struct str problem)
{
    d->state = DELIVERY_PAUSED;
    d->stage = JOB_STAGE_HELD;
    d->wait_ms = HELD_MS + spread_ms(&d->content, HELD_MS);
    d->problem = problem;
}

static bool is_revoked(const struct delivery *d)
{
    const struct call_report *r = d->connection.account.report;
    return r && r->news == CALL_REVOKED;
}

/* The token was refused, so nothing has arrived: it waits as if it were not due. */
static error back_to_schedule(struct ctx *c, struct delivery *d, struct str problem)
{
    if (!d->content.scheduling.scheduled_ms)
        d->content.scheduling.scheduled_ms = d->row.publish_ms;
    note_problem(d, problem);
    hold_for_account(d, problem);
    return settle(c, d, PUBLICATION_REFUSED, CONTENT_SCHEDULED);
}

static error fail(struct ctx *c, struct delivery *d, enum publication_state row, struct str problem)
{
    note_problem(d, problem);
    d->state = DELIVERY_FAILED;
    return settle(c, d, row, CONTENT_FAILED);
}

/* Nothing is certain. Where this was the last try a person has to see to it; should it be published
 * once more, it is looked for first. */
static error postpone(struct ctx *c, struct delivery *d, enum publication_state row, int64_t wait,
                      struct str problem)
{
    if (is_revoked(d)) {
        note_problem(d, d->connection.account.report->problem);
        hold_for_account(d, d->connection.account.report->problem);
        return settle(c, d, row, CONTENT_PUBLISHING);
    }
    if (d->last_try)
        return fail(c, d, row, problem);
    note_problem(d, problem);
    d->problem = problem;
    d->state = DELIVERY_RETRY;
    d->wait_ms = wait;
    return settle(c, d, row, CONTENT_PUBLISHING);
}

/* A provider may say anything; what no column holds is not kept. */
static struct str fitting(struct str text, size_t max)
{
    return text.n <= max ? text : (struct str){0};
}

static void note_post(struct delivery *d, const struct post *post)
{
    d->row.provider_post_id = fitting(post->id, POST_ID_MAX);
    d->row.provider_uuid = fitting(post->uuid, POST_ID_MAX);
    d->row.problem = d->content.publishing.last_error = (struct str){0};
    d->content.publishing.provider_post_id = d->row.provider_post_id;
}

/* The provider has the post. */
static error accept(struct ctx *c, struct delivery *d, const struct post *post)
{
    note_post(d, post);
    return settle(c, d, PUBLICATION_ACCEPTED, CONTENT_PUBLISHING);
}

static error publish(struct ctx *c, struct delivery *d, const struct post *post)
{
    struct content_publishing *p = &d->content.publishing;
    note_post(d, post);
    p->platform_post_id = fitting(post->platform_post_id, POST_ID_MAX);
    p->platform_url = fitting(post->platform_url, URL_MAX);
    p->published_ms = post->publish_ms ? post->publish_ms : d->row.publish_ms;
    d->state = DELIVERY_PUBLISHED;
    return settle(c, d, PUBLICATION_PUBLISHED, CONTENT_PUBLISHED);
}

/* The longer a post is overdue, the more rarely it is looked for. */
static error watch_later(const struct ctx *c, struct delivery *d)
{
    int64_t pause_ms = (c->now_ms - d->row.publish_ms) / 4;
    if (pause_ms < WATCH_MIN_MS)
        pause_ms = WATCH_MIN_MS + spread_ms(&d->content, lead_ms(c) / 4);
    if (pause_ms > WATCH_MAX_MS)
        pause_ms = WATCH_MAX_MS;
    d->again_ms = c->now_ms + pause_ms;
    if (d->again_ms < d->row.publish_ms)
        d->again_ms = d->row.publish_ms;
    d->state = DELIVERY_WAITING;
    return NULL;
}

/* Looks for the post in the provider's own list. One that is known to be another content's is not
 * it, however much they are alike. */
static error find(struct ctx *c, struct delivery *d, bool *found, struct post *post)
{
    struct publication p;
    struct list posts;
    const struct post *at;
    bool others = false;
    TRY(publication_read(c->arena, &d->row, &p));
    TRY(keep(c, d, 1));
    *found = false;
    TRY(publisher_find(leave(c), &d->connection.account, &p, &posts));
    at = posts.at;
    for (size_t i = 0; i < posts.n && !*found; i++) {
        TRY(store_publication_is_others(c, at[i].id, &d->content.id, &others));
        *found = !others;
        *post = at[i];
    }
    return NULL;
}

static error look_up(struct ctx *c, struct delivery *d, bool *found, struct post *post)
{
    TRY(keep(c, d, 1));
    TRY(publisher_status(leave(c), &d->connection.account, d->row.provider_post_id, found, post));
    return *found ? NULL : find(c, d, found, post); /* edited elsewhere, it has another id */
}

/* What became of a post that the provider has? */
static error watch(struct ctx *c, struct delivery *d)
{
    struct post post;
    bool found;
    error e = look_up(c, d, &found, &post);
    if (error_is(e, ERR_PROVIDER) && d->last_try && !is_revoked(d))
        return watch_later(c, d);
    if (error_is(e, ERR_PROVIDER))
        return postpone(c, d, PUBLICATION_ACCEPTED, 0,
                        S("Metricool does not say what became of it."));
    TRY(e);
    if (!found && clock_ms() < d->row.sent_ms + reconcile_ms(c))
        return postpone(c, d, PUBLICATION_ACCEPTED, reconcile_ms(c),
                        S("Metricool does not show the post yet."));
    if (!found)
        return fail(c, d, PUBLICATION_REFUSED,
                    S("The post was taken out of Metricool before it appeared."));
    if (post.status == POST_PUBLISHED)
        return publish(c, d, &post);
    if (post.status == POST_ERROR)
        return fail(c, d, PUBLICATION_REFUSED,
                    arena_printf(c->arena, "%s did not take the post: %.*s",
                                 platform_rules[d->row.platform].label, STR(post.status_text)));
    return watch_later(c, d);
}

/* Metricool has it, and may say already that it is out. It is not before its time, so nobody need
 * ask. */
static error take(struct ctx *c, struct delivery *d, const struct post *post)
{
    if (post->status == POST_PUBLISHED)
        return publish(c, d, post);
    TRY(accept(c, d, post));
    return d->row.publish_ms > c->now_ms ? watch_later(c, d) : watch(c, d);
}

static error send_post(struct ctx *c, struct delivery *d)
{
    struct publication p;
    struct send_result r;
    TRY(publication_read(c->arena, &d->row, &p));
    TRY(keep(c, d, 1 + p.media.n));
    publisher_send(leave(c), &d->connection.account, &p, &r);
    d->fresh = false;
    d->called = r.outcome != SEND_UNSENT;
    d->row.sent_ms = clock_ms();
    switch (r.outcome) {
    case SEND_ACCEPTED:
        return take(c, d, &r.post);
    case SEND_REFUSED:
        if (r.auth_failed)
            return back_to_schedule(c, d, r.problem);
        return fail(c, d, PUBLICATION_REFUSED, r.problem);
    case SEND_UNSENT:
        return postpone(c, d, PUBLICATION_INTENDED, r.retry_after_s * 1000, r.problem);
    case SEND_UNCLEAR:
        break;
    }
    return postpone(c, d, PUBLICATION_UNCLEAR, reconcile_ms(c), r.problem);
}

/* Asks whether the account may be used now; if not, d says when. */
static error ask_leave(struct ctx *c, struct delivery *d, bool *granted)
{
    struct permission p;
    TRY(connection_ask(c, &d->connection, d->job.stage == JOB_STAGE_RESERVED, &p));
    *granted = p.permit == PERMIT_NOW;
    if (*granted)
        return NULL;
    d->state = DELIVERY_PAUSED;
    d->stage = p.permit == PERMIT_LATER ? JOB_STAGE_RESERVED : JOB_STAGE_HELD;
    d->wait_ms = p.wait_ms;
    d->problem = p.why;
    return NULL;
}

/* Goes on with content that is being published. */
static error go_on(struct ctx *c, struct delivery *d)
{
    struct post post;
    bool found = false;
    error e;
    if (d->row.state == PUBLICATION_ACCEPTED)
        return watch(c, d);
    if (d->fresh)
        return send_post(c, d);
    e = find(c, d, &found, &post);
    if (error_is(e, ERR_PROVIDER))
        return postpone(c, d, (enum publication_state)d->row.state, 0,
                        S("Metricool does not say whether the post arrived."));
    TRY(e);
    if (found)
        return take(c, d, &post);
    TRY(in_transaction(c, renew, d));
    return send_post(c, d);
}

/* Would trying again not help? What content or connection lack is final at once, anything else with
 * the last try; but a lost race or a busy database says nothing about the content. */
static bool is_final(const struct delivery *d, error e)
{
    if (error_is(e, ERR_VALIDATION_FAILED) || error_is(e, ERR_NOT_CONNECTED))
        return true;
    return e && d->last_try && !error_is(e, ERR_INVALID_STATE) && !error_is(e, ERR_UNAVAILABLE) &&
           !error_is(e, ERR_RETRY);
}

static error start(struct ctx *c, struct delivery *d)
{
    bool granted;
    TRY(account_of(c, &d->connection));
    TRY(ask_leave(c, d, &granted));
    if (!granted)
        return NULL;
    return in_transaction(c, intend, d);
}

/* Scheduled content whose time has come. What cannot be sent fails before anything leaves. */
static error begin(struct ctx *c, struct delivery *d)
{
    error e;
    if (due_ms(c, &d->content) > c->now_ms) {
        d->state = DELIVERY_WAITING;
        d->again_ms = due_ms(c, &d->content);
        return NULL;
    }
    e = start(c, d);
    if (!is_final(d, e)) {
        TRY(e);
        return d->state == DELIVERY_PAUSED ? NULL : go_on(c, d);
    }
    d->problem = e->message;
    d->state = DELIVERY_FAILED;
    return in_transaction(c, turn_down, d);
}

/* Content that somebody began to publish. */
static error resume(struct ctx *c, struct delivery *d)
{
    bool granted;
    error e;
    TRY(store_publication_last(c, &d->content.id, &d->row));
    e = account_of(c, &d->connection);
    if (is_final(d, e))
        return postpone(c, d, (enum publication_state)d->row.state, 0, e->message);
    TRY(e);
    TRY(ask_leave(c, d, &granted));
    return granted ? go_on(c, d) : NULL;
}

static error step(struct ctx *c, struct delivery *d)
{
    if (d->content.status == CONTENT_SCHEDULED)
        return begin(c, d);
    return d->content.status == CONTENT_PUBLISHING ? resume(c, d) : NULL;
}

/* Whoever loses a race has nothing left to do: the winner goes on. */
static error yield(struct delivery *d, error e, enum delivery_state state)
{
    if (!error_is(e, ERR_INVALID_STATE))
        return e;
    d->state = state;
    return NULL;
}

/* What became of the post is written down already, so this may fail. */
static void note_account(struct ctx *c, const struct delivery *d)
{
    error e = connection_note(c, &d->connection);
    if (e)
        log_event(c, LOG_LEVEL_WARN, "integration.unnoted", L_STR("code", e->wire),
                  L_STR("cause", e->cause));
}

error delivery_step(struct ctx *c, const struct job *job, const struct content *content,
                    bool last_try, struct delivery *d)
{
    error e;
    *d = (struct delivery){.job = *job, .content = *content, .ours = true, .last_try = last_try};
    e = yield(d, step(c, d), DELIVERY_NONE);
    note_account(c, d);
    return e;
}

/* Gives the job back. */
static error release(struct ctx *c, const struct delivery *d)
{
    if (d->finished)
        return NULL;
    if (d->state == DELIVERY_WAITING)
        return store_job_again(c, &d->job, d->again_ms);
    if (d->state == DELIVERY_RETRY)
        return store_job_fail(c, &d->job, d->problem, false, clock_ms() + d->wait_ms);
    if (d->state == DELIVERY_PAUSED) {
        struct job job = d->job;
        job.stage = d->stage;
        return store_job_pause(c, &job, d->problem, clock_ms() + d->wait_ms);
    }
    return store_job_finish(c, &d->job);
}

error delivery_now(struct ctx *c, const struct id *content, struct delivery *d)
{
    bool granted;
    error e;
    *d = (struct delivery){.job = {.ref = *content, .run_ms = c->now_ms}};
    TRY(store_content_get(c, content, &d->content));
    TRY(account_of(c, &d->connection));
    if (!integration_is_usable((int)d->connection.status))
        return error_at(c->arena, ERR_NOT_CONNECTED, (struct str){0},
                        "The account has to be connected again first.");
    TRY(in_transaction(c, intend, d));
    TRY(ask_leave(c, d, &granted));
    e = granted ? yield(d, go_on(c, d), DELIVERY_NONE) : NULL;
    note_account(c, d);
    if (e || d->state == DELIVERY_NONE)
        return e; /* what became of it is not written down: the worker looks when the lock ends */
    (void)release(c, d); /* if this fails, likewise */
    return NULL;
}
