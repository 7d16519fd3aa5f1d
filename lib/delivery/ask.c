/* ask.c: the calls about deliveries that are under way, side by side where the provider allows it.
 * What they tell becomes a verdict. */
#include "base/id.h"
#include "db/tx.h"
#include "delivery/batch.h"

static void give_up(struct delivery *d, error e)
{
    d->failure = e;
    d->turn = TURN_OVER;
}

/* What the provider hears of who asks, and the log of the job says: "job_…". */
static struct str name_of(struct ctx *c, const struct delivery *d)
{
    return id_print(arena_alloc(c->arena, ID_TEXT + 1), S("job_"), &d->job.id);
}

/* Those whose turn it still is: a job that was lost meanwhile is no longer ours. */
static struct batch kept(struct ctx *c, const struct batch *b, enum delivery_turn turn,
                         int64_t calls_ms)
{
    intent_keep(c, b, calls_ms);
    return batch_of(c, b, turn);
}

void ask_send(struct ctx *c, const struct batch *b)
{
    struct sending *s = arena_array(c->arena, b->n + 1, sizeof *s);
    struct batch ready, due;
    size_t pictures = 0;
    for (size_t i = 0; i < b->n; i++) {
        error e = publication_read(c->arena, &b->at[i]->row, &s[i].post);
        if (e)
            give_up(b->at[i], e);
        else
            pictures += s[i].post.media.n;
    }
    ready = batch_of(c, b, TURN_SEND);
    due = kept(c, &ready, TURN_SEND, intent_calls_ms(c, pictures) + intent_patient_ms(c, ready.n));
    for (size_t i = 0, n = 0; i < b->n && n < due.n; i++) {
        if (b->at[i] != due.at[n])
            continue;
        s[n] = (struct sending){.account = &due.at[n]->connection.account,
                                .request_id = name_of(c, due.at[n]),
                                .post = s[i].post};
        n++;
    }
    publisher_send(leave(c), s, due.n, b->patience);
    for (size_t i = 0; i < due.n; i++) {
        due.at[i]->copies = s[i].copies;
        verdict_send(c, due.at[i], &s[i].result);
    }
}

/* The post that is this delivery's: one that is known to be another content's, or was taken for
 * that of another one of the batch just now, is not, however much they are alike. */
static error choose(struct ctx *c, const struct batch *b, size_t i, const struct list *posts,
                    const struct post **out)
{
    const struct post *at = posts->at;
    *out = NULL;
    for (size_t k = 0; k < posts->n; k++) {
        bool others = false;
        for (size_t n = 0; n < i && !others; n++)
            others = str_eq(b->at[n]->row.provider_post_id, at[k].id);
        if (!others)
            TRY(store_publication_is_others(c, at[k].id, &b->at[i]->content.id, &others));
        if (others)
            continue;
        *out = &at[k];
        return NULL;
    }
    return NULL;
}

static void hear_of_search(struct ctx *c, const struct batch *b, size_t i, const struct search *q)
{
    struct delivery *d = b->at[i];
    bool accepted = d->row.state == PUBLICATION_ACCEPTED;
    const struct post *post;
    error e;
    if (q->unwanted) {
        verdict_give_back(d);
        return;
    }
    d->listings += q->asked;
    if (q->failure) {
        verdict_silence(c, d);
        return;
    }
    e = choose(c, b, i, &q->posts, &post);
    if (e)
        give_up(d, e);
    else if (accepted)
        post ? verdict_status(c, d, post) : verdict_missing(c, d);
    else if (post)
        verdict_take(c, d, post);
    else
        d->turn = TURN_RENEW;
}

void ask_search(struct ctx *c, const struct batch *all)
{
    struct batch b = kept(c, all, TURN_LOOK, intent_calls_ms(c, all->n));
    struct search *q = arena_array(c->arena, b.n + 1, sizeof *q);
    size_t n = 0;
    for (size_t i = 0; i < b.n; i++) {
        struct delivery *d = b.at[i];
        error e = publication_read(c->arena, &d->row, &q[n].post);
        q[n].account = &d->connection.account;
        q[n].request_id = name_of(c, d);
        if (e)
            give_up(d, e);
        else
            b.at[n++] = d;
    }
    b.n = n;
    publisher_find(leave(c), q, n, b.patience);
    for (size_t i = 0; i < n; i++)
        hear_of_search(c, &b, i, &q[i]);
}

/* Edited elsewhere, a post has another id: it is searched for. */
static void hear_of_status(struct ctx *c, struct delivery *d, const struct inquiry *q)
{
    if (q->unwanted) {
        verdict_give_back(d);
        return;
    }
    d->inquiries++;
    if (q->failure)
        verdict_silence(c, d);
    else if (q->found)
        verdict_status(c, d, &q->post);
}

void ask_status(struct ctx *c, const struct batch *all)
{
    struct batch b = kept(c, all, TURN_LOOK, intent_patient_ms(c, all->n)), missing;
    struct inquiry *q = arena_array(c->arena, b.n + 1, sizeof *q);
    for (size_t i = 0; i < b.n; i++)
        q[i] = (struct inquiry){.account = &b.at[i]->connection.account,
                                .request_id = name_of(c, b.at[i]),
                                .post_id = b.at[i]->row.provider_post_id};
    publisher_status(leave(c), q, b.n, b.patience);
    for (size_t i = 0; i < b.n; i++)
        hear_of_status(c, b.at[i], &q[i]);
    missing = batch_of(c, &b, TURN_LOOK);
    if (missing.n)
        ask_search(c, &missing);
}
