/* ask.c: the calls about deliveries that are under way, side by side where the provider allows it.
 * What they tell becomes a verdict. */
#include "db/tx.h"
#include "delivery/batch.h"

/* The attempt as it was written down. */
static bool read_row(struct ctx *c, struct delivery *d, struct publication *out)
{
    d->failure = publication_read(c->arena, &d->row, out);
    if (d->failure)
        d->turn = TURN_OVER;
    return !d->failure;
}

static size_t most_media(const struct sending *s, size_t n)
{
    size_t most = 0;
    for (size_t i = 0; i < n; i++)
        most = s[i].post.media.n > most ? s[i].post.media.n : most;
    return most;
}

void ask_send(struct ctx *c, const struct batch *b)
{
    struct sending *s = arena_array(c->arena, b->n + 1, sizeof *s);
    struct batch due = {.at = arena_array(c->arena, b->n + 1, sizeof(struct delivery *))};
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        if (!read_row(c, b->at[i], &s[due.n].post))
            continue;
        s[due.n].account = &b->at[i]->connection.account;
        due.at[due.n++] = b->at[i];
    }
    intent_keep(c, &due, 1 + most_media(s, due.n));
    for (size_t i = 0; i < due.n; i++) {
        if (due.at[i]->turn != TURN_SEND)
            continue; /* it is no longer ours */
        s[n] = s[i];
        due.at[n++] = due.at[i];
    }
    publisher_send(leave(c), s, n, b->watch);
    for (size_t i = 0; i < n; i++) {
        due.at[i]->copies = s[i].copies;
        verdict_send(c, due.at[i], &s[i].result);
    }
}

/* Looks for the post in the provider's own list. One that is known to be another content's is not
 * it, however much they are alike. */
static error find(struct ctx *c, struct delivery *d, bool *found, struct post *post)
{
    struct publication p;
    struct list posts;
    const struct post *at;
    bool others = false;
    *found = false;
    TRY(publication_read(c->arena, &d->row, &p));
    d->listings++;
    TRY(publisher_find(leave(c), &d->connection.account, &p, &posts));
    at = posts.at;
    for (size_t i = 0; i < posts.n && !*found; i++) {
        TRY(store_publication_is_others(c, at[i].id, &d->content.id, &others));
        *found = !others;
        *post = at[i];
    }
    return NULL;
}

/* It may have arrived, or never left. */
static void look_for(struct ctx *c, struct delivery *d)
{
    struct post post;
    bool found;
    error e;
    intent_keep(c, &(struct batch){&d, 1, NULL}, 1);
    if (d->failure)
        return;
    e = find(c, d, &found, &post);
    if (error_is(e, ERR_PROVIDER))
        verdict_silence(c, d);
    else if (e) {
        d->failure = e;
        d->turn = TURN_OVER;
    } else if (d->row.state == PUBLICATION_ACCEPTED)
        found ? verdict_status(c, d, &post) : verdict_missing(c, d);
    else if (found)
        verdict_take(c, d, &post);
    else
        d->turn = TURN_RENEW;
}

/* What the provider says of a post that it had. Edited elsewhere, it has another id. */
static void hear(struct ctx *c, struct delivery *d, const struct inquiry *q)
{
    d->inquiries++;
    if (q->failure)
        verdict_silence(c, d);
    else if (q->found)
        verdict_status(c, d, &q->post);
    else
        look_for(c, d);
}

void ask_look(struct ctx *c, const struct batch *b)
{
    struct inquiry *q = arena_array(c->arena, b->n + 1, sizeof *q);
    struct delivery **known = arena_array(c->arena, b->n + 1, sizeof(struct delivery *));
    size_t n = 0;
    intent_keep(c, b, 1);
    for (size_t i = 0; i < b->n; i++) {
        struct delivery *d = b->at[i];
        if (d->turn != TURN_LOOK || d->row.state != PUBLICATION_ACCEPTED)
            continue;
        q[n] =
            (struct inquiry){.account = &d->connection.account, .post_id = d->row.provider_post_id};
        known[n++] = d;
    }
    publisher_status(leave(c), q, n, b->watch);
    for (size_t i = 0; i < n; i++)
        hear(c, known[i], &q[i]);
    for (size_t i = 0; i < b->n; i++) {
        if (b->at[i]->turn == TURN_LOOK)
            look_for(c, b->at[i]);
    }
}
