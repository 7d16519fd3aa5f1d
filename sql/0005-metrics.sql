-- What posts have reached, as it came in, and summed up for the answers.

-- What a post gained on a day (days since 1970, UTC), as far as it was pulled on that day.
CREATE TABLE IF NOT EXISTS metric_day (
    tenant_id   CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode    BOOLEAN NOT NULL,
    content_id  CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    day         INT NOT NULL,
    impressions BIGINT NOT NULL, -- negative where a platform corrected itself
    engagements BIGINT NOT NULL,
    likes       BIGINT NOT NULL,
    comments    BIGINT NOT NULL,
    shares      BIGINT NOT NULL,
    saves       BIGINT NOT NULL,
    clicks      BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, livemode, content_id, day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- A row for each published post: what it counts under, and its totals when last pulled.
CREATE TABLE IF NOT EXISTS metric_last (
    tenant_id    CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode     BOOLEAN NOT NULL,
    content_id   CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    mission_id   CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    platform     TINYINT UNSIGNED NOT NULL,
    type         TINYINT UNSIGNED NOT NULL,
    pillar       VARCHAR(200) NOT NULL, -- '': none
    published_ms BIGINT NOT NULL,
    impressions  BIGINT NOT NULL DEFAULT 0,
    engagements  BIGINT NOT NULL DEFAULT 0,
    likes        BIGINT NOT NULL DEFAULT 0,
    comments     BIGINT NOT NULL DEFAULT 0,
    shares       BIGINT NOT NULL DEFAULT 0,
    saves        BIGINT NOT NULL DEFAULT 0,
    clicks       BIGINT NOT NULL DEFAULT 0,
    changed_ms   BIGINT NOT NULL,       -- when a pull last found other totals
    PRIMARY KEY (tenant_id, livemode, content_id),
    KEY by_time (tenant_id, livemode, published_ms, impressions, platform),
    KEY by_mission (tenant_id, livemode, mission_id, published_ms, impressions, platform)
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
    PRIMARY KEY (tenant_id, livemode, mission_id, day, platform, type, pillar)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The same by hour (hours since 1970, UTC), only as fine as a time series shows it.
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
    PRIMARY KEY (tenant_id, livemode, mission_id, hour, platform)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
