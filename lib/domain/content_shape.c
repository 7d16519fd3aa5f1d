/* content_shape.c: content as JSON. Its words (copy) and states are in content.c. */
#include "domain/content.h"

#include "domain/mission.h"

static const struct str visual_type_list[] = {{0}, S("image"), S("video"), S("gif"), S("document")};
static const struct names visual_type_names = NAMES(visual_type_list);

struct dimensions {
    int64_t width, height;
};
static const struct dimensions no_dimensions = {INT_NONE, INT_NONE};
#define AT(member) offsetof(struct dimensions, member)
static const struct field dimension_fields[] = {
    {.name = S("width"),
     .kind = F_INT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(width),
     .min = 1,
     .max = 100000,
     .doc = "Pixels"},
    {.name = S("height"),
     .kind = F_INT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(height),
     .min = 1,
     .max = 100000,
     .doc = "Pixels"},
};
#undef AT
static const struct shape dimensions_shape =
    SHAPE_INIT("dimensions", struct dimensions, dimension_fields, &no_dimensions, NULL);

struct visual_json {
    int type;
    struct str url, thumbnail_url, alt_text, format;
    struct dimensions dimensions;
    int64_t position;
};
static const struct visual_json visual_default = {
    .type = 1, .position = 1, .dimensions = {INT_NONE, INT_NONE}};
#define AT(member) offsetof(struct visual_json, member)
static const struct field visual_fields[] = {
    {.name = S("type"),
     .kind = F_ENUM,
     .flags = F_IN,
     .at = AT(type),
     .values = &visual_type_names,
     .doc = "What it is; default image"},
    {.name = S("url"),
     .kind = F_TEXT,
     .flags = F_IN | F_REQUIRED | F_URL,
     .at = AT(url),
     .min = 8,
     .max = 2000,
     .doc = "Where it is",
     .example = "\"https://example.com/picture.png\""},
    {.name = S("thumbnail_url"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE | F_URL,
     .at = AT(thumbnail_url),
     .min = 8,
     .max = 2000,
     .doc = "A small picture of it"},
    {.name = S("alt_text"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(alt_text),
     .max = 2000,
     .doc = "For people who do not see it"},
    {.name = S("dimensions"),
     .kind = F_OBJECT,
     .flags = F_IN,
     .at = AT(dimensions),
     .shape = &dimensions_shape,
     .doc = "Its size"},
    {.name = S("format"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(format),
     .max = 20,
     .doc = "png, jpg, mp4 …"},
    {.name = S("position"),
     .kind = F_INT,
     .flags = F_IN,
     .at = AT(position),
     .min = 1,
     .max = 100,
     .doc = "Its place in the order"},
};
#undef AT
const struct shape visual_shape =
    SHAPE_INIT("visual", struct visual_json, visual_fields, &visual_default, NULL);
static const struct field visual_item = {.kind = F_OBJECT, .shape = &visual_shape};
static const struct field tag_item = {.kind = F_TEXT, .min = 1, .max = 100};

#define AT(member) offsetof(struct content_metadata, member)
static const struct field metadata_fields[] = {
    {.name = S("topic"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(topic),
     .doc = "What it is about",
     .example = "\"API integrations\""},
    {.name = S("pillar"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(pillar),
     .doc = "Which theme of the strategy",
     .example = "\"Thought leadership\""},
    {.name = S("tags"),
     .kind = F_LIST,
     .flags = F_DOC,
     .at = AT(tags),
     .item = &tag_item,
     .doc = "Free labels",
     .example = "[]"},
    {.name = S("language"),
     .kind = F_TEXT,
     .at = AT(language),
     .doc = "BCP 47 tag",
     .example = "\"en\""},
    {.name = S("confidence_score"),
     .kind = F_NUMBER,
     .flags = F_NULLABLE,
     .at = AT(confidence),
     .doc = "What the checks made of it, 0 to 1",
     .example = "0.92"},
    {.name = S("generation_model"),
     .kind = F_TEXT,
     .at = AT(model),
     .doc = "Who wrote it; \"builtin\" is the built-in composer",
     .example = "\"builtin\""},
    {.name = S("generation_cost_cents"),
     .kind = F_INT,
     .at = AT(cost_cents),
     .doc = "What writing it cost",
     .example = "0"},
};
#undef AT
static const struct shape metadata_shape =
    SHAPE("content_metadata", struct content_metadata, metadata_fields);

#define AT(member) offsetof(struct content_scheduling, member)
static const struct field scheduling_fields[] = {
    {.name = S("scheduled_for"),
     .kind = F_TIME,
     .flags = F_IN | F_NULLABLE,
     .at = AT(scheduled_ms),
     .doc = "When to post",
     .example = "\"2026-01-16T14:00:00Z\""},
    {.name = S("timezone"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(zone),
     .doc = "IANA time zone of the plan; may be sent back as it was got",
     .example = "\"America/New_York\""},
};
#undef AT
static const struct shape scheduling_shape =
    SHAPE("content_scheduling", struct content_scheduling, scheduling_fields);

#define AT(member) offsetof(struct content_publishing, member)
static const struct field publishing_fields[] = {
    {.name = S("published_at"),
     .kind = F_TIME,
     .flags = F_NULLABLE,
     .at = AT(published_ms),
     .doc = "When it appeared"},
    {.name = S("platform_post_id"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(platform_post_id),
     .doc = "The post's id on the platform"},
    {.name = S("platform_url"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(platform_url),
     .doc = "Where it is"},
    {.name = S("metricool_post_id"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(provider_post_id),
     .doc = "The post's id at Metricool, once it was handed over"},
    {.name = S("attempts"),
     .kind = F_INT,
     .at = AT(attempts),
     .doc = "How often it was sent",
     .example = "0"},
    {.name = S("last_error"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(last_error),
     .doc = "What went wrong last"},
};
#undef AT
static const struct shape publishing_shape =
    SHAPE("content_publishing", struct content_publishing, publishing_fields);

#define AT(member) offsetof(struct content_review, member)
static const struct field review_fields[] = {
    {.name = S("required"), .kind = F_BOOL, .at = AT(required), .doc = "Must a person approve?"},
    {.name = S("approvals"),
     .kind = F_INT,
     .at = AT(approvals),
     .doc = "How many did",
     .example = "0"},
    {.name = S("approvals_required"),
     .kind = F_INT,
     .at = AT(approvals_required),
     .doc = "How many have to"},
    {.name = S("reviewed_by"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(reviewed_by),
     .doc = "Who approved or rejected last"},
    {.name = S("reviewed_at"),
     .kind = F_TIME,
     .flags = F_NULLABLE,
     .at = AT(reviewed_ms),
     .doc = "When"},
    {.name = S("notes"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(notes),
     .doc = "What the reviewer noted"},
    {.name = S("rejection_reason"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(rejection_reason),
     .doc = "Why it was rejected"},
};
#undef AT
static const struct shape review_shape =
    SHAPE("content_review", struct content_review, review_fields);

#define AT(member) offsetof(struct content, member)
enum { CONTENT_VISUALS = 6 }; /* row of the table below */
static const struct field content_fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(id), .prefix = S("cnt_"), .doc = "Content id"},
    {.name = S("mission_id"),
     .kind = F_ID,
     .at = AT(mission_id),
     .prefix = S("msn_"),
     .doc = "The mission it serves"},
    {.name = S("platform"),
     .kind = F_ENUM,
     .at = AT(platform),
     .values = &platform_names,
     .doc = "Where it is to appear"},
    {.name = S("type"),
     .kind = F_ENUM,
     .at = AT(type),
     .values = &content_type_names,
     .doc = "What kind of post"},
    {.name = S("status"),
     .kind = F_ENUM,
     .at = AT(status),
     .values = &content_status_names,
     .doc = "Life cycle",
     .example = "\"scheduled\""},
    {.name = S("copy"),
     .kind = F_OBJECT,
     .flags = F_DOC | F_IN,
     .at = AT(copy),
     .shape = &copy_shape,
     .doc = "The words"},
    [CONTENT_VISUALS] = {.name = S("visuals"),
                         .kind = F_LIST,
                         .flags = F_DOC | F_IN,
                         .at = AT(visuals),
                         .max = 35,
                         .item = &visual_item,
                         .doc = "Images and videos"},
    {.name = S("metadata"),
     .kind = F_OBJECT,
     .at = AT(metadata),
     .shape = &metadata_shape,
     .doc = "Where it comes from"},
    {.name = S("scheduling"),
     .kind = F_OBJECT,
     .flags = F_IN,
     .at = AT(scheduling),
     .shape = &scheduling_shape,
     .doc = "When it is to appear"},
    {.name = S("publishing"),
     .kind = F_OBJECT,
     .at = AT(publishing),
     .shape = &publishing_shape,
     .doc = "What became of it"},
    {.name = S("review"),
     .kind = F_OBJECT,
     .at = AT(review),
     .shape = &review_shape,
     .doc = "What reviewers said"},
    {.name = S("version"), .kind = F_INT, .at = AT(version), .doc = "Counts the edits, from 1"},
    {.name = S("livemode"), .kind = F_BOOL, .at = AT(livemode), .doc = "Live or test data?"},
    {.name = S("created_at"), .kind = F_TIME, .at = AT(created_ms), .doc = "Creation time"},
    {.name = S("updated_at"), .kind = F_TIME, .at = AT(updated_ms), .doc = "Last change"},
    {.name = S("mission"),
     .kind = F_OBJECT,
     .flags = F_DOC | F_ABSENT,
     .at = AT(mission),
     .shape = &mission_shape,
     .alternative = &deleted_mission_shape,
     .doc = "The mission itself, if it was asked for with expand=mission"},
};
#undef AT
const struct shape content_shape = SHAPE("content", struct content, content_fields);

#define AT(member) offsetof(struct content_filter, member)
static const struct field filter_fields[] = {
    {.name = S("mission_id"),
     .kind = F_ID,
     .at = AT(mission_id),
     .prefix = S("msn_"),
     .doc = "Only content of this mission"},
    {.name = S("status"),
     .kind = F_ENUM,
     .at = AT(status),
     .values = &content_status_names,
     .doc = "Only content in this state"},
    {.name = S("platform"),
     .kind = F_ENUM,
     .at = AT(platform),
     .values = &platform_names,
     .doc = "Only content for this platform"},
    {.name = S("type"),
     .kind = F_ENUM,
     .at = AT(type),
     .values = &content_type_names,
     .doc = "Only content of this type"},
    {.name = S("created_after"),
     .kind = F_TIME,
     .at = AT(created_after),
     .doc = "Created then or later"},
    {.name = S("created_before"),
     .kind = F_TIME,
     .at = AT(created_before),
     .doc = "Created earlier than that"},
    {.name = S("scheduled_after"),
     .kind = F_TIME,
     .at = AT(scheduled_after),
     .doc = "Scheduled for then or later"},
    {.name = S("scheduled_before"),
     .kind = F_TIME,
     .at = AT(scheduled_before),
     .doc = "Scheduled for earlier than that"},
};
#undef AT
static const struct content_filter no_filter = {
    .created_after = INT64_MIN,
    .created_before = INT64_MAX,
    .scheduled_after = INT64_MIN,
    .scheduled_before = INT64_MAX,
};
const struct shape content_filter_shape =
    SHAPE_INIT("content_filter", struct content_filter, filter_fields, &no_filter, NULL);

int64_t content_planned_ms(const struct content *x, int64_t now_ms)
{
    if (x->scheduling.scheduled_ms > now_ms)
        return x->scheduling.scheduled_ms;
    return x->slot_ms > now_ms ? x->slot_ms : 0;
}

error content_copy(struct arena *a, const struct content *c, struct copy *out)
{
    return shape_parse(a, &copy_shape, c->copy, out);
}

error content_visuals(struct arena *a, const struct content *c, struct list *out)
{
    struct list read;
    struct visual *visuals;
    const struct visual_json *v;
    TRY(list_parse(a, &content_fields[CONTENT_VISUALS], c->visuals, &read));
    visuals = arena_array(a, read.n + 1, sizeof *visuals);
    v = read.at;
    for (size_t i = 0; i < read.n; i++) {
        visuals[i] = (struct visual){
            .type = visual_type_list[v[i].type],
            .url = v[i].url,
            .thumbnail_url = v[i].thumbnail_url,
            .alt_text = v[i].alt_text,
            .width = v[i].dimensions.width,
            .height = v[i].dimensions.height,
            .format = v[i].format,
            .position = v[i].position,
        };
    }
    *out = (struct list){visuals, read.n};
    return NULL;
}

bool visuals_move(const struct list *visuals)
{
    const struct visual *v = visuals->at;
    for (size_t i = 0; i < visuals->n; i++)
        if (str_eq(v[i].type, S("video")))
            return true;
    return false;
}
