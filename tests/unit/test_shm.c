/* test_shm.c: what happens to the shared file must not happen to the service. */
#include "shm/shm.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/crypto.h"
#include "shm/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct scope scope = {{"0123456789abcdef"}, true};

struct place {
    char path[64];
    struct shm *shm;
};

static int make_place(void **state)
{
    static struct place p;
    const char *problem;
    int file;
    p = (struct place){.path = "/tmp/amp-shm-XXXXXX"};
    file = mkstemp(p.path);
    if (file < 0)
        return -1;
    close(file);
    p.shm = shm_map(str_of(p.path), &problem);
    *state = &p;
    return problem ? -1 : 0;
}

static int drop_place(void **state)
{
    struct place *p = *state;
    shm_unmap(p->shm);
    unlink(p->path);
    return 0;
}

static int64_t take(struct place *p)
{
    struct rate rate;
    assert_true(rate_take(p->shm, &scope, 100, 1000, &rate));
    return rate.remaining;
}

static void a_file_that_is_well_is_left_alone(void **state)
{
    struct place *p = *state;
    assert_int_equal(take(p), 99);
    assert_false(shm_repair(p->shm, str_of(p->path)));
    assert_int_equal(take(p), 98);
}

static void a_removed_file_is_made_again_and_shared_again(void **state)
{
    struct place *p = *state;
    assert_int_equal(take(p), 99);
    unlink(p->path);
    assert_true(shm_repair(p->shm, str_of(p->path)));
    assert_int_equal(access(p->path, R_OK | W_OK), 0);
    assert_int_equal(take(p), 99);
    assert_false(shm_repair(p->shm, str_of(p->path)));
}

static void a_file_cut_under_us_ends_no_request(void **state)
{
    struct place *p = *state;
    const char *problem;
    shm_unmap(p->shm);
    p->shm = shm_map(str_of(p->path), &problem); /* cmocka has put its own handlers over ours */
    assert_int_equal(take(p), 99);
    assert_int_equal(truncate(p->path, 0), 0);
    assert_int_equal(take(p), 99); /* in memory of our own */
    assert_true(shm_repair(p->shm, str_of(p->path)));
    assert_int_equal(take(p), 99);
    assert_int_equal(take(p), 98);
}

static void an_overwritten_file_is_made_anew(void **state)
{
    struct place *p = *state;
    char junk[4096];
    int file = open(p->path, O_WRONLY);
    crypto_random(junk, sizeof junk);
    assert_int_equal(pwrite(file, junk, sizeof junk, 0), sizeof junk);
    close(file);
    assert_true(shm_repair(p->shm, str_of(p->path)));
    assert_int_equal(take(p), 99);
}

static void what_was_remembered_before_a_repair_is_not_taken_for_fresh(void **state)
{
    struct place *p = *state;
    uint64_t before = shm_generation(p->shm);
    shm_forget(p->shm);
    unlink(p->path);
    assert_true(shm_repair(p->shm, str_of(p->path)));
    assert_int_not_equal(shm_generation(p->shm), before);
}

static void one_process_has_its_turn_at_a_time(void **state)
{
    struct place *p = *state;
    assert_true(shm_turn(p->shm, 5000, 1000));
    assert_false(shm_turn(p->shm, 5000, 1000));
    assert_false(shm_turn(p->shm, 5999, 1000));
    assert_true(shm_turn(p->shm, 6000, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_that_is_well_is_left_alone, make_place, drop_place),
        cmocka_unit_test_setup_teardown(a_removed_file_is_made_again_and_shared_again, make_place,
                                        drop_place),
        cmocka_unit_test_setup_teardown(a_file_cut_under_us_ends_no_request, make_place,
                                        drop_place),
        cmocka_unit_test_setup_teardown(an_overwritten_file_is_made_anew, make_place, drop_place),
        cmocka_unit_test_setup_teardown(what_was_remembered_before_a_repair_is_not_taken_for_fresh,
                                        make_place, drop_place),
        cmocka_unit_test_setup_teardown(one_process_has_its_turn_at_a_time, make_place, drop_place),
    };
    crypto_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
