-- What posts have reached, as it came in, and summed up for the answers. Days and hours are numbers
-- since 1970, UTC.

-- What a post gained in an hour, as far as it was pulled in that hour: from this all else follows.
CREATE TABLE IF NOT EXISTS metric_gain (
    tenant_id   CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode    BOOLEAN NOT NULL,
    content_id  CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    hour        INT NOT NULL,
    impressions BIGINT NOT NULL, -- negative where a platform corrected itself
    engagements BIGINT NOT NULL,
    likes       BIGINT NOT NULL,
    comments    BIGINT NOT NULL,
    shares      BIGINT NOT NULL,
    saves       BIGINT NOT NULL,
    clicks      BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, livemode, content_id, hour)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- A row for each published post: what it counts under, and its totals when last pulled. There is an
-- index for each order of a ranking; the two by day find the best of a day and platform.
CREATE TABLE IF NOT EXISTS metric_last (
    tenant_id    CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode     BOOLEAN NOT NULL,
    content_id   CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    mission_id   CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    platform     TINYINT UNSIGNED NOT NULL,
    type         TINYINT UNSIGNED NOT NULL,
    pillar       VARCHAR(200) NOT NULL, -- '': none
    published_ms BIGINT NOT NULL,
    day          INT NOT NULL,          -- that of published_ms
    impressions  BIGINT NOT NULL DEFAULT 0,
    engagements  BIGINT NOT NULL DEFAULT 0,
    likes        BIGINT NOT NULL DEFAULT 0,
    comments     BIGINT NOT NULL DEFAULT 0,
    shares       BIGINT NOT NULL DEFAULT 0,
    saves        BIGINT NOT NULL DEFAULT 0,
    clicks       BIGINT NOT NULL DEFAULT 0,
    rate         BIGINT NOT NULL DEFAULT 0, -- engagements per 100 impressions, in hundredths
    changed_ms   BIGINT NOT NULL,       -- when a pull last found other totals
    due_ms       BIGINT NOT NULL DEFAULT 0, -- when to pull again
    PRIMARY KEY (tenant_id, livemode, content_id),
    KEY by_change (tenant_id, livemode, changed_ms, mission_id),
    KEY by_due (tenant_id, livemode, platform, due_ms, content_id),
    KEY best_of_day (tenant_id, livemode, day, platform, impressions),
    KEY best_of_mission (tenant_id, livemode, mission_id, day, platform, impressions),
    KEY by_published (tenant_id, livemode, published_ms, content_id, platform),
    KEY by_impressions (tenant_id, livemode, impressions, content_id, published_ms, platform),
    KEY by_engagements (tenant_id, livemode, engagements, content_id, published_ms, platform),
    KEY by_rate (tenant_id, livemode, rate, content_id, published_ms, platform)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Sums of a mission and day; and of all missions ('0000000000000000'), there without pillars.
CREATE TABLE IF NOT EXISTS rollup_day (
    tenant_id   CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode    BOOLEAN NOT NULL,
    mission_id  CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    day         INT NOT NULL,
    platform    TINYINT UNSIGNED NOT NULL,
    type        TINYINT UNSIGNED NOT NULL,
    pillar      VARCHAR(200) NOT NULL,
    posts       BIGINT NOT NULL, -- published on that day
    impressions BIGINT NOT NULL,
    engagements BIGINT NOT NULL,
    clicks      BIGINT NOT NULL,
    best        BIGINT NOT NULL, -- impressions until now of the best post published on that day; -1: none was
    PRIMARY KEY (tenant_id, livemode, mission_id, day, platform, type, pillar)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The same by hour, only as fine as a time series shows it, and for the last 90 days.
CREATE TABLE IF NOT EXISTS rollup_hour (
    tenant_id   CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode    BOOLEAN NOT NULL,
    mission_id  CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    hour        INT NOT NULL,
    platform    TINYINT UNSIGNED NOT NULL,
    posts       BIGINT NOT NULL,
    impressions BIGINT NOT NULL,
    engagements BIGINT NOT NULL,
    clicks      BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, livemode, mission_id, hour, platform),
    KEY by_age (hour)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What the posts that were published in an hour have reached since.
CREATE TABLE IF NOT EXISTS rollup_post (
    tenant_id   CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode    BOOLEAN NOT NULL,
    hour        INT NOT NULL,
    platform    TINYINT UNSIGNED NOT NULL,
    type        TINYINT UNSIGNED NOT NULL,
    posts       BIGINT NOT NULL,
    impressions BIGINT NOT NULL,
    engagements BIGINT NOT NULL,
    clicks      BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, livemode, hour, platform, type)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
