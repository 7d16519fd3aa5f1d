/* test_delivery.c: one post, whatever happens: the promises of delivery/delivery.h, kept by a real
 * database against a provider that plays a script. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "delivering.h"

static void must_be(enum error_code code, error e)
{
    if (!error_is(e, code))
        fail_msg("%.*s: %.*s", STR(e ? e->wire : S("success")), STR(e ? e->cause : S("")));
}

static struct publication_row last_attempt(struct ctx *c)
{
    struct publication_row row;
    must(store_publication_last(c, &content.id, &row));
    return row;
}

/* The content's publish job, held by us. */
static struct job hold_job(struct ctx *c)
{
    struct job j = {.ref = content.id, .lease = 5};
    struct job_lock lock = {clock_ms() + HOUR_MS, j.lease};
    must(store_job_put(c, JOB_CONTENT_PUBLISH, &content.id, c->now_ms, &lock, &j.id));
    return j;
}

static enum delivery_state step(struct ctx *c, bool last_try)
{
    struct job j = hold_job(c);
    struct content x = now(c);
    struct delivery d = delivery_of(&j, &x, last_try);
    delivery_step(c, &d, 1, NULL);
    must(d.failure);
    return d.state;
}

static void an_accepted_post_that_is_out_is_published(void **state)
{
    struct ctx *c = *state;
    const char *answers[] = {post(c->arena, "PENDING", false), post(c->arena, "PUBLISHED", false)};
    struct server s = provider(c, 2, answers);
    struct delivery d;
    struct content x;
    struct job j;
    must(delivery_now(c, &content.id, &d));
    assert_int_equal(times(stop(&s, c->arena), "POST "), 1);
    assert_int_equal(d.state, DELIVERY_PUBLISHED);
    x = now(c);
    assert_int_equal(x.status, CONTENT_PUBLISHED);
    assert_int_equal(x.publishing.published_ms, NOW_MS);
    assert_int_equal(x.publishing.attempts, 1);
    assert_true(str_eq(x.publishing.platform_post_id, S("test_1")));
    assert_true(str_eq(x.publishing.platform_url, S("https://x.example/1")));
    assert_true(str_eq(x.publishing.provider_post_id, S("7")));
    assert_int_equal(last_attempt(c).state, PUBLICATION_PUBLISHED);
    must(store_job_get(c, &d.job.id, &j));
    assert_int_equal(j.state, JOB_DONE);
}

static void a_pending_post_is_watched_until_it_is_out(void **state)
{
    struct ctx *c = *state;
    const char *answers[] = {post(c->arena, "PENDING", false), post(c->arena, "PENDING", false),
                             post(c->arena, "PUBLISHED", false)};
    struct server s = provider(c, 3, answers);
    struct delivery d;
    must(delivery_now(c, &content.id, &d));
    assert_int_equal(d.state, DELIVERY_WAITING);
    assert_int_equal(d.again_ms, NOW_MS + 15000);
    assert_int_equal(now(c).status, CONTENT_PUBLISHING);
    assert_int_equal(step(c, false), DELIVERY_PUBLISHED);
    assert_int_equal(times(stop(&s, c->arena), "POST "), 1);
    assert_int_equal(now(c).status, CONTENT_PUBLISHED);
}

static void a_post_whose_answer_was_lost_is_found_and_not_sent_again(void **state)
{
    struct ctx *c = *state;
    const char *answers[] = {NULL, post(c->arena, "PENDING", true),
                             post(c->arena, "PUBLISHED", false)};
    struct server s = provider(c, 3, answers);
    struct delivery d;
    must(delivery_now(c, &content.id, &d));
    assert_int_equal(d.state, DELIVERY_RETRY);
    assert_int_equal(d.wait_ms, 1000);
    assert_int_equal(last_attempt(c).state, PUBLICATION_UNCLEAR);
    assert_int_equal(step(c, false), DELIVERY_PUBLISHED);
    assert_int_equal(times(stop(&s, c->arena), "POST "), 1);
    assert_int_equal(now(c).publishing.attempts, 1);
}

static void a_post_that_never_arrived_is_sent_again(void **state)
{
    struct ctx *c = *state;
    const char *answers[] = {NULL, answer(c->arena, "200 OK", S("{\"data\":[]}")),
                             post(c->arena, "PENDING", false), post(c->arena, "PUBLISHED", false)};
    struct server s = provider(c, 4, answers);
    struct delivery d;
    must(delivery_now(c, &content.id, &d));
    assert_int_equal(step(c, false), DELIVERY_PUBLISHED);
    assert_int_equal(times(stop(&s, c->arena), "POST "), 2);
    assert_int_equal(now(c).publishing.attempts, 2);
    assert_int_equal(last_attempt(c).attempt, 2);
}

/* As if the process had been killed between sending and writing down. */
static void after_a_crash_it_is_looked_for_before_anything_is_sent(void **state)
{
    struct ctx *c = *state;
    const char *answers[] = {NULL, post(c->arena, "PUBLISHED", true),
                             post(c->arena, "PUBLISHED", false)};
    struct server s = provider(c, 3, answers);
    struct delivery d;
    must(delivery_now(c, &content.id, &d));
    must(db_command(c, "UPDATE publication SET state = 1, sent_ms = NULL WHERE state = 2"));
    assert_int_equal(step(c, false), DELIVERY_PUBLISHED);
    assert_int_equal(times(stop(&s, c->arena), "POST "), 1);
}

static void a_refusal_is_final_and_says_why(void **state)
{
    struct ctx *c = *state;
    const char *answers[] = {answer(c->arena, "400 No", S("{\"detail\":\"It is rude.\"}"))};
    struct server s = provider(c, 1, answers);
    struct delivery d;
    must(delivery_now(c, &content.id, &d));
    stop(&s, c->arena);
    assert_int_equal(d.state, DELIVERY_FAILED);
    assert_int_equal(now(c).status, CONTENT_FAILED);
    assert_true(str_ends(now(c).publishing.last_error, S("It is rude.")));
    assert_int_equal(last_attempt(c).state, PUBLICATION_REFUSED);
}

static void a_post_that_the_network_did_not_take_has_failed(void **state)
{
    struct ctx *c = *state;
    const char *answers[] = {post(c->arena, "PENDING", false), post(c->arena, "ERROR", false)};
    struct server s = provider(c, 2, answers);
    struct delivery d;
    must(delivery_now(c, &content.id, &d));
    stop(&s, c->arena);
    assert_int_equal(d.state, DELIVERY_FAILED);
    assert_true(str_eq(d.content.publishing.last_error, S("X did not take the post: so it is")));
}

static void a_provider_that_is_away_is_tried_again(void **state)
{
    struct ctx *c = *state;
    struct delivery d;
    must(delivery_now(c, &content.id, &d)); /* nobody listens there */
    assert_int_equal(d.state, DELIVERY_RETRY);
    assert_int_equal(now(c).status, CONTENT_PUBLISHING);
    assert_true(now(c).publishing.last_error.n > 0);
}

static void given_up_is_failed_but_looked_for_when_tried_anew(void **state)
{
    struct ctx *c = *state;
    const char *answers[] = {NULL, post(c->arena, "PUBLISHED", true),
                             post(c->arena, "PUBLISHED", false)};
    struct server s;
    struct delivery d;
    s = provider(c, 1, answers);
    must(delivery_now(c, &content.id, &d));
    struct str first = stop(&s, c->arena);
    assert_int_equal(step(c, true), DELIVERY_FAILED); /* it does not even answer any more */
    assert_int_equal(now(c).status, CONTENT_FAILED);
    s = provider(c, 2, answers + 1);
    must(delivery_now(c, &content.id, &d));
    assert_int_equal(d.state, DELIVERY_PUBLISHED);
    assert_int_equal(times(first, "POST ") + times(stop(&s, c->arena), "POST "), 1);
}

/* The session's next transactions that write an attempt down meet another one. */
static void collide(struct ctx *c, int inserts, int updates)
{
    must(db_command(
        c, arena_printf(c->arena, "SET @inserts = %d, @updates = %d", inserts, updates).p));
}

static void make_collisions(struct ctx *c)
{
    static const char *const kinds[] = {"insert", "update"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        must(db_command(
            c, arena_printf(c->arena,
                            "CREATE TRIGGER on_%s BEFORE %s ON publication FOR EACH ROW BEGIN"
                            " IF @%ss > 0 THEN SET @%ss = @%ss - 1;"
                            " SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213; END IF; END",
                            kinds[i], kinds[i], kinds[i], kinds[i], kinds[i])
                   .p));
}

static void a_new_attempt_that_collides_is_begun_once_more(void **state)
{
    struct ctx *c = *state;
    const char *answers[] = {NULL, answer(c->arena, "200 OK", S("{\"data\":[]}")),
                             post(c->arena, "PENDING", false), post(c->arena, "PUBLISHED", false)};
    struct server s = provider(c, 4, answers);
    struct delivery d;
    must(delivery_now(c, &content.id, &d));
    collide(c, 1, 0);
    assert_int_equal(step(c, false), DELIVERY_PUBLISHED);
    assert_int_equal(times(stop(&s, c->arena), "POST "), 2);
    assert_int_equal(last_attempt(c).attempt, 2);
}

static void what_is_not_written_down_is_left_to_the_worker(void **state)
{
    struct ctx *c = *state;
    const char *answers[] = {answer(c->arena, "400 No", S("{\"detail\":\"It is rude.\"}"))};
    struct server s = provider(c, 1, answers);
    struct delivery d;
    struct job j;
    collide(c, 0, 100);
    must_be(ERR_RETRY, delivery_now(c, &content.id, &d));
    assert_int_equal(d.wait_ms, 1000); /* nobody looks before it can be seen there */
    collide(c, 0, 0);
    stop(&s, c->arena);
    assert_int_equal(now(c).status, CONTENT_PUBLISHING);
    must(store_job_get(c, &d.job.id, &j));
    assert_int_equal(j.state, JOB_OPEN);
}

static void a_post_that_is_not_shown_yet_is_not_given_up(void **state)
{
    struct ctx *c = *state;
    const char *answers[] = {post(c->arena, "PENDING", false), answer(c->arena, "404 No", S("{}")),
                             answer(c->arena, "200 OK", S("{\"data\":[]}")),
                             post(c->arena, "PUBLISHED", false)};
    struct server s = provider(c, 4, answers);
    struct delivery d;
    must(delivery_now(c, &content.id, &d));
    assert_int_equal(d.state, DELIVERY_RETRY);
    assert_int_equal(now(c).status, CONTENT_PUBLISHING);
    assert_int_equal(step(c, false), DELIVERY_PUBLISHED);
    assert_int_equal(times(stop(&s, c->arena), "POST "), 1);
}

static void what_goes_wrong_to_the_end_fails_where_people_see_it(void **state)
{
    struct ctx *c = *state;
    struct integration row;
    struct content x;
    struct delivery d;
    struct job j;
    must(store_integration_get(c, &row));
    row.token_sealed = S("sealed with a key that is lost");
    must(store_integration_put(c, &row));
    make(c, CONTENT_SCHEDULED, S("{\"primary\":\"Hello world\"}"));
    j = hold_job(c);
    x = now(c);
    d = delivery_of(&j, &x, false);
    delivery_step(c, &d, 1, NULL);
    must_be(ERR_INTERNAL, d.failure);
    assert_int_equal(step(c, true), DELIVERY_FAILED);
    assert_int_equal(now(c).status, CONTENT_FAILED);
}

static void whoever_comes_second_sends_nothing(void **state)
{
    struct ctx *c = *state;
    struct delivery d;
    must(delivery_now(c, &content.id, &d));
    must_be(ERR_INVALID_STATE, delivery_now(c, &content.id, &d));
}

static void whoever_lost_the_job_sends_nothing(void **state)
{
    struct ctx *c = *state;
    struct content x;
    struct job j;
    struct delivery d;
    make(c, CONTENT_SCHEDULED, S("{\"primary\":\"Hello world\"}"));
    j = hold_job(c);
    hold_job(c);
    j.lease = 4;
    x = now(c);
    d = delivery_of(&j, &x, false);
    delivery_step(c, &d, 1, NULL);
    must(d.failure);
    assert_int_equal(d.state, DELIVERY_NONE);
    assert_int_equal(now(c).status, CONTENT_SCHEDULED);
}

static void scheduled_content_goes_out_at_its_time_and_not_before(void **state)
{
    struct ctx *c = *state;
    const char *answers[] = {post(c->arena, "PUBLISHED", false),
                             post(c->arena, "PUBLISHED", false)};
    struct server s;
    make(c, CONTENT_SCHEDULED, S("{\"primary\":\"Hello world\"}"));
    c->now_ms = NOW_MS - 1;
    assert_int_equal(step(c, false), DELIVERY_WAITING);
    assert_int_equal(now(c).status, CONTENT_SCHEDULED);
    c->now_ms = NOW_MS;
    s = provider(c, 2, answers);
    assert_int_equal(step(c, false), DELIVERY_PUBLISHED);
    assert_true(has(stop(&s, c->arena), "2024-01-16T14:00:00"));
}

static void what_the_platform_would_refuse_fails_before_anything_is_sent(void **state)
{
    struct ctx *c = *state;
    char *text = arena_alloc(c->arena, 400);
    memset(text, 'a', 399);
    make(c, CONTENT_SCHEDULED, arena_printf(c->arena, "{\"primary\":\"%s\"}", text));
    assert_int_equal(step(c, false), DELIVERY_FAILED);
    assert_int_equal(now(c).status, CONTENT_FAILED);
    assert_true(str_ends(now(c).publishing.last_error, S("X allows 280.")));
    assert_int_equal(now(c).publishing.attempts, 0);
}

/* Where pins go is named with the account. */
static void a_pin_without_a_board_is_refused_before_anything_is_sent(void **state)
{
    struct ctx *c = *state;
    struct brand_network pinterest = {.platform = PLATFORM_PINTEREST};
    struct brand brand = {.blog_id = S("12"), .user_id = S("22"), .networks = {&pinterest, 1}};
    struct integration row;
    struct connection to;
    struct delivery d;
    must(account_row(c, &brand, (struct str){0}, &row));
    must(store_integration_put(c, &row));
    must(db_command(c, "UPDATE content SET platform = 9"));
    must_be(ERR_VALIDATION_FAILED, delivery_now(c, &content.id, &d));
    assert_int_equal(now(c).status, CONTENT_APPROVED);
    row.pinterest_board_id = S("77");
    must(connection_put(c, &row));
    row.pinterest_board_id = (struct str){0};
    must(connection_put(c, &row)); /* the same brand, with another token */
    must(account_of(c, &to));
    assert_true(str_eq(to.account.pinterest_board_id, S("77")));
    must(account_check_board(c, PLATFORM_PINTEREST, to.account.pinterest_board_id));
    row.blog_id = S("13");
    must(connection_put(c, &row)); /* another brand has other boards */
    must(account_of(c, &to));
    assert_int_equal(to.account.pinterest_board_id.n, 0);
}

static void without_an_account_nothing_changes_or_it_fails(void **state)
{
    struct ctx *c = *state;
    struct delivery d;
    c->scope.live = true;
    make(c, CONTENT_APPROVED, S("{\"primary\":\"Hello world\"}"));
    must_be(ERR_NOT_CONNECTED, delivery_now(c, &content.id, &d));
    assert_int_equal(now(c).status, CONTENT_APPROVED);
    make(c, CONTENT_SCHEDULED, S("{\"primary\":\"Hello world\"}"));
    assert_int_equal(step(c, false), DELIVERY_FAILED);
    assert_int_equal(now(c).status, CONTENT_FAILED);
}

static error do_pause(struct ctx *c, void *arg)
{
    (void)arg;
    return store_mission_move(c, &mission, MISSION_PAUSED, (struct str){0});
}

static void a_paused_mission_publishes_nothing(void **state)
{
    struct ctx *c = *state;
    struct delivery d;
    must(in_transaction(c, do_pause, NULL));
    must_be(ERR_INVALID_STATE, delivery_now(c, &content.id, &d));
    make(c, CONTENT_SCHEDULED, S("{\"primary\":\"Hello world\"}"));
    must(in_transaction(c, do_pause, NULL));
    assert_int_equal(step(c, false), DELIVERY_NONE);
    assert_int_equal(now(c).status, CONTENT_SCHEDULED);
}

static void a_token_is_sealed_for_its_tenant(void **state)
{
    struct ctx *c = *state;
    struct brand brand = {.blog_id = S("11")};
    struct integration row;
    struct connection to;
    c->scope.live = true;
    must(account_row(c, &brand, S("secret"), &row));
    assert_false(str_contains_nocase(row.token_sealed, S("secret")));
    must(store_integration_put(c, &row));
    must(account_of(c, &to));
    assert_true(str_eq(to.account.token, S("secret")));
    c->scope.tenant = id_new(clock_ms());
    must(store_integration_put(c, &row));
    must_be(ERR_INTERNAL, account_of(c, &to));
}

static void test_mode_gets_an_account_of_the_sandbox(void **state)
{
    struct ctx *c = *state;
    const char *answers[] = {
        answer(c->arena, "200 OK",
               S("{\"data\":[{\"id\":5,\"userId\":6,\"networksData\":{\"blueskyData\":{}}}]}"))};
    struct server s = provider(c, 1, answers);
    struct connection to;
    struct str seen;
    c->scope.tenant = id_new(clock_ms());
    must(account_of(c, &to));
    seen = stop(&s, c->arena);
    assert_true(has(seen, arena_cstr(c->arena, arena_printf(c->arena, "X-Mc-Auth: sandbox_%.*s",
                                                            STR(id_str(&c->scope.tenant))))));
    must(account_of(c, &to)); /* from now on it is known */
    assert_true(str_eq(to.account.blog_id, S("5")));
    assert_int_equal(to.platforms, 1u << PLATFORM_BLUESKY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_accepted_post_that_is_out_is_published, set_up),
        cmocka_unit_test_setup(a_pending_post_is_watched_until_it_is_out, set_up),
        cmocka_unit_test_setup(a_post_whose_answer_was_lost_is_found_and_not_sent_again, set_up),
        cmocka_unit_test_setup(a_post_that_never_arrived_is_sent_again, set_up),
        cmocka_unit_test_setup(after_a_crash_it_is_looked_for_before_anything_is_sent, set_up),
        cmocka_unit_test_setup(a_refusal_is_final_and_says_why, set_up),
        cmocka_unit_test_setup(a_post_that_the_network_did_not_take_has_failed, set_up),
        cmocka_unit_test_setup(a_provider_that_is_away_is_tried_again, set_up),
        cmocka_unit_test_setup(given_up_is_failed_but_looked_for_when_tried_anew, set_up),
        cmocka_unit_test_setup(a_new_attempt_that_collides_is_begun_once_more, set_up),
        cmocka_unit_test_setup(what_is_not_written_down_is_left_to_the_worker, set_up),
        cmocka_unit_test_setup(a_post_that_is_not_shown_yet_is_not_given_up, set_up),
        cmocka_unit_test_setup(what_goes_wrong_to_the_end_fails_where_people_see_it, set_up),
        cmocka_unit_test_setup(whoever_comes_second_sends_nothing, set_up),
        cmocka_unit_test_setup(whoever_lost_the_job_sends_nothing, set_up),
        cmocka_unit_test_setup(scheduled_content_goes_out_at_its_time_and_not_before, set_up),
        cmocka_unit_test_setup(what_the_platform_would_refuse_fails_before_anything_is_sent,
                               set_up),
        cmocka_unit_test_setup(a_pin_without_a_board_is_refused_before_anything_is_sent, set_up),
        cmocka_unit_test_setup(without_an_account_nothing_changes_or_it_fails, set_up),
        cmocka_unit_test_setup(a_paused_mission_publishes_nothing, set_up),
        cmocka_unit_test_setup(a_token_is_sealed_for_its_tenant, set_up),
        cmocka_unit_test_setup(test_mode_gets_an_account_of_the_sandbox, set_up),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    prepare("delivery");
    make_collisions(&database.ctx);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    must(database_drop(&database));
    return failed;
}
