/* command.h: the subcommands of amp as a table. */
#ifndef AMP_CLI_COMMAND_H
#define AMP_CLI_COMMAND_H

#include "base/buf.h"
#include "frame/app.h"

enum { OPTIONS_MAX = 8, OPERANDS_MAX = 2 };

struct option_row {
    const char *name;  /* "tenant" for --tenant; NULL ends */
    const char *value; /* what its value is called in the usage; NULL: a flag */
    bool required;
    const char *doc;
};

/* One call of a command: what it was given, and where its words go. */
struct call {
    const struct command *command;
    struct app *app; /* NULL if the command needs none */
    struct ctx *ctx; /* of no tenant; NULL likewise */
    struct arena *arena;
    struct str options[OPTIONS_MAX]; /* by row of the table; none: not given; flags: "" */
    struct str operands[OPERANDS_MAX];
    size_t operand_count;
    bool json;
    struct str detail; /* for the audit log; none: nothing more than the command */
    struct buf *out;   /* to standard output when the command is done */
};

enum { C_CONFIG = 1, C_DATABASE = 2, C_OWNER = 4 /* connects as owner of the tables */ };

struct command {
    const char *words;             /* "tenant create" */
    int (*run)(struct call *call); /* returns the exit code */
    const char *operands;          /* for the usage: "key_…"; NULL: none */
    unsigned needs;                /* C_… */
    struct option_row options[OPTIONS_MAX];
    const char *doc;
};

/* Several tables, ended by NULL; each ends with a zeroed row. */
extern const struct command *const command_tables[];
extern const struct command access_commands[], admin_commands[], analytics_commands[],
    audit_commands[], config_commands[], openapi_commands[], request_commands[], secrets_commands[],
    service_commands[];

/* The value of an option of this call, none if it was not given. */
struct str option(const struct call *call, const char *name);

/* Says what went wrong on standard error and returns the exit code 1. */
int complain(const struct call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same of an error, with its cause. */
int complain_of(const struct call *call, error e);

/* Runs what argv asks for. */
int command_main(int argc, char **argv);

/* Runs work(ctx, arg), which may be NULL, in a transaction, together with the entry of this command
 * in the audit log, in live mode: that of the context's tenant when the work is done. */
error change(struct call *call, error (*work)(struct ctx *c, void *arg), void *arg,
             struct str object);

/* SQL that gives the database user that serves no more rights than it needs. */
int print_grants(struct call *call);

/* The application of this process from its configuration; NULL after *problems was filled. It
 * connects to the database as the owner of its tables if it has to. */
struct app *app_start(struct arena *process, bool as_owner, struct str *problems);
void app_stop(struct app *app);

#endif
