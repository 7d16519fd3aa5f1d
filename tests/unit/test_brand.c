/* test_brand.c: what a brand wants to read, and never to read, in a text. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "domain/brand.h"
#include "domain/phrase.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void phrases_are_found_as_whole_words_in_any_case(void **state)
{
    static const struct {
        const char *text, *phrase;
        bool held;
    } cases[] = {
        {"It is cheap.", "cheap", true},
        {"CHEAP", "cheap", true},
        {"#cheap", "cheap", true},
        {"cheap-looking", "cheap", true},
        {"cheaper", "cheap", false},
        {"a_cheap_b", "cheap", false},
        {"a cheaper, cheap one", "cheap", true},
        {"no-brainer!", " no-brainer ", true},
        {"C++ and C", "C++", true},
        {"Die gr\u00f6\u00dfte \u00dcBUNG", "\u00fcbung", true},
        {"\u00dcbungen", "\u00fcbung", false},
        {"\u041d\u0415\u0422!", "\u043d\u0435\u0442", true},
        {"\u6211\u4eec\u7684\u4ef7\u683c\u5f88\u4f4e", "\u4ef7\u683c", true},
        {"100% sure", "100%", true},
        {"one  thing", "one thing", false},
        {"anything", "", false},
        {"", "x", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (phrase_in(str_of(cases[i].text), str_of(cases[i].phrase)) != cases[i].held)
            fail_msg("%s in %s", cases[i].phrase, cases[i].text);
    }
}

static struct brand_voice brand_of(const char *json)
{
    struct brand_context context = {0};
    struct brand_voice brand;
    sent what;
    assert_null(shape_read(arena, &brand_context_shape, str_of(json), &context, &what));
    assert_null(brand_read(arena, &context, &brand));
    return brand;
}

static void a_brand_reads_back_as_it_was_described(void **state)
{
    struct brand_voice b =
        brand_of("{\"name\":\"Acme\",\"tone\":\"warm\",\"topics\":[{\"name\":\"APIs\","
                 "\"weight\":3},{\"name\":\"Logs\"}],\"hashtags\":[\"#Acme\"]}");
    const struct brand_topic *topic = b.topics.at;
    (void)state;
    assert_true(str_eq(b.name, S("Acme")) && str_eq(b.tone, S("warm")) && !b.voice.p);
    assert_int_equal(b.topics.n, 2);
    assert_true(str_eq(topic[0].name, S("APIs")) && topic[0].weight == 3 && topic[1].weight == 1);
    assert_int_equal(b.hashtags.n, 1);
    assert_int_equal(b.examples.n + b.links.n + b.banned_words.n + b.preferred_words.n, 0);
}

static void what_a_text_breaks_is_named(void **state)
{
    struct brand_voice b = brand_of(
        "{\"name\":\"Acme\",\"banned_words\":[\"guru\",\"cheap\"],\"links\":[{\"url\":"
        "\"https://example.com/a\"},{\"url\":\"https://example.com/b\",\"required\":true}]}");
    struct str good = S("Read https://example.com/b today.");
    (void)state;
    assert_null(brand_banned_in(&b, good).p);
    assert_null(brand_link_missing(&b, good).p);
    assert_true(str_eq(brand_banned_in(&b, S("A Cheap guru")), S("guru")));
    assert_true(
        str_eq(brand_link_missing(&b, S("https://example.com/a")), S("https://example.com/b")));
    assert_null(brand_banned_in(NULL, S("cheap")).p);
    assert_null(brand_link_missing(NULL, S("cheap")).p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phrases_are_found_as_whole_words_in_any_case),
        cmocka_unit_test(a_brand_reads_back_as_it_was_described),
        cmocka_unit_test(what_a_text_breaks_is_named),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
