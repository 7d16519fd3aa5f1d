/* test_quality.c: what keeps a text from going out, and what takes from the confidence in it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "domain/quality.h"

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

static const struct str excluded[] = {S("pricing")}, banned[] = {S("cheap")},
                        links[] = {S("https://example.com/docs")},
                        subjects[] = {S("Win developers")}, tags[] = {S("#DevTools")};

static struct quality_rules the_rules(void)
{
    return (struct quality_rules){.excluded_topics = {excluded, 1},
                                  .banned_words = {banned, 1},
                                  .subjects = {subjects, 1},
                                  .language = S("en-GB")};
}

/* A post that has everything. */
static struct copy the_copy(void)
{
    return (struct copy){
        .primary = S("Developers who read the first page of a manual stay. We rewrote ours, and"
                     " support mail went down by a third within a month."),
        .hashtags = {tags, 1}};
}

static struct quality_text the_text(const struct copy *copy)
{
    return (struct quality_text){.platform = PLATFORM_TWITTER,
                                 .type = TYPE_POST,
                                 .copy = copy,
                                 .language = S("en"),
                                 .writers_share = NAN};
}

static bool holds(struct str text, const char *part)
{
    return str_contains_nocase(text, str_of(part));
}

static bool is_near(double value, double expected)
{
    return fabs(value - expected) < 1e-9;
}

static void a_text_that_passes_all_checks_has_full_confidence(void **state)
{
    struct quality_rules r = the_rules();
    struct copy copy = the_copy();
    struct quality_text t = the_text(&copy);
    struct quality q = quality_check(arena, &r, &t);
    (void)state;
    assert_false(q.waits);
    assert_null(q.reason.p);
    assert_true(is_near(q.confidence, 1));
}

static void what_must_not_be_is_named_and_leaves_no_confidence(void **state)
{
    struct quality_rules r = the_rules();
    struct copy copy = the_copy();
    struct quality_text t = the_text(&copy);
    struct quality q;
    (void)state;
    r.links = (struct list){links, 1};
    copy.cta = S("See our pricing");
    copy.first_comment = S("It is CHEAP!");
    t.likeness = 0.6;
    q = quality_check(arena, &r, &t);
    assert_true(holds(q.reason, "\"pricing\""));
    assert_true(holds(q.reason, "\"cheap\""));
    assert_true(holds(q.reason, "https://example.com/docs"));
    assert_true(holds(q.reason, "60 %"));
    assert_true(q.confidence == 0);
}

static void a_required_link_may_stand_in_the_first_comment(void **state)
{
    struct quality_rules r = the_rules();
    struct copy copy = the_copy();
    struct quality_text t = the_text(&copy);
    (void)state;
    t.platform = PLATFORM_LINKEDIN;
    r.links = (struct list){links, 1};
    assert_non_null(quality_check(arena, &r, &t).reason.p);
    copy.first_comment = S("Read on: https://example.com/docs?utm=x");
    assert_null(quality_check(arena, &r, &t).reason.p);
}

static void the_platforms_limits_are_reasons_but_a_missing_image_only_waits(void **state)
{
    struct quality_rules r = the_rules();
    struct copy copy = the_copy();
    struct quality_text t = the_text(&copy);
    struct quality q;
    (void)state;
    t.platform = PLATFORM_INSTAGRAM;
    q = quality_check(arena, &r, &t);
    assert_true(q.waits);
    assert_null(q.reason.p);
    t.media = 1;
    assert_false(quality_check(arena, &r, &t).waits);
    t.platform = PLATFORM_TWITTER;
    copy.primary = arena_printf(arena, "%.*s %.*s %.*s", STR(copy.primary), STR(copy.primary),
                                STR(copy.primary));
    assert_true(holds(quality_check(arena, &r, &t).reason, "280"));
}

static void each_shortcoming_takes_what_is_written_down(void **state)
{
    struct quality_rules r = the_rules();
    struct copy copy = the_copy(), bare = the_copy(), brief = the_copy(), other = the_copy();
    struct quality_text t = the_text(&copy);
    (void)state;
    t.likeness = 0.2;
    assert_true(is_near(quality_check(arena, &r, &t).confidence, 0.9));
    t = the_text(&copy);
    t.rewrites = 2;
    assert_true(is_near(quality_check(arena, &r, &t).confidence, 0.8));
    t = the_text(&copy);
    t.language = S("de");
    assert_true(is_near(quality_check(arena, &r, &t).confidence, 0.6));
    t = the_text(&copy);
    t.writers_share = 0.5;
    assert_true(is_near(quality_check(arena, &r, &t).confidence, 0.5));
    bare.hashtags = (struct list){0};
    t = the_text(&bare);
    assert_true(is_near(quality_check(arena, &r, &t).confidence, 0.95));
    brief.primary = S("Developers read.");
    t = the_text(&brief);
    assert_true(is_near(quality_check(arena, &r, &t).confidence, 0.9));
    other.primary = S("Whoever reads the first page of a manual stays. We rewrote ours, and support"
                      " mail went down by a third within a month.");
    t = the_text(&other);
    assert_true(is_near(quality_check(arena, &r, &t).confidence, 0.8));
}

static void what_the_brand_likes_is_looked_for(void **state)
{
    static const struct brand_topic topics[] = {{S("manuals"), 1}};
    static const struct str words[] = {S("quiet"), S("by a third")}, shouted[] = {S("shouted")};
    static const struct str own[] = {S("#Acme")};
    const struct brand_voice brand = {.topics = {topics, 1}};
    struct quality_rules r = the_rules();
    struct copy copy = the_copy();
    struct quality_text t = the_text(&copy);
    (void)state;
    copy.primary = S("Whoever reads the first page of a manual stays. We rewrote ours, and support"
                     " mail went down by a third within a month.");
    assert_true(is_near(quality_check(arena, &r, &t).confidence, 0.8));
    quality_rules_of_brand(arena, &brand, &r);
    assert_true(is_near(quality_check(arena, &r, &t).confidence, 1));
    r.preferred_words = (struct list){words, 2};
    assert_true(is_near(quality_check(arena, &r, &t).confidence, 1));
    r.preferred_words = (struct list){shouted, 1};
    assert_true(is_near(quality_check(arena, &r, &t).confidence, 0.95));
    r.hashtags = (struct list){own, 1};
    assert_true(is_near(quality_check(arena, &r, &t).confidence, 0.9));
    copy.hashtags = (struct list){own, 1};
    assert_true(is_near(quality_check(arena, &r, &t).confidence, 0.95));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_that_passes_all_checks_has_full_confidence),
        cmocka_unit_test(what_must_not_be_is_named_and_leaves_no_confidence),
        cmocka_unit_test(a_required_link_may_stand_in_the_first_comment),
        cmocka_unit_test(the_platforms_limits_are_reasons_but_a_missing_image_only_waits),
        cmocka_unit_test(each_shortcoming_takes_what_is_written_down),
        cmocka_unit_test(what_the_brand_likes_is_looked_for),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
