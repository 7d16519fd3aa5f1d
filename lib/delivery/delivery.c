/* delivery.c: the publish protocol, in its order: intend, send, settle, watch. What is written down
 * before is intent.c's, the calls are ask.c's, and what they mean verdict.c's. */
#include <assert.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "db/tx.h"
#include "delivery/batch.h"
#include "store/content.h"

enum {
    RETRY_MS = 2000, /* what nobody said a time for, after it was published by hand */
    WOKEN_MS = 1000
};

int64_t delivery_lead_ms(const struct ctx *c)
{
    return (c->scope.live ? c->config->metricool_lead_s : c->config->sandbox_lead_s) * 1000;
}

int64_t delivery_reconcile_ms(const struct ctx *c)
{
    return (c->scope.live ? c->config->metricool_reconcile_s : c->config->sandbox_reconcile_s) *
           1000;
}

int64_t delivery_spread_ms(const struct content *x, int64_t range)
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
    return x->scheduling.scheduled_ms - delivery_lead_ms(c) -
           delivery_spread_ms(x, delivery_lead_ms(c));
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

/* ---- batches ---- */

struct batch batch_of(struct ctx *c, const struct batch *all, enum delivery_turn turn)
{
    struct batch some = {.at = arena_array(c->arena, all->n + 1, sizeof(struct delivery *)),
                         .patience = all->patience};
    for (size_t i = 0; i < all->n; i++)
        if (all->at[i]->turn == (int)turn)
            some.at[some.n++] = all->at[i];
    return some;
}

static void give_up(struct delivery *d, error e)
{
    d->failure = e;
    if (e)
        d->turn = TURN_OVER;
}

/* A database that is away, or a COMMIT that nobody knows of, is the same for all. */
void batch_write(struct ctx *c, const struct batch *b, error (*work)(struct ctx *c, void *batch))
{
    struct batch copy = *b; /* in_transaction() hands out what may be written to */
    error e = b->n ? in_transaction(c, work, &copy) : NULL;
    if (b->n > 1 && e && !error_is(e, ERR_UNAVAILABLE)) {
        for (size_t i = 0; i < b->n; i++) {
            struct batch one = *b;
            one.at = &b->at[i];
            one.n = 1;
            batch_write(c, &one, work);
        }
        return;
    }
    for (size_t i = 0; i < b->n; i++) {
        give_up(b->at[i], e ? e : b->at[i]->failure);
        if (!e && copy.held_ms)
            b->at[i]->held_ms = copy.held_ms;
    }
}

/* ---- the order of events ---- */

/* Where a delivery stands. */
static void open_delivery(struct ctx *c, struct delivery *d)
{
    if (d->content.status == CONTENT_PUBLISHING)
        d->turn = TURN_LOOK;
    if (d->content.status != CONTENT_SCHEDULED)
        return;
    d->turn = TURN_INTEND;
    if (due_ms(c, &d->content) > c->now_ms) {
        d->state = DELIVERY_WAITING;
        d->again_ms = due_ms(c, &d->content);
        d->turn = TURN_OVER;
    }
}

/* The attempts that are under way. */
static void read_attempts(struct ctx *c, const struct batch *all)
{
    struct batch b = batch_of(c, all, TURN_LOOK);
    struct id *ids = arena_array(c->arena, b.n + 1, sizeof *ids);
    struct list rows = {0};
    for (size_t i = 0; i < b.n; i++)
        ids[i] = b.at[i]->content.id;
    error e = b.n ? store_publications_last(c, (struct id_list){ids, b.n}, &rows) : NULL;
    const struct publication_row *row = rows.at;
    for (size_t i = 0; i < b.n; i++) {
        size_t k = 0;
        while (k < rows.n && !id_eq(&row[k].content, &ids[i]))
            k++;
        if (k < rows.n)
            b.at[i]->row = row[k];
        else
            give_up(b.at[i], e ? e : error_of(ERR_NOT_FOUND));
    }
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

/* What cannot be sent fails before anything leaves. */
static void turn_down(struct ctx *c, struct delivery *d, error why)
{
    struct batch one = {.at = &d, .n = 1};
    if (!is_final(d, why)) {
        give_up(d, why);
        return;
    }
    d->problem = why->message;
    d->state = DELIVERY_FAILED;
    d->failure = NULL;
    d->turn = TURN_OVER;
    batch_write(c, &one, intent_turn_down);
}

/* The account cannot be used: that is the end of what has not been sent, and of what nobody can
 * look for any more. */
static void without_account(struct ctx *c, struct delivery *d, error why)
{
    if (d->turn == TURN_INTEND)
        turn_down(c, d, why);
    else if (is_final(d, why))
        verdict_postpone(d, why->message);
    else
        give_up(d, why);
}

/* Each has a report of its own of the calls about it. */
static void connect(struct ctx *c, const struct batch *b)
{
    struct connection to;
    error e = b->n ? account_of(c, &to) : NULL;
    for (size_t i = 0; i < b->n; i++) {
        struct delivery *d = b->at[i];
        if (d->turn == TURN_OVER)
            continue;
        if (e) {
            without_account(c, d, e);
            continue;
        }
        d->connection = to;
        d->connection.account.report = ARENA_NEW(c->arena, struct call_report);
    }
}

/* Asks whether the account may be used now; if not, each knows when. */
static void ask_leave(struct ctx *c, const struct batch *b)
{
    struct permission *p = arena_array(c->arena, b->n + 1, sizeof *p);
    for (size_t i = 0; i < b->n; i++)
        p[i].reserved = b->at[i]->job.stage == JOB_STAGE_RESERVED;
    error e = b->n ? connection_ask_all(c, &b->at[0]->connection, p, b->n) : NULL;
    for (size_t i = 0; i < b->n; i++) {
        struct delivery *d = b->at[i];
        if (e)
            give_up(d, e);
        if (e || p[i].permit == PERMIT_NOW)
            continue;
        d->state = DELIVERY_PAUSED;
        d->stage = p[i].permit == PERMIT_LATER ? JOB_STAGE_RESERVED : JOB_STAGE_HELD;
        d->wait_ms = p[i].wait_ms;
        d->problem = p[i].why;
        d->turn = TURN_OVER;
    }
}

static void intend(struct ctx *c, const struct batch *all)
{
    struct batch b = batch_of(c, all, TURN_INTEND);
    batch_write(c, &b, intent_write);
    for (size_t i = 0; i < b.n; i++) {
        struct delivery *d = b.at[i];
        if (!d->failure)
            d->turn = d->fresh ? TURN_SEND : TURN_LOOK;
        else if (d->ours)
            turn_down(c, d, d->failure);
    }
}

/* What was looked for in vain has not left. */
static void renew(struct ctx *c, const struct batch *all)
{
    struct batch b = batch_of(c, all, TURN_RENEW);
    for (size_t i = 0; i < b.n; i++) {
        if (!patience_lasts(b.patience)) { /* it would not be sent either */
            verdict_withhold(b.at[i]);
            continue;
        }
        batch_write(c, &(struct batch){.at = &b.at[i], .n = 1}, intent_renew);
        if (!b.at[i]->failure)
            b.at[i]->turn = b.at[i]->fresh ? TURN_SEND : TURN_OVER;
    }
}

static void settle(struct ctx *c, const struct batch *all)
{
    struct batch b = batch_of(c, all, TURN_SETTLE);
    batch_write(c, &b, verdict_settle);
    for (size_t i = 0; i < b.n; i++) {
        struct delivery *d = b.at[i];
        if (d->failure)
            continue;
        d->content = d->after;
        d->written =
            !d->look_again && (d->state == DELIVERY_PUBLISHED || d->state == DELIVERY_FAILED ||
                               d->state == DELIVERY_WAITING);
        d->turn = d->look_again ? TURN_LOOK : TURN_OVER;
        d->look_again = d->posted = false;
        d->to = CONTENT_NONE;
        d->copies = d->inquiries = d->listings = 0;
    }
}

/* What was accepted. */
static void look(struct ctx *c, const struct batch *all)
{
    struct batch b = batch_of(c, all, TURN_LOOK);
    if (b.n)
        ask_status(c, &b);
}

/* Few at a time: a group that has begun comes to its end, however long that takes, unless the
 * account had better be left alone; so each step gets something done. */
static void in_groups(struct ctx *c, const struct batch *b,
                      void (*work)(struct ctx *c, const struct batch *group),
                      void (*leave_out)(struct delivery *d))
{
    for (size_t i = 0; i < b->n; i += PUBLISHER_AT_ONCE) {
        struct batch group = *b;
        struct patience calm;
        group.at += i;
        group.n = b->n - i < PUBLISHER_AT_ONCE ? b->n - i : PUBLISHER_AT_ONCE;
        if (i > 0 && !patience_lasts(b->patience)) {
            for (size_t k = 0; k < group.n; k++)
                leave_out(group.at[k]);
            continue;
        }
        if (b->patience) {
            calm = *b->patience;
            calm.until_us = INT64_MAX;
            group.patience = &calm;
        }
        work(c, &group);
        if (b->patience) {
            b->patience->failures = calm.failures;
            b->patience->lost |= calm.lost;
        }
    }
}

static bool has_media(const struct delivery *d)
{
    return !str_eq(d->row.media, S("[]"));
}

/* Pictures are copied before, which may take long. */
static void send(struct ctx *c, const struct batch *all)
{
    struct batch plain = batch_of(c, all, TURN_SEND), pictured = batch_of(c, all, TURN_SEND);
    size_t n = plain.n;
    plain.n = pictured.n = 0;
    for (size_t i = 0; i < n; i++) {
        struct delivery *d = plain.at[i];
        if (has_media(d))
            pictured.at[pictured.n++] = d;
        else
            plain.at[plain.n++] = d;
    }
    if (plain.n)
        ask_send(c, &plain);
    in_groups(c, &pictured, ask_send, verdict_withhold);
}

/* What was looked for in vain is sent at once, before it can have arrived late, and what was found
 * is known to be theirs before others look. */
static void reconcile_group(struct ctx *c, const struct batch *group)
{
    ask_search(c, group);
    renew(c, group);
    send(c, group);
    settle(c, group);
}

/* What may have arrived or not. */
static void reconcile(struct ctx *c, const struct batch *all)
{
    struct batch b = batch_of(c, all, TURN_LOOK);
    size_t unknown = 0;
    for (size_t i = 0; i < b.n; i++)
        if (b.at[i]->row.state != PUBLICATION_ACCEPTED)
            b.at[unknown++] = b.at[i];
    b.n = unknown;
    in_groups(c, &b, reconcile_group, verdict_give_back);
}

/* From what is written down on. What was accepted and may be out already is looked at at once. */
static void go_on(struct ctx *c, const struct batch *b)
{
    reconcile(c, b);
    look(c, b);
    send(c, b);
    settle(c, b);
    look(c, b);
    settle(c, b);
}

/* What became of the posts is written down already, so this may fail. Those that were held back
 * while others of the batch found out that the pause is over go on as who is woken does. */
static void note_account(struct ctx *c, const struct batch *b)
{
    const struct call_report **reports =
        arena_array(c->arena, b->n + 1, sizeof(struct call_report *));
    const struct connection *to = NULL;
    bool woken = false;
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        const struct call_report *r = b->at[i]->connection.account.report;
        if (!r || !r->calls)
            continue;
        to = &b->at[i]->connection;
        reports[n++] = r;
    }
    error e = to ? connection_note_all(c, to, reports, n, &woken) : NULL;
    if (e)
        log_event(c, LOG_LEVEL_WARN, "integration.unnoted", L_STR("code", e->wire),
                  L_STR("cause", e->cause));
    for (size_t i = 0; i < b->n && !e && woken; i++)
        if (b->at[i]->state == DELIVERY_PAUSED && b->at[i]->stage == JOB_STAGE_HELD)
            b->at[i]->wait_ms = delivery_spread_ms(&b->at[i]->content, WOKEN_MS);
}

/* Whoever loses a race has nothing left to do: the winner goes on. */
static void yield(const struct batch *b)
{
    for (size_t i = 0; i < b->n; i++) {
        struct delivery *d = b->at[i];
        if (!error_is(d->failure, ERR_INVALID_STATE) || db_is_duplicate(d->failure))
            continue;
        d->failure = NULL;
        d->state = DELIVERY_NONE;
    }
}

struct delivery delivery_of(const struct job *job, const struct content *content, bool last_try)
{
    return (struct delivery){
        .job = *job,
        .content = *content,
        .ours = true,
        .held_ms = job->locked_until_ms,
        .last_try = last_try,
    };
}

void delivery_step(struct ctx *c, struct delivery *d, size_t n, const struct fetch_watch *watch)
{
    struct delivery **at = arena_array(c->arena, n + 1, sizeof(struct delivery *));
    struct patience patience;
    struct batch all = {.at = at, .patience = &patience};
    assert(n <= DELIVERY_TOGETHER);
    for (size_t i = 0; i < n; i++) {
        open_delivery(c, &d[i]);
        if (d[i].turn != TURN_OVER)
            at[all.n++] = &d[i];
    }
    read_attempts(c, &all);
    connect(c, &all);
    struct batch to_intend = batch_of(c, &all, TURN_INTEND);
    intent_check_missions(c, &to_intend);
    struct batch to_look = batch_of(c, &all, TURN_LOOK), to_send = batch_of(c, &all, TURN_INTEND);
    ask_leave(c, &to_look);
    ask_leave(c, &to_send);
    intend(c, &all);
    patience = patience_new(c->config, watch);
    go_on(c, &all);
    yield(&all);
    note_account(c, &all);
}

/* Gives the job back. */
static error release(struct ctx *c, const struct delivery *d)
{
    struct job job = d->job;
    if (d->written)
        return NULL;
    if (d->state == DELIVERY_FAILED) /* it may not be sent any more */
        return store_job_finish(c, &job);
    if (d->state == DELIVERY_RETRY)
        return store_job_fail(c, &job, d->problem, false,
                              clock_ms() + (d->wait_ms ? d->wait_ms : RETRY_MS));
    job.stage = d->stage;
    return store_job_pause(c, &job, d->problem, clock_ms() + d->wait_ms);
}

error delivery_now(struct ctx *c, const struct id *content, struct delivery *d)
{
    struct batch one = {.at = &d, .n = 1};
    *d = (struct delivery){.job = {.ref = *content, .run_ms = c->now_ms}, .turn = TURN_INTEND};
    TRY(store_content_get(c, content, &d->content));
    TRY(account_of(c, &d->connection));
    if (!integration_is_usable((int)d->connection.status))
        return error_at(c->arena, ERR_NOT_CONNECTED, (struct str){0},
                        "The account has to be connected again first.");
    intend(c, &one);
    TRY(d->failure);
    ask_leave(c, &one);
    go_on(c, &one);
    yield(&one);
    note_account(c, &one);
    if (d->failure || d->state == DELIVERY_NONE)
        return d->failure; /* what became of it is not written down: the worker looks when the lock
                              ends */
    (void)release(c, d);   /* if this fails, likewise */
    return NULL;
}
