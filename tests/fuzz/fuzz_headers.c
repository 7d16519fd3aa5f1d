/* fuzz_headers.c: whole requests through the frame, without a database: variables "NAME=value" that
 * end with a NUL each, an empty one, and the body. Whatever comes in, one well-formed answer goes
 * out. */
#include <string.h>

#include "api/routes.h"
#include "base/buf.h"
#include "base/log.h"
#include "domain/content.h"
#include "domain/mission.h"
#include "frame/gates.h"
#include "frame/serve.h"
#include "http/conditional.h"
#include "json/scan.h"
#include "json/tree.h"
#include "target.h"

enum { VARIABLES_MAX = 64, TABLES_MAX = 32, ANSWER_MAX = 4 << 20, REVISION = 7 };

/* Answers what it was sent, as an object that has a revision. */
static error echo(struct ctx *c)
{
    const struct shape *s = c->route->in ? c->route->in : c->route->query;
    TRY(if_match(c, REVISION));
    return reply_revision(c, 200, s, c->route->in ? c->req->in : c->req->filter, REVISION);
}

/* Routes that need no credential, so that all the gates are passed. */
static const struct route open_routes[] = {
    {POST, "/open/missions", echo, .in = &mission_shape, .flags = R_PUBLIC | R_READ},
    {PUT, "/open/missions/:msn", echo, .in = &empty_shape, .flags = R_PUBLIC | R_READ | R_ACTION},
    {GET, "/open/content", echo, .query = &content_filter_shape, .id_prefix = "cnt_",
     .flags = R_PUBLIC | R_READ | R_LIST},
    {0},
};

/* All tables but those whose public routes ask the database. */
static route_tables tables_of_test(void)
{
    static const struct route *tables[TABLES_MAX] = {open_routes};
    size_t n = 1;
    for (route_tables t = api_routes; *t; t++) {
        assert(n + 1 < TABLES_MAX);
        if (*t != system_routes && *t != auth_routes)
            tables[n++] = *t;
    }
    return tables;
}

static struct app *app_of_test(void)
{
    static const struct config config = {
        .error_url = S("https://errors.example"),
        .cors_origins = S("https://app.example"),
        .db_socket = S("/dev/null/none"),
        .db_name = S("amp"),
        .db_user = S("amp"),
        .rate_free = 60,
        .rate_pro = 300,
        .rate_enterprise = 1000,
    };
    static struct app app;
    const char *problem;
    if (app.process)
        return &app;
    crypto_init();
    log_set_level(LOG_LEVEL_ERROR);
    app.process = arena_new(64 << 20);
    app.config = &config;
    app.shm = shm_map((struct str){0}, &problem);
    app.db = db_open(&config);
    app.keys = key_cache_new(app.process, app.shm);
    app.routes = tables_of_test();
    return &app;
}

/* Takes the variables off the front of the input. */
static void take_variables(struct arena *a, struct str *input, char *variables[VARIABLES_MAX + 1])
{
    size_t n = 0;
    while (input->p && input->n) {
        struct str variable = str_cut(input, '\0');
        if (!variable.n)
            break;
        if (n < VARIABLES_MAX)
            variables[n++] = arena_cstr(a, variable);
    }
    variables[n] = NULL;
}

/* The value of a header line of that name; none if it is another line. */
static struct str value_of(struct str line, struct str name)
{
    return str_starts(line, name) ? str_sub(line, name.n, line.n) : (struct str){0};
}

static void check_line(struct str line)
{
    struct str value = line;
    struct str name = str_cut(&value, ':');
    assert(name.n > 0 && value.n > 1 && value.p[0] == ' ');
    for (size_t i = 0; i < line.n; i++)
        assert(line.p[i] >= ' ' && line.p[i] < 0x7F);
}

/* Status first, every line printable ASCII, one request id; leaves the body in *answer. */
static int64_t take_head(struct str *answer, int64_t *length)
{
    int64_t status = 0;
    int ids = 0;
    *length = 0;
    assert(str_starts(*answer, S("Status: ")));
    for (;;) {
        struct str line = str_cut(answer, '\n');
        assert(answer->p && line.n > 0 && line.p[line.n - 1] == '\r');
        line.n--;
        if (!line.n)
            return ids == 1 ? status : 0;
        check_line(line);
        ids += value_of(line, S("X-Request-ID: ")).n > 0;
        (void)str_int(value_of(line, S("Content-Length: ")), length);
        (void)str_int(str_sub(value_of(line, S("Status: ")), 0, 3), &status);
    }
}

static void check_answer(struct arena *a, struct str answer, bool head)
{
    int64_t length;
    int64_t status = take_head(&answer, &length);
    assert(status >= 200 && status < 600 && status != 500);
    assert(head || answer.n == (size_t)length);
    if (!answer.n)
        return;
    assert(scan_json(answer, NULL));
    if (status >= 400)
        assert(tree_text(tree_get(tree_get(tree_parse(a, answer), "error"), "code")).n > 0);
}

/* A tenant is taken from the credential; the header can only agree with it. */
static void check_tenant(struct arena *a, struct app *app, struct request *r)
{
    const struct principal who = {.tenant_id = id_max()};
    struct ctx c = {.app = app, .arena = a, .req = r, .who = &who, .route = open_routes};
    struct str named = r->header[H_TENANT_ID];
    struct id id;
    error e = gate_tenant(&c);
    bool same = id_parse(named, S("tnt_"), &id) && id_eq(&id, &who.tenant_id);
    assert(!e == (!r->header_twice[H_TENANT_ID] && (!named.p || same)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = input_arena();
    struct app *app = app_of_test();
    struct service service = frame_service(app);
    struct buf *answer = buf_new(a, ANSWER_MAX);
    char *variables[VARIABLES_MAX + 1];
    struct request r = {0};
    struct str body = input_text(data, size);
    if (size > INPUT_MAX)
        return 0;
    take_variables(a, &body, variables);
    request_from_environment(&r, variables);
    gateway_once(&service, variables, body, answer);
    assert(!answer->full);
    check_answer(a, buf_str(answer), r.method == HEAD);
    check_tenant(a, app, &r);
    return 0;
}
