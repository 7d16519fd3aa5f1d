/* reply.h: the response, built whole before anything is sent; or, where it may be of any length, in
 * pieces that are sent as they are made. */
#ifndef AMP_HTTP_REPLY_H
#define AMP_HTTP_REPLY_H

#include "base/buf.h"
#include "http/request.h"

struct response {
    int status;
    struct buf body;           /* kept from request to request */
    struct buf headers;        /* "Name: value\r\n" each, without the standard ones */
    struct str etag, location; /* of headers that are kept with an answer; none: not sent */
    struct str type;           /* Content-Type; none: application/json; charset=utf-8 */
    bool in_pieces;            /* its length is not known in advance */
    bool begun;                /* head and a piece have gone out: it cannot become another answer */
    bool broken;               /* begun, and never to be whole: the client must be able to tell */
    size_t sent;               /* bytes of the body in pieces so far */
    bool (*send)(void *to);    /* the gateway's: sends what the body holds; false: nobody listens */
    void *to;
    size_t announced; /* Content-Length where it lies, for tests of clients; 0: the truth */
};

void response_init(struct response *r);
void response_release(struct response *r);
void response_clear(struct response *r);

/* Forgets what a handler has answered so far; other headers stay. */
void response_clear_answer(struct response *r);

/* Adds a header. The value must be printable ASCII; it is ours, never the client's. */
void response_header(struct response *r, const char *name, struct str value);
void response_header_int(struct response *r, const char *name, int64_t value);

/* Answers with one object of the shape. */
error reply(struct ctx *c, int status, const struct shape *shape, const void *object);

/* Adds Location: the version's root as the client used it, `path` and `id`. */
void reply_location(struct ctx *c, const char *path, struct str id);

/* Begins an answer of any length, 200 with this type. The handler then adds to c->res->body and
 * says reply_piece() wherever the body may be cut, which sends it when enough has come together;
 * what is left is sent at the end. Of a HEAD request nothing is wanted but this beginning. An error
 * before the first piece is answered as any other; after it, the connection is broken off. Headers
 * must be there before the first piece. */
void reply_in_pieces(struct ctx *c, struct str type);
error reply_piece(struct ctx *c);

/* Answers without a body: 204. */
error reply_empty(struct ctx *c);

/* Answers {"data":[…],"has_more":…,"total":…} with n objects of the shape's size at `items`. */
error reply_list(struct ctx *c, const struct shape *shape, const struct list *items, bool has_more,
                 int64_t total);

/* For answers that no shape describes: write one value with the writer, then reply_done(). */
struct writer *reply_begin(struct ctx *c, struct writer *w);
error reply_done(struct ctx *c, int status);

/* The error envelope; replaces whatever the response held but its headers. */
void reply_error(struct ctx *c, error e);

/* The reason phrase of a status. */
const char *status_phrase(int status);

#endif
