/* reply.c: builds responses. Sending them is the gateway's. */
#include "http/reply.h"

#include "base/config.h"
#include "http/error_body.h"
#include "json/write.h"

enum {
    RESPONSE_MAX = 128 << 20, /* a page of a hundred of the largest texts there can be */
    RESPONSE_KEPT = 1 << 20,  /* of which so much room is kept for the next one */
    PIECE = 64 << 10,
    HEADERS_MAX = 16 << 10
};

static const struct {
    int status;
    const char *phrase;
} phrases[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {507, "Insufficient Storage"},
};

const char *status_phrase(int status)
{
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        if (phrases[i].status == status)
            return phrases[i].phrase;
    }
    return "Unknown";
}

void response_init(struct response *r)
{
    *r = (struct response){0};
    buf_init(&r->body, RESPONSE_MAX);
    buf_init(&r->headers, HEADERS_MAX);
}

void response_release(struct response *r)
{
    buf_release(&r->body);
    buf_release(&r->headers);
}

void response_clear_answer(struct response *r)
{
    r->announced = 0;
    r->status = 0;
    r->etag = r->location = r->type = (struct str){0};
    r->in_pieces = false;
    buf_clear(&r->body);
}

void response_clear(struct response *r)
{
    response_clear_answer(r);
    r->begun = r->broken = false;
    r->sent = 0;
    if (r->body.capacity > RESPONSE_KEPT)
        buf_release(&r->body);
    buf_clear(&r->headers);
}

void response_header(struct response *r, const char *name, struct str value)
{
    buf_add(&r->headers, str_of(name));
    buf_add(&r->headers, S(": "));
    buf_add(&r->headers, value);
    buf_add(&r->headers, S("\r\n"));
}

void response_header_int(struct response *r, const char *name, int64_t value)
{
    buf_add(&r->headers, str_of(name));
    buf_add(&r->headers, S(": "));
    buf_int(&r->headers, value);
    buf_add(&r->headers, S("\r\n"));
}

struct writer *reply_begin(struct ctx *c, struct writer *w)
{
    buf_clear(&c->res->body);
    write_init(w, &c->res->body);
    return w;
}

error reply_done(struct ctx *c, int status)
{
    if (c->res->body.full)
        return error_because(c->arena, ERR_INTERNAL, "the answer is larger than %d bytes",
                             (int)RESPONSE_MAX);
    c->res->status = status;
    return NULL;
}

error reply(struct ctx *c, int status, const struct shape *shape, const void *object)
{
    struct writer w;
    shape_write(reply_begin(c, &w), shape, object);
    return reply_done(c, status);
}

void reply_location(struct ctx *c, const char *path, struct str id)
{
    struct str root = str_sub(c->req->path, 0, c->req->path.n - c->req->route_path.n);
    c->res->location = arena_printf(c->arena, "%.*s%s%.*s", STR(root), path, STR(id));
}

void reply_in_pieces(struct ctx *c, struct str type)
{
    buf_clear(&c->res->body);
    c->res->status = 200;
    c->res->type = type;
    c->res->in_pieces = true;
}

error reply_piece(struct ctx *c)
{
    if (c->res->body.full)
        return error_because(c->arena, ERR_INTERNAL, "a piece of the answer is too large");
    if (c->res->body.n < PIECE || c->res->send(c->res->to))
        return NULL;
    return error_because(c->arena, ERR_INTERNAL, "the client has gone");
}

error reply_empty(struct ctx *c)
{
    buf_clear(&c->res->body);
    c->res->status = 204;
    return NULL;
}

error reply_list(struct ctx *c, const struct shape *shape, const struct list *items, bool has_more,
                 int64_t total)
{
    struct writer w;
    const char *item = items->at;
    write_open(reply_begin(c, &w), '{');
    write_key(&w, S("data"));
    write_open(&w, '[');
    for (size_t i = 0; i < items->n; i++)
        shape_write(&w, shape, item + i * shape->size);
    write_close(&w, ']');
    write_member_bool(&w, S("has_more"), has_more);
    write_member_int(&w, S("total"), total);
    write_close(&w, '}');
    return reply_done(c, 200);
}

void reply_error(struct ctx *c, error e)
{
    struct error_body body = error_body_of(c->arena, e, c->config->error_url, c->request_id);
    struct writer w;
    shape_write(reply_begin(c, &w), &error_body_shape, &body);
    c->res->status = e->status;
    c->res->etag = c->res->location = c->res->type = (struct str){0};
    c->res->in_pieces = false;
}
