/* test_csv.c: objects as lines of comma-separated values. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <math.h>
#include <cmocka.h>

#include "json/csv.h"

struct thing {
    struct id id;
    struct str name;
    int colour;
    int64_t count;
    double share;
    bool good;
    int64_t made_ms;
};
static const struct str colour_list[] = {{0}, S("red"), S("blue")};
static const struct names colours = NAMES(colour_list);
#define AT(member) offsetof(struct thing, member)
static const struct field fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(id), .prefix = S("thg_")},
    {.name = S("name"), .kind = F_TEXT, .at = AT(name)},
    {.name = S("colour"), .kind = F_ENUM, .at = AT(colour), .values = &colours},
    {.name = S("count"), .kind = F_INT, .at = AT(count)},
    {.name = S("share"), .kind = F_NUMBER, .at = AT(share), .decimals = 6},
    {.name = S("good"), .kind = F_BOOL, .at = AT(good)},
    {.name = S("made_at"), .kind = F_TIME, .at = AT(made_ms)},
};
#undef AT
static const struct shape thing_shape = SHAPE("thing", struct thing, fields);

static struct buf out;

static int set_up(void **state)
{
    (void)state;
    buf_init(&out, 1 << 16);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_release(&out);
    return 0;
}

static void assert_out(struct str expected)
{
    if (!str_eq(buf_str(&out), expected))
        fail_msg("got %.*s, not %.*s", STR(buf_str(&out)), STR(expected));
}

static void a_head_names_the_fields(void **state)
{
    (void)state;
    csv_head(&out, &thing_shape);
    assert_out(S("id,name,colour,count,share,good,made_at\r\n"));
}

static void a_line_has_a_cell_for_each_field(void **state)
{
    struct thing t = {{"0123456789abcdef"}, S("plain"), 2, -7, 0.000123, true, 86400000};
    (void)state;
    csv_line(&out, &thing_shape, &t);
    assert_out(S("thg_0123456789abcdef,plain,blue,-7,0.000123,true,1970-01-02T00:00:00Z\r\n"));
}

static void null_is_an_empty_cell(void **state)
{
    struct thing t = {.count = INT_NONE, .share = NAN};
    (void)state;
    csv_line(&out, &thing_shape, &t);
    assert_out(S(",,,,,false,\r\n"));
}

static void texts_are_quoted_where_they_must_and_never_formulas(void **state)
{
    static const struct {
        struct str text, cell;
    } rows[] = {
        {S("Über 日本"), S("Über 日本")},
        {S(""), S("")},
        {S("a,b"), S("\"a,b\"")},
        {S("say \"hi\""), S("\"say \"\"hi\"\"\"")},
        {S("two\r\nlines"), S("\"two\r\nlines\"")},
        {S("=1+1"), S("'=1+1")},
        {S("+1"), S("'+1")},
        {S("-1"), S("'-1")},
        {S("@SUM(A1)"), S("'@SUM(A1)")},
        {S("\tx"), S("'\tx")},
        {S("\rx"), S("\"'\rx\"")},
        {S("\nx"), S("\"'\nx\"")},
        {S("=HYPERLINK(\"http://x\",\"y\")"), S("\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"")},
        {S("1=1"), S("1=1")},
        {S("'=1"), S("'=1")},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buf_clear(&out);
        csv_text(&out, rows[i].text);
        assert_out(rows[i].cell);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_head_names_the_fields),
        TEST(a_line_has_a_cell_for_each_field),
        TEST(null_is_an_empty_cell),
        TEST(texts_are_quoted_where_they_must_and_never_formulas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
