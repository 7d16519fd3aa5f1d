/* csv.h: shapes as comma-separated values (RFC 4180): a header line with the names of the fields,
 * then a line for each object, each ended by CR LF. For shapes of plain values only: F_ID, F_TEXT,
 * F_ENUM, F_INT, F_NUMBER, F_BOOL, F_TIME; null is an empty cell. */
#ifndef AMP_JSON_CSV_H
#define AMP_JSON_CSV_H

#include "json/shape.h"

void csv_head(struct buf *out, const struct shape *s);
void csv_line(struct buf *out, const struct shape *s, const void *object);

/* One cell of text from elsewhere. What a spreadsheet would run as a formula (it begins with one of
 * = + - @, a tab or a line end) gets an apostrophe before it, and is text from then on. */
void csv_text(struct buf *out, struct str text);

#endif
