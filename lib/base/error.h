/* error.h: the one type of failure. NULL is success. What an error is worth on the wire stands in
 * error.def; the frame renders and logs an error, once, and nobody else does. */
#ifndef AMP_BASE_ERROR_H
#define AMP_BASE_ERROR_H

#include "base/arena.h"

enum error_code {
#define ERROR(name, status, code, text) ERR_##name,
#include "base/error.def"
#undef ERROR
    ERR_COUNT
};

struct error {
    enum error_code code;
    int status;         /* HTTP */
    struct str wire;    /* the code clients see */
    struct str message; /* for clients: never SQL, paths, secrets or another tenant's data */
    struct str param;   /* dotted body path, query or header name; none if none applies */
    struct str cause;   /* for the log only; none if there is nothing to add */
};
typedef const struct error *error;

/* The constant error of a code. */
error error_of(enum error_code code);

/* With the place in the request and a text for the client. `param` is copied; format as printf. */
error error_at(struct arena *a, enum error_code code, struct str param, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* With a text for the log; the client sees only the constant message. */
error error_because(struct arena *a, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same error with `param` (for gates that know the place better). */
error error_with_param(struct arena *a, error e, struct str param);

/* Is it this one? NULL is none. */
bool error_is(error e, enum error_code code);

/* Leaves the function with the error of a call. The only macro that hides control flow. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        error try_error_ = (call);                                                                 \
        if (try_error_)                                                                            \
            return try_error_;                                                                     \
    } while (0)

#endif
