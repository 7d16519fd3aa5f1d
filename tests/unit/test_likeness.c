/* test_likeness.c: texts as words, and how much of one another repeats. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <math.h>

#include "domain/likeness.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(1 << 24);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

/* The words of a text, with a bar behind each. */
static struct str words(struct str text)
{
    struct list found = words_of(arena, text);
    const struct str *w = found.at;
    struct str out = {"", 0};
    for (size_t i = 0; i < found.n; i++)
        out = arena_printf(arena, "%.*s%.*s|", STR(out), STR(w[i]));
    return out;
}

static void words_are_without_case_signs_and_links(void **state)
{
    static const struct {
        struct str text, words;
    } cases[] = {
        {S(""), S("")},
        {S("  ?! …"), S("")},
        {S("Don't PANIC."), S("dont|panic|")},
        {S("Don\u2019t panic"), S("dont|panic|")},
        {S("see https://example.com/pricing, now"), S("see|now|")},
        {S("#DevTools #API2 iPhone"), S("dev|tools|api2|iphone|")},
        {S("\u00c9T\u00c9 e\u0301te\u0301"), S("\u00e9t\u00e9|\u00e9t\u00e9|")},
        {S("\u79c1\u306f AMP"), S("\u79c1|\u306f|amp|")},
        {S("a-b_c"), S("a|b|c|")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!str_eq(words(cases[i].text), cases[i].words))
            fail_msg("%.*s: %.*s", STR(cases[i].text), STR(words(cases[i].text)));
}

static bool mentions(const char *text, const char *phrase)
{
    struct list in = words_of(arena, str_of(text)), wanted = words_of(arena, str_of(phrase));
    return words_mention(&in, &wanted);
}

static void a_phrase_is_found_as_whole_words_only(void **state)
{
    (void)state;
    assert_true(mentions("Our PRICING, explained", "pricing"));
    assert_true(mentions("All about #PricingTips", "pricing"));
    assert_true(mentions("a price\u2014list for you", "Price list"));
    assert_true(mentions("no discounts today", "discount"));
    assert_true(mentions("in three boxes", "box"));
    assert_true(mentions("one discount", "discounts"));
    assert_false(mentions("the startup scene", "art"));
    assert_false(mentions("a list of every price", "price list"));
    assert_false(mentions("this is glass", "glas"));
    assert_false(mentions("anything", "?!"));
    assert_false(mentions("", "anything"));
}

static struct list shingles(const char *text)
{
    struct copy c = {.primary = str_of(text)};
    return shingles_of(arena, &c);
}

static double alike(const char *a, const char *b)
{
    struct list x = shingles(a), y = shingles(b);
    return shingles_likeness(&x, &y);
}

static void likeness_is_the_shared_part_of_all_runs_of_three_words(void **state)
{
    (void)state;
    assert_true(alike("one two three four", "One, two: three FOUR!") == 1);
    assert_true(alike("one two three four", "five six seven eight") == 0);
    /* {123 234} and {123 235}: one of three */
    assert_true(fabs(alike("1 2 3 4", "1 2 3 5") - 1.0 / 3) < 1e-9);
    assert_true(alike("", "") == 0);
    assert_true(alike("short", "short") == 1);
    assert_true(alike("see https://a.example.org now then", "see https://b.example.org now then") ==
                1);
}

static void the_whole_thread_counts(void **state)
{
    const struct str parts[] = {S("one two three"), S("four five six")};
    struct copy thread = {.primary = parts[0], .thread_parts = {parts, 2}};
    struct list whole = shingles("one two three four five six"), found;
    (void)state;
    found = shingles_of(arena, &thread);
    assert_true(shingles_likeness(&found, &whole) == 1);
}

/* Two texts of 60 words of which the last `changed` differ. */
static void a_pair(int salt, int changed, struct list *a, struct list *b)
{
    struct str x = {"", 0}, y = {"", 0};
    for (int i = 0; i < 60; i++) {
        int word = i < 60 - changed ? i : i + 1000;
        x = arena_printf(arena, "%.*s w%d", STR(x), salt * 100000 + i);
        y = arena_printf(arena, "%.*s w%d", STR(y), salt * 100000 + word);
    }
    *a = shingles_of(arena, &(struct copy){.primary = x});
    *b = shingles_of(arena, &(struct copy){.primary = y});
}

static void a_sketch_tells_the_likeness_within_its_error(void **state)
{
    double squares = 0;
    int n = 0;
    (void)state;
    for (int salt = 1; salt <= 40; salt++) {
        for (int changed = 0; changed <= 60; changed += 10) {
            struct list a, b;
            a_pair(salt, changed, &a, &b);
            struct sketch s = sketch_of(&a), t = sketch_of(&b);
            double off = sketch_likeness(&s, &t) - shingles_likeness(&a, &b);
            assert_true(fabs(off) < 5 * 0.063);
            squares += off * off;
            n++;
        }
    }
    assert_true(sqrt(squares / n) < 0.063);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_without_case_signs_and_links),
        cmocka_unit_test(a_phrase_is_found_as_whole_words_only),
        cmocka_unit_test(likeness_is_the_shared_part_of_all_runs_of_three_words),
        cmocka_unit_test(the_whole_thread_counts),
        cmocka_unit_test(a_sketch_tells_the_likeness_within_its_error),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
