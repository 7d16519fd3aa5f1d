/* answer.c: makes a draft of what a model said, and trusts nothing in it: the object may stand in
 * prose or in a fence, fields may be missing, of another type, or too long. */
#include "llm/wire.h"

enum { OBJECTS_MAX = 16, FIELD_MAX = 20000, TOPIC_MAX = 200, PARTS_MAX = 25, TAG_MAX = 100 };

/* The end of the object that begins here, braces in strings aside; 0 if it has none. */
static size_t object_length(struct str text)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.n; i++) {
        char ch = text.p[i];
        if (quoted && ch == '\\')
            i++;
        else if (ch == '"')
            quoted = !quoted;
        else if (!quoted && ch == '{')
            depth++;
        else if (!quoted && ch == '}' && --depth == 0)
            return i + 1;
    }
    return 0;
}

/* The first object in the text that has a text itself. */
static const struct node *find_object(struct arena *a, struct str text)
{
    for (size_t i = 0, tried = 0; i < text.n && tried < OBJECTS_MAX; i++) {
        if (text.p[i] != '{')
            continue;
        struct str rest = str_sub(text, i, SIZE_MAX);
        const struct node *n = tree_parse(a, str_sub(rest, 0, object_length(rest)));
        tried++;
        if (tree_get(n, "text"))
            return n;
    }
    return NULL;
}

/* A text without white space around it; none if it is none, blank, or far too long. */
static struct str clean(const struct node *n, size_t most)
{
    struct str s = str_trim(tree_text(n));
    return s.n > 0 && s.n <= most ? s : (struct str){0};
}

/* A copy that may grow by one byte: "#Tag" of "Tag"; none if it is not one word. */
static struct str read_tag(struct arena *a, const struct node *n)
{
    struct str s = clean(n, TAG_MAX);
    while (s.n && s.p[0] == '#')
        s = str_sub(s, 1, SIZE_MAX);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char ch = (unsigned char)s.p[i];
        bool word = ch >= 0x80 || ch == '_' || id_is_base62(str_sub(s, i, 1));
        if (!word)
            return (struct str){0};
    }
    return s.n ? arena_printf(a, "#%.*s", STR(s)) : s;
}

static struct list read_tags(struct arena *a, const struct node *tags, size_t most)
{
    size_t length = tree_length(tags), n = 0;
    struct str *out = arena_array(a, most + 1, sizeof *out);
    for (size_t i = 0; i < length && n < most; i++) {
        struct str tag = read_tag(a, tree_at(tags, i));
        bool fresh = tag.n > 0;
        for (size_t k = 0; k < n; k++)
            fresh = fresh && !str_eq_nocase(out[k], tag);
        if (fresh)
            out[n++] = tag;
    }
    return (struct list){out, n};
}

static struct list read_parts(struct arena *a, const struct node *parts)
{
    size_t length = tree_length(parts), n = 0;
    struct str *out = arena_array(a, PARTS_MAX + 1, sizeof *out);
    for (size_t i = 0; i < length && n <= PARTS_MAX; i++) {
        out[n] = clean(tree_at(parts, i), FIELD_MAX);
        n += out[n].n > 0;
    }
    return (struct list){out, n};
}

/* Is each part short enough? Hashtags that make it too long are left out, the last first. */
static bool fits(struct arena *a, const struct prompt *in, struct copy *copy, struct str *problem)
{
    const struct platform_rule *rule = &platform_rules[in->platform];
    for (size_t i = 0; i < copy_parts(copy); i++) {
        size_t used = platform_length(in->platform, copy_rendered(a, copy, i));
        while (used > (size_t)rule->limit && copy->hashtags.n) {
            copy->hashtags.n--;
            used = platform_length(in->platform, copy_rendered(a, copy, i));
        }
        if (used <= (size_t)rule->limit)
            continue;
        *problem =
            arena_printf(a, "It has %d %.*s in part %d; %s takes %d.", (int)used,
                         STR(platform_unit(in->platform)), (int)i + 1, rule->label, rule->limit);
        return false;
    }
    return true;
}

/* The weighted share of what could be checked, times 0.95, as by the composer. */
static double confidence(struct arena *a, const struct prompt *in, const struct draft *d)
{
    const struct platform_rule *rule = &platform_rules[in->platform];
    size_t used = platform_length(in->platform, copy_rendered(a, &d->copy, 0));
    size_t ideal = (size_t)rule->ideal;
    const struct {
        bool holds;
        int weight;
    } checks[] = {
        {true, 6}, /* it is a text, of the type asked for, and fits */
        {used * 4 >= ideal && used <= ideal + ideal / 5, 2},
        {d->topic.n > 0, 1},
        {d->copy.hashtags.n > 0 || rule->ideal_hashtags == 0, 1},
    };
    int holds = 0, all = 0;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        holds += checks[i].holds ? checks[i].weight : 0;
        all += checks[i].weight;
    }
    return 0.95 * holds / all;
}

static bool read_copy(struct arena *a, const struct prompt *in, const struct node *post,
                      struct copy *copy, struct str *problem)
{
    const struct platform_rule *rule = &platform_rules[in->platform];
    *copy = (struct copy){
        .primary = clean(tree_get(post, "text"), FIELD_MAX),
        .cta = clean(tree_get(post, "call_to_action"), TOPIC_MAX),
        .alt_text = clean(tree_get(post, "alt_text"), FIELD_MAX),
        .hashtags = read_tags(a, tree_get(post, "hashtags"), (size_t)rule->max_hashtags),
    };
    if (rule->headline_limit)
        copy->headline = clean(tree_get(post, "headline"), (size_t)rule->headline_limit);
    if (in->type == TYPE_THREAD) {
        copy->thread_parts = read_parts(a, tree_get(post, "thread_parts"));
        if (copy->thread_parts.n < 2 || copy->thread_parts.n > (size_t)rule->max_parts) {
            *problem = arena_printf(a, "A thread has 2 to %d thread_parts; this one has %d.",
                                    rule->max_parts, (int)copy->thread_parts.n);
            return false;
        }
        copy->primary = *(const struct str *)copy->thread_parts.at;
    }
    if (!copy->primary.n) {
        *problem = S("The field text is missing or blank.");
        return false;
    }
    return fits(a, in, copy, problem);
}

bool answer_read(struct arena *a, const struct prompt *in, const struct reply *said,
                 struct draft *out, struct str *problem)
{
    const struct node *post = said->post ? said->post : find_object(a, said->text);
    *problem = (struct str){0};
    if (said->refused)
        *problem = S("The model refused to write it.");
    else if (said->cut)
        *problem = S("The answer was cut off: it must be shorter.");
    else if (!tree_is_object(post))
        *problem = S("The answer holds no JSON object with a text.");
    if (problem->p || !read_copy(a, in, post, &out->copy, problem))
        return false;
    out->topic = clean(tree_get(post, "topic"), TOPIC_MAX);
    if (!out->topic.n)
        out->topic = in->topic.n ? in->topic : in->pillar;
    out->confidence = confidence(a, in, out);
    return true;
}
