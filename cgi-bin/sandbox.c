/* sandbox.c: main() of sandbox.fcgi, which stands in for the world in test mode. */
#include "base/log.h"
#include "sandbox/serve.h"

enum { PROCESS_BYTES = 4 << 20, EXIT_CONFIG = 78 };

static int run(struct arena *a)
{
    struct config config;
    struct str problems;
    if (!config_load(a, config_path(a), &config, &problems)) {
        log_event(NULL, LOG_LEVEL_ERROR, "config.invalid", L_STR("problems", problems));
        return EXIT_CONFIG;
    }
    struct sandbox sandbox = {&config, ledger_open(config.sandbox_ledger, LEDGER_MAX_BYTES)};
    struct service service = sandbox_service(&sandbox);
    int code = gateway_run(&service);
    ledger_close(sandbox.ledger);
    return code;
}

int main(void)
{
    crypto_init();
    struct arena *a = arena_new(PROCESS_BYTES);
    int code = run(a);
    arena_free(a);
    return code;
}
