/* content.c: every statement that touches content and reads content_count, and nothing else. The
 * counts are kept in content_count.c; a mission's content is archived in archive.c. */
#include "store/content.h"

#include <string.h>

#include "db/db.h"
#include "db/tx.h"
#include "store/content_count.h"
#include "store/version.h"
#include "store/webhook.h"

/* The total, read in the same snapshot as the rows. The first `?` is a mission, or NO_MISSION for
 * all of them. */
#define TOTAL                                                                                      \
    "(SELECT COALESCE(SUM(n), 0) FROM content_count WHERE tenant_id = :tenant"                     \
    " AND livemode = :live AND mission_id = ? AND (? = 0 OR status = ?)"                           \
    " AND (? = 0 OR platform = ?) AND (? = 0 OR type = ?))"

#define AT(member) offsetof(struct content, member)
static const struct col cols[] = {
    {"id", COL_ID, AT(id)},
    {"mission_id", COL_ID, AT(mission_id)},
    {"platform", COL_ENUM, AT(platform)},
    {"type", COL_ENUM, AT(type)},
    {"status", COL_ENUM, AT(status)},
    {"slot_ms", COL_TIME, AT(slot_ms)},
    {"copy", COL_TEXT, AT(copy)},
    {"visuals", COL_TEXT, AT(visuals)},
    {"topic", COL_TEXT, AT(metadata.topic)},
    {"pillar", COL_TEXT, AT(metadata.pillar)},
    {"tags", COL_TEXT, AT(metadata.tags)},
    {"language", COL_TEXT, AT(metadata.language)},
    {"confidence", COL_NUMBER, AT(metadata.confidence)},
    {"model", COL_TEXT, AT(metadata.model)},
    {"cost_microcents", COL_INT, AT(metadata.cost_microcents)},
    {"(cost_microcents + 500000) DIV 1000000 AS cost_cents", COL_INT, AT(metadata.cost_cents)},
    {"scheduled_ms", COL_TIME, AT(scheduling.scheduled_ms)},
    {"zone", COL_TEXT, AT(scheduling.zone)},
    {"published_ms", COL_TIME, AT(publishing.published_ms)},
    {"platform_post_id", COL_TEXT, AT(publishing.platform_post_id)},
    {"platform_url", COL_TEXT, AT(publishing.platform_url)},
    {"provider_post_id", COL_TEXT, AT(publishing.provider_post_id)},
    {"attempts", COL_INT, AT(publishing.attempts)},
    {"last_error", COL_TEXT, AT(publishing.last_error)},
    {"review_required", COL_BOOL, AT(review.required)},
    {"approvals", COL_INT, AT(review.approvals)},
    {"approvals_required", COL_INT, AT(review.approvals_required)},
    {"reviewed_by", COL_TEXT, AT(review.reviewed_by)},
    {"reviewed_ms", COL_TIME, AT(review.reviewed_ms)},
    {"notes", COL_TEXT, AT(review.notes)},
    {"rejection_reason", COL_TEXT, AT(review.rejection_reason)},
    {"version", COL_INT, AT(version)},
    {"livemode", COL_BOOL, AT(livemode)},
    {"created_ms", COL_TIME, AT(created_ms)},
    {"updated_ms", COL_TIME, AT(updated_ms)},
    {"revision", COL_INT, AT(revision)},
    {WEBHOOK_HOOKS, COL_INT, AT(hooks)},
    {TOTAL " AS list_total", COL_INT, AT(list_total)},
};
static const struct row page_row = ROW(struct content, cols);
/* The same without the total. */
static const struct row row = {cols, sizeof cols / sizeof *cols - 1, sizeof(struct content)};
#undef AT

static const struct col total_cols[] = {{TOTAL " AS n", COL_INT, 0}};
static const struct row total_row = ROW(int64_t, total_cols);
static const struct col number_cols[] = {{"COUNT(*) AS n", COL_INT, 0}};
static const struct row number_row = ROW(int64_t, number_cols);
static const struct col sum_cols[] = {{"COALESCE(SUM(n), 0) AS n", COL_INT, 0}};
static const struct row sum_row = ROW(int64_t, sum_cols);
static const struct col slot_cols[] = {{"slot_ms", COL_TIME, 0}};
static const struct row slot_row = ROW(int64_t, slot_cols);

static const struct col since_cols[] = {{"MIN(updated_ms) AS ms", COL_TIME, 0}};
static const struct row since_row = ROW(int64_t, since_cols);

struct state_count {
    int status;
    int64_t n;
};
static const struct col state_cols[] = {
    {"status", COL_ENUM, offsetof(struct state_count, status)},
    {"SUM(n) AS n", COL_INT, offsetof(struct state_count, n)},
};
static const struct row state_row = ROW(struct state_count, state_cols);

/* The mission of the counts of all missions together. */
static const struct id no_mission = {
    {'0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0'}};

error store_content_get(struct ctx *c, const struct id *id, struct content *out)
{
    QUERY q = {
        .name = "content.get",
        .sql = "SELECT :cols FROM content WHERE tenant_id = :tenant AND livemode = :live"
               " AND id = ?",
        .row = &row,
        .index = "PRIMARY",
    };
    *out = (struct content){0};
    return db_one(c, &q, out, P(id));
}

error store_content_lock(struct ctx *c, const struct id *id, struct content *out)
{
    QUERY q = {
        .name = "content.lock",
        .sql = "SELECT :cols FROM content WHERE tenant_id = :tenant AND livemode = :live"
               " AND id = ? FOR UPDATE",
        .row = &row,
        .index = "PRIMARY",
    };
    *out = (struct content){0};
    return db_one(c, &q, out, P(id));
}

error store_contents_get(struct ctx *c, struct id_list ids, struct list *out)
{
    QUERY q = {
        .name = "content.get_all",
        .sql = "SELECT :cols FROM content FORCE INDEX (PRIMARY) WHERE tenant_id = :tenant"
               " AND livemode = :live AND id IN (:ids) LIMIT 100",
        .row = &row,
        .index = "PRIMARY",
    };
    return db_all(c, &q, out, P(ids));
}

error store_contents_lock(struct ctx *c, struct id_list ids, struct list *out)
{
    QUERY q = {
        .name = "content.lock_all",
        .sql = "SELECT :cols FROM content FORCE INDEX (PRIMARY) WHERE tenant_id = :tenant"
               " AND livemode = :live AND id IN (:ids) ORDER BY id LIMIT 100 FOR UPDATE",
        .row = &row,
        .index = "PRIMARY",
    };
    return db_all(c, &q, out, P(ids));
}

/* Ranges over creation are ranges over ids; those over the schedule are filtered. Left to itself
 * the optimizer walks all ids of the tenant to find the few of a mission. */
#define FILTER                                                                                     \
    " AND (? = 0 OR status = ?) AND (? = 0 OR platform = ?) AND (? = 0 OR type = ?)"               \
    " AND (? OR scheduled_ms >= ? AND scheduled_ms < ?)"
#define PAGE(index, condition, order)                                                              \
    "SELECT :cols FROM content FORCE INDEX (" index                                                \
    ") WHERE tenant_id = :tenant AND livemode = :live" condition " AND id > ? AND id < ?" FILTER   \
    " ORDER BY id " order " LIMIT ?"

/* The bounds of the ids of a page, both exclusive: the filter's and the cursor's. */
struct bounds {
    struct id lower, upper;
};

static struct bounds bounds_of(const struct content_filter *f, const struct page *page)
{
    struct bounds b = {id_below(f->created_after), page_upper(&(struct page){0})};
    if (f->created_before != INT64_MAX)
        b.upper = id_below(f->created_before);
    if (page && !id_is_none(&page->after) && id_cmp(&page->after, &b.upper) < 0)
        b.upper = page->after;
    if (page && !id_is_none(&page->before) && id_cmp(&page->before, &b.lower) > 0)
        b.lower = page->before;
    return b;
}

static bool any_time(const struct content_filter *f)
{
    return f->scheduled_after == INT64_MIN && f->scheduled_before == INT64_MAX;
}

/* INT64_MIN is NULL on its way to the database. */
static int64_t after_bound(const struct content_filter *f)
{
    return f->scheduled_after == INT64_MIN ? INT64_MIN + 1 : f->scheduled_after;
}

#define TOTAL_ARGS(f)                                                                              \
    P(id_is_none(&(f)->mission_id) ? &no_mission : &(f)->mission_id), P((f)->status),              \
        P((f)->status), P((f)->platform), P((f)->platform), P((f)->type), P((f)->type)
#define FILTER_ARGS(f)                                                                             \
    P((f)->status), P((f)->status), P((f)->platform), P((f)->platform), P((f)->type),              \
        P((f)->type), P(any_time(f)), P(after_bound(f)), P((f)->scheduled_before)

static error read_page(struct ctx *c, const struct content_filter *f, const struct page *page,
                       struct list *out)
{
    QUERY by_mission[] = {
        {.name = "content.page_older_of_mission",
         .row = &page_row,
         .index = "by_mission",
         .sql = PAGE("by_mission", " AND mission_id = ?", "DESC")},
        {.name = "content.page_newer_of_mission",
         .row = &page_row,
         .index = "by_mission",
         .sql = PAGE("by_mission", " AND mission_id = ?", "ASC")},
    };
    QUERY in_state[] = {
        {.name = "content.page_older_in_state",
         .row = &page_row,
         .index = "by_status",
         .sql = PAGE("by_status", " AND status = ?", "DESC")},
        {.name = "content.page_newer_in_state",
         .row = &page_row,
         .index = "by_status",
         .sql = PAGE("by_status", " AND status = ?", "ASC")},
    };
    QUERY all[] = {
        {.name = "content.page_older",
         .row = &page_row,
         .index = "PRIMARY",
         .sql = PAGE("PRIMARY", "", "DESC")},
        {.name = "content.page_newer",
         .row = &page_row,
         .index = "PRIMARY",
         .sql = PAGE("PRIMARY", "", "ASC")},
    };
    struct bounds b = bounds_of(f, page);
    int up = !id_is_none(&page->before);
    if (!id_is_none(&f->mission_id))
        return db_all(c, &by_mission[up], out, TOTAL_ARGS(f), P(&f->mission_id), P(&b.lower),
                      P(&b.upper), FILTER_ARGS(f), P(page->limit + 1));
    if (f->status)
        return db_all(c, &in_state[up], out, TOTAL_ARGS(f), P(f->status), P(&b.lower), P(&b.upper),
                      FILTER_ARGS(f), P(page->limit + 1));
    return db_all(c, &all[up], out, TOTAL_ARGS(f), P(&b.lower), P(&b.upper), FILTER_ARGS(f),
                  P(page->limit + 1));
}

/* Where ranges of time are asked for there is no kept total: it is counted, over the range. */
static error count_range(struct ctx *c, const struct content_filter *f, int64_t *total)
{
    QUERY q = {
        .name = "content.count_range",
        .sql = "SELECT :cols FROM content WHERE tenant_id = :tenant AND livemode = :live"
               " AND (? IS NULL OR mission_id = ?) AND id > ? AND id < ?" FILTER,
        .row = &number_row,
        .index = "PRIMARY",
    };
    struct bounds b = bounds_of(f, NULL);
    return db_one(c, &q, total, P(&f->mission_id), P(&f->mission_id), P(&b.lower), P(&b.upper),
                  FILTER_ARGS(f));
}

static bool has_ranges(const struct content_filter *f)
{
    return f->created_after != INT64_MIN || f->created_before != INT64_MAX || !any_time(f);
}

struct page_read {
    const struct content_filter *filter;
    const struct page *page;
    struct list *out;
    int64_t *total;
};

/* Snapshot: a page, and a total that no row of it brings along. */
static error read_and_count(struct ctx *c, void *arg)
{
    QUERY count = {
        .name = "content.count", .sql = "SELECT :cols", .row = &total_row, .index = "PRIMARY"};
    const struct page_read *r = arg;
    TRY(read_page(c, r->filter, r->page, r->out));
    if (has_ranges(r->filter))
        return count_range(c, r->filter, r->total);
    return db_one(c, &count, r->total, TOTAL_ARGS(r->filter));
}

error store_content_page(struct ctx *c, const struct content_filter *f, const struct page *page,
                         struct list *out, bool *more, int64_t *total)
{
    struct page_read r = {f, page, out, total};
    *total = 0;
    *out = (struct list){0};
    if (!has_ranges(f))
        TRY(read_page(c, f, page, out));
    if (out->n)
        *total = ((const struct content *)out->at)->list_total;
    else if (has_ranges(f) || !page_is_first(page))
        TRY(in_snapshot(c, read_and_count, &r));
    page_finish(page, out, sizeof(struct content), more);
    return NULL;
}

/* The event that coming into a state is, and the one that is told before it where a review led
 * straight into the calendar. */
static const enum webhook_event arrivals[CONTENT_STATUS_COUNT] = {
    [CONTENT_PENDING_REVIEW] = EVENT_CONTENT_PENDING_REVIEW,
    [CONTENT_APPROVED] = EVENT_CONTENT_APPROVED,
    [CONTENT_REJECTED] = EVENT_CONTENT_REJECTED,
    [CONTENT_SCHEDULED] = EVENT_CONTENT_SCHEDULED,
    [CONTENT_PUBLISHED] = EVENT_CONTENT_PUBLISHED,
    [CONTENT_FAILED] = EVENT_CONTENT_FAILED,
};

/* What is to be told of contents that change together. */
struct news {
    struct happened *at;
    size_t n;
};

static struct news news_new(struct arena *a, size_t contents)
{
    return (struct news){.at = arena_array(a, 2 * contents, sizeof(struct happened))};
}

static void add_event(struct ctx *c, struct news *news, const struct content *x,
                      enum webhook_event event)
{
    if (event != EVENT_NONE && x->hooks & EVENT_BIT(event))
        news->at[news->n++] = (struct happened){event, shape_text(c->arena, &content_shape, x)};
}

static void add_news(struct ctx *c, struct news *news, const struct content *x,
                     enum content_status from)
{
    bool reviewed = from == CONTENT_PENDING_REVIEW || from == CONTENT_DRAFT;
    if (x->status == (int)from)
        return;
    if (reviewed && x->status == CONTENT_SCHEDULED)
        add_event(c, news, x, EVENT_CONTENT_APPROVED);
    add_event(c, news, x, arrivals[x->status]);
}

error store_contents_insert(struct ctx *c, const struct content *x, size_t n, bool *taken)
{
    QUERY q = {
        .name = "content.insert",
        .sql =
            "INSERT INTO content (tenant_id, livemode, id, mission_id, platform, type, status,"
            " slot_ms, copy, visuals, topic, pillar, tags, language, confidence, model,"
            " cost_microcents, scheduled_ms, zone, review_required, approvals_required,"
            " rejection_reason, version, created_ms, updated_ms) VALUES "
            "(:tenant, :live, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    };
    struct db_rows rows = db_rows_new(c->arena, n, 23);
    struct news news = news_new(c->arena, n);
    for (size_t i = 0; i < n; i++)
        db_rows_add(&rows, P(&x[i].id), P(&x[i].mission_id), P(x[i].platform), P(x[i].type),
                    P(x[i].status), param_time(x[i].slot_ms), P(x[i].copy), P(x[i].visuals),
                    P(x[i].metadata.topic), P(x[i].metadata.pillar), P(x[i].metadata.tags),
                    P(x[i].metadata.language), P(x[i].metadata.confidence), P(x[i].metadata.model),
                    P(x[i].metadata.cost_microcents), param_time(x[i].scheduling.scheduled_ms),
                    P(x[i].scheduling.zone), P(x[i].review.required),
                    P(x[i].review.approvals_required), P(x[i].review.rejection_reason),
                    P(x[i].version), P(x[i].created_ms), P(x[i].updated_ms));
    TRY(db_insert_each(c, &q, &rows, taken));
    TRY(store_sketches_put(c, x, n, taken));
    TRY(store_count_inserted(c, x, n, taken));
    for (size_t i = 0; i < n; i++)
        if (!taken || !taken[i])
            add_event(c, &news, &x[i], arrivals[x[i].status]);
    return store_events_put(c, news.at, news.n);
}

error store_content_insert(struct ctx *c, const struct content *x)
{
    return store_contents_insert(c, x, 1, NULL);
}

/* What it is from now on, and its events. */
static void move(struct ctx *c, struct content *x, enum content_status to, struct news *news)
{
    enum content_status from = (enum content_status)x->status;
    x->status = (int)to;
    x->revision++;
    x->updated_ms = c->now_ms;
    add_news(c, news, x, from);
}

error store_contents_move(struct ctx *c, const struct content_move *m, size_t n)
{
    QUERY q = {
        .name = "content.move",
        .sql = "UPDATE content FORCE INDEX (PRIMARY)"
               " SET status = ?, scheduled_ms = ?, published_ms = ?,"
               " platform_post_id = ?, platform_url = ?, provider_post_id = ?, attempts = ?,"
               " last_error = ?, approvals = ?, reviewed_by = ?, reviewed_ms = ?, notes = ?,"
               " rejection_reason = ?, updated_ms = :now, revision = revision + 1"
               " WHERE tenant_id = :tenant AND livemode = :live AND id = ? AND status = ?",
        .index = "PRIMARY",
    };
    struct db_rows rows = db_rows_new(c->arena, n, 15);
    struct news news = news_new(c->arena, n);
    uint64_t matched;
    for (size_t i = 0; i < n; i++) {
        const struct content *x = m[i].content;
        db_rows_add(&rows, P(m[i].to), param_time(x->scheduling.scheduled_ms),
                    param_time(x->publishing.published_ms), P(x->publishing.platform_post_id),
                    P(x->publishing.platform_url), P(x->publishing.provider_post_id),
                    P(x->publishing.attempts), P(x->publishing.last_error), P(x->review.approvals),
                    P(x->review.reviewed_by), param_time(x->review.reviewed_ms), P(x->review.notes),
                    P(x->review.rejection_reason), P(&x->id), P(x->status));
    }
    TRY(db_run_each(c, &q, &rows, &matched));
    if (matched != n)
        return error_of(ERR_INVALID_STATE);
    TRY(store_counts_move(c, m, n));
    for (size_t i = 0; i < n; i++)
        move(c, m[i].content, m[i].to, &news);
    return store_events_put(c, news.at, news.n);
}

error store_content_move(struct ctx *c, struct content *x, enum content_status to)
{
    return store_contents_move(c, &(struct content_move){x, to}, 1);
}

error store_content_rewrite(struct ctx *c, struct content *x, const struct revision *why)
{
    QUERY q = {
        .name = "content.rewrite",
        .sql = "UPDATE content FORCE INDEX (PRIMARY)"
               " SET copy = ?, visuals = ?, topic = ?, tags = ?, confidence = ?, model = ?,"
               " cost_microcents = ?, version = ?, updated_ms = :now, revision = revision + 1"
               " WHERE tenant_id = :tenant AND livemode = :live AND id = ? AND status = ?",
        .index = "PRIMARY",
    };
    struct version v;
    uint64_t n;
    if (x->version == 1)
        TRY(store_version_keep(c, &x->id));
    x->version++;
    TRY(db_run(c, &q, &n, P(x->copy), P(x->visuals), P(x->metadata.topic), P(x->metadata.tags),
               P(x->metadata.confidence), P(x->metadata.model), P(x->metadata.cost_microcents),
               P(x->version), P(&x->id), P(x->status)));
    if (!n)
        return error_of(ERR_INVALID_STATE);
    x->revision++;
    x->updated_ms = c->now_ms;
    v = version_of(x);
    v.cause = (int)why->cause;
    v.author = why->author;
    v.reason = why->reason;
    TRY(store_version_insert(c, &x->id, &v));
    return store_sketches_put(c, x, 1, NULL);
}

error store_content_place(struct ctx *c, struct content *x, int64_t slot_ms)
{
    QUERY q = {
        .name = "content.place",
        .sql = "UPDATE content FORCE INDEX (PRIMARY) SET slot_ms = ?"
               " WHERE tenant_id = :tenant AND livemode = :live AND id = ?",
        .index = "PRIMARY",
    };
    TRY(db_run(c, &q, NULL, param_time(slot_ms), P(&x->id)));
    x->slot_ms = slot_ms;
    return NULL;
}

error store_content_slots(struct ctx *c, const struct id *mission, enum platform p, int64_t from_ms,
                          int64_t until_ms, struct list *out)
{
    QUERY q = {
        .name = "content.slots",
        .sql = "SELECT :cols FROM content WHERE tenant_id = :tenant AND livemode = :live"
               " AND mission_id = ? AND platform = ? AND slot_ms >= ? AND slot_ms < ?"
               " ORDER BY slot_ms LIMIT 10000",
        .row = &slot_row,
        .index = "slot",
    };
    return db_all(c, &q, out, P(mission), P(p), P(from_ms), P(until_ms));
}

error store_content_count_of(struct ctx *c, const struct id *mission, enum platform p, int64_t *out)
{
    QUERY q = {
        .name = "content.count_of",
        .sql = "SELECT :cols FROM content_count WHERE tenant_id = :tenant AND livemode = :live"
               " AND mission_id = ? AND platform = ?",
        .row = &sum_row,
        .index = "PRIMARY",
    };
    return db_one(c, &q, out, P(mission), P(p));
}

error store_content_in_state(struct ctx *c, const struct id *mission, enum content_status status,
                             const struct id *after, int64_t limit, struct list *out)
{
    QUERY q = {
        .name = "content.in_state",
        .sql = "SELECT :cols FROM content FORCE INDEX (by_mission)"
               " WHERE tenant_id = :tenant AND livemode = :live"
               " AND mission_id = ? AND id > ? AND status = ? ORDER BY id LIMIT ?",
        .row = &row,
        .index = "by_mission",
    };
    return db_all(c, &q, out, P(mission), P(id_is_none(after) ? &no_mission : after), P(status),
                  P(limit));
}

error store_content_waiting(struct ctx *c, const struct id *mission, int64_t until_ms,
                            int64_t limit, struct list *out)
{
    QUERY q = {
        .name = "content.waiting",
        .sql = "SELECT :cols FROM content FORCE INDEX (by_mission)"
               " WHERE tenant_id = :tenant AND livemode = :live AND mission_id = ? AND status = 2"
               " AND updated_ms <= ? ORDER BY id LIMIT ?",
        .row = &row,
        .index = "by_mission",
    };
    return db_all(c, &q, out, P(mission), P(until_ms), P(limit));
}

error store_content_waiting_since(struct ctx *c, const struct id *mission, int64_t *out)
{
    QUERY q = {
        .name = "content.waiting_since",
        .sql = "SELECT :cols FROM content FORCE INDEX (by_mission)"
               " WHERE tenant_id = :tenant AND livemode = :live AND mission_id = ? AND status = 2",
        .row = &since_row,
        .index = "by_mission",
    };
    return db_one(c, &q, out, P(mission));
}

error store_content_by_state(struct ctx *c, const struct id *mission, int64_t *counts)
{
    QUERY q = {
        .name = "content.by_state",
        .sql = "SELECT :cols FROM content_count WHERE tenant_id = :tenant AND livemode = :live"
               " AND mission_id = ? GROUP BY status LIMIT 20",
        .row = &state_row,
        .index = "PRIMARY",
    };
    struct list read;
    const struct state_count *s;
    TRY(db_all(c, &q, &read, P(mission)));
    memset(counts, 0, CONTENT_STATUS_COUNT * sizeof *counts);
    s = read.at;
    for (size_t i = 0; i < read.n; i++)
        counts[s[i].status] = s[i].n;
    return NULL;
}

error store_approval_insert(struct ctx *c, const struct content *x, struct str approver)
{
    QUERY q = {
        .name = "approval.insert",
        .sql = "INSERT INTO approval (tenant_id, livemode, content_id, version, approver,"
               " approved_ms) VALUES (:tenant, :live, ?, ?, ?, :now)",
    };
    return db_run(c, &q, NULL, P(&x->id), P(x->version), P(approver));
}

/* Of a deleted mission only what is on its way, or out: the rest is about to be archived. */
#define IN_QUEUE                                                                                   \
    " AND scheduled_ms >= ? AND scheduled_ms < ? AND (? = 0 OR platform = ?)"                      \
    " AND (? IS NULL OR mission_id = ?) AND (status IN (6, 7) OR NOT EXISTS (SELECT 1"             \
    " FROM mission m WHERE m.tenant_id = :tenant AND m.livemode = :live"                           \
    " AND m.id = content.mission_id AND m.status = 5))"
#define QUEUE                                                                                      \
    " FROM content FORCE INDEX (queue) WHERE tenant_id = :tenant AND livemode = :live"             \
    " AND status = ?" IN_QUEUE
#define QUEUE_ARGS(f)                                                                              \
    P((f)->from_ms), P((f)->to_ms ? (f)->to_ms : INT64_MAX), P((f)->platform), P((f)->platform),   \
        P(&(f)->mission), P(&(f)->mission)

/* The queue of one status, which the index has in its order. */
static error read_queue(struct ctx *c, const struct queue_filter *f,
                        const struct queue_cursor *from, enum content_status status, int64_t limit,
                        struct list *out)
{
    QUERY down = {
        .name = "content.queue",
        .sql = "SELECT :cols" QUEUE " AND (scheduled_ms > ? OR (scheduled_ms = ? AND id > ?))"
               " ORDER BY scheduled_ms, id LIMIT ?",
        .row = &row,
        .index = "queue",
    };
    QUERY up = {
        .name = "content.queue_up",
        .sql = "SELECT :cols" QUEUE " AND (scheduled_ms < ? OR (scheduled_ms = ? AND id < ?))"
               " ORDER BY scheduled_ms DESC, id DESC LIMIT ?",
        .row = &row,
        .index = "queue",
    };
    const struct id *id = id_is_none(&from->id) ? &no_mission : &from->id;
    return db_all(c, from->up ? &up : &down, out, P(status), QUEUE_ARGS(f), P(from->at_ms),
                  P(from->at_ms), P(id), P(limit));
}

static bool comes_first(const struct content *a, const struct content *b, bool up)
{
    int64_t apart = a->scheduling.scheduled_ms - b->scheduling.scheduled_ms;
    bool before = apart < 0 || (!apart && str_cmp(id_str(&a->id), id_str(&b->id)) < 0);
    return before != up;
}

error store_content_queue(struct ctx *c, const struct queue_filter *f,
                          const struct queue_cursor *from, int64_t limit, struct list *out,
                          int64_t *total)
{
    QUERY count = {
        .name = "content.queue_count",
        .sql = "SELECT :cols FROM content FORCE INDEX (queue) WHERE tenant_id = :tenant"
               " AND livemode = :live AND status IN (5, 6)" IN_QUEUE,
        .row = &number_row,
        .index = "queue",
    };
    struct list waiting, leaving;
    struct content *merged = arena_array(c->arena, (size_t)limit + 1, sizeof *merged);
    size_t n = 0, i = 0, k = 0;
    TRY(db_one(c, &count, total, QUEUE_ARGS(f)));
    TRY(read_queue(c, f, from, CONTENT_SCHEDULED, limit, &waiting));
    TRY(read_queue(c, f, from, CONTENT_PUBLISHING, limit, &leaving));
    while (n < (size_t)limit && (i < waiting.n || k < leaving.n)) {
        const struct content *a = (const struct content *)waiting.at + i;
        const struct content *b = (const struct content *)leaving.at + k;
        bool first = k == leaving.n || (i < waiting.n && comes_first(a, b, from->up));
        merged[n++] = first ? *a : *b;
        i += first;
        k += !first;
    }
    *out = (struct list){merged, n};
    return NULL;
}

#define AT(member) offsetof(struct queue_place, member)
static const struct col calendar_cols[] = {
    {"scheduled_ms", COL_INT, AT(at_ms)},
    {"status", COL_ENUM, AT(status)},
};
#undef AT
static const struct row calendar_row = ROW(struct queue_place, calendar_cols);

error store_content_calendar(struct ctx *c, const struct queue_filter *f,
                             error (*fn)(void *arg, const void *row), void *arg)
{
    QUERY q = {
        .name = "content.calendar",
        .sql = "SELECT :cols FROM content FORCE INDEX (by_time) WHERE tenant_id = :tenant"
               " AND livemode = :live AND status IN (5, 6, 7, 8)" IN_QUEUE,
        .row = &calendar_row,
        .index = "by_time",
    };
    return db_each(c, &q, fn, arg, QUEUE_ARGS(f));
}
