/* test_disconnect.c: who leaves an account hears of each post what became of it: the promises of
 * delivery_disconnect(), kept by a real database against a provider that plays a script. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "delivering.h"

/* Hands the post over, after which the provider has it and has not brought it out. */
static void hand_over(struct ctx *c)
{
    struct delivery d;
    must(delivery_now(c, &content.id, &d));
    assert_int_equal(d.state, DELIVERY_WAITING);
    assert_int_equal(now(c).status, CONTENT_PUBLISHING);
}

static void leave_account(struct ctx *c, size_t taken_back, size_t left_behind)
{
    struct list cancelled, left;
    struct integration i;
    must(delivery_disconnect(c, &cancelled, &left));
    assert_int_equal(cancelled.n, taken_back);
    assert_int_equal(left.n, left_behind);
    if (taken_back)
        assert_true(str_eq(id_str((const struct id *)cancelled.at), id_str(&content.id)));
    if (left_behind)
        assert_true(str_eq(id_str((const struct id *)left.at), id_str(&content.id)));
    must(store_integration_get(c, &i));
    assert_int_equal(i.status, INTEGRATION_DISCONNECTED);
    assert_null(i.token_sealed.p);
}

static void what_the_provider_has_is_taken_back_and_approved_again(void **state)
{
    struct ctx *c = *state;
    const char *answers[] = {post(c->arena, "PENDING", false), post(c->arena, "PENDING", false),
                             answer(c->arena, "200 OK", S("{}"))};
    struct server s = provider(c, 3, answers);
    struct publication_row row;
    hand_over(c);
    leave_account(c, 1, 0);
    assert_int_equal(times(stop(&s, c->arena), "DELETE /api/v2/scheduler/posts/7"), 1);
    assert_int_equal(now(c).status, CONTENT_APPROVED);
    assert_null(now(c).publishing.provider_post_id.p);
    must(store_publication_last(c, &content.id, &row));
    assert_int_equal(row.state, PUBLICATION_REFUSED);
}

static void what_cannot_be_taken_back_is_said_to_be_left(void **state)
{
    struct ctx *c = *state;
    const char *answers[] = {post(c->arena, "PENDING", false), post(c->arena, "PENDING", false),
                             answer(c->arena, "500 Oops", S("{}"))};
    struct server s = provider(c, 3, answers);
    hand_over(c);
    leave_account(c, 0, 1);
    assert_int_equal(times(stop(&s, c->arena), "DELETE "), 1);
    assert_int_equal(now(c).status, CONTENT_PUBLISHING);
}

/* A provider that says nothing within the time limit may or may not have let the post go. */
static void what_is_not_answered_for_is_said_to_be_left(void **state)
{
    struct ctx *c = *state;
    const char *answers[] = {post(c->arena, "PENDING", false), post(c->arena, "PENDING", false),
                             HANG};
    struct server s = provider(c, 3, answers);
    hand_over(c);
    database.config.metricool_timeout_ms = 200;
    leave_account(c, 0, 1);
    database.config.metricool_timeout_ms = 2000;
    assert_int_equal(times(stop(&s, c->arena), "DELETE "), 1);
    assert_int_equal(now(c).status, CONTENT_PUBLISHING);
}

static void through_a_token_that_is_refused_nobody_is_asked(void **state)
{
    struct ctx *c = *state;
    const char *answers[] = {post(c->arena, "PENDING", false), post(c->arena, "PENDING", false)};
    struct server s = provider(c, 2, answers);
    struct integration i;
    hand_over(c);
    must(store_integration_get(c, &i));
    i.status = INTEGRATION_ERROR;
    must(store_integration_health(c, &i));
    leave_account(c, 0, 1);
    assert_int_equal(times(stop(&s, c->arena), "DELETE "), 0);
}

static error put_attempt(struct ctx *c, void *arg)
{
    const struct publication_row *row = arg;
    return store_publications_insert(c, &row, 1);
}

static void all_that_is_left_is_named(void **state)
{
    enum { MANY = 150 };
    struct ctx *c = *state;
    struct list cancelled, left;
    struct integration i;
    must(store_integration_get(c, &i));
    i.status = INTEGRATION_ERROR; /* nobody is asked */
    must(store_integration_health(c, &i));
    for (int n = 0; n < MANY; n++) {
        make(c, CONTENT_PUBLISHING, S("{\"primary\":\"Hello world\"}"));
        struct publication_row row = {.content = content.id,
                                      .attempt = 1,
                                      .state = PUBLICATION_ACCEPTED,
                                      .platform = PLATFORM_TWITTER,
                                      .type = TYPE_POST,
                                      .copy = content.copy,
                                      .media = S("[]"),
                                      .publish_ms = NOW_MS};
        must(in_transaction(c, put_attempt, &row));
    }
    must(delivery_disconnect(c, &cancelled, &left));
    assert_int_equal(cancelled.n, 0);
    assert_int_equal(left.n, MANY);
}

static void what_was_not_handed_over_waits_for_another_account(void **state)
{
    struct ctx *c = *state;
    make(c, CONTENT_SCHEDULED, S("{\"primary\":\"Hello world\"}"));
    leave_account(c, 0, 0);
    assert_int_equal(now(c).status, CONTENT_SCHEDULED);
    leave_account(c, 0, 0); /* again: there is nothing to leave */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_the_provider_has_is_taken_back_and_approved_again, set_up),
        cmocka_unit_test_setup(what_cannot_be_taken_back_is_said_to_be_left, set_up),
        cmocka_unit_test_setup(what_is_not_answered_for_is_said_to_be_left, set_up),
        cmocka_unit_test_setup(through_a_token_that_is_refused_nobody_is_asked, set_up),
        cmocka_unit_test_setup(all_that_is_left_is_named, set_up),
        cmocka_unit_test_setup(what_was_not_handed_over_waits_for_another_account, set_up),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    prepare("disconnect");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    must(database_drop(&database));
    return failed;
}
