/* brand.c: what a brand context is, and whether a text keeps to it. Who writes by it is llm/'s
 * affair. */
#include "domain/brand.h"

#include <string.h>

#include "domain/phrase.h"

static const struct brand_topic topic_default = {.weight = 1};
#define AT(member) offsetof(struct brand_topic, member)
static const struct field topic_fields[] = {
    {.name = S("name"),
     .kind = F_TEXT,
     .flags = F_IN | F_REQUIRED | F_NOT_BLANK,
     .at = AT(name),
     .min = 1,
     .max = 100,
     .doc = "What to speak about",
     .example = "\"API design\""},
    {.name = S("weight"),
     .kind = F_INT,
     .flags = F_IN,
     .at = AT(weight),
     .min = 1,
     .max = 100,
     .doc = "How often, against the other topics; default 1"},
};
#undef AT
static const struct shape topic_shape =
    SHAPE_INIT("brand_topic", struct brand_topic, topic_fields, &topic_default, NULL);

#define AT(member) offsetof(struct brand_link, member)
static const struct field link_fields[] = {
    {.name = S("url"),
     .kind = F_TEXT,
     .flags = F_IN | F_REQUIRED | F_URL,
     .at = AT(url),
     .min = 1,
     .max = 2000,
     .doc = "Where it leads",
     .example = "\"https://example.com/docs\""},
    {.name = S("label"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE | F_NOT_BLANK,
     .at = AT(label),
     .min = 1,
     .max = 100,
     .doc = "What is found there, as it may stand before the link",
     .example = "\"Documentation\""},
    {.name = S("required"),
     .kind = F_BOOL,
     .flags = F_IN,
     .at = AT(required),
     .doc = "Does each text have to hold it? Default false"},
};
#undef AT
static const struct shape link_shape = SHAPE("brand_link", struct brand_link, link_fields);

/* One word behind a '#', as the platforms make a hashtag of. */
static const char *check_hashtag(struct str text)
{
    static const char why[] = "Must be '#' and letters, digits or '_'.";
    bool word = text.n > 1 && text.p[0] == '#';
    for (size_t i = 1; i < text.n && word; i++)
        word = (unsigned char)text.p[i] > ' ' &&
               !strchr("#!\"$%&'()*+,-./:;<=>?@[\\]^`{|}~", text.p[i]);
    return word ? NULL : why;
}

static const struct field word_item = {.kind = F_TEXT, .flags = F_NOT_BLANK, .min = 1, .max = 100};
static const struct field topic_item = {.kind = F_OBJECT, .shape = &topic_shape};
static const struct field link_item = {.kind = F_OBJECT, .shape = &link_shape};
static const struct field hashtag_item = {
    .kind = F_TEXT, .min = 2, .max = 100, .check = check_hashtag, .pattern = "^#[^\\s#]+$"};
static const struct field example_item = {
    .kind = F_TEXT, .flags = F_NOT_BLANK, .min = 1, .max = 3000};

/* No more than the tightest platform has room for, beside some words. */
enum { LINKS_REQUIRED_MAX = 2 };

static error check_links(struct arena *a, void *object);

#define AT(member) offsetof(struct brand_context, member)
enum { TOPICS = 5, PREFERRED, BANNED, LINKS, HASHTAGS, EXAMPLES }; /* rows of the table below */
static const struct field fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(id), .prefix = S("brc_"), .doc = "Brand context id"},
    {.name = S("name"),
     .kind = F_TEXT,
     .flags = F_IN | F_REQUIRED | F_NOT_BLANK,
     .at = AT(name),
     .min = 1,
     .max = 200,
     .doc = "Name of the brand, as it may appear in texts",
     .example = "\"Acme\""},
    {.name = S("voice"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(voice),
     .max = 2000,
     .doc = "Who speaks, whatever the occasion",
     .example = "\"An engineer who explains to other engineers\""},
    {.name = S("tone"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(tone),
     .max = 200,
     .doc = "How texts sound where the mission does not say",
     .example = "\"friendly, direct\""},
    {.name = S("audience"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(audience),
     .max = 500,
     .doc = "Who is spoken to where the mission does not say",
     .example = "\"backend developers\""},
    [TOPICS] = {.name = S("topics"),
                .kind = F_LIST,
                .flags = F_IN | F_DOC,
                .at = AT(topics),
                .max = 20,
                .item = &topic_item,
                .doc = "What the brand speaks about, and how often"},
    [PREFERRED] = {.name = S("preferred_words"),
                   .kind = F_LIST,
                   .flags = F_IN | F_DOC | F_UNIQUE,
                   .at = AT(preferred_words),
                   .max = 50,
                   .item = &word_item,
                   .doc = "Words to use",
                   .example = "[\"simple\"]"},
    [BANNED] = {.name = S("banned_words"),
                .kind = F_LIST,
                .flags = F_IN | F_DOC | F_UNIQUE,
                .at = AT(banned_words),
                .max = 100,
                .item = &word_item,
                .doc = "Words never to use",
                .example = "[\"cheap\"]"},
    [LINKS] = {.name = S("links"),
               .kind = F_LIST,
               .flags = F_IN | F_DOC,
               .at = AT(links),
               .max = 10,
               .item = &link_item,
               .doc = "Where texts may lead; two of them may be required"},
    [HASHTAGS] = {.name = S("hashtags"),
                  .kind = F_LIST,
                  .flags = F_IN | F_DOC | F_UNIQUE,
                  .at = AT(hashtags),
                  .max = 20,
                  .item = &hashtag_item,
                  .doc = "Hashtags of the brand, the first ones first",
                  .example = "[\"#Acme\"]"},
    [EXAMPLES] = {.name = S("examples"),
                  .kind = F_LIST,
                  .flags = F_IN | F_DOC,
                  .at = AT(examples),
                  .max = 10,
                  .item = &example_item,
                  .doc = "Posts that sound right",
                  .example = "[\"One header. No SDK. Ship it.\"]"},
    {.name = S("livemode"), .kind = F_BOOL, .at = AT(livemode), .doc = "Live or test data?"},
    {.name = S("created_at"), .kind = F_TIME, .at = AT(created_ms), .doc = "Creation time"},
    {.name = S("updated_at"), .kind = F_TIME, .at = AT(updated_ms), .doc = "Last change"},
};
#undef AT
const struct shape brand_context_shape =
    SHAPE_INIT("brand_context", struct brand_context, fields, NULL, check_links);

static error check_links(struct arena *a, void *object)
{
    const struct brand_context *context = object;
    struct list links = {0};
    size_t required = 0;
    if (context->links.p)
        TRY(list_parse(a, &fields[LINKS], context->links, &links));
    for (size_t i = 0; i < links.n; i++)
        required += ((const struct brand_link *)links.at)[i].required;
    if (required > LINKS_REQUIRED_MAX)
        return error_at(a, ERR_INVALID_REQUEST, S("links"), "At most %d may be required.",
                        (int)LINKS_REQUIRED_MAX);
    return NULL;
}

error brand_read(struct arena *a, const struct brand_context *context, struct brand_voice *out)
{
    *out = (struct brand_voice){.name = context->name,
                                .voice = context->voice,
                                .tone = context->tone,
                                .audience = context->audience};
    TRY(list_parse(a, &fields[TOPICS], context->topics, &out->topics));
    TRY(list_parse(a, &fields[PREFERRED], context->preferred_words, &out->preferred_words));
    TRY(list_parse(a, &fields[BANNED], context->banned_words, &out->banned_words));
    TRY(list_parse(a, &fields[LINKS], context->links, &out->links));
    TRY(list_parse(a, &fields[HASHTAGS], context->hashtags, &out->hashtags));
    return list_parse(a, &fields[EXAMPLES], context->examples, &out->examples);
}

struct str brand_banned_in(const struct brand_voice *brand, struct str text)
{
    return brand ? phrase_first(text, &brand->banned_words) : (struct str){0};
}

/* A link may be followed by more of a path, but is spelt as given. */
static bool holds(struct str text, struct str url)
{
    for (size_t i = 0; i + url.n <= text.n; i++) {
        if (!memcmp(text.p + i, url.p, url.n))
            return true;
    }
    return false;
}

struct str brand_link_missing(const struct brand_voice *brand, struct str text)
{
    const struct brand_link *link = brand ? brand->links.at : NULL;
    for (size_t i = 0; brand && i < brand->links.n; i++) {
        if (link[i].required && !holds(text, link[i].url))
            return link[i].url;
    }
    return (struct str){0};
}
