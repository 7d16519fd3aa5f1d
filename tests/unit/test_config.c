/* test_config.c: the promises of base/config.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/config.h"

enum { MOST = 1 << 22 };

#define assert_str(got, want) assert_true(str_eq((got), (want)))

struct place {
    struct arena *arena;
    char file[64], secret[64];
    struct config config;
    struct str problems;
};

static void make_file(char path[64], const char *pattern)
{
    strncpy(path, pattern, 63);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
}

static int make(void **state)
{
    static struct place place;
    memset(&place, 0, sizeof place);
    place.arena = arena_new(MOST);
    make_file(place.file, "/tmp/amp-test-conf-XXXXXX");
    make_file(place.secret, "/tmp/amp-test-secret-XXXXXX");
    *state = &place;
    return 0;
}

static int drop(void **state)
{
    struct place *p = *state;
    unlink(p->file);
    unlink(p->secret);
    arena_free(p->arena);
    return 0;
}

static void write_file(const char *path, struct str text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
    assert_int_equal(fclose(f), 0);
}

static bool load(struct place *p, struct str text)
{
    write_file(p->file, text);
    return config_load(p->arena, str_of(p->file), &p->config, &p->problems);
}

/* The text is refused, and this is said about its line. */
static void assert_problem(struct place *p, const char *text, int line, const char *part)
{
    assert_false(load(p, str_of(text)));
    struct str start = arena_printf(p->arena, "%s:%d: ", p->file, line);
    assert_true(str_starts(p->problems, start));
    if (!str_contains_nocase(p->problems, str_of(part)))
        fail_msg("%s is not in: %.*s", part, STR(p->problems));
}

static void an_empty_file_gives_the_defaults(void **state)
{
    struct place *p = *state;
    assert_true(load(p, S("")));
    assert_str(p->problems, S(""));
    assert_str(p->config.metricool_url, S("https://app.metricool.com/api"));
    assert_str(p->config.db_name, S("amp"));
    assert_str(p->config.log_level, S("info"));
    assert_null(p->config.base_url.p);
    assert_null(p->config.db_password.p);
    assert_int_equal(p->config.rate_enterprise, 6000);
    assert_int_equal(p->config.horizon_days, 7);
    assert_true(p->config.sandbox_allow_loopback);
}

static void values_of_all_types_are_read(void **state)
{
    struct place *p = *state;
    assert_true(load(p, S("# comment\n; comment\n[server]\nbase_url = https://amp.example.org\n"
                          "[worker]\r\n  poll_ms=10\r\n[sandbox]\nallow_loopback = false ; why\n"
                          "[database]\nname =\npassword = p=a:s#s")));
    assert_str(p->config.base_url, S("https://amp.example.org"));
    assert_int_equal(p->config.poll_ms, 10);
    assert_false(p->config.sandbox_allow_loopback);
    assert_null(p->config.db_name.p);
    assert_str(p->config.db_password, S("p=a:s#s"));
}

static void every_mistake_is_named_with_its_line(void **state)
{
    struct place *p = *state;
    assert_problem(p, "[server]\n\nbase_uri = x\n", 3, "no setting [server] base_uri");
    assert_problem(p, "[sever]\nbase_url = x\n", 2, "no setting [sever] base_url");
    assert_problem(p, "poll_ms = 10\n", 1, "no setting [] poll_ms");
    assert_problem(p, "[worker]\npoll_ms = 1s\n", 2, "whole number from 10 to 60000");
    assert_problem(p, "[worker]\npoll_ms =\n", 2, "whole number");
    assert_problem(p, "[worker]\nhorizon_days = 91\n", 2, "from 1 to 90");
    assert_problem(p, "[worker]\nhorizon_days = 0\n", 2, "from 1 to 90");
    assert_problem(p, "[sandbox]\nallow_loopback = yes\n", 2, "true or false");
    assert_problem(p, "[log]\nlevel = loud\n", 2, "error, warn, info or debug");
    assert_problem(p, "[server]\nbase_url = https://x/\n", 2, "base_url");
    assert_problem(p, "[server]\nbase_url = ftp://x\n", 2, "base_url");
    assert_problem(p, "[server]\nshm_path = amp.shm\n", 2, "full path");
    assert_problem(p, "[database]\nname = \xFF\n", 2, "name");
    assert_problem(p, "[worker]\nlease_s = 5\nlease_s = 6\n", 3, "set twice");
    assert_problem(p, "[worker]\nlease_s = 5\n  6\n", 3, "set twice");
    assert_problem(p, "[worker]\nlease_s\n", 2, "neither");
    assert_problem(p, "[worker\nlease_s = 5\n", 1, "neither");
}

static size_t count_lines(struct str text)
{
    size_t n = 0;
    while (str_cut(&text, '\n').p && text.p)
        n++;
    return n;
}

static void all_mistakes_are_listed_at_once(void **state)
{
    struct place *p = *state;
    assert_false(load(p, S("[worker]\nnonsense\npoll_ms = x\nmore nonsense\nlease = 5\n")));
    assert_int_equal(count_lines(p->problems), 4);
    assert_true(str_contains_nocase(p->problems, S(":2: neither")));
    assert_true(str_contains_nocase(p->problems, S(":3: [worker] poll_ms")));
    assert_true(str_contains_nocase(p->problems, S(":4: neither")));
    assert_true(str_contains_nocase(p->problems, S(":5: there is no")));
}

static void a_line_that_the_parser_cannot_hold_is_refused_not_cut(void **state)
{
    struct place *p = *state;
    char line[5000];
    memset(line, 'x', sizeof line);
    memcpy(line, "name = ", 7);
    struct str long_line = {line, sizeof line};
    assert_problem(p, arena_printf(p->arena, "[database]\n%.*s\n", STR(long_line)).p, 2,
                   "too long");
    assert_true(load(p, arena_printf(p->arena, "# %.*s\n", STR(long_line))));
    assert_false(load(p, S("[database]\nname = a\0b\n")));
}

static void a_file_that_cannot_be_read_is_a_mistake(void **state)
{
    struct place *p = *state;
    assert_false(config_load(p->arena, S("/nonexistent/amp.conf"), &p->config, &p->problems));
    assert_true(str_contains_nocase(p->problems, S("cannot open /nonexistent/amp.conf")));
    assert_false(config_load(p->arena, S("/"), &p->config, &p->problems));
    assert_true(str_contains_nocase(p->problems, S("cannot read")));
}

static void a_huge_file_is_refused(void **state)
{
    struct place *p = *state;
    size_t n = 64 * 1024;
    char *text = arena_alloc(p->arena, n + 1);
    memset(text, '\n', n + 1);
    assert_true(load(p, (struct str){text, n}));
    assert_false(load(p, (struct str){text, n + 1}));
    assert_true(str_contains_nocase(p->problems, S("too large")));
}

static void the_environment_wins_over_the_file_unless_it_is_empty(void **state)
{
    struct place *p = *state;
    setenv("AMP_WORKER_POLL_MS", "77", 1);
    setenv("AMP_DATABASE_NAME", "", 1);
    assert_true(load(p, S("[worker]\npoll_ms = 10\n[database]\nname = other\n")));
    assert_int_equal(p->config.poll_ms, 77);
    assert_str(p->config.db_name, S("other"));
    setenv("AMP_WORKER_POLL_MS", "many", 1);
    assert_false(load(p, S("")));
    assert_true(str_starts(p->problems, S("AMP_WORKER_POLL_MS: [worker] poll_ms must be")));
    unsetenv("AMP_WORKER_POLL_MS");
    unsetenv("AMP_DATABASE_NAME");
}

static void a_secret_may_stand_in_a_file_of_its_own(void **state)
{
    struct place *p = *state;
    write_file(p->secret, S("hush hush\n"));
    struct str text = arena_printf(p->arena, "[database]\npassword_file = %s\n", p->secret);
    assert_true(load(p, text));
    assert_str(p->config.db_password, S("hush hush"));

    setenv("AMP_SANDBOX_TOKEN_FILE", p->secret, 1);
    assert_true(load(p, S("[sandbox]\ntoken = other\n")));
    assert_str(p->config.sandbox_token, S("hush hush"));
    unsetenv("AMP_SANDBOX_TOKEN_FILE");

    assert_problem(p, "[database]\npassword = a\npassword_file = /nonexistent\n", 3, "set twice");
    assert_problem(p, "[database]\npassword_file = /nonexistent\n", 2, "cannot open /nonexistent");
    assert_problem(p, "[database]\nname_file = /nonexistent\n", 2, "no setting");
}

static void a_bad_secret_is_not_repeated(void **state)
{
    struct place *p = *state;
    assert_problem(p, "[secrets]\nkey = c2hvcnQ=\n", 2, "[secrets] key is not acceptable");
    assert_false(str_contains_nocase(p->problems, S("c2hvcnQ")));
    assert_true(load(p, S("[secrets]\nkey = AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")));
}

static void every_setting_is_complete_and_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *s = &settings[i];
        assert_true(strlen(s->doc) > 5);
        assert_true(s->type != SETTING_INT || (s->dflt && s->min < s->max));
        for (size_t k = 0; k < i; k++) {
            assert_true(settings[k].at != s->at);
            assert_false(strcmp(settings[k].key, s->key) == 0 &&
                         strcmp(settings[k].section, s->section) == 0);
        }
    }
}

static struct str sample(struct arena *a)
{
    struct buf *b = buf_new(a, MOST);
    config_sample(b);
    assert_false(b->full);
    return buf_str(b);
}

static void the_sample_names_every_setting_and_loads(void **state)
{
    struct place *p = *state;
    struct str text = sample(p->arena);
    for (size_t i = 0; i < settings_count; i++) {
        struct str key = arena_printf(p->arena, "\n#%s =", settings[i].key);
        struct str section = arena_printf(p->arena, "\n[%s]\n", settings[i].section);
        assert_true(str_contains_nocase(text, key));
        assert_true(str_contains_nocase(text, section));
        assert_true(str_contains_nocase(text, str_of(settings[i].doc)));
    }
    assert_true(load(p, text));
}

/* Every commented default, uncommented, is accepted. */
static void the_defaults_of_the_sample_are_valid(void **state)
{
    struct place *p = *state;
    struct buf *out = buf_new(p->arena, MOST);
    struct str rest = sample(p->arena);
    while (rest.p) {
        struct str line = str_cut(&rest, '\n');
        bool is_setting = str_starts(line, S("#")) && !str_starts(line, S("# ")) && line.n > 1;
        buf_add(out, str_sub(line, is_setting ? 1 : 0, line.n));
        buf_char(out, '\n');
    }
    assert_true(load(p, buf_str(out)));
    assert_int_equal(p->config.lease_s, 120);
}

static void the_sample_that_is_shipped_is_up_to_date(void **state)
{
    struct place *p = *state;
    struct str top = environment("srcdir");
    struct str path =
        arena_printf(p->arena, "%.*s/cgi-bin/conf/amp.conf", STR(top.n ? top : S(".")));
    FILE *f = fopen(path.p, "r");
    assert_non_null(f);
    char *shipped = arena_alloc(p->arena, 100000);
    size_t n = fread(shipped, 1, 100000, f);
    assert_int_equal(fclose(f), 0);
    assert_str(((struct str){shipped, n}), sample(p->arena));
}

static void the_file_is_where_the_environment_says(void **state)
{
    struct place *p = *state;
    setenv("AMP_CONFIG", "/somewhere/else.conf", 1);
    assert_str(config_path(p->arena), S("/somewhere/else.conf"));
    unsetenv("AMP_CONFIG");
    assert_true(str_ends(config_path(p->arena), S("/amp.conf")));
}

static void a_variable_that_is_not_set_is_none(void **state)
{
    (void)state;
    assert_null(environment("AMP_NO_SUCH_VARIABLE").p);
    setenv("AMP_NO_SUCH_VARIABLE", "now", 1);
    assert_str(environment("AMP_NO_SUCH_VARIABLE"), S("now"));
    unsetenv("AMP_NO_SUCH_VARIABLE");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

/* Settings of the one who runs the tests must not play a part. */
static void forget_settings(void)
{
    char **variable = environ;
    while (*variable) {
        char name[100];
        size_t n = strcspn(*variable, "=");
        if (!str_starts(str_of(*variable), S("AMP_")) || n >= sizeof name) {
            variable++;
            continue;
        }
        memcpy(name, *variable, n);
        name[n] = '\0';
        assert_int_equal(unsetenv(name), 0);
        variable = environ;
    }
}

int main(void)
{
    forget_settings();
    const struct CMUnitTest tests[] = {
        TEST(an_empty_file_gives_the_defaults),
        TEST(values_of_all_types_are_read),
        TEST(every_mistake_is_named_with_its_line),
        TEST(all_mistakes_are_listed_at_once),
        TEST(a_line_that_the_parser_cannot_hold_is_refused_not_cut),
        TEST(a_file_that_cannot_be_read_is_a_mistake),
        TEST(a_huge_file_is_refused),
        TEST(the_environment_wins_over_the_file_unless_it_is_empty),
        TEST(a_secret_may_stand_in_a_file_of_its_own),
        TEST(a_bad_secret_is_not_repeated),
        TEST(every_setting_is_complete_and_unique),
        TEST(the_sample_names_every_setting_and_loads),
        TEST(the_defaults_of_the_sample_are_valid),
        TEST(the_sample_that_is_shipped_is_up_to_date),
        TEST(the_file_is_where_the_environment_says),
        TEST(a_variable_that_is_not_set_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
