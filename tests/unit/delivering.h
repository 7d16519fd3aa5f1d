/* delivering.h: a post, a database and a provider that plays a script, for the tests of delivery/.
 * Included after cmocka.h. */
#ifndef AMP_TESTS_DELIVERING_H
#define AMP_TESTS_DELIVERING_H

#include "base/clock.h"
#include "base/log.h"
#include "database.h"
#include "db/migrate.h"
#include "db/tx.h"
#include "delivery/delivery.h"
#include "server.h"
#include "store/content.h"
#include "store/mission.h"

/* 2024-01-16T14:00:00Z */
#define NOW_MS INT64_C(1705413600000)

static struct database database;
static struct mission mission;
static struct content content;

static inline void must(error e)
{
    if (e)
        fail_msg("%.*s: %.*s", STR(e->wire), STR(e->cause));
}

static inline error do_insert(struct ctx *c, void *arg)
{
    (void)arg;
    TRY(store_mission_insert(c, &mission));
    return store_content_insert(c, &content);
}

static inline void make(struct ctx *c, enum content_status status, struct str copy)
{
    mission = (struct mission){
        .id = id_new(c->now_ms),
        .name = S("Spring"),
        .status = MISSION_ACTIVE,
        .objectives = S("[\"Drive awareness\"]"),
        .platforms = S("[\"twitter\"]"),
        .platform_set = 1 << PLATFORM_TWITTER,
        .constraints = S("{}"),
        .kpis = S("[]"),
        .starts_ms = NOW_MS,
        .ends_ms = NOW_MS + DAY_MS,
        .created_ms = NOW_MS,
        .updated_ms = NOW_MS,
    };
    content = (struct content){
        .id = id_new(c->now_ms),
        .mission_id = mission.id,
        .platform = PLATFORM_TWITTER,
        .type = TYPE_POST,
        .status = (int)status,
        .copy = copy,
        .visuals = S("[]"),
        .metadata = {.tags = S("[]"), .language = S("en"), .model = S("builtin")},
        .scheduling = {.zone = S("UTC")},
        .version = 1,
        .created_ms = NOW_MS,
        .updated_ms = NOW_MS,
    };
    if (status == CONTENT_SCHEDULED)
        content.scheduling.scheduled_ms = NOW_MS;
    must(in_transaction(c, do_insert, NULL));
}

static inline void connect_account(struct ctx *c)
{
    struct brand_network twitter = {.platform = PLATFORM_TWITTER, .handle = S("@amp")};
    struct brand brand = {.blog_id = S("11"), .user_id = S("22"), .networks = {&twitter, 1}};
    struct integration row;
    must(account_row(c, &brand, (struct str){0}, &row));
    must(store_integration_put(c, &row));
}

/* Each test has a tenant of its own, connected in test mode, with one approved text. */
static inline int set_up(void **state)
{
    struct ctx *c = &database.ctx;
    *state = c;
    c->now_ms = NOW_MS;
    c->scope = (struct scope){id_new(clock_ms()), false};
    database.config.sandbox_url = S("http://127.0.0.1:1");
    connect_account(c);
    make(c, CONTENT_APPROVED, S("{\"primary\":\"Hello world\"}"));
    return 0;
}

static inline const char *answer(struct arena *a, const char *status, struct str json)
{
    return arena_printf(a,
                        "HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
                        "Connection: close\r\nContent-Length: %zu\r\n\r\n%.*s",
                        status, json.n, STR(json))
        .p;
}

/* The post as the provider tells of it. */
static inline const char *post(struct arena *a, const char *status, bool listed)
{
    return answer(
        a, "200 OK",
        arena_printf(a,
                     "{\"data\":%s{\"id\":7,\"uuid\":\"u-7\",\"text\":\"Hello world\","
                     "\"publicationDate\":{\"dateTime\":\"2024-01-16T14:00:00\","
                     "\"timezone\":\"UTC\"},\"providers\":[{\"network\":\"twitter\","
                     "\"status\":\"%s\",\"detailedStatus\":\"so it is\",\"id\":\"test_1\","
                     "\"publicUrl\":\"https://x.example/1\"}]}%s}",
                     listed ? "[" : "", status, listed ? "]" : ""));
}

/* A provider that gets these requests, each on a connection of its own, and answers them so; a NULL
 * among them loses its answer. */
static inline struct server provider(struct ctx *c, int n, const char *const *answers)
{
    struct script script = {0};
    struct server s;
    for (int i = 0; i < n; i++) {
        script.answer[i][0] = answers[i];
        script.requests[i] = 1;
    }
    s = start(&script);
    database.config.sandbox_url = arena_printf(c->arena, "http://127.0.0.1:%d", s.port);
    return s;
}

static inline struct content now(struct ctx *c)
{
    struct content x;
    must(store_content_get(c, &content.id, &x));
    return x;
}

/* The database that the tests of this name have, made and migrated. */
static inline void prepare(const char *name)
{
    log_set_level(LOG_LEVEL_ERROR);
    must(database_make(&database, name));
    database.config.secret_key = S("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    database.config.secret_key_id = 1;
    database.config.lease_s = 120;
    database.config.late_hours = 2;
    database.config.metricool_timeout_ms = 2000;
    database.config.metricool_lead_s = 60;
    database.config.sandbox_reconcile_s = 1;
    database.config.sandbox_allow_loopback = true;
    fetch_init();
    must(migrate(&database.ctx, NULL, NULL));
}

#endif
