/* test_generation.c: the words by which remembered answers are told from stale ones. */
#include "shm/generation.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct scope scope = {{"0123456789abcdef"}, true};
static const struct scope test_mode = {{"0123456789abcdef"}, false};

static int make_shm(void **state)
{
    const char *problem;
    *state = shm_map((struct str){0}, &problem);
    return 0;
}

static int drop_shm(void **state)
{
    shm_unmap(*state);
    return 0;
}

static void nothing_is_kept_while_somebody_writes(void **state)
{
    struct shm *shm = *state;
    uint64_t before, during;
    assert_true(generation_read(shm, &scope, 100, &before));
    generation_enter(shm, &scope, 100);
    assert_false(generation_read(shm, &scope, 100, &during));
    assert_int_not_equal(before, during);
    generation_leave(shm, &scope);
}

static void every_change_is_a_new_generation(void **state)
{
    struct shm *shm = *state;
    uint64_t before, after;
    assert_true(generation_read(shm, &scope, 100, &before));
    generation_enter(shm, &scope, 100);
    generation_leave(shm, &scope);
    assert_true(generation_read(shm, &scope, 100, &after));
    assert_int_not_equal(before, after);
}

static void two_writers_have_both_to_leave(void **state)
{
    struct shm *shm = *state;
    uint64_t word;
    generation_enter(shm, &scope, 100);
    generation_enter(shm, &scope, 100);
    generation_leave(shm, &scope);
    assert_false(generation_read(shm, &scope, 100, &word));
    generation_leave(shm, &scope);
    assert_true(generation_read(shm, &scope, 100, &word));
}

static void modes_do_not_disturb_each_other(void **state)
{
    struct shm *shm = *state;
    uint64_t before, after;
    assert_true(generation_read(shm, &test_mode, 100, &before));
    generation_enter(shm, &scope, 100);
    assert_true(generation_read(shm, &test_mode, 100, &after));
    assert_int_equal(before, after);
    generation_leave(shm, &scope);
}

static void a_dead_writer_is_given_up_after_its_lease(void **state)
{
    struct shm *shm = *state;
    uint64_t before, after;
    assert_true(generation_read(shm, &scope, 100, &before));
    generation_enter(shm, &scope, 100); /* and never leaves */
    assert_false(generation_read(shm, &scope, 100 + GENERATION_LEASE_S, &after));
    assert_false(generation_read(shm, &scope, 101 + GENERATION_LEASE_S, &after)); /* closes it */
    assert_true(generation_read(shm, &scope, 101 + GENERATION_LEASE_S, &after));
    assert_int_not_equal(before, after);
}

static void one_who_was_given_up_and_leaves_late_is_a_change(void **state)
{
    struct shm *shm = *state;
    uint64_t before, after;
    generation_enter(shm, &scope, 100);
    (void)generation_read(shm, &scope, 101 + GENERATION_LEASE_S, &before);
    assert_true(generation_read(shm, &scope, 101 + GENERATION_LEASE_S, &before));
    generation_leave(shm, &scope);
    assert_true(generation_read(shm, &scope, 101 + GENERATION_LEASE_S, &after));
    assert_int_not_equal(before, after);
}

static void every_change_of_several_processes_counts(void **state)
{
    enum { PROCESSES = 4, CHANGES = 5000 };
    char path[] = "/tmp/amp-generation-XXXXXX";
    const char *problem;
    struct shm *shm;
    uint64_t first, last;
    pid_t children[PROCESSES];
    int file = mkstemp(path);
    (void)state;
    assert_true(file >= 0);
    close(file);
    shm = shm_map(str_of(path), &problem);
    assert_null(problem);
    assert_true(generation_read(shm, &scope, 100, &first));
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i])
            continue;
        for (int n = 0; n < CHANGES; n++) {
            generation_enter(shm, &scope, 100);
            generation_leave(shm, &scope);
        }
        _exit(0);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_true(generation_read(shm, &scope, 100, &last));
    assert_int_equal((last - first) >> 16, PROCESSES * CHANGES);
    shm_unmap(shm);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_kept_while_somebody_writes, make_shm, drop_shm),
        cmocka_unit_test_setup_teardown(every_change_is_a_new_generation, make_shm, drop_shm),
        cmocka_unit_test_setup_teardown(two_writers_have_both_to_leave, make_shm, drop_shm),
        cmocka_unit_test_setup_teardown(modes_do_not_disturb_each_other, make_shm, drop_shm),
        cmocka_unit_test_setup_teardown(a_dead_writer_is_given_up_after_its_lease, make_shm,
                                        drop_shm),
        cmocka_unit_test_setup_teardown(one_who_was_given_up_and_leaves_late_is_a_change, make_shm,
                                        drop_shm),
        cmocka_unit_test(every_change_of_several_processes_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
