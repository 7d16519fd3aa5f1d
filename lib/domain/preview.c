/* preview.c: a post as it will be sent: for reviewers, and as a card for the console. */
#include "domain/review.h"

#include "base/buf.h"

static const struct str severity_list[] = {{0}, S("error"), S("warning")};
static const struct names severity_names = NAMES(severity_list);

struct preview_issue {
    int severity;
    struct str code, message, field;
};
#define AT(member) offsetof(struct preview_issue, member)
static const struct field issue_fields[] = {
    {.name = S("severity"),
     .kind = F_ENUM,
     .at = AT(severity),
     .values = &severity_names,
     .doc = "An error keeps it from being published"},
    {.name = S("code"),
     .kind = F_TEXT,
     .at = AT(code),
     .doc = "What kind of problem",
     .example = "\"too_long\""},
    {.name = S("message"),
     .kind = F_TEXT,
     .at = AT(message),
     .doc = "For people",
     .example = "\"The text is longer than the platform takes.\""},
    {.name = S("field"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(field),
     .doc = "Where",
     .example = "\"copy.primary\""},
};
#undef AT
static const struct shape issue_shape = SHAPE("preview_issue", struct preview_issue, issue_fields);
static const struct field issue_item = {.kind = F_OBJECT, .shape = &issue_shape};
static const struct field text_item = {.kind = F_TEXT};

#define AT(member) offsetof(struct preview_rendered, member)
static const struct field rendered_fields[] = {
    {.name = S("text"),
     .kind = F_TEXT,
     .at = AT(text),
     .doc = "The text as sent",
     .example = "\"Three things we learned from a thousand API integrations.\""},
    {.name = S("parts"),
     .kind = F_LIST,
     .at = AT(parts),
     .item = &text_item,
     .doc = "The posts of a thread, in order",
     .example = "[]"},
    {.name = S("hashtags"),
     .kind = F_LIST,
     .at = AT(hashtags),
     .item = &text_item,
     .doc = "Hashtags",
     .example = "[\"#DevTools\"]"},
    {.name = S("first_comment"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(first_comment),
     .doc = "Posted below it"},
    {.name = S("media"),
     .kind = F_LIST,
     .at = AT(media),
     .item = &text_item,
     .doc = "URLs of what goes along",
     .example = "[]"},
};
#undef AT
static const struct shape rendered_shape =
    SHAPE("preview_rendered", struct preview_rendered, rendered_fields);

#define AT(member) offsetof(struct preview_length, member)
static const struct field length_fields[] = {
    {.name = S("used"),
     .kind = F_INT,
     .at = AT(used),
     .doc = "Length of the longest part",
     .example = "57"},
    {.name = S("limit"),
     .kind = F_INT,
     .at = AT(limit),
     .doc = "What the platform takes",
     .example = "280"},
    {.name = S("unit"),
     .kind = F_TEXT,
     .at = AT(unit),
     .doc = "In what it counts",
     .example = "\"weighted characters\""},
};
#undef AT
static const struct shape length_shape =
    SHAPE("preview_length", struct preview_length, length_fields);

#define AT(member) offsetof(struct preview, member)
static const struct field preview_fields[] = {
    {.name = S("content_id"),
     .kind = F_ID,
     .at = AT(content_id),
     .prefix = S("cnt_"),
     .doc = "Content id"},
    {.name = S("platform"),
     .kind = F_ENUM,
     .at = AT(platform),
     .values = &platform_names,
     .doc = "Platform"},
    {.name = S("valid"), .kind = F_BOOL, .at = AT(valid), .doc = "Can it be published like this?"},
    {.name = S("rendered"),
     .kind = F_OBJECT,
     .at = AT(rendered),
     .shape = &rendered_shape,
     .doc = "What will be sent"},
    {.name = S("length"),
     .kind = F_OBJECT,
     .at = AT(length),
     .shape = &length_shape,
     .doc = "How long it is, as the platform counts"},
    {.name = S("issues"),
     .kind = F_LIST,
     .at = AT(issues),
     .item = &issue_item,
     .doc = "What is wrong or could be better",
     .example = "[]"},
    {.name = S("html"),
     .kind = F_TEXT,
     .at = AT(html),
     .doc = "A card, escaped HTML",
     .example = "\"<article>…</article>\""},
};
#undef AT
const struct shape preview_shape = SHAPE("preview", struct preview, preview_fields);

enum { HTML_MAX = 1 << 20 };

static void add_escaped(struct buf *b, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        switch (text.p[i]) {
        case '&':
            buf_add(b, S("&amp;"));
            break;
        case '<':
            buf_add(b, S("&lt;"));
            break;
        case '>':
            buf_add(b, S("&gt;"));
            break;
        case '"':
            buf_add(b, S("&quot;"));
            break;
        case '\'':
            buf_add(b, S("&#39;"));
            break;
        case '\n':
            buf_add(b, S("<br>"));
            break;
        default:
            buf_char(b, text.p[i]);
        }
    }
}

static void add_element(struct buf *b, const char *tag, const char *class, struct str text)
{
    if (!text.n)
        return;
    buf_printf(b, "<%s class=\"%s\">", tag, class);
    add_escaped(b, text);
    buf_printf(b, "</%s>", tag);
}

static struct str card(struct arena *a, const struct preview *p, struct str headline)
{
    struct buf *b = buf_new(a, HTML_MAX);
    const struct str *part = p->rendered.parts.at;
    buf_add(b, S("<article class=\"post\">"));
    add_element(b, "header", "post-platform", str_of(platform_rules[p->platform].label));
    add_element(b, "h3", "post-headline", headline);
    if (!p->rendered.parts.n)
        add_element(b, "p", "post-text", p->rendered.text);
    for (size_t i = 0; i < p->rendered.parts.n; i++)
        add_element(b, "p", "post-text", part[i]);
    add_element(b, "p", "post-comment", p->rendered.first_comment);
    buf_add(b, S("</article>"));
    return buf_str(b);
}

/* Texts of all parts, and the length of the longest. */
static void render_texts(struct arena *a, const struct copy *copy, struct preview *out)
{
    size_t n = copy_parts(copy), longest = 0;
    struct str *parts = arena_array(a, n, sizeof *parts);
    for (size_t i = 0; i < n; i++) {
        size_t length;
        parts[i] = copy_rendered(a, copy, i);
        length = platform_length((enum platform)out->platform, parts[i]);
        longest = length > longest ? length : longest;
    }
    out->rendered.text = parts[0];
    out->rendered.parts = n > 1 ? (struct list){parts, n} : (struct list){0};
    out->length = (struct preview_length){
        .used = (int64_t)longest,
        .limit = platform_rules[out->platform].limit,
        .unit = platform_unit((enum platform)out->platform),
    };
}

static void render_media(struct arena *a, const struct list *visuals, struct preview *out)
{
    const struct visual *v = visuals->at;
    struct str *media = arena_array(a, visuals->n + 1, sizeof *media);
    for (size_t i = 0; i < visuals->n; i++)
        media[i] = v[i].url;
    out->rendered.media = (struct list){media, visuals->n};
}

static void take_issues(struct arena *a, const struct list *found, struct preview *out)
{
    const struct issue *from = found->at;
    struct preview_issue *to = arena_array(a, found->n + 1, sizeof *to);
    out->valid = true;
    for (size_t i = 0; i < found->n; i++) {
        to[i] = (struct preview_issue){from[i].error ? 1 : 2, from[i].code, from[i].message,
                                       from[i].field};
        out->valid = out->valid && !from[i].error;
    }
    out->issues = (struct list){to, found->n};
}

error preview_make(struct arena *a, const struct content *x, struct preview *out)
{
    struct copy copy;
    struct list visuals, issues;
    TRY(content_copy(a, x, &copy));
    TRY(content_visuals(a, x, &visuals));
    *out = (struct preview){.content_id = x->id, .platform = x->platform};
    render_texts(a, &copy, out);
    render_media(a, &visuals, out);
    out->rendered.hashtags = copy.hashtags;
    out->rendered.first_comment = copy.first_comment;
    issues = content_issues(a, (enum platform)x->platform, (enum content_type)x->type, &copy,
                            (int)visuals.n, visuals_move(&visuals));
    take_issues(a, &issues, out);
    out->html = card(a, out, copy.headline);
    return NULL;
}
