/* test_gateway.c: a request in, a response out, without a web server. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "http/gateway.h"

/* What the service saw, and what it answers. */
struct stage {
    int status;
    struct str body, type;
    struct str seen_body;
    bool too_large, cut;
    int served, done;
    char kept[64];
};

static void serve(void *self, struct arena *a, struct request *req, struct response *res)
{
    struct stage *s = self;
    struct str copy = arena_str(a, req->body);
    s->served++;
    s->too_large = req->body_too_large;
    s->cut = req->body_cut;
    for (size_t i = 0; i < copy.n && i < sizeof s->kept; i++)
        s->kept[i] = copy.p[i];
    s->seen_body = (struct str){s->kept, copy.n};
    res->status = s->status;
    res->type = s->type;
    response_header(res, "X-Method", method_name(req->method));
    buf_add(&res->body, s->body);
}

static void done(void *self, struct request *req, struct response *res)
{
    struct stage *s = self;
    (void)req;
    s->done += res->status == s->status;
}

static struct buf answer;

static int set_up(void **state)
{
    (void)state;
    buf_init(&answer, 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_release(&answer);
    return 0;
}

static void play(struct stage *s, const char *method, const char *length, struct str body)
{
    struct arena *a = arena_new(1 << 16);
    const struct service service = {serve, done, s, .arena_bytes = 4 << 20};
    char *const variables[] = {
        arena_cstr(a, arena_printf(a, "REQUEST_METHOD=%s", method)),
        arena_cstr(a, arena_printf(a, "CONTENT_LENGTH=%s", length)),
        NULL,
    };
    buf_clear(&answer);
    gateway_once(&service, variables, body, &answer);
    arena_free(a);
}

static void must_answer(const char *text)
{
    if (!str_eq(buf_str(&answer), str_of(text)))
        fail_msg("%.*s\nis not\n%s", STR(buf_str(&answer)), text);
}

static void an_answer_has_status_headers_type_length_and_body(void **state)
{
    struct stage s = {.status = 200, .body = S("{\"a\":1}")};
    (void)state;
    play(&s, "GET", "", (struct str){0});
    must_answer("Status: 200 OK\r\nX-Method: GET\r\n"
                "Content-Type: application/json; charset=utf-8\r\nContent-Length: 7\r\n\r\n"
                "{\"a\":1}");
    s.type = S("text/plain");
    play(&s, "GET", "", (struct str){0});
    assert_true(str_contains_nocase(buf_str(&answer), S("\r\nContent-Type: text/plain\r\n")));
}

static void head_is_answered_like_get_without_a_body(void **state)
{
    struct stage s = {.status = 404, .body = S("{\"a\":1}")};
    (void)state;
    play(&s, "HEAD", "", (struct str){0});
    must_answer("Status: 404 Not Found\r\nX-Method: HEAD\r\n"
                "Content-Type: application/json; charset=utf-8\r\nContent-Length: 7\r\n\r\n");
}

static void no_content_has_neither_type_nor_length(void **state)
{
    static const struct {
        int status;
        const char *answer;
    } cases[] = {
        {204, "Status: 204 No Content\r\nX-Method: GET\r\n\r\n"},
        {304, "Status: 304 Not Modified\r\nX-Method: GET\r\n\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct stage s = {.status = cases[i].status, .body = S("left over")};
        play(&s, "GET", "", (struct str){0});
        must_answer(cases[i].answer);
    }
}

static void a_body_is_read_as_long_as_it_was_announced(void **state)
{
    struct stage s = {.status = 200};
    (void)state;
    play(&s, "POST", "5", S("hello and more"));
    assert_true(str_eq(s.seen_body, S("hello")));
    assert_false(s.cut);
    play(&s, "POST", "", S("hello"));
    assert_int_equal(s.seen_body.n, 0);
    assert_false(s.cut);
}

static void a_body_that_ends_early_is_known_to_be_cut(void **state)
{
    struct stage s = {.status = 200};
    (void)state;
    play(&s, "POST", "6", S("hello"));
    assert_true(s.cut);
    play(&s, "POST", "some", S("hello"));
    assert_true(s.cut);
    assert_int_equal(s.seen_body.n, 0);
}

static void a_body_that_is_too_large_is_not_read(void **state)
{
    struct stage s = {.status = 200};
    (void)state;
    play(&s, "POST", "1048577", S("hello"));
    assert_true(s.too_large);
    assert_int_equal(s.seen_body.n, 0);
}

/* A service that answers in so many pieces, and may fail on the way. */
struct pieces {
    int n;
    bool fails;
    size_t sent;
};

static void serve_pieces(void *self, struct arena *a, struct request *req, struct response *res)
{
    struct pieces *p = self;
    struct ctx c = {.arena = a, .req = req, .res = res};
    reply_in_pieces(&c, S("text/csv"));
    if (req->method == HEAD)
        return;
    for (int i = 0; i < p->n; i++) {
        for (int k = 0; k < 1000; k++)
            buf_add(&res->body,
                    S("a line of sixty-four bytes, so that a thousand are about a piece\n"));
        assert_null(reply_piece(&c));
    }
    buf_add(&res->body, S("end"));
    res->broken = p->fails && res->begun;
}

static void done_pieces(void *self, struct request *req, struct response *res)
{
    (void)req;
    ((struct pieces *)self)->sent = res->sent + res->body.n;
}

static char get[] = "REQUEST_METHOD=GET", head[] = "REQUEST_METHOD=HEAD";

static void play_pieces(struct pieces *p, char *method)
{
    const struct service service = {serve_pieces, done_pieces, p, .arena_bytes = 4 << 20};
    char *const variables[] = {method, NULL};
    buf_clear(&answer);
    gateway_once(&service, variables, (struct str){0}, &answer);
}

static void an_answer_in_pieces_has_no_length(void **state)
{
    struct pieces p = {.n = 5};
    static const char start[] = "Status: 200 OK\r\nContent-Type: text/csv\r\n\r\na line";
    (void)state;
    play_pieces(&p, get);
    assert_true(str_starts(buf_str(&answer), S(start)));
    assert_true(str_ends(buf_str(&answer), S("end")));
    assert_int_equal(answer.n, sizeof start - 1 - 6 + 5 * 65000 + 3);
    assert_int_equal(p.sent, 5 * 65000 + 3);
}

static void a_short_answer_in_pieces_is_one_with_a_length(void **state)
{
    struct pieces p = {.n = 0};
    (void)state;
    play_pieces(&p, get);
    must_answer("Status: 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 3\r\n\r\nend");
    play_pieces(&p, head);
    must_answer("Status: 200 OK\r\nContent-Type: text/csv\r\n\r\n");
}

static void nothing_follows_a_piece_after_which_it_broke(void **state)
{
    struct pieces p = {.n = 5, .fails = true};
    (void)state;
    play_pieces(&p, get);
    assert_false(str_ends(buf_str(&answer), S("end")));
}

static void the_end_of_a_request_is_told_once(void **state)
{
    struct stage s = {.status = 200};
    (void)state;
    play(&s, "GET", "", (struct str){0});
    play(&s, "GET", "", (struct str){0});
    assert_int_equal(s.served, 2);
    assert_int_equal(s.done, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_answer_has_status_headers_type_length_and_body),
        TEST(head_is_answered_like_get_without_a_body),
        TEST(no_content_has_neither_type_nor_length),
        TEST(a_body_is_read_as_long_as_it_was_announced),
        TEST(a_body_that_ends_early_is_known_to_be_cut),
        TEST(a_body_that_is_too_large_is_not_read),
        TEST(an_answer_in_pieces_has_no_length),
        TEST(a_short_answer_in_pieces_is_one_with_a_length),
        TEST(nothing_follows_a_piece_after_which_it_broke),
        TEST(the_end_of_a_request_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
