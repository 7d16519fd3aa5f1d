/* test_serve.c: whole requests through the frame, on a real database: in which order they are
 * checked, and what every answer carries. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "api/routes.h"
#include "base/clock.h"
#include "base/log.h"
#include "database.h"
#include "db/migrate.h"
#include "frame/serve.h"
#include "store/identity.h"

static struct database database;
static struct app app;
static struct buf answer;

static void must(error e)
{
    if (e)
        fail_msg("%.*s: %.*s", STR(e->wire), STR(e->cause));
}

/* ---- who asks ---- */

static struct id a_tenant(struct ctx *c, int64_t rate_limit)
{
    struct tenant t = {.id = id_new(clock_ms()),
                       .name = S("Acme"),
                       .plan = PLAN_ENTERPRISE,
                       .rate_limit = rate_limit,
                       .created_ms = 1,
                       .updated_ms = 1};
    t.slug = id_str(&t.id);
    must(store_tenant_insert(c, &t));
    c->scope = (struct scope){t.id, true};
    return t.id;
}

/* A key of the tenant made last. */
static const char *a_key(struct ctx *c, unsigned scopes)
{
    struct api_key k = {.id = id_new(clock_ms()), .name = S("CI"), .created_ms = 1};
    k.scope_bits = scopes;
    key_make(c->arena, true, &k);
    must(store_key_insert(c, &k));
    return arena_cstr(c->arena, k.key);
}

#define EVERYTHING (1u << SCOPE_ADMIN)

/* ---- what is asked ---- */

struct trial {
    const char *method, *path, *query, *key, *body;
    const char *length;        /* NULL: that of the body */
    const char *authorization; /* NULL: the key's */
    const char *tenant, *type, *idempotency, *if_match, *request_id;
};

static char *variable(const char *name, const char *value)
{
    return arena_cstr(database.arena, arena_printf(database.arena, "%s=%s", name, value));
}

static void play(const struct trial *t)
{
    struct service service = frame_service(&app);
    struct str body = t->body ? str_of(t->body) : S("");
    struct str length = arena_printf(database.arena, "%zu", body.n);
    char *variables[16];
    size_t n = 0;
    variables[n++] = variable("REQUEST_METHOD", t->method);
    variables[n++] = variable("PATH_INFO", t->path);
    variables[n++] = variable("REQUEST_URI", t->path);
    variables[n++] = variable("QUERY_STRING", t->query ? t->query : "");
    variables[n++] = variable("CONTENT_LENGTH", t->length ? t->length : length.p);
    if (t->authorization)
        variables[n++] = variable("HTTP_AUTHORIZATION", t->authorization);
    else if (t->key)
        variables[n++] =
            variable("HTTP_AUTHORIZATION", arena_printf(database.arena, "Bearer %s", t->key).p);
    if (t->tenant)
        variables[n++] = variable("HTTP_X_TENANT_ID", t->tenant);
    if (t->type)
        variables[n++] = variable("CONTENT_TYPE", t->type);
    if (t->idempotency)
        variables[n++] = variable("HTTP_IDEMPOTENCY_KEY", t->idempotency);
    if (t->if_match)
        variables[n++] = variable("HTTP_IF_MATCH", t->if_match);
    if (t->request_id)
        variables[n++] = variable("HTTP_X_REQUEST_ID", t->request_id);
    variables[n] = NULL;
    buf_clear(&answer);
    gateway_once(&service, variables, body, &answer);
}

/* ---- what is answered ---- */

static bool answer_holds(const char *text)
{
    return str_contains_nocase(buf_str(&answer), str_of(text));
}

static void must_hold(const char *text)
{
    if (!answer_holds(text))
        fail_msg("%s is not in\n%.*s", text, STR(buf_str(&answer)));
}

static void must_be_status(int status)
{
    struct str wanted = arena_printf(database.arena, "Status: %d ", status);
    if (!str_starts(buf_str(&answer), wanted))
        fail_msg("%.*s is not\n%.*s", STR(wanted), STR(buf_str(&answer)));
}

static void must_be_error(int status, const char *code, const char *param)
{
    must_be_status(status);
    must_hold(arena_printf(database.arena, "{\"error\":{\"code\":\"%s\",", code).p);
    must_hold(param ? arena_printf(database.arena, "\"param\":\"%s\"", param).p : "\"param\":null");
}

/* The value of the first `"name":"…"` of the answer. */
static const char *member(const char *name)
{
    struct str key = arena_printf(database.arena, "\"%s\":\"", name), rest = buf_str(&answer);
    while (rest.n && !str_starts(rest, key))
        rest = str_sub(rest, 1, SIZE_MAX);
    rest = str_sub(rest, key.n, SIZE_MAX);
    return arena_cstr(database.arena, str_cut(&rest, '"'));
}

#define MISSION                                                                                    \
    "{\"name\":\"My Mission\",\"objectives\":[\"Drive awareness\"],\"platforms\":[\"twitter\"],"   \
    "\"status\":\"draft\"}"

static const char *a_draft(const char *key)
{
    play(&(struct trial){.method = "POST",
                         .path = "/v1/missions",
                         .key = key,
                         .type = "application/json",
                         .body = MISSION});
    must_be_status(201);
    return member("id");
}

/* ---- the order of checks ---- */

/* What a request is refused for, and how that is mended. */
struct step {
    int status;
    const char *code, *param;
    size_t at; /* in struct trial */
    const char *mended;
};

static void the_first_check_that_fails_answers(void **state)
{
    struct ctx *c = *state;
    a_tenant(c, 1);
    const char *exhausted = a_key(c, 0);
    play(&(struct trial){.method = "GET", .path = "/v1/missions", .key = exhausted});
    a_tenant(c, INT_NONE);
    const char *weak = a_key(c, 1u << SCOPE_CONTENT_WRITE), *strong = a_key(c, EVERYTHING);
    const char *draft = arena_printf(c->arena, "/v1/missions/%s/pause", a_draft(strong)).p;
#define AT(member) offsetof(struct trial, member)
    const struct step steps[] = {
        {413, "payload_too_large", NULL, AT(length), "77"},
        {400, "invalid_request", "Content-Length", AT(length), NULL},
        {404, "not_found", NULL, AT(path), "/v1/missions/msn_2xK9mPqR4vN8sT3w/pause"},
        {405, "method_not_allowed", NULL, AT(method), "POST"},
        {401, "unauthorized", NULL, AT(key), exhausted},
        {400, "invalid_request", "X-Tenant-ID", AT(tenant), "tnt_2xK9mPqR4vN8sT3w"},
        {403, "forbidden", "X-Tenant-ID", AT(tenant), NULL},
        {429, "rate_limit_exceeded", NULL, AT(key), weak},
        {403, "forbidden", NULL, AT(key), strong},
        {400, "invalid_request", "verbose", AT(query), NULL},
        {400, "invalid_request", "Idempotency-Key", AT(idempotency), "key-1"},
        {415, "unsupported_media_type", NULL, AT(type), "application/json"},
        {400, "invalid_json", NULL, AT(body), "{\"why\":1}"},
        {400, "invalid_request", "why", AT(body), "{}"},
        {404, "not_found", NULL, AT(path), draft},
        {412, "precondition_failed", "If-Match", AT(if_match), NULL},
        {409, "invalid_state", NULL, AT(path), "/v1/missions"},
    };
#undef AT
    struct trial t = {
        .method = "PATCH",
        .path = "/v1/nothing",
        .query = "verbose=1",
        .body = "{\"a\":1",
        .length = "1048577",
        .tenant = "acme",
        .type = "text/plain",
        .idempotency = "a b",
        .if_match = "\"1000\"",
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        play(&t);
        must_be_error(steps[i].status, steps[i].code, steps[i].param);
        memcpy((char *)&t + steps[i].at, &steps[i].mended, sizeof steps[i].mended);
    }
    t.body = MISSION;
    play(&t);
    must_be_status(201);
}

static void what_a_client_is_refused_for_comes_before_what_is_stored(void **state)
{
    struct ctx *c = *state;
    a_tenant(c, INT_NONE);
    struct trial t = {
        .method = "POST",
        .path = "/v1/missions",
        .key = a_key(c, EVERYTHING),
        .type = "application/json; charset=UTF-8",
        .body = "{\"name\":\"x\",\"objectives\":[\"x\"],\"platforms\":[\"twitter\"],"
                "\"ends_at\":\"2001-01-01T00:00:00Z\",\"starts_at\":\"2000-01-01T00:00:00Z\"}",
    };
    play(&t);
    must_be_error(422, "validation_failed", "ends_at");
}

/* ---- what every answer carries ---- */

static void every_answer_carries_the_standard_headers(void **state)
{
    struct ctx *c = *state;
    a_tenant(c, INT_NONE);
    const char *key = a_key(c, EVERYTHING);
    const struct trial trials[] = {
        {.method = "GET", .path = "/health"},
        {.method = "GET", .path = "/v1/missions", .key = key},
        {.method = "GET", .path = "/v1/nothing"},
        {.method = "PATCH", .path = "/v1/missions"},
        {.method = "OPTIONS", .path = "/v1/missions"},
        {.method = "GET", .path = "/v1/missions", .key = "amp_live_x"},
        {.method = "POST", .path = "/v1/missions", .key = key, .body = "x"},
    };
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
        play(&trials[i]);
        must_hold("\r\nX-Request-ID: req_");
        must_hold("\r\nCache-Control: no-store\r\n");
        must_hold("\r\nX-Content-Type-Options: nosniff\r\n");
    }
}

static void who_is_known_learns_what_is_left(void **state)
{
    struct ctx *c = *state;
    a_tenant(c, 2);
    const struct trial t = {.method = "GET", .path = "/v1/missions", .key = a_key(c, EVERYTHING)};
    play(&t);
    must_be_status(200);
    must_hold("\r\nX-RateLimit-Limit: 2\r\n");
    must_hold("\r\nX-RateLimit-Remaining: 1\r\n");
    must_hold("\r\nX-RateLimit-Reset: ");
    play(&t);
    must_be_status(200);
    play(&t);
    must_be_error(429, "rate_limit_exceeded", NULL);
    must_hold("\r\nX-RateLimit-Remaining: 0\r\n");
    must_hold("\r\nRetry-After: ");
}

static void a_request_keeps_its_own_id_if_it_is_well_formed(void **state)
{
    static const char *const kept[] = {"a", "trace-1.b_C"};
    static const char *const replaced[] = {"", "a b", "a/b", "caf\xC3\xA9", "a\"b"};
    char long_id[130];
    (void)state;
    memset(long_id, 'x', sizeof long_id);
    long_id[129] = '\0';
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        play(&(struct trial){.method = "GET", .path = "/health", .request_id = kept[i]});
        must_hold(arena_printf(database.arena, "\r\nX-Request-ID: %s\r\n", kept[i]).p);
    }
    for (size_t i = 0; i <= sizeof replaced / sizeof *replaced; i++) {
        const char *id = i < sizeof replaced / sizeof *replaced ? replaced[i] : long_id;
        play(&(struct trial){.method = "GET", .path = "/health", .request_id = id});
        must_hold("\r\nX-Request-ID: req_");
    }
    play(&(struct trial){.method = "GET", .path = "/v1/x", .request_id = "mine"});
    must_hold("\"request_id\":\"mine\"");
}

static void a_refused_credential_says_how_to_bring_one(void **state)
{
    struct ctx *c = *state;
    a_tenant(c, INT_NONE);
    const char *key = a_key(c, 1u << SCOPE_CONTENT_READ);
    play(&(struct trial){.method = "GET", .path = "/v1/missions"});
    must_hold("\r\nWWW-Authenticate: Bearer realm=\"amp\"\r\n");
    play(&(struct trial){.method = "GET", .path = "/v1/missions", .key = "amp_live_x"});
    must_hold("\r\nWWW-Authenticate: Bearer realm=\"amp\", error=\"invalid_token\"\r\n");
    play(&(struct trial){.method = "GET", .path = "/v1/missions", .key = key});
    must_hold("error=\"insufficient_scope\", scope=\"missions:read\"\r\n");
}

static void a_credential_is_read_from_one_bearer_header(void **state)
{
    struct ctx *c = *state;
    a_tenant(c, INT_NONE);
    const char *key = a_key(c, EVERYTHING);
    static const struct {
        const char *format;
        int status;
    } cases[] = {
        {"Bearer %s", 200}, {"bearer %s", 200}, {"BEARER  %s ", 200},         {"Basic %s", 401},
        {"%s", 401},        {"Bearer", 401},    {"Bearer %s, Bearer x", 401}, {"Bearer%s", 401},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str format = str_of(cases[i].format), text;
        const char *mark = strchr(cases[i].format, '%');
        size_t before = mark ? (size_t)(mark - format.p) : format.n;
        text = arena_printf(c->arena, "%.*s%s%.*s", STR(str_sub(format, 0, before)),
                            mark ? key : "", STR(str_sub(format, before + 2, SIZE_MAX)));
        play(&(struct trial){.method = "GET", .path = "/v1/missions", .authorization = text.p});
        must_be_status(cases[i].status);
    }
}

/* ---- methods and roots ---- */

static void options_needs_no_credential(void **state)
{
    (void)state;
    play(&(struct trial){.method = "OPTIONS", .path = "/v1/missions"});
    must_be_status(204);
    must_hold("\r\nAllow: GET, POST, HEAD, OPTIONS\r\n");
    play(&(struct trial){.method = "TRACE", .path = "/v1/missions"});
    must_be_error(405, "method_not_allowed", NULL);
    must_hold("\r\nAllow: GET, POST, HEAD, OPTIONS\r\n");
}

static void head_is_get_without_the_body(void **state)
{
    (void)state;
    play(&(struct trial){.method = "HEAD", .path = "/health"});
    must_be_status(200);
    must_hold("\r\nContent-Length: 15\r\n");
    assert_true(str_ends(buf_str(&answer), S("\r\n\r\n")));
}

static void both_roots_lead_to_the_same_and_are_kept(void **state)
{
    struct ctx *c = *state;
    a_tenant(c, INT_NONE);
    struct trial t = {.method = "POST",
                      .path = "/v1/missions",
                      .key = a_key(c, EVERYTHING),
                      .type = "application/json",
                      .body = MISSION};
    play(&t);
    must_be_status(201);
    must_hold("\r\nLocation: /v1/missions/msn_");
    t.path = "/api/v1/missions";
    play(&t);
    must_be_status(201);
    must_hold("\r\nLocation: /api/v1/missions/msn_");
}

static void only_versioned_paths_of_version_one_are_there(void **state)
{
    static const char *const paths[] = {
        "/missions",     "/v2/missions", "/v1x/missions", "/v1/health",
        "/api/missions", "/api/health",  "/v1",           "/"};
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        play(&(struct trial){.method = "GET", .path = paths[i]});
        must_be_error(404, "not_found", NULL);
    }
}

static void what_is_foreign_is_not_there(void **state)
{
    struct ctx *c = *state;
    a_tenant(c, INT_NONE);
    const char *path = arena_printf(c->arena, "/v1/missions/%s", a_draft(a_key(c, EVERYTHING))).p;
    a_tenant(c, INT_NONE);
    play(&(struct trial){.method = "GET", .path = path, .key = a_key(c, EVERYTHING)});
    must_be_error(404, "not_found", NULL);
}

static void a_suspended_tenant_is_kept_out(void **state)
{
    struct ctx *c = *state;
    struct id tenant = a_tenant(c, INT_NONE);
    const char *key = a_key(c, EVERYTHING);
    must(
        db_command(c, arena_printf(c->arena, "UPDATE tenant SET suspended = TRUE WHERE id = '%.*s'",
                                   STR(id_str(&tenant)))
                          .p));
    play(&(struct trial){.method = "GET", .path = "/v1/missions", .key = key});
    must_be_error(403, "forbidden", "X-Tenant-ID");
}

/* ---- handlers ---- */

static int runs;

static error write_then_fail(struct ctx *c)
{
    TRY(store_clock_set(c, 1000));
    return error_because(c->arena, ERR_INTERNAL, "the secret reason");
}

static error write_then_lose_twice(struct ctx *c)
{
    TRY(store_clock_set(c, 2000));
    return ++runs < 3 ? error_of(ERR_RETRY) : reply_empty(c);
}

static const struct route own_routes[] = {
    {POST, "/fail", write_then_fail, .doc = "fails"},
    {POST, "/lose", write_then_lose_twice, .doc = "wins at the third time"},
    {0},
};
static const struct route *const own_tables[] = {own_routes, NULL};

static int own_handlers(void **state)
{
    *state = &database.ctx;
    app.routes = own_tables;
    return 0;
}

static int handlers_of_the_api(void **state)
{
    (void)state;
    app.routes = api_routes;
    return 0;
}

static void a_handler_that_fails_leaves_nothing_behind(void **state)
{
    struct ctx *c = *state;
    int64_t clock_ms = 1;
    a_tenant(c, INT_NONE);
    play(&(struct trial){.method = "POST", .path = "/v1/fail", .key = a_key(c, EVERYTHING)});
    must_be_error(500, "internal_error", NULL);
    assert_false(answer_holds("secret"));
    must(store_clock_get(c, &clock_ms));
    assert_int_equal(clock_ms, 0);
}

static void a_handler_that_lost_a_race_is_run_again(void **state)
{
    struct ctx *c = *state;
    int64_t clock_ms = 0;
    a_tenant(c, INT_NONE);
    runs = 0;
    play(&(struct trial){.method = "POST", .path = "/v1/lose", .key = a_key(c, EVERYTHING)});
    must_be_status(204);
    assert_int_equal(runs, 3);
    must(store_clock_get(c, &clock_ms));
    assert_int_equal(clock_ms, 2000);
}

static int start(void **state)
{
    const char *problem;
    *state = &database.ctx;
    buf_init(&answer, 1 << 20);
    log_set_level(LOG_LEVEL_ERROR);
    database.config.error_url = S("https://docs.example/errors");
    database.config.secret_key = S("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    database.config.rate_enterprise = 100000;
    app = (struct app){.process = database.arena,
                       .config = &database.config,
                       .db = database.ctx.db,
                       .routes = api_routes};
    app.shm = shm_map((struct str){0}, &problem);
    app.keys = key_cache_new(app.process, app.shm);
    return migrate(&database.ctx, NULL, NULL) != NULL;
}

static int stop(void **state)
{
    (void)state;
    buf_release(&answer);
    shm_unmap(app.shm);
    return 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, own_handlers, handlers_of_the_api)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_check_that_fails_answers),
        cmocka_unit_test(what_a_client_is_refused_for_comes_before_what_is_stored),
        cmocka_unit_test(every_answer_carries_the_standard_headers),
        cmocka_unit_test(who_is_known_learns_what_is_left),
        cmocka_unit_test(a_request_keeps_its_own_id_if_it_is_well_formed),
        cmocka_unit_test(a_refused_credential_says_how_to_bring_one),
        cmocka_unit_test(a_credential_is_read_from_one_bearer_header),
        cmocka_unit_test(options_needs_no_credential),
        cmocka_unit_test(head_is_get_without_the_body),
        cmocka_unit_test(both_roots_lead_to_the_same_and_are_kept),
        cmocka_unit_test(only_versioned_paths_of_version_one_are_there),
        cmocka_unit_test(what_is_foreign_is_not_there),
        cmocka_unit_test(a_suspended_tenant_is_kept_out),
        TEST(a_handler_that_fails_leaves_nothing_behind),
        TEST(a_handler_that_lost_a_race_is_run_again),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    if (database_make(&database, "serve"))
        return 1;
    int failed = cmocka_run_group_tests(tests, start, stop);
    return database_drop(&database) ? 1 : failed;
}
