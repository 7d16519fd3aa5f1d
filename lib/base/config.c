/* config.c: what comes from the table of settings: reading, checking, the sample. The table itself
 * is in settings.c. */
#include "base/config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/utf8.h"

enum {
    FILE_SIZE = 64 * 1024,
    SECRET_SIZE = 4096,
    READ_STEP = 4096,
    PATH_SIZE = 4096,
    PROBLEMS_SIZE = 16 * 1024,
    MALFORMED_LINES = 20, /* so many are listed; each costs a pass */
};

struct load {
    struct arena *arena;
    struct config *out;
    struct buf *problems;
    const char *where; /* file or variable */
    size_t line;       /* of the file, 0 outside of it */
    struct str rest;   /* of the file */
    bool *seen;        /* a flag a setting: in the file */
};

static void problem(struct load *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void problem(struct load *l, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct str text = arena_vprintf(l->arena, format, args);
    va_end(args);
    buf_printf(l->problems, "%s:", l->where);
    if (l->line)
        buf_printf(l->problems, "%zu:", l->line);
    buf_printf(l->problems, " %.*s\n", STR(text));
}

struct str environment(const char *name)
{
    return str_of(getenv(name));
}

/* 0, or the errno that says why not. */
static int read_all(int fd, struct buf *b)
{
    for (;;) {
        char *room = buf_room(b, READ_STEP);
        if (!room)
            return EFBIG;
        ssize_t n = read(fd, room, READ_STEP);
        if (n <= 0)
            return n < 0 ? errno : 0;
        b->n += (size_t)n;
    }
}

/* The content of a file of at most `max` bytes; says why not as a problem. */
static bool read_file(struct load *l, const char *path, size_t max, struct str *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        problem(l, "cannot open %s: %s", path, strerror(errno));
        return false;
    }
    struct buf b;
    buf_init(&b, max + READ_STEP);
    int why = read_all(fd, &b);
    (void)close(fd);
    *out = arena_str(l->arena, buf_str(&b));
    buf_release(&b);
    if (why)
        problem(l, "cannot read %s: %s", path, strerror(why));
    return !why;
}

static bool set_int(const struct setting *s, struct str value, void *at)
{
    int64_t number;
    if (!str_int(value, &number) || number < s->min || number > s->max)
        return false;
    memcpy(at, &number, sizeof number);
    return true;
}

static bool set_bool(struct str value, void *at)
{
    bool yes = str_eq(value, S("true"));
    if (!yes && !str_eq(value, S("false")))
        return false;
    memcpy(at, &yes, sizeof yes);
    return true;
}

static bool set_text(const struct setting *s, struct str value, void *at)
{
    if (value.n == 0)
        value = (struct str){NULL, 0};
    else if (!utf8_valid(value) || (s->check && !s->check(value)))
        return false;
    memcpy(at, &value, sizeof value);
    return true;
}

/* Puts a value, which lives in the arena, into the structure. A secret is never repeated. */
static void set(struct load *l, const struct setting *s, struct str value)
{
    void *at = (char *)l->out + s->at;
    switch (s->type) {
    case SETTING_TEXT:
        if (!set_text(s, value, at))
            problem(l, "[%s] %s is not acceptable. Wanted: %s", s->section, s->key, s->doc);
        break;
    case SETTING_INT:
        if (!set_int(s, value, at))
            problem(l, "[%s] %s must be a whole number from %" PRId64 " to %" PRId64, s->section,
                    s->key, s->min, s->max);
        break;
    case SETTING_BOOL:
        if (!set_bool(value, at))
            problem(l, "[%s] %s must be true or false", s->section, s->key);
        break;
    }
}

static void set_from_file(struct load *l, const struct setting *s, struct str path)
{
    struct str value;
    if (read_file(l, arena_cstr(l->arena, path), SECRET_SIZE, &value))
        set(l, s, str_trim(value));
}

/* The row of a key; *in_file tells "password_file" from "password". */
static const struct setting *find(const char *section, struct str key, bool *in_file)
{
    for (const struct setting *s = settings; s < settings + settings_count; s++) {
        struct str name = str_of(s->key);
        if (strcmp(s->section, section) != 0 || !str_starts(key, name))
            continue;
        struct str rest = str_sub(key, name.n, key.n);
        *in_file = s->secret && str_eq(rest, S("_file"));
        if (rest.n == 0 || *in_file)
            return s;
    }
    return NULL;
}

static int on_value(void *user, const char *section, const char *key, const char *value)
{
    struct load *l = user;
    bool in_file = false;
    const struct setting *s = find(section, str_of(key), &in_file);
    if (!s) {
        problem(l, "there is no setting [%s] %s", section, key);
        return 1;
    }
    if (l->seen[s - settings])
        problem(l, "[%s] %s is set twice", section, s->key);
    l->seen[s - settings] = true;
    struct str text = arena_str(l->arena, str_of(value));
    if (in_file)
        set_from_file(l, s, text);
    else
        set(l, s, text);
    return 1;
}

static int on_nothing(void *user, const char *section, const char *key, const char *value)
{
    (void)user, (void)section, (void)key, (void)value;
    return 1;
}

static bool is_comment(struct str line)
{
    line = str_trim(line);
    return str_starts(line, S("#")) || str_starts(line, S(";"));
}

/* Gives the parser its next line. What it could not take whole becomes "[", which it refuses. */
static char *next_line(char *out, int size, void *stream)
{
    struct load *l = stream;
    if (!l->rest.n)
        return NULL;
    struct str line = str_cut(&l->rest, '\n');
    l->line++;
    size_t room = (size_t)size - 1;
    if (is_comment(line))
        line = S("");
    else if (line.n > room || (line.n && memchr(line.p, '\0', line.n)))
        line = S("[");
    memcpy(out, line.p, line.n);
    out[line.n] = '\0';
    return out;
}

static int parse(struct load *l, struct str text, ini_handler on)
{
    l->rest = text;
    l->line = 0;
    int bad = ini_parse_stream(next_line, l, on, l);
    assert(bad >= 0);
    return bad;
}

static void make_comment(char *text, int line)
{
    while (--line > 0)
        text = strchrnul(text, '\n') + 1;
    *text = '#';
}

/* The parser knows only the first bad line, so that one is made a comment until none is left. */
static void report_malformed(struct load *l, char *text, size_t n)
{
    int bad;
    for (int i = 0; i < MALFORMED_LINES; i++) {
        bad = parse(l, (struct str){text, n}, on_nothing);
        if (bad == 0)
            return;
        l->line = (size_t)bad;
        problem(l, "neither a [section], key = value nor a comment, or too long a line");
        make_comment(text, bad);
    }
}

static void load_defaults(struct load *l)
{
    for (const struct setting *s = settings; s < settings + settings_count; s++) {
        if (s->dflt)
            set(l, s, str_of(s->dflt));
    }
}

static void load_file(struct load *l)
{
    struct str text;
    if (!read_file(l, l->where, FILE_SIZE, &text))
        return;
    char *lines = arena_cstr(l->arena, text);
    report_malformed(l, lines, text.n);
    (void)parse(l, (struct str){lines, text.n}, on_value);
    l->line = 0;
}

/* "AMP_DATABASE_PASSWORD" */
static char *variable_of(struct arena *a, const struct setting *s, const char *suffix)
{
    struct str name = arena_printf(a, "AMP_%s_%s%s", s->section, s->key, suffix);
    char *variable = arena_cstr(a, name);
    for (char *p = variable; *p; p++) {
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    }
    return variable;
}

static void load_environment(struct load *l)
{
    for (const struct setting *s = settings; s < settings + settings_count; s++) {
        l->where = variable_of(l->arena, s, "");
        struct str value = environment(l->where);
        if (value.n) {
            set(l, s, arena_str(l->arena, value));
            continue;
        }
        l->where = variable_of(l->arena, s, "_FILE");
        value = environment(l->where);
        if (s->secret && value.n)
            set_from_file(l, s, value);
    }
}

bool config_load(struct arena *a, struct str path, struct config *out, struct str *problems)
{
    struct load l = {.arena = a, .out = out, .problems = buf_new(a, PROBLEMS_SIZE)};
    l.where = arena_cstr(a, path);
    l.seen = arena_alloc(a, settings_count * sizeof *l.seen);
    *out = (struct config){0};
    load_defaults(&l);
    load_file(&l);
    load_environment(&l);
    *problems = buf_str(l.problems);
    return problems->n == 0 && !l.problems->full;
}

struct str config_path(struct arena *a)
{
    struct str named = environment("AMP_CONFIG");
    if (named.n)
        return arena_str(a, named);
    char program[PATH_SIZE];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program);
    while (n > 0 && program[n - 1] != '/')
        n--;
    if (n > 0) {
        struct str beside = arena_printf(a, "%.*samp.conf", (int)n, program);
        if (access(beside.p, F_OK) == 0)
            return beside;
    }
    return S("/etc/amp/amp.conf");
}

static void sample_of(struct buf *out, const struct setting *s)
{
    buf_printf(out, "\n# %s", s->doc);
    if (s->type == SETTING_INT)
        buf_printf(out, " (%" PRId64 " to %" PRId64 ")", s->min, s->max);
    if (s->secret)
        buf_printf(out, "\n# Or the path of a file that holds it: %s_file = PATH", s->key);
    buf_printf(out, "\n#%s =%s%s\n", s->key, s->dflt ? " " : "", s->dflt ? s->dflt : "");
}

void config_sample(struct buf *out)
{
    buf_add(out,
            S("# amp.conf: the settings of AMP. What is commented out shows the default.\n"
              "#\n"
              "# Each setting may also come from the environment, which wins over this file:\n"
              "# AMP_DATABASE_PASSWORD for password in [database]. For a secret,\n"
              "# AMP_DATABASE_PASSWORD_FILE may name a file that holds it. `amp config check`\n"
              "# says what is wrong. A semicolon after a space starts a comment. Keep this file\n"
              "# unreadable for others.\n"));
    const char *section = "";
    for (const struct setting *s = settings; s < settings + settings_count; s++) {
        if (strcmp(section, s->section) != 0)
            buf_printf(out, "\n[%s]\n", s->section);
        section = s->section;
        sample_of(out, s);
    }
}
