/* test_copied.c: where Metricool says that it has put a picture. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "publish/metricool.h"

static void a_copied_picture_is_found_in_text_and_json(void **state)
{
    static const struct {
        const char *body, *url;
    } rows[] = {
        {"https://m.example/1.png\n", "https://m.example/1.png"},
        {"\"https://m.example/2.png\"", "https://m.example/2.png"},
        {"{\"url\":\"https://m.example/3.png\"}", "https://m.example/3.png"},
        {"{\"data\":{\"mediaId\":\"https://m.example/4.png\"}}", "https://m.example/4.png"},
        {"{\"mediaId\":17}", NULL},
        {"<html>", NULL},
        {"", NULL},
    };
    struct arena *a = arena_new(1 << 20);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str url = wire_read_copied(a, str_of(rows[i].body));
        assert_int_equal(url.n > 0, rows[i].url != NULL);
        if (rows[i].url)
            assert_true(str_eq(url, str_of(rows[i].url)));
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copied_picture_is_found_in_text_and_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
