/* version.c: versions of content as JSON. */
#include "domain/version.h"

static const struct str causes[] = {{0}, S("written"), S("edited"), S("regenerated")};
const struct names version_cause_names = NAMES(causes);

static const struct field visual_item = {.kind = F_OBJECT, .shape = &visual_shape};

#define AT(member) offsetof(struct version, member)
static const struct field fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(id), .prefix = S("ver_"), .doc = "Version id"},
    {.name = S("version"),
     .kind = F_INT,
     .at = AT(version),
     .doc = "Its number, from 1",
     .example = "1"},
    {.name = S("copy"),
     .kind = F_OBJECT,
     .flags = F_DOC,
     .at = AT(copy),
     .shape = &copy_shape,
     .doc = "The words"},
    {.name = S("visuals"),
     .kind = F_LIST,
     .flags = F_DOC,
     .at = AT(visuals),
     .item = &visual_item,
     .doc = "Images and videos"},
    {.name = S("cause"),
     .kind = F_ENUM,
     .at = AT(cause),
     .values = &version_cause_names,
     .doc = "How it came about"},
    {.name = S("author"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(author),
     .doc = "Who edited it, or wanted it anew; null: AMP wrote it by itself"},
    {.name = S("reason"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(reason),
     .doc = "What was wrong with the version before"},
    {.name = S("confidence_score"),
     .kind = F_NUMBER,
     .flags = F_NULLABLE,
     .at = AT(confidence),
     .doc = "What the checks made of it, 0 to 1",
     .example = "0.92"},
    {.name = S("generation_model"),
     .kind = F_TEXT,
     .at = AT(model),
     .doc = "Who wrote it, or the version that was edited",
     .example = "\"builtin\""},
    {.name = S("livemode"), .kind = F_BOOL, .at = AT(livemode), .doc = "Live or test data?"},
    {.name = S("created_at"), .kind = F_TIME, .at = AT(created_ms), .doc = "Since when it holds"},
};
#undef AT
const struct shape version_shape = SHAPE("content_version", struct version, fields);

struct version version_of(const struct content *x)
{
    /* Versions sort as they followed each other, whatever a test clock did meanwhile. */
    struct id later = x->version > 1 ? id_new(id_ms(&x->id) + x->version) : x->id;
    return (struct version){
        .id = later,
        .version = x->version,
        .copy = x->copy,
        .visuals = x->visuals,
        .cause = VERSION_WRITTEN,
        .confidence = x->metadata.confidence,
        .model = x->metadata.model,
        .livemode = x->livemode,
        .created_ms = x->created_ms,
    };
}
