/* export.c: GET /analytics/export: files of any length, a row at a time from the database to the
 * client. A file is one statement, and so the state of one moment. */
#include "api/question.h"
#include "api/routes.h"
#include "base/clock.h"
#include "http/reply.h"
#include "json/csv.h"
#include "store/cost_read.h"

/* A post and what it has reached until now. */
struct content_line {
    struct metrics_rank post;
    double engagement_rate;
};
#define AT(member) offsetof(struct content_line, member)
static const struct field content_fields[] = {
    {.name = S("content_id"), .kind = F_ID, .at = AT(post.post.content), .prefix = S("cnt_")},
    {.name = S("mission_id"), .kind = F_ID, .at = AT(post.post.mission), .prefix = S("msn_")},
    {.name = S("platform"),
     .kind = F_ENUM,
     .at = AT(post.post.platform),
     .values = &platform_names},
    {.name = S("type"), .kind = F_ENUM, .at = AT(post.post.type), .values = &content_type_names},
    {.name = S("pillar"), .kind = F_TEXT, .at = AT(post.post.pillar)},
    {.name = S("published_at"), .kind = F_TIME, .at = AT(post.post.published_ms)},
    {.name = S("impressions"), .kind = F_INT, .at = AT(post.counts.impressions)},
    {.name = S("engagements"), .kind = F_INT, .at = AT(post.counts.engagements)},
    {.name = S("engagement_rate"), .kind = F_NUMBER, .at = AT(engagement_rate)},
    {.name = S("link_clicks"), .kind = F_INT, .at = AT(post.counts.clicks)},
    {.name = S("likes"), .kind = F_INT, .at = AT(post.counts.likes)},
    {.name = S("comments"), .kind = F_INT, .at = AT(post.counts.comments)},
    {.name = S("shares"), .kind = F_INT, .at = AT(post.counts.shares)},
    {.name = S("saves"), .kind = F_INT, .at = AT(post.counts.saves)},
};
#undef AT
static const struct shape content_line =
    SHAPE("export_content", struct content_line, content_fields);

/* What was reached on a day. */
struct day_line {
    struct metrics_sum sum;
    struct str date;
    double engagement_rate;
};
#define AT(member) offsetof(struct day_line, member)
static const struct field day_fields[] = {
    {.name = S("date"), .kind = F_TEXT, .at = AT(date)},
    {.name = S("mission_id"), .kind = F_ID, .at = AT(sum.mission), .prefix = S("msn_")},
    {.name = S("platform"), .kind = F_ENUM, .at = AT(sum.platform), .values = &platform_names},
    {.name = S("type"), .kind = F_ENUM, .at = AT(sum.type), .values = &content_type_names},
    {.name = S("pillar"), .kind = F_TEXT, .at = AT(sum.pillar)},
    {.name = S("posts_published"), .kind = F_INT, .at = AT(sum.figures.posts)},
    {.name = S("impressions"), .kind = F_INT, .at = AT(sum.figures.impressions)},
    {.name = S("engagements"), .kind = F_INT, .at = AT(sum.figures.engagements)},
    {.name = S("engagement_rate"), .kind = F_NUMBER, .at = AT(engagement_rate)},
    {.name = S("link_clicks"), .kind = F_INT, .at = AT(sum.figures.clicks)},
};
#undef AT
static const struct shape day_line = SHAPE("export_day", struct day_line, day_fields);

/* A call that was paid for. */
struct cost_line {
    struct cost call;
    double cents;
};
static const struct str category_list[] = {{0}, S("generation"), S("images"), S("publishing")};
static const struct names category_names = NAMES(category_list);
#define AT(member) offsetof(struct cost_line, member)
static const struct field cost_fields[] = {
    {.name = S("spent_at"), .kind = F_TIME, .at = AT(call.spent_ms)},
    {.name = S("mission_id"), .kind = F_ID, .at = AT(call.mission_id), .prefix = S("msn_")},
    {.name = S("content_id"), .kind = F_ID, .at = AT(call.content_id), .prefix = S("cnt_")},
    {.name = S("category"), .kind = F_ENUM, .at = AT(call.category), .values = &category_names},
    {.name = S("provider"), .kind = F_TEXT, .at = AT(call.provider)},
    {.name = S("model"), .kind = F_TEXT, .at = AT(call.model)},
    {.name = S("tokens_in"), .kind = F_INT, .at = AT(call.tokens_in)},
    {.name = S("tokens_out"), .kind = F_INT, .at = AT(call.tokens_out)},
    {.name = S("cents"), .kind = F_NUMBER, .at = AT(cents), .decimals = 6},
};
#undef AT
static const struct shape cost_line = SHAPE("export_cost", struct cost_line, cost_fields);

/* A file on its way. */
struct file {
    struct ctx *c;
    enum file_format format;
    const struct shape *shape;
};

static error add_line(const struct file *f, const void *object)
{
    struct buf *out = &f->c->res->body;
    struct writer w;
    if (f->format == FORMAT_CSV) {
        csv_line(out, f->shape, object);
    } else {
        write_init(&w, out);
        shape_write(&w, f->shape, object);
        buf_char(out, '\n');
    }
    return reply_piece(f->c);
}

static error add_content(void *file, const void *row)
{
    struct content_line line = {.post = *(const struct metrics_rank *)row};
    line.engagement_rate = (double)line.post.rate / 100;
    return add_line(file, &line);
}

static error add_day(void *file, const void *row)
{
    struct day_line line = {.sum = *(const struct metrics_sum *)row};
    char date[DATE_TEXT + 1];
    line.date = date_print(date, line.sum.at * DAY_MS);
    line.engagement_rate = figures_rate(&line.sum.figures);
    return add_line(file, &line);
}

static error add_cost(void *file, const void *row)
{
    struct cost_line line = {.call = *(const struct cost *)row};
    line.cents = (double)line.call.microcents / (double)MICROCENTS_PER_CENT;
    return add_line(file, &line);
}

static error each_cost(struct ctx *c, const struct metrics_range *r, metrics_fn *fn, void *arg)
{
    return store_cost_each_call(c, r->first_day, r->last_day, fn, arg);
}

typedef error each_fn(struct ctx *c, const struct metrics_range *r, metrics_fn *fn, void *arg);
static const struct {
    const char *name;
    const struct shape *shape;
    each_fn *each;
    metrics_fn *add;
} exports[] = {
    [EXPORT_NONE] = {"content", &content_line, store_metrics_each_post, add_content},
    [EXPORT_CONTENT] = {"content", &content_line, store_metrics_each_post, add_content},
    [EXPORT_COSTS] = {"costs", &cost_line, each_cost, add_cost},
    [EXPORT_DAILY] = {"daily", &day_line, store_metrics_each_rollup, add_day},
};

static const char *const media[] = {"text/csv", "application/x-ndjson", NULL};

static void name_file(struct ctx *c, const struct question *q, const char *what, const char *ending)
{
    char first[DATE_TEXT + 1], last[DATE_TEXT + 1];
    response_header(c->res, "Content-Disposition",
                    arena_printf(c->arena, "attachment; filename=\"amp-%s-%s-%s.%s\"", what,
                                 date_print(first, q->period.first * DAY_MS).p,
                                 date_print(last, q->period.last * DAY_MS).p, ending));
}

static error export_file(struct ctx *c)
{
    const struct export_query *query = c->req->filter;
    bool csv = query->format == FORMAT_CSV;
    struct file file = {c, (enum file_format)query->format, exports[query->type].shape};
    struct question q = {0};
    struct metrics_range range;
    size_t headers = c->res->headers.n;
    error e;
    TRY(question_settle(c, &query->asked, &q));
    name_file(c, &q, exports[query->type].name, csv ? "csv" : "jsonl");
    reply_in_pieces(c, csv ? S("text/csv; charset=utf-8; header=present")
                           : S("application/x-ndjson; charset=utf-8"));
    if (c->req->method == HEAD)
        return NULL;
    if (csv)
        csv_head(&c->res->body, file.shape);
    range = question_range(&q);
    e = exports[query->type].each(c, &range, exports[query->type].add, &file);
    if (e && !c->res->begun) /* the error is no file */
        c->res->headers.n = headers;
    return e;
}

const struct route export_routes[] = {
    {GET, "/analytics/export", export_file, "analytics:read", R_READ, .query = &export_query_shape,
     .media = media, .doc = "A file of posts, costs or days, of any length",
     .name = "exportAnalytics"},
    {0},
};
