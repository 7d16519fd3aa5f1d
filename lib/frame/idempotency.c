/* idempotency.c: keeps answers to requests with an Idempotency-Key (draft-ietf-httpapi-idempotency-
 * key-header, and Stripe's practice). Bodies are kept sealed: one may hold a new key's secret. */
#include "frame/idempotency.h"

#include <string.h>

#include "auth/principal.h"
#include "base/clock.h"
#include "base/seal.h"
#include "db/db.h"
#include "db/tx.h"
#include "frame/app.h"
#include "http/reply.h"
#include "http/route.h"
#include "store/idempotency.h"

enum {
    KEPT_MS = 24 * 3600 * 1000, /* how long an answer is kept */
    OUTSIDE_CALLS = 6,          /* to find the account, send, and look what has become of it */
    LOCK_SPARE_MS = 30 * 1000,  /* for all that is not waiting for a provider */
    KEY_MAX = 255,
    RETRY_S = 1
};

bool idempotency_wanted(const struct ctx *c)
{
    return c->req->idempotency_key.p != NULL;
}

/* The key as sent, or between the quotes of the draft's form; none if it is malformed. */
static struct str read_key(struct str text)
{
    if (text.n >= 2 && text.p[0] == '"' && text.p[text.n - 1] == '"')
        text = str_sub(text, 1, text.n - 2);
    if (text.n < 1 || text.n > KEY_MAX)
        return (struct str){0};
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '!' || text.p[i] > '~' || text.p[i] == ',')
            return (struct str){0};
    }
    return text;
}

/* SHA-256 over method, path, query and body, each with its length before it. */
static struct str fingerprint(struct arena *a, const struct request *r)
{
    struct str parts[] = {r->method_text, r->route_path, r->query_text, r->body};
    struct buf *all = buf_new(a, BODY_MAX + (64 << 10));
    unsigned char hash[SHA256_LEN];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buf_printf(all, "%zu:", parts[i].n);
        buf_add(all, parts[i]);
    }
    crypto_sha256(buf_str(all), hash);
    return crypto_hex(a, (struct str){(char *)hash, sizeof hash});
}

static struct str context_of(struct ctx *c, struct str key)
{
    return idempotency_context(c->arena, &c->scope.tenant, c->scope.live, key);
}

static error replay(struct ctx *c, const struct idempotency *kept)
{
    struct str body;
    if (!unseal(c->arena, c->config, context_of(c, kept->key), kept->body_sealed, &body))
        return error_because(c->arena, ERR_INTERNAL, "a kept answer cannot be opened");
    buf_clear(&c->res->body);
    buf_add(&c->res->body, body);
    c->res->status = (int)kept->status;
    c->res->location = kept->location;
    c->res->etag = kept->etag;
    response_header(c->res, "Idempotent-Replayed", S("true"));
    return NULL;
}

/* A kept answer never changes, so asking once more may cost no query either. */
static struct str remembered_key(struct ctx *c)
{
    return arena_printf(c->arena, "%.*s %.*s %.*s", STR(principal_text(c->arena, c->who)),
                        STR(c->req->fingerprint), STR(c->req->idempotency_key));
}

static bool replay_remembered(struct ctx *c)
{
    if (!c->app->answers || !db_is_there(c->db) ||
        !answers_find(c->app->answers, c, remembered_key(c)))
        return false;
    response_header(c->res, "Idempotent-Replayed", S("true"));
    return true;
}

static error replay_and_remember(struct ctx *c, const struct idempotency *kept)
{
    uint64_t generation;
    bool may_keep = c->app->answers && answers_begin(c->app->answers, c, &generation);
    TRY(replay(c, kept));
    if (may_keep)
        answers_keep(c->app->answers, c, remembered_key(c), generation);
    return NULL;
}

static error running(struct ctx *c)
{
    response_header_int(c->res, "Retry-After", RETRY_S);
    return error_of(ERR_IDEMPOTENCY_IN_PROGRESS);
}

static error look_up(struct ctx *c, bool *found)
{
    struct idempotency kept;
    int64_t real_ms = clock_ms();
    error e = store_idempotency_get(c, principal_text(c->arena, c->who), c->req->idempotency_key,
                                    real_ms - KEPT_MS, &kept);
    *found = !e;
    if (error_is(e, ERR_NOT_FOUND))
        return NULL;
    TRY(e);
    if (!str_eq(kept.fingerprint, c->req->fingerprint))
        return error_at(c->arena, ERR_IDEMPOTENCY_KEY_REUSED, S("Idempotency-Key"),
                        "This idempotency key was used for another request.");
    if (kept.status)
        return replay_and_remember(c, &kept);
    *found = kept.locked_until_ms >= real_ms; /* else whoever ran it has died */
    return *found ? running(c) : NULL;
}

error gate_idempotency(struct ctx *c)
{
    struct str text = c->req->header[H_IDEMPOTENCY_KEY];
    bool found;
    if (!text.p || c->req->method != POST || c->route->flags & R_NOT_IDEMPOTENT)
        return NULL;
    c->req->idempotency_key = read_key(text);
    if (!c->req->idempotency_key.p || c->req->header_twice[H_IDEMPOTENCY_KEY])
        return error_at(c->arena, ERR_INVALID_REQUEST, S("Idempotency-Key"),
                        "Must be 1 to 255 visible ASCII characters without a comma, once.");
    if (!seal_possible(c->config))
        return error_at(c->arena, ERR_NOT_IMPLEMENTED, S("Idempotency-Key"),
                        "This installation has no [secrets] key to keep answers with.");
    c->req->fingerprint = fingerprint(c->arena, c->req);
    if (replay_remembered(c))
        return NULL;
    return look_up(c, &found);
}

static struct idempotency record_of(struct ctx *c)
{
    return (struct idempotency){
        .principal = principal_text(c->arena, c->who),
        .key = c->req->idempotency_key,
        .fingerprint = c->req->fingerprint,
        .created_ms = clock_ms(),
    };
}

static error fill_answer(struct ctx *c, struct idempotency *i)
{
    i->status = c->res->status;
    i->location = c->res->location;
    i->etag = c->res->etag;
    return seal(c->arena, c->config, context_of(c, i->key), buf_str(&c->res->body),
                &i->body_sealed);
}

/* What a transaction runs: the work, and then its record. */
struct recorded {
    error (*work)(struct ctx *c, void *arg);
    void *arg;
    struct idempotency record;
    bool placed;
};

/* Another one with the same key was faster: this one's work is rolled back with the error. */
static error place(struct ctx *c, struct recorded *r)
{
    int64_t real_ms = clock_ms();
    TRY(store_idempotency_put(c, &r->record, real_ms - KEPT_MS, real_ms, &r->placed));
    return r->placed ? NULL : error_of(ERR_IDEMPOTENCY_IN_PROGRESS);
}

static error work_and_record(struct ctx *c, void *arg)
{
    struct recorded *r = arg;
    TRY(r->work(c, r->arg));
    r->record = record_of(c);
    TRY(fill_answer(c, &r->record));
    return place(c, r);
}

/* Longer than a handler takes that makes so many calls, each of them up to its deadline. A post
 * with many pictures may outlast it; that nobody sends it twice is seen to by its publication. */
static int64_t lock_ms(const struct config *config)
{
    return OUTSIDE_CALLS * config->metricool_timeout_ms + LOCK_SPARE_MS;
}

static error record_running(struct ctx *c, void *arg)
{
    struct recorded *r = arg;
    r->record = record_of(c);
    r->record.locked_until_ms = r->record.created_ms + lock_ms(c->config);
    return place(c, r);
}

static error finish(struct ctx *c, void *arg)
{
    const struct recorded *r = arg;
    return r->record.status ? store_idempotency_finish(c, &r->record)
                            : store_idempotency_drop(c, &r->record);
}

/* The work goes outside, and no transaction may be open meanwhile: its key is taken first, and the
 * answer written down after it. */
static error run_outside(struct ctx *c, struct recorded *r)
{
    error e;
    TRY(in_transaction(c, record_running, r));
    e = r->work(c, r->arg);
    if (!e && c->res->status >= 200 && c->res->status < 300)
        e = fill_answer(c, &r->record);
    TRY(in_transaction(c, finish, r));
    return e;
}

error idempotency_run(struct ctx *c, error (*work)(struct ctx *c, void *arg), void *arg)
{
    struct recorded r = {.work = work, .arg = arg};
    bool found, outside = c->route->flags & R_OUTSIDE;
    error e = outside ? run_outside(c, &r) : in_transaction(c, work_and_record, &r);
    if (!error_is(e, ERR_IDEMPOTENCY_IN_PROGRESS))
        return e;
    response_clear_answer(c->res);
    TRY(look_up(c, &found));
    return found ? NULL : running(c);
}
