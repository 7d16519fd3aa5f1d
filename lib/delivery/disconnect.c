/* disconnect.c: the end of an account: what the provider has and has not brought out is taken back
 * as far as possible. How posts get there is delivery.c's. */
#include "base/clock.h"
#include "db/tx.h"
#include "delivery/delivery.h"
#include "delivery/publication.h"
#include "store/content.h"

/* Somebody waits for the answer: what is not taken back by then is left. */
enum { ON_ITS_WAY_MAX = 1000, TAKE_BACK_MS = 20 * 1000 };

/* Transaction: the provider no longer has it. ERR_INVALID_STATE: it has come out meanwhile. */
static error withdraw(struct ctx *c, void *arg)
{
    struct publication_row row = *(const struct publication_row *)arg;
    struct content x;
    struct cost call;
    enum content_status to;
    TRY(store_content_lock(c, &row.content, &x));
    if (!content_next((enum content_status)x.status, CONTENT_WITHDRAW, &to))
        return error_of(ERR_INVALID_STATE);
    row.state = PUBLICATION_REFUSED;
    row.problem = x.publishing.last_error = S("It was taken back when the account was left.");
    x.scheduling.scheduled_ms = 0;
    x.publishing.provider_post_id = (struct str){0};
    TRY(store_publication_move(c, &row, PUBLICATION_ACCEPTED));
    TRY(store_content_move(c, &x, to));
    call = publication_cost(c, &x, &(struct id){0}, S("posts.delete"));
    TRY(store_cost_enter(c, &call));
    return store_job_end(c, JOB_CONTENT_PUBLISH, &x.id, JOB_CANCELLED);
}

/* *done: the post will not come out. */
static error take_back(struct ctx *c, const struct connection *to,
                       const struct publication_row *row, bool *done)
{
    struct publication_row copy = *row;
    error e;
    *done = false;
    if (row->state != PUBLICATION_ACCEPTED || !integration_is_usable((int)to->status) ||
        to->account.report->news > CALL_FINE)
        return NULL;
    e = publisher_cancel(leave(c), &to->account, row->provider_post_id);
    if (error_is(e, ERR_PROVIDER))
        return NULL;
    TRY(e);
    e = in_transaction(c, withdraw, &copy);
    *done = !e;
    return error_is(e, ERR_INVALID_STATE) ? NULL : e;
}

static error forget(struct ctx *c, void *arg)
{
    struct integration i;
    (void)arg;
    TRY(store_integration_lock(c, &i));
    i.status = INTEGRATION_DISCONNECTED;
    i.token_sealed = i.last_error = (struct str){0};
    i.networks = S("[]");
    return connection_put(c, &i);
}

error delivery_disconnect(struct ctx *c, struct list *cancelled, struct list *left)
{
    struct id *taken = arena_array(c->arena, ON_ITS_WAY_MAX, sizeof *taken);
    struct id *kept = arena_array(c->arena, ON_ITS_WAY_MAX, sizeof *kept);
    size_t taken_n = 0, kept_n = 0;
    int64_t until_us = clock_mono_us() + TAKE_BACK_MS * 1000;
    struct connection to;
    struct list rows;
    const struct publication_row *row;
    TRY(account_of(c, &to));
    TRY(store_publication_on_its_way(c, ON_ITS_WAY_MAX, &rows));
    row = rows.at;
    for (size_t i = 0; i < rows.n; i++) {
        bool done = false;
        if (clock_mono_us() < until_us)
            TRY(take_back(c, &to, &row[i], &done));
        if (done)
            taken[taken_n++] = row[i].content;
        else
            kept[kept_n++] = row[i].content;
    }
    *cancelled = (struct list){taken, taken_n};
    *left = (struct list){kept, kept_n};
    return in_transaction(c, forget, NULL);
}
