/* fuzz_provider.c: what a provider may answer: any bytes. Posts, brands and figures read out of it
 * are sane, whatever it says. */
#include "base/clock.h"
#include "base/utf8.h"
#include "publish/metricool.h"
#include "target.h"

#define POST_MS INT64_C(1767225600000) /* 2026-01-01 */

enum { REASON_MAX = 300, COUNT_MAX_BITS = 60 };

static void check_text(struct str text)
{
    assert(utf8_valid(text));
}

static void check_instant(int64_t ms)
{
    assert(ms >= 0 && ms < TIME_END_MS);
}

/* Sums of a few of them stay whole numbers. */
static void check_count(int64_t n)
{
    assert(n >= 0 && n < INT64_C(1) << COUNT_MAX_BITS);
}

static void check_post(struct arena *a, const struct node *n)
{
    const struct publication ours = {
        .platform = PLATFORM_TWITTER,
        .type = TYPE_POST,
        .copy = {.primary = S("We ship today")},
        .publish_ms = POST_MS,
    };
    struct post post;
    if (!wire_read_post(a, n, &post))
        return;
    assert(post.id.n > 0);
    assert(post.platform < PLATFORM_COUNT && post.status <= POST_ERROR);
    check_text(post.text);
    check_text(post.status_text);
    check_text(post.platform_url);
    check_instant(post.publish_ms);
    if (wire_same_post(a, &ours, &post))
        assert(post.platform == PLATFORM_TWITTER && str_contains_nocase(post.text, S("ship")));
}

static void check_metrics(struct arena *a, const struct node *n, struct str zone)
{
    struct post_metrics m;
    if (!wire_read_metrics(a, n, zone, &m))
        return;
    const int64_t counts[] = {m.impressions, m.engagements, m.likes, m.comments,
                              m.shares,      m.saves,       m.clicks};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        check_count(counts[i]);
    assert(m.platform_post_id.n || m.platform_url.n);
    check_text(m.text);
    check_instant(m.published_ms);
}

static void check_brands(struct arena *a, const struct node *n)
{
    struct list brands = wire_read_brands(a, n);
    const struct brand *b = brands.at;
    for (size_t i = 0; i < brands.n; i++) {
        const struct brand_network *networks = b[i].networks.at;
        assert(b[i].blog_id.n > 0 && b[i].networks.n < PLATFORM_COUNT);
        check_text(b[i].label);
        for (size_t j = 0; j < b[i].networks.n; j++)
            assert(platform_rules[networks[j].platform].metricool);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = input_arena();
    struct str body = input_text(data, size);
    if (size > INPUT_MAX)
        return 0;
    struct str reason = wire_reason(a, body);
    check_text(reason);
    assert(utf8_length(reason) <= REASON_MAX);
    const struct node *content = wire_content(a, body);
    check_post(a, content);
    check_metrics(a, content, S("Europe/Madrid"));
    for (size_t i = 0; i < tree_length(content); i++) {
        check_post(a, tree_at(content, i));
        check_metrics(a, tree_at(content, i), (struct str){0});
    }
    check_brands(a, content);
    return 0;
}
