/* intent.c: what is written down before anything is sent, so that whoever comes after a crash knows
 * what may be out. What calls tell, and what comes of it, is verdict.c's. */
#include "base/clock.h"
#include "base/config.h"
#include "delivery/batch.h"
#include "store/content.h"
#include "store/mission.h"

enum { LEASE_SPARE_MS = 5000 /* a lease outlives the calls to the provider by this */ };

int64_t intent_calls_ms(const struct ctx *c, size_t calls)
{
    size_t rounds = (calls + PUBLISHER_AT_ONCE - 1) / PUBLISHER_AT_ONCE;
    return (int64_t)rounds * c->config->metricool_timeout_ms;
}

int64_t intent_patient_ms(const struct ctx *c, size_t calls)
{
    int64_t all_ms = intent_calls_ms(c, calls);
    int64_t most_ms = PATIENCE_MS + c->config->metricool_timeout_ms;
    return all_ms < most_ms ? all_ms : most_ms;
}

/* When the job would be anybody's again, in real time: not while such calls may be under way, and
 * not before what was sent can be looked for. */
static int64_t lock_until(const struct ctx *c, int64_t calls_ms)
{
    int64_t lease_ms = c->config->lease_s * 1000;
    int64_t spared_ms = calls_ms + delivery_reconcile_ms(c) + LEASE_SPARE_MS;
    return clock_ms() + (lease_ms > spared_ms ? lease_ms : spared_ms);
}

/* Have they been held for long enough that nobody takes them during the calls? */
static bool are_held(const struct ctx *c, const struct batch *b, int64_t calls_ms)
{
    int64_t needed_ms = clock_ms() + calls_ms + delivery_reconcile_ms(c) + LEASE_SPARE_MS / 2;
    for (size_t i = 0; i < b->n; i++) {
        if (b->at[i]->held_ms < needed_ms)
            return false;
    }
    return true;
}

/* Inside a transaction: makes sure that the jobs are still ours, and will be during the calls.
 * Until when is known to be so only when the transaction has come to its end. */
static error hold(struct ctx *c, struct batch *b)
{
    const struct job **jobs = arena_array(c->arena, b->n + 1, sizeof(struct job *));
    for (size_t i = 0; i < b->n; i++)
        jobs[i] = &b->at[i]->job;
    b->held_ms = are_held(c, b, b->calls_ms) ? 0 : lock_until(c, b->calls_ms);
    return b->held_ms ? store_jobs_extend(c, jobs, b->n, b->held_ms)
                      : store_jobs_check(c, jobs, b->n);
}

static error hold_on(struct ctx *c, void *batch)
{
    return hold(c, batch);
}

/* Content that is being published is given to nobody before the lease of its job ends. */
void intent_keep(struct ctx *c, const struct batch *b, int64_t calls_ms)
{
    struct batch held = *b;
    held.calls_ms = calls_ms;
    if (!are_held(c, b, calls_ms))
        batch_write(c, &held, hold_on);
}

/* Takes the content's job for somebody who waits, whoever had it. */
static error seize(struct ctx *c, struct delivery *d)
{
    struct job_lock lock = {.until_ms = d->held_ms = lock_until(c, intent_calls_ms(c, 1))};
    lock.lease = d->job.lease = store_job_lease();
    return store_job_put(c, JOB_CONTENT_PUBLISH, &d->job.ref, c->now_ms, &lock, &d->job.id);
}

/* The missions of a batch, each read once. */
struct known_mission {
    struct id id;
    bool deleted;
    error refusal;
};

static error mission_of(struct ctx *c, const struct id *id, struct known_mission *known, size_t n,
                        const struct known_mission **out)
{
    struct mission m;
    size_t i = 0;
    error e;
    while (i < n && !id_is_none(&known[i].id) && !id_eq(&known[i].id, id))
        i++;
    if (id_is_none(&known[i].id)) {
        e = store_mission_get(c, id, &m);
        if (e && !error_is(e, ERR_NOT_FOUND))
            return e;
        known[i].id = *id;
        known[i].deleted = e != NULL;
        if (e || m.status == MISSION_PAUSED)
            known[i].refusal = error_at(c->arena, ERR_INVALID_STATE, (struct str){0},
                                        "Its mission is %s.", e ? "deleted" : "paused");
    }
    *out = &known[i];
    return NULL;
}

void intent_check_missions(struct ctx *c, const struct batch *b)
{
    struct known_mission *known = arena_array(c->arena, b->n + 1, sizeof *known);
    for (size_t i = 0; i < b->n; i++) {
        struct delivery *d = b->at[i];
        const struct known_mission *mission;
        error e = mission_of(c, &d->content.mission_id, known, b->n, &mission);
        d->failure = e ? e : mission->refusal;
        if (d->failure)
            d->turn = TURN_OVER;
    }
}

/* The contents as they are now, locked. */
static error lock_contents(struct ctx *c, const struct batch *b)
{
    struct id *ids = arena_array(c->arena, b->n, sizeof *ids);
    struct list found;
    const struct content *x;
    for (size_t i = 0; i < b->n; i++)
        ids[i] = b->at[i]->job.ref;
    TRY(store_contents_lock(c, (struct id_list){ids, b->n}, &found));
    x = found.at;
    for (size_t i = 0; i < b->n; i++) {
        size_t k = 0;
        while (k < found.n && !id_eq(&x[k].id, &ids[i]))
            k++;
        b->at[i]->failure = k < found.n ? NULL : error_of(ERR_NOT_FOUND);
        if (k < found.n)
            b->at[i]->content = x[k];
    }
    return NULL;
}

/* The instant to ask the provider for, in whole seconds. */
static int64_t publish_ms(const struct ctx *c, const struct content *x)
{
    int64_t ms = c->now_ms + delivery_lead_ms(c);
    if (x->scheduling.scheduled_ms > ms)
        ms = x->scheduling.scheduled_ms;
    return ms - ms % 1000;
}

/* May a post have come from this attempt? */
static bool may_be_out(const struct publication_row *row)
{
    return row->state == PUBLICATION_INTENDED || row->state == PUBLICATION_UNCLEAR ||
           row->state == PUBLICATION_ACCEPTED;
}

/* A new attempt of the locked content, after the last one (0: it is the first), to be stored. */
static error attempt(struct ctx *c, struct delivery *d, int64_t last)
{
    TRY(publication_make(c, &d->content, publish_ms(c, &d->content), &d->row));
    d->row.attempt = last + 1;
    d->content.publishing.attempts++;
    d->fresh = true;
    return NULL;
}

/* An earlier attempt whose fate nobody knows goes on rather than a new one. */
static error make_attempt(struct ctx *c, struct delivery *d)
{
    error e = d->content.publishing.attempts ? store_publication_last(c, &d->content.id, &d->row)
                                             : error_of(ERR_NOT_FOUND);
    d->fresh = false;
    if (error_is(e, ERR_NOT_FOUND))
        return attempt(c, d, 0);
    TRY(e);
    return may_be_out(&d->row) ? NULL : attempt(c, d, d->row.attempt);
}

static error store_attempts(struct ctx *c, const struct batch *b)
{
    const struct publication_row **rows =
        arena_array(c->arena, b->n + 1, sizeof(struct publication_row *));
    struct content_move *moves = arena_array(c->arena, b->n + 1, sizeof *moves);
    size_t fresh = 0;
    for (size_t i = 0; i < b->n; i++) {
        moves[i] = (struct content_move){&b->at[i]->content, CONTENT_PUBLISHING};
        if (b->at[i]->fresh)
            rows[fresh++] = &b->at[i]->row;
    }
    TRY(store_publications_insert(c, rows, fresh));
    return store_contents_move(c, moves, b->n);
}

/* May the locked content be sent? If not, that is its failure. */
static error check(struct ctx *c, struct delivery *d, struct known_mission *known, size_t n)
{
    const struct known_mission *mission;
    enum content_status to;
    if (d->failure)
        return NULL;
    TRY(mission_of(c, &d->content.mission_id, known, n, &mission));
    d->failure = content_next((enum content_status)d->content.status, CONTENT_PUBLISH, &to)
                     ? mission->refusal
                     : error_of(ERR_INVALID_STATE);
    if (!d->failure)
        d->failure = publication_check(c, &d->content, &d->connection);
    return NULL;
}

error intent_write(struct ctx *c, void *batch)
{
    struct batch *b = batch;
    struct known_mission *known = arena_array(c->arena, b->n, sizeof *known);
    struct batch good = {.at = arena_array(c->arena, b->n, sizeof(struct delivery *)),
                         .calls_ms = intent_patient_ms(c, b->n)};
    TRY(lock_contents(c, b));
    for (size_t i = 0; i < b->n; i++) {
        TRY(check(c, b->at[i], known, b->n));
        if (!b->at[i]->failure)
            good.at[good.n++] = b->at[i];
    }
    if (!good.n)
        return NULL;
    TRY(good.at[0]->ours ? hold(c, &good) : seize(c, good.at[0]));
    b->held_ms = good.held_ms;
    for (size_t i = 0; i < good.n; i++) {
        struct content *x = &good.at[i]->content;
        if (!good.at[i]->ours &&
            (!x->scheduling.scheduled_ms || x->scheduling.scheduled_ms > c->now_ms))
            x->scheduling.scheduled_ms = c->now_ms;
        TRY(make_attempt(c, good.at[i]));
    }
    return store_attempts(c, &good);
}

/* May what never arrived be sent still? If not, a paused mission's waits as if it were not due, and
 * anything else has failed. */
static error let_go(struct ctx *c, struct delivery *d, bool *gone)
{
    struct known_mission known = {0};
    const struct known_mission *mission;
    struct content *x = &d->content;
    error why;
    TRY(mission_of(c, &x->mission_id, &known, 1, &mission));
    why = mission->refusal ? mission->refusal : publication_check(c, x, &d->connection);
    *gone = why != NULL;
    if (!why)
        return NULL;
    d->problem = x->publishing.last_error = why->message;
    d->state = DELIVERY_NONE;
    if (mission->refusal && !mission->deleted) {
        if (!x->scheduling.scheduled_ms)
            x->scheduling.scheduled_ms = d->row.publish_ms;
        return store_content_move(c, x, CONTENT_SCHEDULED);
    }
    d->state = DELIVERY_FAILED;
    return store_content_move(c, x, CONTENT_FAILED);
}

/* The lost attempt is read anew, for d->row is the new one's when this runs a second time. */
error intent_renew(struct ctx *c, void *batch)
{
    struct batch *b = batch;
    struct delivery *d = b->at[0];
    struct publication_row lost;
    enum publication_state from;
    bool gone;
    TRY(lock_contents(c, b));
    TRY(d->failure);
    b->calls_ms = intent_calls_ms(c, 1);
    TRY(hold(c, b));
    TRY(store_publication_last(c, &d->job.ref, &lost));
    from = (enum publication_state)lost.state;
    if (d->content.status != CONTENT_PUBLISHING ||
        (from != PUBLICATION_INTENDED && from != PUBLICATION_UNCLEAR))
        return error_of(ERR_INVALID_STATE);
    lost.state = PUBLICATION_REFUSED;
    if (!lost.problem.p)
        lost.problem = S("It never arrived.");
    TRY(store_publication_move(c, &lost, from));
    TRY(let_go(c, d, &gone));
    d->fresh = false;
    if (gone)
        return NULL;
    TRY(attempt(c, d, lost.attempt));
    return store_attempts(c, b);
}

error intent_turn_down(struct ctx *c, void *batch)
{
    struct batch *b = batch;
    struct delivery *d = b->at[0];
    struct content *x = &d->content;
    TRY(lock_contents(c, b));
    TRY(d->failure);
    TRY(hold(c, b));
    if (x->status != CONTENT_SCHEDULED)
        return error_of(ERR_INVALID_STATE);
    TRY(store_content_move(c, x, CONTENT_PUBLISHING));
    x->publishing.last_error = d->problem;
    return store_content_move(c, x, CONTENT_FAILED);
}
