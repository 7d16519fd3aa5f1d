/* openapi.c: the OpenAPI document of this API: its words, and where it is served. How it is made
 * from the tables is http/openapi.c's. */
#include "http/openapi.h"

#include "api/routes.h"
#include "frame/app.h"
#include "http/reply.h"

static const struct openapi_tag tags[] = {
    {"missions", "missions", "What is to be reached, where, how often and for how much."},
    {"jobs", "jobs", "The work that is done in the background."},
    {"brand-contexts", "brand contexts", "Who speaks: voice, words, links and subjects."},
    {"content", "content", "What was written for missions, and its review."},
    {"publish", "publish", "Putting content out: now, later, or not after all."},
    {"analytics", "analytics", "What was reached, and what it cost."},
    {"connect", "connect", "The services and social accounts that AMP works with."},
    {"webhooks", "webhooks", "Being told of what happens, as it happens."},
    {"auth", "auth", "Who is asking, and the keys of a tenant."},
    {"tenant", "tenant", "The tenant, who belongs to it and who is invited."},
    {"invitations", "tenant", NULL},
    {"audit", "audit", "Who did what."},
    {"test", "test", "The clock of test mode."},
    {"openapi.json", "system", "The installation itself."},
    {"health", "system", NULL},
    {"ready", "system", NULL},
    {0},
};

static const struct openapi_id ids[] = {
    {"msn_", "mission_id", "Id of the mission"},
    {"cnt_", "content_id", "Id of the content"},
    {"ver_", "version_id", "Id of the version"},
    {"key_", "key_id", "Id of the key"},
    {"inv_", "invitation_id", "Id of the invitation"},
    {"job_", "job_id", "Id of the job"},
    {"brc_", "brand_context_id", "Id of the brand context"},
    {"whk_", "webhook_id", "Id of the webhook"},
    {"dlv_", "delivery_id", "Id of the delivery"},
    {"usr_", "user_id", "Id of the user"},
    {"tnt_", "tenant_id", "Id of the tenant"},
    {0},
};

static const char description[] =
    "AMP turns missions into content that is planned, written, reviewed, scheduled, published and"
    " measured.\n\n"
    "Send an API key or a token as `Authorization: Bearer …`. Keys that begin with `amp_test_` see"
    " test data only and publish nothing. Lists are newest first; follow them with the last id in"
    " `starting_after` while `has_more` is true. A POST with an `Idempotency-Key` may be repeated."
    " HEAD works wherever GET does, OPTIONS everywhere. Any error has the body of the schema"
    " `error`; 405, 408, 414 and 431 may answer any request and are not listed.";

struct str api_document(struct arena *a, const struct config *config)
{
    struct openapi api = {
        .routes = api_routes,
        .tags = tags,
        .ids = ids,
        .title = S("AMP"),
        .version = S(PACKAGE_VERSION),
        .description = S(description),
        .base_url = config->base_url,
        .error_url = config->error_url,
    };
    return openapi_text(a, &api);
}

/* The members of the document that everybody knows; what they hold is said by OpenAPI itself. */
struct openapi_document {
    struct str openapi, info, paths, components;
    struct list servers, tags;
};
#define AT(member) offsetof(struct openapi_document, member)
static const struct field any_item = {.kind = F_RAW};
static const struct field document_fields[] = {
    {.name = S("openapi"),
     .kind = F_TEXT,
     .at = AT(openapi),
     .doc = "Version of OpenAPI",
     .example = "\"3.1.0\""},
    {.name = S("info"), .kind = F_RAW, .at = AT(info), .doc = "About the API"},
    {.name = S("servers"),
     .kind = F_LIST,
     .at = AT(servers),
     .item = &any_item,
     .doc = "Where it is"},
    {.name = S("tags"), .kind = F_LIST, .at = AT(tags), .item = &any_item, .doc = "Its parts"},
    {.name = S("paths"), .kind = F_RAW, .at = AT(paths), .doc = "Its operations"},
    {.name = S("components"),
     .kind = F_RAW,
     .at = AT(components),
     .doc = "What operations have in common"},
};
#undef AT
static const struct shape document_shape =
    SHAPE("openapi_document", struct openapi_document, document_fields);

/* Made once a process: the tables do not change. */
static error document_get(struct ctx *c)
{
    struct str *kept = c->app->openapi;
    struct writer w;
    if (!kept->p)
        *kept = api_document(c->app->process, c->config);
    write_raw(reply_begin(c, &w), *kept);
    return reply_done(c, 200);
}

const struct route openapi_routes[] = {
    {GET, "/openapi.json", document_get, .out = &document_shape, .flags = R_READ | R_PUBLIC,
     .doc = "This document", .name = "getOpenapi"},
    {0},
};
