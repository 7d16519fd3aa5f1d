/* test_log.c: the promises of base/log.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/ctx.h"
#include "base/log.h"
#include "base/utf8.h"

enum { TIME_PART = sizeof "{\"time\":\"2024-01-15T00:00:00.123Z\"" - 1, MOST = 4096 };

static char caught[2 * MOST];
static int ends[2], kept;

/* From here on standard error goes into a pipe … */
static void catch_lines(void)
{
    kept = dup(STDERR_FILENO);
    assert_true(kept >= 0);
    assert_int_equal(pipe(ends), 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    close(ends[1]);
}

/* … and here it comes back, with what was written. */
static struct str caught_lines(void)
{
    dup2(kept, STDERR_FILENO);
    close(kept);
    ssize_t n = read(ends[0], caught, sizeof caught);
    close(ends[0]);
    return (struct str){caught, n > 0 ? (size_t)n : 0};
}

static struct str after_time(struct str line)
{
    int64_t ms;
    assert_true(str_starts(line, S("{\"time\":\"")));
    assert_true(time_parse(str_sub(line, 9, TIME_PART - 10), &ms));
    return str_sub(line, TIME_PART, line.n);
}

static void assert_line(const char *want)
{
    struct str rest = after_time(caught_lines());
    assert_int_equal(rest.n, strlen(want));
    assert_memory_equal(rest.p, want, rest.n);
}

static void an_event_is_one_json_line(void **state)
{
    (void)state;
    catch_lines();
    log_event(NULL, LOG_LEVEL_INFO, "request", L_STR("route", S("/missions")), L_INT("us", -12));
    assert_line(",\"level\":\"info\",\"event\":\"request\",\"route\":\"/missions\",\"us\":-12}\n");
}

static void an_event_needs_no_fields(void **state)
{
    (void)state;
    catch_lines();
    log_event(NULL, LOG_LEVEL_ERROR, "bare");
    assert_line(",\"level\":\"error\",\"event\":\"bare\"}\n");
}

static void request_and_tenant_come_from_the_context(void **state)
{
    (void)state;
    struct ctx c = {.request_id = S("req_1")};
    memcpy(c.scope.tenant.c, "0123456789ABCDEF", ID_LEN);
    catch_lines();
    log_event(&c, LOG_LEVEL_WARN, "x");
    assert_line(",\"level\":\"warn\",\"event\":\"x\",\"request_id\":\"req_1\","
                "\"tenant\":\"tnt_0123456789ABCDEF\"}\n");
}

static void a_context_without_tenant_has_no_tenant_field(void **state)
{
    (void)state;
    struct ctx c = {0};
    catch_lines();
    log_event(&c, LOG_LEVEL_INFO, "x");
    assert_line(",\"level\":\"info\",\"event\":\"x\"}\n");
}

static void a_field_without_text_is_left_out_and_an_empty_one_is_not(void **state)
{
    (void)state;
    struct str none = {NULL, 0};
    catch_lines();
    log_event(NULL, LOG_LEVEL_INFO, "x", L_STR("a", none), L_STR("b", S("")), L_INT("c", 0));
    assert_line(",\"level\":\"info\",\"event\":\"x\",\"b\":\"\",\"c\":0}\n");
}

static void text_cannot_break_out_of_its_field(void **state)
{
    (void)state;
    catch_lines();
    log_event(NULL, LOG_LEVEL_INFO, "x", L_STR("t", S("a\"b\\c\n\0\x7F\xC3\xA4")));
    assert_line(",\"level\":\"info\",\"event\":\"x\","
                "\"t\":\"a\\\"b\\\\c\\u000a\\u0000\\u007f\xC3\xA4\"}\n");
}

static void what_is_not_utf8_is_escaped_byte_by_byte(void **state)
{
    (void)state;
    catch_lines();
    log_event(NULL, LOG_LEVEL_INFO, "x", L_STR("t", S("\xFF\xE2\x82z")));
    assert_line(",\"level\":\"info\",\"event\":\"x\",\"t\":\"\\u00ff\\u00e2\\u0082z\"}\n");
}

static void levels_above_the_threshold_are_silent(void **state)
{
    (void)state;
    assert_int_equal(log_level(), LOG_LEVEL_INFO);
    log_set_level(LOG_LEVEL_ERROR);
    catch_lines();
    log_event(NULL, LOG_LEVEL_WARN, "hidden");
    log_event(NULL, LOG_LEVEL_ERROR, "shown");
    log_set_level(LOG_LEVEL_INFO);
    assert_line(",\"level\":\"error\",\"event\":\"shown\"}\n");
}

/* Lines of every length around the limit, with characters of one to six bytes on the wire. */
static void a_long_line_is_cut_and_stays_valid(void **state)
{
    (void)state;
    static const char *const units[] = {"x", "\xC3\xA4", "\xF0\x9F\x98\x80", "\"", "\n"};
    static char text[MOST * 2];
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        size_t size = strlen(units[u]);
        for (size_t i = 0; i + size <= sizeof text; i += size)
            memcpy(text + i, units[u], size);
        for (size_t pad = 0; pad < 8; pad++) {
            catch_lines();
            log_event(NULL, LOG_LEVEL_INFO, "x", L_STR("pad", str_sub(S("yyyyyyyy"), 0, pad)),
                      L_STR("t", ((struct str){text, sizeof text / size * size})),
                      L_INT("dropped", 1));
            struct str line = caught_lines();
            assert_in_range(line.n, MOST - 8, MOST);
            assert_true(str_ends(line, S("\"}\n")));
            assert_true(utf8_valid(line));
            assert_false(str_contains_nocase(line, S("dropped")));
        }
    }
}

static void a_field_that_does_not_fit_at_all_is_dropped_whole(void **state)
{
    (void)state;
    static char text[MOST - 90];
    memset(text, 'x', sizeof text);
    for (size_t less = 0; less < 40; less++) {
        catch_lines();
        log_event(NULL, LOG_LEVEL_INFO, "x", L_STR("t", ((struct str){text, sizeof text - less})),
                  L_INT("number", 12345));
        struct str line = caught_lines();
        assert_true(line.n <= MOST);
        assert_true(str_ends(line, S("xx\"}\n")) || str_ends(line, S("xx\",\"number\":12345}\n")));
    }
}

static void levels_have_names(void **state)
{
    (void)state;
    enum log_level level = LOG_LEVEL_ERROR;
    assert_true(log_level_parse(S("debug"), &level));
    assert_int_equal(level, LOG_LEVEL_DEBUG);
    assert_true(log_level_parse(S("error"), &level));
    assert_int_equal(level, LOG_LEVEL_ERROR);
    assert_false(log_level_parse(S("Error"), &level));
    assert_false(log_level_parse(S(""), &level));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_one_json_line),
        cmocka_unit_test(an_event_needs_no_fields),
        cmocka_unit_test(request_and_tenant_come_from_the_context),
        cmocka_unit_test(a_context_without_tenant_has_no_tenant_field),
        cmocka_unit_test(a_field_without_text_is_left_out_and_an_empty_one_is_not),
        cmocka_unit_test(text_cannot_break_out_of_its_field),
        cmocka_unit_test(what_is_not_utf8_is_escaped_byte_by_byte),
        cmocka_unit_test(levels_above_the_threshold_are_silent),
        cmocka_unit_test(a_long_line_is_cut_and_stays_valid),
        cmocka_unit_test(a_field_that_does_not_fit_at_all_is_dropped_whole),
        cmocka_unit_test(levels_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
