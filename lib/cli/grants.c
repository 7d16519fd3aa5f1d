/* grants.c: what the database user that serves may do with each table: everything but change what
 * it has written into the audit log, or the schema. Printed as SQL; the tables are those of sql/.
 */
#include "cli/command.h"

#include "db/migrate.h"

#define CREATE "CREATE TABLE IF NOT EXISTS "

/* Tables that not all is allowed with. */
static const struct {
    struct str table;
    const char *rights;
} less[] = {{S("audit"), "SELECT, INSERT"}};

static const char *rights_on(struct str table)
{
    for (size_t i = 0; i < sizeof less / sizeof *less; i++) {
        if (str_eq(less[i].table, table))
            return less[i].rights;
    }
    return "SELECT, INSERT, UPDATE, DELETE";
}

/* 'user'@'host': quotes and backslashes in them stay what they are. */
static void add_quoted(struct buf *b, struct str text, char quote)
{
    buf_char(b, quote);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == quote || (quote == '\'' && text.p[i] == '\\'))
            buf_char(b, text.p[i]);
        buf_char(b, text.p[i]);
    }
    buf_char(b, quote);
}

/* The pattern of a database in a GRANT: "_" and "%" would be wildcards. */
static struct str pattern_of(struct arena *a, struct str name)
{
    struct buf *b = buf_new(a, 1024);
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '_' || name.p[i] == '%')
            buf_char(b, '\\');
        buf_char(b, name.p[i]);
    }
    return buf_str(b);
}

static struct str account(struct call *call, const struct config *config)
{
    struct str host = option(call, "host");
    struct buf *b = buf_new(call->arena, 1024);
    if (!host.p)
        host = config->db_socket.p || str_eq(config->db_host, S("localhost")) ? S("localhost")
                                                                              : S("%");
    add_quoted(b, config->db_user, '\'');
    buf_char(b, '@');
    add_quoted(b, host, '\'');
    return buf_str(b);
}

static void grant(struct call *call, const char *rights, struct str table, struct str to)
{
    buf_printf(call->out, "GRANT %s ON ", rights);
    add_quoted(call->out, call->app->config->db_name, '`');
    buf_char(call->out, '.');
    add_quoted(call->out, table, '`');
    buf_printf(call->out, " TO %.*s;\n", STR(to));
}

/* Rights on the whole database would be rights on each table. They can be taken only from who has
 * some, so one is given first. */
static void take_the_rest(struct call *call, struct str from)
{
    static const char *const words[][2] = {{"GRANT SELECT", "TO"},
                                           {"REVOKE ALL PRIVILEGES", "FROM"}};
    struct str pattern = pattern_of(call->arena, call->app->config->db_name);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        buf_printf(call->out, "%s ON ", words[i][0]);
        add_quoted(call->out, pattern, '`');
        buf_printf(call->out, ".* %s %.*s;\n", words[i][1], STR(from));
    }
}

int print_grants(struct call *call)
{
    struct config serving; /* this process is set up for the owner */
    struct str problems, to;
    if (!config_load(call->arena, config_path(call->arena), &serving, &problems))
        return complain(call, "%.*s", STR(problems));
    to = account(call, &serving);
    grant(call, "SELECT", S("schema_migration"), to);
    for (int i = 0; i < migrations_count; i++) {
        struct str rest = str_of(migrations[i].sql);
        while (rest.p) {
            struct str line = str_cut(&rest, '\n');
            if (!str_starts(line, S(CREATE)))
                continue;
            line = str_sub(line, sizeof CREATE - 1, SIZE_MAX);
            struct str table = str_cut(&line, ' ');
            grant(call, rights_on(table), table, to);
        }
    }
    take_the_rest(call, to);
    return 0;
}
