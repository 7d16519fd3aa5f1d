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

#define AT(member) offsetof(struct rejection, member)
static const struct field rejection_fields[] = {
    {.name = S("reason"),
     .kind = F_TEXT,
     .flags = F_IN | F_REQUIRED | F_NOT_BLANK,
     .at = AT(reason),
     .min = 1,
     .max = 2000,
     .doc = "Why",
     .example = "\"Too salesy\""},
    {.name = S("feedback"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(feedback),
     .max = 5000,
     .doc = "What to do better; goes to the writer"},
    {.name = S("regenerate"),
     .kind = F_BOOL,
     .flags = F_IN,
     .at = AT(regenerate),
     .doc = "Write a new version with the feedback? Default false"},
};
#undef AT
const struct shape rejection_shape = SHAPE("rejection", struct rejection, rejection_fields);

error approval_edits(struct arena *a, const struct approval *in, struct content_edits *out)
{
    *out = (struct content_edits){0};
    return in->edits.p ? shape_parse(a, &edits_shape, in->edits, out) : NULL;
}
