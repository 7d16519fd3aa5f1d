/* clock.c: the clock of test mode, which a tenant may stop and move. */
#include "api/routes.h"

#include "base/clock.h"
#include "frame/serve.h"
#include "http/reply.h"
#include "store/identity.h"
#include "store/job.h"

struct clock {
    int64_t now_ms;
    bool frozen, livemode;
};
#define AT(member) offsetof(struct clock, member)
static const struct field clock_fields[] = {
    {.name = S("now"), .kind = F_TIME, .at = AT(now_ms), .doc = "The tenant's time in test mode"},
    {.name = S("frozen"),
     .kind = F_BOOL,
     .at = AT(frozen),
     .doc = "Does it stand still until it is moved?"},
    {.name = S("livemode"),
     .kind = F_BOOL,
     .at = AT(livemode),
     .doc = "Always false",
     .example = "false"},
};
#undef AT
static const struct shape clock_shape = SHAPE("test_clock", struct clock, clock_fields);

struct clock_move {
    int64_t now_ms, advance_s;
};
enum { ADVANCE_MAX_S = 366 * 86400 };
static const struct clock_move no_move = {.advance_s = INT_NONE};
#define AT(member) offsetof(struct clock_move, member)
static const struct field move_fields[] = {
    {.name = S("now"),
     .kind = F_TIME,
     .flags = F_IN,
     .at = AT(now_ms),
     .doc = "Stop the clock at this time, not before its present one"},
    {.name = S("advance_seconds"),
     .kind = F_INT,
     .flags = F_IN,
     .at = AT(advance_s),
     .min = 0,
     .max = ADVANCE_MAX_S,
     .doc = "Stop the clock this much later",
     .example = "86400"},
};
#undef AT
static error one_of_both(struct arena *a, void *object)
{
    const struct clock_move *m = object;
    if (!m->now_ms == (m->advance_s == INT_NONE))
        return error_at(a, ERR_INVALID_REQUEST, S("now"),
                        "Exactly one of now and advance_seconds is required.");
    return NULL;
}
static const struct shape move_shape =
    SHAPE_INIT("test_clock_move", struct clock_move, move_fields, &no_move, one_of_both);

static error clock_get(struct ctx *c)
{
    struct clock out = {.now_ms = c->now_ms};
    int64_t stopped_ms;
    TRY(store_clock_get(c, &stopped_ms));
    out.frozen = stopped_ms != 0;
    return reply(c, 200, &clock_shape, &out);
}

static error clock_move(struct ctx *c)
{
    const struct clock_move *in = c->req->in;
    struct clock out = {.frozen = true};
    int64_t limit_ms;
    TRY(store_clock_lock(c, &out.now_ms));
    if (!out.now_ms)
        out.now_ms = clock_ms();
    limit_ms = clock_ms() + 20 * ADVANCE_MAX_S * INT64_C(1000);
    if (in->now_ms && in->now_ms / 1000 < out.now_ms / 1000)
        return error_at(c->arena, ERR_VALIDATION_FAILED, S("now"),
                        "The clock only moves forward; delete it to return to real time.");
    if (in->now_ms)
        out.now_ms = in->now_ms;
    else
        out.now_ms += in->advance_s * 1000;
    if (out.now_ms > limit_ms)
        return error_at(c->arena, ERR_VALIDATION_FAILED,
                        in->now_ms ? S("now") : S("advance_seconds"),
                        "The clock goes at most twenty years ahead.");
    TRY(store_clock_set(c, out.now_ms));
    forget_after_commit(c);
    return reply(c, 200, &clock_shape, &out);
}

static error clock_release(struct ctx *c)
{
    TRY(store_clock_clear(c));
    /* Else no figures would be asked for until the time at which the clock stood. */
    TRY(store_job_reschedule(c, JOB_METRICS_PULL, &c->scope.tenant, clock_ms()));
    forget_after_commit(c);
    return reply_empty(c);
}

const struct route clock_routes[] = {
    {GET, "/test/clock", clock_get, .out = &clock_shape, .flags = R_READ | R_TEST_ONLY,
     .doc = "What time test mode thinks it is"},
    {POST, "/test/clock", clock_move, "missions:write", .in = &move_shape, .out = &clock_shape,
     .flags = R_TEST_ONLY, .doc = "Stop the clock, or move it; what has become due happens",
     .name = "setTestClock"},
    {DELETE, "/test/clock", clock_release, "missions:write", .status = 204, .flags = R_TEST_ONLY,
     .doc = "Return to real time", .name = "releaseTestClock"},
    {0},
};
