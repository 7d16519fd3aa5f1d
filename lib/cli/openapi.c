/* openapi.c: prints the OpenAPI document. Needs no database, and no configuration either: without
 * one its addresses are relative. */
#include "cli/command.h"

#include "api/routes.h"

static int openapi(struct call *call)
{
    struct config config;
    struct str problems, path = config_path(call->arena);
    if (!config_load(call->arena, path, &config, &problems))
        complain(call, "the configuration is not usable, its defaults are taken:\n%.*s",
                 STR(problems));
    buf_add(call->out, api_document(call->arena, &config));
    buf_char(call->out, '\n');
    return 0;
}

const struct command openapi_commands[] = {
    {.words = "openapi",
     .run = openapi,
     .doc = "Print the OpenAPI 3.1 document of the API; no database is needed."},
    {0},
};
