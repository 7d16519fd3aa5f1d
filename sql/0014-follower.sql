-- How many follow the accounts that posts go to.

-- Of an account at the provider (blog_id), by network and day: a number since 1970, as the provider
-- cuts days.
CREATE TABLE IF NOT EXISTS follower (
    tenant_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode  BOOLEAN NOT NULL,
    blog_id   VARCHAR(64) NOT NULL,
    platform  TINYINT UNSIGNED NOT NULL,
    day       INT NOT NULL,
    followers BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, livemode, blog_id, platform, day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- When the provider was last asked, whether it knew anything or not.
CREATE TABLE IF NOT EXISTS follower_asked (
    tenant_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode  BOOLEAN NOT NULL,
    blog_id   VARCHAR(64) NOT NULL,
    platform  TINYINT UNSIGNED NOT NULL,
    day       INT NOT NULL, -- UTC
    PRIMARY KEY (tenant_id, livemode, blog_id, platform)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
