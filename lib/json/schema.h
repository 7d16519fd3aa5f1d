/* schema.h: shapes as JSON Schema (draft 2020-12), and examples of what they describe: from the
 * very table that reads and prints. */
#ifndef AMP_JSON_SCHEMA_H
#define AMP_JSON_SCHEMA_H

#include "json/shape.h"

/* A shape looks different to whoever reads, makes and changes an object. */
enum view {
    VIEW_OUT, /* an answer: every key is there */
    VIEW_IN,  /* a body, or a part of one: what clients may say, and what is taken if they do not */
    VIEW_UPDATE, /* the body of a PUT: nothing is required, read-only fields may be repeated */
    VIEW_QUERY   /* parameters in a URL; never a schema of its own */
};

/* The shapes that a document shows, each in its views. */
enum { SCHEMAS_MAX = 256 };
struct schemas {
    struct arena *arena;
    size_t n;
    struct schema {
        const struct shape *shape;
        enum view view;
    } at[SCHEMAS_MAX];
};

/* Adds a shape and all that it is made of. Two shapes must not have the same name. */
void schemas_add(struct schemas *set, const struct shape *s, enum view view);

/* {"$ref":"#/components/schemas/NAME"} of a shape that was added. The name is the shape's; its view
 * as a body is "NAME_input" if it is also answered, "NAME_update" in a PUT. */
void schema_write_ref(struct writer *w, const struct schemas *set, const struct shape *s,
                      enum view view);

/* All that were added, as members of an object: the name and the schema of each. */
void schemas_write(struct writer *w, const struct schemas *set);

/* The schema of one field of a shape. */
void schema_write_field(struct writer *w, const struct schemas *set, const struct shape *s,
                        const struct field *f, enum view view);

/* An object of the shape: an answer with all its fields, a body with those that are required or
 * have an example. `first`: with the fields that are shown only once, too (F_ABSENT). */
void example_write(struct writer *w, const struct shape *s, enum view view, bool first);

#endif
