/* test_queries.c: every statement of the program, walked: what it may say, and that a database
 * which is filled as in service carries it out by the index it names. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "db/migrate.h"
#include "db/plan.h"
#include "filled.h"

enum { ROWS = 8000 };

/* The bounds of the section that QUERY puts statements into, made by the linker. */
extern const char __start_amp_query[], __stop_amp_query[];

static struct database database;

/* What a walk found wrong; all of it is told before the test fails. */
static int problems;

#define COMPLAIN(...) (problems++, print_error(__VA_ARGS__), print_error("\n"))

static int no_problems(void **state)
{
    (void)state;
    problems = 0;
    return 0;
}

/* ---- the walk ---- */

/* The statement at or after *at, which is moved behind it; NULL at the end. Between objects of
 * different alignment the section has zeros, and no statement begins with one. */
static const struct query *next_query(const char **at)
{
    while (*at < __stop_amp_query && !((const struct query *)*at)->name)
        *at += sizeof(const char *);
    if (*at >= __stop_amp_query)
        return NULL;
    const struct query *q = (const struct query *)*at;
    *at += sizeof *q;
    return q;
}

#define EACH_QUERY(q)                                                                              \
    const char *at = __start_amp_query;                                                            \
    for (const struct query *(q); ((q) = next_query(&at)) != NULL;)

/* The text with its columns, before names become placeholders. */
static struct str text_of(const struct query *q)
{
    struct str text = str_of(q->sql);
    if (!q->row)
        return text;
    for (size_t i = 0; i < q->row->n; i++)
        text = arena_printf(database.arena, "%.*s %s", STR(text), q->row->cols[i].name);
    return text;
}

static bool says(const struct query *q, const char *word)
{
    return str_contains_nocase(text_of(q), str_of(word));
}

static void the_statements_of_all_rooms_are_walked(void **state)
{
    static const char *const some[] = {
        "mission.get",      "content.page_older",  "job.find_due",    "key.principal",
        "publication.move", "cost_day.of_mission", "schema.take_lock"};
    (void)state;
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        int found = 0;
        EACH_QUERY(q)
        found += strcmp(q->name, some[i]) == 0;
        if (found != 1)
            COMPLAIN("%s is there %d times", some[i], found);
    }
    assert_int_equal(problems, 0);
}

static void no_two_statements_have_one_name(void **state)
{
    (void)state;
    EACH_QUERY(q)
    {
        const char *rest = at;
        for (const struct query *other; (other = next_query(&rest)) != NULL;) {
            if (strcmp(q->name, other->name) == 0)
                COMPLAIN("two statements are called %s", q->name);
        }
    }
    assert_int_equal(problems, 0);
}

/* Tables without a mode: keys of both modes are listed together, and only test mode has a clock. */
static bool has_no_mode(const struct query *q)
{
    return says(q, " api_key ") || says(q, " test_clock ");
}

static void what_belongs_to_a_tenant_names_tenant_and_mode(void **state)
{
    (void)state;
    EACH_QUERY(q)
    {
        if (q->global)
            continue;
        if (!says(q, ":tenant"))
            COMPLAIN("%s does not say :tenant", q->name);
        if (!says(q, ":live") && !has_no_mode(q))
            COMPLAIN("%s does not say :live", q->name);
    }
    assert_int_equal(problems, 0);
}

static void nothing_asks_the_server_for_the_time_or_for_chance(void **state)
{
    static const char *const banned[] = {
        "now(",      "sysdate", "current_time",   "current_date", "curdate", "curtime",
        "localtime", "utc_",    "unix_timestamp", "rand(",        "uuid("};
    (void)state;
    EACH_QUERY(q)
    {
        for (size_t i = 0; i < sizeof banned / sizeof *banned; i++) {
            if (says(q, banned[i]))
                COMPLAIN("%s says %s", q->name, banned[i]);
        }
    }
    assert_int_equal(problems, 0);
}

/* Of as many as such a list may have, none is cut off. */
static void a_list_of_ids_is_answered_whole(void **state)
{
    struct str limit = arena_printf(database.arena, "LIMIT %d", DB_IDS);
    (void)state;
    EACH_QUERY(q)
    {
        if (q->row && says(q, "(:ids)") && !str_contains_nocase(text_of(q), limit))
            COMPLAIN("%s does not say %.*s", q->name, STR(limit));
    }
    assert_int_equal(problems, 0);
}

/* ---- arguments ---- */

/* What a placeholder is compared with, by the text on both its sides. */
struct place {
    struct str before, after;
};

static struct str last_word(struct str s)
{
    size_t n = s.n;
    while (n > 0 && (s.p[n - 1] == '_' || s.p[n - 1] == '.' || id_is_base62(str_sub(s, n - 1, 1))))
        n--;
    return str_sub(s, n, SIZE_MAX);
}

static struct str without_end(struct str s, struct str end)
{
    return str_ends(s, end) ? str_trim(str_sub(s, 0, s.n - end.n)) : s;
}

/* The column and the operator before it: "AND t.id < " is id and '<'. */
static struct str column_before(struct str before, char *sign)
{
    struct str text = str_trim(before), word;
    *sign = '=';
    if (str_ends(text, S("? AND"))) { /* the upper end of a BETWEEN */
        *sign = '<';
        text = without_end(text, S("BETWEEN ? AND"));
    } else if (str_ends(text, S("BETWEEN"))) {
        *sign = '>';
        text = without_end(text, S("BETWEEN"));
    }
    while (str_ends(text, S("?,"))) /* the middle of an IN list */
        text = without_end(text, S("?,"));
    text = without_end(without_end(text, S("(")), S("IN"));
    while (text.n && strchr("<>=", text.p[text.n - 1])) {
        if (text.p[text.n - 1] != '=')
            *sign = text.p[text.n - 1];
        text = str_sub(text, 0, text.n - 1);
    }
    word = last_word(str_trim(text));
    for (struct str rest = word; rest.p;)
        word = str_cut(&rest, '.');
    return word;
}

static const struct id filled = {FILLED_ID};

static struct param id_argument(char sign)
{
    static const struct id first = {"0000000000000000"}, last = {"~~~~~~~~~~~~~~~~"};

    return param_id(sign == '<' ? &last : sign == '>' ? &first : &filled);
}

/* A value of the type of the column; of ranges the whole, of ids one that is there. */
static struct param compared(struct place p)
{
    char sign;
    struct str column = column_before(p.before, &sign);
    if (str_ends(p.before, S("UNHEX(")))
        return param_text(S("6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"));
    if (str_eq(column, S("id")) || str_ends(column, S("_id")))
        return id_argument(sign);
    if (str_ends(column, S("_key")))
        return param_text(S(FILLED_ID));
    if (str_eq(column, S("email")))
        return param_text(S("user1@example.com"));
    if (str_eq(column, S("actor")) || str_eq(column, S("action")) || str_eq(column, S("object")))
        return param_text(S("A word"));
    if (str_eq(column, S("LIMIT")))
        return param_int(21);
    if (str_eq(column, S("status")))
        return param_int(2);
    if (sign != '=')
        return param_int(sign == '<' ? INT64_MAX : 0);
    return param_int(1);
}

/* Optional filters are "(? = 0 OR …", "(? IS NULL OR …" or "(? OR …": set, or left out. */
static struct param argument(struct place p, bool filtered)
{
    if (str_starts(p.after, S(" = 0 OR")))
        return param_int(filtered ? 2 : 0);
    if (str_starts(p.after, S(" IS NULL OR")))
        return filtered ? id_argument('=') : param_id(NULL);
    if (str_starts(p.after, S(" OR ")))
        return param_bool(!filtered);
    return compared(p);
}

/* Values for all placeholders of a statement. */
static const struct param *arguments(struct ctx *c, const struct plan *plan, bool filtered)
{
    struct param *given = arena_array(c->arena, plan->n + 1, sizeof *given);
    struct param *all = arena_array(c->arena, plan->n + 1, sizeof *all);
    size_t seen = 0, n = 0;
    for (size_t i = 0; i < plan->sql.n; i++) {
        if (plan->sql.p[i] != '?')
            continue;
        struct place p = {str_sub(plan->sql, 0, i), str_sub(plan->sql, i + 1, SIZE_MAX)};
        enum plan_source source = plan->sources[seen++];
        if (source == PLAN_ARGUMENT)
            given[n++] = argument(p, filtered);
        else if (source == PLAN_IDS && str_ends(p.before, S("(")))
            given[n++] = param_ids((struct id_list){&filled, 1});
    }
    assert_int_equal(seen, plan->n);
    plan_fill(plan, c, given, all);
    return all;
}

/* ---- EXPLAIN ---- */

struct step {
    struct str kind, table, type, keys, key, length, ref, rows, extra, id;
};
#define AT(member) offsetof(struct step, member)
static const struct col step_cols[] = {
    {"id", COL_TEXT, AT(id)},
    {"select_type", COL_TEXT, AT(kind)},
    {"table", COL_TEXT, AT(table)},
    {"type", COL_TEXT, AT(type)},
    {"possible_keys", COL_TEXT, AT(keys)},
    {"key", COL_TEXT, AT(key)},
    {"key_len", COL_TEXT, AT(length)},
    {"ref", COL_TEXT, AT(ref)},
    {"rows", COL_TEXT, AT(rows)},
    {"Extra", COL_TEXT, AT(extra)},
};
#undef AT
static const struct row step_row = ROW(struct step, step_cols);

static struct list explain(struct ctx *c, const struct query *q, bool filtered)
{
    struct query *wrapped = ARENA_NEW(c->arena, struct query);
    struct plan plan;
    struct list steps;
    plan_make(c->arena, q, &plan);
    *wrapped = (struct query){
        .name = q->name,
        .sql = arena_printf(c->arena, "EXPLAIN %.*s", STR(plan.sql)).p,
        .row = &step_row,
        .global = true,
    };
    error e = db_all_(c, wrapped, &steps, arguments(c, &plan, filtered));
    if (e)
        fail_msg("%s cannot be explained: %.*s", q->name, STR(e->cause));
    return steps;
}

/* The name under which a statement knows the table that it is about: the first one that it reads,
 * or writes. */
static struct str subject_of(struct ctx *c, const struct query *q)
{
    struct plan plan;
    struct str rest = str_of(q->sql), word = {0}, alias;
    if (str_eq(rest, S("SELECT :cols"))) { /* columns that are statements themselves */
        plan_make(c->arena, q, &plan);
        rest = plan.sql;
    }
    while (rest.p && !str_eq(word, S("FROM")) && !str_eq(word, S("UPDATE")))
        word = str_cut(&rest, ' ');
    word = str_cut(&rest, ' ');
    if (word.n && word.p[0] == '(') { /* a derived table: what that one is about */
        while (rest.p && !str_eq(word, S("FROM")))
            word = str_cut(&rest, ' ');
        word = str_cut(&rest, ' ');
    }
    alias = str_cut(&rest, ' ');
    return alias.n && alias.p[0] >= 'a' ? alias : word;
}

static void must_use_its_index(struct ctx *c, const struct query *q, const struct list *steps)
{
    const struct step *s = steps->at;
    struct str subject = subject_of(c, q);
    bool found = false;
    for (size_t i = 0; i < steps->n; i++) {
        if (!str_eq(s[i].table, subject))
            continue;
        found = true;
        if (!str_eq(s[i].key, str_of(q->index)))
            COMPLAIN("%s uses index %.*s, not %s", q->name, STR(s[i].key), q->index);
    }
    if (!found)
        COMPLAIN("%s does not read %.*s: %.*s", q->name, STR(subject), STR(s[0].extra));
}

/* Whole tables are never read; whole indexes only by what is not a tenant's. */
static void must_not_scan(const struct query *q, const struct list *steps)
{
    const struct step *s = steps->at;
    for (size_t i = 0; i < steps->n; i++) {
        bool derived = str_starts(s[i].table, S("<"));
        bool all = str_eq(s[i].type, S("ALL")), index = str_eq(s[i].type, S("index"));
        if (!derived && (all || (index && !q->global)))
            COMPLAIN("%s scans %.*s", q->name, STR(s[i].table));
    }
}

/* The best of a range can only be known when all of it has been looked at, in the index. */
static bool may_sort(const struct query *q)
{
    return says(q, " GROUP BY ") || strncmp(q->name, "metric_last.best", 16) == 0;
}

static void must_not_sort(const struct query *q, const struct list *steps)
{
    const struct step *s = steps->at;
    for (size_t i = 0; i < steps->n; i++) {
        if (!may_sort(q) && str_contains_nocase(s[i].extra, S("filesort")))
            COMPLAIN("%s sorts %.*s", q->name, STR(s[i].table));
    }
}

static void every_statement_uses_the_index_it_names(void **state)
{
    struct ctx *c = *state;
    EACH_QUERY(q)
    {
        if (!q->index)
            continue;
        struct list steps = explain(c, q, false);
        must_use_its_index(c, q, &steps);
        must_not_scan(q, &steps);
        must_not_sort(q, &steps);
    }
    assert_int_equal(problems, 0);
}

/* Which index is best may then depend on the data. */
static void no_filter_makes_a_statement_scan_or_sort(void **state)
{
    struct ctx *c = *state;
    EACH_QUERY(q)
    {
        if (!q->index)
            continue;
        struct list steps = explain(c, q, true);
        must_not_scan(q, &steps);
        must_not_sort(q, &steps);
    }
    assert_int_equal(problems, 0);
}

static void only_what_needs_no_search_names_no_index(void **state)
{
    struct ctx *c = *state;
    EACH_QUERY(q)
    {
        if (q->index || (str_starts(str_of(q->sql), S("INSERT ")) && says(q, "VALUES")))
            continue;
        struct list steps = explain(c, q, false);
        const struct step *s = steps.at;
        if (!str_contains_nocase(s[0].extra, S("optimized away")))
            COMPLAIN("%s names no index: %.*s", q->name, STR(s[0].extra));
    }
    assert_int_equal(problems, 0);
}

static void every_table_is_filled(void **state)
{
    struct ctx *c = *state;
    struct list columns;
    assert_null(db_all(c, &filled_columns, &columns));
    const struct filled_column *k = columns.at;
    for (size_t i = 0; i < columns.n; i++) {
        if (i && str_eq(k[i].table, k[i - 1].table))
            continue;
        struct query *count = ARENA_NEW(c->arena, struct query);
        static const struct col cols[] = {{"COUNT(*)", COL_INT, 0}};
        static const struct row row = ROW(int64_t, cols);
        int64_t n = 0;
        *count = (struct query){
            .name = "count",
            .sql = arena_printf(c->arena, "SELECT :cols FROM `%.*s`", STR(k[i].table)).p,
            .row = &row,
        };
        assert_null(db_one(c, count, &n));
        if (n < 100)
            COMPLAIN("%.*s has %d rows only", STR(k[i].table), (int)n);
    }
    assert_int_equal(problems, 0);
}

static int fill(void **state)
{
    struct ctx *c = &database.ctx;
    *state = c;
    c->now_ms = INT64_C(1800000000000); /* after all that is filled in */
    c->scope.live = true;
    c->scope.tenant = (struct id){FILLED_ID};
    return migrate(c, NULL, NULL) || fill_database(c, ROWS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_statements_of_all_rooms_are_walked, no_problems),
        cmocka_unit_test_setup(no_two_statements_have_one_name, no_problems),
        cmocka_unit_test_setup(what_belongs_to_a_tenant_names_tenant_and_mode, no_problems),
        cmocka_unit_test_setup(nothing_asks_the_server_for_the_time_or_for_chance, no_problems),
        cmocka_unit_test_setup(a_list_of_ids_is_answered_whole, no_problems),
        cmocka_unit_test_setup(every_table_is_filled, no_problems),
        cmocka_unit_test_setup(every_statement_uses_the_index_it_names, no_problems),
        cmocka_unit_test_setup(no_filter_makes_a_statement_scan_or_sort, no_problems),
        cmocka_unit_test_setup(only_what_needs_no_search_names_no_index, no_problems),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    if (database_make(&database, "queries"))
        return 1;
    int failed = cmocka_run_group_tests(tests, fill, NULL);
    return database_drop(&database) ? 1 : failed;
}
