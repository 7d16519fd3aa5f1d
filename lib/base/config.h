/* config.h: the settings of an installation. One INI file; every setting is a row of the table in
 * settings.c, from which parser, check, sample and manual come. */
#ifndef AMP_BASE_CONFIG_H
#define AMP_BASE_CONFIG_H

#include "base/crypto.h"

/* A language model and its price. */
struct llm_settings {
    struct str url, key, model;
    struct str price_in, price_out; /* dollars for a million tokens, as written */
    struct str answer_format, limit_name;
    int64_t timeout_ms, parallel, max_tokens;
};

/* Text members are none when not set and without default; numbers are in the unit of their name. */
struct config {
    /* [server] */
    struct str base_url;        /* public root, "https://amp.example.org"; links are made from it */
    struct str cors_origins;    /* comma list; none: browsers of other sites may not read */
    struct str error_url;       /* where error codes are documented; "#code" is added */
    struct str trusted_proxies; /* comma list of addresses whose X-Forwarded-For is believed */
    struct str shm_path;        /* the file shared by all processes of this host */
    int64_t requests_per_process;
    bool remember_answers;
    /* [database] */
    struct str db_socket, db_host, db_name, db_user, db_password;
    struct str db_owner, db_owner_password; /* none: the user is the owner, too */
    int64_t db_port;
    /* [log] */
    struct str log_level;
    /* [secrets] */
    struct str secret_key; /* base64 of 32 bytes */
    int64_t secret_key_id;
    struct str old_keys; /* "1:base64,…": base/seal.h */
    /* [oidc] who else may say who somebody is */
    struct str oidc_issuer, oidc_client_id;
    bool oidc_allow_private;
    /* [limits] requests a minute, and how many there may be */
    int64_t rate_free, rate_pro, rate_enterprise;
    int64_t sessions_max, keys_max, invitations_max;
    bool rate_reconcile;
    /* [worker] */
    int64_t job_days;
    int64_t poll_ms, horizon_days, lease_s, max_attempts, metrics_interval_s, late_hours;
    bool learn;
    /* [metricool] the live provider */
    struct str metricool_url;
    int64_t metricool_lead_s, metricool_timeout_ms, metricool_reconcile_s;
    int64_t metricool_calls_per_minute, breaker_failures, breaker_pause_s;
    /* [llm] who writes, in order of fallback; and [openai], [anthropic] */
    struct str llm_order, llm_prompts;
    struct llm_settings openai, anthropic;
    int64_t llm_breaker_failures, llm_breaker_pause_s;
    /* [sandbox] what test mode talks to */
    struct str sandbox_url; /* its root; Metricool's paths answer under "/api" */
    struct str sandbox_token, sandbox_ledger;
    struct str sandbox_llm_order; /* as llm_order, of test mode */
    int64_t sandbox_lead_s, sandbox_reconcile_s, sandbox_calls_per_minute;
    bool sandbox_allow_loopback; /* outgoing calls of test mode may reach 127.0.0.1 */
};

enum setting_type { SETTING_TEXT, SETTING_INT, SETTING_BOOL };

struct setting {
    const char *section, *key;
    enum setting_type type;
    size_t at;                 /* offset in struct config */
    const char *dflt;          /* as written in the file; NULL: not set */
    int64_t min, max;          /* of an integer */
    bool (*check)(struct str); /* of a text that is set; NULL: any will do */
    bool secret;               /* never printed; may come from KEY_file */
    const char *doc;
};
extern const struct setting settings[];
extern const size_t settings_count;

/* Where the file is: $AMP_CONFIG, else amp.conf beside the program, else /etc/amp/amp.conf. Text in
 * the arena; it may not exist. */
struct str config_path(struct arena *a);

/* Reads a price in dollars for a million tokens, at most six decimals, as microcents for a million
 * tokens; false if it is none. */
bool price_parse(struct str text, int64_t *microcents);

/* Reads the file at `path`. Values may also come from the environment (AMP_DATABASE_PASSWORD for
 * [database] password), which wins over the file unless it is empty, and secrets from a file named
 * by KEY_file or AMP_SECTION_KEY_FILE. An empty text is "not set". Every mistake is listed in
 * *problems, one a line with file and line number; false if there is any: unknown keys, keys set
 * twice, malformed lines, numbers out of range, unreadable file. */
bool config_load(struct arena *a, struct str path, struct config *out, struct str *problems);

/* Appends the sample file: every setting with its documentation and default. */
struct buf;
void config_sample(struct buf *out);

/* A variable of the environment, none if it is not set (the only place that reads it). */
struct str environment(const char *name);

/* Whether the file of the settings has changed since it was read. */
struct config_watch {
    struct arena *arena; /* what was read lives here */
    struct str path;
    struct config *config; /* what others read all the time */
    uint64_t mark;         /* of the file as it was read */
    int64_t looked_ms;
};

/* Follows the settings that were read from this path. */
void config_watch(struct config_watch *w, struct arena *arena, struct str path,
                  struct config *config);

/* Once a second: takes [secrets] from a file that has changed, so that a key can be changed while
 * serving. All else, and the taking away of the key, waits for a restart; a file that is not good
 * is left alone. True if there are new ones. */
bool config_watch_look(struct config_watch *w, int64_t now_ms);

#endif
