/* connect.c: what AMP is connected to, and how that is going. */
#include "api/connect.h"

#include "base/clock.h"
#include "base/config.h"

#include "delivery/account.h"
#include "http/reply.h"
#include "store/writer.h"

/* Those of enum integration_status. */
static const struct str health_list[] = {
    {0}, S("healthy"), S("degraded"), S("error"), S("disconnected"),
};
const struct names health_names = NAMES(health_list);

struct metricool_status {
    bool connected;
    int status;
    int64_t last_sync_ms, accounts;
    int64_t latency_ms;
    struct str last_error;
};
#define AT(member) offsetof(struct metricool_status, member)
static const struct field metricool_fields[] = {
    {.name = S("connected"), .kind = F_BOOL, .at = AT(connected), .doc = "Is there an account?"},
    {.name = S("status"),
     .kind = F_ENUM,
     .at = AT(status),
     .values = &health_names,
     .doc = "How the last calls went"},
    {.name = S("last_sync"),
     .kind = F_TIME,
     .flags = F_NULLABLE,
     .at = AT(last_sync_ms),
     .doc = "When AMP last heard of it",
     .example = "\"2026-01-15T09:00:00Z\""},
    {.name = S("accounts_connected"),
     .kind = F_INT,
     .at = AT(accounts),
     .doc = "How many social accounts it reaches"},
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
static const struct shape metricool_shape =
    SHAPE("metricool_status", struct metricool_status, metricool_fields);

struct llm_status {
    bool connected;
    int status;
    struct str provider, last_error;
    struct list order; /* of struct str */
};
static const struct field writer_item = {.kind = F_TEXT};
#define AT(member) offsetof(struct llm_status, member)
static const struct field llm_fields[] = {
    {.name = S("connected"), .kind = F_BOOL, .at = AT(connected), .doc = "Is there a writer?"},
    {.name = S("status"),
     .kind = F_ENUM,
     .at = AT(status),
     .values = &health_names,
     .doc = "How the last calls went"},
    {.name = S("provider"),
     .kind = F_TEXT,
     .at = AT(provider),
     .doc = "Who would write now",
     .example = "\"builtin\""},
    {.name = S("order"),
     .kind = F_LIST,
     .at = AT(order),
     .item = &writer_item,
     .doc = "Who writes, the next one where the one before fails",
     .example = "[\"builtin\"]"},
    {.name = S("last_error"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(last_error),
     .doc = "What went wrong last"},
};
#undef AT
static const struct shape llm_shape = SHAPE("llm_status", struct llm_status, llm_fields);

struct integrations_status {
    struct metricool_status metricool;
    struct llm_status llm;
};
#define AT(member) offsetof(struct integrations_status, member)
static const struct field integrations_fields[] = {
    {.name = S("metricool"),
     .kind = F_OBJECT,
     .at = AT(metricool),
     .shape = &metricool_shape,
     .doc = "Through which AMP publishes"},
    {.name = S("llm"), .kind = F_OBJECT, .at = AT(llm), .shape = &llm_shape, .doc = "Who writes"},
};
#undef AT
static const struct shape integrations_shape =
    SHAPE("integrations_status", struct integrations_status, integrations_fields);

struct platform_status {
    bool connected;
    struct str account;
};
#define AT(member) offsetof(struct platform_status, member)
static const struct field platform_fields[] = {
    {.name = S("connected"), .kind = F_BOOL, .at = AT(connected), .doc = "Can AMP post there?"},
    {.name = S("account"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(account),
     .doc = "As whom",
     .example = "\"@example\""},
};
#undef AT
static const struct shape platform_shape =
    SHAPE("platform_status", struct platform_status, platform_fields);
static const struct field platform_item = {.kind = F_OBJECT, .shape = &platform_shape};

struct connect_status {
    struct integrations_status integrations;
    struct str platforms;
};
#define AT(member) offsetof(struct connect_status, member)
static const struct field status_fields[] = {
    {.name = S("integrations"),
     .kind = F_OBJECT,
     .at = AT(integrations),
     .shape = &integrations_shape,
     .doc = "The services that AMP works with"},
    {.name = S("platforms"),
     .kind = F_RAW,
     .at = AT(platforms),
     .values = &platform_names,
     .item = &platform_item,
     .doc = "All platforms, connected or not"},
};
#undef AT
static const struct shape status_shape =
    SHAPE("connect_status", struct connect_status, status_fields);

static struct platform_status platform_status(const struct list *networks, int platform)
{
    const struct brand_network *n = networks->at;
    for (size_t i = 0; i < networks->n; i++) {
        if ((int)n[i].platform == platform)
            return (struct platform_status){true, n[i].handle};
    }
    return (struct platform_status){0};
}

static struct str platforms_text(struct arena *a, const struct list *networks)
{
    enum { TEXT_MAX = 64 << 10 }; /* a few platforms with a handle each */
    struct buf *text = buf_new(a, TEXT_MAX);
    struct writer w;
    write_init(&w, text);
    write_open(&w, '{');
    for (int p = PLATFORM_NONE + 1; p < PLATFORM_COUNT; p++) {
        struct platform_status status = platform_status(networks, p);
        write_key(&w, platform_names.at[p]);
        shape_write(&w, &platform_shape, &status);
    }
    write_close(&w, '}');
    return buf_str(text);
}

/* The writers in their order, and how those that are called have been doing for this tenant. */
static error llm_status(struct ctx *c, struct llm_status *out)
{
    enum { WRITERS_MAX = 3 };
    struct str order = c->scope.live ? c->config->llm_order : c->config->sandbox_llm_order;
    struct str *names = arena_array(c->arena, WRITERS_MAX, sizeof *names);
    *out = (struct llm_status){.connected = true, .status = INTEGRATION_HEALTHY};
    for (size_t n = 0; order.p && n < WRITERS_MAX; n++) {
        struct writer_row w;
        names[n] = str_trim(str_cut(&order, ','));
        out->order = (struct list){names, n + 1};
        TRY(store_writer_get(c, names[n], &w));
        if (!out->provider.p && w.pause_ms <= clock_ms())
            out->provider = names[n];
        if (w.problem.p && !out->last_error.p)
            out->last_error = w.problem;
    }
    if (!out->provider.p) {
        out->provider = names[0];
        out->status = INTEGRATION_ERROR;
    } else if (out->last_error.p) {
        out->status = INTEGRATION_DEGRADED;
    }
    return NULL;
}

static error connect_status(struct ctx *c)
{
    struct connect_status s;
    struct integration i;
    struct list networks;
    TRY(integration_load(c, &i, &networks));
    s.integrations.metricool = (struct metricool_status){
        .connected = i.status != INTEGRATION_DISCONNECTED,
        .status = i.status,
        .last_sync_ms = i.last_sync_ms,
        .accounts = (int64_t)networks.n,
        .latency_ms = i.connected_ms ? i.latency_ms : INT_NONE,
        .last_error = i.last_error,
    };
    TRY(llm_status(c, &s.integrations.llm));
    s.platforms = platforms_text(c->arena, &networks);
    return reply(c, 200, &status_shape, &s);
}

const struct route connect_routes[] = {
    {GET, "/connect/status", connect_status, "integrations:read", .out = &status_shape,
     .flags = R_OUTSIDE, .doc = "What is connected, and how that is going"},
    {0},
};
