/* jobs.c: the table of all kinds of job. */
#include "pipeline/jobs.h"

#include "delivery/delivery.h"
#include "pipeline/stages.h"
#include "work/queue.h"

_Static_assert((int)DELIVERY_TOGETHER <= (int)QUEUE_TOGETHER_MAX, "more posts than jobs a claim");

#define ONE(id_, name_, ref_, run_)                                                                \
    {                                                                                              \
        .id = (id_), .name = S(name_), .ref = S(ref_), .run = (run_)                               \
    }
static const struct job_type types[] = {
    ONE(JOB_MISSION_RUN, "mission.run", "msn_", mission_run),
    ONE(JOB_CONTENT_REWRITE, "content.rewrite", "cnt_", rewrite_run),
    ONE(JOB_METRICS_PULL, "metrics.pull", "tnt_", analytics_run),
    ONE(JOB_WEBHOOK_DELIVER, "webhook.deliver", "dlv_", webhook_run),
    {
        .id = JOB_CONTENT_PUBLISH,
        .name = S("content.publish"),
        .ref = S("cnt_"),
        .run_all = publish_run,
        .together = DELIVERY_TOGETHER,
    },
};
const struct job_types pipeline_jobs = {types, sizeof types / sizeof *types};
