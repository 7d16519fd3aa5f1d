/* test_places.c: the promises of shm/places.h, kept between processes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <sys/wait.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "shm/places.h"

enum { PLACES = 4, AT_ONCE_MS = 0, SHORT_MS = 20, LONG_MS = 20 * 1000 };

/* A file of its own for each test. */
struct file {
    char name[64];
    struct str path;
};

static int set_up(void **state)
{
    static struct file f;
    struct str pattern = S("/tmp/amp-places-XXXXXX");
    int descriptor;
    for (size_t i = 0; i <= pattern.n; i++)
        f.name[i] = pattern.p[i];
    descriptor = mkstemp(f.name);
    f.path = str_of(f.name);
    *state = &f;
    return descriptor < 0 || close(descriptor);
}

static int tear_down(void **state)
{
    const struct file *f = *state;
    return unlink(f->name);
}

/* Another process, which takes a place or not, says so, and keeps it until it is killed. */
struct other {
    pid_t pid;
    int said; /* what it says */
};

static struct other other_takes(struct str path, int64_t wait_ms)
{
    int ends[2];
    struct other o;
    assert_int_equal(pipe(ends), 0);
    o = (struct other){fork(), ends[0]};
    assert_true(o.pid >= 0);
    if (!o.pid) {
        char has = place_take(path, PLACES, wait_ms) >= 0 ? 'y' : 'n';
        if (write(ends[1], &has, 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ends[1]);
    return o;
}

static bool has_one(const struct other *o)
{
    char has;
    assert_int_equal(read(o->said, &has, 1), 1);
    return has == 'y';
}

static void kill_it(struct other *o)
{
    assert_int_equal(kill(o->pid, SIGKILL), 0);
    assert_int_equal(waitpid(o->pid, NULL, 0), o->pid);
    close(o->said);
}

static void take_all(const struct file *f, struct other holders[PLACES])
{
    for (int i = 0; i < PLACES; i++) {
        holders[i] = other_takes(f->path, AT_ONCE_MS);
        assert_true(has_one(&holders[i]));
    }
}

static void kill_all(struct other holders[PLACES])
{
    for (int i = 0; i < PLACES; i++)
        kill_it(&holders[i]);
}

static void four_processes_hold_a_place_and_the_fifth_gets_none(void **state)
{
    const struct file *f = *state;
    struct other holders[PLACES], fifth;
    take_all(f, holders);
    fifth = other_takes(f->path, SHORT_MS);
    assert_false(has_one(&fifth));
    assert_int_equal(place_take(f->path, PLACES, AT_ONCE_MS), PLACE_NONE);
    kill_it(&fifth);
    kill_all(holders);
}

static void the_place_of_a_killed_process_is_free_at_once(void **state)
{
    const struct file *f = *state;
    struct other holders[PLACES];
    int place;
    take_all(f, holders);
    kill_it(&holders[2]);
    place = place_take(f->path, PLACES, AT_ONCE_MS);
    assert_true(place >= 0);
    holders[2] = other_takes(f->path, AT_ONCE_MS);
    assert_false(has_one(&holders[2]));
    place_leave(place);
    kill_all(holders);
}

static void who_waits_gets_the_place_that_is_left(void **state)
{
    const struct file *f = *state;
    struct other holders[PLACES], waiting;
    take_all(f, holders);
    waiting = other_takes(f->path, LONG_MS);
    kill_it(&holders[0]);
    assert_true(has_one(&waiting));
    holders[0] = waiting;
    kill_all(holders);
}

static void one_process_counts_each_of_its_places(void **state)
{
    const struct file *f = *state;
    int places[PLACES];
    for (int i = 0; i < PLACES; i++) {
        places[i] = place_take(f->path, PLACES, AT_ONCE_MS);
        assert_true(places[i] >= 0);
    }
    assert_int_equal(place_take(f->path, PLACES, AT_ONCE_MS), PLACE_NONE);
    place_leave(places[1]);
    places[1] = place_take(f->path, PLACES, AT_ONCE_MS);
    assert_true(places[1] >= 0);
    for (int i = 0; i < PLACES; i++)
        place_leave(places[i]);
}

static void without_a_file_nobody_is_counted_and_nobody_stopped(void **state)
{
    static char too_long[5000];
    const struct str paths[] = {
        {0}, S(""), S("/nonexistent/amp.shm"), S("/tmp"), {too_long, sizeof too_long}};
    (void)state;
    for (size_t i = 0; i < sizeof too_long; i++)
        too_long[i] = 'x';
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_int_equal(place_take(paths[i], PLACES, LONG_MS), PLACE_UNCOUNTED);
    place_leave(PLACE_UNCOUNTED);
    place_leave(PLACE_NONE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(four_processes_hold_a_place_and_the_fifth_gets_none),
        TEST(the_place_of_a_killed_process_is_free_at_once),
        TEST(who_waits_gets_the_place_that_is_left),
        TEST(one_process_counts_each_of_its_places),
        TEST(without_a_file_nobody_is_counted_and_nobody_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
