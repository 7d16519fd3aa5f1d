/* test_identity.c: rules of tenants, people and scopes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "domain/identity.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void a_slug_is_short_and_plain(void **state)
{
    static const struct {
        const char *name, *slug;
    } cases[] = {
        {"Acme", "acme"},
        {"Acme & S\xC3\xB6hne", "acme-s-hne"},
        {"  3 Blind Mice!  ", "3-blind-mice"},
        {"--", "tenant"},
        {"", "tenant"},
        {"\xE6\x97\xA5\xE6\x9C\xAC", "tenant"},
        {"an extraordinarily long name of a company that nobody can remember",
         "an-extraordinarily-long-name-of-a-company-that-n"},
        {"123456789 123456789 123456789 123456789 1234567 9",
         "123456789-123456789-123456789-123456789-1234567"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str slug = slug_of(arena, str_of(cases[i].name));
        if (!str_eq(slug, str_of(cases[i].slug)))
            fail_msg("%s: %.*s", cases[i].name, STR(slug));
    }
}

static void an_address_is_something_that_mail_could_go_to(void **state)
{
    static const struct {
        const char *email;
        bool plausible;
    } cases[] = {
        {"ada@example.com", true},
        {"ada+tag@mail.example.co.uk", true},
        {"\xC3\xA4"
         "da@example.com",
         true},
        {"o'neil@example.com", true},
        {"", false},
        {"ada", false},
        {"@example.com", false},
        {"ada@", false},
        {"ada@example", false},
        {"ada@.com", false},
        {"ada@example.", false},
        {"ada@@example.com", false},
        {"ada@b@example.com", false},
        {"ada lovelace@example.com", false},
        {"ada@exam ple.com", false},
        {"ada@example.com\n", false},
        {"ada\x7F@example.com", false},
        {"\xC3@example.com", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (email_plausible(str_of(cases[i].email)) != cases[i].plausible)
            fail_msg("%s", cases[i].email);
    }
}

static void an_address_has_an_end(void **state)
{
    char text[256];
    struct str domain = S("@example.com");
    (void)state;
    for (size_t i = 0; i < 255; i++)
        text[i] = 'a';
    for (size_t i = 0; i < domain.n; i++)
        text[255 - domain.n + i] = domain.p[i];
    assert_false(email_plausible((struct str){text, 255}));
    assert_true(email_plausible((struct str){text + 1, 254}));
}

#define BIT(scope) (1u << SCOPE_##scope)

static void writing_includes_reading_and_admin_everything(void **state)
{
    (void)state;
    assert_int_equal(scopes_implied(0), 0);
    assert_int_equal(scopes_implied(BIT(MISSIONS_READ)), BIT(MISSIONS_READ));
    assert_int_equal(scopes_implied(BIT(MISSIONS_WRITE)), BIT(MISSIONS_WRITE) | BIT(MISSIONS_READ));
    assert_int_equal(scopes_implied(BIT(CONTENT_WRITE)), BIT(CONTENT_WRITE) | BIT(CONTENT_READ));
    assert_int_equal(scopes_implied(BIT(INTEGRATIONS_WRITE)),
                     BIT(INTEGRATIONS_WRITE) | BIT(INTEGRATIONS_READ));
    assert_int_equal(scopes_implied(BIT(ANALYTICS_READ)), BIT(ANALYTICS_READ));
    for (int s = 1; s < SCOPE_COUNT; s++)
        assert_true(scopes_implied(BIT(ADMIN)) & 1u << s);
    assert_false(scopes_implied(BIT(ADMIN)) & BIT(NONE));
}

static void a_set_of_scopes_survives_being_listed(void **state)
{
    (void)state;
    for (unsigned set = 0; set < 1u << SCOPE_COUNT; set += 2) {
        struct list list = scopes_list(arena, set);
        assert_int_equal(scopes_of_list(&list), set);
    }
}

static void names_are_those_of_the_wire(void **state)
{
    (void)state;
    assert_int_equal(names_find(&scope_names, S("missions:read")), SCOPE_MISSIONS_READ);
    assert_int_equal(names_find(&scope_names, S("admin")), SCOPE_ADMIN);
    assert_int_equal(scope_names.n, SCOPE_COUNT);
    assert_int_equal(names_find(&plan_names, S("enterprise")), PLAN_ENTERPRISE);
    assert_int_equal(names_find(&role_names, S("operator")), ROLE_OPERATOR);
    assert_int_equal(names_find(&mode_names, S("test")), MODE_TEST);
    assert_int_equal(names_find(&mode_names, S("dev")), MODE_NONE);
}

static void the_body_that_makes_a_key_is_checked(void **state)
{
    static const struct {
        const char *body, *param;
    } cases[] = {
        {"{\"scopes\":[\"admin\"]}", "name"},
        {"{\"name\":\" \",\"scopes\":[\"admin\"]}", "name"},
        {"{\"name\":\"x\"}", "scopes"},
        {"{\"name\":\"x\",\"scopes\":[]}", "scopes"},
        {"{\"name\":\"x\",\"scopes\":[\"root\"]}", "scopes[0]"},
        {"{\"name\":\"x\",\"scopes\":[\"admin\",\"admin\"]}", "scopes[1]"},
        {"{\"name\":\"x\",\"scopes\":[\"admin\"],\"mode\":\"dev\"}", "mode"},
        {"{\"name\":\"x\",\"scopes\":[\"admin\"],\"expires_in_days\":0}", "expires_in_days"},
        {"{\"name\":\"x\",\"scopes\":[\"admin\"],\"expires_in_days\":3651}", "expires_in_days"},
        {"{\"name\":\"x\",\"scopes\":[\"admin\"],\"livemode\":true}", "livemode"},
    };
    struct api_key_request r;
    sent what;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        error e = shape_read(arena, &api_key_request_shape, str_of(cases[i].body), &r, &what);
        if (!e || !str_eq(e->param, str_of(cases[i].param)))
            fail_msg("%s: %.*s", cases[i].body, STR(e ? e->param : S("passes")));
    }
    assert_null(shape_read(arena, &api_key_request_shape,
                           S("{\"name\":\"CI\",\"scopes\":[\"missions:read\"]}"), &r, &what));
    assert_int_equal(r.mode, MODE_NONE);
    assert_int_equal(r.expires_in_days, INT_NONE);
}

static void the_secret_of_a_key_is_shown_only_where_there_is_one(void **state)
{
    struct api_key k = {.name = S("CI")};
    (void)state;
    assert_false(str_contains_nocase(shape_text(arena, &api_key_shape, &k), S("\"key\":")));
    k.key = S("amp_live_x");
    k.hash = S("0123");
    assert_true(
        str_contains_nocase(shape_text(arena, &api_key_shape, &k), S("\"key\":\"amp_live_x\"")));
    assert_false(str_contains_nocase(shape_text(arena, &api_key_shape, &k), S("0123")));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_slug_is_short_and_plain),
        TEST(an_address_is_something_that_mail_could_go_to),
        TEST(an_address_has_an_end),
        TEST(writing_includes_reading_and_admin_everything),
        TEST(a_set_of_scopes_survives_being_listed),
        TEST(names_are_those_of_the_wire),
        TEST(the_body_that_makes_a_key_is_checked),
        TEST(the_secret_of_a_key_is_shown_only_where_there_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
