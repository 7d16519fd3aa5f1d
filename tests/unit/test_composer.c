/* test_composer.c: the built-in writer keeps its word: length, variety, wishes, excluded topics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "domain/likeness.h"
#include "domain/quality.h"
#include "llm/llm.h"

static struct arena *arena;
static struct outside outside;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new((size_t)1 << 28);
    outside = (struct outside){.arena = arena};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static const char *const pillars[] = {
    "Education",          "Behind the Scenes", "Community",      "Product Value",
    "Thought Leadership", "Industry Insight",  "Customer Story", "Anything else",
};
enum { PILLARS = sizeof pillars / sizeof *pillars };

static const struct str awareness[] = {S("Drive awareness")};
static const struct str developers[] = {S("Increase brand awareness among developers")};
static const struct str bakery[] = {S("Promote our new sourdough loaf"),
                                    S("Get more wedding cake orders")};
static const struct str lawyers[] = {S("Educate founders about employment law")};
static const struct str charity[] = {
    S("Recruit 50 volunteers for the winter food drive by December"),
    S("Encourage people to donate blankets"),
};

static const struct brief briefs[] = {
    {.name = S("My Mission"), .objectives = {awareness, 1}},
    {.name = S("Q1 Developer Outreach"),
     .objectives = {developers, 1},
     .tone = S("professional yet approachable"),
     .language = S("en")},
    {.name = S("Sunrise Bakery"),
     .description = S("Campaign for spring. We bake bread and cakes in a small shop."),
     .objectives = {bakery, 2},
     .tone = S("playful")},
    {.name = S("Founders and the law"), .objectives = {lawyers, 1}, .tone = S("formal")},
    {.name = S("Winter Drive"),
     .objectives = {charity, 2},
     .tone = S("warm"),
     .language = S("en-GB")},
};
enum { BRIEFS = sizeof briefs / sizeof *briefs };

static struct draft write_one(const struct prompt *p)
{
    struct draft d = {0};
    assert_null(llm_builtin.complete(NULL, &outside, p, 1, &d));
    return d;
}

static struct prompt prompt_for(const struct brief *b)
{
    return (struct prompt){.brief = b,
                           .platform = PLATFORM_TWITTER,
                           .type = TYPE_POST,
                           .pillar = S("Education"),
                           .seed = 1};
}

static bool mentions(const struct copy *c, struct str word)
{
    for (size_t i = 0; i < copy_parts(c); i++)
        if (str_contains_nocase(copy_rendered(arena, c, i), word))
            return true;
    return false;
}

static void every_platform_gets_texts_that_it_takes(void **state)
{
    (void)state;
    uint32_t ordinal = 0;
    for (enum platform p = PLATFORM_NONE + 1; p < PLATFORM_COUNT; p++) {
        for (enum content_type t = TYPE_NONE + 1; t < TYPE_COUNT; t++) {
            if (!(platform_rules[p].types >> t & 1u))
                continue;
            for (size_t i = 0; i < (size_t)BRIEFS * PILLARS; i++, ordinal++) {
                struct prompt in = prompt_for(&briefs[i % BRIEFS]);
                in.platform = p;
                in.type = t;
                in.pillar = str_of(pillars[i % PILLARS]);
                in.ordinal = ordinal;
                struct draft d = write_one(&in);
                assert_null(d.failure);
                struct list issues = content_issues(arena, p, t, &d.copy, 2, true);
                for (size_t k = 0; k < issues.n; k++) {
                    const struct issue *issue = (const struct issue *)issues.at + k;
                    assert_true(!issue->error || str_eq(issue->code, S("too_many_media")));
                }
                assert_true(utf8_valid(d.copy.primary));
                assert_true(d.confidence > 0.3 && d.confidence < 1);
                assert_true(str_eq(d.model, S("builtin")) && d.topic.n > 0);
                assert_int_equal(d.tokens_in + d.tokens_out + d.cost_microcents, 0);
            }
            arena_reset(arena);
        }
    }
}

static void no_template_is_left_unfilled(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 4000; i++) {
        struct prompt in = prompt_for(&briefs[i % BRIEFS]);
        in.platform = i % 2 ? PLATFORM_LINKEDIN : PLATFORM_INSTAGRAM;
        in.pillar = str_of(pillars[i % PILLARS]);
        in.ordinal = i;
        struct draft d = write_one(&in);
        assert_null(d.failure);
        for (size_t k = 0; k < d.copy.primary.n; k++)
            assert_null(strchr("{}[]|", d.copy.primary.p[k]));
        assert_false(mentions(&d.copy, S("  ")));
        assert_false(mentions(&d.copy, S("..")));
        if (i % 100 == 99)
            arena_reset(arena);
    }
    arena_reset(arena);
}

static void the_same_seed_and_brief_give_the_same_text(void **state)
{
    (void)state;
    struct prompt in = prompt_for(&briefs[1]);
    in.ordinal = 17;
    struct draft first = write_one(&in);
    struct draft second = write_one(&in);
    assert_true(str_eq(first.copy.primary, second.copy.primary));
    in.seed = 2;
    second = write_one(&in);
    assert_false(str_eq(first.copy.primary, second.copy.primary));
}

static void a_batch_gives_what_its_prompts_give_alone(void **state)
{
    (void)state;
    struct prompt in[4];
    struct draft together[4] = {0};
    for (uint32_t i = 0; i < 4; i++) {
        in[i] = prompt_for(&briefs[i]);
        in[i].ordinal = i;
    }
    assert_null(llm_builtin.complete(NULL, &outside, in, 4, together));
    for (size_t i = 0; i < 4; i++) {
        struct draft alone = write_one(&in[i]);
        assert_true(str_eq(alone.copy.primary, together[i].copy.primary));
    }
}

/* The words of an objective, as grammar. */
static const struct {
    const char *objective, *topic;
} topics[] = {
    {"Drive awareness", "Awareness"},
    {"Increase brand awareness among developers", "Brand awareness"},
    {"Drive sign-ups for the API beta", "The API beta"},
    {"Promote our new sourdough loaf", "Our new sourdough loaf"},
    {"Get more wedding cake orders", "Our wedding cakes"},
    {"Educate founders about employment law", "Employment law"},
    {"Raise awareness of eviction rights among tenants", "Eviction rights"},
    {"Recruit 50 volunteers for the winter food drive by December", "The winter food drive"},
    {"Encourage people to donate blood", "Donating blood"},
    {"Help small teams ship faster", "Helping small teams ship faster"},
    {"Establish thought leadership in cloud security", "Cloud security"},
    {"Launch the Kestrel mobile app in May", "The Kestrel mobile app"},
    {"Increase engagement on LinkedIn by 20%", "Engagement"},
    {"Grow awareness and drive sign-ups", "Awareness"},
    {"To increase foot traffic on weekdays", "Foot traffic"},
    {"Kubernetes upgrades", "Kubernetes upgrades"},
    {"Position us as the simplest way to take payments", "The simplest way to take payments"},
    {"Bring families into the shop on weekends", "The shop on weekends"},
    {"Raise funds for an orphanage", "The orphanage"},
    {"Open a second shop", "The second shop"},
    {"  more \n followers ", "Followers"},
};

static void an_objective_is_read_as_what_it_is_about(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        struct str objective = str_of(topics[i].objective);
        struct brief b = {.name = S("x"), .objectives = {&objective, 1}};
        struct prompt in = prompt_for(&b);
        struct draft d = write_one(&in);
        assert_null(d.failure);
        if (!str_eq(d.topic, str_of(topics[i].topic)))
            print_error("%s: %.*s\n", topics[i].objective, STR(d.topic));
        assert_true(str_eq(d.topic, str_of(topics[i].topic)));
        assert_true(mentions(&d.copy, d.topic));
    }
}

static void any_words_make_a_text_that_fits(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "!!!",
        "-",
        "to",
        "(",
        "\u8a8d\u77e5\u5ea6\u3092\u9ad8\u3081\u308b",
        "\U0001F680",
        "Increase",
        "for the and of with",
        "50",
        "{t} [a|b] %s",
        "caf\u00e9 \u00e9clairs",
        "Increase the of about for among from with to in at developers developers developers",
    };
    char long_word[501];
    memset(long_word, 'x', 500);
    long_word[500] = '\0';
    for (size_t i = 0; i <= sizeof odd / sizeof *odd; i++) {
        struct str objective = str_of(i < sizeof odd / sizeof *odd ? odd[i] : long_word);
        struct brief b = {.name = objective, .objectives = {&objective, 1}};
        for (enum platform p = PLATFORM_NONE + 1; p < PLATFORM_COUNT; p++) {
            struct prompt in = prompt_for(&b);
            in.platform = p;
            struct draft d = write_one(&in);
            assert_null(d.failure);
            assert_true(utf8_valid(d.copy.primary));
            struct str text = copy_rendered(arena, &d.copy, 0);
            assert_true(platform_length(p, text) <= (size_t)platform_rules[p].limit);
        }
    }
}

static void an_excluded_topic_is_never_mentioned(void **state)
{
    (void)state;
    static const struct str excluded[] = {S("Question"), S("one thing"), S("learning")};
    struct brief b = briefs[1];
    b.excluded_topics = (struct list){excluded, 3};
    for (uint32_t i = 0; i < 300; i++) {
        struct prompt in = prompt_for(&b);
        in.platform = i % 2 ? PLATFORM_LINKEDIN : PLATFORM_INSTAGRAM;
        in.ordinal = i;
        struct draft d = write_one(&in);
        assert_null(d.failure);
        assert_false(mentions(&d.copy, S("question ")) || mentions(&d.copy, S("question.")));
        assert_false(mentions(&d.copy, S("one thing")) || mentions(&d.copy, S("#learning")));
    }
    arena_reset(arena);
}

static void a_topic_that_is_excluded_itself_is_an_honest_failure(void **state)
{
    (void)state;
    static const struct str excluded[] = {S("AWARENESS")};
    struct brief b = briefs[0];
    b.excluded_topics = (struct list){excluded, 1};
    struct prompt in = prompt_for(&b);
    struct draft d = write_one(&in);
    assert_true(error_is(d.failure, ERR_VALIDATION_FAILED));
    assert_true(str_contains_nocase(d.failure->cause, S("awareness")));
    assert_null(d.copy.primary.p);
}

static void another_objective_steps_in_for_an_excluded_one(void **state)
{
    (void)state;
    static const struct str excluded[] = {S("wedding cakes")};
    struct brief b = briefs[2];
    b.excluded_topics = (struct list){excluded, 1};
    for (uint32_t i = 0; i < 20; i++) {
        struct prompt in = prompt_for(&b);
        in.ordinal = i;
        struct draft d = write_one(&in);
        assert_null(d.failure);
        assert_true(mentions(&d.copy, S("sourdough")));
    }
}

static void a_brand_is_kept_to_in_every_text(void **state)
{
    (void)state;
    static const struct str banned[] = {S("question"), S("LEARNING")};
    static const struct str tags[] = {S("#AcmeAPI"), S("#Learning")};
    static const struct brand_link links[] = {
        {.url = S("https://example.com/docs"), .required = true},
        {.url = S("https://example.com/blog")}};
    const struct brand_voice brand = {
        .name = S("Acme"), .banned_words = {banned, 2}, .links = {links, 2}, .hashtags = {tags, 2}};
    struct brief b = briefs[1];
    b.brand = &brand;
    for (uint32_t i = 0; i < 330; i++) {
        struct prompt in = prompt_for(&b);
        in.platform = PLATFORM_NONE + 1 + i % (PLATFORM_COUNT - 1);
        in.type = i % 3 && platform_rules[in.platform].types >> TYPE_THREAD & 1u ? TYPE_THREAD
                                                                                 : TYPE_POST;
        in.pillar = str_of(pillars[i % PILLARS]);
        in.ordinal = i;
        struct draft d = write_one(&in);
        assert_null(d.failure);
        const struct str *tag = d.copy.hashtags.at;
        assert_true(!d.copy.hashtags.n || str_eq(tag[0], S("#AcmeAPI")));
        assert_true(mentions(&d.copy, links[0].url));
        for (size_t k = 0; k < copy_parts(&d.copy); k++) {
            struct str text = copy_rendered(arena, &d.copy, k);
            assert_null(brand_banned_in(&brand, text).p);
            assert_true(platform_length(in.platform, text) <=
                        (size_t)platform_rules[in.platform].limit);
        }
    }
    arena_reset(arena);
}

/* How many texts of 60 hold the words. */
static size_t how_many_say(const struct brand_voice *brand, const char *words)
{
    struct brief b = {.name = S("Acme"), .objectives = {awareness, 1}, .brand = brand};
    size_t n = 0;
    for (uint32_t i = 0; i < 60; i++) {
        struct prompt in = prompt_for(&b);
        in.platform = PLATFORM_LINKEDIN;
        in.pillar = str_of(pillars[i % PILLARS]);
        in.ordinal = i;
        struct draft d = write_one(&in);
        assert_null(d.failure);
        n += mentions(&d.copy, str_of(words));
    }
    return n;
}

static void what_a_brand_likes_is_heard(void **state)
{
    (void)state;
    static const struct brand_link links[] = {
        {.url = S("https://example.com/docs"), .label = S("Documentation")}};
    static const struct str liked[] = {S("honest")};
    const struct brand_voice plain = {.name = S("Acme")};
    const struct brand_voice brand = {.name = S("Acme"),
                                      .voice = S("formal, like a notary"),
                                      .audience = S("backend developers in Europe"),
                                      .preferred_words = {liked, 1},
                                      .links = {links, 1}};
    size_t before = how_many_say(&plain, "honest"), after = how_many_say(&brand, "honest");
    assert_true(after >= 2 * before + 10);
    assert_int_equal(how_many_say(&plain, "developers"), 0);
    assert_true(how_many_say(&brand, "developers") >= 5);
    assert_int_equal(how_many_say(&brand, "Documentation: https://example.com/docs"), 20);
    assert_true(how_many_say(&plain, "n't") > 0);
    assert_int_equal(how_many_say(&brand, "n't"), 0);
    arena_reset(arena);
}

static void a_thread_has_three_to_five_parts(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 100; i++) {
        struct prompt in = prompt_for(&briefs[i % BRIEFS]);
        in.type = TYPE_THREAD;
        in.ordinal = i;
        struct draft d = write_one(&in);
        assert_null(d.failure);
        assert_true(copy_parts(&d.copy) >= 3 && copy_parts(&d.copy) <= 5);
        assert_true(str_eq(d.copy.primary, *(const struct str *)d.copy.thread_parts.at));
    }
}

static void a_linkedin_post_ends_with_a_question(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 200; i++) {
        struct prompt in = prompt_for(&briefs[i % BRIEFS]);
        in.platform = PLATFORM_LINKEDIN;
        in.pillar = str_of(pillars[i % PILLARS]);
        in.ordinal = i;
        struct draft d = write_one(&in);
        assert_true(str_ends(d.copy.primary, S("?")));
        assert_true(str_contains_nocase(d.copy.primary, S("\n\n")));
    }
    arena_reset(arena);
}

static void a_formal_tone_has_no_contractions(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 200; i++) {
        struct prompt in = prompt_for(&briefs[3]);
        in.platform = PLATFORM_LINKEDIN;
        in.ordinal = i;
        struct draft d = write_one(&in);
        assert_false(mentions(&d.copy, S("n't")) || mentions(&d.copy, S("it's")));
        assert_false(mentions(&d.copy, S("'re ")) || mentions(&d.copy, S("you'd")));
    }
    arena_reset(arena);
}

static void feedback_changes_the_text_and_simple_wishes_are_honoured(void **state)
{
    (void)state;
    size_t plain = 0, shorter = 0, longer = 0;
    for (uint32_t i = 0; i < 60; i++) {
        struct prompt in = prompt_for(&briefs[1]);
        in.platform = PLATFORM_LINKEDIN;
        in.ordinal = i;
        struct draft before = write_one(&in);
        in.feedback = S("Please make it shorter");
        struct draft brief = write_one(&in);
        in.feedback = S("This is too short.");
        struct draft detailed = write_one(&in);
        in.feedback = S("No hashtags, please. End with a question.");
        struct draft asking = write_one(&in);
        assert_false(str_eq(before.copy.primary, brief.copy.primary));
        assert_false(str_eq(before.copy.primary, asking.copy.primary));
        assert_int_equal(asking.copy.hashtags.n, 0);
        assert_true(str_ends(asking.copy.primary, S("?")));
        plain += before.copy.primary.n;
        shorter += brief.copy.primary.n;
        longer += detailed.copy.primary.n;
    }
    assert_true(shorter < plain && plain < longer);
}

static void alt_text_is_there_only_for_visuals(void **state)
{
    (void)state;
    struct prompt in = prompt_for(&briefs[0]);
    assert_null(write_one(&in).copy.alt_text.p);
    in.platform = PLATFORM_INSTAGRAM;
    assert_non_null(write_one(&in).copy.alt_text.p);
}

/* Variety: the sets of hashed three-word sequences of two texts, Jaccard index. */
struct grams {
    uint64_t *at;
    size_t n;
};

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static struct grams grams_of(struct str text)
{
    uint64_t words[1024];
    size_t n = 0;
    uint64_t h = 0;
    for (size_t i = 0; i <= text.n; i++) {
        char c = i < text.n ? text.p[i] : ' ';
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '\'';
        if (letter)
            h = (h + (uint64_t)(c | 0x20)) * UINT64_C(0x9E3779B97F4A7C15);
        else if (h != 0 && n < 1024)
            words[n++] = h;
        h = letter ? h : 0;
    }
    struct grams g = {arena_array(arena, n, sizeof *g.at), 0};
    for (size_t i = 0; i + 2 < n; i++)
        g.at[g.n++] = words[i] * 3 + words[i + 1] * 5 + words[i + 2] * 7;
    qsort(g.at, g.n, sizeof *g.at, compare);
    size_t kept = 0;
    for (size_t i = 0; i < g.n; i++)
        if (i == 0 || g.at[i] != g.at[kept - 1])
            g.at[kept++] = g.at[i];
    g.n = kept;
    return g;
}

static double jaccard(const struct grams *a, const struct grams *b)
{
    size_t i = 0, k = 0, both = 0;
    while (i < a->n && k < b->n) {
        if (a->at[i] == b->at[k]) {
            both++;
            i++;
            k++;
        } else if (a->at[i] < b->at[k]) {
            i++;
        } else {
            k++;
        }
    }
    return (double)both / (double)(a->n + b->n - both);
}

enum { TEXTS = 180 /* 90 days, two a day */ };

/* Checks the texts of one mission on one platform. `pillars_used` of the pillars take turns. */
static void check_variety(const struct brief *b, enum platform p, size_t pillars_used, double most,
                          double mean)
{
    struct grams all[TEXTS];
    struct str texts[TEXTS];
    for (uint32_t i = 0; i < TEXTS; i++) {
        struct prompt in = prompt_for(b);
        in.platform = p;
        in.pillar = str_of(pillars[i % pillars_used]);
        in.ordinal = i;
        struct draft d = write_one(&in);
        assert_null(d.failure);
        texts[i] = d.copy.primary;
        all[i] = grams_of(texts[i]);
    }
    double highest = 0, sum = 0;
    for (size_t i = 0; i < TEXTS; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_false(str_eq(texts[i], texts[k]));
            double same = jaccard(&all[i], &all[k]);
            highest = same > highest ? same : highest;
            sum += same;
        }
    }
    sum /= TEXTS * (TEXTS - 1) / 2.0;
    if (highest >= most || sum >= mean)
        print_error("%.*s on %s, %zu pillars: highest %.3f, mean %.3f\n", STR(b->name),
                    platform_rules[p].label, pillars_used, highest, sum);
    assert_true(highest < most && sum < mean);
}

static void ninety_days_of_a_mission_do_not_repeat_themselves(void **state)
{
    (void)state;
    static const enum platform on[] = {PLATFORM_TWITTER, PLATFORM_LINKEDIN, PLATFORM_INSTAGRAM};
    for (size_t b = 0; b < BRIEFS; b++)
        for (size_t p = 0; p < sizeof on / sizeof *on; p++)
            for (size_t n = 4; n <= PILLARS; n += 4) {
                check_variety(&briefs[b], on[p], n, 0.6, 0.05);
                arena_reset(arena);
            }
}

/* The likeness of the quality gate, over all pairs of a whole mission. */
struct variety {
    double highest, mean, p99;
    size_t alike; /* pairs that the gate would send back */
};

enum { ON = 3, WHOLE_MISSION = ON * TEXTS, STEPS = 1000 };

static struct variety variety_of(const struct list *texts, size_t n)
{
    struct variety v = {0};
    size_t steps[STEPS + 1] = {0}, pairs = n * (n - 1) / 2, above = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            double like = shingles_likeness(&texts[i], &texts[k]);
            steps[(size_t)(like * STEPS)]++;
            v.highest = like > v.highest ? like : v.highest;
            v.mean += like / (double)pairs;
            v.alike += like >= LIKENESS_MAX;
        }
    }
    for (size_t s = STEPS; above * 100 < pairs; s--) {
        above += steps[s];
        v.p99 = (double)s / STEPS;
    }
    return v;
}

/* What the pipeline would write for it: three platforms, two posts a day, the pillars in turn;
 * where the brand has topics, every second text is about one of them. */
static struct variety measure_mission(const struct brief *b)
{
    const struct list *subjects = b->brand ? &b->brand->topics : &(struct list){0};
    static const enum platform on[ON] = {PLATFORM_TWITTER, PLATFORM_LINKEDIN, PLATFORM_INSTAGRAM};
    struct list *texts = arena_array(arena, WHOLE_MISSION, sizeof *texts);
    struct str *words = arena_array(arena, WHOLE_MISSION, sizeof *words);
    for (uint32_t i = 0; i < WHOLE_MISSION; i++) {
        struct prompt in = prompt_for(b);
        in.platform = on[i % ON];
        in.ordinal = i / ON;
        in.pillar = str_of(pillars[in.ordinal % PILLARS]);
        if (subjects->n && in.ordinal % 2)
            in.pillar = in.topic =
                ((const struct brand_topic *)subjects->at)[in.ordinal / 2 % subjects->n].name;
        struct draft d = write_one(&in);
        assert_null(d.failure);
        struct list issues = content_issues(arena, in.platform, in.type, &d.copy, 1, false);
        for (size_t k = 0; k < issues.n; k++)
            assert_false(((const struct issue *)issues.at)[k].error);
        words[i] = d.copy.primary;
        texts[i] = shingles_of(arena, &d.copy);
        for (uint32_t k = 0; k < i; k++)
            assert_false(str_eq(words[i], words[k]));
    }
    return variety_of(texts, WHOLE_MISSION);
}

static void a_whole_mission_says_hardly_anything_twice(void **state)
{
    (void)state;
    for (size_t b = 0; b < BRIEFS; b++) {
        struct variety v = measure_mission(&briefs[b]);
        print_message("%.*s: most alike %.3f, p99 %.3f, mean %.4f, pairs to be sent back %zu\n",
                      STR(briefs[b].name), v.highest, v.p99, v.mean, v.alike);
        assert_true(v.highest < 0.85 && v.p99 < 0.2 && v.mean < 0.03 && v.alike < 15);
        arena_reset(arena);
    }
}

static void nor_does_one_about_topics_of_its_brand(void **state)
{
    static const struct brand_topic subjects[] = {
        {S("API design"), 3}, {S("observability"), 1}, {S("working with databases"), 1}};
    static const struct brand_voice brand = {.topics = {subjects, 3}};
    struct brief b = briefs[0];
    (void)state;
    b.brand = &brand;
    struct variety v = measure_mission(&b);
    print_message("topics: most alike %.3f, p99 %.3f, mean %.4f, pairs to be sent back %zu\n",
                  v.highest, v.p99, v.mean, v.alike);
    assert_true(v.highest < 0.85 && v.p99 < 0.2 && v.mean < 0.03 && v.alike < 15);
    arena_reset(arena);
}

static void even_a_single_pillar_has_no_two_equal_texts(void **state)
{
    (void)state;
    check_variety(&briefs[1], PLATFORM_LINKEDIN, 1, 0.8, 0.1);
    check_variety(&briefs[2], PLATFORM_LINKEDIN, 1, 0.8, 0.1);
    arena_reset(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_platform_gets_texts_that_it_takes),
        cmocka_unit_test(no_template_is_left_unfilled),
        cmocka_unit_test(the_same_seed_and_brief_give_the_same_text),
        cmocka_unit_test(a_batch_gives_what_its_prompts_give_alone),
        cmocka_unit_test(an_objective_is_read_as_what_it_is_about),
        cmocka_unit_test(any_words_make_a_text_that_fits),
        cmocka_unit_test(an_excluded_topic_is_never_mentioned),
        cmocka_unit_test(a_topic_that_is_excluded_itself_is_an_honest_failure),
        cmocka_unit_test(another_objective_steps_in_for_an_excluded_one),
        cmocka_unit_test(a_brand_is_kept_to_in_every_text),
        cmocka_unit_test(what_a_brand_likes_is_heard),
        cmocka_unit_test(a_thread_has_three_to_five_parts),
        cmocka_unit_test(a_linkedin_post_ends_with_a_question),
        cmocka_unit_test(a_formal_tone_has_no_contractions),
        cmocka_unit_test(feedback_changes_the_text_and_simple_wishes_are_honoured),
        cmocka_unit_test(alt_text_is_there_only_for_visuals),
        cmocka_unit_test(ninety_days_of_a_mission_do_not_repeat_themselves),
        cmocka_unit_test(a_whole_mission_says_hardly_anything_twice),
        cmocka_unit_test(nor_does_one_about_topics_of_its_brand),
        cmocka_unit_test(even_a_single_pillar_has_no_two_equal_texts),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
