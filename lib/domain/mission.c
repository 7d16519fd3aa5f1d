/* mission.c: what a mission is: shapes, states, dates. Not how it is stored or carried out. */
#include "domain/mission.h"

#include "base/clock.h"

static const struct str status_list[] = {{0}, S("draft"), S("active"), S("paused"), S("completed")};
const struct names mission_status_names = NAMES(status_list);

static const struct {
    enum mission_status from;
    enum mission_event event;
    enum mission_status to;
} transitions[] = {
    {MISSION_DRAFT, MISSION_RESUME, MISSION_ACTIVE},
    {MISSION_ACTIVE, MISSION_PAUSE, MISSION_PAUSED},
    {MISSION_PAUSED, MISSION_RESUME, MISSION_ACTIVE},
    {MISSION_ACTIVE, MISSION_COMPLETE, MISSION_COMPLETED},
    {MISSION_PAUSED, MISSION_COMPLETE, MISSION_COMPLETED},
    {MISSION_DRAFT, MISSION_DELETE, MISSION_DELETED},
    {MISSION_ACTIVE, MISSION_DELETE, MISSION_DELETED},
    {MISSION_PAUSED, MISSION_DELETE, MISSION_DELETED},
    {MISSION_COMPLETED, MISSION_DELETE, MISSION_DELETED},
};

bool mission_next(enum mission_status from, enum mission_event event, enum mission_status *to)
{
    for (size_t i = 0; i < sizeof transitions / sizeof *transitions; i++) {
        if (transitions[i].from == from && transitions[i].event == event) {
            *to = transitions[i].to;
            return true;
        }
    }
    return false;
}

static const char *check_time_of_day(struct str text)
{
    return time_of_day(text) >= 0 ? NULL : "Must be a time of day, HH:MM.";
}

static const char *check_zone(struct str text)
{
    return zone_known(text) ? NULL : "Must be an IANA time zone, such as Europe/Madrid.";
}

/* BCP 47, as far as form goes. */
static const char *check_language(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool digit = c >= '0' && c <= '9';
        if (!letter && !(i >= 2 && (digit || c == '-')))
            return "Must be a language tag, such as en or pt-BR.";
    }
    return NULL;
}

/* Hourly missions post once an hour, 24 times a day, as others do at most. */
static bool same_minute(const struct constraints *k)
{
    const struct str *times = k->posting_times.at;
    for (size_t i = 1; i < k->posting_times.n; i++)
        if (time_of_day(times[i]) % 60 != time_of_day(times[0]) % 60)
            return false;
    return true;
}

/* Completes the constraints of a client who gave posting times only, or neither. */
static error settle_constraints(struct arena *a, void *object)
{
    static const struct str nine = S("09:00");
    struct constraints *k = object;
    if (k->use_optimal_times && k->posts_per_day == INT_NONE && !k->posting_times.n)
        k->posts_per_day = 1;
    if (!k->posting_times.n && k->posts_per_day == INT_NONE)
        k->posting_times = (struct list){&nine, 1};
    if (k->posts_per_day == INT_NONE)
        k->posts_per_day = (int64_t)k->posting_times.n;
    if ((int64_t)k->posting_times.n > k->posts_per_day)
        return error_at(a, ERR_INVALID_REQUEST, S("posting_times"),
                        "Must not be more than posts_per_day.");
    if (k->earliest_time.p && k->latest_time.p &&
        time_of_day(k->earliest_time) > time_of_day(k->latest_time))
        return error_at(a, ERR_INVALID_REQUEST, S("latest_time"),
                        "Must not be before earliest_time.");
    if (k->cadence == CADENCE_HOURLY && !same_minute(k))
        return error_at(a, ERR_INVALID_REQUEST, S("posting_times"),
                        "Must all be at the same minute of their hours: hourly is once an hour.");
    if (k->exclude_days.n == 7)
        return error_at(a, ERR_INVALID_REQUEST, S("exclude_days"), "Must leave a day to post on.");
    return NULL;
}

static const struct constraints constraints_default = {
    .cadence = CADENCE_DAILY,
    .posts_per_day = INT_NONE,
    .timezone = S("UTC"),
    .auto_approve_threshold = NAN,
    .auto_approve_after_hours = INT_NONE,
    .min_approvals = 1,
    .budget_cents = INT_NONE,
    .language = S("en"),
};
static const struct field time_item = {.kind = F_TEXT,
                                       .min = 5,
                                       .max = 5,
                                       .check = check_time_of_day,
                                       .pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"};
static const struct field day_item = {.kind = F_ENUM, .values = &weekday_names};
static const struct field topic_item = {.kind = F_TEXT, .flags = F_NOT_BLANK, .min = 1, .max = 100};

#define AT(member) offsetof(struct constraints, member)
static const struct field constraint_fields[] = {
    {.name = S("tone"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(tone),
     .max = 200,
     .doc = "How the texts should sound"},
    {.name = S("cadence"),
     .kind = F_ENUM,
     .flags = F_IN,
     .at = AT(cadence),
     .values = &cadence_names,
     .doc = "On which days (or hours) to post; default daily"},
    {.name = S("posts_per_day"),
     .kind = F_INT,
     .flags = F_IN,
     .at = AT(posts_per_day),
     .min = 1,
     .max = 24,
     .doc = "Posts a day and platform; default one, or one for each posting time"},
    {.name = S("posting_times"),
     .kind = F_LIST,
     .flags = F_IN | F_UNIQUE,
     .at = AT(posting_times),
     .max = 24,
     .item = &time_item,
     .doc = "Local times, HH:MM; default 09:00. Further posts are spread over the day",
     .example = "[\"09:00\"]"},
    {.name = S("timezone"),
     .kind = F_TEXT,
     .flags = F_IN,
     .at = AT(timezone),
     .min = 1,
     .max = 64,
     .check = check_zone,
     .doc = "IANA time zone of the plan; default UTC",
     .example = "\"America/New_York\""},
    {.name = S("require_approval"),
     .kind = F_BOOL,
     .flags = F_IN,
     .at = AT(require_approval),
     .doc = "Does a person have to approve each text? Default false"},
    {.name = S("auto_approve_threshold"),
     .kind = F_NUMBER,
     .flags = F_IN | F_NULLABLE,
     .at = AT(auto_approve_threshold),
     .min = 0,
     .max = 1,
     .doc = "Texts with at least this confidence need no approval, all others do"},
    {.name = S("auto_approve_after_hours"),
     .kind = F_INT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(auto_approve_after_hours),
     .min = 1,
     .max = 720,
     .doc = "Texts that waited this long for a review are approved"},
    {.name = S("min_approvals"),
     .kind = F_INT,
     .flags = F_IN,
     .at = AT(min_approvals),
     .min = 1,
     .max = 10,
     .doc = "How many people have to approve; default 1"},
    {.name = S("use_optimal_times"),
     .kind = F_BOOL,
     .flags = F_IN,
     .at = AT(use_optimal_times),
     .doc =
         "Posts beyond the posting times stand at the best hours that are known of the audience; "
         "default false"},
    {.name = S("earliest_time"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(earliest_time),
     .min = 5,
     .max = 5,
     .check = check_time_of_day,
     .doc = "No post before this local time",
     .pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
    {.name = S("latest_time"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(latest_time),
     .min = 5,
     .max = 5,
     .check = check_time_of_day,
     .doc = "No post after this local time",
     .pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
    {.name = S("exclude_days"),
     .kind = F_LIST,
     .flags = F_IN | F_UNIQUE,
     .at = AT(exclude_days),
     .max = 7,
     .item = &day_item,
     .doc = "Weekdays without posts",
     .example = "[\"sunday\"]"},
    {.name = S("budget_cents"),
     .kind = F_INT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(budget_cents),
     .min = 0,
     .max = 1e11,
     .doc = "Never spend more than this in all; null: no limit"},
    {.name = S("excluded_topics"),
     .kind = F_LIST,
     .flags = F_IN | F_UNIQUE,
     .at = AT(excluded_topics),
     .max = 50,
     .item = &topic_item,
     .doc = "Never to be mentioned",
     .example = "[\"pricing\"]"},
    {.name = S("language"),
     .kind = F_TEXT,
     .flags = F_IN,
     .at = AT(language),
     .min = 2,
     .max = 35,
     .check = check_language,
     .doc = "BCP 47 tag of the language to write in; default en",
     .pattern = "^[A-Za-z]{2}[A-Za-z0-9-]*$",
     .example = "\"en\""},
};
#undef AT
const struct shape constraints_shape =
    SHAPE_INIT("mission_constraints", struct constraints, constraint_fields, &constraints_default,
               settle_constraints);

static const struct str metric_list[] = {
    {0},
    S("engagement_rate"),
    S("impressions"),
    S("engagements"),
    S("link_clicks"),
    S("followers_gained"),
    S("posts_published"),
    S("cost_per_engagement_cents"),
};
const struct names kpi_metric_names = NAMES(metric_list);

/* The platforms, and "all" of them. */
static const struct str kpi_platform_list[] = {
    {0},          S("twitter"), S("linkedin"), S("instagram"), S("facebook"),        S("threads"),
    S("bluesky"), S("tiktok"),  S("youtube"),  S("pinterest"), S("google_business"), S("mastodon"),
    S("all"),
};
static const struct names kpi_platform_names = NAMES(kpi_platform_list);

static const struct kpi kpi_default = {.platform = KPI_ALL, .target = NAN};

#define AT(member) offsetof(struct kpi, member)
static const struct field kpi_fields[] = {
    {.name = S("metric"),
     .kind = F_ENUM,
     .flags = F_IN | F_REQUIRED,
     .at = AT(metric),
     .values = &kpi_metric_names,
     .doc = "What is measured"},
    {.name = S("target"),
     .kind = F_NUMBER,
     .flags = F_IN | F_REQUIRED,
     .at = AT(target),
     .min = 0,
     .max = 1e15,
     .doc = "The value to reach by the end",
     .example = "4.5"},
    {.name = S("platform"),
     .kind = F_ENUM,
     .flags = F_IN,
     .at = AT(platform),
     .values = &kpi_platform_names,
     .doc = "Where; default all"},
};
#undef AT
static const struct shape kpi_shape =
    SHAPE_INIT("mission_kpi", struct kpi, kpi_fields, &kpi_default, NULL);

static const struct field objective_item = {
    .kind = F_TEXT, .flags = F_NOT_BLANK, .min = 1, .max = 500};
static const struct field platform_item = {.kind = F_ENUM, .values = &platform_names};
static const struct field kpi_item = {.kind = F_OBJECT, .shape = &kpi_shape};

enum { DURATION_DEFAULT = 30, DURATION_MAX = 3650 };

static const struct mission mission_default = {
    .status = MISSION_ACTIVE,
    .duration_days = DURATION_DEFAULT,
};

#define AT(member) offsetof(struct mission, member)
enum {
    MISSION_OBJECTIVES = 5,
    MISSION_PLATFORMS = 6,
    MISSION_KPIS = 8
}; /* rows of the table below */
static const struct field mission_fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(id), .prefix = S("msn_"), .doc = "Mission id"},
    {.name = S("name"),
     .kind = F_TEXT,
     .flags = F_IN | F_REQUIRED | F_NOT_BLANK,
     .at = AT(name),
     .min = 1,
     .max = 200,
     .doc = "What people call it",
     .example = "\"My Mission\""},
    {.name = S("description"),
     .kind = F_TEXT,
     .flags = F_IN | F_NULLABLE,
     .at = AT(description),
     .max = 5000,
     .doc = "What it is about, in a few sentences"},
    {.name = S("status"),
     .kind = F_ENUM,
     .flags = F_IN | F_CREATE_ONLY,
     .at = AT(status),
     .values = &mission_status_names,
     .doc = "Life cycle; create as draft or (default) active"},
    {.name = S("status_reason"),
     .kind = F_TEXT,
     .flags = F_NULLABLE,
     .at = AT(status_reason),
     .doc = "Why it was paused by AMP itself, else null"},
    [MISSION_OBJECTIVES] = {.name = S("objectives"),
                            .kind = F_LIST,
                            .flags = F_IN | F_REQUIRED | F_DOC,
                            .at = AT(objectives),
                            .min = 1,
                            .max = 10,
                            .item = &objective_item,
                            .doc = "What is to be reached",
                            .example = "[\"Drive awareness\"]"},
    [MISSION_PLATFORMS] = {.name = S("platforms"),
                           .kind = F_LIST,
                           .flags = F_IN | F_REQUIRED | F_DOC | F_UNIQUE,
                           .at = AT(platforms),
                           .min = 1,
                           .max = 11,
                           .item = &platform_item,
                           .doc = "Where to post",
                           .example = "[\"twitter\"]"},
    {.name = S("constraints"),
     .kind = F_OBJECT,
     .flags = F_IN | F_DOC,
     .at = AT(constraints),
     .shape = &constraints_shape,
     .doc = "Rules for what is written and when it is posted"},
    [MISSION_KPIS] = {.name = S("kpis"),
                      .kind = F_LIST,
                      .flags = F_IN | F_DOC,
                      .at = AT(kpis),
                      .max = 20,
                      .item = &kpi_item,
                      .doc = "By what success is measured"},
    {.name = S("brand_context_id"),
     .kind = F_ID,
     .flags = F_IN | F_NULLABLE,
     .at = AT(brand_context_id),
     .prefix = S("brc_"),
     .doc = "Brand to write for"},
    {.name = S("duration_days"),
     .kind = F_INT,
     .flags = F_IN,
     .at = AT(duration_days),
     .min = 1,
     .max = DURATION_MAX,
     .doc = "Length; default 30. Must agree with ends_at"},
    {.name = S("starts_at"),
     .kind = F_TIME,
     .flags = F_IN,
     .at = AT(starts_ms),
     .doc = "Start; default now"},
    {.name = S("ends_at"),
     .kind = F_TIME,
     .flags = F_IN,
     .at = AT(ends_ms),
     .doc = "End; default the end of the day duration_days after the start"},
    {.name = S("pipeline_job_id"),
     .kind = F_ID,
     .flags = F_NULLABLE,
     .at = AT(pipeline_job_id),
     .prefix = S("job_"),
     .doc = "The job that carries the mission out",
     .example = "\"job_2xK9mPqR4vN8sT3w\""},
    {.name = S("livemode"), .kind = F_BOOL, .at = AT(livemode), .doc = "Live or test data?"},
    {.name = S("created_at"), .kind = F_TIME, .at = AT(created_ms), .doc = "Creation time"},
    {.name = S("updated_at"), .kind = F_TIME, .at = AT(updated_ms), .doc = "Last change"},
};
#undef AT
const struct shape mission_shape =
    SHAPE_INIT("mission", struct mission, mission_fields, &mission_default, NULL);

#define AT(member) offsetof(struct deleted_mission, member)
static const struct field deleted_fields[] = {
    {.name = S("id"), .kind = F_ID, .at = AT(id), .prefix = S("msn_"), .doc = "Mission id"},
    {.name = S("deleted"), .kind = F_BOOL, .at = AT(deleted), .doc = "Always true"},
};
#undef AT
const struct shape deleted_mission_shape =
    SHAPE("deleted_mission", struct deleted_mission, deleted_fields);

#define AT(member) offsetof(struct mission_filter, member)
static const struct field filter_fields[] = {
    {.name = S("status"),
     .kind = F_ENUM,
     .flags = F_IN,
     .at = AT(status),
     .values = &mission_status_names,
     .doc = "Only missions in this state"},
    {.name = S("platform"),
     .kind = F_ENUM,
     .flags = F_IN,
     .at = AT(platform),
     .values = &platform_names,
     .doc = "Only missions on this platform"},
};
#undef AT
const struct shape mission_filter_shape =
    SHAPE("mission_filter", struct mission_filter, filter_fields);

/* The last second of the day `days` after the start. */
static int64_t end_of(int64_t starts_ms, int64_t days)
{
    int64_t day = starts_ms / DAY_MS + days;
    return (day + 1) * DAY_MS - 1000;
}

error mission_complete_dates(struct arena *a, struct mission *m, sent what, int64_t now_ms)
{
    bool duration_sent = was_sent(&mission_shape, what, S("duration_days"));
    if (!m->starts_ms)
        m->starts_ms = now_ms - now_ms % 1000;
    if (!was_sent(&mission_shape, what, S("ends_at")) || !m->ends_ms) {
        m->ends_ms = end_of(m->starts_ms, m->duration_days);
        if (m->ends_ms >= TIME_END_MS)
            return error_at(a, ERR_INVALID_REQUEST, S("starts_at"), "Is too late.");
    } else {
        int64_t days = (m->ends_ms - m->starts_ms) / DAY_MS;
        if (m->ends_ms <= m->starts_ms)
            return error_at(a, ERR_INVALID_REQUEST, S("ends_at"), "Must be after starts_at.");
        if (days > DURATION_MAX)
            return error_at(a, ERR_INVALID_REQUEST, S("ends_at"), "Must be within %d days.",
                            (int)DURATION_MAX);
        days = days ? days : 1;
        if (!duration_sent)
            m->duration_days = days;
        else if (m->duration_days != days && m->ends_ms != end_of(m->starts_ms, m->duration_days))
            return error_at(a, ERR_INVALID_REQUEST, S("duration_days"),
                            "Does not agree with starts_at and ends_at.");
    }
    return NULL;
}

error mission_constraints(struct arena *a, const struct mission *m, struct constraints *out)
{
    return shape_parse(a, &constraints_shape, m->constraints, out);
}

error mission_objectives(struct arena *a, const struct mission *m, struct list *out)
{
    return list_parse(a, &mission_fields[MISSION_OBJECTIVES], m->objectives, out);
}

error mission_platforms(struct arena *a, const struct mission *m, struct list *out)
{
    return list_parse(a, &mission_fields[MISSION_PLATFORMS], m->platforms, out);
}

error mission_kpis(struct arena *a, const struct mission *m, struct list *out)
{
    return list_parse(a, &mission_fields[MISSION_KPIS], m->kpis, out);
}

error mission_read_platforms(struct arena *a, struct mission *m)
{
    struct list platforms;
    const int *p;
    TRY(mission_platforms(a, m, &platforms));
    m->platform_set = 0;
    p = platforms.at;
    for (size_t i = 0; i < platforms.n; i++)
        m->platform_set |= INT64_C(1) << p[i];
    return NULL;
}

error mission_schedule(struct arena *a, const struct mission *m, const struct constraints *k,
                       struct schedule *out)
{
    int *times = arena_array(a, k->posting_times.n + 1, sizeof *times);
    const struct str *texts = k->posting_times.at;
    const int *days = k->exclude_days.at;
    *out = (struct schedule){
        .zone = k->timezone,
        .cadence = (enum cadence)k->cadence,
        .posts_per_day = (int)k->posts_per_day,
        .times = times,
        .times_count = k->posting_times.n,
        .earliest = k->earliest_time.p ? time_of_day(k->earliest_time) : -1,
        .latest = k->latest_time.p ? time_of_day(k->latest_time) : -1,
        .starts_ms = m->starts_ms,
        .ends_ms = m->ends_ms,
    };
    for (size_t i = 0; i < k->posting_times.n; i++)
        times[i] = time_of_day(texts[i]);
    for (size_t i = 0; i < k->exclude_days.n; i++)
        out->excluded_days |= 1u << days[i];
    return NULL;
}
