/* test_metricool.c: what leaves for Metricool, what its answers mean, and what is made of a lost
 * one. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "metricool_world.h"
#include "publish/metricool.h"

static struct publication a_post(enum platform p)
{
    return (struct publication){.platform = p,
                                .type = TYPE_POST,
                                .copy = {.primary = S("Hello world")},
                                .publish_ms = PUBLISH_MS};
}

/* The body of a post, looked into. */
static const struct node *body_of(struct world *w, const struct publication *p)
{
    const struct node *body = tree_parse(w->arena, wire_post(w->arena, &w->account, p));
    assert_non_null(body);
    return body;
}

static bool text_is(const struct node *n, const char *text)
{
    return str_eq(tree_text(n), str_of(text));
}

static void send_one(struct world *w, const struct publication *p, struct send_result *out)
{
    struct sending s = {.account = &w->account, .post = *p};
    publisher_send(&w->outside, &s, 1, NULL);
    *out = s.result;
}

/* Sends a post to a server with this one answer; what the server saw. */
static struct str send_to(struct world *w, const char *status, const char *type, const char *body,
                          struct send_result *out)
{
    struct script script = one_answer(w, status, type, body);
    struct server s = sandbox(w, &script);
    struct publication p = a_post(PLATFORM_TWITTER);
    send_one(w, &p, out);
    return stop(&s, w->arena);
}

/* 01:30 comes twice in Chicago on the day its clocks are put back, and only one is meant. */
static void an_hour_that_comes_twice_is_said_in_utc(void **state)
{
    struct world *w = *state;
    struct publication p = a_post(PLATFORM_TWITTER);
    const struct node *date;
    p.publish_ms = INT64_C(1762065000000); /* 2025-11-02T06:30:00Z, the first of the two */
    date = tree_get(body_of(w, &p), "publicationDate");
    assert_true(text_is(tree_get(date, "dateTime"), "2025-11-02T01:30:00"));
    p.publish_ms += HOUR_MS;
    date = tree_get(body_of(w, &p), "publicationDate");
    assert_true(text_is(tree_get(date, "dateTime"), "2025-11-02T07:30:00"));
    assert_true(text_is(tree_get(date, "timezone"), "UTC"));
}

static void what_nobody_can_have_counted_counts_nothing(void **state)
{
    struct world *w = *state;
    struct post_metrics m;
    struct str text = S("{\"id\":\"1\",\"shares\":\"9223372036854775807\",\"quotes\":"
                        "\"9223372036854775807\",\"likes\":7,\"created\":-9223372036854775807}");
    assert_true(wire_read_metrics(w->arena, tree_parse(w->arena, text), S("UTC"), &m));
    assert_int_equal(m.shares, 0);
    assert_int_equal(m.engagements, 7);
    assert_int_equal(m.published_ms, 0);
}

static void the_date_is_local_to_the_zone_of_the_account(void **state)
{
    struct world *w = *state;
    struct publication p = a_post(PLATFORM_TWITTER);
    const struct node *date = tree_get(body_of(w, &p), "publicationDate");
    assert_true(text_is(tree_get(date, "dateTime"), "2025-12-05T15:30:00"));
    assert_true(text_is(tree_get(date, "timezone"), "America/Chicago"));
}

static void an_unknown_zone_is_utc(void **state)
{
    struct world *w = *state;
    struct publication p = a_post(PLATFORM_TWITTER);
    w->account.zone = S("Moon/Base");
    const struct node *date = tree_get(body_of(w, &p), "publicationDate");
    assert_true(text_is(tree_get(date, "dateTime"), "2025-12-05T21:30:00"));
    assert_true(text_is(tree_get(date, "timezone"), "UTC"));
}

static void every_offered_network_gets_its_own_object(void **state)
{
    struct world *w = *state;
    int offered = 0;
    for (int i = PLATFORM_NONE + 1; i < PLATFORM_COUNT; i++) {
        struct publication p = a_post((enum platform)i);
        if (!publisher_offers(p.platform))
            continue;
        const struct node *body = body_of(w, &p);
        const struct node *provider = tree_at(tree_get(body, "providers"), 0);
        assert_true(tree_is_object(tree_get(body, wire_network_of(p.platform)->data)));
        assert_int_equal(wire_platform(tree_text(tree_get(provider, "network"))), i);
        assert_true(tree_bool(tree_get(body, "autoPublish"), false));
        assert_false(tree_bool(tree_get(body, "draft"), true));
        offered++;
    }
    assert_int_equal(offered, 10);
    assert_false(publisher_offers(PLATFORM_MASTODON));
    assert_false(publisher_offers(PLATFORM_NONE));
}

static void a_pin_goes_to_the_board_of_the_account(void **state)
{
    struct world *w = *state;
    struct publication p = a_post(PLATFORM_PINTEREST);
    assert_null(tree_get(tree_get(body_of(w, &p), "pinterestData"), "boardId"));
    w->account.pinterest_board_id = S("854768310472");
    assert_true(
        text_is(tree_get(tree_get(body_of(w, &p), "pinterestData"), "boardId"), "854768310472"));
}

static void a_reel_and_a_story_are_said_to_be_one(void **state)
{
    struct world *w = *state;
    struct publication p = a_post(PLATFORM_INSTAGRAM);
    p.type = TYPE_REEL;
    assert_true(text_is(tree_get(tree_get(body_of(w, &p), "instagramData"), "type"), "REEL"));
    p.type = TYPE_STORY;
    assert_true(text_is(tree_get(tree_get(body_of(w, &p), "instagramData"), "type"), "STORY"));
    p.type = TYPE_CAROUSEL;
    assert_true(text_is(tree_get(tree_get(body_of(w, &p), "instagramData"), "type"), "POST"));
}

static void the_later_parts_of_a_thread_are_descendants(void **state)
{
    struct world *w = *state;
    static const struct str parts[] = {S("one"), S("two"), S("three")};
    struct publication p = a_post(PLATFORM_TWITTER);
    p.type = TYPE_THREAD;
    p.copy = (struct copy){.primary = S("one"), .thread_parts = {parts, 3}};
    const struct node *body = body_of(w, &p), *rest = tree_get(body, "descendants");
    assert_true(text_is(tree_get(body, "text"), "one"));
    assert_int_equal(tree_length(rest), 2);
    assert_true(text_is(tree_get(tree_at(rest, 0), "text"), "two"));
    assert_true(text_is(tree_get(tree_at(rest, 1), "text"), "three"));
    assert_true(tree_is_object(tree_get(tree_at(rest, 1), "twitterData")));
}

static void media_go_with_their_descriptions(void **state)
{
    struct world *w = *state;
    static const struct str urls[] = {S("https://a/1.png"), S("https://a/2.png")};
    static const struct str alts[] = {S("a \"cat\""), {NULL, 0}};
    struct publication p = a_post(PLATFORM_FACEBOOK);
    p.media = (struct list){urls, 2};
    p.media_alt = (struct list){alts, 2};
    const struct node *body = body_of(w, &p);
    assert_true(text_is(tree_at(tree_get(body, "media"), 1), "https://a/2.png"));
    assert_true(text_is(tree_at(tree_get(body, "mediaAltText"), 0), "a \"cat\""));
    assert_true(tree_is_null(tree_at(tree_get(body, "mediaAltText"), 1)));
}

static void a_video_without_headline_is_titled_by_its_first_line(void **state)
{
    struct world *w = *state;
    struct publication p = a_post(PLATFORM_YOUTUBE);
    p.copy.primary = S("First line\nand more");
    assert_true(text_is(tree_get(tree_get(body_of(w, &p), "youtubeData"), "title"), "First line"));
    p.copy.headline = S("A title");
    assert_true(text_is(tree_get(tree_get(body_of(w, &p), "youtubeData"), "title"), "A title"));
}

#define POST_ANSWER                                                                                \
    "{\"data\":{\"id\":252904322,\"uuid\":\"8525485292235081787\",\"text\":\"Hello world\","       \
    "\"publicationDate\":{\"dateTime\":\"2025-12-05T15:30:00\",\"timezone\":\"America/Chicago\"}," \
    "\"providers\":[{\"network\":\"twitter\",\"status\":\"PENDING\",\"detailedStatus\":"           \
    "\"Pending\"}]}}"

static void a_post_is_read_wrapped_or_bare(void **state)
{
    static const char *const answers[] = {
        POST_ANSWER,
        "{\"id\":\"252904322\",\"uuid\":8525485292235081787,\"text\":\"Hello world\",\"extra\":[1],"
        "\"publicationDate\":{\"dateTime\":\"2025-12-05 15:30:00\",\"timezone\":"
        "\"America/Chicago\"},\"providers\":[{\"network\":\"twitter\",\"status\":\"pending\"}]}",
    };
    struct world *w = *state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct post post;
        assert_true(wire_read_post(w->arena, wire_content(w->arena, str_of(answers[i])), &post));
        assert_true(str_eq(post.id, S("252904322")));
        assert_true(str_eq(post.uuid, S("8525485292235081787")));
        assert_int_equal(post.status, POST_PENDING);
        assert_int_equal(post.publish_ms, PUBLISH_MS);
        assert_int_equal(post.platform, PLATFORM_TWITTER);
    }
}

static void what_is_no_post_is_not_read_as_one(void **state)
{
    static const char *const answers[] = {"",
                                          "<html>",
                                          "null",
                                          "[]",
                                          "{}",
                                          "{\"data\":null}",
                                          "{\"data\":{\"uuid\":\"1\"}}",
                                          "{\"data\":[{\"id\":1}]}"};
    struct world *w = *state;
    struct post post;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        assert_false(wire_read_post(w->arena, wire_content(w->arena, str_of(answers[i])), &post));
}

static void a_published_post_tells_where_it_is(void **state)
{
    struct world *w = *state;
    struct post post;
    const struct node *n =
        tree_parse(w->arena, S("{\"id\":1,\"providers\":[{\"network\":\"gmb\",\"status\":"
                               "\"PUBLISHED\",\"id\":77,\"publicUrl\":\"https://x/77\"}]}"));
    assert_true(wire_read_post(w->arena, n, &post));
    assert_int_equal(post.status, POST_PUBLISHED);
    assert_int_equal(post.platform, PLATFORM_GOOGLE_BUSINESS);
    assert_true(str_eq(post.platform_post_id, S("77")));
    assert_true(str_eq(post.platform_url, S("https://x/77")));
}

static void a_status_nobody_knows_is_unknown(void **state)
{
    struct world *w = *state;
    struct post post;
    const struct node *n =
        tree_parse(w->arena, S("{\"id\":1,\"providers\":[{\"status\":\"DREAMING\"}]}"));
    assert_true(wire_read_post(w->arena, n, &post));
    assert_int_equal(post.status, POST_UNKNOWN);
}

static void only_the_same_network_minute_and_words_are_the_same_post(void **state)
{
    struct world *w = *state;
    struct publication p = a_post(PLATFORM_TWITTER);
    struct post same = {.platform = PLATFORM_TWITTER,
                        .publish_ms = PUBLISH_MS + 10000,
                        .text = S("  Hello\r\n world ")};
    assert_true(wire_same_post(w->arena, &p, &same));
    struct post other = same;
    other.platform = PLATFORM_THREADS;
    assert_false(wire_same_post(w->arena, &p, &other));
    other = same;
    other.publish_ms = PUBLISH_MS + MINUTE_MS;
    assert_false(wire_same_post(w->arena, &p, &other));
    other = same;
    other.text = S("Hello worlds");
    assert_false(wire_same_post(w->arena, &p, &other));
    other.text = S("Hello");
    assert_false(wire_same_post(w->arena, &p, &other));
}

static void brands_are_read_in_both_forms(void **state)
{
    static const char *const answers[] = {
        "[{\"id\":5391813,\"userId\":\"4189470\",\"label\":\"Your Brand\",\"timezone\":"
        "\"Europe/Madrid\",\"networksData\":{\"twitterData\":{\"id\":9,\"username\":\"me\"},"
        "\"gbpData\":{},\"mastodonData\":{},\"linkedinData\":null}},{\"label\":\"no id\"}]",
        "[{\"id\":\"5391813\",\"userId\":4189470,\"label\":\"Your Brand\",\"timezone\":"
        "\"Europe/Madrid\",\"twitter\":\"me\",\"facebook\":null,\"instagram\":\"\",\"gmb\":{}}]",
    };
    struct world *w = *state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct list list = wire_read_brands(w->arena, tree_parse(w->arena, str_of(answers[i])));
        const struct brand *b = list.at;
        const struct brand_network *n = b->networks.at;
        assert_int_equal(list.n, 1);
        assert_true(str_eq(b->blog_id, S("5391813")));
        assert_true(str_eq(b->user_id, S("4189470")));
        assert_true(str_eq(b->zone, S("Europe/Madrid")));
        assert_int_equal(b->networks.n, 2);
        assert_int_equal(n[0].platform, PLATFORM_TWITTER);
        assert_true(str_eq(n[0].handle, S("me")));
        assert_int_equal(n[1].platform, PLATFORM_GOOGLE_BUSINESS);
    }
}

static void figures_are_found_under_each_networks_names(void **state)
{
    struct world *w = *state;
    struct post_metrics m;
    const struct node *x = tree_parse(
        w->arena, S("{\"tweetId\":123,\"link\":\"https://x/1\",\"text\":\"t\",\"created\":"
                    "\"2025-12-05T21:30:00Z\",\"impressions\":\"1000\",\"favorites\":10,"
                    "\"replies\":2,\"retweets\":3,\"quotes\":4,\"urlClicks\":5,\"new\":{}}"));
    assert_true(wire_read_metrics(w->arena, x, S("UTC"), &m));
    assert_true(str_eq(m.platform_post_id, S("123")));
    assert_int_equal(m.published_ms, PUBLISH_MS);
    assert_int_equal(m.impressions, 1000);
    assert_int_equal(m.likes, 10);
    assert_int_equal(m.comments, 2);
    assert_int_equal(m.shares, 7);
    assert_int_equal(m.clicks, 5);
    assert_int_equal(m.engagements, 24);
    const struct node *instagram = tree_parse(
        w->arena, S("{\"postId\":\"a\",\"publishedAt\":{\"dateTime\":\"2025-12-05T15:30:00\","
                    "\"timezone\":\"America/Chicago\"},\"impressionsTotal\":50.0,\"saved\":3,"
                    "\"interactions\":9,\"likes\":-4,\"comments\":null,\"shares\":\"many\"}"));
    assert_true(wire_read_metrics(w->arena, instagram, S("UTC"), &m));
    assert_int_equal(m.published_ms, PUBLISH_MS);
    assert_int_equal(m.impressions, 50);
    assert_int_equal(m.saves, 3);
    assert_int_equal(m.engagements, 9);
    assert_int_equal(m.likes, 0);
    assert_int_equal(m.shares, 0);
    assert_false(
        wire_read_metrics(w->arena, tree_parse(w->arena, S("{\"likes\":1}")), S("UTC"), &m));
}

static void times_are_read_as_counts_too(void **state)
{
    static const char *const posts[] = {"{\"id\":1,\"timestamp\":1764970200}",
                                        "{\"id\":1,\"timestamp\":1764970200000}",
                                        "{\"id\":1,\"created\":\"2025-12-05T15:30:00\"}"};
    struct world *w = *state;
    struct post_metrics m;
    for (size_t i = 0; i < sizeof posts / sizeof *posts; i++) {
        assert_true(wire_read_metrics(w->arena, tree_parse(w->arena, str_of(posts[i])),
                                      S("America/Chicago"), &m));
        assert_int_equal(m.published_ms, PUBLISH_MS);
    }
}

static void an_accepted_post_has_its_id(void **state)
{
    struct world *w = *state;
    struct send_result r;
    struct str seen = send_to(w, "200 OK", "application/json", POST_ANSWER, &r);
    assert_int_equal(r.outcome, SEND_ACCEPTED);
    assert_true(str_eq(r.post.id, S("252904322")));
    assert_false(r.auth_failed);
    assert_true(has(seen, "POST /api/v2/scheduler/posts?blogId=11&userId=22&"));
    assert_true(has(seen, "X-Mc-Auth: sandbox_secret\r\n"));
    assert_true(has(seen, "X-AMP-Test-Time: 2025-12-05T20:30:00Z\r\n"));
    assert_true(has(seen, "Content-Type: application/json\r\n"));
}

static void every_answer_has_its_outcome(void **state)
{
    static const struct {
        const char *status, *type, *body;
        enum send_outcome outcome;
        bool auth_failed;
    } rows[] = {
        {"400 Bad", "application/json", "{\"detail\":\"Text too long\"}", SEND_REFUSED, false},
        {"401 No", "application/json", "{}", SEND_REFUSED, true},
        {"403 No", "application/json", "{}", SEND_REFUSED, false},
        {"404 No", "text/html", "<html>", SEND_REFUSED, false},
        {"302 Found", "text/html", "", SEND_REFUSED, true},
        {"408 Late", "application/json", "{}", SEND_UNCLEAR, false},
        {"429 Slow", "application/json", "{}", SEND_UNSENT, false},
        {"500 Oops", "application/json", "{}", SEND_UNCLEAR, false},
        {"503 Busy", "text/html", "<html>", SEND_UNCLEAR, false},
        {"200 OK", "text/html; charset=utf-8", "<html>Sign in", SEND_UNCLEAR, true},
        {"200 OK", "application/json", "{\"data\":{}}", SEND_UNCLEAR, false},
        {"200 OK", "application/json", "{\"data\":", SEND_UNCLEAR, false},
    };
    struct world *w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct send_result r;
        send_to(w, rows[i].status, rows[i].type, rows[i].body, &r);
        assert_int_equal(r.outcome, rows[i].outcome);
        assert_int_equal(r.auth_failed, rows[i].auth_failed);
        assert_true(r.problem.n > 0);
    }
}

static void a_refusal_says_why_but_never_the_token(void **state)
{
    struct world *w = *state;
    struct send_result r;
    send_to(w, "400 Bad", "application/json", "{\"detail\":\"Text too long\"}", &r);
    assert_true(has(r.problem, "Text too long"));
    send_to(w, "400 Bad", "application/json", "{\"detail\":\"bad sandbox_secret\"}", &r);
    assert_false(has(r.problem, "sandbox_secret"));
    assert_true(has(r.problem, "400"));
}

static void a_lost_answer_is_unclear_and_no_connection_unsent(void **state)
{
    struct world *w = *state;
    struct script script = {.requests = {1}}; /* reset once the request is there */
    struct server s = sandbox(w, &script);
    struct publication p = a_post(PLATFORM_TWITTER);
    struct send_result r;
    send_one(w, &p, &r);
    assert_int_equal(r.outcome, SEND_UNCLEAR);
    stop(&s, w->arena);
    send_one(w, &p, &r);
    assert_int_equal(r.outcome, SEND_UNSENT);
}

static void test_mode_never_reaches_the_live_provider(void **state)
{
    struct world *w = *state;
    struct script script = one_answer(w, "200 OK", "application/json", POST_ANSWER);
    struct server s = sandbox(w, &script);
    struct publication p = a_post(PLATFORM_TWITTER);
    struct send_result r;
    w->config.metricool_url = w->config.sandbox_url;
    w->config.sandbox_url = (struct str){0};
    send_one(w, &p, &r);
    assert_int_equal(r.outcome, SEND_UNSENT);
    assert_int_equal(stop(&s, w->arena).n, 0);
}

static void live_mode_needs_tls(void **state)
{
    struct world *w = *state;
    struct script script = one_answer(w, "200 OK", "application/json", POST_ANSWER);
    struct server s = sandbox(w, &script);
    struct publication p = a_post(PLATFORM_TWITTER);
    struct send_result r;
    w->config.metricool_url = w->config.sandbox_url;
    w->outside.live = true;
    send_one(w, &p, &r);
    assert_int_equal(r.outcome, SEND_UNSENT);
    assert_int_equal(stop(&s, w->arena).n, 0);
}

static void a_web_token_goes_as_bearer(void **state)
{
    struct world *w = *state;
    struct send_result r;
    w->account.token = S("eyJhbGciOiJIUzI1NiJ9.e30.c2ln");
    struct str seen = send_to(w, "200 OK", "application/json", POST_ANSWER, &r);
    assert_true(has(seen, "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln\r\n"));
    assert_false(has(seen, "X-Mc-Auth"));
}

static void a_post_is_found_among_others(void **state)
{
    struct world *w = *state;
    struct script script = one_answer(
        w, "200 OK", "application/json",
        "{\"data\":[{\"id\":1,\"text\":\"Other\",\"publicationDate\":{\"dateTime\":"
        "\"2025-12-05T15:30:00\",\"timezone\":\"America/Chicago\"},\"providers\":[{\"network\":"
        "\"twitter\"}]},{\"id\":2,\"text\":\"Hello world\",\"publicationDate\":{\"dateTime\":"
        "\"2025-12-05T21:30:00\",\"timezone\":\"UTC\"},\"providers\":[{\"network\":\"twitter\"}]}]"
        "}");
    struct server s = sandbox(w, &script);
    struct publication p = a_post(PLATFORM_TWITTER);
    struct search q = {.account = &w->account, .post = p};
    publisher_find(&w->outside, &q, 1, NULL);
    assert_null(q.failure);
    struct list found = q.posts;
    struct str seen = stop(&s, w->arena);
    assert_int_equal(found.n, 1);
    assert_true(str_eq(((const struct post *)found.at)->id, S("2")));
    assert_true(has(seen, "start=2025-12-05T15%3A25%3A00&end=2025-12-05T15%3A35%3A00&"
                          "timezone=America%2FChicago&"));
}

static void a_list_that_is_none_is_no_proof_of_absence(void **state)
{
    static const char *const bodies[] = {"{\"data\":{}}", "<html>", "{\"data\":null}"};
    struct world *w = *state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct script script = one_answer(w, "200 OK", "application/json", bodies[i]);
        struct server s = sandbox(w, &script);
        struct publication p = a_post(PLATFORM_TWITTER);
        struct search q = {.account = &w->account, .post = p};
        publisher_find(&w->outside, &q, 1, NULL);
        stop(&s, w->arena);
        assert_true(error_is(q.failure, ERR_PROVIDER));
        assert_int_equal(q.posts.n, 0);
    }
}

static void a_post_that_is_gone_is_cancelled(void **state)
{
    static const struct {
        const char *status;
        bool done;
    } rows[] = {{"200 OK", true}, {"404 Not Found", true}, {"500 Oops", false}, {"401 No", false}};
    struct world *w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct script script = one_answer(w, rows[i].status, "application/json", "");
        struct server s = sandbox(w, &script);
        error e = publisher_cancel(&w->outside, &w->account, S("7"));
        assert_true(has(stop(&s, w->arena), "DELETE /api/v2/scheduler/posts/7?"));
        assert_int_equal(e == NULL, rows[i].done);
    }
}

static void a_missing_post_is_not_found_and_a_failure_is_one(void **state)
{
    static const struct {
        const char *status, *body;
        bool fails, found;
    } rows[] = {{"200 OK", POST_ANSWER, false, true},
                {"200 OK", "{\"data\":null}", false, false},
                {"404 No", "{}", false, false},
                {"500 Oops", "{}", true, false}};
    struct world *w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct script script = one_answer(w, rows[i].status, "application/json", rows[i].body);
        struct server s = sandbox(w, &script);
        struct inquiry q = {.account = &w->account, .post_id = S("7")};
        publisher_status(&w->outside, &q, 1, NULL);
        stop(&s, w->arena);
        assert_int_equal(q.failure != NULL, rows[i].fails);
        assert_int_equal(q.found, rows[i].found);
    }
}

static void brands_fall_back_to_the_older_call(void **state)
{
    struct world *w = *state;
    struct script script = {
        .answer =
            {{"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 24\r\n\r\n"
              "[{\"id\":1,\"label\":\"One\"}]"}},
        .requests = {2}};
    struct server s = sandbox(w, &script);
    struct list brands = {NULL, 0};
    bool denied;
    error e = publisher_brands(&w->outside, &w->account, &brands, &denied);
    struct str seen = stop(&s, w->arena);
    assert_null(e);
    assert_int_equal(brands.n, 1);
    assert_false(denied);
    assert_true(has(seen, "GET /api/admin/simpleProfiles?userId=22&"));
}

static void a_refused_token_is_told_apart_from_a_failure(void **state)
{
    static const struct {
        const char *status;
        bool denied;
    } rows[] = {{"401 No", true}, {"403 No", true}, {"302 Found", true}, {"500 Oops", false}};
    struct world *w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct script script = one_answer(w, rows[i].status, "application/json", "{}");
        struct server s = sandbox(w, &script);
        struct list brands = {NULL, 0};
        bool denied;
        error e = publisher_brands(&w->outside, &w->account, &brands, &denied);
        stop(&s, w->arena);
        assert_true(error_is(e, ERR_PROVIDER));
        assert_int_equal(denied, rows[i].denied);
    }
}

static void figures_outside_the_range_are_left_out(void **state)
{
    struct world *w = *state;
    struct script script = one_answer(
        w, "200 OK", "application/json",
        "{\"data\":[{\"id\":1,\"created\":\"2025-12-05T21:30:00Z\"},{\"id\":2,\"created\":"
        "\"2025-12-05T20:00:00Z\"},{\"id\":3,\"created\":\"2025-12-06T00:00:00Z\"},{\"id\":4}]}");
    struct server s = sandbox(w, &script);
    struct list figures;
    assert_null(publisher_metrics(&w->outside, &w->account, PLATFORM_TWITTER, PUBLISH_MS - HOUR_MS,
                                  PUBLISH_MS + HOUR_MS, &figures));
    const struct post_metrics *m = figures.at;
    assert_true(
        has(stop(&s, w->arena), "GET /api/stats/twitter/posts?start=20251204&end=20251206&"));
    assert_int_equal(figures.n, 2);
    assert_true(str_eq(m[0].platform_post_id, S("1")));
    assert_true(str_eq(m[1].platform_post_id, S("4")));
}

static void best_times_are_read_by_weekday_and_hour(void **state)
{
    static const struct {
        const char *status, *body;
        bool good;
    } rows[] = {
        {"200 OK",
         "{\"data\":[{\"dayOfWeek\":2,\"bestTimesByHour\":[{\"hourOfDay\":9,\"value\":40},"
         "{\"hourOfDay\":24,\"value\":99},{\"hourOfDay\":8,\"value\":-1}]},{\"dayOfWeek\":1,"
         "\"bestTimesByHour\":[{\"hourOfDay\":20,\"value\":10}]},{\"dayOfWeek\":8},7]}",
         true},
        {"200 OK", "{\"data\":[]}", false},
        {"200 OK", "<html>", false},
        {"404 No", "{}", false},
        {"500 Oops", "{}", false}};
    struct world *w = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct script script = one_answer(w, rows[i].status, "application/json", rows[i].body);
        struct server s = sandbox(w, &script);
        struct week week;
        error e = publisher_best_times(&w->outside, &w->account, PLATFORM_TWITTER,
                                       S("Europe/Berlin"), &week);
        assert_true(has(stop(&s, w->arena), "GET /api/v2/scheduler/besttimes/twitter?start="));
        assert_int_equal(e == NULL, rows[i].good);
        if (e)
            continue;
        assert_true(week.score[0][9] >= 1); /* a Monday */
        assert_true(week.score[6][20] > 0.24 && week.score[6][20] < 0.26);
        assert_true(week.score[0][8] <= 0);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_date_is_local_to_the_zone_of_the_account),
        TEST(an_hour_that_comes_twice_is_said_in_utc),
        TEST(what_nobody_can_have_counted_counts_nothing),
        TEST(an_unknown_zone_is_utc),
        TEST(every_offered_network_gets_its_own_object),
        TEST(a_pin_goes_to_the_board_of_the_account),
        TEST(a_reel_and_a_story_are_said_to_be_one),
        TEST(the_later_parts_of_a_thread_are_descendants),
        TEST(media_go_with_their_descriptions),
        TEST(a_video_without_headline_is_titled_by_its_first_line),
        TEST(a_post_is_read_wrapped_or_bare),
        TEST(what_is_no_post_is_not_read_as_one),
        TEST(a_published_post_tells_where_it_is),
        TEST(a_status_nobody_knows_is_unknown),
        TEST(only_the_same_network_minute_and_words_are_the_same_post),
        TEST(brands_are_read_in_both_forms),
        TEST(figures_are_found_under_each_networks_names),
        TEST(times_are_read_as_counts_too),
        TEST(an_accepted_post_has_its_id),
        TEST(every_answer_has_its_outcome),
        TEST(a_refusal_says_why_but_never_the_token),
        TEST(a_lost_answer_is_unclear_and_no_connection_unsent),
        TEST(test_mode_never_reaches_the_live_provider),
        TEST(live_mode_needs_tls),
        TEST(a_web_token_goes_as_bearer),
        TEST(a_post_is_found_among_others),
        TEST(a_list_that_is_none_is_no_proof_of_absence),
        TEST(a_post_that_is_gone_is_cancelled),
        TEST(a_missing_post_is_not_found_and_a_failure_is_one),
        TEST(brands_fall_back_to_the_older_call),
        TEST(a_refused_token_is_told_apart_from_a_failure),
        TEST(figures_outside_the_range_are_left_out),
        TEST(best_times_are_read_by_weekday_and_hour),
    };
    fetch_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
