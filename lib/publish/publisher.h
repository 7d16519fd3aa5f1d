/* publisher.h: whoever brings posts to the networks. */
#ifndef AMP_PUBLISH_PUBLISHER_H
#define AMP_PUBLISH_PUBLISHER_H

#include "domain/calendar.h"
#include "domain/content.h"
#include "net/fetch.h"

/* What the last call told about the provider and the account, apart from what it was about. */
enum call_news {
    CALL_NONE,    /* nothing was asked */
    CALL_FINE,    /* it answered */
    CALL_AWAY,    /* it cannot be reached, or has a problem of its own */
    CALL_LIMITED, /* it wants us to wait */
    CALL_REVOKED  /* it does not accept the token */
};
struct call_report {
    int calls; /* made so far */
    enum call_news news;
    struct str problem; /* for people, none if there is none */
    int64_t latency_ms, retry_after_s;
};

/* The account a tenant has connected. */
struct account {
    struct str token; /* secret */
    struct str blog_id, user_id;
    struct str pinterest_board_id; /* where pins go */
    struct str zone;               /* the brand's IANA time zone; none: UTC */
    struct call_report *report;    /* filled by every call; NULL: nobody wants to know */
};

/* A brand of the account, with what is connected to it. */
struct brand_network {
    enum platform platform;
    struct str handle, name, url, external_id; /* any may be none */
};
struct brand {
    struct str blog_id, user_id, label, zone;
    struct list networks; /* of struct brand_network */
};

/* What exactly is sent: written down before it leaves, and looked for afterwards. */
struct publication {
    enum platform platform;
    enum content_type type;
    struct copy copy;
    struct list media;     /* of struct str: URLs */
    struct list media_alt; /* of struct str, same length, may hold none */
    int64_t publish_ms;    /* the instant asked for */
};

enum send_outcome { SEND_ACCEPTED, SEND_REFUSED, SEND_UNSENT, SEND_UNCLEAR };

enum post_status { POST_UNKNOWN, POST_PENDING, POST_PUBLISHING, POST_PUBLISHED, POST_ERROR };

/* A post as the provider knows it. */
struct post {
    struct str id, uuid; /* the provider's */
    enum post_status status;
    struct str status_text; /* the provider's reason, for people */
    struct str platform_post_id, platform_url;
    int64_t publish_ms;
    enum platform platform;
    struct str text;
};

/* The result of a call. */
struct send_result {
    enum send_outcome outcome;
    struct post post;   /* SEND_ACCEPTED */
    struct str problem; /* for a marketer, else none: "Metricool refused the post: …" */
    int status;         /* HTTP, 0 if none */
    bool auth_failed;   /* the token is no longer good; nothing has arrived */
    bool unwanted;      /* SEND_UNSENT because its call never began: see publisher_send() */
    bool called;        /* the call that sends was made */
    int64_t retry_after_s;
};

/* Figures of a post, totals since it appeared. */
struct post_metrics {
    struct str platform_post_id, platform_url, text;
    int64_t published_ms;
    int64_t impressions, engagements, likes, comments, shares, saves, clicks;
};

/* Calls about many posts are made side by side, so many at once. */
enum { PUBLISHER_AT_ONCE = 10 };

/* How long such calls go on beginning, one after the other: until a token is refused, or somebody
 * asks to wait, or as many have failed in a row as the breaker allows, or time is up, or nobody
 * wants them. What was not begun by then is `unwanted`: nothing has left, and it is nobody's fault.
 * NULL: they all begin. */
enum { PATIENCE_MS = 15 * 1000 }; /* others wait meanwhile */
struct patience {
    const struct fetch_watch *outer; /* NULL: somebody wants them */
    int64_t until_us, failures, failures_max;
    bool lost;
};
struct patience patience_new(const struct config *config, const struct fetch_watch *outer);
bool patience_lasts(const struct patience *p); /* NULL: it does */

/* Sends posts. Never fails but through their results. */
struct sending {
    const struct account *account;
    struct str request_id;   /* that the provider hears; none: the context's */
    struct publication post; /* pictures are replaced by their copies */
    struct send_result result;
    int64_t copies; /* pictures that were asked to be copied: a call each */
    bool ready;     /* the room's own */
};
void publisher_send(struct outside *o, struct sending *s, size_t n, struct patience *patience);

/* All other calls return NULL, or have no failure, when they got a usable answer, and ERR_PROVIDER
 * (with a cause for the log) when the provider refused or failed, or was not asked. */

/* Looks for these very posts, all of one account, in the provider's own lists: same network, minute
 * and text. */
struct search {
    const struct account *account;
    struct str request_id;
    struct publication post;
    struct list posts; /* of struct post, mostly one or none */
    bool asked;        /* a call was made for it; else that of an earlier one told of it, too */
    bool unwanted;
    error failure;
};
void publisher_find(struct outside *o, struct search *q, size_t n, struct patience *patience);

/* What became of posts. `found` is false if the provider no longer has it. */
struct inquiry {
    const struct account *account;
    struct str request_id;
    struct str post_id;
    bool found;
    struct post post;
    bool unwanted;
    error failure;
};
void publisher_status(struct outside *o, struct inquiry *q, size_t n, struct patience *patience);

/* Takes a post back that has not appeared. Gone already counts as done. */
error publisher_cancel(struct outside *o, const struct account *acc, struct str post_id);

/* The brands that the account's token may see, whatever its blog_id: list of struct brand. *denied
 * where the token, or what it was bought with, is the reason of a failure. */
error publisher_brands(struct outside *o, const struct account *acc, struct list *out,
                       bool *denied);

/* Figures of the posts of a network that appeared in [from_ms, until_ms): list of struct
 * post_metrics. So long a range takes one call (a kind of posts), a longer one several. */
#define PUBLISHER_METRICS_MS (INT64_C(28) * 24 * 3600 * 1000)
error publisher_metrics(struct outside *o, const struct account *acc, enum platform p,
                        int64_t from_ms, int64_t until_ms, struct list *out);

/* So many follow an account at the end of a day, or (of today) now. */
struct follower_count {
    int64_t day; /* since 1970, as the provider cuts days: in the brand's zone */
    int64_t followers;
};

/* Followers of the account on a network on each day of the range, both ends inclusive, of which the
 * provider knows the number: list of struct follower_count; of a range longer than 90 days the
 * last 90. Of a platform whose followers it does not count there are none. */
error publisher_followers(struct outside *o, const struct account *acc, enum platform p,
                          int64_t first_day, int64_t last_day, struct list *out);

/* The platforms whose followers the provider counts: bits (1u << PLATFORM_…). */
unsigned publisher_counts_followers(void);

/* How good the hours of a week are on a network, in the days and hours of `zone`; the best has the
 * score 1. */
error publisher_best_times(struct outside *o, const struct account *acc, enum platform p,
                           struct str zone, struct week *out);

/* Can this platform be published to through this provider at all? */
bool publisher_offers(enum platform p);

#endif
