/* gateway.h: the doorman of libfcgi: requests in, responses out, as FastCGI or as plain CGI. */
#ifndef AMP_HTTP_GATEWAY_H
#define AMP_HTTP_GATEWAY_H

#include "http/reply.h"

/* What a program does with requests. */
struct service {
    /* Fills the response. Memory of the request goes to the arena, which is reset before the next.
     */
    void (*serve)(void *self, struct arena *a, struct request *req, struct response *res);
    /* After the response has gone out: for the log line. May be NULL. */
    void (*done)(void *self, struct request *req, struct response *res);
    void *self;
    size_t arena_bytes;   /* ceiling for one request */
    int64_t max_requests; /* then the process ends and the server starts another; 0: no limit */
};

/* Was the program started by a web server, as FastCGI or as CGI? */
bool gateway_called(void);

/* Serves until the web server says stop (SIGTERM, SIGUSR1), max_requests are done, or, as CGI,
 * once. Returns the exit code. */
int gateway_run(const struct service *s);

/* Serves one request that is described by variables, its body and its answer in memory: for tests
 * and `amp request`. The answer begins with "Status:". */
void gateway_once(const struct service *s, char *const *environment, struct str body,
                  struct buf *answer);

#endif
