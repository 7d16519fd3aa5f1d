/* error.c: making errors. What each is worth stands in error.def; who answers with it, in the
 * frame. */
#include "base/error.h"

#include <assert.h>

static const struct error constants[ERR_COUNT] = {
#define ERROR(name, http, on_wire, text)                                                           \
    [ERR_##name] = {.code = ERR_##name,                                                            \
                    .status = http,                                                                \
                    .wire = {on_wire, sizeof on_wire - 1},                                         \
                    .message = {text, sizeof text - 1}},
#include "base/error.def"
#undef ERROR
};

error error_of(enum error_code code)
{
    assert(code < ERR_COUNT);
    return &constants[code];
}

static struct error *copy_of(struct arena *a, error e)
{
    struct error *copy = ARENA_NEW(a, struct error);
    *copy = *e;
    return copy;
}

error error_at(struct arena *a, enum error_code code, struct str param, const char *format, ...)
{
    struct error *e = copy_of(a, error_of(code));
    va_list args;
    va_start(args, format);
    e->message = arena_vprintf(a, format, args);
    va_end(args);
    e->param = arena_str(a, param);
    return e;
}

error error_because(struct arena *a, enum error_code code, const char *format, ...)
{
    struct error *e = copy_of(a, error_of(code));
    va_list args;
    va_start(args, format);
    e->cause = arena_vprintf(a, format, args);
    va_end(args);
    return e;
}

error error_with_param(struct arena *a, error e, struct str param)
{
    if (!e)
        return NULL;
    struct error *copy = copy_of(a, e);
    copy->param = arena_str(a, param);
    return copy;
}

bool error_is(error e, enum error_code code)
{
    return e && e->code == code;
}
