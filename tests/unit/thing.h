/* thing.h: a shape with a field of every kind, for the tests of shapes. */
#ifndef AMP_TESTS_THING_H
#define AMP_TESTS_THING_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "json/shape.h"

static const struct str color_texts[] = {{0}, {"red", 3}, {"green", 5}, {"blue", 4}};
static const struct names colors = NAMES(color_texts);
enum color { COLOR_NONE, COLOR_RED, COLOR_GREEN, COLOR_BLUE };

/* A part is nested as a struct. */
struct part {
    struct str label;
    int64_t weight;
};
#define AT(member) offsetof(struct part, member)
static const struct field part_fields[] = {
    {S("label"), F_TEXT, F_IN | F_REQUIRED, .at = AT(label), 1, 10},
    {S("weight"), F_INT, F_IN | F_NULLABLE, .at = AT(weight), 0, 100},
};
#undef AT
static const struct shape part_shape = SHAPE("part", struct part, part_fields);

/* Rules are a document with defaults and a check. */
struct rules {
    struct str zone;
    int64_t low, high;
    struct list days; /* of int */
    struct part part;
};
#define AT(member) offsetof(struct rules, member)
static const struct field day_item = {.kind = F_ENUM, .values = &colors};
static const struct field rules_fields[] = {
    {S("zone"), F_TEXT, F_IN, .at = AT(zone)},
    {S("low"), F_INT, F_IN, .at = AT(low)},
    {S("high"), F_INT, F_IN, .at = AT(high)},
    {S("days"), F_LIST, F_IN, .at = AT(days), .item = &day_item},
    {S("part"), F_OBJECT, F_IN, .at = AT(part), .shape = &part_shape},
};
#undef AT
static const struct rules rules_defaults = {
    .zone = {"UTC", 3}, .low = 1, .high = 9, .part = {.label = {"std", 3}, .weight = INT_NONE}};

static inline error check_rules(struct arena *a, void *object)
{
    struct rules *r = object;
    if (str_eq(r->zone, S("home")))
        r->zone = S("Europe/Madrid");
    if (r->high < r->low)
        return error_at(a, ERR_INVALID_REQUEST, S("high"), "Must not be below low.");
    if (str_eq(r->zone, S("Moon")))
        return error_at(a, ERR_INVALID_REQUEST, (struct str){0}, "Not on the Moon.");
    return NULL;
}
static const struct shape rules_shape =
    SHAPE_INIT("rules", struct rules, rules_fields, &rules_defaults, check_rules);

struct thing {
    struct id id;
    struct str name, site, nick, secret, shown_once;
    enum color color;
    int64_t count, at_ms, updated_ms;
    double rate;
    bool on;
    struct str rules, steps, note; /* documents, raw */
    struct part part;
    struct list tags, palette, parts;
    enum color kind;
};

static inline const char *no_bob(struct str text)
{
    return str_eq(text, S("bob")) ? "Not bob." : NULL;
}

static const struct field tag_item = {.kind = F_TEXT, .max = 5};
static const struct field part_item = {.kind = F_OBJECT, .shape = &part_shape};
#define AT(member) offsetof(struct thing, member)
static const struct field fields[] = {
    {S("id"), F_ID, .at = AT(id), .prefix = S("thg_")},
    {S("name"), F_TEXT, F_IN | F_REQUIRED | F_NOT_BLANK, .at = AT(name), 1, 6, .check = no_bob},
    {S("site"), F_TEXT, F_IN | F_NULLABLE | F_URL, .at = AT(site)},
    {S("nick"), F_TEXT, F_IN, .at = AT(nick)},
    {S("secret"), F_TEXT, F_IN | F_HIDDEN, .at = AT(secret)},
    {S("shown_once"), F_TEXT, F_ABSENT, .at = AT(shown_once)},
    {S("color"), F_ENUM, F_IN | F_NULLABLE, .at = AT(color), .values = &colors},
    {S("count"), F_INT, F_IN | F_NULLABLE, .at = AT(count), 1, 24},
    {S("rate"), F_NUMBER, F_IN | F_NULLABLE, .at = AT(rate), 0, 1},
    {S("on"), F_BOOL, F_IN, .at = AT(on)},
    {S("at"), F_TIME, F_IN | F_NULLABLE, .at = AT(at_ms)},
    {S("updated_at"), F_TIME, .at = AT(updated_ms)},
    {S("rules"), F_OBJECT, F_IN | F_DOC, .at = AT(rules), .shape = &rules_shape},
    {S("steps"), F_LIST, F_IN | F_DOC, .at = AT(steps), .item = &part_item},
    {S("note"), F_RAW, .at = AT(note)},
    {S("part"), F_OBJECT, F_IN, .at = AT(part), .shape = &part_shape},
    {S("tags"), F_LIST, F_IN | F_UNIQUE, .at = AT(tags), 1, 3, .item = &tag_item},
    {S("palette"), F_LIST, F_IN | F_UNIQUE, .at = AT(palette), .item = &day_item},
    {S("parts"), F_LIST, F_IN | F_UNIQUE, .at = AT(parts), .item = &part_item},
    {S("kind"), F_ENUM, F_IN | F_CREATE_ONLY, .at = AT(kind), .values = &colors},
};
#undef AT
static const struct shape thing_shape = SHAPE("thing", struct thing, fields);

static inline int setup(void **state)
{
    *state = arena_new(4 << 20);
    return 0;
}

static inline int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static inline void assert_text(struct str got, struct str expected)
{
    if (!str_eq(got, expected))
        fail_msg("got %.*s, not %.*s", STR(got), STR(expected));
}

static inline struct thing read_thing(struct arena *a, const char *body)
{
    struct thing t;
    sent what;
    error e = shape_read(a, &thing_shape, str_of(body), &t, &what);
    if (e)
        fail_msg("%s: %.*s: %.*s", body, STR(e->param), STR(e->message));
    return t;
}

static inline void assert_refused(error e, const char *param, const char *message)
{
    if (!error_is(e, ERR_INVALID_REQUEST))
        fail_msg("not refused: %s %s", param, message);
    assert_text(e->param, str_of(param));
    assert_text(e->message, str_of(message));
}

#endif
