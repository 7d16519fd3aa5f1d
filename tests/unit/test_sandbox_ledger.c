/* test_sandbox_ledger.c: processes share one file and agree, whatever happens to its end. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "sandbox/ledger.h"

struct world {
    char directory[32], path[64];
    struct arena *arena;
    struct ledger *one, *two; /* as two processes have them */
};

static int set_up(void **state)
{
    static struct world w;
    w = (struct world){.directory = "/tmp/amp-ledger-XXXXXX", .arena = arena_new(8 << 20)};
    assert_non_null(mkdtemp(w.directory));
    memcpy(w.path, w.directory, strlen(w.directory));
    memcpy(w.path + strlen(w.directory), "/led", sizeof "/led");
    w.one = ledger_open(str_of(w.path), LEDGER_MAX_BYTES);
    w.two = ledger_open(str_of(w.path), LEDGER_MAX_BYTES);
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    ledger_close(w->one);
    ledger_close(w->two);
    arena_free(w->arena);
    unlink(w->path);
    return rmdir(w->directory);
}

static int64_t add(struct ledger *l)
{
    struct ledger_post post = {.account = 7, .brand = 70, .created_ms = 1, .publish_ms = 2};
    assert_null(ledger_add(l, &post, S("{\"text\":\"hello\"}")));
    return post.id;
}

static off_t size_of(const struct world *w)
{
    struct stat st;
    assert_int_equal(stat(w->path, &st), 0);
    return st.st_size;
}

/* Appends bytes behind the ledger's back. */
static void scribble(const struct world *w, const char *bytes)
{
    int fd = open(w->path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, strlen(bytes)), (int)strlen(bytes));
    close(fd);
}

static void a_post_written_by_one_is_seen_by_the_other(void **state)
{
    struct world *w = *state;
    const struct node *json;
    int64_t id = add(w->one);
    assert_int_equal(id, LEDGER_FIRST_ID);
    assert_null(ledger_catch_up(w->two));
    const struct ledger_post *p = ledger_find(w->two, id);
    assert_non_null(p);
    assert_int_equal(p->account, 7);
    assert_int_equal(p->brand, 70);
    assert_int_equal(p->publish_ms, 2);
    assert_null(ledger_read(w->two, w->arena, p, &json));
    assert_true(str_eq(tree_text(tree_get(json, "text")), S("hello")));
}

static void ids_are_never_given_twice(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 300; i++)
        assert_int_equal(add(i % 2 ? w->one : w->two), LEDGER_FIRST_ID + i);
    assert_null(ledger_catch_up(w->one));
    assert_int_equal(ledger_count(w->one), 300);
}

static void many_processes_lose_nothing(void **state)
{
    enum { PROCESSES = 4, EACH = 50 };
    struct world *w = *state;
    pid_t pids[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            struct ledger *l = ledger_open(str_of(w->path), LEDGER_MAX_BYTES);
            for (int n = 0; n < EACH; n++)
                add(l);
            _exit(0);
        }
        assert_true(pids[i] > 0);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    assert_null(ledger_catch_up(w->one));
    assert_int_equal(ledger_count(w->one), PROCESSES * EACH);
    for (size_t i = 0; i < ledger_count(w->one); i++)
        assert_int_equal(ledger_at(w->one, i)->id, LEDGER_FIRST_ID + (int64_t)i);
}

static void a_replaced_post_keeps_its_id(void **state)
{
    struct world *w = *state;
    const struct node *json;
    int64_t id = add(w->one);
    struct ledger_post post = *ledger_find(w->one, id);
    post.publish_ms = 99;
    assert_null(ledger_replace(w->two, &post, S("{\"text\":\"new\"}")));
    assert_null(ledger_catch_up(w->one));
    assert_int_equal(ledger_count(w->one), 1);
    assert_int_equal(ledger_find(w->one, id)->publish_ms, 99);
    assert_null(ledger_read(w->one, w->arena, ledger_find(w->one, id), &json));
    assert_true(str_eq(tree_text(tree_get(json, "text")), S("new")));
}

static struct str looked(struct ledger *l, int64_t id)
{
    const struct node *json;
    assert_null(ledger_look(l, ledger_find(l, id), &json));
    return tree_text(tree_get(json, "text"));
}

static void who_looks_again_sees_what_is_new(void **state)
{
    struct world *w = *state;
    int64_t id = add(w->one), other = add(w->one);
    struct ledger_post post = *ledger_find(w->one, id);
    assert_true(str_eq(looked(w->one, id), S("hello")));
    assert_true(str_eq(looked(w->one, id), S("hello")));
    assert_null(ledger_replace(w->two, &post, S("{\"text\":\"new\"}")));
    assert_null(ledger_catch_up(w->one));
    assert_true(str_eq(looked(w->one, id), S("new")));
    assert_true(str_eq(looked(w->one, other), S("hello")));
}

/* More than a ledger keeps as parsed: what it forgot is read again. */
static void who_looks_at_many_sees_them_all(void **state)
{
    enum { POSTS = 40 };
    struct world *w = *state;
    char *text = arena_alloc(w->arena, LEDGER_POST_MAX);
    for (int i = 0; i < LEDGER_POST_MAX - 1; i++)
        text[i] = 'x';
    for (int i = 0; i < POSTS; i++) {
        struct ledger_post post = {.account = 7};
        text[i] = 'y';
        assert_null(
            ledger_add(w->one, &post, arena_printf(w->arena, "{\"text\":\"%.60000s\"}", text)));
    }
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < POSTS; i++) {
            struct str seen = looked(w->one, LEDGER_FIRST_ID + i);
            assert_int_equal(seen.n, 60000);
            assert_int_equal(seen.p[i], 'y');
            assert_int_equal(seen.p[i + 1], 'x');
        }
    }
}

static void what_is_deleted_stays_deleted(void **state)
{
    struct world *w = *state;
    int64_t id = add(w->one);
    struct ledger_post post = *ledger_find(w->one, id);
    assert_null(ledger_delete(w->two, id));
    assert_true(error_is(ledger_replace(w->one, &post, S("{}")), ERR_NOT_FOUND));
    assert_true(error_is(ledger_delete(w->one, id), ERR_NOT_FOUND));
    assert_true(ledger_find(w->one, id)->deleted);
    assert_true(error_is(ledger_delete(w->one, 1), ERR_NOT_FOUND));
}

static void a_torn_line_is_not_there_and_is_repaired_by_the_next_writer(void **state)
{
    struct world *w = *state;
    int64_t first = add(w->one);
    scribble(w, "{\"op\":\"put\",\"id\":250000002,\"acc");
    assert_null(ledger_catch_up(w->two));
    assert_int_equal(ledger_count(w->two), 1);
    assert_int_equal(add(w->two), first + 1);
    assert_null(ledger_catch_up(w->one));
    assert_int_equal(ledger_count(w->one), 2);
    assert_int_equal(ledger_find(w->one, first + 1)->account, 7);
}

static void lines_that_make_no_sense_are_passed_over(void **state)
{
    struct world *w = *state;
    add(w->one);
    scribble(w,
             "\nnonsense\n{}\n[1]\n{\"op\":\"delete\"}\n{\"op\":\"put\",\"id\":5,\"post\":{}}\n");
    add(w->one);
    assert_null(ledger_catch_up(w->two));
    assert_int_equal(ledger_count(w->two), 2);
}

static void a_line_without_end_is_an_error_and_no_loop(void **state)
{
    struct world *w = *state;
    static char junk[300 << 10];
    memset(junk, 'x', sizeof junk - 1);
    scribble(w, junk);
    assert_true(error_is(ledger_catch_up(w->one), ERR_UNAVAILABLE));
}

static void a_replaced_file_is_read_anew(void **state)
{
    struct world *w = *state;
    add(w->one);
    add(w->one);
    assert_int_equal(unlink(w->path), 0);
    assert_null(ledger_catch_up(w->one));
    assert_int_equal(ledger_count(w->one), 0);
    assert_int_equal(add(w->two), LEDGER_FIRST_ID);
    assert_null(ledger_catch_up(w->one));
    assert_int_equal(ledger_count(w->one), 1);
    assert_int_equal(truncate(w->path, 0), 0);
    assert_null(ledger_catch_up(w->one));
    assert_int_equal(ledger_count(w->one), 0);
}

static void a_full_ledger_says_so_and_stays_as_it_is(void **state)
{
    struct world *w = *state;
    struct ledger_post post = {.account = 7};
    add(w->one);
    off_t size = size_of(w);
    struct ledger *small = ledger_open(str_of(w->path), size + 10);
    error e = ledger_add(small, &post, S("{\"text\":\"hello\"}"));
    assert_non_null(e);
    assert_int_equal(e->status, 507);
    assert_int_equal(size_of(w), size);
    ledger_close(small);
}

static void a_post_that_is_too_large_is_refused(void **state)
{
    struct world *w = *state;
    struct ledger_post post = {.account = 7};
    struct str text = {arena_alloc(w->arena, LEDGER_POST_MAX + 2048), LEDGER_POST_MAX + 2048};
    assert_true(error_is(ledger_add(w->one, &post, text), ERR_PAYLOAD_TOO_LARGE));
    assert_int_equal(size_of(w), 0);
    assert_int_equal(add(w->one), LEDGER_FIRST_ID);
}

static void a_place_that_cannot_be_written_is_an_error(void **state)
{
    struct ledger *l = ledger_open(S("/nowhere/at/all"), LEDGER_MAX_BYTES);
    struct ledger_post post = {.account = 7};
    (void)state;
    assert_true(error_is(ledger_catch_up(l), ERR_UNAVAILABLE));
    assert_true(error_is(ledger_add(l, &post, S("{}")), ERR_UNAVAILABLE));
    ledger_close(l);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_post_written_by_one_is_seen_by_the_other),
        TEST(ids_are_never_given_twice),
        TEST(many_processes_lose_nothing),
        TEST(a_replaced_post_keeps_its_id),
        TEST(who_looks_again_sees_what_is_new),
        TEST(who_looks_at_many_sees_them_all),
        TEST(what_is_deleted_stays_deleted),
        TEST(a_torn_line_is_not_there_and_is_repaired_by_the_next_writer),
        TEST(lines_that_make_no_sense_are_passed_over),
        TEST(a_line_without_end_is_an_error_and_no_loop),
        TEST(a_replaced_file_is_read_anew),
        TEST(a_full_ledger_says_so_and_stays_as_it_is),
        TEST(a_post_that_is_too_large_is_refused),
        TEST(a_place_that_cannot_be_written_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
