/* log.h: one JSON line an event on standard error (the web server's error log). Nothing secret is
 * ever passed in. error = somebody must act, warn = it healed itself, info = one line a request or
 * job step. */
#ifndef AMP_BASE_LOG_H
#define AMP_BASE_LOG_H

#include "base/id.h"

struct ctx;

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log_field {
    const char *key; /* NULL ends a list */
    struct str text; /* none leaves the field out */
    int64_t number;
    bool is_number;
};

#define L_STR(key, str) ((struct log_field){(key), (str), 0, false})
#define L_INT(key, value) ((struct log_field){(key), {NULL, 0}, (int64_t)(value), true})

/* Lines above this level are not written. Default info. */
void log_set_level(enum log_level level);
enum log_level log_level(void);

/* The name of a level, and back. */
bool log_level_parse(struct str name, enum log_level *out);

/* Writes {"time":…,"level":…,"event":…,"request_id":…,"tenant":…,fields…} in one write(2). A line
 * is cut at 4 KiB; text that is not UTF-8 is escaped byte by byte. `c` may be NULL. */
void log_write(const struct ctx *c, enum log_level level, const char *event,
               const struct log_field *fields);

#define log_event(c, level, event, ...)                                                            \
    log_write((c), (level), (event), (const struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){0}})

#endif
