/* gateway.c: the doorman of libfcgi: requests in, responses out. Knows nothing of what they mean.
 */
#include "http/gateway.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "base/clock.h"

extern char **environ;

/* Where a request comes from and goes to: FastCGI, CGI, memory. */
struct wire {
    size_t (*read)(struct wire *w, char *to, size_t n);
    bool (*write)(struct wire *w, struct str s);
    FCGX_Request *fcgi;
    struct str in;
    struct buf *out;
};

static size_t fcgi_read(struct wire *w, char *to, size_t n)
{
    int got = FCGX_GetStr(to, (int)n, w->fcgi->in);
    return got > 0 ? (size_t)got : 0;
}

static bool fcgi_write(struct wire *w, struct str s)
{
    return FCGX_PutStr(s.p, (int)s.n, w->fcgi->out) == (int)s.n;
}

static size_t cgi_read(struct wire *w, char *to, size_t n)
{
    size_t done = 0;
    (void)w;
    while (done < n) {
        ssize_t got = read(STDIN_FILENO, to + done, n - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    return done;
}

static bool cgi_write(struct wire *w, struct str s)
{
    (void)w;
    while (s.n) {
        ssize_t put = write(STDOUT_FILENO, s.p, s.n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        s = str_sub(s, (size_t)put, SIZE_MAX);
    }
    return true;
}

static size_t memory_read(struct wire *w, char *to, size_t n)
{
    struct str part = str_sub(w->in, 0, n);
    for (size_t i = 0; i < part.n; i++)
        to[i] = part.p[i];
    w->in = str_sub(w->in, part.n, SIZE_MAX);
    return part.n;
}

static bool memory_write(struct wire *w, struct str s)
{
    buf_add(w->out, s);
    return !w->out->full;
}

/* Reads as much of the body as we would ever look at. */
static void read_body(struct wire *w, struct arena *a, struct request *req, int64_t length)
{
    char *body;
    if (length > BODY_MAX) {
        req->body_too_large = true;
        return;
    }
    if (length <= 0) {
        req->body_cut = length == -2;
        return;
    }
    body = arena_alloc(a, (size_t)length + 1);
    req->body = (struct str){body, w->read(w, body, (size_t)length)};
    req->body_cut = req->body.n < (size_t)length;
}

/* Where the answer to a request goes. */
struct way_out {
    struct wire *wire;
    const struct request *req;
    struct response *res;
    struct buf *head;
};

static bool send_head(const struct way_out *o, bool has_body, bool whole)
{
    const struct response *res = o->res;
    struct buf *head = o->head;
    buf_clear(head);
    buf_printf(head, "Status: %d %s\r\n", res->status, status_phrase(res->status));
    buf_add(head, buf_str(&res->headers));
    if (has_body) {
        buf_add(head, S("Content-Type: "));
        buf_add(head, res->type.p ? res->type : S("application/json; charset=utf-8"));
        buf_add(head, S("\r\n"));
    }
    if (has_body && whole)
        buf_printf(head, "Content-Length: %zu\r\n", res->announced ? res->announced : res->body.n);
    buf_add(head, S("\r\n"));
    return o->wire->write(o->wire, buf_str(head));
}

/* Sends the body so far, and the head before its first piece. */
static bool send_piece(void *to)
{
    const struct way_out *o = to;
    struct response *res = o->res;
    bool heard = res->begun || send_head(o, true, false);
    res->begun = true;
    res->sent += res->body.n;
    heard = heard && o->wire->write(o->wire, buf_str(&res->body));
    buf_clear(&res->body);
    return heard;
}

/* What has not gone out yet. If the client has gone there is nobody to tell. */
static void send_response(const struct way_out *o)
{
    struct response *res = o->res;
    bool has_body = res->status != 204 && res->status != 304;
    bool is_head = o->req->method == HEAD;
    if (res->begun) {
        (void)(res->broken || send_piece((void *)o));
        return;
    }
    if (send_head(o, has_body, !(res->in_pieces && is_head)) && has_body && !is_head)
        (void)o->wire->write(o->wire, buf_str(&res->body));
}

/* What one process needs to serve, kept between requests. */
struct room {
    struct arena *arena;
    struct response res;
    struct buf head;
};

static void room_open(struct room *r, const struct service *s)
{
    r->arena = arena_new(s->arena_bytes);
    response_init(&r->res);
    buf_init(&r->head, 32 << 10);
}

static void room_close(struct room *r)
{
    arena_free(r->arena);
    response_release(&r->res);
    buf_release(&r->head);
}

/* False if the answer has not become whole. */
static bool exchange(const struct service *s, struct room *room, struct wire *w,
                     char *const *variables)
{
    struct request req = {.started_us = clock_mono_us()};
    struct way_out out = {w, &req, &room->res, &room->head};
    arena_reset(room->arena);
    response_clear(&room->res);
    room->res.send = send_piece;
    room->res.to = &out;
    request_from_environment(&req, variables);
    read_body(w, room->arena, &req, request_length(variables));
    s->serve(s->self, room->arena, &req, &room->res);
    send_response(&out);
    if (s->done)
        s->done(s->self, &req, &room->res);
    return !room->res.broken;
}

static void on_stop(int signal_number)
{
    (void)signal_number;
    FCGX_ShutdownPending();
}

/* Without SA_RESTART, so that a waiting accept() comes back. */
static void listen_to_stop(void)
{
    struct sigaction stop = {.sa_handler = on_stop}, ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&stop.sa_mask);
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGUSR1, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

bool gateway_called(void)
{
    if (!FCGX_IsCGI())
        return true;
    for (char **e = environ; *e; e++) {
        if (str_starts(str_of(*e), S("GATEWAY_INTERFACE=")))
            return true;
    }
    return false;
}

static int run_fastcgi(const struct service *s, struct room *room)
{
    FCGX_Request request;
    int64_t served = 0;
    if (FCGX_Init() || FCGX_InitRequest(&request, 0, FCGI_FAIL_ACCEPT_ON_INTR))
        return 1;
    listen_to_stop(); /* after FCGX_Init(), which sets handlers of its own */
    while (FCGX_Accept_r(&request) == 0) {
        struct wire w = {.read = fcgi_read, .write = fcgi_write, .fcgi = &request};
        if (exchange(s, room, &w, request.envp))
            FCGX_Finish_r(&request);
        else
            FCGX_Free(&request,
                      1); /* without the record that ends it: the server sees it break off */
        if (s->max_requests && ++served >= s->max_requests)
            break;
    }
    FCGX_Free(&request, 1);
    return 0;
}

int gateway_run(const struct service *s)
{
    struct room room;
    int code = 0;
    room_open(&room, s);
    if (FCGX_IsCGI()) {
        struct wire w = {.read = cgi_read, .write = cgi_write};
        code = exchange(s, &room, &w, environ) ? 0 : 1;
    } else {
        code = run_fastcgi(s, &room);
    }
    room_close(&room);
    return code;
}

void gateway_once(const struct service *s, char *const *environment, struct str body,
                  struct buf *answer)
{
    struct room room;
    struct wire w = {.read = memory_read, .write = memory_write, .in = body, .out = answer};
    room_open(&room, s);
    (void)exchange(s, &room, &w, environment);
    room_close(&room);
}
