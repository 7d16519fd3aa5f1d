/* follower.c: every statement about follower and follower_asked. When to ask is decided
 * elsewhere. */
#include "store/follower.h"

#include "db/db.h"

#define ACCOUNT " WHERE tenant_id = :tenant AND livemode = :live AND blog_id = ?"

error store_follower_put(struct ctx *c, struct str blog_id, const struct follower_day *days,
                         size_t n)
{
    QUERY q = {
        .name = "follower.put",
        .sql = "INSERT INTO follower (tenant_id, livemode, blog_id, platform, day,"
               " followers) VALUES "
               "(:tenant, :live, ?, ?, ?, ?)"
               " ON DUPLICATE KEY UPDATE followers = VALUES(followers)",
    };
    struct db_rows rows = db_rows_new(c->arena, n, 4);
    for (size_t i = 0; i < n; i++)
        db_rows_add(&rows, P(blog_id), P(days[i].platform), P(days[i].day), P(days[i].followers));
    return db_run_each(c, &q, &rows, NULL);
}

error store_follower_asked(struct ctx *c, struct str blog_id, unsigned platforms, int64_t day)
{
    QUERY q = {
        .name = "follower_asked.put",
        .sql = "INSERT INTO follower_asked (tenant_id, livemode, blog_id, platform, day)"
               " VALUES "
               "(:tenant, :live, ?, ?, ?)"
               " ON DUPLICATE KEY UPDATE day = VALUES(day)",
    };
    struct db_rows rows = db_rows_new(c->arena, PLATFORM_COUNT, 3);
    for (int p = 0; p < PLATFORM_COUNT; p++) {
        if (platforms >> p & 1)
            db_rows_add(&rows, P(blog_id), P(p), P(day));
    }
    return db_run_each(c, &q, &rows, NULL);
}

error store_follower_known(struct ctx *c, struct str blog_id,
                           struct follower_known known[PLATFORM_COUNT])
{
    struct one {
        int platform;
        struct follower_known known;
    };
    static const struct col cols[] = {
        {"a.platform", COL_ENUM, offsetof(struct one, platform)},
        {"a.day", COL_INT, offsetof(struct one, known.asked)},
        {"COALESCE((SELECT f.day FROM follower f WHERE f.tenant_id = a.tenant_id"
         " AND f.livemode = a.livemode AND f.blog_id = a.blog_id AND f.platform = a.platform"
         " ORDER BY f.day DESC LIMIT 1), 0)",
         COL_INT, offsetof(struct one, known.last)},
    };
    static const struct row row = ROW(struct one, cols);
    QUERY q = {
        .name = "follower_asked.known",
        .sql = "SELECT :cols FROM follower_asked a" ACCOUNT " LIMIT 64",
        .row = &row,
        .index = "PRIMARY",
    };
    struct list found;
    TRY(db_all(c, &q, &found, P(blog_id)));
    const struct one *one = found.at;
    for (size_t i = 0; i < found.n; i++) {
        if (one[i].platform < PLATFORM_COUNT)
            known[one[i].platform] = one[i].known;
    }
    return NULL;
}

/* The known days of each account and platform come from the ends of index ranges, whatever lies
 * between them. */
#define FIND(alias)                                                                                \
    " JOIN follower " alias " ON " alias ".tenant_id = :tenant AND " alias ".livemode = :live"     \
    " AND " alias ".blog_id = k.blog_id AND " alias ".platform = k.platform AND " alias ".day = "

error store_follower_gained(struct ctx *c, int64_t first_day, int64_t last_day,
                            int64_t platform_set, int64_t *gained)
{
    static const struct col cols[] = {
        {"CAST(COALESCE(SUM(n.followers - b.followers), 0) AS SIGNED)", COL_INT, 0}};
    static const struct row row = ROW(int64_t, cols);
    QUERY q = {
        .name = "follower.gained",
        .sql = "SELECT :cols FROM (SELECT blog_id, platform, MIN(day) AS oldest, MAX(day) AS newest"
               " FROM follower WHERE tenant_id = :tenant AND livemode = :live AND day <= ?"
               " GROUP BY blog_id, platform) k" FIND("n") "k.newest" FIND(
                   "b") "COALESCE((SELECT MAX(o.day) FROM follower o WHERE o.tenant_id = :tenant"
                        " AND o.livemode = :live AND o.blog_id = k.blog_id"
                        " AND o.platform = k.platform AND o.day < ?), k.oldest)"
                        " WHERE (? = 0 OR (? >> k.platform) & 1)",
        .row = &row,
        .index = "PRIMARY",
    };
    return db_one(c, &q, gained, P(last_day), P(first_day), P(platform_set), P(platform_set));
}
