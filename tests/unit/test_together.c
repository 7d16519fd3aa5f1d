/* test_together.c: posts that go out together: as many round trips as one, and what stands in the
 * way of one does not hold up the others. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <inttypes.h>
#include <cmocka.h>

#include "delivering.h"
#include "store/webhook.h"

enum { POSTS = 3 };

/* Due posts of one mission, whose publish jobs are ours. */
struct together {
    struct content contents[POSTS];
    struct job jobs[POSTS];
    struct delivery deliveries[POSTS];
};

static error insert(struct ctx *c, void *arg)
{
    return store_content_insert(c, arg);
}

static void make_posts(struct ctx *c, struct together *t)
{
    make(c, CONTENT_SCHEDULED, S("{\"primary\":\"Hello world\"}"));
    for (int i = 0; i < POSTS; i++) {
        struct job_lock lock = {clock_ms() + HOUR_MS, 5};
        t->contents[i] = content;
        if (i > 0) {
            t->contents[i].id = id_new(c->now_ms);
            must(in_transaction(c, insert, &t->contents[i]));
        }
        t->jobs[i] = (struct job){.ref = t->contents[i].id, .lease = lock.lease};
        must(store_job_put(c, JOB_CONTENT_PUBLISH, &t->jobs[i].ref, c->now_ms, &lock,
                           &t->jobs[i].id));
    }
}

static void deliver(struct ctx *c, struct together *t, size_t n, const struct fetch_watch *watch)
{
    for (size_t i = 0; i < n; i++) {
        struct content x;
        must(store_content_get(c, &t->contents[i].id, &x));
        t->deliveries[i] = delivery_of(&t->jobs[i], &x, false);
    }
    db_reset_count(c->db);
    delivery_step(c, t->deliveries, n, watch);
    for (size_t i = 0; i < n; i++)
        must(t->deliveries[i].failure);
}

static struct content stored(struct ctx *c, const struct together *t, size_t i)
{
    struct content x;
    must(store_content_get(c, &t->contents[i].id, &x));
    return x;
}

static struct server answering(struct ctx *c, const char *a, const char *b, const char *d)
{
    const char *answers[] = {a, b, d};
    return provider(c, POSTS, answers);
}

static void three_posts_cost_no_more_statements_than_one(void **state)
{
    struct ctx *c = *state;
    const char *out = post(c->arena, "PUBLISHED", false);
    struct together t;
    struct server s = answering(c, out, out, out);
    unsigned for_one;
    make_posts(c, &t);
    deliver(c, &t, 1, NULL);
    for_one = db_count(c->db);
    stop(&s, c->arena);
    make_posts(c, &t);
    s = answering(c, out, out, out);
    deliver(c, &t, POSTS, NULL);
    assert_int_equal(times(stop(&s, c->arena), "POST "), POSTS);
    assert_int_equal(db_count(c->db), for_one);
    for (size_t i = 0; i < POSTS; i++) {
        struct job j;
        assert_int_equal(t.deliveries[i].state, DELIVERY_PUBLISHED);
        assert_int_equal(stored(c, &t, i).status, CONTENT_PUBLISHED);
        must(store_job_get(c, &t.jobs[i].id, &j));
        assert_int_equal(j.state, JOB_DONE);
    }
}

static void webhooks_hear_of_all_with_no_more_statements_than_of_one(void **state)
{
    struct ctx *c = *state;
    struct webhook w = {.id = id_new(c->now_ms),
                        .url = S("https://example.org/hook"),
                        .event_set = EVENT_BIT(EVENT_CONTENT_PUBLISHED),
                        .enabled = true,
                        .secret_sealed = S("sealed")};
    struct page page = {.limit = 10};
    struct list told;
    int64_t total;
    bool more;
    must(store_webhook_insert(c, &w));
    three_posts_cost_no_more_statements_than_one(state);
    must(store_delivery_page(c, &w.id, &page, &told, &more, &total));
    assert_int_equal(total, 1 + POSTS);
}

static void looking_for_three_costs_no_more_statements_than_for_one(void **state)
{
    struct ctx *c = *state;
    const char *pending = post(c->arena, "PENDING", false);
    const char *out = post(c->arena, "PUBLISHED", false);
    unsigned for_so_many[2] = {0};
    for (size_t i = 0; i < 2; i++) {
        struct together t;
        size_t n = i ? POSTS : 1;
        make_posts(c, &t);
        for (size_t k = 0; k < n; k++) { /* each is accepted, and still waits */
            const char *answers[] = {pending, pending};
            struct server s = provider(c, 2, answers);
            t.deliveries[k] = delivery_of(&t.jobs[k], &t.contents[k], false);
            delivery_step(c, &t.deliveries[k], 1, NULL);
            must(t.deliveries[k].failure);
            stop(&s, c->arena);
        }
        must(db_command(c, "UPDATE job SET lease = 5, locked_until_ms = 8000000000000"));
        struct server s = answering(c, out, out, out);
        deliver(c, &t, n, NULL);
        for_so_many[i] = db_count(c->db);
        assert_int_equal(times(stop(&s, c->arena), "GET "), n);
        assert_int_equal(stored(c, &t, n - 1).status, CONTENT_PUBLISHED);
    }
    assert_int_equal(for_so_many[1], for_so_many[0]);
}

static int count_state(const struct together *t, enum delivery_state state)
{
    int n = 0;
    for (size_t i = 0; i < POSTS; i++)
        n += t->deliveries[i].state == state;
    return n;
}

static void one_that_is_refused_or_lost_leaves_the_others_alone(void **state)
{
    struct ctx *c = *state;
    struct together t;
    struct server s =
        answering(c, post(c->arena, "PUBLISHED", false),
                  answer(c->arena, "400 No", S("{\"detail\":\"It is rude.\"}")), NULL);
    make_posts(c, &t);
    deliver(c, &t, POSTS, NULL);
    assert_int_equal(times(stop(&s, c->arena), "POST "), POSTS);
    assert_int_equal(count_state(&t, DELIVERY_PUBLISHED), 1);
    assert_int_equal(count_state(&t, DELIVERY_FAILED), 1);
    assert_int_equal(count_state(&t, DELIVERY_RETRY), 1);
}

static void one_whose_job_is_anothers_by_now_is_left_to_it(void **state)
{
    struct ctx *c = *state;
    const char *out = post(c->arena, "PUBLISHED", false);
    struct together t;
    struct server s = answering(c, out, out, out);
    make_posts(c, &t);
    t.jobs[1].lease = 4;
    deliver(c, &t, POSTS, NULL);
    assert_int_equal(times(stop(&s, c->arena), "POST "), POSTS - 1);
    assert_int_equal(t.deliveries[1].state, DELIVERY_NONE);
    assert_int_equal(stored(c, &t, 1).status, CONTENT_SCHEDULED);
    assert_int_equal(stored(c, &t, 2).status, CONTENT_PUBLISHED);
}

static void one_that_no_platform_would_take_fails_alone(void **state)
{
    struct ctx *c = *state;
    const char *out = post(c->arena, "PUBLISHED", false);
    char *text = arena_alloc(c->arena, 400);
    struct together t;
    struct server s = answering(c, out, out, out);
    memset(text, 'a', 399);
    make_posts(c, &t);
    must(db_command(
        c,
        arena_printf(c->arena, "UPDATE content SET copy = '{\"primary\":\"%s\"}' WHERE id = '%.*s'",
                     text, STR(id_str(&t.contents[0].id)))
            .p));
    deliver(c, &t, POSTS, NULL);
    assert_int_equal(times(stop(&s, c->arena), "POST "), POSTS - 1);
    assert_int_equal(stored(c, &t, 0).status, CONTENT_FAILED);
    assert_int_equal(stored(c, &t, 0).publishing.attempts, 0);
    assert_int_equal(stored(c, &t, 1).status, CONTENT_PUBLISHED);
}

static bool never(void *self)
{
    (void)self;
    return false;
}

static error pause_mission(struct ctx *c, void *arg)
{
    (void)arg;
    return store_mission_move(c, &mission, MISSION_PAUSED, (struct str){0});
}

static void what_is_not_wanted_any_more_waits_as_if_it_were_not_due(void **state)
{
    struct ctx *c = *state;
    const char *out = post(c->arena, "PUBLISHED", false);
    struct fetch_watch stopping = {.wanted = never};
    struct together t;
    struct publication_row row;
    struct server s = answering(c, out, out, out);
    make_posts(c, &t);
    deliver(c, &t, POSTS, &stopping);
    for (size_t i = 0; i < POSTS; i++) {
        assert_int_equal(t.deliveries[i].state, DELIVERY_PAUSED);
        assert_int_equal(t.deliveries[i].wait_ms, 0);
        assert_int_equal(t.deliveries[i].stage, JOB_STAGE_RESERVED); /* its place is not used up */
        assert_int_equal(stored(c, &t, i).status, CONTENT_SCHEDULED);
        assert_null(stored(c, &t, i).publishing.last_error.p);
        must(store_publication_last(c, &t.contents[i].id, &row));
        assert_int_equal(row.state, PUBLICATION_REFUSED);
    }
    deliver(c, &t, 1, NULL); /* it need not be looked for */
    assert_int_equal(stored(c, &t, 0).status, CONTENT_PUBLISHED);
    must(in_transaction(c, pause_mission, NULL));
    deliver(c, &t, POSTS, NULL);
    struct str seen = stop(&s, c->arena);
    assert_int_equal(times(seen, "GET "), 0);
    assert_int_equal(times(seen, "POST "), 1);
    assert_int_equal(stored(c, &t, 1).status, CONTENT_SCHEDULED);
    assert_int_equal(t.deliveries[1].state, DELIVERY_NONE);
}

/* Its answer was lost, it did not arrive, and meanwhile its mission was paused. */
static void what_never_arrived_is_not_sent_for_a_paused_mission(void **state)
{
    struct ctx *c = *state;
    struct together t;
    struct server s = answering(c, NULL, answer(c->arena, "200 OK", S("{\"data\":[]}")), NULL);
    make_posts(c, &t);
    deliver(c, &t, 1, NULL);
    assert_int_equal(stored(c, &t, 0).status, CONTENT_PUBLISHING);
    must(in_transaction(c, pause_mission, NULL));
    deliver(c, &t, 1, NULL);
    struct str seen = stop(&s, c->arena);
    assert_int_equal(times(seen, "POST "), 1);
    assert_int_equal(times(seen, "GET "), 1);
    assert_int_equal(stored(c, &t, 0).status, CONTENT_SCHEDULED);
    assert_int_equal(t.deliveries[0].state, DELIVERY_NONE);
}

static void looking_is_given_back_too(void **state)
{
    struct ctx *c = *state;
    struct fetch_watch stopping = {.wanted = never};
    const char *answers[] = {post(c->arena, "PENDING", false), post(c->arena, "PENDING", false)};
    struct server s = provider(c, 2, answers);
    struct together t;
    make_posts(c, &t);
    deliver(c, &t, 1, NULL);
    stop(&s, c->arena);
    assert_int_equal(t.deliveries[0].state, DELIVERY_WAITING);
    must(db_command(c, "UPDATE job SET lease = 5, locked_until_ms = 8000000000000"));
    deliver(c, &t, 1, &stopping);
    assert_int_equal(t.deliveries[0].state,
                     DELIVERY_PAUSED); /* not an attempt, and no word of it */
    assert_null(stored(c, &t, 0).publishing.last_error.p);
}

static int64_t locked_until(struct ctx *c, const struct job *job)
{
    struct job j;
    must(store_job_get(c, &job->id, &j));
    return j.locked_until_ms;
}

/* As long as its calls may take: pictures come before the posts. */
static void a_job_is_held_for_all_its_calls(void **state)
{
    struct ctx *c = *state;
    int64_t began_ms = clock_ms(), lease_s = database.config.lease_s;
    struct server s =
        answering(c, answer(c->arena, "200 OK", S("https://x.example/copy.png")), NULL, NULL);
    struct together t;
    database.config.lease_s = 1;
    make_posts(c, &t);
    must(db_command(c, arena_printf(c->arena,
                                    "UPDATE content SET visuals = '[{\"type\":\"image\",\"url\":"
                                    "\"https://x.example/a.png\"}]' WHERE id = '%.*s'",
                                    STR(id_str(&t.contents[0].id)))
                           .p));
    t.jobs[0].locked_until_ms = began_ms + 1000;
    deliver(c, &t, 1, NULL);
    database.config.lease_s = lease_s;
    struct str seen = stop(&s, c->arena);
    assert_int_equal(times(seen, "GET "), 1);
    assert_int_equal(times(seen, "POST "), 1);
    assert_int_equal(t.deliveries[0].state, DELIVERY_RETRY);
    assert_true(locked_until(c, &t.jobs[0]) >= began_ms + 2 * database.config.metricool_timeout_ms);
}

/* What a transaction that failed had prolonged is not held. */
static void jobs_are_held_though_one_of_them_was_lost(void **state)
{
    struct ctx *c = *state;
    int64_t began_ms = clock_ms();
    struct server s = answering(c, NULL, NULL, NULL);
    struct together t;
    make_posts(c, &t);
    for (int i = 0; i < POSTS; i++)
        t.jobs[i].locked_until_ms = began_ms + 300;
    must(db_command(c, arena_printf(c->arena,
                                    "UPDATE job SET locked_until_ms = %" PRId64
                                    " WHERE tenant_id = '%.*s'",
                                    began_ms + 300, STR(id_str(&c->scope.tenant)))
                           .p));
    t.jobs[1].lease = 4;
    deliver(c, &t, POSTS, NULL);
    assert_int_equal(times(stop(&s, c->arena), "POST "), POSTS - 1);
    assert_true(locked_until(c, &t.jobs[0]) >= began_ms + database.config.metricool_timeout_ms);
    assert_true(locked_until(c, &t.jobs[2]) >= began_ms + database.config.metricool_timeout_ms);
    assert_int_equal(locked_until(c, &t.jobs[1]), began_ms + 300);
}

/* Two that are alike to the word: the one post that is there is one of theirs only. */
static void what_is_found_is_taken_once(void **state)
{
    struct ctx *c = *state;
    const char *there = post(c->arena, "PUBLISHED", true);
    struct together t;
    struct server s = answering(c, NULL, NULL, NULL);
    make_posts(c, &t);
    deliver(c, &t, 2, NULL); /* both answers are lost */
    stop(&s, c->arena);
    s = answering(c, there, post(c->arena, "PUBLISHED", false), NULL);
    deliver(c, &t, 2, NULL);
    struct str seen = stop(&s, c->arena);
    assert_int_equal(times(seen, "GET "), 1); /* both are looked for in one list */
    assert_int_equal(times(seen, "POST "), 1);
    assert_int_equal(stored(c, &t, 0).status, CONTENT_PUBLISHED);
    assert_int_equal(stored(c, &t, 1).status, CONTENT_PUBLISHED);
    assert_int_equal(stored(c, &t, 0).publishing.attempts + stored(c, &t, 1).publishing.attempts,
                     3);
}

/* A place that was kept free is used once; who comes back later asks for another. */
static void a_reserved_place_is_used_up(void **state)
{
    struct ctx *c = *state;
    const char *pending = post(c->arena, "PENDING", false);
    struct server s = answering(c, pending, pending, pending);
    struct together t;
    make_posts(c, &t);
    t.jobs[0].stage = JOB_STAGE_RESERVED;
    deliver(c, &t, 1, NULL);
    stop(&s, c->arena);
    assert_int_equal(t.deliveries[0].state, DELIVERY_WAITING);
    struct job j;
    must(store_job_get(c, &t.jobs[0].id, &j));
    assert_int_equal(j.stage, 0);
}

/* After so many failures one tries; the others wait for what becomes of it, and not for longer. */
static void those_beside_a_probe_that_went_well_go_on(void **state)
{
    struct ctx *c = *state;
    const char *out = post(c->arena, "PUBLISHED", false);
    struct server s = answering(c, out, out, out);
    struct integration i;
    struct together t;
    make_posts(c, &t);
    must(store_integration_get(c, &i));
    i.status = INTEGRATION_DEGRADED;
    i.failures = database.config.breaker_failures = 2;
    i.pause_ms = clock_ms() - 1;
    must(store_integration_health(c, &i));
    deliver(c, &t, POSTS, NULL);
    database.config.breaker_failures = 0;
    assert_int_equal(times(stop(&s, c->arena), "POST "), 1);
    assert_int_equal(count_state(&t, DELIVERY_PUBLISHED), 1);
    assert_int_equal(count_state(&t, DELIVERY_PAUSED), POSTS - 1);
    for (size_t k = 0; k < POSTS; k++)
        assert_true(t.deliveries[k].wait_ms <= 1000);
}

/* Each call about a post stands in the ledger. */
static void every_call_is_entered(void **state)
{
    struct ctx *c = *state;
    struct together t;
    struct list rows;
    static const struct col cols[] = {{"model", COL_TEXT, 0}};
    static const struct row row = ROW(struct str, cols);
    static const struct query calls = {
        .name = "cost.models",
        .sql = "SELECT :cols FROM cost WHERE tenant_id = :tenant AND livemode = :live"
               " ORDER BY model",
        .row = &row,
    };
    const char *answers[] = {post(c->arena, "PENDING", false), post(c->arena, "PUBLISHED", false)};
    struct server s = provider(c, 2, answers);
    make_posts(c, &t);
    deliver(c, &t, 1, NULL);
    stop(&s, c->arena);
    must(db_all(c, &calls, &rows));
    assert_int_equal(rows.n, 2);
    assert_true(str_eq(((const struct str *)rows.at)[0], S("posts.create")));
    assert_true(str_eq(((const struct str *)rows.at)[1], S("posts.get")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(three_posts_cost_no_more_statements_than_one, set_up),
        cmocka_unit_test_setup(webhooks_hear_of_all_with_no_more_statements_than_of_one, set_up),
        cmocka_unit_test_setup(looking_for_three_costs_no_more_statements_than_for_one, set_up),
        cmocka_unit_test_setup(one_that_is_refused_or_lost_leaves_the_others_alone, set_up),
        cmocka_unit_test_setup(one_whose_job_is_anothers_by_now_is_left_to_it, set_up),
        cmocka_unit_test_setup(one_that_no_platform_would_take_fails_alone, set_up),
        cmocka_unit_test_setup(what_is_not_wanted_any_more_waits_as_if_it_were_not_due, set_up),
        cmocka_unit_test_setup(what_never_arrived_is_not_sent_for_a_paused_mission, set_up),
        cmocka_unit_test_setup(looking_is_given_back_too, set_up),
        cmocka_unit_test_setup(a_job_is_held_for_all_its_calls, set_up),
        cmocka_unit_test_setup(jobs_are_held_though_one_of_them_was_lost, set_up),
        cmocka_unit_test_setup(what_is_found_is_taken_once, set_up),
        cmocka_unit_test_setup(a_reserved_place_is_used_up, set_up),
        cmocka_unit_test_setup(those_beside_a_probe_that_went_well_go_on, set_up),
        cmocka_unit_test_setup(every_call_is_entered, set_up),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    prepare("together");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return database_drop(&database) ? 1 : failed;
}
