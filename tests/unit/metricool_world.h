/* metricool_world.h: an account at Metricool and a server of test mode that plays its part. */
#ifndef AMP_TESTS_METRICOOL_WORLD_H
#define AMP_TESTS_METRICOOL_WORLD_H

#include "base/clock.h"
#include "base/config.h"
#include "publish/publisher.h"
#include "server.h"

/* 2025-12-05T21:30:00Z, which is 15:30 in Chicago. */
#define PUBLISH_MS INT64_C(1764970200000)

struct world {
    struct arena *arena;
    struct config config;
    struct outside outside;
    struct account account;
};

static int set_up(void **state)
{
    static struct world w;
    w = (struct world){.arena = arena_new(64 << 20)};
    w.config.metricool_timeout_ms = 2000;
    w.config.sandbox_allow_loopback = true;
    w.outside = (struct outside){.arena = w.arena,
                                 .config = &w.config,
                                 .request_id = S("req_0001"),
                                 .now_ms = PUBLISH_MS - HOUR_MS};
    w.account = (struct account){.token = S("sandbox_secret"),
                                 .blog_id = S("11"),
                                 .user_id = S("22"),
                                 .zone = S("America/Chicago")};
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    arena_free(w->arena);
    return 0;
}

/* Starts the server as the sandbox of test mode. */
static struct server sandbox(struct world *w, const struct script *script)
{
    struct server s = start(script);
    w->config.sandbox_url = arena_printf(w->arena, "http://127.0.0.1:%d/", s.port);
    return s;
}

static struct script one_answer(struct world *w, const char *status, const char *type,
                                const char *body)
{
    struct script script = {.requests = {1}};
    script.answer[0][0] =
        arena_printf(w->arena, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
                     status, type, strlen(body), body)
            .p;
    return script;
}

#endif
