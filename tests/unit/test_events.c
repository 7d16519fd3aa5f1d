/* test_events.c: what happens to contents together is told together: as many statements as for one
 * of them, and each webhook hears what it wants. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "database.h"
#include "db/migrate.h"
#include "db/tx.h"
#include "store/content.h"
#include "store/job.h"
#include "store/webhook.h"

enum { TEXTS = 3, EVERYTHING = 0x7fff };

static struct database database;

static void must(error e)
{
    if (e)
        fail_msg("%.*s: %.*s", STR(e->wire), STR(e->cause));
}

static int new_tenant(void **state)
{
    struct ctx *c = &database.ctx;
    *state = c;
    c->scope = (struct scope){id_new(clock_ms()), false};
    return 0;
}

static struct id listen(struct ctx *c, int64_t events, bool enabled)
{
    struct webhook w = {
        .id = id_new(c->now_ms),
        .url = S("https://example.org/hook"),
        .event_set = events,
        .enabled = enabled,
        .secret_sealed = S("sealed"),
    };
    must(store_webhook_insert(c, &w));
    return w.id;
}

/* Contents of a tenant, and where they go. */
struct contents {
    struct content at[TEXTS];
    size_t n;
    enum content_status to;
};

static error insert(struct ctx *c, void *arg)
{
    struct contents *t = arg;
    return store_contents_insert(c, t->at, t->n, NULL);
}

static error move(struct ctx *c, void *arg)
{
    struct contents *t = arg;
    struct content_move moves[TEXTS];
    for (size_t i = 0; i < t->n; i++)
        moves[i] = (struct content_move){&t->at[i], t->to};
    return store_contents_move(c, moves, t->n);
}

static unsigned statements(struct ctx *c, error (*work)(struct ctx *c, void *arg),
                           struct contents *t)
{
    db_reset_count(c->db);
    must(in_transaction(c, work, t));
    return db_count(c->db);
}

static struct contents waiting(struct ctx *c, size_t n)
{
    struct contents t = {.n = n};
    struct id mission = id_new(c->now_ms);
    for (size_t i = 0; i < n; i++)
        t.at[i] = (struct content){
            .id = id_new(c->now_ms),
            .mission_id = mission,
            .platform = PLATFORM_TWITTER,
            .type = TYPE_POST,
            .status = CONTENT_PENDING_REVIEW,
            .copy = S("{\"primary\":\"Hello\"}"),
            .visuals = S("[]"),
            .metadata = {.tags = S("[]"), .language = S("en"), .model = S("builtin")},
            .scheduling = {.zone = S("UTC")},
            .version = 1,
            .hooks = EVERYTHING,
            .created_ms = c->now_ms,
            .updated_ms = c->now_ms,
        };
    return t;
}

static void events_of_many_cost_as_many_statements_as_those_of_one(void **state)
{
    struct ctx *c = *state;
    struct contents one = waiting(c, 1), many = waiting(c, TEXTS);
    listen(c, EVERYTHING, true);
    listen(c, EVERYTHING, true);
    assert_int_equal(statements(c, insert, &many), statements(c, insert, &one));
    one.to = many.to = CONTENT_SCHEDULED; /* approved and scheduled, at once */
    assert_int_equal(statements(c, move, &many), statements(c, move, &one));
    one.to = many.to = CONTENT_PUBLISHING; /* of which nothing is told */
    assert_int_equal(statements(c, move, &many), statements(c, move, &one));
}

static struct list told(struct ctx *c, const struct id *webhook)
{
    struct page page = {.limit = 100};
    struct list out;
    bool more;
    int64_t total;
    must(store_delivery_page(c, webhook, &page, &out, &more, &total));
    assert_false(more);
    return out;
}

/* How often the webhook is told this of the content. Each delivery has a job that is due. */
static int times(struct ctx *c, const struct id *webhook, enum webhook_event event,
                 const struct content *x)
{
    struct list list = told(c, webhook);
    const struct webhook_delivery *d = list.at;
    struct str id = id_str(&x->id);
    int n = 0;
    for (size_t i = 0; i < list.n; i++) {
        assert_int_equal(d[i].state, DELIVERY_PENDING);
        assert_true(str_contains_nocase(d[i].payload, id_str(&d[i].event_id)));
        n += d[i].event == (int)event && str_contains_nocase(d[i].payload, id);
    }
    return n;
}

static int64_t jobs(struct ctx *c)
{
    struct job_filter f = {.type = JOB_WEBHOOK_DELIVER, .status = JOB_OPEN};
    struct page page = {.limit = 1};
    struct list out;
    bool more;
    int64_t total;
    must(store_job_page(c, &f, &page, &out, &more, &total));
    return total;
}

static void each_webhook_hears_what_it_wants_of_each_content(void **state)
{
    struct ctx *c = *state;
    struct contents t = waiting(c, TEXTS);
    struct id all = listen(c, EVERYTHING, true), off = listen(c, EVERYTHING, false),
              some = listen(c, EVENT_BIT(EVENT_CONTENT_SCHEDULED), true),
              none = listen(c, EVENT_BIT(EVENT_MISSION_PAUSED), true);
    must(in_transaction(c, insert, &t));
    t.to = CONTENT_SCHEDULED;
    must(in_transaction(c, move, &t));
    for (size_t i = 0; i < TEXTS; i++) {
        assert_int_equal(times(c, &all, EVENT_CONTENT_PENDING_REVIEW, &t.at[i]), 1);
        assert_int_equal(times(c, &all, EVENT_CONTENT_APPROVED, &t.at[i]), 1);
        assert_int_equal(times(c, &all, EVENT_CONTENT_SCHEDULED, &t.at[i]), 1);
        assert_int_equal(times(c, &some, EVENT_CONTENT_SCHEDULED, &t.at[i]), 1);
    }
    assert_int_equal(told(c, &all).n, 3 * TEXTS);
    assert_int_equal(told(c, &some).n, TEXTS);
    assert_int_equal(told(c, &off).n + told(c, &none).n, 0);
    assert_int_equal(jobs(c), 4 * TEXTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(events_of_many_cost_as_many_statements_as_those_of_one, new_tenant),
        cmocka_unit_test_setup(each_webhook_hears_what_it_wants_of_each_content, new_tenant),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    if (database_make(&database, "events") || migrate(&database.ctx, NULL, NULL))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return database_drop(&database) ? 1 : failed;
}
