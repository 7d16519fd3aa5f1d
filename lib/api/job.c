/* job.c: the work that is done in the background, as it is asked for. Carrying it out is work/'s
 * and pipeline/'s. */
#include "api/routes.h"

#include "base/clock.h"
#include "http/reply.h"
#include "store/job.h"

static error job_list(struct ctx *c)
{
    struct list jobs;
    struct job *j;
    int64_t total;
    bool more;
    TRY(store_job_page(c, c->req->filter, &c->req->page, &jobs, &more, &total));
    j = (struct job *)jobs.at;
    for (size_t i = 0; i < jobs.n; i++)
        job_describe(c->arena, &j[i], clock_ms());
    return reply_list(c, &job_shape, &jobs, more, total);
}

static error reply_job(struct ctx *c, struct job *j)
{
    job_describe(c->arena, j, clock_ms());
    return reply(c, 200, &job_shape, j);
}

static error job_get(struct ctx *c)
{
    struct job j;
    TRY(store_job_get(c, &c->req->id[0], &j));
    return reply_job(c, &j);
}

static error job_retry(struct ctx *c)
{
    struct job j;
    TRY(store_job_get(c, &c->req->id[0], &j)); /* 404 before 409 */
    TRY(store_job_revive(c, &c->req->id[0]));
    TRY(store_job_get(c, &c->req->id[0], &j));
    return reply_job(c, &j);
}

const struct route job_routes[] = {
    {GET, "/jobs", job_list, "missions:read", .query = &job_filter_shape, .out = &job_shape,
     .flags = R_READ | R_LIST, .id_prefix = "job_", .doc = "List jobs"},
    {GET, "/jobs/:job", job_get, "missions:read", .out = &job_shape, .flags = R_READ,
     .doc = "Get a job"},
    {POST, "/jobs/:job/retry", job_retry, "missions:write", .in = &empty_shape, .out = &job_shape,
     .flags = R_ACTION, .doc = "Try a job again that was given up", .name = "retryJob"},
    {0},
};
