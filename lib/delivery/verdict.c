/* verdict.c: what calls have told about posts becomes states of contents, attempts and jobs, and
 * those are written down. */
#include "base/clock.h"
#include "base/config.h"
#include "base/utf8.h"
#include "delivery/batch.h"
#include "store/content.h"
#include "store/metrics.h"

enum {
    WATCH_MIN_MS = 15 * 1000,
    WATCH_MAX_MS = 6 * 60 * 60 * 1000,
    HELD_MS = 10 * 60 * 1000, /* how often somebody looks whether the account is there again */
    METRICS_AFTER_MS = 60 * 1000,
    /* What the columns hold, in characters. */
    PROBLEM_MAX = 225, /* 900 bytes at most */
    POST_ID_MAX = 255,
    URL_MAX = 2000
};

/* To be written down: row and content hold the new values, and get these states. */
static void settle(struct delivery *d, enum publication_state row, enum content_status content)
{
    d->from = (enum publication_state)d->row.state;
    d->row.state = (int)row;
    d->to = content;
    d->turn = TURN_SETTLE;
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
    d->wait_ms = HELD_MS + delivery_spread_ms(&d->content, HELD_MS);
    d->problem = problem;
}

static bool is_revoked(const struct delivery *d)
{
    const struct call_report *r = d->connection.account.report;
    return r && r->news == CALL_REVOKED;
}

/* The token was refused, so nothing has arrived: it waits as if it were not due. */
static void back_to_schedule(struct delivery *d, struct str problem)
{
    if (!d->content.scheduling.scheduled_ms)
        d->content.scheduling.scheduled_ms = d->row.publish_ms;
    note_problem(d, problem);
    hold_for_account(d, problem);
    settle(d, PUBLICATION_REFUSED, CONTENT_SCHEDULED);
}

static void fail(struct delivery *d, enum publication_state row, struct str problem)
{
    note_problem(d, problem);
    d->state = DELIVERY_FAILED;
    settle(d, row, CONTENT_FAILED);
}

/* Nothing is certain. Where this was the last try a person has to see to it; should it be published
 * once more, it is looked for first. */
static void postpone(struct delivery *d, enum publication_state row, int64_t wait_ms,
                     struct str problem)
{
    if (is_revoked(d)) {
        note_problem(d, d->connection.account.report->problem);
        hold_for_account(d, d->connection.account.report->problem);
        settle(d, row, CONTENT_PUBLISHING);
        return;
    }
    if (d->last_try) {
        fail(d, row, problem);
        return;
    }
    note_problem(d, problem);
    d->problem = problem;
    d->state = DELIVERY_RETRY;
    d->wait_ms = wait_ms;
    settle(d, row, CONTENT_PUBLISHING);
}

void verdict_postpone(struct delivery *d, struct str problem)
{
    postpone(d, (enum publication_state)d->row.state, 0, problem);
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

static void publish(struct delivery *d, const struct post *post)
{
    struct content_publishing *p = &d->content.publishing;
    note_post(d, post);
    p->platform_post_id = fitting(post->platform_post_id, POST_ID_MAX);
    p->platform_url = fitting(post->platform_url, URL_MAX);
    p->published_ms = post->publish_ms ? post->publish_ms : d->row.publish_ms;
    d->state = DELIVERY_PUBLISHED;
    settle(d, PUBLICATION_PUBLISHED, CONTENT_PUBLISHED);
}

/* The longer a post is overdue, the more rarely it is looked for. */
static void watch_later(const struct ctx *c, struct delivery *d)
{
    int64_t pause_ms = (c->now_ms - d->row.publish_ms) / 4;
    if (pause_ms < WATCH_MIN_MS)
        pause_ms = WATCH_MIN_MS + delivery_spread_ms(&d->content, delivery_lead_ms(c) / 4);
    if (pause_ms > WATCH_MAX_MS)
        pause_ms = WATCH_MAX_MS;
    d->again_ms = c->now_ms + pause_ms;
    if (d->again_ms < d->row.publish_ms)
        d->again_ms = d->row.publish_ms;
    d->state = DELIVERY_WAITING;
    d->turn = TURN_SETTLE;
}

/* Nobody need ask before its time; where that has come, somebody does at once. */
void verdict_take(struct ctx *c, struct delivery *d, const struct post *post)
{
    if (post->status == POST_PUBLISHED) {
        publish(d, post);
        return;
    }
    note_post(d, post);
    settle(d, PUBLICATION_ACCEPTED, CONTENT_PUBLISHING);
    d->look_again = d->row.publish_ms <= c->now_ms;
    if (!d->look_again)
        watch_later(c, d);
}

/* A place that was kept free is used up as soon as a call was made on it. */
void verdict_give_back(struct delivery *d)
{
    const struct call_report *r = d->connection.account.report;
    d->state = DELIVERY_PAUSED;
    d->stage = r && r->calls ? 0 : JOB_STAGE_RESERVED;
    d->wait_ms = 0;
    d->problem = S("It was given back before its turn.");
    d->turn = TURN_OVER;
}

void verdict_withhold(struct delivery *d)
{
    verdict_give_back(d);
    if (!d->content.scheduling.scheduled_ms)
        d->content.scheduling.scheduled_ms = d->row.publish_ms;
    if (!d->row.problem.p)
        d->row.problem = S("It was not sent.");
    settle(d, PUBLICATION_REFUSED, CONTENT_SCHEDULED);
}

void verdict_send(struct ctx *c, struct delivery *d, const struct send_result *r)
{
    if (r->unwanted) {
        verdict_withhold(d);
        return;
    }
    d->posted = r->called;
    if (r->called) /* should what follows not be written down, nobody looks before */
        d->wait_ms = delivery_reconcile_ms(c);
    d->row.sent_ms = clock_ms();
    switch (r->outcome) {
    case SEND_ACCEPTED:
        verdict_take(c, d, &r->post);
        return;
    case SEND_REFUSED:
        if (r->auth_failed)
            back_to_schedule(d, r->problem);
        else
            fail(d, PUBLICATION_REFUSED, r->problem);
        return;
    case SEND_UNSENT:
        postpone(d, PUBLICATION_INTENDED, r->retry_after_s * 1000, r->problem);
        return;
    case SEND_UNCLEAR:
        postpone(d, PUBLICATION_UNCLEAR, delivery_reconcile_ms(c), r->problem);
    }
}

void verdict_status(struct ctx *c, struct delivery *d, const struct post *post)
{
    if (post->status == POST_PUBLISHED)
        publish(d, post);
    else if (post->status == POST_ERROR)
        fail(d, PUBLICATION_REFUSED,
             arena_printf(c->arena, "%s did not take the post: %.*s",
                          platform_rules[d->row.platform].label, STR(post->status_text)));
    else
        watch_later(c, d);
}

void verdict_missing(struct ctx *c, struct delivery *d)
{
    if (clock_ms() < d->row.sent_ms + delivery_reconcile_ms(c))
        postpone(d, PUBLICATION_ACCEPTED, delivery_reconcile_ms(c),
                 S("Metricool does not show the post yet."));
    else
        fail(d, PUBLICATION_REFUSED, S("The post was taken out of Metricool before it appeared."));
}

void verdict_silence(struct ctx *c, struct delivery *d)
{
    if (d->row.state != PUBLICATION_ACCEPTED)
        verdict_postpone(d, S("Metricool does not say whether the post arrived."));
    else if (d->last_try && !is_revoked(d))
        watch_later(c, d);
    else
        verdict_postpone(d, S("Metricool does not say what became of it."));
}

/* ---- writing it down ---- */

/* What is written for a batch. */
struct writing {
    struct publication_move *rows;
    struct content_move *contents;
    size_t moved;
    struct metrics_post *published;
    size_t published_count;
    const struct job **over, **again;
    size_t over_count, again_count;
};

/* Does anything but the job change? */
static bool is_moved(const struct delivery *d)
{
    return d->to != CONTENT_NONE;
}

static void add_published(struct writing *w, const struct content *x)
{
    w->published[w->published_count++] = (struct metrics_post){
        .content = x->id,
        .mission = x->mission_id,
        .platform = x->platform,
        .type = x->type,
        .pillar = x->metadata.pillar,
        .published_ms = x->publishing.published_ms,
    };
}

static void add(struct writing *w, struct delivery *d)
{
    d->after = d->content;
    d->again = d->job;
    d->again.stage = d->stage;
    d->again.run_ms = d->again_ms;
    if (is_moved(d)) {
        w->rows[w->moved] = (struct publication_move){&d->row, d->from};
        w->contents[w->moved++] = (struct content_move){&d->after, d->to};
    }
    if (d->to == CONTENT_PUBLISHED)
        add_published(w, &d->after);
    if (d->state == DELIVERY_PUBLISHED || d->state == DELIVERY_FAILED)
        w->over[w->over_count++] = &d->job;
    else if (d->state == DELIVERY_WAITING && !d->look_again)
        w->again[w->again_count++] = &d->again;
}

static struct writing writing_of(struct arena *a, const struct batch *b)
{
    struct writing w = {
        .rows = arena_array(a, b->n, sizeof *w.rows),
        .contents = arena_array(a, b->n, sizeof *w.contents),
        .published = arena_array(a, b->n, sizeof *w.published),
        .over = arena_array(a, b->n, sizeof(struct job *)),
        .again = arena_array(a, b->n, sizeof(struct job *)),
    };
    for (size_t i = 0; i < b->n; i++)
        add(&w, b->at[i]);
    return w;
}

/* What became of a post counts though its job may be another's by now. Of a batch it is then each
 * by itself. */
static error unless_alone(const struct batch *b, error e)
{
    return b->n == 1 && error_is(e, ERR_INVALID_STATE) ? NULL : e;
}

/* They count from now on, and their figures are looked at. */
static error count_published(struct ctx *c, const struct writing *w)
{
    if (!w->published_count)
        return NULL;
    TRY(store_metrics_published(c, w->published, w->published_count));
    return store_job_ensure(c, JOB_METRICS_PULL, &c->scope.tenant, c->now_ms + METRICS_AFTER_MS);
}

struct made {
    const char *what;
    int64_t n;
};
enum { KINDS_OF_CALLS = 4 };

static void calls_about(const struct delivery *d, struct made *out)
{
    out[0] = (struct made){"posts.create", d->posted};
    out[1] = (struct made){"pictures.copy", d->copies};
    out[2] = (struct made){"posts.get", d->inquiries};
    out[3] = (struct made){"posts.list", d->listings};
}

/* The calls that were made about them. */
static error enter_calls(struct ctx *c, const struct batch *b)
{
    struct made made[KINDS_OF_CALLS];
    size_t all = 0, n = 0;
    for (size_t i = 0; i < b->n; i++) {
        calls_about(b->at[i], made);
        for (size_t k = 0; k < KINDS_OF_CALLS; k++)
            all += (size_t)made[k].n;
    }
    struct cost *entries = arena_array(c->arena, all + 1, sizeof *entries);
    for (size_t i = 0; i < b->n; i++) {
        const struct delivery *d = b->at[i];
        calls_about(d, made);
        for (size_t k = 0; k < KINDS_OF_CALLS; k++)
            for (int64_t call = 0; call < made[k].n; call++)
                entries[n++] = publication_cost(c, &d->content, &d->job.id, str_of(made[k].what));
    }
    return store_costs_enter(c, entries, n);
}

/* What others write too comes last, so that they wait for a short time only. */
error verdict_settle(struct ctx *c, void *batch)
{
    const struct batch *b = batch;
    struct writing w = writing_of(c->arena, b);
    TRY(store_publications_move(c, w.rows, w.moved));
    TRY(store_contents_move(c, w.contents, w.moved));
    TRY(unless_alone(b, store_jobs_finish(c, w.over, w.over_count)));
    TRY(unless_alone(b, store_jobs_again(c, w.again, w.again_count)));
    TRY(count_published(c, &w));
    return enter_calls(c, b);
}
