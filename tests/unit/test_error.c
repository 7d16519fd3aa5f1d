/* test_error.c: the promises of base/error.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include "base/error.h"
#include <cmocka.h>

#define assert_str(got, want) assert_true(str_eq((got), (want)))

static int make(void **state)
{
    *state = arena_new(10000);
    return 0;
}

static int drop(void **state)
{
    arena_free(*state);
    return 0;
}

static void every_error_has_a_status_a_wire_code_and_a_message(void **state)
{
    (void)state;
    for (unsigned code = 0; code < ERR_COUNT; code++) {
        error e = error_of((enum error_code)code);
        assert_int_equal(e->code, code);
        assert_in_range(e->status, 400, 599);
        assert_true(e->wire.n > 0 && e->message.n > 0);
        assert_null(e->param.p);
        assert_null(e->cause.p);
        assert_ptr_equal(e, error_of((enum error_code)code));
    }
}

static void an_error_with_a_place_keeps_status_and_code(void **state)
{
    char path[] = "constraints.tone";
    error e = error_at(*state, ERR_VALIDATION_FAILED, str_of(path), "must be at most %d", 5);
    path[0] = 'X';
    assert_int_equal(e->status, 422);
    assert_str(e->wire, S("validation_failed"));
    assert_str(e->param, S("constraints.tone"));
    assert_str(e->message, S("must be at most 5"));
    assert_null(e->cause.p);
}

static void a_cause_is_kept_away_from_the_client(void **state)
{
    error e = error_because(*state, ERR_UNAVAILABLE, "server said %d", 2006);
    assert_str(e->cause, S("server said 2006"));
    assert_str(e->message, error_of(ERR_UNAVAILABLE)->message);
    assert_null(e->param.p);
}

static void a_place_may_be_added_later(void **state)
{
    error e = error_because(*state, ERR_NOT_FOUND, "why");
    error placed = error_with_param(*state, e, S("brand_id"));
    assert_str(placed->param, S("brand_id"));
    assert_str(placed->cause, S("why"));
    assert_null(e->param.p);
    assert_null(error_with_param(*state, NULL, S("x")));
}

static void success_is_no_error_of_any_code(void **state)
{
    (void)state;
    assert_false(error_is(NULL, ERR_INVALID_JSON));
    assert_true(error_is(error_of(ERR_RETRY), ERR_RETRY));
    assert_false(error_is(error_of(ERR_RETRY), ERR_UNAVAILABLE));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_error_has_a_status_a_wire_code_and_a_message),
        TEST(an_error_with_a_place_keeps_status_and_code),
        TEST(a_cause_is_kept_away_from_the_client),
        TEST(a_place_may_be_added_later),
        TEST(success_is_no_error_of_any_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
