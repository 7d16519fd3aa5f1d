/* content_count.c: keeps content_count, in the transactions that change content. It is read where
 * content is. */
#include "store/content_count.h"

#include "db/db.h"

/* The mission of the counts of all missions together. */
static const struct id no_mission = {
    {'0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0'}};

/* A change of the counts: n more contents like that one in a state. */
struct change {
    const struct content *like;
    int status;
    int64_t n;
};

/* Of a mission's content, and of the tenant's. */
static error count_changes(struct ctx *c, const struct change *change, size_t n)
{
    QUERY q[] = ROWS_QUERY("content.count_change",
                           "INSERT INTO content_count (tenant_id, livemode, mission_id, status,"
                           " platform, type, slot, n) VALUES ",
                           "(:tenant, :live, ?, ?, ?, ?, ?, ?), (:tenant, :live, ?, ?, ?, ?, ?, ?)",
                           " ON DUPLICATE KEY UPDATE n = n + VALUES(n)");
    unsigned slot = db_slot(c->db) % COUNT_SLOTS;
    struct db_rows rows = db_rows_new(c->arena, n, 12);
    for (size_t i = 0; i < n; i++) {
        const struct content *x = change[i].like;
        db_rows_add(&rows, P(&no_mission), P(change[i].status), P(x->platform), P(x->type), P(slot),
                    P(change[i].n), P(&x->mission_id), P(change[i].status), P(x->platform),
                    P(x->type), P(slot), P(change[i].n));
    }
    return db_run_rows(c, q, &rows, NULL);
}

error store_count_move(struct ctx *c, const struct content *x, int from, int to, int64_t n)
{
    const struct change changes[] = {{x, from, -n}, {x, to, n}};
    return count_changes(c, changes, 2);
}

error store_count_inserted(struct ctx *c, const struct content *x, size_t n, const bool *taken)
{
    struct change *changes = arena_array(c->arena, n, sizeof *changes);
    size_t kinds = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        if (taken && taken[i])
            continue;
        while (k < kinds &&
               !(changes[k].status == x[i].status && changes[k].like->platform == x[i].platform &&
                 changes[k].like->type == x[i].type &&
                 id_eq(&changes[k].like->mission_id, &x[i].mission_id)))
            k++;
        if (k == kinds)
            changes[kinds++] = (struct change){&x[i], x[i].status, 0};
        changes[k].n++;
    }
    return count_changes(c, changes, kinds);
}
