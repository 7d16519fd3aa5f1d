/* publication.c: what exactly is sent for a content. When, and what comes of it, is delivery.c's.
 */
#include "delivery/publication.h"

struct medium {
    struct str url, alt;
};
#define AT(member) offsetof(struct medium, member)
static const struct field medium_fields[] = {
    {.name = S("url"), .kind = F_TEXT, .at = AT(url)},
    {.name = S("alt"), .kind = F_TEXT, .at = AT(alt)},
};
#undef AT
static const struct shape medium_shape = SHAPE("medium", struct medium, medium_fields);
static const struct field medium_item = {.kind = F_OBJECT, .shape = &medium_shape};
static const struct field media_field = {.kind = F_LIST, .item = &medium_item};

/* The first thing that the platform would refuse. */
static error check_words(struct ctx *c, const struct content *x)
{
    struct copy copy;
    struct list visuals, issues;
    const struct visual *v;
    const struct issue *first;
    bool video = false;
    TRY(content_copy(c->arena, x, &copy));
    TRY(content_visuals(c->arena, x, &visuals));
    v = visuals.at;
    for (size_t i = 0; i < visuals.n; i++)
        video |= str_eq(v[i].type, S("video"));
    issues = content_issues(c->arena, (enum platform)x->platform, (enum content_type)x->type, &copy,
                            (int)visuals.n, video);
    first = issues.at;
    if (!issues.n || !first->error)
        return NULL;
    return error_at(c->arena, ERR_VALIDATION_FAILED, first->field, "%.*s", STR(first->message));
}

error publication_check(struct ctx *c, const struct content *x, const struct connection *to)
{
    enum platform p = (enum platform)x->platform;
    if (!publisher_offers(p))
        return error_at(c->arena, ERR_VALIDATION_FAILED, S("platform"),
                        "Metricool does not publish to %s.", platform_rules[p].label);
    if (!platform_in(to->platforms, p))
        return error_at(c->arena, ERR_NOT_CONNECTED, S("platform"), "No %s account is connected.",
                        platform_rules[p].label);
    TRY(account_check_board(c, p, to->account.pinterest_board_id));
    return check_words(c, x);
}

error publication_make(struct ctx *c, const struct content *x, int64_t publish_ms,
                       struct publication_row *out)
{
    struct list visuals, media;
    struct medium *m;
    const struct visual *v;
    TRY(content_visuals(c->arena, x, &visuals));
    v = visuals.at;
    m = arena_array(c->arena, visuals.n + 1, sizeof *m);
    for (size_t i = 0; i < visuals.n; i++)
        m[i] = (struct medium){v[i].url, v[i].alt_text};
    media = (struct list){m, visuals.n};
    *out = (struct publication_row){
        .content = x->id,
        .state = PUBLICATION_INTENDED,
        .platform = x->platform,
        .type = x->type,
        .copy = x->copy,
        .media = list_text(c->arena, &media_field, &media),
        .publish_ms = publish_ms,
    };
    return NULL;
}

error publication_read(struct arena *a, const struct publication_row *row, struct publication *out)
{
    struct list media;
    const struct medium *m;
    struct str *urls, *alts;
    *out = (struct publication){
        .platform = (enum platform)row->platform,
        .type = (enum content_type)row->type,
        .publish_ms = row->publish_ms,
    };
    TRY(shape_parse(a, &copy_shape, row->copy, &out->copy));
    TRY(list_parse(a, &media_field, row->media, &media));
    m = media.at;
    urls = arena_array(a, media.n + 1, sizeof *urls);
    alts = arena_array(a, media.n + 1, sizeof *alts);
    for (size_t i = 0; i < media.n; i++) {
        urls[i] = m[i].url;
        alts[i] = m[i].alt;
    }
    out->media = (struct list){urls, media.n};
    out->media_alt = (struct list){alts, media.n};
    return NULL;
}

struct cost publication_cost(struct ctx *c, const struct content *x, const struct id *job,
                             struct str what)
{
    return (struct cost){
        .id = id_new(c->now_ms),
        .mission_id = x->mission_id,
        .content_id = x->id,
        .job_id = *job,
        .category = COST_PUBLISHING,
        .provider = S("metricool"),
        .model = what,
    };
}
