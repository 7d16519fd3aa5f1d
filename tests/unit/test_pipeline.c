/* test_pipeline.c: how a mission becomes texts in a calendar: the jobs of pipeline/jobs.h, on a
 * real database and on a clock that the test moves. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "database.h"
#include "db/migrate.h"
#include "db/tx.h"
#include "delivery/account.h"
#include "pipeline/stages.h"
#include "server.h"
#include "store/content.h"
#include "store/identity.h"
#include "store/metrics.h"
#include "work/worker.h"

/* 2024-01-15T00:00:00Z, a Monday. */
#define START_MS INT64_C(1705276800000)

static struct database database;

static void must(error e)
{
    if (e)
        fail_msg("%.*s: %.*s", STR(e->wire), STR(e->cause));
}

static void must_be(enum error_code code, error e)
{
    if (!error_is(e, code))
        fail_msg("%.*s: %.*s", STR(e ? e->wire : S("success")), STR(e ? e->cause : S("")));
}

static void move_clock(struct ctx *c, int64_t now_ms)
{
    c->now_ms = now_ms;
    must(store_clock_set(c, now_ms));
}

/* Each test has an empty queue, and a tenant whose test clock stands at the start. */
static int set_up(void **state)
{
    struct ctx *c = &database.ctx;
    *state = c;
    c->scope = (struct scope){id_new(clock_ms()), false};
    must(db_command(c, "DELETE FROM job"));
    must(db_command(c, "DELETE FROM test_clock"));
    move_clock(c, START_MS);
    return 0;
}

static void work_with(const struct llm_ops *writer)
{
    struct llm llm = {.ops = writer, .config = &database.config};
    struct pipeline pipeline = {.llm = &llm};
    struct worker_setup w = {
        .config = &database.config,
        .db = database.ctx.db,
        .types = pipeline_jobs,
        .self = &pipeline,
        .once = true,
    };
    must(worker_run(&w));
}

static void work(void)
{
    work_with(&llm_builtin);
}

static error do_insert(struct ctx *c, void *arg)
{
    struct mission *m = arg;
    TRY(store_job_put(c, JOB_MISSION_RUN, &m->id, c->now_ms, NULL, &m->pipeline_job_id));
    return store_mission_insert(c, m);
}

/* A mission of 30 days, twice a day. */
static struct mission a_mission(struct ctx *c, struct str platforms, struct str constraints)
{
    struct mission m = {
        .id = id_new(c->now_ms),
        .name = S("Spring"),
        .status = MISSION_ACTIVE,
        .objectives = S("[\"Increase brand awareness among developers\"]"),
        .platforms = platforms,
        .constraints = arena_printf(
            c->arena, "{\"posting_times\":[\"09:00\",\"14:00\"],\"posts_per_day\":2,%.*s}",
            STR(constraints)),
        .kpis = S("[]"),
        .duration_days = 30,
        .starts_ms = START_MS,
        .ends_ms = START_MS + 30 * DAY_MS,
        .created_ms = c->now_ms,
        .updated_ms = c->now_ms,
    };
    must(mission_read_platforms(c->arena, &m));
    must(in_transaction(c, do_insert, &m));
    return m;
}

#define REVIEWED S("\"require_approval\":true")

static int64_t count_in(struct ctx *c, const struct mission *m, enum content_status status)
{
    int64_t counts[CONTENT_STATUS_COUNT];
    must(store_content_by_state(c, &m->id, counts));
    return counts[status];
}

static struct content first_in(struct ctx *c, const struct mission *m, enum content_status status)
{
    struct id from_the_first = {{0}};
    struct list found;
    must(store_content_in_state(c, &m->id, status, &from_the_first, 1, &found));
    assert_int_equal(found.n, 1);
    return *(const struct content *)found.at;
}

static int status_of(struct ctx *c, const struct mission *m)
{
    struct mission now;
    must(store_mission_get(c, &m->id, &now));
    return now.status;
}

static struct job job_of(struct ctx *c, const struct mission *m)
{
    struct job j;
    must(store_job_get(c, &m->pipeline_job_id, &j));
    return j;
}

static void texts_are_written_for_every_slot_up_to_the_horizon(void **state)
{
    struct ctx *c = *state;
    struct mission m = a_mission(c, S("[\"twitter\",\"linkedin\"]"), REVIEWED);
    struct list slots;
    struct str output;
    work();
    assert_int_equal(count_in(c, &m, CONTENT_PENDING_REVIEW), 7 * 2 * 2);
    must(store_content_slots(c, &m.id, PLATFORM_LINKEDIN, 0, INT64_MAX, &slots));
    assert_int_equal(slots.n, 14);
    for (size_t i = 0; i < slots.n; i++)
        assert_int_equal(((const int64_t *)slots.at)[i],
                         START_MS + (int64_t)(i / 2) * DAY_MS + (i % 2 ? 14 : 9) * HOUR_MS);
    for (int stage = STAGE_INTAKE; stage <= STAGE_CONTENT; stage++)
        must(store_stage_get(c, &m.id, (enum stage)stage, &output));
    assert_int_equal(job_of(c, &m).state, JOB_OPEN);
    assert_int_equal(job_of(c, &m).progress, 100);
}

static void a_text_knows_where_it_comes_from(void **state)
{
    struct ctx *c = *state;
    struct mission m = a_mission(c, S("[\"twitter\"]"), REVIEWED);
    struct content x;
    work();
    x = first_in(c, &m, CONTENT_PENDING_REVIEW);
    assert_true(id_eq(&x.mission_id, &m.id));
    assert_true(str_eq(x.metadata.model, S("builtin")));
    assert_true(x.metadata.pillar.n > 0);
    assert_true(x.metadata.confidence > 0);
    assert_true(str_eq(x.metadata.language, S("en")));
    assert_true(x.review.required);
    assert_int_equal(x.scheduling.scheduled_ms, x.slot_ms);
}

static void texts_are_topped_up_as_the_clock_moves(void **state)
{
    struct ctx *c = *state;
    struct mission m = a_mission(c, S("[\"twitter\"]"), REVIEWED);
    work();
    move_clock(c, START_MS + 3 * DAY_MS);
    work();
    assert_int_equal(count_in(c, &m, CONTENT_PENDING_REVIEW), (7 + 3) * 2);
    work(); /* and no more than that */
    assert_int_equal(count_in(c, &m, CONTENT_PENDING_REVIEW), (7 + 3) * 2);
}

static void a_mission_is_completed_when_it_ends(void **state)
{
    struct ctx *c = *state;
    struct mission m = a_mission(c, S("[\"twitter\"]"), REVIEWED);
    work();
    move_clock(c, m.ends_ms);
    work();
    assert_int_equal(status_of(c, &m), MISSION_COMPLETED);
    assert_int_equal(job_of(c, &m).state, JOB_DONE);
    assert_int_equal(count_in(c, &m, CONTENT_PENDING_REVIEW), 30 * 2);
}

static error do_pause(struct ctx *c, void *arg)
{
    struct mission *m = arg;
    TRY(store_mission_move(c, m, MISSION_PAUSED, (struct str){0}));
    m->status = MISSION_PAUSED;
    return NULL;
}

static error do_resume(struct ctx *c, void *arg)
{
    struct mission *m = arg;
    TRY(store_mission_move(c, m, MISSION_ACTIVE, (struct str){0}));
    m->status = MISSION_ACTIVE;
    return store_job_put(c, JOB_MISSION_RUN, &m->id, c->now_ms, NULL, &m->pipeline_job_id);
}

static void a_paused_mission_writes_nothing_until_it_is_resumed(void **state)
{
    struct ctx *c = *state;
    struct mission m = a_mission(c, S("[\"twitter\"]"), REVIEWED);
    work();
    must(in_transaction(c, do_pause, &m));
    move_clock(c, START_MS + 2 * DAY_MS);
    work();
    assert_int_equal(count_in(c, &m, CONTENT_PENDING_REVIEW), 7 * 2);
    must(in_transaction(c, do_resume, &m));
    work();
    assert_int_equal(count_in(c, &m, CONTENT_PENDING_REVIEW), (7 + 2) * 2);
}

static void a_paused_mission_is_completed_too(void **state)
{
    struct ctx *c = *state;
    struct mission m = a_mission(c, S("[\"twitter\"]"), REVIEWED);
    must(in_transaction(c, do_pause, &m));
    move_clock(c, m.ends_ms);
    work();
    assert_int_equal(status_of(c, &m), MISSION_COMPLETED);
    assert_int_equal(count_in(c, &m, CONTENT_PENDING_REVIEW), 0);
}

struct due_job {
    int64_t run_ms;
};
static const struct col due_cols[] = {{"run_ms", COL_INT, 0}};
static const struct row due_row = ROW(struct due_job, due_cols);
static const struct query due_of = {
    .name = "test.due",
    .sql = "SELECT :cols FROM job WHERE tenant_id = :tenant AND livemode = :live AND type = 2"
           " AND state = 1 AND ref_id = ?",
    .row = &due_row,
};

static void texts_that_need_no_approval_are_scheduled_with_their_job(void **state)
{
    struct ctx *c = *state;
    struct mission m = a_mission(c, S("[\"twitter\"]"), S("\"require_approval\":false"));
    struct content x;
    struct due_job due;
    work();
    assert_int_equal(count_in(c, &m, CONTENT_SCHEDULED), 7 * 2);
    x = first_in(c, &m, CONTENT_SCHEDULED);
    must(db_one(c, &due_of, &due, P(&x.id)));
    assert_int_equal(due.run_ms, x.slot_ms);
}

static void jobs_of_scheduled_texts_are_put_again_on_resume(void **state)
{
    struct ctx *c = *state;
    struct mission m = a_mission(c, S("[\"twitter\"]"), S("\"require_approval\":false"));
    struct content x;
    struct due_job due;
    work();
    x = first_in(c, &m, CONTENT_SCHEDULED);
    must(store_job_end(c, JOB_CONTENT_PUBLISH, &x.id, JOB_DONE));
    must(in_transaction(c, do_pause, &m));
    must(in_transaction(c, do_resume, &m));
    work();
    must(db_one(c, &due_of, &due, P(&x.id)));
}

static void sure_texts_need_no_review_where_that_is_allowed(void **state)
{
    struct ctx *c = *state;
    struct mission m = a_mission(c, S("[\"twitter\"]"),
                                 S("\"require_approval\":true,\"auto_approve_threshold\":0.01"));
    work();
    assert_int_equal(count_in(c, &m, CONTENT_SCHEDULED), 7 * 2);
}

static void what_lacks_an_image_waits_as_a_draft(void **state)
{
    struct ctx *c = *state;
    struct mission m = a_mission(c, S("[\"instagram\"]"), S("\"require_approval\":false"));
    work();
    assert_int_equal(count_in(c, &m, CONTENT_DRAFT), 7 * 2);
}

static void what_nobody_reviewed_in_time_is_approved(void **state)
{
    struct ctx *c = *state;
    struct mission m = a_mission(c, S("[\"twitter\"]"),
                                 S("\"require_approval\":true,\"auto_approve_after_hours\":8"));
    struct content x;
    work();
    move_clock(c, START_MS + 8 * HOUR_MS - 1);
    work();
    assert_int_equal(count_in(c, &m, CONTENT_SCHEDULED), 0);
    move_clock(c, START_MS + 8 * HOUR_MS);
    work();
    assert_int_equal(count_in(c, &m, CONTENT_SCHEDULED), 7 * 2);
    x = first_in(c, &m, CONTENT_SCHEDULED);
    assert_int_equal(x.review.reviewed_ms, c->now_ms);
    assert_true(x.review.notes.n > 0);
}

static error do_hold(struct ctx *c, void *arg)
{
    struct job nobodys = {.state = JOB_OPEN};
    struct step s = {.job = &nobodys};
    return mission_hold(c, &s, arg);
}

static void nothing_is_stored_for_a_mission_that_changed_meanwhile(void **state)
{
    struct ctx *c = *state;
    struct mission m = a_mission(c, S("[\"twitter\"]"), REVIEWED);
    struct mission old = m;
    must_be(ERR_INVALID_STATE, in_transaction(c, do_hold, &m)); /* without a lease */
    must(in_transaction(c, do_pause, &m));
    must_be(ERR_INVALID_STATE, in_transaction(c, do_hold, &old));
}

static error do_reject(struct ctx *c, void *arg)
{
    struct content *x = arg;
    struct id job;
    x->review.rejection_reason = S("Too long");
    x->review.notes = S("Make it shorter, please");
    TRY(store_content_move(c, x, CONTENT_REJECTED));
    return store_job_put(c, JOB_CONTENT_REWRITE, &x->id, c->now_ms, NULL, &job);
}

static void a_rejected_text_is_written_anew_and_reviewed_again(void **state)
{
    struct ctx *c = *state;
    struct mission m = a_mission(c, S("[\"twitter\"]"), REVIEWED);
    struct content x, anew;
    work();
    x = first_in(c, &m, CONTENT_PENDING_REVIEW);
    must(in_transaction(c, do_reject, &x));
    work();
    must(store_content_get(c, &x.id, &anew));
    assert_int_equal(anew.status, CONTENT_PENDING_REVIEW);
    assert_int_equal(anew.version, 2);
    assert_false(str_eq(anew.copy, x.copy));
    assert_int_equal(anew.slot_ms, x.slot_ms);
}

static error do_count(struct ctx *c, void *post)
{
    return store_metrics_published(c, post, 1);
}

/* A published text with this post, an hour old. */
static struct mission make_published(struct ctx *c, struct str post_id)
{
    struct mission m = a_mission(c, S("[\"twitter\"]"), REVIEWED);
    struct content x;
    work();
    x = first_in(c, &m, CONTENT_PENDING_REVIEW);
    must(store_content_move(c, &x, CONTENT_PUBLISHING));
    x.publishing.platform_post_id = post_id;
    x.publishing.published_ms = c->now_ms - HOUR_MS;
    must(store_content_move(c, &x, CONTENT_PUBLISHED));
    must(in_transaction(c, do_count,
                        &(struct metrics_post){.content = x.id,
                                               .mission = x.mission_id,
                                               .platform = x.platform,
                                               .type = x.type,
                                               .published_ms = x.publishing.published_ms}));
    return m;
}

static void connect_account(struct ctx *c)
{
    static const struct brand_network networks[] = {{.platform = PLATFORM_TWITTER}};
    struct brand brand = {.blog_id = S("11"), .user_id = S("22"), .networks = {networks, 1}};
    struct integration row;
    must(account_row(c, &brand, (struct str){0}, &row));
    must(store_integration_put(c, &row));
}

static void figures_of_what_is_out_are_booked(void **state)
{
    struct ctx *c = *state;
    struct script script = {
        .answer = {{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    "Connection: close\r\nContent-Length: 83\r\n\r\n"
                    "[{\"id\":\"test_9\",\"impressions\":900},"
                    "{\"id\":\"test_1\",\"impressions\":120,\"favorites\":7}]"}},
        .requests = {1}};
    struct metrics_range all = {.last_day = INT32_MAX};
    const struct metrics_sum *sum;
    int64_t due_ms[PLATFORM_COUNT];
    struct list sums;
    struct server s;
    make_published(c, S("test_1"));
    connect_account(c);
    must(store_job_ensure(c, JOB_METRICS_PULL, &c->scope.tenant, c->now_ms));
    s = start(&script);
    database.config.sandbox_url = arena_printf(c->arena, "http://127.0.0.1:%d", s.port);
    work();
    assert_true(has(stop(&s, c->arena), "GET /api/stats/twitter/posts?"));
    must(store_metrics_by_platform(c, &all, &sums));
    assert_int_equal(sums.n, 1);
    sum = sums.at;
    assert_int_equal(sum->platform, PLATFORM_TWITTER);
    assert_int_equal(sum->figures.posts, 1);
    assert_int_equal(sum->figures.impressions, 120);
    assert_int_equal(sum->figures.engagements, 7);
    must(store_metrics_due(c, due_ms));
    assert_int_equal(due_ms[PLATFORM_TWITTER], c->now_ms + HOUR_MS);
}

static struct content content_now(struct ctx *c, struct id id)
{
    struct content x;
    must(store_content_get(c, &id, &x));
    return x;
}

/* A writer who says the same whatever is asked, and counts what it was asked to do better. */
static struct str stubborn_text;
static int stubborn_asked, stubborn_told;

static error stubborn_complete(struct llm *llm, struct outside *o, const struct prompt *in,
                               size_t n, struct draft *out)
{
    (void)llm, (void)o;
    for (size_t i = 0; i < n; i++) {
        stubborn_asked++;
        stubborn_told += in[i].feedback.n > 0;
        out[i] = (struct draft){.copy = {.primary = stubborn_text},
                                .topic = S("Anything"),
                                .model = S("stubborn"),
                                .language = S("en"),
                                .confidence = NAN,
                                .cost_microcents = 5};
    }
    return NULL;
}
static const struct llm_ops stubborn = {.name = "stubborn", .complete = stubborn_complete};

static void work_stubbornly(struct str text)
{
    stubborn_text = text;
    stubborn_asked = stubborn_told = 0;
    work_with(&stubborn);
}

static void what_must_not_be_is_sent_back_twice_then_kept_as_rejected(void **state)
{
    struct ctx *c = *state;
    struct mission m = a_mission(c, S("[\"twitter\"]"), S("\"excluded_topics\":[\"pricing\"]"));
    struct content x;
    work_stubbornly(S("All about our pricing."));
    assert_int_equal(stubborn_asked, 14 * 3);
    assert_int_equal(stubborn_told, 14 * 2);
    assert_int_equal(count_in(c, &m, CONTENT_REJECTED), 14);
    x = first_in(c, &m, CONTENT_REJECTED);
    assert_true(str_contains_nocase(x.review.rejection_reason, S("\"pricing\"")));
    assert_int_equal(x.metadata.cost_microcents, 15);
    assert_true(x.metadata.confidence == 0);
    assert_int_equal(x.scheduling.scheduled_ms, 0);
    work_stubbornly(S("All about our pricing."));
    assert_int_equal(stubborn_asked, 0); /* its place is taken: no loop */
}

static void what_was_said_before_is_not_said_again(void **state)
{
    struct ctx *c = *state;
    struct mission m = a_mission(c, S("[\"twitter\"]"), S("\"language\":\"en\""));
    struct content x;
    work_stubbornly(S("Developers like brand awareness, if it comes with a manual that is short."));
    assert_int_equal(count_in(c, &m, CONTENT_SCHEDULED), 1);
    assert_int_equal(count_in(c, &m, CONTENT_REJECTED), 13);
    x = first_in(c, &m, CONTENT_REJECTED);
    assert_true(str_contains_nocase(x.review.rejection_reason, S("nearly the same")));
    move_clock(c, START_MS + 2 * HOUR_MS + 1 * DAY_MS);
    work_stubbornly(S("Developers like brand awareness, if it comes with a manual that is LONG."));
    /* The history is looked at, not only the batch, and what was rejected does not hide it. */
    assert_int_equal(count_in(c, &m, CONTENT_REJECTED), 13 + 2);
}

static struct content earliest(struct ctx *c, const struct mission *m)
{
    struct id from_the_first = {{0}};
    struct list found;
    must(store_content_in_state(c, &m->id, CONTENT_SCHEDULED, &from_the_first, 20, &found));
    const struct content *x = found.at, *first = x;
    for (size_t i = 1; i < found.n; i++)
        if (x[i].slot_ms < first->slot_ms)
            first = &x[i];
    return *first;
}

static void what_is_late_is_planned_anew_not_sent(void **state)
{
    struct ctx *c = *state;
    struct mission m = a_mission(c, S("[\"twitter\"]"), S("\"language\":\"en\""));
    struct content x;
    struct id job;
    work();
    x = earliest(c, &m);
    must(store_job_end(c, JOB_CONTENT_PUBLISH, &x.id, JOB_CANCELLED)); /* its worker was lost … */
    move_clock(c, START_MS + 12 * HOUR_MS); /* … and three hours later there is another */
    must(store_job_put(c, JOB_CONTENT_PUBLISH, &x.id, x.scheduling.scheduled_ms, NULL, &job));
    work();
    x = content_now(c, x.id);
    assert_int_equal(x.status, CONTENT_SCHEDULED);
    assert_int_equal(x.publishing.attempts, 0);
    assert_true(x.scheduling.scheduled_ms >= START_MS + 7 * DAY_MS); /* the first free place */
    assert_int_equal(x.scheduling.scheduled_ms, x.slot_ms);
}

static void what_was_wished_for_another_time_is_not_given_a_place(void **state)
{
    struct ctx *c = *state;
    struct mission m = a_mission(c, S("[\"twitter\"]"), S("\"language\":\"en\""));
    struct content x;
    struct id job;
    work();
    x = first_in(c, &m, CONTENT_SCHEDULED);
    x.scheduling.scheduled_ms = START_MS + HOUR_MS;
    must(store_content_move(c, &x, CONTENT_SCHEDULED));
    move_clock(c, START_MS + 4 * HOUR_MS);
    must(store_job_put(c, JOB_CONTENT_PUBLISH, &x.id, START_MS + HOUR_MS, NULL, &job));
    work();
    x = content_now(c, x.id);
    assert_int_equal(x.status, CONTENT_APPROVED);
    assert_int_equal(x.scheduling.scheduled_ms, 0);
}

static void what_waited_for_its_account_is_not_late(void **state)
{
    struct ctx *c = *state;
    struct mission m = a_mission(c, S("[\"twitter\"]"), S("\"language\":\"en\""));
    struct content x;
    struct id job;
    int64_t time_ms;
    work();
    x = earliest(c, &m);
    time_ms = x.scheduling.scheduled_ms;
    must(store_job_end(c, JOB_CONTENT_PUBLISH, &x.id, JOB_CANCELLED));
    move_clock(c, START_MS + 12 * HOUR_MS);
    database.config.sandbox_url = S("http://127.0.0.1:9"); /* where nobody listens */
    connect_account(c);                                    /* only now */
    must(store_job_put(c, JOB_CONTENT_PUBLISH, &x.id, c->now_ms, NULL, &job));
    work();
    x = content_now(c, x.id);
    assert_int_equal(x.scheduling.scheduled_ms, time_ms);
    assert_int_equal(x.publishing.attempts, 1); /* to send it, which nobody answered */
}

/* A pull while the provider answers nothing new, of a post that has figures. */
static struct mission learn_from_figures(struct ctx *c)
{
    struct script script = {.answer = {{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                        "Connection: close\r\nContent-Length: 43\r\n\r\n"
                                        "[{\"id\":\"t\",\"impressions\":99,\"favorites\":9}]"}},
                            .requests = {1}};
    struct mission m = make_published(c, S("t"));
    struct server s;
    connect_account(c);
    must(store_job_ensure(c, JOB_METRICS_PULL, &c->scope.tenant, c->now_ms));
    s = start(&script);
    database.config.sandbox_url = arena_printf(c->arena, "http://127.0.0.1:%d", s.port);
    work();
    stop(&s, c->arena);
    return m;
}

static void a_mission_learns_from_each_look_at_its_figures(void **state)
{
    struct ctx *c = *state;
    struct mission m = learn_from_figures(c);
    struct str output;
    must(store_stage_get(c, &m.id, STAGE_ANALYTICS, &output));
    assert_true(str_contains_nocase(output, S("\"impressions\":99")));
    must(store_stage_get(c, &m.id, STAGE_OPTIMIZE, &output));
    assert_true(str_contains_nocase(output, S("\"planned_weight\"")));
}

static void a_mission_learns_nothing_where_that_is_switched_off(void **state)
{
    struct ctx *c = *state;
    struct str output;
    database.config.learn = false;
    struct mission m = learn_from_figures(c);
    database.config.learn = true;
    must(store_stage_get(c, &m.id, STAGE_ANALYTICS, &output));
    must_be(ERR_NOT_FOUND, store_stage_get(c, &m.id, STAGE_OPTIMIZE, &output));
}

/* A strategy with one pillar only stands for what was learned: how many of the six texts that are
 * written next are about it. */
static size_t texts_by_what_was_learned(struct ctx *c)
{
    struct mission m = a_mission(c, S("[\"twitter\"]"), REVIEWED);
    struct id from_the_first = {{0}};
    struct list found;
    struct stage_row rows[STAGE_COUNT];
    size_t learned = 0;
    work();
    must(store_stage_put(c, &m.id, STAGE_OPTIMIZE, S("{}"),
                         S("{\"pillars\":[{\"name\":\"Beer\",\"weight\":100}],\"calendar\":[]}")));
    move_clock(c, START_MS + 3 * DAY_MS);
    work();
    must(store_content_in_state(c, &m.id, CONTENT_PENDING_REVIEW, &from_the_first, 50, &found));
    const struct content *x = found.at;
    for (size_t i = 0; i < found.n; i++)
        learned += str_eq(x[i].metadata.pillar, S("Beer"));
    assert_int_equal(found.n, 20);
    must(store_stages(c, &m.id, rows));
    assert_int_equal(str_contains_nocase(rows[STAGE_CONTENT].input, S("Beer")), learned > 0);
    return learned;
}

static void texts_are_written_by_what_was_learned(void **state)
{
    assert_int_equal(texts_by_what_was_learned(*state), 6);
}

static void what_was_learned_is_not_used_where_that_is_switched_off(void **state)
{
    database.config.learn = false;
    assert_int_equal(texts_by_what_was_learned(*state), 0);
    database.config.learn = true;
}

static void good_hours_are_the_usual_ones_while_the_provider_is_away(void **state)
{
    struct ctx *c = *state;
    struct str output;
    database.config.sandbox_url = S("http://127.0.0.1:9"); /* where nobody listens */
    connect_account(c);
    struct mission m =
        a_mission(c, S("[\"twitter\"]"), S("\"use_optimal_times\":true,\"require_approval\":true"));
    work();
    must(store_stage_get(c, &m.id, STAGE_STRATEGY, &output));
    assert_true(str_contains_nocase(output, S("\"source\":\"default\"")));
    assert_int_equal(count_in(c, &m, CONTENT_PENDING_REVIEW), 14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(texts_are_written_for_every_slot_up_to_the_horizon, set_up),
        cmocka_unit_test_setup(a_text_knows_where_it_comes_from, set_up),
        cmocka_unit_test_setup(texts_are_topped_up_as_the_clock_moves, set_up),
        cmocka_unit_test_setup(a_mission_is_completed_when_it_ends, set_up),
        cmocka_unit_test_setup(a_paused_mission_writes_nothing_until_it_is_resumed, set_up),
        cmocka_unit_test_setup(a_paused_mission_is_completed_too, set_up),
        cmocka_unit_test_setup(texts_that_need_no_approval_are_scheduled_with_their_job, set_up),
        cmocka_unit_test_setup(jobs_of_scheduled_texts_are_put_again_on_resume, set_up),
        cmocka_unit_test_setup(sure_texts_need_no_review_where_that_is_allowed, set_up),
        cmocka_unit_test_setup(what_lacks_an_image_waits_as_a_draft, set_up),
        cmocka_unit_test_setup(what_nobody_reviewed_in_time_is_approved, set_up),
        cmocka_unit_test_setup(nothing_is_stored_for_a_mission_that_changed_meanwhile, set_up),
        cmocka_unit_test_setup(a_rejected_text_is_written_anew_and_reviewed_again, set_up),
        cmocka_unit_test_setup(what_must_not_be_is_sent_back_twice_then_kept_as_rejected, set_up),
        cmocka_unit_test_setup(what_was_said_before_is_not_said_again, set_up),
        cmocka_unit_test_setup(what_is_late_is_planned_anew_not_sent, set_up),
        cmocka_unit_test_setup(what_was_wished_for_another_time_is_not_given_a_place, set_up),
        cmocka_unit_test_setup(what_waited_for_its_account_is_not_late, set_up),
        cmocka_unit_test_setup(figures_of_what_is_out_are_booked, set_up),
        cmocka_unit_test_setup(a_mission_learns_from_each_look_at_its_figures, set_up),
        cmocka_unit_test_setup(a_mission_learns_nothing_where_that_is_switched_off, set_up),
        cmocka_unit_test_setup(texts_are_written_by_what_was_learned, set_up),
        cmocka_unit_test_setup(what_was_learned_is_not_used_where_that_is_switched_off, set_up),
        cmocka_unit_test_setup(good_hours_are_the_usual_ones_while_the_provider_is_away, set_up),
    };
    if (!database_offered())
        return DATABASE_SKIPPED;
    log_set_level(LOG_LEVEL_ERROR);
    must(database_make(&database, "pipeline"));
    database.config.lease_s = 120;
    database.config.max_attempts = 8;
    database.config.horizon_days = 7;
    database.config.late_hours = 2;
    database.config.learn = true;
    database.config.metrics_interval_s = 3600;
    database.config.metricool_timeout_ms = 2000;
    database.config.sandbox_allow_loopback = true;
    fetch_init();
    must(migrate(&database.ctx, NULL, NULL));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    must(database_drop(&database));
    return failed;
}
