/* shape_impl.h: what the files of shape share. Private to this room. */
#ifndef AMP_JSON_SHAPE_IMPL_H
#define AMP_JSON_SHAPE_IMPL_H

#include "json/parse.h"
#include "json/shape.h"

/* Bytes that a value of this field takes in C. */
size_t shape_value_size(const struct field *f);

/* Null, or for kinds that have none: false, empty, the defaults of the nested shape. */
void shape_value_clear(const struct field *f, void *value);
bool shape_value_is_null(const struct field *f, const void *value);

/* The struct as reading starts: its defaults, or all null. */
void shape_clear(const struct shape *s, void *object);

void shape_value_write(struct writer *w, const struct field *f, const void *value);
struct str shape_value_text(struct arena *a, const struct field *f, const void *value);

enum read_mode {
    READ_BODY,    /* a client's: flags and limits are obeyed */
    READ_COMPARE, /* a client's, to see whether it says what is stored: any field, no limits */
    READ_STORED   /* ours: any field, no limits, unknown ones are passed over */
};

struct reader {
    struct arena *arena;
    enum read_mode mode;
};

/* Where in the body a value stands, from the inside out; NULL is the body itself. */
struct place {
    const struct place *in;
    struct str name; /* of a member; none: a member of a list */
    size_t index;
};

struct str place_text(struct arena *a, const struct place *at);

/* ERR_INVALID_REQUEST for the value at this place. */
error refuse(const struct reader *r, const struct place *at, struct str message);

/* Reads a value that is not null, of any kind but F_OBJECT and F_LIST. */
error scalar_read(const struct reader *r, const struct field *f, struct json_object *v,
                  const struct place *at, void *out);

#endif
