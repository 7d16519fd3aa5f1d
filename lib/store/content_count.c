/* content_count.c: keeps content_count, in the transactions that change content. It is read where
 * content is. */
#include "store/content_count.h"

#include "db/db.h"

/* The mission of the counts of all missions together. */
static const struct id no_mission = {
    {'0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0'}};

/* Changes of the counts, those of one kind added up: n more contents like that one in a state. */
struct change {
    const struct content *like;
    int status;
    int64_t n;
};
struct tally {
    struct change *at;
    size_t n;
};

static struct tally tally_new(struct arena *a, size_t kinds)
{
    return (struct tally){.at = arena_array(a, kinds, sizeof(struct change))};
}

static bool is_of_kind(const struct change *change, const struct content *x, int status)
{
    return change->status == status && change->like->platform == x->platform &&
           change->like->type == x->type && id_eq(&change->like->mission_id, &x->mission_id);
}

static void count(struct tally *t, const struct content *x, int status, int64_t n)
{
    size_t i = 0;
    while (i < t->n && !is_of_kind(&t->at[i], x, status))
        i++;
    if (i == t->n)
        t->at[t->n++] = (struct change){x, status, 0};
    t->at[i].n += n;
}

/* Of a mission's content, and of the tenant's. */
static error write_down(struct ctx *c, const struct tally *t)
{
    QUERY q = {
        .name = "content.count_change",
        .sql = "INSERT INTO content_count (tenant_id, livemode, mission_id, status,"
               " platform, type, slot, n) VALUES "
               "(:tenant, :live, ?, ?, ?, ?, ?, ?), (:tenant, :live, ?, ?, ?, ?, ?, ?)"
               " ON DUPLICATE KEY UPDATE n = n + VALUES(n)",
    };
    unsigned slot = db_slot(c->db) % COUNT_SLOTS;
    struct db_rows rows = db_rows_new(c->arena, t->n, 12);
    for (size_t i = 0; i < t->n; i++) {
        const struct change *change = &t->at[i];
        const struct content *x = change->like;
        if (change->n)
            db_rows_add(&rows, P(&no_mission), P(change->status), P(x->platform), P(x->type),
                        P(slot), P(change->n), P(&x->mission_id), P(change->status), P(x->platform),
                        P(x->type), P(slot), P(change->n));
    }
    return db_run_each(c, &q, &rows, NULL);
}

error store_count_move(struct ctx *c, const struct content *x, int from, int to, int64_t n)
{
    struct tally t = tally_new(c->arena, 2);
    count(&t, x, from, -n);
    count(&t, x, to, n);
    return write_down(c, &t);
}

error store_counts_move(struct ctx *c, const struct content_move *m, size_t n)
{
    struct tally t = tally_new(c->arena, 2 * n);
    for (size_t i = 0; i < n; i++) {
        count(&t, m[i].content, m[i].content->status, -1);
        count(&t, m[i].content, (int)m[i].to, 1);
    }
    return write_down(c, &t);
}

error store_count_inserted(struct ctx *c, const struct content *x, size_t n, const bool *taken)
{
    struct tally t = tally_new(c->arena, n);
    for (size_t i = 0; i < n; i++)
        if (!taken || !taken[i])
            count(&t, &x[i], x[i].status, 1);
    return write_down(c, &t);
}
