/* test_shape_stored.c: objects that exist: printing them, changing them, reading them back. */
#include "thing.h"

#include "json/scan.h"

static struct thing stored_thing(struct arena *a)
{
    struct thing t =
        read_thing(a, "{\"name\":\"old\",\"nick\":\"o\",\"count\":3,\"rate\":0.256,\"at\":"
                      "\"2024-01-15T00:00:00.250Z\",\"part\":{\"label\":\"p\",\"weight\":1},"
                      "\"tags\":[\"a\"],\"steps\":[{\"label\":\"s\"}],\"kind\":\"green\"}");
    assert_true(id_parse(S("thg_2xK9mPqR4vN8sT3w"), S("thg_"), &t.id));
    t.updated_ms = 1705276800123;
    t.note = S("{\"a\": [1, 2.50]}");
    return t;
}

static void an_object_prints_with_every_key_but_the_hidden_and_absent(void **state)
{
    struct thing t = stored_thing(*state);
    t.secret = S("never");
    assert_text(
        shape_text(*state, &thing_shape, &t),
        S("{\"id\":\"thg_2xK9mPqR4vN8sT3w\",\"name\":\"old\",\"site\":null,\"nick\":\"o\","
          "\"color\":null,\"count\":3,\"rate\":0.26,\"on\":false,\"at\":\"2024-01-15T00:00:00Z\","
          "\"updated_at\":\"2024-01-15T00:00:00Z\",\"rules\":{\"zone\":\"UTC\",\"low\":1,"
          "\"high\":9,\"days\":[],\"part\":{\"label\":\"std\",\"weight\":null}},"
          "\"steps\":[{\"label\":\"s\",\"weight\":null}],\"note\":{\"a\": [1, 2.50]},"
          "\"part\":{\"label\":\"p\",\"weight\":1},\"tags\":[\"a\"],\"palette\":[],\"parts\":[],"
          "\"kind\":\"green\"}"));
}

static void an_empty_object_prints_nulls_and_empty_lists(void **state)
{
    static const struct thing nothing = {.count = INT_NONE, .rate = NAN};
    struct str text = shape_text(*state, &thing_shape, &nothing);
    assert_true(scan_json(text, NULL));
    assert_true(str_starts(text, S("{\"id\":null,\"name\":null,\"site\":null,\"nick\":null,"
                                   "\"color\":null,\"count\":null,\"rate\":null,\"on\":false,"
                                   "\"at\":null,\"updated_at\":null,\"rules\":null,\"steps\":[],"
                                   "\"note\":null,\"part\":{\"label\":null,")));
}

static void what_is_absent_when_null_prints_when_it_is_there(void **state)
{
    struct thing t = stored_thing(*state);
    t.shown_once = S("amp_x");
    assert_true(str_contains_nocase(shape_text(*state, &thing_shape, &t),
                                    S(",\"shown_once\":\"amp_x\",\"color\":")));
}

static void members_can_be_followed_by_others(void **state)
{
    static const struct part p = {.label = {"l", 1}, .weight = 2};
    struct writer w;
    write_init(&w, buf_new(*state, 1000));
    write_open(&w, '{');
    shape_write_members(&w, &part_shape, &p);
    write_member_bool(&w, S("more"), true);
    write_close(&w, '}');
    assert_text(buf_str(w.out), S("{\"label\":\"l\",\"weight\":2,\"more\":true}"));
}

static void what_was_printed_can_be_put_back_unchanged(void **state)
{
    struct thing t = stored_thing(*state), before = t;
    sent what;
    struct str body = shape_text(*state, &thing_shape, &t);
    error e = shape_update(*state, &thing_shape, body, &t, &what);
    if (e)
        fail_msg("%.*s: %.*s", STR(e->param), STR(e->message));
    assert_text(shape_text(*state, &thing_shape, &t), body);
    assert_int_equal(t.updated_ms, before.updated_ms);
    assert_true(was_sent(&thing_shape, what, S("kind")));
    assert_false(was_sent(&thing_shape, what, S("secret")));
}

static void an_update_changes_what_it_names_and_nothing_else(void **state)
{
    struct thing t = stored_thing(*state);
    sent what;
    assert_null(shape_update(*state, &thing_shape,
                             S("{\"nick\":\"new\",\"count\":null,\"part\":{\"label\":\"q\"},"
                               "\"tags\":[\"z\"],\"rules\":{\"low\":2},\"steps\":[]}"),
                             &t, &what));
    assert_text(t.nick, S("new"));
    assert_int_equal(t.count, INT_NONE);
    assert_text(t.part.label, S("q"));
    assert_int_equal(t.part.weight, INT_NONE);
    assert_text(((const struct str *)t.tags.at)[0], S("z"));
    assert_true(str_starts(t.rules, S("{\"zone\":\"UTC\",\"low\":2,\"high\":9,")));
    assert_text(t.steps, S("[]"));
    assert_text(t.name, S("old"));
    assert_int_equal(t.at_ms, 1705276800000); /* whole seconds */
    assert_int_equal(t.kind, COLOR_GREEN);
    assert_true(was_sent(&thing_shape, what, S("count")));
    assert_false(was_sent(&thing_shape, what, S("name")));
}

static void an_empty_update_changes_nothing(void **state)
{
    struct thing t = stored_thing(*state), before = t;
    sent what;
    assert_null(shape_update(*state, &thing_shape, S("{}"), &t, &what));
    assert_memory_equal(&t, &before, sizeof t);
    assert_int_equal(what, 0);
}

static void read_only_fields_may_only_repeat_what_is_stored(void **state)
{
    static const char *const same[] = {
        "{\"id\":\"thg_2xK9mPqR4vN8sT3w\"}",
        "{\"kind\":\"green\"}",
        "{\"note\":{\"a\":[1,2.50]}}",
        "{\"shown_once\":null}",
        "{\"updated_at\":\"2031-01-01T00:00:00Z\"}",
        "{\"updated_at\":null}",
    };
    static const struct {
        const char *body, *param;
    } other[] = {
        {"{\"id\":\"thg_2xK9mPqR4vN8sT3x\"}", "id"},
        {"{\"id\":\"msn_2xK9mPqR4vN8sT3w\"}", "id"},
        {"{\"id\":null}", "id"},
        {"{\"id\":7}", "id"},
        {"{\"kind\":\"red\"}", "kind"},
        {"{\"kind\":null}", "kind"},
        {"{\"note\":{\"a\":[1]}}", "note"},
        {"{\"note\":null}", "note"},
        {"{\"shown_once\":\"x\"}", "shown_once"},
    };
    struct thing t = stored_thing(*state);
    sent what;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (shape_update(*state, &thing_shape, str_of(same[i]), &t, &what))
            fail_msg("refused: %s", same[i]);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        assert_refused(shape_update(*state, &thing_shape, str_of(other[i].body), &t, &what),
                       other[i].param, "This field is read-only.");
}

/* The same thing, seen by somebody who may change nothing. */
struct sealed {
    int64_t at_ms;
    double rate;
    struct part part;
    struct str rules;
};
#define AT(member) offsetof(struct sealed, member)
static const struct field sealed_fields[] = {
    {S("at"), F_TIME, .at = AT(at_ms)},
    {S("rate"), F_NUMBER, .at = AT(rate)},
    {S("part"), F_OBJECT, .at = AT(part), .shape = &part_shape},
    {S("rules"), F_OBJECT, F_DOC, .at = AT(rules), .shape = &rules_shape},
};
#undef AT
static const struct shape sealed_shape = SHAPE("sealed", struct sealed, sealed_fields);

static void notation_makes_no_difference_to_what_is_read_only(void **state)
{
    static const char *const same[] = {
        "{\"at\":\"2024-01-15T00:00:00Z\"}",
        "{\"at\":\"2024-01-15T01:00:00.999+01:00\"}",
        "{\"rate\":0.260}",
        "{\"part\":{\"weight\":null,\"label\":\"\\u0070\"}}",
        "{\"part\":{\"label\":\"p\"}}",
        "{\"rules\":{\"zone\":\"UTC\"}}",
        "{\"rules\":{\"high\":9,\"zone\":\"UTC\",\"days\":[],\"low\":1}}",
    };
    static const char *const other[] = {
        "{\"at\":\"2024-01-15T00:00:01Z\"}",      "{\"rate\":0.27}", "{\"part\":{\"label\":\"q\"}}",
        "{\"part\":{\"label\":\"p\",\"hax\":1}}", "{\"part\":[]}",   "{\"rules\":{\"high\":8}}",
    };
    struct sealed stored = {
        1705276800250, 0.256, {S("p"), INT_NONE}, S("{\"zone\":\"UTC\",\"old\":1}")};
    sent what;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (shape_update(*state, &sealed_shape, str_of(same[i]), &stored, &what))
            fail_msg("refused: %s", same[i]);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        if (!shape_update(*state, &sealed_shape, str_of(other[i]), &stored, &what))
            fail_msg("taken: %s", other[i]);
}

static void a_refused_update_leaves_the_object_alone(void **state)
{
    struct thing t = stored_thing(*state), before = t;
    sent what;
    assert_refused(
        shape_update(*state, &thing_shape, S("{\"nick\":\"x\",\"name\":null}"), &t, &what), "name",
        "Must not be null.");
    assert_refused(shape_update(*state, &thing_shape, S("{\"nick\":\"x\",\"nope\":1}"), &t, &what),
                   "nope", "Unknown field.");
    assert_refused(shape_update(*state, &thing_shape, S("{\"rules\":{\"high\":0}}"), &t, &what),
                   "rules.high", "Must not be below low.");
    assert_memory_equal(&t, &before, sizeof t);
}

static void an_update_is_checked_as_a_whole(void **state)
{
    struct rules r = rules_defaults;
    sent what;
    r.low = 5;
    assert_refused(shape_update(*state, &rules_shape, S("{\"high\":4}"), &r, &what), "high",
                   "Must not be below low.");
    assert_int_equal(r.high, 9);
    assert_null(shape_update(*state, &rules_shape, S("{\"high\":4,\"low\":4}"), &r, &what));
    assert_int_equal(r.high, 4);
}

static void stored_documents_are_read_whatever_their_age(void **state)
{
    struct rules r;
    assert_null(shape_parse(*state, &rules_shape,
                            S("{\"low\":50,\"gone\":[1],\"days\":[\"blue\"],\"part\":{}}"), &r));
    assert_text(r.zone, S("UTC"));
    assert_int_equal(r.low, 50);
    assert_int_equal(r.high, 9);
    assert_int_equal(((const enum color *)r.days.at)[0], COLOR_BLUE);
    assert_null(r.part.label.p);
    struct thing t;
    struct str printed = S("{\"id\":\"thg_2xK9mPqR4vN8sT3w\",\"name\":\"far too long\",\"rate\":7,"
                           "\"tags\":[],\"nick\":null,\"note\":{\"a\":1}}");
    assert_null(shape_parse(*state, &thing_shape, printed, &t));
    assert_false(id_is_none(&t.id));
    assert_text(t.name, S("far too long"));
    assert_text(t.note, S("{\"a\":1}"));
    assert_text(t.steps, S("[]"));
}

static void a_broken_stored_document_is_our_fault(void **state)
{
    struct rules r;
    struct list list;
    assert_true(error_is(shape_parse(*state, &rules_shape, S("{\"low\":"), &r), ERR_INTERNAL));
    assert_true(error_is(shape_parse(*state, &rules_shape, S("[]"), &r), ERR_INTERNAL));
    assert_true(error_is(shape_parse(*state, &rules_shape, S("null"), &r), ERR_INTERNAL));
    error e = shape_parse(*state, &rules_shape, S("{\"low\":\"x\"}"), &r);
    assert_true(error_is(e, ERR_INTERNAL));
    assert_text(e->cause, S("stored rules: low: Must be a 64-bit integer."));
    assert_true(error_is(list_parse(*state, shape_field(&thing_shape, S("steps")), S("{}"), &list),
                         ERR_INTERNAL));
    assert_true(error_is(list_parse(*state, shape_field(&thing_shape, S("steps")), S("["), &list),
                         ERR_INTERNAL));
}

static void a_stored_list_comes_back_as_it_was_printed(void **state)
{
    const struct field *steps = shape_field(&thing_shape, S("steps"));
    static const struct part parts[] = {{{"a", 1}, 1}, {{"b\"", 2}, INT_NONE}};
    struct str text = list_text(*state, steps, &(struct list){parts, 2});
    assert_text(text, S("[{\"label\":\"a\",\"weight\":1},{\"label\":\"b\\\"\",\"weight\":null}]"));
    struct list back;
    assert_null(list_parse(*state, steps, text, &back));
    assert_int_equal(back.n, 2);
    assert_text(((const struct part *)back.at)[1].label, S("b\""));
    assert_int_equal(((const struct part *)back.at)[1].weight, INT_NONE);
    assert_text(list_text(*state, steps, &(struct list){NULL, 0}), S("[]"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_object_prints_with_every_key_but_the_hidden_and_absent),
        TEST(an_empty_object_prints_nulls_and_empty_lists),
        TEST(what_is_absent_when_null_prints_when_it_is_there),
        TEST(members_can_be_followed_by_others),
        TEST(what_was_printed_can_be_put_back_unchanged),
        TEST(an_update_changes_what_it_names_and_nothing_else),
        TEST(an_empty_update_changes_nothing),
        TEST(read_only_fields_may_only_repeat_what_is_stored),
        TEST(notation_makes_no_difference_to_what_is_read_only),
        TEST(a_refused_update_leaves_the_object_alone),
        TEST(an_update_is_checked_as_a_whole),
        TEST(stored_documents_are_read_whatever_their_age),
        TEST(a_broken_stored_document_is_our_fault),
        TEST(a_stored_list_comes_back_as_it_was_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
