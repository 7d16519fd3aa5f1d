/* test_sandbox.c: the sandbox answers as Metricool does, to each account by its own clock. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "json/tree.h"
#include "sandbox/figures.h"
#include "sandbox/local_time.h"
#include "sandbox/serve.h"

struct world {
    char directory[32];
    struct arena *arena;
    struct config config;
    struct sandbox sandbox;
    const char *token, *now; /* of the next request */
    int64_t brand;           /* the token's first */
};

/* An answer taken apart. */
struct answer {
    int64_t status;
    const struct node *body, *data;
};

static struct answer ask(struct world *w, const char *method, const char *path, const char *query,
                         const char *body)
{
    struct arena *a = w->arena;
    struct service service = sandbox_service(&w->sandbox);
    struct buf *out = buf_new(a, 16 << 20);
    struct answer answer = {0};
    struct str text;
    const char *variables[] = {
        arena_printf(a, "REQUEST_METHOD=%s", method).p,
        arena_printf(a, "PATH_INFO=%s", path).p,
        arena_printf(a, "QUERY_STRING=%s", query).p,
        arena_printf(a, "CONTENT_LENGTH=%zu", strlen(body)).p,
        arena_printf(a, "HTTP_X_MC_AUTH=%s", w->token).p,
        arena_printf(a, "HTTP_X_AMP_TEST_TIME=%s", w->now).p,
        NULL,
    };
    gateway_once(&service, (char *const *)variables, str_of(body), out);
    text = arena_str(a, buf_str(out));
    assert_true(str_int(str_sub(text, sizeof "Status: " - 1, 3), &answer.status));
    const char *end = memmem(text.p, text.n, "\r\n\r\n", 4);
    assert_non_null(end);
    answer.body = tree_parse(a, str_sub(text, (size_t)(end - text.p) + 4, SIZE_MAX));
    answer.data = tree_get(answer.body, "data");
    return answer;
}

/* With the user and brand that nearly every call has. */
static struct answer ask_brand(struct world *w, const char *method, const char *path,
                               const char *query, const char *body)
{
    struct str all = arena_printf(w->arena, "userId=1&blogId=%lld%s%s", (long long)w->brand,
                                  *query ? "&" : "", query);
    return ask(w, method, path, all.p, body);
}

static void enter(struct world *w, const char *token)
{
    w->token = token;
    struct answer a = ask(w, "GET", "/api/v2/settings/brands", "userId=1", "");
    assert_int_equal(a.status, 200);
    w->brand = tree_int(tree_get(tree_at(a.data, 0), "id"), 0);
}

static int set_up(void **state)
{
    static struct world w;
    w = (struct world){.directory = "/tmp/amp-sandbox-XXXXXX", .arena = arena_new(256 << 20)};
    assert_non_null(mkdtemp(w.directory));
    w.config.sandbox_ledger = arena_printf(w.arena, "%s/led", w.directory);
    w.config.sandbox_token = S("configured-token");
    w.config.sandbox_url = S("http://127.0.0.1:8080/sandbox");
    w.sandbox = (struct sandbox){&w.config, ledger_open(w.config.sandbox_ledger, LEDGER_MAX_BYTES)};
    w.now = "2026-03-02T10:00:00Z";
    enter(&w, "sandbox_one");
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    ledger_close(w->sandbox.ledger);
    unlink(w->config.sandbox_ledger.p);
    arena_free(w->arena);
    return rmdir(w->directory);
}

#define POSTS "/api/v2/scheduler/posts"
#define POST(network, date)                                                                        \
    "{\"text\":\"Hello\",\"providers\":[" network "],\"autoPublish\":true,\"publicationDate\":"    \
    "{\"dateTime\":\"" date "\",\"timezone\":\"Europe/Madrid\"},\"twitterData\":{\"tags\":[]}}"
#define TWITTER "{\"network\":\"twitter\"}"
#define NOON "2026-03-02T12:00:00" /* in Madrid: an hour from now */

static int64_t create(struct world *w)
{
    struct answer a = ask_brand(w, "POST", POSTS, "", POST(TWITTER, NOON));
    assert_int_equal(a.status, 200);
    return tree_int(tree_get(a.data, "id"), 0);
}

static struct answer get(struct world *w, int64_t id)
{
    return ask_brand(w, "GET", arena_printf(w->arena, POSTS "/%lld", (long long)id).p, "", "");
}

static const struct node *provider_of(const struct node *post)
{
    return tree_at(tree_get(post, "providers"), 0);
}

static bool is(const struct node *n, const char *key, const char *text)
{
    return str_eq(tree_text(tree_get(n, key)), str_of(text));
}

static void a_token_is_needed_and_only_those_of_the_sandbox_are_good(void **state)
{
    static const struct {
        const char *token;
        int status;
    } rows[] = {
        {"", 401}, {"bad", 401}, {"sandbox_", 401}, {"sandbox_x", 200}, {"configured-token", 200}};
    struct world *w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        w->token = rows[i].token;
        assert_int_equal(ask(w, "GET", "/api/v2/settings/brands", "userId=1", "").status,
                         rows[i].status);
    }
    w->config.sandbox_token = (struct str){0};
    w->token = "";
    assert_int_equal(ask(w, "GET", "/ledger", "", "").status, 401);
}

static void a_post_appears_when_its_time_has_come(void **state)
{
    struct world *w = *state;
    int64_t id = create(w);
    assert_true(is(provider_of(get(w, id).data), "status", "PENDING"));
    w->now = "2026-03-02T10:59:59Z";
    assert_true(is(provider_of(get(w, id).data), "status", "PENDING"));
    w->now = "2026-03-02T11:00:00Z";
    const struct node *p = provider_of(get(w, id).data);
    assert_true(is(p, "status", "PUBLISHED"));
    assert_true(str_starts(tree_text(tree_get(p, "id")), S("test_")));
    struct str url = tree_text(tree_get(p, "publicUrl"));
    assert_true(str_starts(url, w->config.sandbox_url));
    struct str path = arena_printf(w->arena, "%.*s", STR(str_sub(url, 21, SIZE_MAX)));
    w->token = "";
    struct answer shown = ask(w, "GET", path.p, "", "");
    assert_int_equal(shown.status, 200);
    assert_true(is(shown.data, "text", "Hello"));
}

static void a_post_comes_back_as_it_was_sent(void **state)
{
    struct world *w = *state;
    struct answer a = get(w, create(w));
    assert_true(is(a.data, "text", "Hello"));
    assert_true(is(tree_get(a.data, "publicationDate"), "dateTime", NOON));
    assert_true(is(tree_get(a.data, "publicationDate"), "timezone", "Europe/Madrid"));
    assert_true(tree_is_object(tree_get(a.data, "twitterData")));
    assert_true(tree_text(tree_get(a.data, "uuid")).n > 0);
}

static void accounts_never_see_each_other(void **state)
{
    struct world *w = *state;
    int64_t id = create(w), brand = w->brand;
    enter(w, "sandbox_two");
    assert_int_not_equal(w->brand, brand);
    assert_int_equal(get(w, id).status, 404);
    w->brand = brand;
    assert_int_equal(get(w, id).status, 403);
    const struct node *counts = tree_get(ask(w, "GET", "/ledger", "", "").data, "counts");
    assert_int_equal(tree_int(tree_get(counts, "created"), -1), 0);
}

#define PIN(rest)                                                                                  \
    "{\"text\":\"x\",\"media\":[\"https://example.com/a.png\"],\"providers\":[{\"network\":"       \
    "\"pinterest\"}],\"publicationDate\":{\"dateTime\":\"" NOON "\",\"timezone\":\"UTC\"}" rest    \
    "}"

static void a_pin_to_a_board_is_taken(void **state)
{
    struct answer a =
        ask_brand(*state, "POST", POSTS, "", PIN(",\"pinterestData\":{\"boardId\":\"7\"}"));
    assert_int_equal(a.status, 200);
}

static void what_is_wrong_with_a_post_is_refused(void **state)
{
    static const char *const bodies[] = {
        "",
        "[]",
        "{\"text\":\"x\"}",
        POST("", NOON),
        POST("{\"network\":\"myspace\"}", NOON),
        POST("{\"network\":\"instagram\"}", NOON),
        PIN(""),
        PIN(",\"pinterestData\":{\"boardId\":\"\"}"),
        POST(TWITTER, "2026-03-02T10:50:00"),
        POST(TWITTER, "soon"),
        POST(TWITTER, "2026-02-30T12:00:00"),
        "{\"text\":\"x\",\"providers\":[" TWITTER "],\"publicationDate\":{\"dateTime\":\"" NOON
        "\",\"timezone\":\"../../etc/passwd\"}}",
        "{\"text\":\"x\",\"providers\":[" TWITTER "],\"publicationDate\":{\"dateTime\":\"" NOON
        "\"}}",
    };
    struct world *w = *state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct answer a = ask_brand(w, "POST", POSTS, "", bodies[i]);
        assert_int_equal(a.status, 400);
        assert_int_equal(tree_int(tree_get(a.body, "status"), 0), 400);
        assert_true(tree_text(tree_get(a.body, "detail")).n > 0);
    }
}

static void a_post_a_little_late_is_taken(void **state)
{
    struct world *w = *state;
    struct answer a = ask_brand(w, "POST", POSTS, "", POST(TWITTER, "2026-03-02T10:55:30"));
    assert_int_equal(a.status, 200);
    assert_true(is(provider_of(a.data), "status", "PUBLISHED"));
}

static void what_nobody_publishes_stays_pending(void **state)
{
    static const char *const bodies[] = {
        POST("\"twitter\"", NOON),
        "{\"text\":\"x\",\"providers\":[" TWITTER "],\"autoPublish\":false,\"publicationDate\":"
        "{\"dateTime\":\"" NOON "\",\"timezone\":\"Europe/Madrid\"}}",
        "{\"text\":\"x\",\"providers\":[" TWITTER "],\"autoPublish\":true,\"draft\":true,"
        "\"publicationDate\":{\"dateTime\":\"" NOON "\",\"timezone\":\"Europe/Madrid\"}}",
    };
    struct world *w = *state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        w->now = "2026-03-02T10:00:00Z";
        struct answer a = ask_brand(w, "POST", POSTS, "", bodies[i]);
        assert_int_equal(a.status, 200);
        w->now = "2026-03-03T10:00:00Z";
        a = get(w, tree_int(tree_get(a.data, "id"), 0));
        assert_true(is(provider_of(a.data), "status", "PENDING"));
    }
}

static void a_list_holds_what_is_in_its_range(void **state)
{
    static const struct {
        const char *query;
        size_t n;
    } rows[] = {
        {"start=2026-03-02T11:55:00&end=2026-03-02T12:05:00&timezone=Europe%2FMadrid", 1},
        {"start=2026-03-02T10:55:00&end=2026-03-02T11:05:00&timezone=UTC", 1},
        {"start=2026-03-02T11:55:00&end=2026-03-02T12:05:00&timezone=UTC", 0},
        {"start=2026-03-02T05:00:00&end=2026-03-02T07:00:00&timezone=America%2FNew_York", 1},
    };
    struct world *w = *state;
    create(w);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer a = ask_brand(w, "GET", POSTS, rows[i].query, "");
        assert_int_equal(a.status, 200);
        assert_int_equal(tree_length(a.data), rows[i].n);
    }
    assert_int_equal(ask_brand(w, "GET", POSTS, "", "").status, 400);
}

static void a_post_can_be_moved_replaced_and_taken_back_until_it_is_out(void **state)
{
    struct world *w = *state;
    int64_t id = create(w);
    const char *path = arena_printf(w->arena, POSTS "/%lld", (long long)id).p;
    const char *move = "{\"publicationDate\":{\"dateTime\":\"2026-03-02T14:00:00\","
                       "\"timezone\":\"Europe/Madrid\"}}";
    assert_int_equal(ask_brand(w, "PATCH", path, "fields=publicationDate", move).status, 200);
    w->now = "2026-03-02T12:30:00Z";
    assert_true(is(provider_of(get(w, id).data), "status", "PENDING"));
    assert_int_equal(ask_brand(w, "PUT", path, "", POST(TWITTER, "2026-03-02T15:00:00")).status,
                     200);
    w->now = "2026-03-02T13:30:00Z";
    assert_true(is(provider_of(get(w, id).data), "status", "PENDING"));
    w->now = "2026-03-02T14:30:00Z";
    assert_int_equal(ask_brand(w, "DELETE", path, "", "").status, 400);
    w->now = "2026-03-02T13:30:00Z";
    assert_int_equal(ask_brand(w, "DELETE", path, "", "").status, 204);
    assert_int_equal(get(w, id).status, 404);
    assert_int_equal(ask_brand(w, "DELETE", path, "", "").status, 404);
}

static void figures_come_with_the_post_and_grow(void **state)
{
    static const char *const times[] = {"2026-03-02T12:00:00Z", "2026-03-03T12:00:00Z",
                                        "2026-03-30T12:00:00Z"};
    struct world *w = *state;
    int64_t before = -1;
    create(w);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        w->now = times[i];
        struct answer a =
            ask_brand(w, "GET", "/api/stats/twitter/posts", "start=20260301&end=20260331", "");
        const struct node *post = tree_at(a.data, 0);
        assert_int_equal(tree_length(a.data), 1);
        assert_true(tree_int(tree_get(post, "impressions"), -1) > before);
        before = tree_int(tree_get(post, "impressions"), -1);
        assert_true(str_starts(tree_text(tree_get(post, "tweetId")), S("test_")));
    }
}

static void figures_of_every_network_are_consistent_and_never_fall(void **state)
{
    (void)state;
    for (int network = 0; network < SANDBOX_NETWORKS; network++) {
        for (int64_t post = 1; post <= 50; post++) {
            struct sandbox_figures before = {{0}};
            for (int64_t hour = 0; hour < 2000; hour += 37) {
                struct sandbox_figures f = sandbox_figures_of(7, post, network, (int)(post % 7),
                                                              (int)(post % 24), hour * 3600000);
                assert_true(sandbox_interactions(&f) <= f.count[COUNT_IMPRESSIONS]);
                for (int i = 0; i < COUNT_KINDS; i++)
                    assert_true(f.count[i] >= before.count[i]);
                before = f;
            }
            assert_true(before.count[COUNT_IMPRESSIONS] > 0);
        }
    }
}

static void reels_and_stories_are_listed_apart(void **state)
{
    struct world *w = *state;
    const char *reel =
        "{\"text\":\"x\",\"providers\":[{\"network\":\"instagram\"}],\"autoPublish\":"
        "true,\"media\":[\"https://a/v.mp4\"],\"instagramData\":{\"type\":\"REEL\"},"
        "\"publicationDate\":{\"dateTime\":\"" NOON "\",\"timezone\":\"Europe/Madrid\"}}";
    const char *range = "from=2026-03-01T00:00:00&to=2026-03-31T00:00:00&timezone=UTC";
    assert_int_equal(ask_brand(w, "POST", POSTS, "", reel).status, 200);
    w->now = "2026-03-05T00:00:00Z";
    assert_int_equal(
        tree_length(ask_brand(w, "GET", "/api/v2/analytics/posts/instagram", range, "").data), 0);
    assert_int_equal(
        tree_length(ask_brand(w, "GET", "/api/v2/analytics/reels/instagram", range, "").data), 1);
    assert_int_equal(
        tree_length(ask_brand(w, "GET", "/api/v2/analytics/stories/instagram", range, "").data), 0);
}

static void best_times_cover_the_week(void **state)
{
    struct world *w = *state;
    struct answer a =
        ask_brand(w, "GET", "/api/v2/scheduler/besttimes/linkedin",
                  "start=2026-03-01T00:00:00&end=2026-03-08T00:00:00&timezone=UTC", "");
    unsigned days = 0;
    assert_int_equal(tree_length(a.data), 7);
    for (size_t i = 0; i < 7; i++) {
        days |= 1U << tree_int(tree_get(tree_at(a.data, i), "dayOfWeek"), 0);
        assert_int_equal(tree_length(tree_get(tree_at(a.data, i), "bestTimesByHour")), 24);
    }
    assert_int_equal(days, 0xFE);
    assert_int_equal(ask_brand(w, "GET", "/api/v2/scheduler/besttimes/myspace", "", "").status,
                     404);
}

static void followers_grow_up_to_now(void **state)
{
    struct world *w = *state;
    struct answer a = ask_brand(w, "GET", "/api/v2/analytics/timelines",
                                "from=2026-02-01T00:00:00&to=2026-04-01T00:00:00&timezone=UTC&"
                                "metric=followers&network=linkedin",
                                "");
    const struct node *values = tree_get(tree_at(a.data, 0), "values");
    int64_t before = 0;
    assert_int_equal(tree_length(values), 30); /* February, and two days of March */
    for (size_t i = 0; i < tree_length(values); i++) {
        int64_t value = tree_int(tree_get(tree_at(values, i), "value"), -1);
        assert_true(value >= before);
        before = value;
    }
}

static void a_range_is_read_as_clients_write_it(void **state)
{
    static const char *const ranges[] = {
        "from=2026-02-01T00%3A00%3A00&to=2026-02-07T23%3A59%3A59",
        ("from=2026-02-01T00%3A00%3A00%2B01%3A00&to=2026-02-07T23%3A59%3A59%2B01%3A00"
         "&timezone=Europe%2FMadrid"),
        "from=2026-02-01T00:00:00&to=2026-02-07T23:59:59&timezone=UTC",
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        assert_int_equal(
            ask_brand(*state, "GET", "/api/v2/analytics/posts/linkedin", ranges[i], "").status,
            200);
    assert_int_equal(ask_brand(*state, "GET", "/api/v2/analytics/posts/linkedin",
                               "from=2026-02-01&to=2026-02-07", "")
                         .status,
                     400);
}

static void the_older_call_tells_the_same_followers(void **state)
{
    struct world *w = *state;
    struct answer old = ask_brand(w, "GET", "/api/stats/timeline/twitterFollowers",
                                  "start=20260201&end=20260401", "");
    struct answer new = ask_brand(w, "GET", "/api/v2/analytics/timelines",
                                  "from=2026-02-01T00:00:00&to=2026-04-01T00:00:00&timezone=UTC&"
                                  "metric=twitterFollowers&network=twitter&subject=account",
                                  "");
    const struct node *values = tree_get(tree_at(new.data, 0), "values");
    assert_int_equal(tree_length(old.body), 30);
    assert_int_equal(tree_length(values), 30);
    for (size_t i = 0; i < 30; i++) {
        const struct node *pair = tree_at(old.body, i), *value = tree_at(values, i);
        struct str number = tree_text(tree_at(pair, 1)), ms = tree_text(tree_at(pair, 0));
        assert_true(str_eq(number, arena_printf(w->arena, "%lld.0",
                                                (long long)tree_int(tree_get(value, "value"), 0))));
        assert_int_equal(ms.n, 13);
    }
    assert_int_equal(ask_brand(w, "GET", "/api/stats/timeline/twitterFollowers",
                               "start=2026-02-01&end=20260401", "")
                         .status,
                     400);
    assert_int_equal(
        ask_brand(w, "GET", "/api/stats/timeline/unheardOf", "start=20260201&end=20260401", "")
            .status,
        400);
}

static void a_local_time_is_the_right_instant(void **state)
{
    static const struct {
        struct str text, zone;
        int64_t s; /* 0: no time */
    } rows[] = {
        {S("2026-03-02T12:00:00"), S("UTC"), 1772452800},
        {S("2026-03-02T12:00:00"), S("Europe/Madrid"), 1772449200},
        {S("2026-07-02T12:00:00"), S("Europe/Madrid"), 1782986400},
        {S("2026-03-29T02:30:00"), S("Europe/Madrid"), 1774747800}, /* skipped: 03:30 */
        {S("2026-10-25T02:30:00"), S("Europe/Madrid"), 1792888200}, /* the first of two */
        {S("2026-03-02T12:00:00+02:00"), S("nowhere"), 1772445600},
        {S("2026-03-02T12:00:00"), S("Nowhere/City"), 0},
        {S("2026-03-02T12:00:00"), S("/etc/localtime"), 0},
        {S("2026-03-02T12:00:00"), {NULL, 0}, 0},
        {S("2026-03-02"), S("UTC"), 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ms = 0;
        bool good = local_instant(rows[i].text, rows[i].zone, &ms);
        assert_int_equal(good, rows[i].s != 0);
        if (good)
            assert_int_equal(ms, rows[i].s * 1000);
    }
}

static void an_unknown_path_method_or_clock_is_an_error(void **state)
{
    struct world *w = *state;
    assert_int_equal(ask(w, "GET", "/api/v3/nothing", "", "").status, 404);
    assert_int_equal(ask(w, "PUT", "/ledger", "", "").status, 405);
    assert_int_equal(ask(w, "GET", "/sandbox/ledger", "", "").status, 200);
    w->now = "yesterday";
    assert_int_equal(ask(w, "GET", "/ledger", "", "").status, 400);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_token_is_needed_and_only_those_of_the_sandbox_are_good),
        TEST(a_post_appears_when_its_time_has_come),
        TEST(a_post_comes_back_as_it_was_sent),
        TEST(accounts_never_see_each_other),
        TEST(a_pin_to_a_board_is_taken),
        TEST(what_is_wrong_with_a_post_is_refused),
        TEST(a_post_a_little_late_is_taken),
        TEST(what_nobody_publishes_stays_pending),
        TEST(a_list_holds_what_is_in_its_range),
        TEST(a_post_can_be_moved_replaced_and_taken_back_until_it_is_out),
        TEST(figures_come_with_the_post_and_grow),
        cmocka_unit_test(figures_of_every_network_are_consistent_and_never_fall),
        TEST(reels_and_stories_are_listed_apart),
        TEST(best_times_cover_the_week),
        TEST(followers_grow_up_to_now),
        TEST(a_range_is_read_as_clients_write_it),
        TEST(the_older_call_tells_the_same_followers),
        cmocka_unit_test(a_local_time_is_the_right_instant),
        TEST(an_unknown_path_method_or_clock_is_an_error),
    };
    crypto_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
