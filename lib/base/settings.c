/* settings.c: the table of all settings, and what their texts have to look like. How they are read
 * is config.c's; what a setting does is the business of the room that asks for it. */
#include "base/config.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/log.h"
#include "base/seal.h"

static bool is_url(struct str s)
{
    struct str scheme = str_starts(s, S("https://")) ? S("https://") : S("http://");
    return str_starts(s, scheme) && s.n > scheme.n && !str_ends(s, S("/")) &&
           !memchr(s.p, ' ', s.n);
}

/* A comma list of scheme://host[:port], each as browsers send it. */
static bool are_origins(struct str s)
{
    while (s.p) {
        struct str origin = str_trim(str_cut(&s, ','));
        struct str host = origin;
        if (!is_url(origin))
            return false;
        (void)str_cut(&host, '/');
        (void)str_cut(&host, '/');
        if (memchr(host.p, '/', host.n))
            return false;
    }
    return true;
}

/* A comma list of IPv4 and IPv6 addresses. */
static bool are_addresses(struct str s)
{
    unsigned char ignored[16];
    while (s.p) {
        char text[64];
        struct str address = str_trim(str_cut(&s, ','));
        if (!address.n || address.n >= sizeof text)
            return false;
        memcpy(text, address.p, address.n);
        text[address.n] = '\0';
        if (inet_pton(AF_INET, text, ignored) != 1 && inet_pton(AF_INET6, text, ignored) != 1)
            return false;
    }
    return true;
}

static bool is_path(struct str s)
{
    return str_starts(s, S("/"));
}

static bool is_level(struct str s)
{
    enum log_level level;
    return log_level_parse(s, &level);
}

static bool is_key(struct str s)
{
    unsigned char key[SEAL_KEY_LEN];
    size_t n;
    return crypto_base64_decode(s, key, sizeof key, &n) && n == sizeof key;
}

/* Decimals as they stand after the point, up to eight: a dollar has 100 million microcents. */
bool price_parse(struct str text, int64_t *microcents)
{
    enum { DECIMALS_MAX = 6, PRICE_DIGITS = 8, DOLLARS_MAX = 1000000 };
    struct str fraction = text, whole = str_cut(&fraction, '.');
    int64_t dollars, rest = 0;
    if (!str_int(whole, &dollars) || dollars < 0 || dollars > DOLLARS_MAX)
        return false;
    if (fraction.p && (fraction.n == 0 || fraction.n > DECIMALS_MAX))
        return false;
    for (size_t i = 0; i < PRICE_DIGITS; i++) {
        char digit = fraction.p && i < fraction.n ? fraction.p[i] : '0';
        if (digit < '0' || digit > '9')
            return false;
        rest = rest * 10 + (digit - '0');
    }
    *microcents = dollars * 100000000 + rest;
    return true;
}

static bool is_price(struct str s)
{
    int64_t ignored;
    return price_parse(s, &ignored);
}

/* A comma list of writers, none twice. */
static bool are_writers(struct str s)
{
    static const struct str writers[] = {S("openai"), S("anthropic"), S("builtin")};
    unsigned seen = 0;
    while (s.p) {
        struct str name = str_trim(str_cut(&s, ','));
        unsigned bit = 0;
        for (unsigned i = 0; i < sizeof writers / sizeof *writers; i++)
            bit |= str_eq(name, writers[i]) ? 1U << i : 0;
        if (!bit || seen & bit)
            return false;
        seen |= bit;
    }
    return true;
}

static bool is_answer_format(struct str s)
{
    return str_eq(s, S("json_schema")) || str_eq(s, S("json_object")) || str_eq(s, S("text"));
}

static bool is_limit_name(struct str s)
{
    return str_eq(s, S("max_tokens")) || str_eq(s, S("max_completion_tokens"));
}

#define TEXT(member) SETTING_TEXT, offsetof(struct config, member)
#define INT(member) SETTING_INT, offsetof(struct config, member)
#define BOOL(member) SETTING_BOOL, offsetof(struct config, member)

/* Rows of a section stand together. */
const struct setting settings[] = {
    {"server", "base_url", TEXT(base_url), .check = is_url,
     .doc = "Public root, like https://amp.example.org (no slash at the end), for links."},
    {"server", "cors_origins", TEXT(cors_origins), .check = are_origins,
     .doc = "Origins whose pages may use the API from a browser, separated by commas, like"
            " https://app.example.org. None by default."},
    {"server", "error_url", TEXT(error_url), "https://docs.amp.dev/api/errors", .check = is_url,
     .doc = "URL where the codes of errors are documented; #code is added."},
    {"server", "shm_path", TEXT(shm_path), "/var/lib/amp/amp.shm", .check = is_path,
     .doc = "Full path of the file that all processes of this host share."},
    {"server", "trusted_proxies", TEXT(trusted_proxies), .check = are_addresses,
     .doc = "Addresses of proxies before the web server, separated by commas, like 10.0.0.2. What"
            " they say in X-Forwarded-For is believed; what others say there is not."},
    {"server", "remember_answers", BOOL(remember_answers), "true",
     .doc = "Answer repeated reads of unchanged data without asking the database. Changes made on"
            " another host, or in the database by hand, show after two seconds."},
    {"server", "requests_per_process", INT(requests_per_process), "0", 0, 1000000000,
     .doc = "A process ends after so many requests, and the web server starts another; 0: never."
            " A request that waits for a process just then may be lost."},

    {"database", "socket", TEXT(db_socket), .check = is_path,
     .doc = "Full path of the database server's socket; wins over host."},
    {"database", "host", TEXT(db_host), .doc = "Name or address of the database server."},
    {"database", "port", INT(db_port), "3306", 1, 65535, .doc = "Its TCP port."},
    {"database", "name", TEXT(db_name), "amp", .doc = "Name of the database."},
    {"database", "user", TEXT(db_user), "amp", .doc = "Who connects."},
    {"database", "password", TEXT(db_password), .secret = true, .doc = "The password of user."},
    {"database", "owner", TEXT(db_owner),
     .doc = "Who owns the tables: amp migrate and amp audit purge connect as this one. Not set:"
            " user does."},
    {"database", "owner_password", TEXT(db_owner_password), .secret = true,
     .doc = "The password of owner."},

    {"log", "level", TEXT(log_level), "info", .check = is_level,
     .doc = "What is logged at most: error, warn, info or debug."},

    {"secrets", "key", TEXT(secret_key), .check = is_key, .secret = true,
     .doc = "Base64 of 32 random bytes (openssl rand -base64 32); seals stored tokens."},
    {"secrets", "key_id", INT(secret_key_id), "1", 1, 255,
     .doc = "The number of this key; count up when the key changes."},
    {"secrets", "old_keys", TEXT(old_keys), .check = seal_old_keys_fit, .secret = true,
     .doc =
         "Earlier keys with their numbers, like 1:base64, separated by commas: they open what they"
         " sealed until amp secrets rotate has sealed it anew."},

    {"oidc", "issuer", TEXT(oidc_issuer), .check = is_url,
     .doc = "URL of an OpenID Connect issuer whose identity tokens sign users in, exactly as it"
            " calls itself."},
    {"oidc", "client_id", TEXT(oidc_client_id),
     .doc = "The client id that tokens must have been issued for."},
    {"oidc", "allow_private", BOOL(oidc_allow_private), "false",
     .doc = "May the issuer have a private address, and then do without TLS: true or false."},

    {"limits", "free", INT(rate_free), "60", 1, 10000000,
     .doc = "Requests a minute of a tenant on the free plan."},
    {"limits", "pro", INT(rate_pro), "300", 1, 10000000, .doc = "The same on the pro plan."},
    {"limits", "enterprise", INT(rate_enterprise), "6000", 1, 10000000,
     .doc = "The same on the enterprise plan."},

    {"limits", "sessions", INT(sessions_max), "50", 1, 1000,
     .doc = "Sessions of a user; one more ends the oldest."},
    {"limits", "keys", INT(keys_max), "100", 1, 10000,
     .doc = "API keys of a tenant, in each mode, that the API makes."},
    {"limits", "invitations", INT(invitations_max), "100", 1, 10000,
     .doc = "Open invitations of a tenant."},
    {"limits", "reconcile", BOOL(rate_reconcile), "false",
     .doc = "Share the limits between several hosts, through the database, about once a second."},
    {"worker", "poll_ms", INT(poll_ms), "500", 10, 60000,
     .doc = "How long an idle worker waits before it looks for work, in milliseconds."},
    {"worker", "horizon_days", INT(horizon_days), "7", 1, 90,
     .doc = "How many days ahead content is written."},
    {"worker", "lease_s", INT(lease_s), "120", 1, 3600,
     .doc = "After so many seconds without a sign of life a job is given to another worker."},
    {"worker", "max_attempts", INT(max_attempts), "8", 1, 100,
     .doc = "A job that failed so often is given up."},
    {"worker", "job_days", INT(job_days), "30", 1, 3650,
     .doc = "Jobs that are done or cancelled are deleted so many days after they were due."},
    {"worker", "metrics_interval_s", INT(metrics_interval_s), "3600", 1, 604800,
     .doc = "Seconds between two looks at the figures of what was published."},
    {"worker", "late_hours", INT(late_hours), "2", 1, 8760,
     .doc =
         "A post that could not go out so long after its time gets another place in the calendar,"
         " or waits for people."},
    {"worker", "learn", BOOL(learn), "true",
     .doc = "Let results move the weights of a mission's pillars, types of content and hours."},

    {"metricool", "url", TEXT(metricool_url), "https://app.metricool.com/api", .check = is_url,
     .doc = "URL of Metricool's API, for live mode."},
    {"metricool", "lead_s", INT(metricool_lead_s), "60", 0, 86400,
     .doc = "A post to be out now is scheduled so many seconds ahead."},
    {"metricool", "timeout_ms", INT(metricool_timeout_ms), "10000", 100, 120000,
     .doc = "The deadline of one call, in milliseconds."},
    {"metricool", "reconcile_s", INT(metricool_reconcile_s), "30", 0, 86400,
     .doc = "Seconds to wait before looking whether a post of unclear outcome has arrived."},
    {"metricool", "calls_per_minute", INT(metricool_calls_per_minute), "60", 0, 100000,
     .doc = "So many calls a minute are made for a tenant, over all hosts; 0: no limit."},
    {"metricool", "breaker_failures", INT(breaker_failures), "5", 0, 1000,
     .doc = "After so many failures in a row a tenant's calls pause, in both modes; 0: never."},
    {"metricool", "breaker_pause_s", INT(breaker_pause_s), "30", 1, 900,
     .doc = "The first of these pauses, in seconds; each further one is twice as long."},

    {"llm", "order", TEXT(llm_order), "builtin", .check = are_writers,
     .doc = "Who writes in live mode, the next one where the one before fails: openai, anthropic,"
            " builtin, separated by commas."},
    {"llm", "prompts", TEXT(llm_prompts), .check = is_path,
     .doc =
         "Full path of the folder with the texts that language models are asked with. Not set: the"
         " one that was installed with the program, share/amp/prompts."},
    {"llm", "breaker_failures", INT(llm_breaker_failures), "3", 1, 100,
     .doc = "After so many failures in a row a model is left alone for a while."},
    {"llm", "breaker_pause_s", INT(llm_breaker_pause_s), "30", 1, 3600,
     .doc = "For so many seconds; twice as long each time, at most an hour."},

    {"openai", "url", TEXT(openai.url), "https://api.openai.com/v1", .check = is_url,
     .doc = "Root of an API with /chat/completions: OpenAI, OpenRouter, Ollama, vLLM, llama.cpp."},
    {"openai", "key", TEXT(openai.key), .secret = true,
     .doc = "Its API key; not set: none is sent."},
    {"openai", "model", TEXT(openai.model), "gpt-4o-mini", .doc = "The model that writes."},
    {"openai", "price_in", TEXT(openai.price_in), "0", .check = is_price,
     .doc = "Dollars for a million tokens that it reads, like 0.15."},
    {"openai", "price_out", TEXT(openai.price_out), "0", .check = is_price,
     .doc = "Dollars for a million tokens that it writes."},
    {"openai", "timeout_ms", INT(openai.timeout_ms), "60000", 100, 600000,
     .doc = "The deadline of one call, in milliseconds."},
    {"openai", "parallel", INT(openai.parallel), "4", 1, 32,
     .doc = "So many calls at the same time, of each worker."},
    {"openai", "max_tokens", INT(openai.max_tokens), "2000", 100, 100000,
     .doc = "A text may take so many tokens; this much is reserved of a budget for each call."},
    {"openai", "answer_format", TEXT(openai.answer_format), "json_schema",
     .check = is_answer_format,
     .doc = "How the form of an answer is demanded: json_schema, json_object, or text where the"
            " server knows neither."},
    {"openai", "limit_name", TEXT(openai.limit_name), "max_tokens", .check = is_limit_name,
     .doc = "What the server calls the limit: max_tokens or max_completion_tokens."},

    {"anthropic", "url", TEXT(anthropic.url), "https://api.anthropic.com/v1", .check = is_url,
     .doc = "Root of an API with /messages."},
    {"anthropic", "key", TEXT(anthropic.key), .secret = true,
     .doc = "Its API key; not set: none is sent."},
    {"anthropic", "model", TEXT(anthropic.model), "claude-3-5-haiku-latest",
     .doc = "The model that writes."},
    {"anthropic", "price_in", TEXT(anthropic.price_in), "0", .check = is_price,
     .doc = "Dollars for a million tokens that it reads, like 0.15."},
    {"anthropic", "price_out", TEXT(anthropic.price_out), "0", .check = is_price,
     .doc = "Dollars for a million tokens that it writes."},
    {"anthropic", "timeout_ms", INT(anthropic.timeout_ms), "60000", 100, 600000,
     .doc = "The deadline of one call, in milliseconds."},
    {"anthropic", "parallel", INT(anthropic.parallel), "4", 1, 32,
     .doc = "So many calls at the same time, of each worker."},
    {"anthropic", "max_tokens", INT(anthropic.max_tokens), "2000", 100, 100000,
     .doc = "A text may take so many tokens; this much is reserved of a budget for each call."},

    {"sandbox", "url", TEXT(sandbox_url), .check = is_url,
     .doc = "URL of the sandbox, which test mode talks to; Metricool's paths answer under /api."},
    {"sandbox", "token", TEXT(sandbox_token), .secret = true,
     .doc = "The Metricool token that the sandbox accepts."},
    {"sandbox", "ledger", TEXT(sandbox_ledger), "/var/lib/amp/sandbox.ledger", .check = is_path,
     .doc = "Full path of the file in which the sandbox keeps what it was sent."},
    {"sandbox", "llm_order", TEXT(sandbox_llm_order), "builtin", .check = are_writers,
     .doc = "Who writes in test mode: as [llm] order, but openai and anthropic are the sandbox's"
            " imitations, at the prices of the real ones."},
    {"sandbox", "lead_s", INT(sandbox_lead_s), "0", 0, 86400, .doc = "As [metricool] lead_s."},
    {"sandbox", "reconcile_s", INT(sandbox_reconcile_s), "1", 0, 86400,
     .doc = "As [metricool] reconcile_s."},
    {"sandbox", "calls_per_minute", INT(sandbox_calls_per_minute), "0", 0, 100000,
     .doc = "As [metricool] calls_per_minute; 0: the sandbox has no limits."},
    {"sandbox", "allow_loopback", BOOL(sandbox_allow_loopback), "true",
     .doc = "May calls of test mode (webhooks, sandbox) reach this host itself: true or false."},
};

const size_t settings_count = sizeof settings / sizeof *settings;
