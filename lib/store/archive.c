/* archive.c: the statements that archive a mission's content in bulk, with what belongs to it. One
 * by one it is content.c's. */
#include "store/archive.h"

#include <assert.h>

#include "base/page.h"
#include "db/db.h"
#include "domain/content.h"
#include "store/content_count.h"

/* What of a mission is to be archived: ids from first to last, slots from from_ms on (0: any). */
struct stretch {
    const struct id *mission;
    struct id first, last;
    int64_t from_ms;
};

#define FROM_MISSION " FROM content FORCE INDEX (by_mission)"
#define OF_MISSION " WHERE tenant_id = :tenant AND livemode = :live AND mission_id = ?"
#define STRETCH_IN(states)                                                                         \
    OF_MISSION " AND id >= ? AND id <= ? AND (? = 0 OR slot_ms >= ?) AND status IN (" states ")"
#define STRETCH_ARGS(s)                                                                            \
    P((s)->mission), P(&(s)->first), P(&(s)->last), P((s)->from_ms), P((s)->from_ms)
#define ARCHIVABLE "1, 2, 3, 4, 5, 8"

static const struct col number_cols[] = {{"COUNT(*) AS n", COL_INT, 0}};
static const struct row number_row = ROW(int64_t, number_cols);

static const struct col kind_cols[] = {
    {"platform", COL_ENUM, offsetof(struct content, platform)},
    {"type", COL_ENUM, offsetof(struct content, type)},
    {"status", COL_ENUM, offsetof(struct content, status)},
    {"COUNT(*) AS n", COL_INT, offsetof(struct content, list_total)},
};
static const struct row kind_row = ROW(struct content, kind_cols);

/* What is scheduled is taken out of the calendar on its way, in the same statement. */
static bool may_be_archived(enum content_status from)
{
    enum content_status to;
    if (content_next(from, CONTENT_UNSCHEDULE, &to))
        from = to;
    return content_next(from, CONTENT_ARCHIVE, &to);
}

static error count(struct ctx *c, const struct stretch *s)
{
    QUERY kinds = {
        .name = "archive.kinds",
        .sql = "SELECT :cols" FROM_MISSION STRETCH_IN(
            ARCHIVABLE) " GROUP BY platform, type, status LIMIT 1000",
        .row = &kind_row,
        .index = "by_mission",
    };
    struct list found;
    const struct content *kind;
    TRY(db_all(c, &kinds, &found, STRETCH_ARGS(s)));
    kind = found.at;
    for (size_t i = 0; i < found.n; i++) {
        struct content x = kind[i];
        x.mission_id = *s->mission;
        assert(may_be_archived((enum content_status)x.status));
        TRY(store_count_move(c, &x, x.status, CONTENT_ARCHIVED, x.list_total));
    }
    return NULL;
}

static error cancel_jobs(struct ctx *c, const struct stretch *s)
{
    QUERY q = {
        .name = "archive.cancel_jobs",
        .sql = "UPDATE content x FORCE INDEX (by_mission) STRAIGHT_JOIN job j FORCE INDEX (ref)"
               " ON j.tenant_id = x.tenant_id AND j.livemode = x.livemode AND j.ref_id = x.id"
               " SET j.state = 4, j.lease = 0, j.updated_ms = :now"
               " WHERE x.tenant_id = :tenant AND x.livemode = :live AND x.mission_id = ?"
               " AND x.id >= ? AND x.id <= ? AND x.status = 9 AND j.state = 1",
        .index = "by_mission",
    };
    return db_run(c, &q, NULL, P(s->mission), P(&s->first), P(&s->last));
}

/* Past store_content_move(): there may be many, and coming here is no event. What it moves, and
 * how, is what the table of transitions allows; a state in ARCHIVABLE that it does not ends here.
 */
static error archive(struct ctx *c, const struct stretch *s)
{
    /* What is being published (6) too: it may fail meanwhile, and would be archived uncounted. */
    QUERY lock = {
        .name = "archive.lock",
        .sql = "SELECT :cols" FROM_MISSION STRETCH_IN(ARCHIVABLE ", 6") " FOR UPDATE",
        .row = &number_row,
        .index = "by_mission",
    };
    QUERY move = {
        .name = "archive.move",
        .sql = "UPDATE content FORCE INDEX (by_mission)"
               " SET status = 9, slot_ms = NULL, scheduled_ms = NULL,"
               " updated_ms = :now, revision = revision + 1" STRETCH_IN(ARCHIVABLE),
        .index = "by_mission",
    };
    int64_t locked;
    TRY(db_one(c, &lock, &locked, STRETCH_ARGS(s)));
    TRY(count(c, s));
    TRY(db_run(c, &move, NULL, STRETCH_ARGS(s)));
    return cancel_jobs(c, s);
}

error store_archive_from(struct ctx *c, const struct id *mission, int64_t from_ms)
{
    struct stretch all = {
        .mission = mission,
        .first = id_below(INT64_MIN),
        .last = page_upper(&(struct page){0}),
        .from_ms = from_ms,
    };
    return archive(c, &all);
}

struct bounds {
    struct id first, last;
    int64_t n;
};
static const struct col bounds_cols[] = {
    {"MIN(id) AS first", COL_ID, offsetof(struct bounds, first)},
    {"MAX(id) AS last", COL_ID, offsetof(struct bounds, last)},
    {"COUNT(*) AS n", COL_INT, offsetof(struct bounds, n)},
};
static const struct row bounds_row = ROW(struct bounds, bounds_cols);

error store_archive_next(struct ctx *c, const struct id *mission, bool *more)
{
    QUERY next = {
        .name = "archive.next",
        .sql = "SELECT :cols FROM (SELECT id" FROM_MISSION OF_MISSION " AND status IN (" ARCHIVABLE
               ") ORDER BY id LIMIT ?) x",
        .row = &bounds_row,
        .index = "by_mission",
    };
    struct bounds b;
    struct stretch s = {.mission = mission};
    TRY(db_one(c, &next, &b, P(mission), P(ARCHIVE_STEP)));
    *more = b.n == ARCHIVE_STEP;
    s.first = b.first;
    s.last = b.last;
    return b.n ? archive(c, &s) : NULL;
}
