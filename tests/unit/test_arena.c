/* test_arena.c: the promises of base/arena.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <signal.h>
#include <stdalign.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/arena.h"

#if defined(__SANITIZE_ADDRESS__)
#define GUARDED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GUARDED 1
#endif
#endif
#ifdef GUARDED
#include <sanitizer/asan_interface.h>
#endif

enum { CEILING = 1 << 20 };

static int make(void **state)
{
    *state = arena_new(CEILING);
    return 0;
}

static int drop(void **state)
{
    arena_free(*state);
    return 0;
}

static bool all_zero(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i])
            return false;
    }
    return true;
}

static void memory_is_zeroed_even_when_it_was_used_before(void **state)
{
    static const size_t sizes[] = {1, 16, 100, 5000, 100000};
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            char *p = arena_alloc(*state, sizes[i]);
            assert_true(all_zero(p, sizes[i]));
            memset(p, 0x5A, sizes[i]);
        }
        arena_reset(*state);
    }
}

static void every_allocation_is_aligned_for_any_type(void **state)
{
    for (size_t n = 0; n < 100; n++)
        assert_int_equal((uintptr_t)arena_alloc(*state, n) % alignof(max_align_t), 0);
    assert_int_equal((uintptr_t)arena_alloc(*state, 100001) % alignof(max_align_t), 0);
}

static void allocations_do_not_overlap(void **state)
{
    enum { COUNT = 300, SIZE = 1000 };
    char *p[COUNT];
    for (int i = 0; i < COUNT; i++) {
        p[i] = arena_alloc(*state, SIZE);
        memset(p[i], i % 100, SIZE);
    }
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(p[i][0], i % 100);
        assert_int_equal(p[i][SIZE - 1], i % 100);
    }
}

static void used_counts_bytes_since_the_last_reset(void **state)
{
    assert_int_equal(arena_used(*state), 0);
    arena_alloc(*state, 10);
    arena_array(*state, 3, 7);
    assert_int_equal(arena_used(*state), 31);
    arena_reset(*state);
    assert_int_equal(arena_used(*state), 0);
}

static void the_whole_ceiling_may_be_used(void **state)
{
    arena_alloc(*state, CEILING - 5);
    arena_alloc(*state, 5);
    assert_int_equal(arena_used(*state), CEILING);
}

static void a_copy_of_text_ends_with_a_zero_and_none_stays_none(void **state)
{
    struct str copy = arena_str(*state, str_sub(S("hello world"), 0, 5));
    assert_string_equal(copy.p, "hello");
    assert_int_equal(copy.n, 5);
    assert_null(arena_str(*state, (struct str){NULL, 0}).p);
    assert_non_null(arena_str(*state, S("")).p);
    assert_string_equal(arena_cstr(*state, (struct str){NULL, 0}), "");
}

static void formatted_text_may_be_of_any_length(void **state)
{
    static const int widths[] = {1, 255, 256, 257, 5000};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        struct str text = arena_printf(*state, "%*d", widths[i], 7);
        assert_int_equal(text.n, widths[i]);
        assert_int_equal(text.p[text.n - 1], '7');
        assert_int_equal(text.p[text.n], '\0');
    }
}

static char order[4];
static size_t order_n;

static void note(void *object)
{
    order[order_n++] = *(const char *)object;
}

static void deferred_calls_run_once_and_newest_first(void **state)
{
    static char names[] = {'a', 'b', 'c'};
    order_n = 0;
    arena_defer(*state, note, &names[0]);
    arena_defer(*state, note, &names[1]);
    arena_defer(*state, note, &names[2]);
    assert_int_equal(order_n, 0);
    arena_reset(*state);
    arena_reset(*state);
    assert_int_equal(order_n, 3);
    assert_memory_equal(order, "cba", 3);
}

static void freeing_none_is_allowed(void **state)
{
    arena_free(NULL);
    assert_int_equal(arena_used(*state), 0);
}

/* Runs a fatal call in a child; the line it leaves on standard error goes to `line`. */
static void assert_dies(void (*call)(struct arena *), struct arena *a, char line[200])
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        call(a);
        _exit(0);
    }
    close(ends[1]);
    ssize_t n = read(ends[0], line, 199);
    line[n > 0 ? n : 0] = '\0';
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void pass_ceiling(struct arena *a)
{
    arena_alloc(a, CEILING);
    arena_alloc(a, 1);
}

static void overflow_product(struct arena *a)
{
    arena_array(a, SIZE_MAX / 2, 3);
}

static void ask_for_everything(struct arena *a)
{
    arena_alloc(a, SIZE_MAX);
}

static void passing_the_ceiling_ends_the_process_with_one_line(void **state)
{
    char line[200];
    assert_dies(pass_ceiling, *state, line);
    assert_string_equal(line, "arena: ceiling passed (1 bytes)\n");
    assert_dies(ask_for_everything, *state, line);
    assert_non_null(strstr(line, "ceiling passed"));
}

static void an_overflowing_array_ends_the_process(void **state)
{
    char line[200];
    assert_dies(overflow_product, *state, line);
    assert_non_null(strstr(line, "array too large"));
}

#ifdef GUARDED
static void what_follows_an_allocation_may_not_be_touched(void **state)
{
    char *p = arena_alloc(*state, 24);
    arena_alloc(*state, 24);
    assert_false(__asan_address_is_poisoned(p + 23));
    assert_true(__asan_address_is_poisoned(p + 24));
    assert_true(__asan_address_is_poisoned(p + 32));
}

static void memory_may_not_be_touched_after_a_reset(void **state)
{
    char *p = arena_alloc(*state, 24);
    arena_reset(*state);
    assert_true(__asan_address_is_poisoned(p));
}
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(memory_is_zeroed_even_when_it_was_used_before),
        TEST(every_allocation_is_aligned_for_any_type),
        TEST(allocations_do_not_overlap),
        TEST(used_counts_bytes_since_the_last_reset),
        TEST(the_whole_ceiling_may_be_used),
        TEST(a_copy_of_text_ends_with_a_zero_and_none_stays_none),
        TEST(formatted_text_may_be_of_any_length),
        TEST(deferred_calls_run_once_and_newest_first),
        TEST(freeing_none_is_allowed),
        TEST(passing_the_ceiling_ends_the_process_with_one_line),
        TEST(an_overflowing_array_ends_the_process),
#ifdef GUARDED
        TEST(what_follows_an_allocation_may_not_be_touched),
        TEST(memory_may_not_be_touched_after_a_reset),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
