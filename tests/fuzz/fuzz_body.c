/* fuzz_body.c: bodies of any bytes: the strict scan, the tree, every shape that clients may send,
 * and a PUT over a stored mission. What was accepted must survive being printed and read again. */
#include <string.h>

#include "api/routes.h"
#include "base/clock.h"
#include "domain/mission.h"
#include "domain/review.h"
#include "json/parse.h"
#include "json/scan.h"
#include "target.h"

#define NOW_MS INT64_C(1767225600000) /* 2026-01-01 */

enum { SLOTS_MAX = 64 };

/* Where the scan says yes, json-c has a tree (or sees a null, or a key twice), and prints it as
 * JSON that the scan takes as well. */
static void check_tree(struct arena *a, struct str text)
{
    struct json_stats stats;
    struct json_object *tree;
    bool scanned = scan_json(text, &stats), parsed = parse_strict(a, text, &tree);
    assert(scanned ? parsed || tree : !parsed && !tree);
    if (parsed)
        assert(
            scan_json(str_of(json_object_to_json_string_ext(tree, JSON_C_TO_STRING_PLAIN)), NULL));
}

/* Printed, read as what is stored and printed again: the same. */
static void check_stored(struct arena *a, const struct shape *s, const void *object)
{
    struct str printed = shape_text(a, s, object);
    void *again = arena_alloc(a, s->size);
    assert(scan_json(printed, NULL));
    assert(!shape_parse(a, s, printed, again));
    assert(str_eq(printed, shape_text(a, s, again)));
}

static void check_refusal(error e)
{
    assert(error_is(e, ERR_INVALID_JSON) || error_is(e, ERR_INVALID_REQUEST));
    assert(e->message.n > 0);
}

/* In order, apart, and within the plan. */
static void check_slots(const struct schedule *plan)
{
    int64_t slots[SLOTS_MAX];
    size_t n =
        schedule_slots(plan, plan->starts_ms, plan->starts_ms + 7 * DAY_MS, slots, SLOTS_MAX);
    assert(n <= SLOTS_MAX);
    for (size_t i = 0; i < n; i++) {
        assert(slots[i] >= plan->starts_ms && slots[i] < plan->ends_ms);
        assert(i == 0 || slots[i] > slots[i - 1]);
    }
}

/* What is made of an accepted mission: its documents can be read and its times planned. */
static void check_plan(struct arena *a, struct mission *m)
{
    struct constraints k;
    struct list list;
    struct schedule plan;
    assert(!mission_read_platforms(a, m));
    assert(!mission_objectives(a, m, &list));
    assert(!mission_kpis(a, m, &list));
    assert(!mission_constraints(a, m, &k));
    assert(!mission_schedule(a, m, &k, &plan));
    check_slots(&plan);
}

/* What GET prints, PUT takes, and nothing has changed. */
static void check_put(struct arena *a, const struct mission *m)
{
    struct str printed = shape_text(a, &mission_shape, m);
    struct mission again = *m;
    sent what;
    assert(!shape_update(a, &mission_shape, printed, &again, &what));
    assert(!mission_complete_dates(a, &again, what, NOW_MS));
    assert(str_eq(printed, shape_text(a, &mission_shape, &again)));
}

static void check_mission(struct arena *a, struct mission *m, sent what)
{
    error e = mission_complete_dates(a, m, what, NOW_MS);
    if (e) {
        check_refusal(e);
        return;
    }
    check_plan(a, m);
    check_put(a, m);
}

static void check_approval(struct arena *a, const struct approval *in)
{
    struct content_edits edits;
    struct copy copy;
    assert(!approval_edits(a, in, &edits));
    if (edits.copy.p)
        assert(!shape_parse(a, &copy_shape, edits.copy, &copy));
}

static void check_read(struct arena *a, const struct shape *s, struct str text)
{
    void *object = arena_alloc(a, s->size);
    sent what;
    error e = shape_read(a, s, text, object, &what);
    if (e) {
        check_refusal(e);
        return;
    }
    check_stored(a, s, object);
    if (s == &mission_shape)
        check_mission(a, object, what);
    if (s == &approval_shape)
        check_approval(a, object);
}

/* Every shape that a route reads, once where neighbours share one. */
static void check_routes(struct arena *a, struct str text)
{
    const struct shape *last = NULL;
    for (route_tables tables = api_routes; *tables; tables++) {
        for (const struct route *r = *tables; r->method; r++) {
            if (r->in && r->in != last)
                check_read(a, r->in, text);
            last = r->in;
        }
    }
}

static struct mission stored_mission(struct arena *a)
{
    static const struct str body =
        S("{\"name\":\"Launch\",\"objectives\":[\"Awareness\"],\"platforms\":[\"twitter\"],"
          "\"constraints\":{\"timezone\":\"Europe/Madrid\"},\"duration_days\":90}");
    struct mission m;
    sent what;
    assert(!shape_read(a, &mission_shape, body, &m, &what));
    assert(!mission_complete_dates(a, &m, what, NOW_MS));
    m.id = id_floor(NOW_MS);
    m.pipeline_job_id = id_floor(NOW_MS + 1);
    m.created_ms = NOW_MS + 123;
    m.updated_ms = NOW_MS + 45678;
    return m;
}

static void check_update(struct arena *a, struct str text)
{
    const struct mission stored = stored_mission(a);
    struct mission m;
    sent what;
    memcpy(&m, &stored, sizeof m);
    error e = shape_update(a, &mission_shape, text, &m, &what);
    if (e) {
        check_refusal(e);
        assert(memcmp(&m, &stored, sizeof m) == 0);
        return;
    }
    check_mission(a, &m, what);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = input_arena();
    struct str text = input_text(data, size);
    if (size > INPUT_MAX)
        return 0;
    check_tree(a, text);
    check_routes(a, text);
    check_update(a, text);
    return 0;
}
