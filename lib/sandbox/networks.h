/* networks.h: the networks as the sandbox imitates them, one row each. */
#ifndef AMP_SANDBOX_NETWORKS_H
#define AMP_SANDBOX_NETWORKS_H

#include "base/str.h"

/* What is counted of a post. */
enum count {
    COUNT_IMPRESSIONS,
    COUNT_LIKES,
    COUNT_COMMENTS,
    COUNT_SHARES,
    COUNT_SAVES,
    COUNT_CLICKS,
    COUNT_KINDS
};

struct sandbox_network {
    struct str name;      /* in providers */
    struct str data;      /* object of a post with what only this network knows */
    struct str connected; /* key in a brand's networksData */
    struct str profile;   /* field of a simple profile */
    bool needs_media;
    int64_t reach;             /* impressions of a usual post in the end */
    int64_t half_ms;           /* after which half of them have happened */
    int64_t rate[COUNT_KINDS]; /* a thousand impressions bring so many; under 150 in all */
    /* Names in the answers of analytics; none: the network does not tell. */
    struct str id, url, text, count[COUNT_KINDS];
};

enum { SANDBOX_NETWORKS = 10 };
extern const struct sandbox_network sandbox_networks[SANDBOX_NETWORKS];

/* The row of that name; -1 if there is none. */
int sandbox_network_find(struct str name);

#endif
