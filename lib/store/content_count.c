/* content_count.c: keeps content_count, in the transactions that change content. It is read where
 * content is. */
#include "store/content_count.h"

#include <stdlib.h>

#include "db/db.h"

/* The mission of the counts of all missions together. */
static const struct id no_mission = {
    {'0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0'}};

/* Changes of the counts: so many more contents of a kind. */
struct change {
    struct id mission;
    int status, platform, type;
    int64_t n;
};
struct tally {
    struct change *at;
    size_t n;
};

static struct tally tally_new(struct arena *a, size_t changes)
{
    return (struct tally){.at = arena_array(a, 2 * changes, sizeof(struct change))};
}

/* Of a mission's content, and of the tenant's. */
static void count(struct tally *t, const struct content *x, int status, int64_t n)
{
    struct change of = {x->mission_id, status, x->platform, x->type, n};
    t->at[t->n++] = of;
    of.mission = no_mission;
    t->at[t->n++] = of;
}

/* In the order of the key of content_count. */
static int by_key(const void *a, const void *b)
{
    const struct change *x = a, *y = b;
    int order = id_cmp(&x->mission, &y->mission);
    if (order)
        return order;
    if (x->status != y->status)
        return x->status - y->status;
    if (x->platform != y->platform)
        return x->platform - y->platform;
    return x->type - y->type;
}

static void add_up(struct tally *t)
{
    size_t kept = 0;
    qsort(t->at, t->n, sizeof *t->at, by_key);
    for (size_t i = 1; i < t->n; i++) {
        if (by_key(&t->at[kept], &t->at[i]) == 0)
            t->at[kept].n += t->at[i].n;
        else
            t->at[++kept] = t->at[i];
    }
    t->n = t->n ? kept + 1 : 0;
}

/* Each row once, in the order of their key: all who write counts do it in the same order, and none
 * waits in a circle. */
static error write_down(struct ctx *c, struct tally *t)
{
    QUERY q = {
        .name = "content.count_change",
        .sql = "INSERT INTO content_count (tenant_id, livemode, mission_id, status,"
               " platform, type, slot, n) VALUES (:tenant, :live, ?, ?, ?, ?, ?, ?)"
               " ON DUPLICATE KEY UPDATE n = n + VALUES(n)",
    };
    unsigned slot = db_slot(c->db) % COUNT_SLOTS;
    struct db_rows rows = db_rows_new(c->arena, t->n, 6);
    add_up(t);
    for (size_t i = 0; i < t->n; i++) {
        const struct change *x = &t->at[i];
        if (x->n)
            db_rows_add(&rows, P(&x->mission), P(x->status), P(x->platform), P(x->type), P(slot),
                        P(x->n));
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
