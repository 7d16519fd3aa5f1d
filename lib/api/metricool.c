/* metricool.c: the account at Metricool: connected, looked at, disconnected. How everything is
 * doing is connect.c's. */
#include "api/connect.h"

#include "db/db.h"
#include "db/tx.h"
#include "delivery/calls.h"
#include "delivery/delivery.h"
#include "http/reply.h"

static const struct field platform_item = {.kind = F_ENUM, .values = &platform_names};

error integration_load(struct ctx *c, struct integration *out, struct list *networks)
{
    struct connection unused;
    error e = account_of(c, &unused);
    *out = (struct integration){.status = INTEGRATION_DISCONNECTED, .latency_ms = INT_NONE};
    *networks = (struct list){0};
    if (error_is(e, ERR_PROVIDER))
        out->last_error = e->message;
    if (error_is(e, ERR_PROVIDER) || error_is(e, ERR_NOT_CONNECTED))
        return NULL;
    TRY(e);
    TRY(store_integration_get(c, out));
    if (out->status == INTEGRATION_DISCONNECTED)
        return NULL;
    return account_networks(c->arena, out, networks);
}

/* The platforms of some networks, as numbers: list of int. */
static struct list platforms_of(struct arena *a, const struct list *networks)
{
    const struct brand_network *n = networks->at;
    int *platforms = arena_array(a, networks->n + 1, sizeof *platforms);
    for (size_t i = 0; i < networks->n; i++)
        platforms[i] = (int)n[i].platform;
    return (struct list){platforms, networks->n};
}

/* --- Connecting --- */

struct connect_request {
    struct str token, blog_id, user_id, pinterest_board_id;
};
#define AT(member) offsetof(struct connect_request, member)
static const struct field request_fields[] = {
    {.name = S("token"),
     .kind = F_TEXT,
     .flags = F_IN | F_REQUIRED | F_NOT_BLANK | F_HIDDEN,
     .at = AT(token),
     .min = 1,
     .max = 1500,
     .doc = "The API token of the account (Metricool: account settings, API)"},
    {.name = S("blog_id"),
     .kind = F_TEXT,
     .flags = F_IN | F_REQUIRED,
     .at = AT(blog_id),
     .min = 1,
     .max = 64,
     .doc = "The brand's number",
     .example = "\"5391813\""},
    {.name = S("user_id"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(user_id),
     .min = 1,
     .max = 64,
     .doc = "The user's number; what Metricool says if it is left out",
     .example = "\"4189470\""},
    {.name = S("pinterest_board_id"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE | F_NOT_BLANK,
     .at = AT(pinterest_board_id),
     .min = 1,
     .max = 64,
     .doc = "The board that pins go to; left out, that of the same brand stays",
     .example = "\"854768310472\""},
};
#undef AT
static const struct shape request_shape =
    SHAPE("metricool_request", struct connect_request, request_fields);

struct connected_brand {
    struct str blog_id, blog_name;
    int64_t connected_ms;
};
#define AT(member) offsetof(struct connected_brand, member)
static const struct field connected_fields[] = {
    {.name = S("blog_id"),
     .kind = F_TEXT,
     .at = AT(blog_id),
     .doc = "The brand's number",
     .example = "\"5391813\""},
    {.name = S("blog_name"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(blog_name),
     .doc = "What Metricool calls it",
     .example = "\"Your Brand\""},
    {.name = S("connected_at"), .kind = F_TIME, .at = AT(connected_ms), .doc = "Now"},
};
#undef AT
static const struct shape connected_shape =
    SHAPE("connected_brand", struct connected_brand, connected_fields);

static const struct str connected_list[] = {{0}, S("connected")};
static const struct names connected_names = NAMES(connected_list);

struct connect_answer {
    int status;
    struct connected_brand metricool;
    struct list platforms;
};
#define AT(member) offsetof(struct connect_answer, member)
static const struct field answer_fields[] = {
    {.name = S("status"),
     .kind = F_ENUM,
     .at = AT(status),
     .values = &connected_names,
     .doc = "connected"},
    {.name = S("metricool"),
     .kind = F_OBJECT,
     .at = AT(metricool),
     .shape = &connected_shape,
     .doc = "The brand through which AMP publishes from now on"},
    {.name = S("available_platforms"),
     .kind = F_LIST,
     .at = AT(platforms),
     .item = &platform_item,
     .doc = "Where AMP can post now",
     .example = "[\"twitter\",\"linkedin\"]"},
};
#undef AT
static const struct shape answer_shape =
    SHAPE("metricool_connected", struct connect_answer, answer_fields);

static const struct brand *find_brand(const struct list *brands, struct str blog_id)
{
    const struct brand *b = brands->at;
    for (size_t i = 0; i < brands->n; i++) {
        if (str_eq(b[i].blog_id, blog_id))
            return &b[i];
    }
    return NULL;
}

static error ask_brands(struct ctx *c, const struct account *acc, struct list *out, bool *denied)
{
    error e = publisher_brands(leave(c), acc, out, denied);
    TRY(calls_note(c, &(struct calls){.what = S("settings.brands"), .n = acc->report->calls}));
    return e;
}

/* The brand of that number, as the token sees it. */
static error verify(struct ctx *c, const struct account *acc, struct brand *out)
{
    struct list brands;
    const struct brand *brand;
    bool denied;
    error e = ask_brands(c, acc, &brands, &denied);
    if (e && denied)
        return error_at(c->arena, ERR_VALIDATION_FAILED, S("token"),
                        "Metricool does not accept this token, or its plan has no API access.");
    TRY(e);
    brand = find_brand(&brands, acc->blog_id);
    if (!brand)
        return error_at(c->arena, ERR_VALIDATION_FAILED, S("blog_id"),
                        "This token sees %zu brands, and none has this number.", brands.n);
    *out = *brand;
    if (!out->user_id.n)
        out->user_id = acc->user_id;
    return NULL;
}

static error put(struct ctx *c, void *arg)
{
    return connection_put(c, arg);
}

static error metricool_connect(struct ctx *c)
{
    const struct connect_request *in = c->req->in;
    struct call_report report = {0};
    struct account acc = {
        .token = in->token, .blog_id = in->blog_id, .user_id = in->user_id, .report = &report};
    struct brand brand;
    struct integration i;
    TRY(db_ping(c->db)); /* nobody is asked what could not be kept */
    TRY(verify(c, &acc, &brand));
    TRY(account_row(c, &brand, in->token, &i));
    i.pinterest_board_id = in->pinterest_board_id;
    i.latency_ms = report.latency_ms;
    TRY(in_transaction(c, put, &i));
    return reply(c, 200, &answer_shape,
                 &(struct connect_answer){1,
                                          {i.blog_id, i.blog_name, i.connected_ms},
                                          platforms_of(c->arena, &brand.networks)});
}

/* --- Looking --- */

struct metricool_account {
    int status;
    struct str blog_id, blog_name, user_id, zone, pinterest_board_id, last_error;
    int64_t connected_ms, last_sync_ms, latency_ms;
    struct list platforms;
};
#define AT(member) offsetof(struct metricool_account, member)
static const struct field account_fields[] = {
    {.name = S("status"),
     .kind = F_ENUM,
     .at = AT(status),
     .values = &health_names,
     .doc = "How the last calls went; with error nothing is sent until it is connected again"},
    {.name = S("blog_id"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(blog_id),
     .doc = "The brand's number",
     .example = "\"5391813\""},
    {.name = S("blog_name"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(blog_name),
     .doc = "What Metricool calls it",
     .example = "\"Your Brand\""},
    {.name = S("user_id"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(user_id),
     .doc = "The user's number",
     .example = "\"4189470\""},
    {.name = S("timezone"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(zone),
     .doc = "The brand's time zone",
     .example = "\"Europe/Madrid\""},
    {.name = S("pinterest_board_id"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(pinterest_board_id),
     .doc = "The board that pins go to; without one nothing is published on Pinterest",
     .example = "\"854768310472\""},
    {.name = S("available_platforms"),
     .kind = F_LIST,
     .at = AT(platforms),
     .item = &platform_item,
     .doc = "Where AMP can post",
     .example = "[\"twitter\",\"linkedin\"]"},
    {.name = S("connected_at"),
     .kind = F_TIME,
     .flags = F_NULLABLE,
     .at = AT(connected_ms),
     .doc = "Since when"},
    {.name = S("last_sync"),
     .kind = F_TIME,
     .flags = F_NULLABLE,
     .at = AT(last_sync_ms),
     .doc = "When AMP last heard of it"},
    {.name = S("latency_ms"),
     .kind = F_INT,
     .flags = F_NULLABLE,
     .at = AT(latency_ms),
     .doc = "How long its last answer took"},
    {.name = S("last_error"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(last_error),
     .doc = "What went wrong last"},
};
#undef AT
static const struct shape account_shape =
    SHAPE("metricool_account", struct metricool_account, account_fields);

static struct str given(struct str text)
{
    return text.n ? text : (struct str){0};
}

static error metricool_get(struct ctx *c)
{
    struct integration i;
    struct list networks;
    TRY(integration_load(c, &i, &networks));
    return reply(c, 200, &account_shape,
                 &(struct metricool_account){
                     .status = i.status,
                     .blog_id = given(i.blog_id),
                     .blog_name = i.blog_name,
                     .user_id = given(i.user_id),
                     .zone = i.zone,
                     .pinterest_board_id = i.pinterest_board_id,
                     .last_error = i.last_error,
                     .connected_ms = i.connected_ms,
                     .last_sync_ms = i.last_sync_ms,
                     .latency_ms = i.connected_ms ? i.latency_ms : INT_NONE,
                     .platforms = platforms_of(c->arena, &networks),
                 });
}

static const struct str account_status_list[] = {{0}, S("connected"), S("error")};
static const struct names account_status_names = NAMES(account_status_list);

/* A social account that posts can go to. */
struct social_account {
    struct str id, handle, name, url;
    int platform, status;
};
#define AT(member) offsetof(struct social_account, member)
static const struct field social_fields[] = {
    {.name = S("id"),
     .kind = F_TEXT,
     .at = AT(id),
     .doc = "What Metricool calls it; the platform's name where it has no number",
     .example = "\"783214\""},
    {.name = S("platform"),
     .kind = F_ENUM,
     .at = AT(platform),
     .values = &platform_names,
     .doc = "Where it is"},
    {.name = S("handle"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(handle),
     .doc = "As whom posts appear",
     .example = "\"example\""},
    {.name = S("name"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(name),
     .doc = "Its name",
     .example = "\"Example Inc.\""},
    {.name = S("status"),
     .kind = F_ENUM,
     .at = AT(status),
     .values = &account_status_names,
     .doc = "error: Metricool does not accept the token any more"},
    {.name = S("url"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(url),
     .doc = "Its page",
     .example = "\"https://x.com/example\""},
};
#undef AT
static const struct shape social_shape =
    SHAPE("social_account", struct social_account, social_fields);

static error accounts_list(struct ctx *c)
{
    struct integration i;
    struct list networks;
    const struct brand_network *n;
    struct social_account *accounts;
    TRY(integration_load(c, &i, &networks));
    n = networks.at;
    accounts = arena_array(c->arena, networks.n + 1, sizeof *accounts);
    for (size_t k = 0; k < networks.n; k++)
        accounts[k] = (struct social_account){
            .id = n[k].external_id.n ? n[k].external_id : platform_names.at[n[k].platform],
            .handle = n[k].handle,
            .name = n[k].name,
            .url = n[k].url,
            .platform = (int)n[k].platform,
            .status = i.status == INTEGRATION_ERROR ? 2 : 1,
        };
    return reply_list(c, &social_shape, &(struct list){accounts, networks.n}, false,
                      (int64_t)networks.n);
}

/* --- Asking Metricool --- */

struct brand_answer {
    struct str blog_id, name, zone;
    bool connected;
    struct list platforms;
};
#define AT(member) offsetof(struct brand_answer, member)
static const struct field brand_fields[] = {
    {.name = S("blog_id"),
     .kind = F_TEXT,
     .at = AT(blog_id),
     .doc = "Its number, to connect it by",
     .example = "\"5391813\""},
    {.name = S("name"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(name),
     .doc = "What Metricool calls it",
     .example = "\"Your Brand\""},
    {.name = S("timezone"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(zone),
     .doc = "Its time zone",
     .example = "\"Europe/Madrid\""},
    {.name = S("platforms"),
     .kind = F_LIST,
     .at = AT(platforms),
     .item = &platform_item,
     .doc = "What is connected to it at Metricool",
     .example = "[\"twitter\",\"linkedin\"]"},
    {.name = S("connected"),
     .kind = F_BOOL,
     .at = AT(connected),
     .doc = "Does AMP publish through it?"},
};
#undef AT
static const struct shape brand_shape = SHAPE("metricool_brand", struct brand_answer, brand_fields);

/* The account that is connected, whatever its state. */
static error connected_account(struct ctx *c, struct connection *to)
{
    TRY(account_of(c, to));
    if (to->status == INTEGRATION_DISCONNECTED)
        return error_at(c->arena, ERR_NOT_CONNECTED, (struct str){0}, "No account is connected.");
    return NULL;
}

static error brands_list(struct ctx *c)
{
    struct connection to;
    struct list brands;
    const struct brand *b;
    struct brand_answer *out;
    bool denied;
    error e;
    TRY(connected_account(c, &to));
    e = ask_brands(c, &to.account, &brands, &denied);
    TRY(connection_note(c, &to));
    TRY(e);
    b = brands.at;
    out = arena_array(c->arena, brands.n + 1, sizeof *out);
    for (size_t i = 0; i < brands.n; i++)
        out[i] = (struct brand_answer){
            .blog_id = b[i].blog_id,
            .name = b[i].label,
            .zone = b[i].zone,
            .connected = str_eq(b[i].blog_id, to.account.blog_id),
            .platforms = platforms_of(c->arena, &b[i].networks),
        };
    return reply_list(c, &brand_shape, &(struct list){out, brands.n}, false, (int64_t)brands.n);
}

struct test_answer {
    int status;
    int64_t latency_ms, checked_ms;
    struct str problem;
};
#define AT(member) offsetof(struct test_answer, member)
static const struct field test_fields[] = {
    {.name = S("status"),
     .kind = F_ENUM,
     .at = AT(status),
     .values = &health_names,
     .doc = "healthy; degraded: no usable answer; error: the token or its brand is refused"},
    {.name = S("latency_ms"), .kind = F_INT, .at = AT(latency_ms), .doc = "How long it took"},
    {.name = S("checked_at"), .kind = F_TIME, .at = AT(checked_ms), .doc = "Now"},
    {.name = S("problem"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(problem),
     .doc = "What is wrong, for people"},
};
#undef AT
static const struct shape test_shape = SHAPE("metricool_test", struct test_answer, test_fields);

static error metricool_test(struct ctx *c)
{
    struct connection to;
    struct brand unused;
    error e;
    TRY(connected_account(c, &to));
    e = verify(c, &to.account, &unused);
    if (e && !error_is(e, ERR_VALIDATION_FAILED) && !error_is(e, ERR_PROVIDER))
        return e;
    TRY(connection_note(c, &to));
    return reply(c, 200, &test_shape,
                 &(struct test_answer){
                     .status = !e                          ? INTEGRATION_HEALTHY
                               : error_is(e, ERR_PROVIDER) ? INTEGRATION_DEGRADED
                                                           : INTEGRATION_ERROR,
                     .latency_ms = to.account.report->latency_ms,
                     .checked_ms = c->now_ms,
                     .problem = e && to.account.report->problem.p ? to.account.report->problem
                                : e                               ? e->message
                                                                  : (struct str){0},
                 });
}

/* --- Disconnecting --- */

static const struct str disconnected_list[] = {{0}, S("disconnected")};
static const struct names disconnected_names = NAMES(disconnected_list);
static const struct field content_item = {.kind = F_ID, .prefix = S("cnt_")};

struct disconnect_answer {
    int status;
    struct list cancelled, left;
};
#define AT(member) offsetof(struct disconnect_answer, member)
static const struct field disconnect_fields[] = {
    {.name = S("status"),
     .kind = F_ENUM,
     .at = AT(status),
     .values = &disconnected_names,
     .doc = "disconnected"},
    {.name = S("cancelled"),
     .kind = F_LIST,
     .at = AT(cancelled),
     .item = &content_item,
     .doc = "Content that Metricool had and that was taken back; it is approved again",
     .example = "[]"},
    {.name = S("left"),
     .kind = F_LIST,
     .at = AT(left),
     .item = &content_item,
     .doc = "Content that Metricool may still bring out",
     .example = "[]"},
};
#undef AT
static const struct shape disconnect_shape =
    SHAPE("metricool_disconnected", struct disconnect_answer, disconnect_fields);

static error metricool_disconnect(struct ctx *c)
{
    struct disconnect_answer out = {.status = 1};
    TRY(delivery_disconnect(c, &out.cancelled, &out.left));
    return reply(c, 200, &disconnect_shape, &out);
}

const struct route metricool_routes[] = {
    {POST, "/connect/metricool", metricool_connect, "integrations:write", .in = &request_shape,
     .out = &answer_shape, .flags = R_OUTSIDE,
     .doc = "Connect a brand, once Metricool has accepted the token", .name = "connectMetricool"},
    {GET, "/connect/metricool", metricool_get, "integrations:read", .out = &account_shape,
     .flags = R_OUTSIDE, .doc = "The account, and how it is doing", .name = "getMetricool"},
    {DELETE, "/connect/metricool", metricool_disconnect, "integrations:write",
     .out = &disconnect_shape, .flags = R_OUTSIDE,
     .doc = "Take back what Metricool has not brought out, and forget the token",
     .name = "disconnectMetricool"},
    {GET, "/connect/metricool/test", metricool_test, "integrations:read", .out = &test_shape,
     .flags = R_OUTSIDE, .doc = "Ask Metricool now whether all is well", .name = "testMetricool"},
    {GET, "/connect/metricool/brands", brands_list, "integrations:read", .out = &brand_shape,
     .flags = R_OUTSIDE | R_WHOLE, .doc = "The brands that the token sees",
     .name = "listMetricoolBrands"},
    {GET, "/connect/metricool/accounts", accounts_list, "integrations:read", .out = &social_shape,
     .flags = R_OUTSIDE | R_WHOLE, .doc = "The social accounts that posts can go to",
     .name = "listMetricoolAccounts"},
    {0},
};
