/* system.c: is it alive, is it ready? For load balancers and whoever waits for a start. */
#include "api/routes.h"

#include "db/db.h"
#include "db/migrate.h"
#include "http/reply.h"

struct status {
    struct str status;
};
static const struct field status_fields[] = {
    {.name = S("status"),
     .kind = F_TEXT,
     .at = offsetof(struct status, status),
     .doc = "ok or ready",
     .example = "\"ready\""},
};
static const struct shape status_shape = SHAPE("status", struct status, status_fields);

static error health(struct ctx *c)
{
    return reply(c, 200, &status_shape, &(struct status){S("ok")});
}

static error ready(struct ctx *c)
{
    TRY(db_ping(c->db));
    TRY(migrate_check(c));
    return reply(c, 200, &status_shape, &(struct status){S("ready")});
}

const struct route system_routes[] = {
    {GET, "/health", health, .out = &status_shape, .flags = R_READ | R_PUBLIC | R_UNVERSIONED,
     .doc = "Is the program alive?"},
    {GET, "/ready", ready, .out = &status_shape, .flags = R_READ | R_PUBLIC | R_UNVERSIONED,
     .doc = "Can it serve: is the database there, and of the right version?"},
    {0},
};
