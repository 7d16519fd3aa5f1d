/* writer.c: every statement that touches writer, and nothing else. */
#include "store/writer.h"

#include "base/utf8.h"
#include "db/db.h"

enum { PROBLEM_MAX = 900 };

#define AT(member) offsetof(struct writer_row, member)
static const struct col cols[] = {
    {"failures", COL_INT, AT(failures)}, {"pause_ms", COL_TIME, AT(pause_ms)},
    {"problem", COL_TEXT, AT(problem)},  {"model", COL_TEXT, AT(model)},
    {"proven", COL_BOOL, AT(proven)},    {"dear", COL_INT, AT(dear)},
};
#undef AT
static const struct row row = ROW(struct writer_row, cols);

#define OF_NAME                                                                                    \
    "SELECT :cols FROM writer WHERE tenant_id = :tenant AND livemode = :live AND name = ?"

error store_writer_get(struct ctx *c, struct str name, struct writer_row *out)
{
    QUERY q = {.name = "writer.get", .sql = OF_NAME, .row = &row, .index = "PRIMARY"};
    *out = (struct writer_row){0};
    error e = db_one(c, &q, out, P(name));
    return error_is(e, ERR_NOT_FOUND) ? NULL : e;
}

error store_writer_lock(struct ctx *c, struct str name, struct writer_row *out)
{
    QUERY q = {
        .name = "writer.lock",
        .sql = OF_NAME " FOR UPDATE",
        .row = &row,
        .index = "PRIMARY",
    };
    *out = (struct writer_row){0};
    error e = db_one(c, &q, out, P(name));
    return error_is(e, ERR_NOT_FOUND) ? NULL : e;
}

error store_writer_put(struct ctx *c, struct str name, const struct writer_row *w)
{
    QUERY q = {
        .name = "writer.put",
        .sql = "INSERT INTO writer (tenant_id, livemode, name, failures, pause_ms, problem, model,"
               " proven, dear, updated_ms) VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?, ?, :now)"
               " ON DUPLICATE KEY UPDATE failures = VALUES(failures), pause_ms = VALUES(pause_ms),"
               " problem = VALUES(problem), model = VALUES(model), proven = VALUES(proven),"
               " dear = VALUES(dear), updated_ms = VALUES(updated_ms)",
    };
    return db_run(c, &q, NULL, P(name), P(w->failures), param_time(w->pause_ms),
                  P(utf8_prefix(w->problem, PROBLEM_MAX)), P(w->model), P(w->proven), P(w->dear));
}
