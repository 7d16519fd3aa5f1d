/* request.c: plays one request through the whole program without a web server: for debuggers. */
#include "cli/command.h"

#include <unistd.h>

#include "frame/serve.h"

static struct str read_body(struct call *call)
{
    struct buf *body = buf_new(call->arena, BODY_MAX);
    char *room;
    ssize_t n;
    while ((room = buf_room(body, 4096)) && (n = read(STDIN_FILENO, room, 4096)) > 0)
        body->n += (size_t)n;
    return buf_str(body);
}

static int play(struct call *call)
{
    struct service service = frame_service(call->app);
    struct str path = call->operands[1], query = path, key = option(call, "key");
    struct str body = option(call, "body-stdin").p ? read_body(call) : (struct str){0};
    struct arena *a = call->arena;
    char *variables[8];
    int n = 0;
    if (call->operand_count != 2)
        return complain(call, "METHOD and PATH are required.");
    path = str_cut(&query, '?');
    variables[n++] = arena_cstr(a, arena_printf(a, "REQUEST_METHOD=%.*s", STR(call->operands[0])));
    variables[n++] = arena_cstr(a, arena_printf(a, "PATH_INFO=%.*s", STR(path)));
    variables[n++] = arena_cstr(a, arena_printf(a, "QUERY_STRING=%.*s", STR(query)));
    variables[n++] = arena_cstr(a, S("CONTENT_TYPE=application/json"));
    variables[n++] = arena_cstr(a, arena_printf(a, "CONTENT_LENGTH=%zu", body.n));
    if (key.p)
        variables[n++] = arena_cstr(a, arena_printf(a, "HTTP_AUTHORIZATION=Bearer %.*s", STR(key)));
    variables[n] = NULL;
    gateway_once(&service, variables, body, call->out);
    buf_char(call->out, '\n');
    return 0;
}

const struct command request_commands[] = {
    {.words = "request",
     .run = play,
     .operands = "METHOD PATH",
     .needs = C_CONFIG | C_DATABASE,
     .options = {{"key", "KEY", false, NULL}, {"body-stdin", NULL, false, NULL}},
     .doc = "Play one request without a web server and print the answer."},
    {0},
};
