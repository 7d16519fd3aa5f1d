/* commands.c: finds the command that the words ask for, reads its options, runs it. */
#include "cli/command.h"

#include <getopt.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/tx.h"
#include "store/audit.h"

const struct command *const command_tables[] = {
    service_commands, config_commands,    admin_commands, access_commands,  request_commands,
    openapi_commands, analytics_commands, audit_commands, secrets_commands, NULL,
};

enum { OUT_MAX = 16 << 20, HELP_CODE = 1000, EXIT_USAGE = 2 };

static void write_all(int file, struct str text)
{
    while (text.n) {
        ssize_t n = write(file, text.p, text.n);
        if (n <= 0)
            return; /* nobody is listening */
        text = str_sub(text, (size_t)n, SIZE_MAX);
    }
}

struct str option(const struct call *call, const char *name)
{
    const struct option_row *rows = call->command->options;
    for (int i = 0; i < OPTIONS_MAX && rows[i].name; i++) {
        if (!strcmp(rows[i].name, name))
            return call->options[i];
    }
    return (struct str){0};
}

int complain(const struct call *call, const char *format, ...)
{
    va_list args;
    struct str text;
    va_start(args, format);
    text = arena_vprintf(call->arena, format, args);
    va_end(args);
    write_all(STDERR_FILENO, S("amp: "));
    write_all(STDERR_FILENO, text);
    write_all(STDERR_FILENO, S("\n"));
    return 1;
}

int complain_of(const struct call *call, error e)
{
    if (e->cause.p)
        return complain(call, "%.*s (%.*s)", STR(e->message), STR(e->cause));
    return complain(call, "%.*s", STR(e->message));
}

static void usage_of(struct buf *b, const struct command *command)
{
    buf_printf(b, "  amp %s", command->words);
    if (command->operands)
        buf_printf(b, " %s", command->operands);
    for (int i = 0; i < OPTIONS_MAX && command->options[i].name; i++) {
        const struct option_row *o = &command->options[i];
        buf_printf(b, o->required ? " --%s" : " [--%s", o->name);
        if (o->value)
            buf_printf(b, " %s", o->value);
        buf_add(b, o->required ? S("") : S("]"));
    }
    buf_printf(b, "\n      %s\n", command->doc);
}

static void usage(struct arena *a, int file, const struct command *only)
{
    struct buf *b = buf_new(a, OUT_MAX);
    buf_add(b, S("usage:\n"));
    for (const struct command *const *table = command_tables; !only && *table; table++) {
        for (const struct command *row = *table; row->words; row++)
            usage_of(b, row);
    }
    if (only)
        usage_of(b, only);
    buf_add(b, S("Each command takes --json where it answers something, and --help.\n"));
    write_all(file, buf_str(b));
}

/* Do argv's words begin with the command's? Returns how many they are. */
static int words_fit(const struct command *command, int argc, char **argv)
{
    struct str words = str_of(command->words);
    int n = 0;
    while (words.p) {
        if (n + 1 >= argc || !str_eq(str_cut(&words, ' '), str_of(argv[n + 1])))
            return 0;
        n++;
    }
    return n;
}

static const struct command *find(int argc, char **argv, int *words)
{
    for (const struct command *const *table = command_tables; *table; table++) {
        for (const struct command *row = *table; row->words; row++) {
            *words = words_fit(row, argc, argv);
            if (*words)
                return row;
        }
    }
    return NULL;
}

/* The table of getopt_long() for a command: its rows, then --json and --help. */
static void long_options(const struct command *command, struct option *to)
{
    int n = 0;
    for (; n < OPTIONS_MAX && command->options[n].name; n++) {
        const struct option_row *o = &command->options[n];
        to[n] = (struct option){o->name, o->value ? required_argument : no_argument, NULL,
                                HELP_CODE + 2 + n};
    }
    to[n++] = (struct option){"json", no_argument, NULL, HELP_CODE + 1};
    to[n++] = (struct option){"help", no_argument, NULL, HELP_CODE};
    to[n] = (struct option){0};
}

/* Reads options and operands; false after usage was shown, with *code set. */
static bool read_options(struct call *call, int argc, char **argv, int *code)
{
    struct option options[OPTIONS_MAX + 3];
    int o;
    long_options(call->command, options);
    while ((o = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        *code = o == '?' ? EXIT_USAGE : 0;
        if (o == HELP_CODE || o == 'h' || o == '?') {
            usage(call->arena, o == '?' ? STDERR_FILENO : STDOUT_FILENO, call->command);
            return false;
        }
        if (o == HELP_CODE + 1)
            call->json = true;
        else
            call->options[o - HELP_CODE - 2] = str_of(optarg ? optarg : "");
    }
    for (; optind < argc; optind++) {
        if (call->operand_count < OPERANDS_MAX)
            call->operands[call->operand_count] = str_of(argv[optind]);
        call->operand_count++;
    }
    return true;
}

/* How many operands a command takes. */
static size_t operands_of(const struct command *command)
{
    struct str names = str_of(command->operands);
    size_t n = 0;
    for (; names.p; n++)
        str_cut(&names, ' ');
    return n;
}

static bool complete(struct call *call)
{
    const struct option_row *rows = call->command->options;
    for (int i = 0; i < OPTIONS_MAX && rows[i].name; i++) {
        if (rows[i].required && !call->options[i].p) {
            complain(call, "--%s is required.", rows[i].name);
            return false;
        }
    }
    if (call->command->operands && !call->operand_count) {
        complain(call, "%s is required.", call->command->operands);
        return false;
    }
    if (call->operand_count > operands_of(call->command)) {
        complain(call, "that is a word too many; see --help.");
        return false;
    }
    return true;
}

struct change {
    error (*work)(struct ctx *c, void *arg);
    void *arg;
    struct audit entry;
};

static error change_and_record(struct ctx *c, void *arg)
{
    const struct change *change = arg;
    if (change->work)
        TRY(change->work(c, change->arg));
    return store_audit_insert(c, &change->entry);
}

error change(struct call *call, error (*work)(struct ctx *c, void *arg), void *arg,
             struct str object)
{
    struct change change = {
        .work = work,
        .arg = arg,
        .entry = {.actor = S("cli"),
                  .action = str_of(call->command->words),
                  .object = object,
                  .detail = call->detail,
                  .status = INT64_MIN},
    };
    return in_transaction(call->ctx, change_and_record, &change);
}

static int run(struct call *call)
{
    struct str problems;
    int code;
    if (call->command->needs) {
        call->app = app_start(call->arena, call->command->needs & C_OWNER, &problems);
        if (!call->app)
            return complain(call, "the configuration is not usable:\n%.*s", STR(problems));
        call->ctx = ARENA_NEW(call->arena, struct ctx);
        *call->ctx = (struct ctx){
            .app = call->app,
            .config = call->app->config,
            .arena = call->arena,
            .db = call->app->db,
            .now_ms = clock_ms(),
            .scope = {.live = true}, /* what is said of no mode concerns live mode */
            .request_id = S("cli"),
        };
    }
    code = call->command->run(call);
    write_all(STDOUT_FILENO, buf_str(call->out));
    if (call->app)
        app_stop(call->app);
    return code;
}

int command_main(int argc, char **argv)
{
    struct arena *a = arena_new((size_t)1 << 30);
    struct call call = {.arena = a};
    int words = 0, code = EXIT_USAGE;
    call.command = find(argc, argv, &words);
    call.out = buf_new(a, OUT_MAX);
    if (!call.command) {
        bool asked = argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help"));
        usage(a, asked ? STDOUT_FILENO : STDERR_FILENO, NULL);
        code = asked ? 0 : EXIT_USAGE;
    } else if (read_options(&call, argc - words, argv + words, &code)) {
        code = complete(&call) ? run(&call) : EXIT_USAGE;
    }
    arena_free(a);
    return code;
}
