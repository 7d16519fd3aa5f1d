/* test_archive.c: archiving a mission's content in bulk does what the table of transitions allows,
 * and counts it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "database.h"
#include "db/migrate.h"
#include "db/tx.h"
#include "store/archive.h"
#include "store/content.h"
#include "store/mission.h"

static struct database database;
static struct mission mission;
static struct content contents[CONTENT_STATUS_COUNT]; /* one in each state */

static void must(error e)
{
    if (e)
        fail_msg("%.*s: %.*s", STR(e->wire), STR(e->cause));
}

static error do_insert(struct ctx *c, void *arg)
{
    (void)arg;
    TRY(store_mission_insert(c, &mission));
    for (int i = CONTENT_NONE + 1; i < CONTENT_STATUS_COUNT; i++)
        TRY(store_content_insert(c, &contents[i]));
    return NULL;
}

static error do_archive_from(struct ctx *c, void *from_ms)
{
    return store_archive_from(c, &mission.id, *(int64_t *)from_ms);
}

static error do_archive_next(struct ctx *c, void *more)
{
    return store_archive_next(c, &mission.id, more);
}

static int set_up(void **state)
{
    struct ctx *c = &database.ctx;
    *state = c;
    c->scope = (struct scope){id_new(clock_ms()), false};
    mission = (struct mission){.id = id_new(c->now_ms),
                               .name = S("Spring"),
                               .status = MISSION_ACTIVE,
                               .objectives = S("[\"Drive awareness\"]"),
                               .platforms = S("[\"twitter\"]"),
                               .platform_set = 1 << PLATFORM_TWITTER,
                               .constraints = S("{}"),
                               .kpis = S("[]"),
                               .starts_ms = c->now_ms,
                               .ends_ms = c->now_ms + DAY_MS,
                               .created_ms = c->now_ms,
                               .updated_ms = c->now_ms};
    for (int i = CONTENT_NONE + 1; i < CONTENT_STATUS_COUNT; i++)
        contents[i] = (struct content){
            .id = id_new(c->now_ms),
            .mission_id = mission.id,
            .platform = PLATFORM_TWITTER,
            .type = TYPE_POST,
            .status = i,
            .slot_ms = c->now_ms + i * HOUR_MS,
            .copy = S("{\"primary\":\"Hello world\"}"),
            .visuals = S("[]"),
            .metadata = {.tags = S("[]"), .language = S("en"), .model = S("builtin")},
            .scheduling = {.zone = S("UTC")},
            .version = 1,
            .created_ms = c->now_ms,
            .updated_ms = c->now_ms};
    must(in_transaction(c, do_insert, NULL));
    return 0;
}

/* Where the table lets content go that leaves the calendar. */
static int archived(int from)
{
    enum content_status state = (enum content_status)from, to;
    if (content_next(state, CONTENT_UNSCHEDULE, &to))
        state = to;
    return content_next(state, CONTENT_ARCHIVE, &to) ? (int)to : from;
}

static void assert_states(struct ctx *c, int first_archived)
{
    int64_t expected[CONTENT_STATUS_COUNT] = {0}, counted[CONTENT_STATUS_COUNT];
    struct content x;
    for (int i = CONTENT_NONE + 1; i < CONTENT_STATUS_COUNT; i++) {
        int state = i < first_archived ? i : archived(i);
        must(store_content_get(c, &contents[i].id, &x));
        assert_int_equal(x.status, state);
        expected[state]++;
    }
    must(store_content_by_state(c, &mission.id, counted));
    assert_memory_equal(counted, expected, sizeof expected);
}

static void all_that_may_be_archived_is_and_nothing_else(void **state)
{
    bool more;
    must(in_transaction(*state, do_archive_next, &more));
    assert_states(*state, CONTENT_NONE);
    assert_false(more);
    must(in_transaction(*state, do_archive_next, &more)); /* again: nothing is left to do */
    assert_states(*state, CONTENT_NONE);
}

static void what_comes_before_a_time_stays_as_it_is(void **state)
{
    struct ctx *c = *state;
    int64_t from_ms = contents[CONTENT_APPROVED].slot_ms;
    must(in_transaction(c, do_archive_from, &from_ms));
    assert_states(c, CONTENT_APPROVED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(all_that_may_be_archived_is_and_nothing_else, set_up),
        cmocka_unit_test_setup(what_comes_before_a_time_stays_as_it_is, set_up),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    must(database_make(&database, "archive"));
    must(migrate(&database.ctx, NULL, NULL));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    must(database_drop(&database));
    return failed;
}
