/* review.c: what reviewers say. */
#include "domain/review.h"

static const struct field visual_item = {.kind = F_OBJECT, .shape = &visual_shape};

#define AT(member) offsetof(struct content_edits, member)
static const struct field edit_fields[] = {
    {.name = S("copy"),
     .kind = F_OBJECT,
     .flags = F_IN | F_NULLABLE | F_DOC,
     .at = AT(copy),
     .shape = &copy_shape,
     .doc = "New words, as a whole"},
    {.name = S("visuals"),
     .kind = F_LIST,
     .flags = F_IN | F_NULLABLE | F_DOC,
     .at = AT(visuals),
     .max = 35,
     .item = &visual_item,
     .doc = "New images and videos, as a whole"},
};
#undef AT
static const struct shape edits_shape = SHAPE("content_edits", struct content_edits, edit_fields);

#define AT(member) offsetof(struct approval, member)
static const struct field approval_fields[] = {
    {.name = S("notes"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(notes),
     .max = 5000,
     .doc = "For the record",
     .example = "\"Good to go\""},
    {.name = S("schedule_for"),
     .kind = F_TIME,
     .flags = F_IN | F_NULLABLE,
     .at = AT(schedule_for),
     .doc = "When to post; default the place in the mission's calendar"},
    {.name = S("edits"),
     .kind = F_OBJECT,
     .flags = F_IN | F_NULLABLE | F_DOC,
     .at = AT(edits),
     .shape = &edits_shape,
     .doc = "Changes to apply first"},
};
#undef AT
const struct shape approval_shape = SHAPE("approval", struct approval, approval_fields);

/* What whoever rejects says, of one text or of many. */
#define REJECTION                                                                                  \
    {.name = S("reason"),                                                                          \
     .kind = F_TEXT,                                                                               \
     .flags = F_IN | F_REQUIRED | F_NOT_BLANK,                                                     \
     .at = AT(reason),                                                                             \
     .min = 1,                                                                                     \
     .max = 2000,                                                                                  \
     .doc = "Why",                                                                                 \
     .example = "\"Too salesy\""},                                                                 \
        {.name = S("feedback"),                                                                    \
         .kind = F_TEXT,                                                                           \
         .flags = F_IN | F_NULLABLE,                                                               \
         .at = AT(feedback),                                                                       \
         .max = 5000,                                                                              \
         .doc = "What to do better; goes to the writer"},                                          \
    {                                                                                              \
        .name = S("regenerate"), .kind = F_BOOL, .flags = F_IN, .at = AT(regenerate),              \
        .doc = "Write it anew with the feedback? Default false"                                    \
    }

#define AT(member) offsetof(struct rejection, member)
static const struct field rejection_fields[] = {
    REJECTION,
};
#undef AT
const struct shape rejection_shape = SHAPE("rejection", struct rejection, rejection_fields);

#define AT(member) offsetof(struct regeneration, member)
static const struct field regeneration_fields[] = {
    {.name = S("feedback"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(feedback),
     .max = 5000,
     .doc = "What to do better; goes to the writer",
     .example = "\"Begin with a question\""},
};
#undef AT
const struct shape regeneration_shape =
    SHAPE("regeneration", struct regeneration, regeneration_fields);

enum { BULK_MAX = 100 };
static const struct field content_item = {.kind = F_ID, .prefix = S("cnt_")};
#define IDS(struct_name)                                                                           \
    {                                                                                              \
        .name = S("ids"), .kind = F_LIST, .flags = F_IN | F_REQUIRED | F_UNIQUE,                   \
        .at = offsetof(struct struct_name, ids), .min = 1, .max = BULK_MAX, .item = &content_item, \
        .doc = "Which content, at most 100"                                                        \
    }

#define AT(member) offsetof(struct bulk_approval, member)
static const struct field bulk_approval_fields[] = {
    IDS(bulk_approval),
    {.name = S("notes"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(notes),
     .max = 5000,
     .doc = "For the record"},
};
#undef AT
const struct shape bulk_approval_shape =
    SHAPE("bulk_approval", struct bulk_approval, bulk_approval_fields);

#define AT(member) offsetof(struct bulk_rejection, member)
static const struct field bulk_rejection_fields[] = {
    IDS(bulk_rejection),
    REJECTION,
};
#undef AT
const struct shape bulk_rejection_shape =
    SHAPE("bulk_rejection", struct bulk_rejection, bulk_rejection_fields);

#define AT(member) offsetof(struct bulk_error, member)
static const struct field bulk_error_fields[] = {
    {.name = S("code"),
     .kind = F_TEXT,
     .at = AT(code),
     .doc = "As an answer of its own would have it",
     .example = "\"invalid_state\""},
    {.name = S("message"), .kind = F_TEXT, .at = AT(message), .doc = "For people"},
    {.name = S("param"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(param),
     .doc = "What it is about"},
};
#undef AT
const struct shape bulk_error_shape = SHAPE("bulk_error", struct bulk_error, bulk_error_fields);

#define AT(member) offsetof(struct bulk_result, member)
static const struct field bulk_result_fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(id), .prefix = S("cnt_"), .doc = "Content id"},
    {.name = S("ok"), .kind = F_BOOL, .at = AT(ok), .doc = "Did it go well?"},
    {.name = S("error"),
     .kind = F_OBJECT,
     .flags = F_DOC | F_NULLABLE,
     .at = AT(error),
     .shape = &bulk_error_shape,
     .doc = "Why not; null if it went well"},
};
#undef AT
static const struct shape bulk_result_shape =
    SHAPE("bulk_result", struct bulk_result, bulk_result_fields);
static const struct field bulk_result_item = {.kind = F_OBJECT, .shape = &bulk_result_shape};

#define AT(member) offsetof(struct bulk_outcome, member)
static const struct field bulk_outcome_fields[] = {
    {.name = S("results"),
     .kind = F_LIST,
     .at = AT(results),
     .item = &bulk_result_item,
     .doc = "One for each id, in their order"},
    {.name = S("succeeded"), .kind = F_INT, .at = AT(succeeded), .doc = "How many went well"},
    {.name = S("failed"), .kind = F_INT, .at = AT(failed), .doc = "How many did not"},
};
#undef AT
const struct shape bulk_outcome_shape =
    SHAPE("bulk_outcome", struct bulk_outcome, bulk_outcome_fields);

error approval_edits(struct arena *a, const struct approval *in, struct content_edits *out)
{
    *out = (struct content_edits){0};
    return in->edits.p ? shape_parse(a, &edits_shape, in->edits, out) : NULL;
}
