/* test_rate.c: the promises of shm/rate.h and shm/shm.h, kept between processes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <sys/wait.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "shm/rate.h"

enum { NOW_S = 1700000000 };

static const struct scope ours = {{"0OxlNPC000000001"}, true};

/* A file of its own for each test. */
struct place {
    char directory[64];
    struct arena *arena;
    struct str path;
};

static int set_up(void **state)
{
    static struct place p;
    struct str pattern = S("/tmp/amp-rate-XXXXXX");
    for (size_t i = 0; i <= pattern.n; i++)
        p.directory[i] = pattern.p[i];
    if (!mkdtemp(p.directory))
        return 1;
    p.arena = arena_new(1 << 20);
    p.path = arena_printf(p.arena, "%s/shm", p.directory);
    *state = &p;
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;
    int failed = unlink(p->path.p) + rmdir(p->directory);
    arena_free(p->arena);
    return failed != 0;
}

static struct shm *map_of(const struct place *p)
{
    const char *problem;
    struct shm *shm = shm_map(p->path, &problem);
    assert_null(problem);
    return shm;
}

static int64_t passed(struct shm *shm, const struct scope *scope, int64_t limit, int64_t tries,
                      int64_t now_s)
{
    struct rate rate;
    int64_t n = 0;
    while (tries-- > 0)
        n += rate_take(shm, scope, limit, now_s, &rate);
    return n;
}

static void a_window_lets_its_limit_pass_and_no_more(void **state)
{
    struct shm *shm = map_of(*state);
    struct rate rate;
    for (int64_t left = 2; left >= 0; left--) {
        assert_true(rate_take(shm, &ours, 3, NOW_S + 2 - left, &rate));
        assert_int_equal(rate.remaining, left);
        assert_int_equal(rate.reset_s, NOW_S + RATE_WINDOW_S);
        assert_int_equal(rate.limit, 3);
        assert_true(rate.counted);
    }
    assert_false(rate_take(shm, &ours, 3, NOW_S + RATE_WINDOW_S - 1, &rate));
    assert_int_equal(rate.remaining, 0);
    assert_int_equal(rate.reset_s, NOW_S + RATE_WINDOW_S);
    shm_unmap(shm);
}

static void what_is_refused_does_not_count(void **state)
{
    struct shm *shm = map_of(*state);
    assert_int_equal(passed(shm, &ours, 3, 100, NOW_S), 3);
    assert_int_equal(passed(shm, &ours, 5, 100, NOW_S), 2);
    shm_unmap(shm);
}

static void a_window_is_opened_by_the_first_request_after_the_last(void **state)
{
    struct shm *shm = map_of(*state);
    struct rate rate;
    assert_int_equal(passed(shm, &ours, 3, 5, NOW_S), 3);
    assert_true(rate_take(shm, &ours, 3, NOW_S + RATE_WINDOW_S + 7, &rate));
    assert_int_equal(rate.remaining, 2);
    assert_int_equal(rate.reset_s, NOW_S + RATE_WINDOW_S + 7 + RATE_WINDOW_S);
    shm_unmap(shm);
}

static void a_limit_that_was_lowered_holds_at_once(void **state)
{
    struct shm *shm = map_of(*state);
    struct rate rate;
    assert_int_equal(passed(shm, &ours, 10, 5, NOW_S), 5);
    assert_false(rate_take(shm, &ours, 3, NOW_S, &rate));
    assert_int_equal(rate.remaining, 0);
    shm_unmap(shm);
}

static void tenants_and_modes_are_counted_apart(void **state)
{
    struct shm *shm = map_of(*state);
    const struct scope test = {ours.tenant, false}, other = {{"0OxlNPC000000002"}, true};
    assert_int_equal(passed(shm, &ours, 3, 5, NOW_S), 3);
    assert_int_equal(passed(shm, &test, 3, 5, NOW_S), 3);
    assert_int_equal(passed(shm, &other, 3, 5, NOW_S), 3);
    shm_unmap(shm);
}

/* A process that tries `tries` times once the gate is closed, and writes how often it passed. */
static pid_t start_client(const struct place *p, int gate[2], int out, int64_t limit, int64_t tries)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    char byte;
    const char *problem;
    close(gate[1]);
    struct shm *shm = shm_map(p->path, &problem);
    bool opened = !problem && read(gate[0], &byte, 1) == 0;
    int64_t n = passed(shm, &ours, limit, tries, NOW_S);
    bool told = write(out, &n, sizeof n) == (ssize_t)sizeof n;
    _exit(opened && told ? 0 : 1);
}

static void several_processes_together_pass_exactly_the_limit(void **state)
{
    enum { CLIENTS = 6, LIMIT = 20000 };
    int gate[2], results[2];
    pid_t pids[CLIENTS];
    int64_t sum = 0;
    assert_int_equal(pipe(gate), 0);
    assert_int_equal(pipe(results), 0);
    for (int i = 0; i < CLIENTS; i++) {
        pids[i] = start_client(*state, gate, results[1], LIMIT, LIMIT / 2);
        assert_true(pids[i] > 0);
    }
    close(gate[0]);
    close(gate[1]);
    for (int i = 0; i < CLIENTS; i++) {
        int status;
        int64_t n;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        assert_int_equal(read(results[0], &n, sizeof n), sizeof n);
        sum += n;
    }
    close(results[0]);
    close(results[1]);
    assert_int_equal(sum, LIMIT);
}

static void where_no_bucket_is_free_requests_pass_uncounted(void **state)
{
    struct shm *shm = map_of(*state);
    struct rate rate;
    for (int i = 0; i < SHM_BUCKETS; i++) {
        atomic_store(&shm->buckets[i].owner, UINT64_MAX);
        atomic_store(&shm->buckets[i].window, (uint64_t)NOW_S << 24 | 1);
    }
    for (int i = 0; i < 5; i++) {
        assert_true(rate_take(shm, &ours, 3, NOW_S, &rate));
        assert_false(rate.counted);
    }
    /* A minute later the others have gone. */
    assert_int_equal(passed(shm, &ours, 3, 5, NOW_S + RATE_WINDOW_S), 3);
    shm_unmap(shm);
}

static void what_one_process_forgets_all_forget(void **state)
{
    struct shm *one = map_of(*state), *other = map_of(*state);
    uint64_t before = shm_generation(other);
    assert_int_not_equal(before, 0);
    shm_forget(one);
    assert_int_not_equal(shm_generation(other), before);
    assert_int_equal(shm_generation(other), shm_generation(one));
    shm_unmap(one);
    shm_unmap(other);
}

static void write_file(const struct place *p, const void *bytes, size_t n, off_t at)
{
    int file = open(p->path.p, O_WRONLY | O_CREAT, 0600);
    assert_true(file >= 0);
    assert_int_equal(pwrite(file, bytes, n, at), (ssize_t)n);
    close(file);
}

static void counts_outlive_the_processes(void **state)
{
    struct shm *shm = map_of(*state);
    assert_int_equal(passed(shm, &ours, 3, 2, NOW_S), 2);
    shm_unmap(shm);
    shm = map_of(*state);
    assert_int_equal(passed(shm, &ours, 3, 5, NOW_S), 1);
    shm_unmap(shm);
}

static void a_file_that_is_not_ours_is_made_anew(void **state)
{
    static const off_t places[] = {offsetof(struct shm, magic), offsetof(struct shm, version),
                                   offsetof(struct shm, size)};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct shm *shm = map_of(*state);
        assert_int_equal(passed(shm, &ours, 3, 5, NOW_S), 3);
        shm_unmap(shm);
        write_file(*state, "damage!", 8, places[i]);
        shm = map_of(*state);
        assert_int_equal(passed(shm, &ours, 3, 5, NOW_S), 3);
        assert_int_not_equal(shm_generation(shm), 0);
        shm_unmap(shm);
        assert_int_equal(unlink(((struct place *)*state)->path.p), 0);
    }
    write_file(*state, "text", 4, 0);
    struct shm *shm = map_of(*state);
    assert_int_equal(passed(shm, &ours, 3, 5, NOW_S), 3);
    shm_unmap(shm);
}

static void without_a_file_each_process_counts_for_itself(void **state)
{
    const struct place *p = *state;
    const struct str paths[] = {
        {0},
        S(""),
        S("/nonexistent/amp.shm"),
        arena_printf(p->arena, "%s", p->directory),
        arena_printf(p->arena, "%s/link", p->directory),
    };
    assert_int_equal(symlink(p->path.p, paths[4].p), 0);
    write_file(p, "text", 4, 0);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const char *problem;
        struct shm *shm = shm_map(paths[i], &problem);
        assert_non_null(problem);
        assert_int_equal(passed(shm, &ours, 3, 5, NOW_S), 3);
        assert_int_not_equal(shm_generation(shm), 0);
        shm_unmap(shm);
    }
    assert_int_equal(unlink(paths[4].p), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_window_lets_its_limit_pass_and_no_more),
        TEST(what_is_refused_does_not_count),
        TEST(a_window_is_opened_by_the_first_request_after_the_last),
        TEST(a_limit_that_was_lowered_holds_at_once),
        TEST(tenants_and_modes_are_counted_apart),
        TEST(several_processes_together_pass_exactly_the_limit),
        TEST(where_no_bucket_is_free_requests_pass_uncounted),
        TEST(what_one_process_forgets_all_forget),
        TEST(counts_outlive_the_processes),
        TEST(a_file_that_is_not_ours_is_made_anew),
        TEST(without_a_file_each_process_counts_for_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
