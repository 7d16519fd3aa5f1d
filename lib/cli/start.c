/* start.c: puts together what a process has. The only place that knows all the parts. */
#include "cli/command.h"

#include "api/routes.h"
#include "base/log.h"

struct app *app_start(struct arena *process, struct str *problems)
{
    struct app *app = ARENA_NEW(process, struct app);
    struct config *config = ARENA_NEW(process, struct config);
    enum log_level level = LOG_LEVEL_INFO;
    const char *problem;
    if (!config_load(process, config_path(process), config, problems))
        return NULL;
    if (log_level_parse(config->log_level, &level))
        log_set_level(level);
    app->process = process;
    app->config = config;
    app->shm = shm_map(config->shm_path, &problem);
    if (problem)
        log_event(NULL, LOG_LEVEL_WARN, "shm.private", L_STR("problem", str_of(problem)));
    app->db = db_open(config);
    app->keys = key_cache_new(process, app->shm);
    app->routes = api_routes;
    return app;
}

void app_stop(struct app *app)
{
    db_close(app->db);
    shm_unmap(app->shm);
}
