/* start.c: puts together what a process has. The only place that knows all the parts. */
#include "cli/command.h"

#include "api/routes.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/issuer.h"
#include "shm/generation.h"

static void before_change(void *shm, const struct scope *scope)
{
    generation_enter(shm, scope, clock_ms() / 1000);
}

static void after_change(void *shm, const struct scope *scope)
{
    generation_leave(shm, scope);
}

/* Every change that this process commits is told to the others of its host. */
static void watch_changes(struct app *app)
{
    struct db_watch *watch = ARENA_NEW(app->process, struct db_watch);
    *watch = (struct db_watch){before_change, after_change, app->shm};
    db_set_watch(app->db, watch);
}

struct app *app_start(struct arena *process, bool as_owner, struct str *problems)
{
    struct app *app = ARENA_NEW(process, struct app);
    struct config *config = ARENA_NEW(process, struct config);
    enum log_level level = LOG_LEVEL_INFO;
    const char *problem;
    if (!config_load(process, config_path(process), config, problems))
        return NULL;
    if (as_owner && config->db_owner.p) {
        config->db_user = config->db_owner;
        config->db_password = config->db_owner_password;
    }
    if (log_level_parse(config->log_level, &level))
        log_set_level(level);
    app->process = process;
    app->config = config;
    config_watch(&app->watch, process, config_path(process), config);
    app->shm = shm_map(config->shm_path, &problem);
    if (problem)
        log_event(NULL, LOG_LEVEL_WARN, "shm.private", L_STR("problem", str_of(problem)));
    app->db = db_open(config);
    watch_changes(app);
    app->keys = key_cache_new(process, app->shm);
    app->answers = answers_new(process, app->shm, config->remember_answers && !problem);
    app->issuer = issuer_new(process);
    app->routes = api_routes;
    app->openapi = ARENA_NEW(process, struct str);
    return app;
}

void app_stop(struct app *app)
{
    issuer_free(app->issuer);
    answers_free(app->answers);
    db_close(app->db);
    shm_unmap(app->shm);
}
