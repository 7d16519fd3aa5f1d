/* prompts.c: the texts that models are asked with: files of a folder, with {{placeholders}}. What
 * people typed is put between marks that follow from all of it, so that no text can hold its own
 * mark, and is never looked at for placeholders. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/utf8.h"
#include "llm/wire.h"

enum { FILE_MAX = 16 << 10, TEXT_MAX = 128 << 10, VALUE_MAX = 4000, MARK_HEX = 16 };

/* What may stand between the braces. */
struct value {
    struct str name, text;
    bool typed; /* by people: data, in marks */
};
enum { VALUES = 28 };

static struct str joined(struct arena *a, const struct list *list)
{
    struct buf *b = buf_new(a, TEXT_MAX);
    const struct str *at = list->at;
    for (size_t i = 0; i < list->n; i++)
        buf_printf(b, "%s%.*s", i ? "; " : "", STR(at[i]));
    return buf_str(b);
}

static struct str number(struct arena *a, int64_t n)
{
    return arena_printf(a, "%lld", (long long)n);
}

static struct str day_of(struct arena *a, int64_t ms)
{
    char text[DATE_TEXT + 1];
    return ms ? arena_str(a, date_print(text, ms)) : (struct str){0};
}

/* What the brand speaks about, each with its weight. */
static struct str subjects(struct arena *a, const struct brand_voice *brand)
{
    const struct brand_topic *topic = brand->topics.at;
    struct str *names = arena_array(a, brand->topics.n + 1, sizeof *names);
    for (size_t i = 0; i < brand->topics.n; i++)
        names[i] = arena_printf(a, "%.*s (%d)", STR(topic[i].name), (int)topic[i].weight);
    return joined(a, &(struct list){names, brand->topics.n});
}

static struct str links(struct arena *a, const struct brand_voice *brand)
{
    const struct brand_link *link = brand->links.at;
    struct str *lines = arena_array(a, brand->links.n + 1, sizeof *lines);
    for (size_t i = 0; i < brand->links.n; i++)
        lines[i] = arena_printf(a, "%.*s (%s) %.*s", STR(link[i].url),
                                link[i].required ? "has to be in the text" : "may be used",
                                STR(link[i].label));
    return joined(a, &(struct list){lines, brand->links.n});
}

/* All values of a prompt but the mark and the feedback. */
static void fill_values(struct arena *a, const struct prompt *in, struct value out[VALUES])
{
    static const struct brand_voice no_brand;
    const struct brief *b = in->brief;
    const struct brand_voice *brand = b->brand ? b->brand : &no_brand;
    const struct platform_rule *rule = &platform_rules[in->platform];
    const struct value values[VALUES] = {
        {S("fence"), {0}, false},
        {S("type"), content_type_names.at[in->type], false},
        {S("platform"), str_of(rule->label), false},
        {S("language"), b->language.n ? b->language : S("en"), false},
        {S("limit"), number(a, rule->limit), false},
        {S("unit"), platform_unit(in->platform), false},
        {S("ideal"), number(a, rule->ideal), false},
        {S("hashtags"), number(a, rule->ideal_hashtags), false},
        {S("parts"), number(a, rule->max_parts), false},
        {S("headline"), number(a, rule->headline_limit), false},
        {S("date"), day_of(a, in->slot_ms), false},
        {S("number"), number(a, (int64_t)in->ordinal + 1), false},
        {S("mission"), b->name, true},
        {S("description"), b->description, true},
        {S("objectives"), joined(a, &b->objectives), true},
        {S("tone"), b->tone, true},
        {S("pillar"), in->pillar, true},
        {S("topic"), in->topic, true},
        {S("excluded_topics"), joined(a, &b->excluded_topics), true},
        {S("brand"), brand->name, true},
        {S("voice"), brand->voice, true},
        {S("audience"), brand->audience, true},
        {S("subjects"), subjects(a, brand), true},
        {S("words"), joined(a, &brand->preferred_words), true},
        {S("banned_words"), joined(a, &brand->banned_words), true},
        {S("links"), links(a, brand), true},
        {S("brand_hashtags"), joined(a, &brand->hashtags), true},
        {S("examples"), joined(a, &brand->examples), true},
    };
    memcpy(out, values, sizeof values);
    for (size_t i = 0; i < VALUES; i++)
        out[i].text = utf8_prefix(out[i].text, VALUE_MAX);
}

/* The mark of these values: a hash of all that people typed, so nobody can have typed it. */
static struct str mark_of(struct arena *a, const struct value *values, struct str feedback)
{
    struct buf *b = buf_new(a, VALUES * (VALUE_MAX + 1) + TEXT_MAX);
    unsigned char hash[SHA256_LEN];
    for (size_t i = 0; i < VALUES; i++) {
        if (values[i].typed)
            buf_add(b, values[i].text);
        buf_char(b, '\0');
    }
    buf_add(b, feedback);
    crypto_sha256(buf_str(b), hash);
    struct str hex = crypto_hex(a, (struct str){(const char *)hash, sizeof hash});
    return arena_printf(a, "data-%.*s", MARK_HEX, hex.p);
}

/* Everything a text is made from. */
struct render {
    const struct value *values;
    struct str mark, feedback;
    struct buf *out;
    struct str unknown; /* a placeholder that there is not */
};

static void add_typed(struct render *r, struct str text)
{
    buf_printf(r->out, "<%.*s>", STR(r->mark));
    buf_add(r->out, text.n ? text : S("none"));
    buf_printf(r->out, "</%.*s>", STR(r->mark));
}

static void add_value(struct render *r, struct str name)
{
    if (str_eq(name, S("fence"))) {
        buf_add(r->out, r->mark);
        return;
    }
    if (str_eq(name, S("feedback"))) {
        add_typed(r, r->feedback);
        return;
    }
    for (size_t i = 0; i < VALUES; i++) {
        if (!str_eq(r->values[i].name, name))
            continue;
        if (r->values[i].typed)
            add_typed(r, r->values[i].text);
        else
            buf_add(r->out, r->values[i].text);
        return;
    }
    r->unknown = name;
}

static void render(struct render *r, struct str template)
{
    while (template.n) {
        const char *open = memmem(template.p, template.n, "{{", 2);
        size_t before = open ? (size_t)(open - template.p) : template.n;
        buf_add(r->out, str_sub(template, 0, before));
        template = str_sub(template, before, SIZE_MAX);
        if (!open)
            return;
        const char *close = memmem(template.p, template.n, "}}", 2);
        size_t n = close ? (size_t)(close - template.p) : template.n;
        add_value(r, str_trim(str_sub(template, 2, n - 2)));
        template = str_sub(template, n + 2, SIZE_MAX);
    }
}

static error read_file(struct arena *a, struct str folder, const char *name, struct str *out)
{
    struct str path = arena_printf(a, "%.*s/%s", STR(folder), name);
    char *bytes = arena_alloc(a, FILE_MAX + 1);
    FILE *f = fopen(path.p, "rbe");
    if (!f)
        return error_because(a, ERR_UNAVAILABLE, "cannot read the prompt %.*s", STR(path));
    size_t n = fread(bytes, 1, FILE_MAX + 1, f);
    bool failed = ferror(f);
    (void)fclose(f);
    *out = (struct str){bytes, n};
    if (failed || n > FILE_MAX || !utf8_valid(*out) || utf8_blank(*out))
        return error_because(a, ERR_UNAVAILABLE,
                             "the prompt %.*s is empty, larger than %d bytes or not UTF-8",
                             STR(path), (int)FILE_MAX);
    return NULL;
}

static error render_file(struct arena *a, struct render *r, struct str folder, const char *name)
{
    struct str template = {0};
    TRY(read_file(a, folder, name, &template));
    render(r, template);
    if (r->unknown.p)
        return error_because(a, ERR_UNAVAILABLE,
                             "the prompt %.*s/%s has a placeholder {{%.*s}}"
                             " that there is not",
                             STR(folder), name, STR(r->unknown));
    if (r->out->full)
        return error_because(a, ERR_UNAVAILABLE, "the prompt %.*s/%s becomes too long", STR(folder),
                             name);
    return NULL;
}

error prompts_render(struct arena *a, struct str configured, const struct prompt *in,
                     struct str feedback, struct str *system, struct str *user)
{
    struct str folder = configured.n ? configured : S(PROMPTS_INSTALLED);
    struct value values[VALUES];
    fill_values(a, in, values);
    feedback = utf8_prefix(feedback, VALUE_MAX);
    struct render r = {.values = values, .feedback = feedback, .out = buf_new(a, TEXT_MAX)};
    r.mark = mark_of(a, values, feedback);
    TRY(render_file(a, &r, folder, "system.txt"));
    *system = buf_str(r.out);
    if (!memmem(system->p, system->n, r.mark.p, r.mark.n))
        return error_because(a, ERR_UNAVAILABLE,
                             "the prompt %.*s/system.txt must say what {{fence}} means",
                             STR(folder));
    r.out = buf_new(a, TEXT_MAX);
    TRY(render_file(a, &r, folder, "post.txt"));
    if (feedback.n)
        TRY(render_file(a, &r, folder, "feedback.txt"));
    *user = buf_str(r.out);
    return NULL;
}

bool prompts_check(struct arena *a, struct str folder, struct str *problems)
{
    static const struct brief brief = {.name = S("A mission")};
    static const struct prompt prompt = {
        .brief = &brief, .platform = PLATFORM_LINKEDIN, .type = TYPE_POST};
    struct str system, user;
    error e = prompts_render(a, folder, &prompt, S("Shorter, please."), &system, &user);
    *problems = e ? e->cause : (struct str){0};
    return !e;
}
