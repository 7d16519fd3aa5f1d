/* mission.c: every statement that touches mission, mission_count and stage, and nothing else. */
#include "store/mission.h"

#include <assert.h>
#include <string.h>

#include "db/db.h"
#include "db/tx.h"
#include "store/webhook.h"

/* The total, read in the same snapshot as the rows. Deleted missions are not counted. */
#define TOTAL                                                                                      \
    "(SELECT COALESCE(SUM(n), 0) FROM mission_count WHERE tenant_id = :tenant"                     \
    " AND livemode = :live AND (? = 0 OR status = ?) AND (? = 0 OR platform_set & ?))"

#define AT(member) offsetof(struct mission, member)
static const struct col cols[] = {
    {"id", COL_ID, AT(id)},
    {"name", COL_TEXT, AT(name)},
    {"description", COL_TEXT, AT(description)},
    {"status", COL_ENUM, AT(status)},
    {"status_reason", COL_TEXT, AT(status_reason)},
    {"objectives", COL_TEXT, AT(objectives)},
    {"platforms", COL_TEXT, AT(platforms)},
    {"platform_set", COL_INT, AT(platform_set)},
    {"constraints", COL_TEXT, AT(constraints)},
    {"kpis", COL_TEXT, AT(kpis)},
    {"brand_context_id", COL_ID, AT(brand_context_id)},
    {"duration_days", COL_INT, AT(duration_days)},
    {"starts_ms", COL_TIME, AT(starts_ms)},
    {"ends_ms", COL_TIME, AT(ends_ms)},
    {"pipeline_job_id", COL_ID, AT(pipeline_job_id)},
    {"livemode", COL_BOOL, AT(livemode)},
    {"created_ms", COL_TIME, AT(created_ms)},
    {"updated_ms", COL_TIME, AT(updated_ms)},
    {"revision", COL_INT, AT(revision)},
    {WEBHOOK_HOOKS, COL_INT, AT(hooks)},
    {TOTAL " AS list_total", COL_INT, AT(list_total)},
};
static const struct row page_row = ROW(struct mission, cols);
/* The same without the total. */
static const struct row row = {cols, sizeof cols / sizeof *cols - 1, sizeof(struct mission)};
#undef AT

static const struct col number_cols[] = {{TOTAL " AS n", COL_INT, 0}};
static const struct row number_row = ROW(int64_t, number_cols);
static const struct col active_cols[] = {{"COALESCE(SUM(n), 0) AS n", COL_INT, 0}};
static const struct row active_row = ROW(int64_t, active_cols);
static const struct col output_cols[] = {{"output", COL_TEXT, 0}};
static const struct row output_row = ROW(struct str, output_cols);
static const struct col time_cols[] = {{"updated_ms", COL_TIME, 0}};
static const struct row time_row = ROW(int64_t, time_cols);

error store_mission_get(struct ctx *c, const struct id *id, struct mission *out)
{
    QUERY q = {
        .name = "mission.get",
        .sql = "SELECT :cols FROM mission WHERE tenant_id = :tenant AND livemode = :live"
               " AND id = ? AND status <> 5",
        .row = &row,
        .index = "PRIMARY",
    };
    *out = (struct mission){0};
    return db_one(c, &q, out, P(id));
}

#define TEN "?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
error store_missions_by_id(struct ctx *c, const struct id *const *ids, size_t n, struct list *out)
{
    QUERY q = {
        .name = "mission.by_id",
        .sql = "SELECT :cols FROM mission WHERE tenant_id = :tenant AND livemode = :live AND id IN"
               " (" TEN ", " TEN ", " TEN ", " TEN ", " TEN ", " TEN ", " TEN ", " TEN ", " TEN
               ", " TEN ")",
        .row = &row,
        .index = "PRIMARY",
    };
    struct param params[PAGE_MAX + 1] = {{PARAM_END, {0}}};
    assert(n > 0 && n <= PAGE_MAX);
    for (size_t i = 0; i < PAGE_MAX; i++)
        params[i] = param_id(ids[i < n ? i : 0]); /* the statement has room for a whole page */
    return db_all_(c, &q, out, params);
}

error store_mission_lock(struct ctx *c, const struct id *id, struct mission *out)
{
    QUERY q = {
        .name = "mission.lock",
        .sql = "SELECT :cols FROM mission WHERE tenant_id = :tenant AND livemode = :live"
               " AND id = ? FOR UPDATE",
        .row = &row,
        .index = "PRIMARY",
    };
    *out = (struct mission){0};
    return db_one(c, &q, out, P(id));
}

#define PAGE(direction, condition)                                                                 \
    "SELECT :cols FROM mission WHERE tenant_id = :tenant AND livemode = :live AND " condition      \
    " AND (? = 0 OR platform_set & ?) ORDER BY id " direction " LIMIT ?"

static error read_page(struct ctx *c, const struct mission_filter *f, const struct page *page,
                       struct list *out)
{
    QUERY older = {
        .name = "mission.page_older",
        .sql = PAGE("DESC", "id < ? AND status <> 5"),
        .row = &page_row,
        .index = "PRIMARY",
    };
    QUERY newer = {
        .name = "mission.page_newer",
        .sql = PAGE("ASC", "id > ? AND status <> 5"),
        .row = &page_row,
        .index = "PRIMARY",
    };
    QUERY older_in_state = {
        .name = "mission.page_older_in_state",
        .sql = PAGE("DESC", "id < ? AND status = ?"),
        .row = &page_row,
        .index = "by_status",
    };
    QUERY newer_in_state = {
        .name = "mission.page_newer_in_state",
        .sql = PAGE("ASC", "id > ? AND status = ?"),
        .row = &page_row,
        .index = "by_status",
    };
    bool up = !id_is_none(&page->before);
    struct id cursor = up ? page->before : page_upper(page);
    int64_t set = f->platform ? INT64_C(1) << f->platform : 0;
    if (f->status)
        return db_all(c, up ? &newer_in_state : &older_in_state, out, P(f->status), P(f->status),
                      P(set), P(set), P(&cursor), P(f->status), P(set), P(set), P(page->limit + 1));
    return db_all(c, up ? &newer : &older, out, P(f->status), P(f->status), P(set), P(set),
                  P(&cursor), P(set), P(set), P(page->limit + 1));
}

struct page_read {
    const struct mission_filter *filter;
    const struct page *page;
    struct list *out;
    int64_t *total;
};

/* Snapshot: a page without rows, which would bring the total along. */
static error read_and_count(struct ctx *c, void *arg)
{
    QUERY count = {
        .name = "mission.count",
        .sql = "SELECT :cols",
        .row = &number_row,
        .index = "PRIMARY",
    };
    const struct page_read *r = arg;
    int64_t set = r->filter->platform ? INT64_C(1) << r->filter->platform : 0;
    TRY(read_page(c, r->filter, r->page, r->out));
    return db_one(c, &count, r->total, P(r->filter->status), P(r->filter->status), P(set), P(set));
}

error store_mission_page(struct ctx *c, const struct mission_filter *f, const struct page *page,
                         struct list *out, bool *more, int64_t *total)
{
    struct page_read r = {f, page, out, total};
    *total = 0;
    TRY(read_page(c, f, page, out));
    if (out->n)
        *total = ((const struct mission *)out->at)->list_total;
    else if (!page_is_first(page))
        TRY(in_snapshot(c, read_and_count, &r));
    page_finish(page, out, sizeof(struct mission), more);
    return NULL;
}

/* A change of the counts: n more missions in a state on a set of platforms. */
struct change {
    int status;
    int64_t platform_set, n;
};

static error count(struct ctx *c, const struct change *change, size_t n)
{
    QUERY q = {
        .name = "mission.count_change",
        .sql =
            "INSERT INTO mission_count (tenant_id, livemode, status, platform_set, slot, n) VALUES "
            "(:tenant, :live, ?, ?, ?, ?)"
            " ON DUPLICATE KEY UPDATE n = n + VALUES(n)",
    };
    struct db_rows rows = db_rows_new(c->arena, n, 4);
    for (size_t i = 0; i < n; i++) {
        if (change[i].status != MISSION_DELETED)
            db_rows_add(&rows, P(change[i].status), P(change[i].platform_set),
                        P(db_slot(c->db) % COUNT_SLOTS), P(change[i].n));
    }
    return db_run_each(c, &q, &rows, NULL);
}

static error count_move(struct ctx *c, struct change from, struct change to)
{
    const struct change changes[] = {from, to};
    return count(c, changes, 2);
}

static enum webhook_event event_of(enum mission_status to, struct str reason)
{
    switch (to) {
    case MISSION_ACTIVE:
        return EVENT_MISSION_STARTED;
    case MISSION_PAUSED:
        return str_eq(reason, S("budget_exhausted")) ? EVENT_MISSION_BUDGET_EXHAUSTED
                                                     : EVENT_MISSION_PAUSED;
    case MISSION_COMPLETED:
        return EVENT_MISSION_COMPLETED;
    default:
        return EVENT_NONE;
    }
}

static error tell(struct ctx *c, const struct mission *m, enum mission_status to, struct str reason)
{
    enum webhook_event event = event_of(to, reason);
    struct mission after = *m;
    if (event == EVENT_NONE)
        return NULL;
    after.status = (int)to;
    after.status_reason = reason;
    after.updated_ms = c->now_ms;
    return store_event_put(c, event, shape_text(c->arena, &mission_shape, &after));
}

error store_mission_insert(struct ctx *c, const struct mission *m)
{
    QUERY q = {
        .name = "mission.insert",
        .sql = "INSERT INTO mission (tenant_id, livemode, id, name, description, status,"
               " objectives, platforms, platform_set, constraints, kpis, brand_context_id,"
               " duration_days, starts_ms, ends_ms, pipeline_job_id, created_ms, updated_ms)"
               " VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    };
    TRY(db_run(c, &q, NULL, P(&m->id), P(m->name), P(m->description), P(m->status),
               P(m->objectives), P(m->platforms), P(m->platform_set), P(m->constraints), P(m->kpis),
               P(&m->brand_context_id), P(m->duration_days), P(m->starts_ms), P(m->ends_ms),
               P(&m->pipeline_job_id), P(m->created_ms), P(m->updated_ms)));
    TRY(count(c, &(struct change){m->status, m->platform_set, 1}, 1));
    /* Whether anybody wants to hear of it is not known of a new one. */
    return tell(c, m, (enum mission_status)m->status, m->status_reason);
}

error store_mission_update(struct ctx *c, const struct mission *m, int64_t old_set)
{
    QUERY q = {
        .name = "mission.update",
        .sql = "UPDATE mission SET name = ?, description = ?, objectives = ?, platforms = ?,"
               " platform_set = ?, constraints = ?, kpis = ?, brand_context_id = ?,"
               " duration_days = ?, starts_ms = ?, ends_ms = ?, updated_ms = ?,"
               " revision = revision + 1"
               " WHERE tenant_id = :tenant AND livemode = :live AND id = ?",
        .index = "PRIMARY",
    };
    TRY(db_run(c, &q, NULL, P(m->name), P(m->description), P(m->objectives), P(m->platforms),
               P(m->platform_set), P(m->constraints), P(m->kpis), P(&m->brand_context_id),
               P(m->duration_days), P(m->starts_ms), P(m->ends_ms), P(m->updated_ms), P(&m->id)));
    if (old_set == m->platform_set)
        return NULL;
    return count_move(c, (struct change){m->status, old_set, -1},
                      (struct change){m->status, m->platform_set, 1});
}

error store_mission_move(struct ctx *c, const struct mission *m, enum mission_status to,
                         struct str reason)
{
    QUERY q = {
        .name = "mission.move",
        .sql = "UPDATE mission FORCE INDEX (PRIMARY)"
               " SET status = ?, status_reason = ?, updated_ms = :now, revision = revision + 1"
               " WHERE tenant_id = :tenant AND livemode = :live AND id = ? AND status = ?",
        .index = "PRIMARY",
    };
    uint64_t n;
    TRY(db_run(c, &q, &n, P(to), P(reason), P(&m->id), P(m->status)));
    if (!n)
        return error_of(ERR_INVALID_STATE);
    TRY(count_move(c, (struct change){m->status, m->platform_set, -1},
                   (struct change){(int)to, m->platform_set, 1}));
    return m->hooks & EVENT_BIT(event_of(to, reason)) ? tell(c, m, to, reason) : NULL;
}

error store_mission_set_job(struct ctx *c, const struct id *mission, const struct id *job)
{
    QUERY q = {
        .name = "mission.set_job",
        .sql = "UPDATE mission SET pipeline_job_id = ?, revision = revision + 1"
               " WHERE tenant_id = :tenant AND livemode = :live AND id = ?",
        .index = "PRIMARY",
    };
    return db_run(c, &q, NULL, P(job), P(mission));
}

error store_mission_active(struct ctx *c, int64_t *out)
{
    QUERY q = {
        .name = "mission.active",
        .sql = "SELECT :cols FROM mission_count WHERE tenant_id = :tenant AND livemode = :live"
               " AND status = ?",
        .row = &active_row,
        .index = "PRIMARY",
    };
    return db_one(c, &q, out, P(MISSION_ACTIVE));
}

error store_stage_put(struct ctx *c, const struct id *mission, enum stage stage, struct str input,
                      struct str output)
{
    QUERY q = {
        .name = "stage.put",
        .sql = "INSERT INTO stage (tenant_id, livemode, mission_id, stage, input, output,"
               " started_ms, updated_ms) VALUES (:tenant, :live, ?, ?, ?, ?, :now, :now)"
               " ON DUPLICATE KEY UPDATE"
               " input = VALUES(input), output = VALUES(output), updated_ms = VALUES(updated_ms)",
    };
    return db_run(c, &q, NULL, P(mission), P(stage), P(input), P(output));
}

error store_stage_get(struct ctx *c, const struct id *mission, enum stage stage, struct str *output)
{
    QUERY q = {
        .name = "stage.get",
        .sql = "SELECT :cols FROM stage WHERE tenant_id = :tenant AND livemode = :live"
               " AND mission_id = ? AND stage = ?",
        .row = &output_row,
        .index = "PRIMARY",
    };
    return db_one(c, &q, output, P(mission), P(stage));
}

error store_stage_time(struct ctx *c, const struct id *mission, enum stage stage, int64_t *ms)
{
    QUERY q = {
        .name = "stage.time",
        .sql = "SELECT :cols FROM stage WHERE tenant_id = :tenant AND livemode = :live"
               " AND mission_id = ? AND stage = ?",
        .row = &time_row,
        .index = "PRIMARY",
    };
    error e = db_one(c, &q, ms, P(mission), P(stage));
    if (!error_is(e, ERR_NOT_FOUND))
        return e;
    *ms = 0;
    return NULL;
}

error store_stage_clear(struct ctx *c, const struct id *mission)
{
    QUERY q = {
        .name = "stage.clear",
        .sql = "DELETE FROM stage WHERE tenant_id = :tenant AND livemode = :live"
               " AND mission_id = ?",
        .index = "PRIMARY",
    };
    return db_run(c, &q, NULL, P(mission));
}

error store_stage_clear_from(struct ctx *c, const struct id *mission, enum stage first)
{
    QUERY q = {
        .name = "stage.clear_from",
        .sql = "DELETE FROM stage WHERE tenant_id = :tenant AND livemode = :live"
               " AND mission_id = ? AND stage >= ?",
        .index = "PRIMARY",
    };
    return db_run(c, &q, NULL, P(mission), P(first));
}

static const struct col stage_cols[] = {
    {"stage", COL_ENUM, offsetof(struct stage_row, stage)},
    {"input", COL_TEXT, offsetof(struct stage_row, input)},
    {"output", COL_TEXT, offsetof(struct stage_row, output)},
    {"started_ms", COL_TIME, offsetof(struct stage_row, started_ms)},
    {"updated_ms", COL_TIME, offsetof(struct stage_row, updated_ms)},
};
static const struct row stage_row = ROW(struct stage_row, stage_cols);

error store_stages(struct ctx *c, const struct id *mission, struct stage_row out[STAGE_COUNT])
{
    QUERY q = {
        .name = "stage.all",
        .sql = "SELECT :cols FROM stage WHERE tenant_id = :tenant AND livemode = :live"
               " AND mission_id = ? LIMIT 20",
        .row = &stage_row,
        .index = "PRIMARY",
    };
    struct list read;
    const struct stage_row *r;
    TRY(db_all(c, &q, &read, P(mission)));
    r = read.at;
    memset(out, 0, STAGE_COUNT * sizeof *out);
    for (size_t i = 0; i < read.n; i++) {
        if (r[i].stage < STAGE_COUNT)
            out[r[i].stage] = r[i];
    }
    return NULL;
}
