/* test_request.c: what CGI variables become, and which paths hide something. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "http/request.h"

static struct request request_of(char *const *variables)
{
    struct request r = {0};
    request_from_environment(&r, variables);
    return r;
}

static void variables_become_the_parts_of_a_request(void **state)
{
    char *const variables[] = {
        (char[]){"REQUEST_METHOD=POST"},
        (char[]){"PATH_INFO=/v1/missions"},
        (char[]){"REQUEST_URI=/v1/missions?a=b=c"},
        (char[]){"QUERY_STRING=a=b=c"},
        (char[]){"REMOTE_ADDR=192.0.2.7"},
        (char[]){"HTTP_AUTHORIZATION=Bearer x"},
        (char[]){"CONTENT_TYPE=application/json"},
        (char[]){"HTTP_UNKNOWN=1"},
        (char[]){"NOT A VARIABLE"},
        NULL,
    };
    struct request r = request_of(variables);
    (void)state;
    assert_int_equal(r.method, POST);
    assert_true(str_eq(r.path, S("/v1/missions")));
    assert_true(str_eq(r.uri, S("/v1/missions?a=b=c")));
    assert_true(str_eq(r.query_text, S("a=b=c")));
    assert_true(str_eq(r.remote, S("192.0.2.7")));
    assert_true(str_eq(r.header[H_AUTHORIZATION], S("Bearer x")));
    assert_true(str_eq(r.header[H_CONTENT_TYPE], S("application/json")));
    assert_null(r.header[H_IF_MATCH].p);
}

static void a_header_that_came_twice_is_known_to_have(void **state)
{
    char *const variables[] = {
        (char[]){"HTTP_X_TENANT_ID=a"},
        (char[]){"HTTP_X_REQUEST_ID=c"},
        (char[]){"HTTP_X_TENANT_ID=b"},
        NULL,
    };
    struct request r = request_of(variables);
    (void)state;
    assert_true(r.header_twice[H_TENANT_ID]);
    assert_false(r.header_twice[H_REQUEST_ID]);
}

static void methods_are_known_by_their_exact_name(void **state)
{
    static const char *const unknown[] = {"", "get", "GETS", "TRACE", "G\nET"};
    (void)state;
    for (unsigned bit = GET; bit <= OPTIONS; bit <<= 1)
        assert_int_equal(method_parse(method_name(bit)), bit);
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_int_equal(method_parse(str_of(unknown[i])), METHOD_NONE);
    assert_null(method_name(METHOD_NONE).p);
}

static void a_length_is_a_plain_number_or_none(void **state)
{
    static const struct {
        const char *variable;
        int64_t length;
    } cases[] = {
        {"OTHER=5", -1},
        {"CONTENT_LENGTH=", -1},
        {"CONTENT_LENGTH=0", 0},
        {"CONTENT_LENGTH=1048577", 1048577},
        {"CONTENT_LENGTH=-1", -2},
        {"CONTENT_LENGTH=+1", -2},
        {"CONTENT_LENGTH= 1", -2},
        {"CONTENT_LENGTH=0x10", -2},
        {"CONTENT_LENGTH=12 ", -2},
        {"CONTENT_LENGTH=99999999999999999999", -2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *const variables[] = {(char *)cases[i].variable, NULL};
        assert_int_equal(request_length(variables), cases[i].length);
    }
}

static void a_path_that_hides_something_is_not_plain(void **state)
{
    static const struct {
        const char *uri, *path;
        bool plain;
    } cases[] = {
        {"/v1/missions", "/v1/missions", true},
        {"/v1/missions?a=%00%2F//..", "/v1/missions", true},
        {"/v1/%6dissions", "/v1/missions", true},
        {NULL, "/v1/missions", true},
        {"", "", false},
        {"v1/missions", "v1/missions", false},
        {"/v1/missions/", "/v1/missions", false},
        {"/v1//missions", "/v1/missions", false},
        {"/v1/./missions", "/v1/missions", false},
        {"/v1/x/../missions", "/v1/missions", false},
        {"/v1/%2e%2E/missions", "/missions", false},
        {"/v1/a%2Fb", "/v1/a/b", false},
        {"/v1/a%2fb", "/v1/a/b", false},
        {"/v1/missions%00", "/v1/missions", false},
        {"/v1/missions%", "/v1/missions%", false},
        {"/v1/missions%4", "/v1/missions%4", false},
        {"/v1/missions%4g", "/v1/missions%4g", false},
        {"/v1/a b", "/v1/a b", false},
        {"/v1/a\x7F", "/v1/a\x7F", false},
        {"/v1/caf\xC3\xA9", "/v1/caf\xC3\xA9", false},
        {"/v1/a%0Ab", "/v1/a\nb", false},
        {"/v1/a%C3b",
         "/v1/a\xC3"
         "b",
         false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct request r = {.uri = str_of(cases[i].uri), .path = str_of(cases[i].path)};
        if (request_path_is_plain(&r) != cases[i].plain)
            fail_msg("%s", cases[i].uri);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_become_the_parts_of_a_request),
        cmocka_unit_test(a_header_that_came_twice_is_known_to_have),
        cmocka_unit_test(methods_are_known_by_their_exact_name),
        cmocka_unit_test(a_length_is_a_plain_number_or_none),
        cmocka_unit_test(a_path_that_hides_something_is_not_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
