/* figures.h: the sandbox's numbers: plausible, the same each time they are asked for, growing with
 * the account's clock. */
#ifndef AMP_SANDBOX_FIGURES_H
#define AMP_SANDBOX_FIGURES_H

#include "sandbox/networks.h"

/* A number that two others decide, and that looks like chance. */
uint64_t sandbox_mix(uint64_t a, uint64_t b);

/* How good an hour is on a network for an account, in thousandths: 100 to 1000, best about noon and
 * in the evening of a working day. weekday: 0 = Monday. */
int64_t sandbox_hour(int64_t account, int network, int weekday, int hour);

/* Counts of a post `age_ms` after it appeared at a local weekday and hour. They never fall as time
 * passes, and what people did (all but impressions, together) never exceeds the impressions. */
struct sandbox_figures {
    int64_t count[COUNT_KINDS];
};
struct sandbox_figures sandbox_figures_of(int64_t account, int64_t post, int network, int weekday,
                                          int hour, int64_t age_ms);

/* All that people did: the sum of the counts but impressions. */
int64_t sandbox_interactions(const struct sandbox_figures *f);

/* Makes what people did so many times as much, up to three times. */
void sandbox_engage(struct sandbox_figures *f, int64_t times);

/* Followers of the account on a network at the end of the day that holds `ms`. */
int64_t sandbox_followers(int64_t account, int network, int64_t ms);

#endif
