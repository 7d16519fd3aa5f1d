/* brands.c: the brands of an account, in the two forms in which Metricool lists them, and the
 * copying of pictures. */
#include "sandbox/figures.h"
#include "sandbox/visit.h"

const struct sandbox_brand sandbox_brands[SANDBOX_BRANDS] = {
    {"Sandbox Brand", "All networks", "Europe/Madrid", SANDBOX_NETWORKS},
    {"Sandbox Side Project", "Two networks", "America/New_York", 2},
};

static struct str handle_of(struct arena *a, int64_t brand)
{
    return arena_printf(a, "sandbox%lld", (long long)brand);
}

static void write_network(struct writer *w, struct arena *a, int64_t brand, int network)
{
    const struct sandbox_network *n = &sandbox_networks[network];
    struct str handle = handle_of(a, brand);
    uint64_t id = sandbox_mix((uint64_t)brand, (uint64_t)network) % 1000000000;
    write_key(w, n->connected);
    write_open(w, '{');
    write_member_text(w, S("id"), arena_printf(a, "%llu", (unsigned long long)id));
    write_member_text(w, S("username"), handle);
    write_member_text(w, S("name"), S("Sandbox Brand"));
    write_member_text(w, S("picture"), S("https://example.com/sandbox.png"));
    write_member_text(w, S("url"),
                      arena_printf(a, "https://example.com/%.*s/%.*s", STR(n->name), STR(handle)));
    write_close(w, '}');
}

static void write_brand(struct writer *w, struct ctx *c, int index)
{
    const struct sandbox_brand *b = &sandbox_brands[index];
    int64_t account = visit_of(c)->account;
    write_open(w, '{');
    write_member_int(w, S("id"), account_brand(account, index));
    write_member_int(w, S("userId"), account_user(account));
    write_member_text(w, S("label"), str_of(b->label));
    write_member_text(w, S("title"), str_of(b->title));
    write_member_text(w, S("timezone"), str_of(b->zone));
    write_member_bool(w, S("isShared"), false);
    write_key(w, S("networksData"));
    write_open(w, '{');
    for (int i = 0; i < b->networks; i++)
        write_network(w, c->arena, account_brand(account, index), i);
    write_close(w, '}');
    write_close(w, '}');
}

static error list_brands(struct ctx *c)
{
    struct writer w;
    write_open(visit_data(c, &w), '[');
    for (int i = 0; i < SANDBOX_BRANDS; i++)
        write_brand(&w, c, i);
    write_close(&w, ']');
    return visit_reply(c, &w);
}

static void write_profile(struct writer *w, struct ctx *c, int index)
{
    const struct sandbox_brand *b = &sandbox_brands[index];
    int64_t account = visit_of(c)->account;
    write_open(w, '{');
    write_member_int(w, S("id"), account_brand(account, index));
    write_member_int(w, S("userId"), account_user(account));
    write_member_text(w, S("label"), str_of(b->label));
    write_member_text(w, S("timezone"), str_of(b->zone));
    for (int i = 0; i < b->networks; i++)
        write_member_text(w, sandbox_networks[i].profile,
                          handle_of(c->arena, account_brand(account, index)));
    write_close(w, '}');
}

/* The older call answers with a bare array. */
static error list_profiles(struct ctx *c)
{
    struct writer w;
    write_open(reply_begin(c, &w), '[');
    for (int i = 0; i < SANDBOX_BRANDS; i++)
        write_profile(&w, c, i);
    write_close(&w, ']');
    return reply_done(c, 200);
}

static error copy_picture(struct ctx *c)
{
    struct writer w;
    struct str url;
    TRY(visit_brand(c));
    TRY(visit_parameter(c, "url", &url));
    if (!str_starts(url, S("https://")) && !str_starts(url, S("http://")))
        return error_at(c->arena, ERR_INVALID_REQUEST, S("url"), "url must be a web address.");
    write_open(reply_begin(c, &w), '{');
    write_member_text(&w, S("url"), url);
    write_close(&w, '}');
    return reply_done(c, 200);
}

const struct route sandbox_brand_routes[] = {
    {GET, "/api/v2/settings/brands", list_brands, .doc = "Brands"},
    {GET, "/api/admin/simpleProfiles", list_profiles, .doc = "Brands, the older form"},
    {GET, "/api/actions/normalize/image/url", copy_picture, .doc = "Copy a picture"},
    {0},
};
