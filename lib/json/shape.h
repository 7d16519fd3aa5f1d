/* shape.h: what an object looks like in JSON and in C, as a table. One shape reads, checks, fills
 * defaults, prints and documents. */
#ifndef AMP_JSON_SHAPE_H
#define AMP_JSON_SHAPE_H

#include <math.h>

#include "base/ctx.h"
#include "base/list.h"
#include "json/write.h"

/* The C type behind a field of each kind, and its null:
 *   F_ID      struct id           no id (all zero)
 *   F_TEXT    struct str          none
 *   F_ENUM    int (enum), an index of .values     0 (values[0] is none)
 *   F_INT     int64_t             INT_NONE
 *   F_NUMBER  double              NAN
 *   F_BOOL    bool                (never null)
 *   F_TIME    int64_t, ms         0
 *   F_OBJECT  struct of .shape    (never null; F_DOC: none)
 *   F_LIST    struct list of the type of .item    (never null; empty)
 *   F_RAW     struct str: JSON that is only printed: an object whose keys are data    none
 */
enum field_kind { F_ID, F_TEXT, F_ENUM, F_INT, F_NUMBER, F_BOOL, F_TIME, F_OBJECT, F_LIST, F_RAW };

#define INT_NONE INT64_MIN

enum {
    F_IN = 1,       /* clients may send it */
    F_REQUIRED = 2, /* clients must send it on create */
    F_NULLABLE = 4, /* null is a value */
    F_DOC = 8, /* F_OBJECT, F_LIST: held in C as a struct str of checked, normalised JSON; where
                  nobody gave one and null is no value, reading puts the text of its defaults */
    F_NOT_BLANK = 16,   /* F_TEXT: more than white space */
    F_UNIQUE = 32,      /* F_LIST: no member twice (as printed) */
    F_URL = 64,         /* F_TEXT: an http(s) URL */
    F_HIDDEN = 128,     /* read, never printed (passwords, tokens) */
    F_ABSENT = 256,     /* printed only when not null (a key's secret, an expansion) */
    F_CREATE_ONLY = 512 /* F_IN on create; read-only in PUT */
};

enum { SHAPE_TEXT_MAX = 500, SHAPE_LIST_MAX = 100 }; /* where a field has no limits of its own */

/* Values of an enum; index 0 is none ({0}), as enums count from 1. */
struct names {
    const struct str *at;
    size_t n; /* index 0 included */
};
#define NAMES(array)                                                                               \
    {                                                                                              \
        (array), sizeof(array) / sizeof *(array)                                                   \
    }

/* That something will go away: since when clients are told, from when it may be gone, and where
 * they read what to do instead (docs/versioning.md). A route or a field points to one. */
struct deprecation {
    int64_t since_ms, sunset_ms; /* sunset 0: not decided */
    const char *link;
};

struct shape;

struct field {
    struct str name;
    enum field_kind kind;
    unsigned flags;
    size_t at;         /* offset in the struct */
    double min, max;   /* code points of a text, value of a number, count of a list; 0,0: text up
                          to 500, any number, list up to 100 */
    struct str prefix; /* F_ID: "msn_" */
    const struct names *values;      /* F_ENUM; F_RAW: its keys, if they are known */
    const struct shape *shape;       /* F_OBJECT */
    const struct shape *alternative; /* F_OBJECT: what it may be instead, in answers */
    const struct field *item; /* F_LIST, F_RAW: the kind of its members (name and at unused) */
    int decimals;             /* F_NUMBER, printing; 0 means 2 */
    /* A further check of a value that is well-formed (F_TEXT only): NULL or the reason. */
    const char *(*check)(struct str text);
    const char *pattern; /* F_TEXT: a regular expression of what passes, for documentation */
    const char *doc;     /* one line for people and OpenAPI */
    const char *example; /* as JSON, may be NULL */
    const struct deprecation *deprecated;
};

struct shape {
    const char *name; /* of the schema, "mission" */
    const struct field *fields;
    size_t n;
    size_t size;      /* of the struct */
    const void *init; /* defaults: a struct that reading starts from; NULL: all null */
    /* Completes and checks the whole after its fields, in bodies only: NULL or an error made by
     * error_at() with a param relative to this object. */
    error (*check)(struct arena *a, void *object);
};
#define SHAPE(name, type, fields)                                                                  \
    {                                                                                              \
        name, fields, sizeof fields / sizeof *fields, sizeof(type), NULL, NULL                     \
    }
#define SHAPE_INIT(name, type, fields, init, check)                                                \
    {                                                                                              \
        name, fields, sizeof fields / sizeof *fields, sizeof(type), init, check                    \
    }

/* Which fields a body held: bit i is fields[i] of the shape. */
typedef uint64_t sent;

/* A body: text → *out, a struct of the shape that starts from .init. Fields that are F_IN are
 * taken, others are refused by name, as are unknown and missing ones. Errors: ERR_INVALID_JSON;
 * ERR_INVALID_REQUEST with the dotted path in param ("constraints.timezone", "platforms[1]").
 * Everything read lives in the arena. */
error shape_read(struct arena *a, const struct shape *s, struct str text, void *out, sent *what);

/* The body of a PUT: as shape_read, but *object holds the stored state: absent fields stay, null
 * clears a nullable one, objects and lists are replaced whole. Read-only fields (not F_IN, or
 * F_CREATE_ONLY) are accepted if they equal what is stored, whatever the notation; "updated_at" is
 * ignored. After an error *object is as it was. */
error shape_update(struct arena *a, const struct shape *s, struct str text, void *object,
                   sent *what);

/* Reads JSON of our own (a stored F_DOC): every field of the shape is taken whatever its flags,
 * missing ones keep their default, unknown ones are passed over. Errors: ERR_INTERNAL. */
error shape_parse(struct arena *a, const struct shape *s, struct str text, void *out);

/* Reads a stored F_LIST of F_DOC into *out. Errors: ERR_INTERNAL. */
error list_parse(struct arena *a, const struct field *list_field, struct str text,
                 struct list *out);

/* Prints the object with all its fields. */
void shape_write(struct writer *w, const struct shape *s, const void *object);

/* Prints the members only, for callers that add some of their own inside the braces. */
void shape_write_members(struct writer *w, const struct shape *s, const void *object);

/* The object as JSON text in the arena, for storing. */
struct str shape_text(struct arena *a, const struct shape *s, const void *object);

/* A list of the field's item kind as JSON text in the arena. */
struct str list_text(struct arena *a, const struct field *list_field, const struct list *list);

/* The field of that name; NULL if there is none. */
const struct field *shape_field(const struct shape *s, struct str name);

/* Was this field sent? */
bool was_sent(const struct shape *s, sent what, struct str name);

/* Index of a name in an enum's values; 0 if there is none. */
int names_find(const struct names *values, struct str name);

#endif
