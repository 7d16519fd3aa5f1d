/* follower.c: every statement about follower and follower_asked. When to ask is decided
 * elsewhere. */
#include "store/follower.h"

#include "db/db.h"

#define ACCOUNT " WHERE tenant_id = :tenant AND livemode = :live AND blog_id = ?"

error store_follower_put(struct ctx *c, struct str blog_id, enum platform platform, int64_t day,
                         int64_t followers)
{
    QUERY q = {
        .name = "follower.put",
        .sql = "INSERT INTO follower (tenant_id, livemode, blog_id, platform, day, followers)"
               " VALUES (:tenant, :live, ?, ?, ?, ?)"
               " ON DUPLICATE KEY UPDATE followers = VALUES(followers)",
    };
    return db_run(c, &q, NULL, P(blog_id), P(platform), P(day), P(followers));
}

error store_follower_last_day(struct ctx *c, struct str blog_id, enum platform platform,
                              int64_t *day)
{
    static const struct col cols[] = {{"day", COL_INT, 0}};
    static const struct row row = ROW(int64_t, cols);
    QUERY q = {
        .name = "follower.last_day",
        .sql = "SELECT :cols FROM follower" ACCOUNT " AND platform = ? ORDER BY day DESC LIMIT 1",
        .row = &row,
        .index = "PRIMARY",
    };
    return db_one(c, &q, day, P(blog_id), P(platform));
}

error store_follower_asked(struct ctx *c, struct str blog_id, enum platform platform, int64_t day)
{
    QUERY q = {
        .name = "follower_asked.put",
        .sql = "INSERT INTO follower_asked (tenant_id, livemode, blog_id, platform, day)"
               " VALUES (:tenant, :live, ?, ?, ?) ON DUPLICATE KEY UPDATE day = VALUES(day)",
    };
    return db_run(c, &q, NULL, P(blog_id), P(platform), P(day));
}

error store_follower_asked_on(struct ctx *c, struct str blog_id, int64_t day, int64_t *platform_set)
{
    static const struct col cols[] = {{"CAST(BIT_OR(1 << platform) AS SIGNED)", COL_INT, 0}};
    static const struct row row = ROW(int64_t, cols);
    QUERY q = {
        .name = "follower_asked.on",
        .sql = "SELECT :cols FROM follower_asked" ACCOUNT " AND day >= ?",
        .row = &row,
        .index = "PRIMARY",
    };
    return db_one(c, &q, platform_set, P(blog_id), P(day));
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
