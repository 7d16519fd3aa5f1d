/* test_fetch.c: what is known after an exchange, against a server of a few lines that answers by a
 * script. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/config.h"
#include "net/fetch.h"
#include "server.h"

struct world {
    struct arena *arena;
    struct config config;
    struct outside outside;
};

static int set_up(void **state)
{
    static struct world w;
    w = (struct world){.arena = arena_new(64 << 20)};
    w.outside = (struct outside){
        .arena = w.arena, .config = &w.config, .request_id = S("req_0001"), .now_ms = 1};
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    arena_free(w->arena);
    return 0;
}

static struct fetch_request to(struct world *w, const struct server *s, const char *method)
{
    return (struct fetch_request){
        .method = method,
        .url = arena_printf(w->arena, "http://127.0.0.1:%d/path?q=1", s->port),
        .timeout_ms = 5000,
        .allow_http = true,
        .allow_private = true,
    };
}

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"

static void an_answer_arrives_whole(void **state)
{
    struct world *w = *state;
    struct script script = {.answer = {{OK_ANSWER}}, .requests = {1}};
    struct fetch_header headers[] = {{"X-Mc-Auth", S("secret")}, {NULL, {0}}};
    struct fetch_response r;
    struct server s = start(&script);
    struct fetch_request in = to(w, &s, "POST");
    in.headers = headers;
    in.body = S("{\"a\":1}");
    fetch(&w->outside, &in, &r);
    struct str seen = stop(&s, w->arena);
    assert_int_equal(r.verdict, FETCH_DONE);
    assert_int_equal(r.status, 200);
    assert_true(str_eq(r.body, S("hello")));
    assert_true(str_eq(r.type, S("text/plain")));
    assert_true(r.took_us > 0);
    assert_true(has(seen, "POST /path?q=1 HTTP/1.1\r\n"));
    assert_true(has(seen, "X-Mc-Auth: secret\r\n"));
    assert_true(has(seen, "X-Request-ID: req_0001\r\n"));
    assert_true(has(seen, "Content-Length: 7\r\n"));
    assert_true(has(seen, "\r\n\r\n{\"a\":1}"));
}

static void a_redirect_is_an_answer_and_not_followed(void **state)
{
    struct world *w = *state;
    struct script script = {
        .answer = {{"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
                    OK_ANSWER}},
        .requests = {2}};
    struct fetch_response r;
    struct server s = start(&script);
    struct fetch_request in = to(w, &s, "GET");
    fetch(&w->outside, &in, &r);
    struct str seen = stop(&s, w->arena);
    assert_int_equal(r.verdict, FETCH_DONE);
    assert_int_equal(r.status, 302);
    assert_false(has(seen, "elsewhere"));
}

static void retry_after_is_read_in_seconds_and_as_a_date(void **state)
{
    struct world *w = *state;
    struct script script = {
        .answer = {{"HTTP/1.1 429 No\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n",
                    "HTTP/1.1 429 No\r\nRetry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\n"
                    "Content-Length: 0\r\n\r\n"}},
        .requests = {2}};
    struct fetch_response r;
    struct server s = start(&script);
    struct fetch_request in = to(w, &s, "GET");
    fetch(&w->outside, &in, &r);
    assert_int_equal(r.status, 429);
    assert_int_equal(r.retry_after_s, 17);
    fetch(&w->outside, &in, &r);
    assert_int_equal(r.retry_after_s, 86400); /* as far as anybody waits */
    stop(&s, w->arena);
}

static void an_answer_that_is_too_large_is_unclear(void **state)
{
    struct world *w = *state;
    struct script script = {.answer = {{OK_ANSWER}}, .requests = {1}};
    struct fetch_response r;
    struct server s = start(&script);
    struct fetch_request in = to(w, &s, "POST");
    in.max_bytes = 4;
    fetch(&w->outside, &in, &r);
    stop(&s, w->arena);
    assert_int_equal(r.verdict, FETCH_UNCLEAR);
    assert_int_equal(r.status, 0);
    assert_true(has(r.problem, "too large"));
}

static void silence_after_the_request_is_unclear(void **state)
{
    struct world *w = *state;
    struct script script = {.answer = {{HANG}}, .requests = {1}};
    struct fetch_response r;
    struct server s = start(&script);
    struct fetch_request in = to(w, &s, "POST");
    in.timeout_ms = 250;
    fetch(&w->outside, &in, &r);
    stop(&s, w->arena);
    assert_int_equal(r.verdict, FETCH_UNCLEAR);
    assert_true(r.problem.n > 0);
}

static void a_reset_after_the_request_is_unclear(void **state)
{
    struct world *w = *state;
    struct script script = {.answer = {{NULL}}, .requests = {1}};
    struct fetch_response r;
    struct server s = start(&script);
    struct fetch_request in = to(w, &s, "POST");
    fetch(&w->outside, &in, &r);
    stop(&s, w->arena);
    assert_int_equal(r.verdict, FETCH_UNCLEAR);
}

static void half_an_answer_is_unclear(void **state)
{
    struct world *w = *state;
    struct script script = {.answer = {{"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhello"}},
                            .requests = {1}};
    struct fetch_response r;
    struct server s = start(&script);
    struct fetch_request in = to(w, &s, "POST");
    fetch(&w->outside, &in, &r);
    stop(&s, w->arena);
    assert_int_equal(r.verdict, FETCH_UNCLEAR);
}

static void nobody_listening_is_unsent(void **state)
{
    struct world *w = *state;
    struct script script = {.requests = {0}};
    struct fetch_response r;
    struct server s = start(&script);
    struct fetch_request in = to(w, &s, "POST");
    stop(&s, w->arena);
    fetch(&w->outside, &in, &r);
    assert_int_equal(r.verdict, FETCH_UNSENT);
    assert_true(r.problem.n > 0);
}

static void a_failed_handshake_is_unsent(void **state)
{
    struct world *w = *state;
    struct script script = {.answer = {{OK_ANSWER}}, .requests = {0}};
    struct fetch_response r;
    struct server s = start(&script);
    struct fetch_request in = to(w, &s, "POST");
    in.url = arena_printf(w->arena, "https://127.0.0.1:%d/", s.port);
    in.timeout_ms = 250; /* the connection stands in the queue and nobody answers on it */
    fetch(&w->outside, &in, &r);
    stop(&s, w->arena);
    assert_int_equal(r.verdict, FETCH_UNSENT);
}

static void a_post_is_never_sent_twice_on_its_own(void **state)
{
    struct world *w = *state;
    /* The first connection is kept for more and then dies under the next request. */
    struct script script = {.answer = {{OK_ANSWER, NULL}, {OK_ANSWER}}, .requests = {2, 1}};
    struct fetch_response r;
    struct server s = start(&script);
    struct fetch_request in = to(w, &s, "GET");
    fetch(&w->outside, &in, &r);
    assert_int_equal(r.verdict, FETCH_DONE);
    /* The connection is used again, and reset there: libcurl would send the post once more. */
    in.method = "POST";
    in.body = S("once");
    in.timeout_ms = 250;
    fetch(&w->outside, &in, &r);
    struct str seen = stop(&s, w->arena);
    assert_int_equal(r.verdict, FETCH_UNCLEAR);
    assert_int_equal(times(seen, "once"), 1);
}

static void reading_uses_a_connection_again(void **state)
{
    struct world *w = *state;
    struct script script = {.answer = {{OK_ANSWER, OK_ANSWER}}, .requests = {2}};
    struct fetch_response r;
    struct server s = start(&script);
    struct fetch_request in = to(w, &s, "GET");
    for (int i = 0; i < 2; i++) {
        fetch(&w->outside, &in, &r);
        assert_int_equal(r.verdict, FETCH_DONE); /* there is no second connection */
    }
    assert_int_equal(times(stop(&s, w->arena), "GET /path"), 2);
}

static void a_private_address_is_refused_before_anything_is_sent(void **state)
{
    struct world *w = *state;
    struct script script = {.answer = {{OK_ANSWER}}, .requests = {1}};
    struct fetch_response r;
    struct server s = start(&script);
    struct fetch_request in = to(w, &s, "POST");
    in.allow_private = false;
    fetch(&w->outside, &in, &r);
    assert_int_equal(r.verdict, FETCH_UNSENT);
    assert_true(has(r.problem, "public internet"));
    in.url = arena_printf(w->arena, "http://localhost:%d/", s.port);
    fetch(&w->outside, &in, &r);
    assert_int_equal(r.verdict, FETCH_UNSENT);
    assert_int_equal(stop(&s, w->arena).n, 0);
}

static void a_connection_made_under_other_rules_is_refused_too(void **state)
{
    struct world *w = *state;
    struct script script = {.answer = {{OK_ANSWER, OK_ANSWER}}, .requests = {2}};
    struct fetch_response r;
    struct server s = start(&script);
    struct fetch_request in = to(w, &s, "GET");
    fetch(&w->outside, &in, &r);
    assert_int_equal(r.verdict, FETCH_DONE);
    in.allow_private = false;
    fetch(&w->outside, &in, &r);
    assert_int_equal(r.verdict, FETCH_UNSENT);
    assert_int_equal(times(stop(&s, w->arena), "GET /path"), 1);
}

static void only_the_allowed_protocols_are_spoken(void **state)
{
    static const char *const urls[] = {
        "http://127.0.0.1:9/",          "ftp://127.0.0.1/", "file:///etc/passwd",
        "https://user:pass@127.0.0.1/", "nonsense",         ""};
    struct world *w = *state;
    struct fetch_response r;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct fetch_request in = {.method = "GET", .url = str_of(urls[i]), .allow_private = true};
        fetch(&w->outside, &in, &r);
        assert_int_equal(r.verdict, FETCH_UNSENT);
        assert_int_equal(r.body.n, 0);
    }
}

static void a_value_cannot_begin_another_header(void **state)
{
    struct world *w = *state;
    struct script script = {.answer = {{OK_ANSWER}}, .requests = {1}};
    struct fetch_header headers[] = {{"X-Mc-Auth", S("a\r\nX-Evil: 1")}, {NULL, {0}}};
    struct fetch_response r;
    struct server s = start(&script);
    struct fetch_request in = to(w, &s, "GET");
    in.headers = headers;
    fetch(&w->outside, &in, &r);
    assert_int_equal(r.verdict, FETCH_UNSENT);
    assert_int_equal(stop(&s, w->arena).n, 0);
}

static bool never(void *asked)
{
    ++*(int *)asked;
    return false;
}

static void what_was_sent_is_waited_for_though_nobody_wants_it(void **state)
{
    struct world *w = *state;
    struct script script = {.answer = {{HANG}}, .requests = {1}};
    struct fetch_response r;
    int asked = 0;
    struct fetch_watch watch = {.wanted = never, .self = &asked};
    struct server s = start(&script);
    struct fetch_request in = to(w, &s, "POST");
    in.timeout_ms = 1000;
    fetch_many(&w->outside, &in, &r, 1, 1, &watch);
    bool sent = stop(&s, w->arena).n > 0;
    assert_int_equal(r.verdict, sent ? FETCH_UNCLEAR : FETCH_UNSENT);
    assert_true(asked > 0);
}

static void what_was_not_sent_is_given_up_when_nobody_wants_it(void **state)
{
    struct world *w = *state;
    struct fetch_response r;
    int asked = 0;
    struct fetch_watch watch = {.wanted = never, .self = &asked};
    struct fetch_request in = {
        .method = "POST",
        .url = S("http://192.0.2.1/"), /* of no host anywhere (RFC 5737) */
        .timeout_ms = 60000,
        .allow_http = true,
        .allow_private = true,
    };
    fetch_many(&w->outside, &in, &r, 1, 1, &watch);
    assert_int_equal(r.verdict, FETCH_UNSENT);
    assert_true(r.took_us < 60000 * 1000);
}

static void only_unreserved_characters_stay_as_they_are(void **state)
{
    struct world *w = *state;
    struct str text = url_encode(w->arena, S("aZ09-._~ /?&=+%\xC3\xA9"));
    assert_true(str_eq(text, S("aZ09-._~%20%2F%3F%26%3D%2B%25%C3%A9")));
    assert_int_equal(url_encode(w->arena, (struct str){0}).n, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_answer_arrives_whole),
        TEST(a_redirect_is_an_answer_and_not_followed),
        TEST(retry_after_is_read_in_seconds_and_as_a_date),
        TEST(an_answer_that_is_too_large_is_unclear),
        TEST(silence_after_the_request_is_unclear),
        TEST(a_reset_after_the_request_is_unclear),
        TEST(half_an_answer_is_unclear),
        TEST(nobody_listening_is_unsent),
        TEST(a_failed_handshake_is_unsent),
        TEST(a_post_is_never_sent_twice_on_its_own),
        TEST(reading_uses_a_connection_again),
        TEST(a_private_address_is_refused_before_anything_is_sent),
        TEST(a_connection_made_under_other_rules_is_refused_too),
        TEST(only_the_allowed_protocols_are_spoken),
        TEST(a_value_cannot_begin_another_header),
        TEST(what_was_sent_is_waited_for_though_nobody_wants_it),
        TEST(what_was_not_sent_is_given_up_when_nobody_wants_it),
        TEST(only_unreserved_characters_stay_as_they_are),
    };
    fetch_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
