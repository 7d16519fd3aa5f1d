/* test_platform.c: lengths as the networks count them, and cuts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "domain/platform.h"

struct length_case {
    enum platform platform;
    const char *text;
    size_t length;
};

static const struct length_case lengths[] = {
    {PLATFORM_TWITTER, "", 0},
    {PLATFORM_TWITTER, "plain text", 10},
    {PLATFORM_TWITTER, "\r\nx", 3},
    {PLATFORM_TWITTER, "caf\u00e9", 4},
    {PLATFORM_TWITTER, "cafe\u0301", 4},
    {PLATFORM_TWITTER, "\u6f22\u5b57", 4},
    {PLATFORM_TWITTER, "\u201cq\u201d \u2014", 5},
    {PLATFORM_TWITTER, "\u20ac", 2},
    {PLATFORM_TWITTER, "\U0001F600", 2},
    {PLATFORM_TWITTER, "\U0001F44D\U0001F3FD", 2},
    {PLATFORM_TWITTER, "\U0001F469\u200D\U0001F469\u200D\U0001F467", 2},
    {PLATFORM_TWITTER, "\U0001F1EA\U0001F1F8\U0001F1EB\U0001F1F7", 4},
    {PLATFORM_TWITTER, "1\uFE0F\u20E3", 2},
    {PLATFORM_TWITTER, "see https://example.com/a/very/long/path?with=query.", 28},
    {PLATFORM_TWITTER, "(https://a.co)", 25},
    {PLATFORM_TWITTER, "https://localhost", 17},
    {PLATFORM_TWITTER, "at example.com, then", 32},
    {PLATFORM_TWITTER, "at example.de today", 32},
    {PLATFORM_TWITTER, "example.de/menu", 23},
    {PLATFORM_TWITTER, "me@example.com", 14},
    {PLATFORM_TWITTER, "Node.js and e.g. this", 21},
    {PLATFORM_LINKEDIN, "cafe\u0301", 5},
    {PLATFORM_LINKEDIN, "\U0001F44D\U0001F3FD", 2},
    {PLATFORM_BLUESKY, "cafe\u0301", 4},
    {PLATFORM_BLUESKY, "\U0001F469\u200D\U0001F469\u200D\U0001F467!", 2},
    {PLATFORM_BLUESKY, "\U0001F1EA\U0001F1F8\U0001F1EB\U0001F1F7", 2},
    {PLATFORM_BLUESKY, "https://a.co", 12},
    {PLATFORM_TIKTOK, "\U0001F600x", 3},
    {PLATFORM_THREADS, "\U0001F600x", 5},
    {PLATFORM_MASTODON, "https://example.com/long/long/path x", 25},
    {PLATFORM_MASTODON, "example.com", 11},
    {PLATFORM_MASTODON, "hi @ada@example.social!", 8},
    {PLATFORM_MASTODON, "mail ada@example.social", 23},
};

static void a_text_is_as_long_as_its_platform_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size_t n = platform_length(lengths[i].platform, str_of(lengths[i].text));
        if (n != lengths[i].length)
            print_error("%s: %s\n", platform_rules[lengths[i].platform].label, lengths[i].text);
        assert_int_equal(n, lengths[i].length);
    }
}

static void clusters_are_found_across_any_window(void **state)
{
    (void)state;
    static const struct str family = S("\U0001F469\u200D\U0001F469\u200D\U0001F467");
    struct arena *a = arena_new(1 << 20);
    for (size_t lead = 0; lead < 40; lead++) {
        enum { FAMILIES = 100 };
        char *text = arena_alloc(a, lead + FAMILIES * family.n);
        memset(text, '.', lead);
        for (size_t i = 0; i < FAMILIES; i++)
            memcpy(text + lead + i * family.n, family.p, family.n);
        struct str s = {text, lead + FAMILIES * family.n};
        assert_int_equal(platform_length(PLATFORM_BLUESKY, s), lead + FAMILIES);
        assert_int_equal(platform_length(PLATFORM_TWITTER, s), lead + 2 * FAMILIES);
    }
    arena_free(a);
}

struct cut_case {
    enum platform platform;
    const char *text;
    size_t limit;
    const char *cut;
};

static const struct cut_case cuts[] = {
    {PLATFORM_BLUESKY, "short", 10, "short"},
    {PLATFORM_BLUESKY, "one two three", 9, "one two"},
    {PLATFORM_BLUESKY, "one two three", 7, "one two"},
    {PLATFORM_BLUESKY, "one  two", 5, "one"},
    {PLATFORM_BLUESKY, "unbreakable", 5, "unbre"},
    {PLATFORM_BLUESKY, "anything", 0, ""},
    {PLATFORM_BLUESKY, "ab\U0001F469\u200D\U0001F467", 2, "ab"},
    {PLATFORM_LINKEDIN, "ab\U0001F469\u200D\U0001F467", 4, "ab"},
    {PLATFORM_TWITTER, "see https://example.com/a/b", 26, "see"},
    {PLATFORM_TWITTER, "see https://example.com/a/b", 27, "see https://example.com/a/b"},
    {PLATFORM_TWITTER, "abc.comfortable", 7, "abc.c"}, /* "abc.com" is a link that counts 23 */
    {PLATFORM_TWITTER, "\u6f22\u5b57\u6f22", 5, "\u6f22\u5b57"},
};

static void a_cut_text_never_splits_a_grapheme_or_a_link(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct str cut = platform_cut(cuts[i].platform, str_of(cuts[i].text), cuts[i].limit);
        if (!str_eq(cut, str_of(cuts[i].cut)))
            print_error("%s: '%.*s'\n", cuts[i].text, STR(cut));
        assert_true(str_eq(cut, str_of(cuts[i].cut)));
    }
}

static void a_cut_text_fits_every_platform_at_every_limit(void **state)
{
    (void)state;
    struct str text = S("Caf\u00e9 @ada@example.social \U0001F44D\U0001F3FD https://example.com/x "
                        "\u6f22\u5b57 e\u0301 1\uFE0F\u20E3 example.org end.");
    for (enum platform p = PLATFORM_NONE + 1; p < PLATFORM_COUNT; p++) {
        size_t before = 0;
        for (size_t limit = 0; limit <= platform_length(p, text); limit++) {
            struct str cut = platform_cut(p, text, limit);
            assert_true(platform_length(p, cut) <= limit);
            assert_true(utf8_valid(cut));
            assert_true(cut.n >= before || limit < 12); /* words are preferred once there is one */
            before = cut.n;
        }
        assert_int_equal(before, text.n);
    }
}

static void every_platform_has_a_name_and_sensible_limits(void **state)
{
    (void)state;
    assert_int_equal(platform_names.n, PLATFORM_COUNT);
    assert_int_equal(content_type_names.n, TYPE_COUNT);
    for (enum platform p = PLATFORM_NONE + 1; p < PLATFORM_COUNT; p++) {
        const struct platform_rule *r = &platform_rules[p];
        assert_non_null(r->label);
        assert_true(r->ideal > 0 && r->ideal <= r->limit);
        assert_true(r->ideal_hashtags <= r->max_hashtags && r->max_media >= 1);
        assert_true(r->types != 0 && r->max_parts >= 1);
        assert_int_equal(r->max_parts > 1, platform_in(r->types, (enum platform)TYPE_THREAD));
        assert_true(platform_unit(p).n > 0);
    }
    assert_null(platform_rules[PLATFORM_MASTODON].metricool);
    assert_string_equal(platform_rules[PLATFORM_GOOGLE_BUSINESS].metricool, "gmb");
}

static void a_set_holds_what_was_put_in(void **state)
{
    (void)state;
    unsigned set = 1u << PLATFORM_TWITTER | 1u << PLATFORM_MASTODON;
    assert_true(platform_in(set, PLATFORM_MASTODON));
    assert_false(platform_in(set, PLATFORM_LINKEDIN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_as_long_as_its_platform_counts),
        cmocka_unit_test(clusters_are_found_across_any_window),
        cmocka_unit_test(a_cut_text_never_splits_a_grapheme_or_a_link),
        cmocka_unit_test(a_cut_text_fits_every_platform_at_every_limit),
        cmocka_unit_test(every_platform_has_a_name_and_sensible_limits),
        cmocka_unit_test(a_set_holds_what_was_put_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
