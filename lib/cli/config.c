/* config.c: commands about the installation itself: its version, settings and schema. */
#include "cli/command.h"

#include "db/migrate.h"
#include "json/write.h"
#include "llm/llm.h"

static int schema_version(void)
{
    return migrations[migrations_count - 1].version;
}

static int version(struct call *call)
{
    struct writer w;
    if (!call->json) {
        buf_add(call->out, S("amp " PACKAGE_VERSION "\n"));
        return 0;
    }
    write_init(&w, call->out);
    write_open(&w, '{');
    write_member_text(&w, S("version"), S(PACKAGE_VERSION));
    write_member_int(&w, S("schema"), schema_version());
    write_close(&w, '}');
    buf_char(call->out, '\n');
    return 0;
}

static bool asks_models(const struct config *k)
{
    return !str_eq(k->llm_order, S("builtin")) || !str_eq(k->sandbox_llm_order, S("builtin"));
}

static int config_check(struct call *call)
{
    struct config config;
    struct str problems, path = config_path(call->arena);
    bool good = config_load(call->arena, path, &config, &problems);
    if (good && asks_models(&config))
        good = prompts_check(call->arena, config.llm_prompts, &problems);
    if (call->json) {
        struct writer w;
        write_init(&w, call->out);
        write_open(&w, '{');
        write_member_bool(&w, S("ok"), good);
        write_member_text(&w, S("path"), path);
        write_member_text(&w, S("problems"), good ? (struct str){0} : problems);
        write_close(&w, '}');
        buf_char(call->out, '\n');
    } else if (good) {
        buf_printf(call->out, "%.*s is good.\n", STR(path));
    } else {
        return complain(call, "%.*s", STR(problems));
    }
    return good ? 0 : 1;
}

static int config_print_sample(struct call *call)
{
    config_sample(call->out);
    return 0;
}

static void told(void *arg, const struct migration *m)
{
    struct call *call = arg;
    call->detail = arena_printf(call->arena, "%04d %s", m->version, m->name);
    if (!call->json)
        buf_printf(call->out, "%04d %s\n", m->version, m->name);
}

static int migrate_all(struct call *call)
{
    error e;
    if (option(call, "grants").p)
        return print_grants(call);
    e = migrate(call->ctx, told, call);
    if (!e && call->detail.p) /* there was one */
        e = change(call, NULL, NULL, (struct str){0});
    if (e)
        return complain_of(call, e);
    if (call->json)
        buf_printf(call->out, "{\"schema\":%d}\n", schema_version());
    else
        buf_printf(call->out, "The schema is at version %d.\n", schema_version());
    return 0;
}

const struct command config_commands[] = {
    {.words = "migrate",
     .run = migrate_all,
     .needs = C_CONFIG | C_DATABASE | C_OWNER,
     .options = {{"grants", NULL, false, NULL}, {"host", "H", false, NULL}},
     .doc = "Bring the database to this program's schema; with --grants only print, as SQL, what"
            " the user that serves must be allowed."},
    {.words = "config check",
     .run = config_check,
     .doc = "Read the configuration file and say what is wrong with it."},
    {.words = "config sample",
     .run = config_print_sample,
     .doc = "Print a configuration file with every setting explained."},
    {.words = "version", .run = version, .doc = "Print the version."},
    {0},
};
