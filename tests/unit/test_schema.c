/* test_schema.c: shapes as JSON Schema, in the views of readers and writers, and examples. */
#include "thing.h"

#include <string.h>

#include "json/parse.h"
#include "json/schema.h"

static struct str written(struct arena *a, void (*write)(struct writer *, struct schemas *))
{
    struct schemas *set = ARENA_NEW(a, struct schemas);
    struct buf *out = buf_new(a, 1 << 20);
    struct json_object *tree;
    struct writer w;
    set->arena = a;
    write_init(&w, out);
    write(&w, set);
    assert_false(out->full);
    assert_true(parse_strict(a, buf_str(out), &tree));
    return buf_str(out);
}

static void assert_holds(struct str text, const char *part)
{
    if (!memmem(text.p, text.n, part, strlen(part)))
        fail_msg("%.*s\ndoes not hold\n%s", STR(text), part);
}

static void assert_lacks(struct str text, const char *part)
{
    if (memmem(text.p, text.n, part, strlen(part)))
        fail_msg("%.*s\nholds\n%s", STR(text), part);
}

static void write_views(struct writer *w, struct schemas *set, enum view first, enum view second)
{
    schemas_add(set, &part_shape, first);
    schemas_add(set, &part_shape, second);
    write_open(w, '{');
    schemas_write(w, set);
    write_close(w, '}');
}

static void out_and_in(struct writer *w, struct schemas *set)
{
    write_views(w, set, VIEW_OUT, VIEW_IN);
}

static void only_in(struct writer *w, struct schemas *set)
{
    write_views(w, set, VIEW_IN, VIEW_IN);
}

static void an_answer_has_every_key_and_a_body_what_it_must(void **state)
{
    struct str text = written(*state, out_and_in);
    assert_holds(text,
                 "{\"part\":{\"type\":\"object\",\"properties\":{\"label\":{\"type\":\"string\"}");
    assert_holds(text, "\"required\":[\"label\",\"weight\"],\"additionalProperties\":false}");
    assert_holds(text, "\"part_input\":{\"type\":\"object\"");
    assert_holds(text, "\"label\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":10}");
    assert_holds(text, "\"required\":[\"label\"],\"additionalProperties\":false}}");
}

static void what_is_null_may_be_so_and_is_the_default(void **state)
{
    struct str text = written(*state, out_and_in);
    assert_holds(text, "\"weight\":{\"type\":[\"integer\",\"null\"],\"format\":\"int64\","
                       "\"minimum\":0,\"maximum\":100,\"default\":null}");
}

static void a_body_that_is_never_answered_keeps_its_name(void **state)
{
    struct str text = written(*state, only_in);
    assert_holds(text, "{\"part\":{");
    assert_lacks(text, "part_input");
}

static void whole_thing(struct writer *w, struct schemas *set)
{
    schemas_add(set, &thing_shape, VIEW_OUT);
    schemas_add(set, &thing_shape, VIEW_IN);
    schemas_add(set, &thing_shape, VIEW_UPDATE);
    write_open(w, '{');
    schemas_write(w, set);
    write_close(w, '}');
}

static void what_a_thing_is_made_of_is_there_too(void **state)
{
    struct str text = written(*state, whole_thing);
    assert_holds(text, "\"$ref\":\"#/components/schemas/rules\"");
    assert_holds(text, "\"$ref\":\"#/components/schemas/rules_input\"");
    assert_holds(text, "\"rules\":{\"type\":\"object\"");
    assert_holds(text, "\"rules_input\":{\"type\":\"object\"");
    assert_lacks(text, "rules_update"); /* parts are sent whole */
}

static void enums_and_ids_say_what_they_may_be(void **state)
{
    struct str text = written(*state, whole_thing);
    assert_holds(text, "\"enum\":[\"red\",\"green\",\"blue\"");
    assert_holds(text, "[0-9A-Za-z]{16}$\"");
    assert_holds(text, "\"format\":\"date-time\"");
}

static void defaults_of_the_table_are_told(void **state)
{
    struct str text = written(*state, whole_thing);
    assert_holds(text, "\"zone\":{\"type\":\"string\",\"maxLength\":500,\"default\":\"UTC\"}");
}

static void a_put_requires_nothing(void **state)
{
    struct str text = written(*state, whole_thing);
    const char *update = memmem(text.p, text.n, "\"thing_update\"", 14);
    assert_non_null(update);
    assert_holds((struct str){update, text.n - (size_t)(update - text.p)},
                 "\"required\":[],\"additionalProperties\":false}");
}

static void examples(struct writer *w, struct schemas *set)
{
    (void)set;
    write_open(w, '[');
    example_write(w, &part_shape, VIEW_OUT, false);
    example_write(w, &part_shape, VIEW_IN, false);
    example_write(w, &rules_shape, VIEW_OUT, false);
    write_close(w, ']');
}

static void examples_show_everything_answered_and_what_must_be_sent(void **state)
{
    assert_text(written(*state, examples),
                S("[{\"label\":\"label\",\"weight\":null},{\"label\":\"label\"},"
                  "{\"zone\":\"UTC\",\"low\":1,\"high\":9,\"days\":[\"red\"],"
                  "\"part\":{\"label\":\"label\",\"weight\":null}}]"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_has_every_key_and_a_body_what_it_must),
        TEST(what_is_null_may_be_so_and_is_the_default),
        TEST(a_body_that_is_never_answered_keeps_its_name),
        TEST(what_a_thing_is_made_of_is_there_too),
        TEST(enums_and_ids_say_what_they_may_be),
        TEST(defaults_of_the_table_are_told),
        TEST(a_put_requires_nothing),
        TEST(examples_show_everything_answered_and_what_must_be_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
