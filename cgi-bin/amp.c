/* amp.c: one program, several roles. Started by a web server it serves; else argv says what to do.
 */
#include <unistd.h>

#include "base/log.h"
#include "cli/command.h"
#include "frame/serve.h"
#include "net/fetch.h"

static int serve(void)
{
    struct arena *process = arena_new((size_t)64 << 20);
    struct str problems;
    struct app *app = app_start(process, false, &problems);
    int code = 1;
    if (app) {
        struct service service = frame_service(app);
        code = gateway_run(&service);
        app_stop(app);
    } else {
        log_event(NULL, LOG_LEVEL_ERROR, "config.unusable", L_STR("problems", problems));
    }
    arena_free(process);
    return code;
}

int main(int argc, char **argv)
{
    crypto_init();
    fetch_init();
    if (argc < 2 && gateway_called())
        return serve();
    return command_main(argc, argv);
}
