/* test_preview.c: a post as it will be sent, and the card that the console shows. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "domain/review.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(1 << 23);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct preview preview_of(enum platform p, enum content_type type, struct str copy,
                                 struct str visuals)
{
    const struct content x = {
        .platform = (int)p, .type = (int)type, .copy = copy, .visuals = visuals};
    struct preview out;
    if (preview_make(arena, &x, &out))
        fail_msg("no preview of %.*s", STR(copy));
    return out;
}

static bool holds(struct str text, const char *part)
{
    return str_contains_nocase(text, str_of(part));
}

static void the_text_is_what_will_be_sent(void **state)
{
    struct preview p =
        preview_of(PLATFORM_TWITTER, TYPE_POST,
                   S("{\"primary\":\"Hello\",\"hashtags\":[\"#DevTools\"]}"), S("[]"));
    (void)state;
    assert_true(str_eq(p.rendered.text, S("Hello\n\n#DevTools")));
    assert_int_equal(p.rendered.parts.n, 0);
    assert_int_equal(p.rendered.hashtags.n, 1);
    assert_int_equal(p.length.used, platform_length(PLATFORM_TWITTER, p.rendered.text));
    assert_int_equal(p.length.limit, platform_rules[PLATFORM_TWITTER].limit);
    assert_true(str_eq(p.length.unit, platform_unit(PLATFORM_TWITTER)));
    assert_true(p.valid);
    assert_int_equal(p.issues.n, 0);
}

static void nothing_in_a_post_becomes_markup(void **state)
{
    struct preview p = preview_of(
        PLATFORM_YOUTUBE, TYPE_VIDEO,
        S("{\"primary\":\"<script>alert(1)</script> & \\\"x\\\" 'y'\",\"headline\":\"<b>T</b>\","
          "\"first_comment\":\"</p><img src=x onerror=alert(2)>\"}"),
        S("[]"));
    (void)state;
    assert_true(holds(p.html, "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x&quot; &#39;y"));
    assert_true(holds(p.html, "&lt;b&gt;T&lt;/b&gt;"));
    assert_true(holds(p.html, "&lt;/p&gt;&lt;img src=x onerror=alert(2)&gt;"));
    assert_false(holds(p.html, "<script"));
    assert_false(holds(p.html, "<b>"));
    assert_false(holds(p.html, "<img"));
}

static void a_new_line_is_seen_as_one(void **state)
{
    struct preview p =
        preview_of(PLATFORM_LINKEDIN, TYPE_POST, S("{\"primary\":\"One\\nTwo\"}"), S("[]"));
    (void)state;
    assert_true(holds(p.html, "<p class=\"post-text\">One<br>Two</p>"));
    assert_true(holds(p.html, "<header class=\"post-platform\">LinkedIn</header>"));
    assert_false(holds(p.html, "post-headline"));
}

static void a_thread_is_shown_part_by_part(void **state)
{
    struct preview p =
        preview_of(PLATFORM_TWITTER, TYPE_THREAD,
                   S("{\"primary\":\"One\",\"thread_parts\":[\"One\",\"Two and more\"]}"), S("[]"));
    const struct str *part = p.rendered.parts.at;
    (void)state;
    assert_int_equal(p.rendered.parts.n, 2);
    assert_true(str_eq(part[0], S("One")));
    assert_true(str_eq(part[1], S("Two and more")));
    assert_int_equal(p.length.used, 12);
    assert_true(holds(p.html, "One</p><p class=\"post-text\">Two and more</p>"));
}

static void what_keeps_a_post_from_being_published_stands_first(void **state)
{
    struct str text = {arena_alloc(arena, 300), 300}, printed;
    for (size_t i = 0; i < text.n; i++)
        ((char *)text.p)[i] = 'a';
    struct preview p = preview_of(
        PLATFORM_TWITTER, TYPE_POST,
        arena_printf(arena, "{\"primary\":\"%.*s\",\"headline\":\"T\"}", STR(text)), S("[]"));
    (void)state;
    assert_false(p.valid);
    assert_int_equal(p.issues.n, 2);
    printed = shape_text(arena, &preview_shape, &p);
    assert_true(holds(printed, "\"issues\":[{\"severity\":\"error\",\"code\":\"text_too_long\""));
    assert_true(holds(printed, "{\"severity\":\"warning\",\"code\":\"headline_not_supported\""));
}

static void a_warning_leaves_a_post_valid(void **state)
{
    struct preview p = preview_of(PLATFORM_TWITTER, TYPE_POST,
                                  S("{\"primary\":\"Hello\",\"headline\":\"T\"}"), S("[]"));
    (void)state;
    assert_true(p.valid);
    assert_int_equal(p.issues.n, 1);
}

static void media_go_along_and_count(void **state)
{
    struct preview p =
        preview_of(PLATFORM_INSTAGRAM, TYPE_REEL, S("{\"primary\":\"Hello\"}"),
                   S("[{\"type\":\"video\",\"url\":\"https://example.com/a.mp4\"}]"));
    (void)state;
    assert_true(p.valid);
    assert_int_equal(p.rendered.media.n, 1);
    assert_true(str_eq(*(const struct str *)p.rendered.media.at, S("https://example.com/a.mp4")));
    p = preview_of(PLATFORM_INSTAGRAM, TYPE_REEL, S("{\"primary\":\"Hello\"}"), S("[]"));
    assert_false(p.valid);
}

static void a_copy_that_is_damaged_is_our_fault(void **state)
{
    const struct content x = {.platform = PLATFORM_TWITTER, .copy = S("{"), .visuals = S("[]")};
    struct preview out;
    (void)state;
    assert_true(error_is(preview_make(arena, &x, &out), ERR_INTERNAL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_text_is_what_will_be_sent),
        TEST(nothing_in_a_post_becomes_markup),
        TEST(a_new_line_is_seen_as_one),
        TEST(a_thread_is_shown_part_by_part),
        TEST(what_keeps_a_post_from_being_published_stands_first),
        TEST(a_warning_leaves_a_post_valid),
        TEST(media_go_along_and_count),
        TEST(a_copy_that_is_damaged_is_our_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
