/* query.h: the query string: syntax, and parameters read through a shape. */
#ifndef AMP_HTTP_QUERY_H
#define AMP_HTTP_QUERY_H

#include "http/request.h"

/* Splits and decodes r->query_text into r->query ("+" is a space, %xx decoded once, no ";").
 * Refused with the name: repeated or empty parameters, bad %xx, invalid UTF-8, NUL, more than
 * QUERY_MAX. */
error query_split(struct arena *a, struct request *r);

/* Takes expand=mission, expand[]=mission and expand[0]=mission (which may repeat) out of r->query
 * and sets r->expand_mission; on lists also with "data." before it. Any other value is refused. */
error query_expand(struct arena *a, struct request *r, bool list);

/* Reads the parameters that the shape names into *out (a struct of the shape, starting from .init):
 * F_ID, F_ENUM, F_INT, F_TEXT, F_BOOL, F_TIME (RFC 3339, or a date meaning its midnight UTC), and
 * F_LIST of F_ENUM or F_TEXT (comma list). `extra` names parameters that others read (may be NULL).
 * Anything else in the query is refused by name. */
error query_read(struct arena *a, const struct request *r, const struct shape *s,
                 const struct shape *extra, void *out, sent *what);

/* limit, starting_after, ending_before; `prefix` is that of the listed objects' ids. */
extern const struct shape page_query_shape;
error query_page(struct arena *a, struct request *r, struct str prefix);

/* The value of a parameter, none if it is absent. */
struct str query_get(const struct request *r, const char *name);

#endif
