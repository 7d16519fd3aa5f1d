/* server.h: a server of a few lines that answers by a script, in a process of its own, for the
 * tests of those who call others. Included after cmocka.h. */
#ifndef AMP_TESTS_SERVER_H
#define AMP_TESTS_SERVER_H

#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"

/* A server plays this many connections, each with these answers to the requests on it. A connection
 * whose answer is NULL is reset once the request has arrived; HANG keeps it open and says nothing.
 */
#define HANG "hang"
enum { CONNECTIONS = 4, REQUESTS = 4, SEEN_MAX = 16384 };
struct script {
    const char *answer[CONNECTIONS][REQUESTS];
    int requests[CONNECTIONS]; /* how many are read; then the connection ends */
};

struct server {
    pid_t pid;
    int seen; /* what arrived comes out of this pipe */
    int listener;
    int port;
};

static inline size_t length_of(struct str head)
{
    static const char name[] = "Content-Length: ";
    const char *at = memmem(head.p, head.n, name, sizeof name - 1);
    size_t n = 0;
    for (at = at ? at + sizeof name - 1 : ""; *at >= '0' && *at <= '9'; at++)
        n = n * 10 + (size_t)(*at - '0');
    return n;
}

/* Reads one whole request and reports it. */
static inline bool read_request(int client, int seen)
{
    char text[SEEN_MAX];
    size_t n = 0;
    for (;;) {
        ssize_t got = read(client, text + n, sizeof text - 1 - n);
        if (got <= 0)
            return false;
        n += (size_t)got;
        text[n] = 0;
        const char *end = memmem(text, n, "\r\n\r\n", 4);
        if (end && n >= (size_t)(end - text) + 4 + length_of((struct str){text, n}))
            return write(seen, text, n) == (ssize_t)n;
    }
}

static inline void reset(int client)
{
    struct linger hard = {1, 0};
    setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(client);
}

static inline void play(int client, int seen, const struct script *s, int connection)
{
    for (int i = 0; i < s->requests[connection]; i++) {
        const char *answer = s->answer[connection][i];
        if (!read_request(client, seen))
            break;
        if (!answer) {
            reset(client);
            return;
        }
        if (strcmp(answer, HANG) == 0)
            pause();
        if (write(client, answer, strlen(answer)) < 0)
            break;
    }
    close(client);
}

static inline struct server start(const struct script *s)
{
    struct server server;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    server.listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(server.listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(server.listener, 8), 0);
    assert_int_equal(getsockname(server.listener, (struct sockaddr *)&address, &size), 0);
    server.port = ntohs(address.sin_port);
    server.seen = pipes[0];
    server.pid = fork();
    assert_true(server.pid >= 0);
    if (server.pid == 0) {
        for (int i = 0; i < CONNECTIONS && s->requests[i]; i++)
            play(accept(server.listener, NULL, NULL), pipes[1], s, i);
        _exit(0);
    }
    close(pipes[1]);
    return server;
}

/* Stops the server; everything it was sent, in one text. */
static inline struct str stop(struct server *s, struct arena *a)
{
    char *text = arena_alloc(a, SEEN_MAX);
    size_t n = 0;
    ssize_t got;
    kill(s->pid, SIGTERM);
    waitpid(s->pid, NULL, 0);
    while ((got = read(s->seen, text + n, SEEN_MAX - n)) > 0)
        n += (size_t)got;
    close(s->seen);
    close(s->listener);
    return (struct str){text, n};
}

static inline bool has(struct str text, const char *part)
{
    return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

static inline int times(struct str text, const char *part)
{
    int n = 0;
    while (text.n) {
        const char *at = memmem(text.p, text.n, part, strlen(part));
        if (!at)
            break;
        n++;
        text = str_sub(text, (size_t)(at - text.p) + 1, SIZE_MAX);
    }
    return n;
}

#endif
