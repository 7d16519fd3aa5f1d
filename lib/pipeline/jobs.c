/* jobs.c: the table of all kinds of job. */
#include "pipeline/jobs.h"

#include "pipeline/stages.h"

const struct job_type pipeline_jobs[] = {
    {JOB_MISSION_RUN, S("mission.run"), S("msn_"), mission_run},
    {JOB_CONTENT_PUBLISH, S("content.publish"), S("cnt_"), publish_run},
    {JOB_CONTENT_REWRITE, S("content.rewrite"), S("cnt_"), rewrite_run},
    {JOB_METRICS_PULL, S("metrics.pull"), S("tnt_"), analytics_run},
    {JOB_WEBHOOK_DELIVER, S("webhook.deliver"), S("dlv_"), webhook_run},
};
const size_t pipeline_jobs_count = sizeof pipeline_jobs / sizeof *pipeline_jobs;
