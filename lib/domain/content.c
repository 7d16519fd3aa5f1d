/* content.c: the states of content, its words as a shape, and the text that is made of them. What a
 * platform thinks of it is in content_issues.c; content as it is kept in content_shape.c. */
#include "domain/content.h"

#include <string.h>

static const struct str statuses[] = {
    {0},           S("draft"),     S("pending_review"), S("approved"),
    S("rejected"), S("scheduled"), S("publishing"),     S("published"),
    S("failed"),   S("archived"),
};
const struct names content_status_names = NAMES(statuses);

struct transition {
    enum content_event event;
    unsigned from; /* bit (1u << CONTENT_…) each */
    enum content_status to;
};

#define FROM(status) (1u << CONTENT_##status)
#define ANY_UNPUBLISHED                                                                            \
    FROM(DRAFT) | FROM(PENDING_REVIEW) | FROM(APPROVED) | FROM(REJECTED) | FROM(SCHEDULED) |       \
        FROM(FAILED)
static const struct transition transitions[] = {
    {CONTENT_SUBMIT, FROM(DRAFT), CONTENT_PENDING_REVIEW},
    {CONTENT_APPROVE, FROM(DRAFT) | FROM(PENDING_REVIEW), CONTENT_APPROVED},
    {CONTENT_REJECT, FROM(DRAFT) | FROM(PENDING_REVIEW), CONTENT_REJECTED},
    {CONTENT_REDRAFT, ANY_UNPUBLISHED, CONTENT_DRAFT},
    {CONTENT_REVISE, ANY_UNPUBLISHED, CONTENT_PENDING_REVIEW},
    {CONTENT_SCHEDULE, FROM(APPROVED) | FROM(FAILED), CONTENT_SCHEDULED},
    {CONTENT_UNSCHEDULE, FROM(SCHEDULED), CONTENT_APPROVED},
    {CONTENT_PUBLISH, FROM(APPROVED) | FROM(SCHEDULED) | FROM(FAILED), CONTENT_PUBLISHING},
    {CONTENT_HOLD, FROM(PUBLISHING), CONTENT_SCHEDULED},
    {CONTENT_WITHDRAW, FROM(PUBLISHING), CONTENT_APPROVED},
    {CONTENT_SUCCEED, FROM(PUBLISHING), CONTENT_PUBLISHED},
    {CONTENT_FAIL, FROM(PUBLISHING), CONTENT_FAILED},
    {CONTENT_ARCHIVE,
     FROM(DRAFT) | FROM(PENDING_REVIEW) | FROM(APPROVED) | FROM(REJECTED) | FROM(FAILED),
     CONTENT_ARCHIVED},
};

bool content_next(enum content_status from, enum content_event event, enum content_status *to)
{
    for (size_t i = 0; i < sizeof transitions / sizeof *transitions; i++) {
        if (transitions[i].event != event || !(transitions[i].from >> from & 1u))
            continue;
        *to = transitions[i].to;
        return true;
    }
    return false;
}

/* One word behind its sign: "#DevTools", "@somebody". */
static bool is_word_with(struct str text, char sign)
{
    if (text.n < 2 || text.p[0] != sign)
        return false;
    for (size_t i = 1; i < text.n; i++)
        if ((unsigned char)text.p[i] <= ' ' || text.p[i] == '#')
            return false;
    return true;
}

static const char *check_hashtag(struct str text)
{
    return is_word_with(text, '#') ? NULL : "must be one word that begins with '#'";
}

static const char *check_mention(struct str text)
{
    return is_word_with(text, '@') ? NULL : "must be one word that begins with '@'";
}

/* The longest text any platform takes is Facebook's. */
enum { TEXT_MAX = 63206 };

static const struct field part_item = {
    .kind = F_TEXT, .flags = F_NOT_BLANK, .min = 1, .max = TEXT_MAX};
static const struct field hashtag_item = {
    .kind = F_TEXT, .min = 2, .max = 140, .check = check_hashtag, .pattern = "^#[^#@ ]+$"};
static const struct field mention_item = {
    .kind = F_TEXT, .min = 2, .max = 140, .check = check_mention, .pattern = "^@[^# ]+$"};

#define AT(member) offsetof(struct copy, member)
static const struct field copy_fields[] = {
    {.name = S("primary"),
     .kind = F_TEXT,
     .flags = F_IN | F_REQUIRED | F_NOT_BLANK,
     .at = AT(primary),
     .min = 1,
     .max = TEXT_MAX,
     .doc = "The post; of a thread its first part",
     .example = "\"Three things we learned from a thousand API integrations.\""},
    {.name = S("headline"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(headline),
     .min = 1,
     .max = 300,
     .doc = "The title, where the platform has one"},
    {.name = S("hook"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(hook),
     .min = 1,
     .max = 500,
     .doc = "The sentence that catches the eye; also said first in a video"},
    {.name = S("thread_parts"),
     .kind = F_LIST,
     .flags = F_IN,
     .at = AT(thread_parts),
     .min = 0,
     .max = 25,
     .item = &part_item,
     .doc = "The whole thread, its first part included",
     .example = "[]"},
    {.name = S("hashtags"),
     .kind = F_LIST,
     .flags = F_IN | F_UNIQUE,
     .at = AT(hashtags),
     .min = 0,
     .max = 30,
     .item = &hashtag_item,
     .doc = "Set on a line of their own",
     .example = "[\"#DevTools\"]"},
    {.name = S("mentions"),
     .kind = F_LIST,
     .flags = F_IN | F_UNIQUE,
     .at = AT(mentions),
     .min = 0,
     .max = 30,
     .item = &mention_item,
     .doc = "Who is mentioned",
     .example = "[\"@example\"]"},
    {.name = S("cta"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(cta),
     .min = 1,
     .max = 500,
     .doc = "What the reader is asked to do"},
    {.name = S("alt_text"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(alt_text),
     .min = 1,
     .max = 2000,
     .doc = "The visual in words"},
    {.name = S("first_comment"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(first_comment),
     .min = 1,
     .max = 2200,
     .doc = "Posted below, where that exists"},
};
#undef AT
const struct shape copy_shape = SHAPE("copy", struct copy, copy_fields);

size_t copy_parts(const struct copy *c)
{
    return c->thread_parts.n > 0 ? c->thread_parts.n : 1;
}

static struct str part(const struct copy *c, size_t index)
{
    if (c->thread_parts.n == 0)
        return c->primary;
    return ((const struct str *)c->thread_parts.at)[index];
}

static bool ends_word(struct str text, size_t at)
{
    if (at >= text.n)
        return true;
    unsigned char c = (unsigned char)text.p[at];
    bool word = c >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                (c >= 'a' && c <= 'z');
    return !word;
}

static bool has_tag(struct str text, struct str tag)
{
    for (size_t i = 0; i + tag.n <= text.n; i++)
        if (text.p[i] == '#' && str_eq_nocase(str_sub(text, i, tag.n), tag) &&
            ends_word(text, i + tag.n))
            return true;
    return false;
}

static bool copy_has_tag(const struct copy *c, struct str tag)
{
    for (size_t i = 0; i < copy_parts(c); i++)
        if (has_tag(part(c, i), tag))
            return true;
    return false;
}

struct str copy_rendered(struct arena *a, const struct copy *c, size_t index)
{
    struct str text = part(c, index);
    if (index + 1 < copy_parts(c) || c->hashtags.n == 0)
        return text;
    const struct str *tags = c->hashtags.at;
    size_t most = text.n + 2;
    for (size_t i = 0; i < c->hashtags.n; i++)
        most += tags[i].n + 1;
    char *out = arena_alloc(a, most);
    size_t n = text.n;
    memcpy(out, text.p, n);
    const char *gap = "\n\n";
    for (size_t i = 0; i < c->hashtags.n; i++) {
        if (copy_has_tag(c, tags[i]))
            continue;
        memcpy(out + n, gap, strlen(gap));
        n += strlen(gap);
        memcpy(out + n, tags[i].p, tags[i].n);
        n += tags[i].n;
        gap = " ";
    }
    return (struct str){out, n};
}
