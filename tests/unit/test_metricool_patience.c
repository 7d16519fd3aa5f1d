/* test_metricool_patience.c: when calls about many posts stop beginning. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "metricool_world.h"

static struct publication a_post(enum platform p)
{
    return (struct publication){.platform = p, .type = TYPE_POST, .copy = {.primary = S("Hello")}};
}

static void after_a_refused_token_or_a_wish_to_wait_no_more_calls_begin(void **state)
{
    static const char *const lines[] = {"401 No", "429 No"};
    struct world *w = *state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct script script = one_answer(w, lines[i], "application/json", "{}");
        struct server s = sandbox(w, &script);
        struct patience patience = patience_new(&w->config, NULL);
        struct sending sending[2] = {{.account = &w->account, .post = a_post(PLATFORM_TWITTER)},
                                     {.account = &w->account, .post = a_post(PLATFORM_TWITTER)}};
        publisher_send(&w->outside, sending, 1, &patience);
        assert_false(patience_lasts(&patience));
        publisher_send(&w->outside, sending, 2, &patience);
        assert_int_equal(sending[0].result.outcome, SEND_UNSENT);
        assert_true(sending[0].result.unwanted && sending[1].result.unwanted);
        assert_int_equal(times(stop(&s, w->arena), "POST "), 1);
    }
}

/* The pictures of a post share its report. */
static void a_wish_to_wait_is_not_forgotten_over_the_next_picture(void **state)
{
    struct world *w = *state;
    struct str urls[] = {S("https://x.example/a.png"), S("https://x.example/b.png")};
    struct call_report report = {0};
    struct account account = w->account;
    struct script script = {
        .answer = {{"HTTP/1.1 429 No\r\nRetry-After: 60\r\nConnection: close\r\n"
                    "Content-Length: 0\r\n\r\n"},
                   {"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n"
                    "Content-Length: 0\r\n\r\n"}},
        .requests = {1, 1}};
    struct server s = sandbox(w, &script);
    struct sending sending = {.account = &account, .post = a_post(PLATFORM_TWITTER)};
    account.report = &report;
    sending.post.media = (struct list){urls, 2};
    publisher_send(&w->outside, &sending, 1, NULL);
    assert_int_equal(times(stop(&s, w->arena), "GET "), 2);
    assert_int_equal(report.calls, 2);
    assert_int_equal(report.news, CALL_LIMITED);
    assert_int_equal(report.retry_after_s, 60);
    assert_int_equal(sending.result.outcome, SEND_UNSENT);
}

static void patience_ends_with_as_many_failures_as_the_breaker_allows(void **state)
{
    struct world *w = *state;
    struct script script = {.requests = {0}};
    struct server s = sandbox(w, &script);
    struct sending sending = {.account = &w->account, .post = a_post(PLATFORM_TWITTER)};
    stop(&s, w->arena); /* nobody listens there */
    w->config.breaker_failures = 2;
    struct patience patience = patience_new(&w->config, NULL);
    publisher_send(&w->outside, &sending, 1, &patience);
    assert_true(patience_lasts(&patience));
    assert_false(sending.result.unwanted);
    publisher_send(&w->outside, &sending, 1, &patience);
    assert_false(patience_lasts(&patience));
    w->config.breaker_failures = 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(after_a_refused_token_or_a_wish_to_wait_no_more_calls_begin),
        TEST(a_wish_to_wait_is_not_forgotten_over_the_next_picture),
        TEST(patience_ends_with_as_many_failures_as_the_breaker_allows),
    };
    fetch_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
