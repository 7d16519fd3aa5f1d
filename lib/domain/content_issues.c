/* content_issues.c: what a platform will not like about content. The limits stand in platform.c. */
#include "base/utf8.h"
#include "domain/content.h"

/* What is looked at, and what was found. */
struct check {
    struct arena *arena;
    enum platform platform;
    const struct platform_rule *rule;
    enum content_type type;
    const struct copy *copy;
    int media;
    bool video;
    struct issue *found;
    size_t n;
};

/* A check finds at most one issue, or one for each part. */
enum { ISSUES_BESIDE_PARTS = 16 };

static void add(struct check *k, bool severe, struct str code, struct str field, struct str message)
{
    k->found[k->n++] =
        (struct issue){.error = severe, .code = code, .message = message, .field = field};
}

#define ERROR_AT(field, code, ...)                                                                 \
    add(k, true, S(code), (field), arena_printf(k->arena, __VA_ARGS__))
#define WARNING_AT(field, code, ...)                                                               \
    add(k, false, S(code), (field), arena_printf(k->arena, __VA_ARGS__))

static void check_type(struct check *k)
{
    bool thread = k->type == TYPE_THREAD || copy_parts(k->copy) > 1;
    if (thread && k->rule->max_parts == 1)
        ERROR_AT(S("type"), "thread_not_supported", "%s has no threads.", k->rule->label);
    else if (!(k->rule->types >> k->type & 1u))
        ERROR_AT(S("type"), "type_not_supported", "%s does not take a %.*s.", k->rule->label,
                 STR(content_type_names.at[k->type]));
    if (thread && k->rule->max_parts > 1 && copy_parts(k->copy) > (size_t)k->rule->max_parts)
        ERROR_AT(S("copy.thread_parts"), "too_many_parts", "A thread on %s has at most %d parts.",
                 k->rule->label, k->rule->max_parts);
}

/* A byte order mark, as some programs leave in what is copied, or what is no character at all. */
static bool holds_noncharacter(struct str text)
{
    for (int32_t c; (c = utf8_next(&text)) >= 0;)
        if (c == 0xFEFF || c == 0xFFFE || c == 0xFFFF)
            return true;
    return false;
}

static void check_part(struct check *k, size_t index)
{
    bool whole = k->copy->thread_parts.n == 0;
    struct str field =
        whole ? S("copy.primary") : arena_printf(k->arena, "copy.thread_parts[%zu]", index);
    struct str text = copy_rendered(k->arena, k->copy, index);
    if (utf8_blank(text)) {
        ERROR_AT(field, "empty_text", "There is no text.");
        return;
    }
    size_t used = platform_length(k->platform, text);
    struct str unit = platform_unit(k->platform);
    struct str code = whole ? S("text_too_long") : S("part_too_long");
    struct str message = {0};
    if (k->rule->counting == COUNT_X_WEIGHTED && holds_noncharacter(text)) {
        code = S("invalid_character");
        message = arena_printf(k->arena, "It holds an invisible character that %s refuses.",
                               k->rule->label);
    } else if (used > (size_t)k->rule->limit)
        message = arena_printf(k->arena, "%zu %.*s; %s allows %d.", used, STR(unit), k->rule->label,
                               k->rule->limit);
    else if (k->rule->byte_limit > 0 && text.n > (size_t)k->rule->byte_limit)
        message = arena_printf(k->arena, "%zu bytes; %s allows %d.", text.n, k->rule->label,
                               k->rule->byte_limit);
    if (message.p)
        add(k, true, code, field, message);
}

static size_t count_tags(struct str text)
{
    size_t tags = 0;
    for (size_t i = 0; i + 1 < text.n; i++) {
        bool starts = i == 0 || (unsigned char)text.p[i - 1] <= ' ';
        tags += starts && text.p[i] == '#' && (unsigned char)text.p[i + 1] > '9';
    }
    return tags;
}

static void check_hashtags(struct check *k)
{
    size_t tags = 0;
    for (size_t i = 0; i < copy_parts(k->copy); i++)
        tags += count_tags(copy_rendered(k->arena, k->copy, i));
    if (tags > (size_t)k->rule->max_hashtags)
        ERROR_AT(S("copy.hashtags"), "too_many_hashtags", "%zu hashtags; %s allows %d.", tags,
                 k->rule->label, k->rule->max_hashtags);
    else if (tags > 2 * (size_t)k->rule->ideal_hashtags + 1)
        WARNING_AT(S("copy.hashtags"), "many_hashtags", "%zu hashtags; about %d read well on %s.",
                   tags, k->rule->ideal_hashtags, k->rule->label);
}

static void check_headline(struct check *k)
{
    size_t used = k->copy->headline.p ? utf8_length(k->copy->headline) : 0;
    if (used == 0 && k->rule->needs_headline)
        ERROR_AT(S("copy.headline"), "headline_required", "%s needs a title.", k->rule->label);
    else if (used > 0 && k->rule->headline_limit == 0)
        WARNING_AT(S("copy.headline"), "headline_not_supported",
                   "%s has no titles; it will not be shown.", k->rule->label);
    else if (used > (size_t)k->rule->headline_limit)
        ERROR_AT(S("copy.headline"), "headline_too_long", "%zu characters; %s allows %d.", used,
                 k->rule->label, k->rule->headline_limit);
}

static void check_media(struct check *k)
{
    bool moving = k->type == TYPE_REEL || k->type == TYPE_VIDEO || k->rule->needs_video;
    bool any = k->type == TYPE_STORY || k->rule->needs_media;
    if (moving && !k->video)
        ERROR_AT(S("visuals"), "video_required", "%s needs a video for this.", k->rule->label);
    else if (k->type == TYPE_CAROUSEL && k->media < 2)
        ERROR_AT(S("visuals"), "media_required", "A carousel needs at least two images.");
    else if (any && k->media == 0)
        ERROR_AT(S("visuals"), "media_required", "%s needs an image or a video.", k->rule->label);
    if (k->media > k->rule->max_media)
        ERROR_AT(S("visuals"), "too_many_media", "%d images and videos; %s allows %d.", k->media,
                 k->rule->label, k->rule->max_media);
}

static void check_extras(struct check *k)
{
    if (k->copy->first_comment.n > 0 && !k->rule->first_comment)
        WARNING_AT(S("copy.first_comment"), "first_comment_not_supported",
                   "There are no first comments on %s; it will not be posted.", k->rule->label);
    if (k->media > 0 && !k->video && k->copy->alt_text.n == 0)
        WARNING_AT(S("copy.alt_text"), "alt_text_missing",
                   "People who do not see the image will miss it.");
}

/* Errors before warnings, each in the order they were found. */
static struct list sorted(struct arena *a, const struct issue *found, size_t n)
{
    struct issue *out = arena_array(a, n, sizeof *out);
    size_t at = 0;
    for (int errors = 1; errors >= 0; errors--)
        for (size_t i = 0; i < n; i++)
            if (found[i].error == (errors == 1))
                out[at++] = found[i];
    return (struct list){out, n};
}

struct list content_issues(struct arena *a, enum platform p, enum content_type type,
                           const struct copy *c, int media, bool video)
{
    struct check k = {.arena = a,
                      .platform = p,
                      .rule = &platform_rules[p],
                      .type = type,
                      .copy = c,
                      .media = media,
                      .video = video};
    k.found = arena_array(a, copy_parts(c) + ISSUES_BESIDE_PARTS, sizeof *k.found);
    check_type(&k);
    for (size_t i = 0; i < copy_parts(c); i++)
        check_part(&k, i);
    check_hashtags(&k);
    check_headline(&k);
    check_media(&k);
    check_extras(&k);
    return sorted(a, k.found, k.n);
}
