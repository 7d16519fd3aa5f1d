/* metricool.h: Metricool's wire without the calls, private to this room: bodies to send, answers to
 * read. */
#ifndef AMP_PUBLISH_METRICOOL_H
#define AMP_PUBLISH_METRICOOL_H

#include "json/tree.h"
#include "publish/publisher.h"

/* How a network is called in the various places of the wire. Its name in `providers` stands in
 * platform_rules. */
struct wire_network {
    enum platform platform;
    const char *data;         /* object of a post with what only this network knows */
    const char *connected[2]; /* key in a brand's networksData; a second name, or NULL */
    const char *profile;      /* field of a simple profile */
};
extern const struct wire_network wire_networks[];
extern const size_t wire_networks_count;

/* The names of a platform; NULL if Metricool does not offer it. */
const struct wire_network *wire_network_of(enum platform p);

/* The platform of a network name in an answer; PLATFORM_NONE if it is none of ours. */
enum platform wire_platform(struct str network);

/* An instant as the wire has it: local time of the zone, "2025-12-05T15:30:00". A zone that is none
 * or that the system does not know is UTC. */
struct str wire_time(struct arena *a, int64_t ms, struct str zone);
struct str wire_zone(struct str zone);

/* The zone in which to speak of an instant: UTC where local time does not tell it from another, in
 * the hour that comes twice when clocks are put back. */
struct str wire_zone_at(struct str zone, int64_t ms);

/* The body that creates the post. Of a thread the first part is the text and the others are its
 * descendants. None if it would be larger than any post can be. */
struct str wire_post(struct arena *a, const struct account *acc, const struct publication *p);

/* An answer's content: what is in `data`, or all of it where that is missing. NULL if the text is
 * not JSON. */
const struct node *wire_content(struct arena *a, struct str body);

/* Where a picture was copied to, plain text or JSON; none if the answer does not say. */
struct str wire_read_copied(struct arena *a, struct str body);

/* What an error answer says, for people; none if it says nothing readable. */
struct str wire_reason(struct arena *a, struct str body);

/* A post of an answer; false if it has no id. */
bool wire_read_post(struct arena *a, const struct node *n, struct post *out);

/* Is this the post that the publication made? Same network, same minute, same words (white space
 * aside). */
bool wire_same_post(struct arena *a, const struct publication *p, const struct post *post);

/* Brands, of either of the two calls that list them. */
struct list wire_read_brands(struct arena *a, const struct node *n);

/* Best times of a network: days from 1 = Sunday, hours, values of any scale, the higher the better.
 * What makes no sense is passed over; false if nothing is left. */
bool wire_read_best_times(const struct node *n, struct week *out);

/* Figures of one post; false if nothing in it says which post it is. Times without a zone are of
 * `zone`. */
bool wire_read_metrics(struct arena *a, const struct node *n, struct str zone,
                       struct post_metrics *out);

/* How many followed on which day, of either of the two calls that tell a time series: list of
 * struct follower_count, in the order of the answer. What has no day, or no number above 0 (which
 * stands for "not known", too), is left out. */
struct list wire_read_followers(struct arena *a, const struct node *n);

#endif
