/* test_content.c: states of content, its words, and what platforms think of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "domain/content.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(1 << 22);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void only_the_agreed_transitions_are_possible(void **state)
{
    (void)state;
    /* Rows: from draft to archived; columns: the events in their order. */
    static const char *const allowed[CONTENT_STATUS_COUNT] = {
        [CONTENT_NONE] = ".............",           [CONTENT_DRAFT] = "sard.......xs",
        [CONTENT_PENDING_REVIEW] = ".ard.......xs", [CONTENT_APPROVED] = "...dc.p....xs",
        [CONTENT_REJECTED] = "...d.......xs",       [CONTENT_SCHEDULED] = "...d.ap.....s",
        [CONTENT_PUBLISHING] = ".......caPF..",     [CONTENT_PUBLISHED] = ".............",
        [CONTENT_FAILED] = "...dc.p....xs",         [CONTENT_ARCHIVED] = ".............",
    };
    static const struct {
        char letter;
        enum content_status to;
    } targets[] = {
        {'s', CONTENT_PENDING_REVIEW}, {'a', CONTENT_APPROVED},  {'r', CONTENT_REJECTED},
        {'d', CONTENT_DRAFT},          {'c', CONTENT_SCHEDULED}, {'p', CONTENT_PUBLISHING},
        {'P', CONTENT_PUBLISHED},      {'F', CONTENT_FAILED},    {'x', CONTENT_ARCHIVED},
    };
    for (enum content_status from = CONTENT_NONE; from < CONTENT_STATUS_COUNT; from++) {
        for (enum content_event event = CONTENT_SUBMIT; event <= CONTENT_REVISE; event++) {
            char letter = allowed[from][event];
            enum content_status to = CONTENT_NONE;
            assert_int_equal(content_next(from, event, &to), letter != '.');
            for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
                if (targets[i].letter == letter)
                    assert_int_equal(to, targets[i].to);
        }
    }
}

static void a_copy_survives_being_read_and_printed(void **state)
{
    (void)state;
    struct str text = S("{\"primary\":\"Hello\",\"headline\":null,\"hook\":null,"
                        "\"thread_parts\":[\"Hello\",\"World\"],\"hashtags\":[\"#DevTools\"],"
                        "\"mentions\":[\"@ada\"],\"cta\":null,\"alt_text\":null,"
                        "\"first_comment\":null}");
    struct copy c;
    sent what;
    assert_null(shape_read(arena, &copy_shape, text, &c, &what));
    assert_int_equal(copy_parts(&c), 2);
    assert_true(str_eq(shape_text(arena, &copy_shape, &c), text));
}

static void a_copy_that_is_not_one_is_refused_by_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *param;
    } cases[] = {
        {"{}", "primary"},
        {"{\"primary\":\" \"}", "primary"},
        {"{\"primary\":\"x\",\"hashtags\":[\"#a\",\"b\"]}", "hashtags[1]"},
        {"{\"primary\":\"x\",\"hashtags\":[\"#a b\"]}", "hashtags[0]"},
        {"{\"primary\":\"x\",\"mentions\":[\"ada\"]}", "mentions[0]"},
        {"{\"primary\":\"x\",\"thread_parts\":[\"\"]}", "thread_parts[0]"},
        {"{\"primary\":\"x\",\"slogan\":\"y\"}", "slogan"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct copy c;
        sent what;
        error e = shape_read(arena, &copy_shape, str_of(cases[i].text), &c, &what);
        assert_non_null(e);
        assert_true(str_eq(e->param, str_of(cases[i].param)));
    }
}

static void hashtags_follow_on_a_line_of_their_own_once(void **state)
{
    (void)state;
    static const struct str tags[] = {S("#Dev"), S("#DevTools")};
    struct copy c = {.primary = S("On #devtools"), .hashtags = {tags, 2}};
    assert_true(str_eq(copy_rendered(arena, &c, 0), S("On #devtools\n\n#Dev")));
    c.primary = S("Plain");
    assert_true(str_eq(copy_rendered(arena, &c, 0), S("Plain\n\n#Dev #DevTools")));
    c.hashtags = (struct list){0};
    assert_true(str_eq(copy_rendered(arena, &c, 0), S("Plain")));
}

static void a_thread_carries_its_hashtags_at_the_end(void **state)
{
    (void)state;
    static const struct str tags[] = {S("#Dev")};
    static const struct str parts[] = {S("One"), S("Two")};
    struct copy c = {.primary = S("One"), .hashtags = {tags, 1}, .thread_parts = {parts, 2}};
    assert_int_equal(copy_parts(&c), 2);
    assert_true(str_eq(copy_rendered(arena, &c, 0), S("One")));
    assert_true(str_eq(copy_rendered(arena, &c, 1), S("Two\n\n#Dev")));
}

static struct str repeated(char c, size_t n)
{
    char *p = arena_alloc(arena, n);
    memset(p, c, n);
    return (struct str){p, n};
}

struct issue_case {
    enum platform platform;
    enum content_type type;
    size_t length; /* of the primary text */
    int media;
    bool video;
    const char *code; /* of the first error; NULL: none */
};

static const struct issue_case issue_cases[] = {
    {PLATFORM_TWITTER, TYPE_POST, 280, 0, false, NULL},
    {PLATFORM_TWITTER, TYPE_POST, 281, 0, false, "text_too_long"},
    {PLATFORM_TWITTER, TYPE_POST, 0, 0, false, "empty_text"},
    {PLATFORM_TWITTER, TYPE_STORY, 10, 0, false, "type_not_supported"},
    {PLATFORM_TWITTER, TYPE_POST, 10, 5, false, "too_many_media"},
    {PLATFORM_LINKEDIN, TYPE_THREAD, 10, 0, false, "thread_not_supported"},
    {PLATFORM_LINKEDIN, TYPE_CAROUSEL, 10, 1, false, "media_required"},
    {PLATFORM_INSTAGRAM, TYPE_POST, 10, 0, false, "media_required"},
    {PLATFORM_INSTAGRAM, TYPE_POST, 10, 1, false, NULL},
    {PLATFORM_INSTAGRAM, TYPE_REEL, 10, 1, false, "video_required"},
    {PLATFORM_INSTAGRAM, TYPE_REEL, 10, 1, true, NULL},
    {PLATFORM_FACEBOOK, TYPE_STORY, 10, 0, false, "media_required"},
    {PLATFORM_YOUTUBE, TYPE_VIDEO, 10, 1, true, "headline_required"},
    {PLATFORM_TIKTOK, TYPE_POST, 2201, 1, false, "text_too_long"},
};

static void a_platform_names_what_it_will_refuse(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof issue_cases / sizeof *issue_cases; i++) {
        const struct issue_case *k = &issue_cases[i];
        struct copy c = {.primary = repeated('x', k->length), .alt_text = S("A picture")};
        struct list found = content_issues(arena, k->platform, k->type, &c, k->media, k->video);
        const struct issue *first = found.at;
        if (!k->code) {
            assert_int_equal(found.n, 0);
            continue;
        }
        assert_true(found.n > 0 && first->error);
        assert_true(str_eq(first->code, str_of(k->code)));
    }
}

static void a_part_that_is_too_long_is_named_by_its_place(void **state)
{
    (void)state;
    struct str parts[] = {S("One"), S("Two"), repeated('x', 301)};
    struct copy c = {.primary = S("One"), .thread_parts = {parts, 3}};
    struct list found = content_issues(arena, PLATFORM_BLUESKY, TYPE_THREAD, &c, 0, false);
    const struct issue *first = found.at;
    assert_int_equal(found.n, 1);
    assert_true(str_eq(first->code, S("part_too_long")));
    assert_true(str_eq(first->field, S("copy.thread_parts[2]")));
}

static void errors_come_before_warnings(void **state)
{
    (void)state;
    struct copy c = {.primary = S("Hi"), .headline = repeated('x', 101), .first_comment = S("x")};
    struct list found = content_issues(arena, PLATFORM_PINTEREST, TYPE_POST, &c, 1, false);
    const struct issue *issue = found.at;
    assert_int_equal(found.n, 3);
    assert_true(issue[0].error && str_eq(issue[0].code, S("headline_too_long")));
    assert_true(!issue[1].error && !issue[2].error);
}

static void too_many_hashtags_are_refused_wherever_they_stand(void **state)
{
    (void)state;
    struct str tags[31];
    for (size_t i = 0; i < 31; i++)
        tags[i] = arena_printf(arena, "#tag%zu", i);
    struct copy c = {.primary = S("Hi"), .hashtags = {tags, 30}, .alt_text = S("x")};
    struct list found = content_issues(arena, PLATFORM_INSTAGRAM, TYPE_POST, &c, 1, false);
    assert_int_equal(found.n, 1);
    assert_true(str_eq(((const struct issue *)found.at)->code, S("many_hashtags")));
    c.primary = S("Hi #there");
    found = content_issues(arena, PLATFORM_INSTAGRAM, TYPE_POST, &c, 1, false);
    assert_true(str_eq(((const struct issue *)found.at)->code, S("too_many_hashtags")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_agreed_transitions_are_possible),
        cmocka_unit_test(a_copy_survives_being_read_and_printed),
        cmocka_unit_test(a_copy_that_is_not_one_is_refused_by_place),
        cmocka_unit_test(hashtags_follow_on_a_line_of_their_own_once),
        cmocka_unit_test(a_thread_carries_its_hashtags_at_the_end),
        cmocka_unit_test(a_platform_names_what_it_will_refuse),
        cmocka_unit_test(a_part_that_is_too_long_is_named_by_its_place),
        cmocka_unit_test(errors_come_before_warnings),
        cmocka_unit_test(too_many_hashtags_are_refused_wherever_they_stand),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
