/* fetch.c: the doorman of libcurl: carries exchanges and says what is known of them afterwards.
 * Neither retries nor judges answers. */
#include "net/fetch.h"

#include <curl/curl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "net/address.h"

enum {
    CONNECT_TIMEOUT_MS = 3000,
    TOTAL_TIMEOUT_MS = 10000,
    POLL_MS = 1000,
    WATCH_MS = 200,
    IDLE_MAX_S = 20, /* a connection that was idle for longer may have been given up over there */
    ANSWER_MAX_BYTES = 1 << 20,
    HEADERS_MAX = 32,
    RETRY_AFTER_MAX_S = 86400
};

/* The handles of the process: one for single exchanges, which keeps its connections for the next
 * one, and those of fetch_many(), whose connections `many` keeps. */
static CURL *handle;
static CURLM *many;
static CURL *handles[FETCH_AT_ONCE];

struct exchange {
    CURL *curl;
    struct arena *arena;
    const struct fetch_request *in;
    struct buf *body;
    struct curl_slist *headers;
    bool refused_address;
    bool sending; /* from here on the other side may have got something */
    struct fetch_response *out;
    int64_t began_us;
    char problem[CURL_ERROR_SIZE];
};

void fetch_init(void)
{
    /* libcurl is told not to touch signals, so a lost connection must not end the process. */
    (void)signal(SIGPIPE, SIG_IGN);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return;
    handle = curl_easy_init();
    many = curl_multi_init();
    if (many && curl_multi_setopt(many, CURLMOPT_MAXCONNECTS, (long)FETCH_AT_ONCE) != CURLM_OK) {
        (void)curl_multi_cleanup(many);
        many = NULL;
    }
}

/* An address that is not allowed is never connected to; libcurl then tries the next one. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct exchange *x = arg;
    (void)purpose;
    if (!x->in->allow_private && !address_is_public(&to->addr)) {
        x->refused_address = true;
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static bool is_safe(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

/* Runs when connection and TLS stand and nothing of the request has been written. A connection that
 * is used again was opened under the rules of another request, so it is looked at once more. A
 * request that dies on such a connection is sent once more by libcurl itself, on another one: that
 * is welcome for reading, while anything else may have been carried out. */
static int before_request(void *arg, char *peer, char *local, int peer_port, int local_port)
{
    struct exchange *x = arg;
    (void)local;
    (void)peer_port;
    (void)local_port;
    if (!x->in->allow_private && !address_text_is_public(peer)) {
        x->refused_address = true;
        return CURL_PREREQFUNC_ABORT;
    }
    if (x->sending && !is_safe(x->in->method))
        return CURL_PREREQFUNC_ABORT;
    x->sending = true;
    return CURL_PREREQFUNC_OK;
}

static size_t take_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct exchange *x = arg;
    buf_add(x->body, (struct str){bytes, size * n});
    return x->body->full ? 0 : size * n;
}

/* No control characters: a value that came from a tenant must not begin a new header. */
static bool is_one_line(struct str value)
{
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if (c < 0x20 || c == 0x7F)
            return false;
    }
    return true;
}

static bool add_header(struct exchange *x, const char *name, struct str value)
{
    if (!is_one_line(value))
        return false;
    /* libcurl's form: "Name;" is a header with no value, "Name:" takes a default header away. */
    struct str line = value.n ? arena_printf(x->arena, "%s: %.*s", name, STR(value))
                              : arena_printf(x->arena, "%s;", name);
    struct curl_slist *longer = curl_slist_append(x->headers, arena_cstr(x->arena, line));
    if (!longer)
        return false;
    x->headers = longer;
    return true;
}

static bool add_headers(struct exchange *x, struct str own_id)
{
    struct str request_id = x->in->request_id.n ? x->in->request_id : own_id;
    /* No waiting for "100 Continue", and no content type that nobody chose. */
    struct curl_slist *defaults = curl_slist_append(NULL, "Expect:");
    if (!defaults)
        return false;
    x->headers = defaults;
    if (request_id.n && !add_header(x, "X-Request-ID", request_id))
        return false;
    const struct fetch_header *h = x->in->headers;
    for (int i = 0; h && h->name; h++, i++)
        if (i == HEADERS_MAX || !add_header(x, h->name, h->value))
            return false;
    return true;
}

/* Every option is set or the exchange does not take place: a limit that did not stick is none. */
#define SET(option, value)                                                                         \
    do {                                                                                           \
        if (curl_easy_setopt(x->curl, (option), (value)) != CURLE_OK)                              \
            return false;                                                                          \
    } while (0)

static bool set_limits(const struct exchange *x)
{
    const struct fetch_request *in = x->in;
    int64_t total = in->timeout_ms > 0 ? in->timeout_ms : TOTAL_TIMEOUT_MS;
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_TIMEOUT_MS, (long)total);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(total < CONNECT_TIMEOUT_MS ? total : CONNECT_TIMEOUT_MS));
    SET(CURLOPT_PROTOCOLS_STR, in->allow_http ? "http,https" : "https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_PROXY, ""); /* nor one of the environment */
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_MAXAGE_CONN, (long)IDLE_MAX_S);
    return true;
}

static bool set_callbacks(struct exchange *x)
{
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, x);
    SET(CURLOPT_PREREQFUNCTION, before_request);
    SET(CURLOPT_PREREQDATA, x);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, x);
    SET(CURLOPT_ERRORBUFFER, x->problem);
    return true;
}

static bool set_request(struct exchange *x)
{
    const struct fetch_request *in = x->in;
    SET(CURLOPT_URL, arena_cstr(x->arena, in->url));
    SET(CURLOPT_USERAGENT, "amp");
    SET(CURLOPT_HTTPHEADER, x->headers);
    if (strcmp(in->method, "HEAD") == 0)
        SET(CURLOPT_NOBODY, 1L);
    if (in->body.p || strcmp(in->method, "POST") == 0) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)in->body.n);
        SET(CURLOPT_POSTFIELDS, in->body.n ? in->body.p : "");
    }
    SET(CURLOPT_CUSTOMREQUEST, in->method);
    return true;
}

#undef SET

static void read_answer(struct exchange *x, struct fetch_response *out)
{
    long status = 0;
    char *type = NULL;
    curl_off_t wait_s = 0;
    if (curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        out->status = (int)status;
    if (curl_easy_getinfo(x->curl, CURLINFO_CONTENT_TYPE, &type) == CURLE_OK && type)
        out->type = arena_str(x->arena, str_of(type));
    if (curl_easy_getinfo(x->curl, CURLINFO_RETRY_AFTER, &wait_s) == CURLE_OK && wait_s > 0)
        out->retry_after_s = wait_s < RETRY_AFTER_MAX_S ? wait_s : RETRY_AFTER_MAX_S;
    out->body = buf_str(x->body);
}

static struct str problem_of(struct exchange *x, CURLcode rc)
{
    if (x->refused_address)
        return S("the address is not on the public internet");
    if (x->body->full)
        return S("the answer is too large");
    if (x->problem[0])
        return arena_str(x->arena, str_of(x->problem));
    return str_of(curl_easy_strerror(rc));
}

static void conclude(struct exchange *x, CURLcode rc, struct fetch_response *out)
{
    if (rc == CURLE_OK) {
        out->verdict = FETCH_DONE;
        read_answer(x, out);
        return;
    }
    out->verdict = x->sending ? FETCH_UNCLEAR : FETCH_UNSENT;
    out->problem = problem_of(x, rc);
}

/* Makes everything ready on x->curl; false, with the reason in *out, if it cannot be. */
static bool prepare(struct outside *o, struct exchange *x, struct fetch_response *out)
{
    const struct fetch_request *in = x->in;
    *out = (struct fetch_response){.verdict = FETCH_UNSENT};
    if (!x->curl) {
        out->problem = S("libcurl did not start");
        return false;
    }
    x->body = buf_new(o->arena, in->max_bytes ? in->max_bytes : ANSWER_MAX_BYTES);
    if (is_one_line(in->url) && add_headers(x, o->request_id) && set_limits(x) &&
        set_callbacks(x) && set_request(x))
        return true;
    out->problem = S("the request cannot be made: malformed URL or header");
    return false;
}

void fetch(struct outside *o, const struct fetch_request *in, struct fetch_response *out)
{
    int64_t began_us = clock_mono_us();
    struct exchange x = {.curl = handle, .arena = o->arena, .in = in};
    if (prepare(o, &x, out))
        conclude(&x, curl_easy_perform(x.curl), out);
    /* The handle must not remember this stack, nor any secret, once we are gone. */
    if (x.curl)
        curl_easy_reset(x.curl);
    curl_slist_free_all(x.headers);
    out->took_us = clock_mono_us() - began_us;
}

/* Many exchanges under way: those in `at` at the moment, each on the handle of its place. */
struct crowd {
    struct exchange at[FETCH_AT_ONCE];
    size_t width; /* places */
    size_t running;
};

static void leave_crowd(struct crowd *m, struct exchange *x)
{
    if (x->curl) {
        (void)curl_multi_remove_handle(many, x->curl); /* of one that was not added: nothing */
        curl_easy_reset(x->curl);
    }
    curl_slist_free_all(x->headers);
    x->out->took_us = clock_mono_us() - x->began_us;
    x->in = NULL;
    m->running--;
}

/* Begins an exchange at a free place; one that cannot begin has its verdict already. */
static void join(struct crowd *m, size_t place, struct outside *o, const struct fetch_request *in,
                 struct fetch_response *out)
{
    struct exchange *x = &m->at[place];
    if (!handles[place])
        handles[place] = curl_easy_init();
    *x = (struct exchange){.curl = many ? handles[place] : NULL,
                           .arena = o->arena,
                           .in = in,
                           .out = out,
                           .began_us = clock_mono_us()};
    m->running++;
    if (prepare(o, x, out) && curl_multi_add_handle(many, x->curl) == CURLM_OK) {
        /* What it stays, should the loop end early. */
        out->verdict = FETCH_UNCLEAR;
        out->problem = S("the exchange was given up");
        return;
    }
    leave_crowd(m, x);
}

/* Notes what has come to its end; false: nothing has. */
static bool take_results(struct crowd *m, const struct fetch_watch *watch)
{
    size_t before = m->running;
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(many, &left)) != NULL;) {
        for (size_t i = 0; i < m->width && message->msg == CURLMSG_DONE; i++) {
            struct exchange *x = &m->at[i];
            if (!x->in || x->curl != message->easy_handle)
                continue;
            conclude(x, message->data.result, x->out);
            leave_crowd(m, x);
            if (watch && watch->ended)
                watch->ended(watch->self, x->out);
            break;
        }
    }
    return m->running < before;
}

/* Gives up those of which nothing has been sent. */
static void give_up(struct crowd *m)
{
    for (size_t i = 0; i < m->width; i++) {
        struct exchange *x = &m->at[i];
        if (!x->in || x->sending)
            continue;
        x->out->verdict = FETCH_UNSENT;
        x->out->unwanted = true;
        leave_crowd(m, x);
    }
}

/* Waits until something happens to those under way. Each has a deadline of its own. */
static bool move_on(struct crowd *m, const struct fetch_watch *watch)
{
    int running = 0;
    if (curl_multi_perform(many, &running) != CURLM_OK)
        return false;
    return take_results(m, watch) || !m->running ||
           curl_multi_poll(many, NULL, 0, watch ? WATCH_MS : POLL_MS, NULL) == CURLM_OK;
}

void fetch_many(struct outside *o, const struct fetch_request *in, struct fetch_response *out,
                size_t n, size_t at_once, const struct fetch_watch *watch)
{
    struct crowd *m = ARENA_NEW(o->arena, struct crowd);
    bool wanted = !watch || watch->wanted(watch->self), working = true;
    size_t next = 0;
    m->width = at_once < FETCH_AT_ONCE ? at_once : FETCH_AT_ONCE;
    for (size_t i = 0; i < n; i++)
        out[i] = (struct fetch_response){.verdict = FETCH_UNSENT,
                                         .problem = S("the exchange was given up")};
    while (working && (m->running || (wanted && next < n))) {
        for (size_t i = 0; i < m->width && wanted && next < n; i++)
            if (!m->at[i].in) {
                join(m, i, o, &in[next], &out[next]);
                next++;
            }
        working = move_on(m, watch);
        wanted = wanted && (!watch || watch->wanted(watch->self));
        if (!wanted)
            give_up(m);
    }
    for (size_t i = 0; i < m->width; i++)
        if (m->at[i].in)
            leave_crowd(m, &m->at[i]);
    for (; next < n; next++)
        out[next].unwanted = !wanted;
}

struct str url_encode(struct arena *a, struct str text)
{
    static const char hex[] = "0123456789ABCDEF";
    char *p = arena_alloc(a, text.n * 3 + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            p[n++] = (char)c;
            continue;
        }
        p[n++] = '%';
        p[n++] = hex[c >> 4];
        p[n++] = hex[c & 15];
    }
    return (struct str){p, n};
}
