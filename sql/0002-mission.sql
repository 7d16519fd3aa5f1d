-- Missions, how many there are, and what the stages of their pipelines found out.

CREATE TABLE IF NOT EXISTS mission (
    tenant_id        CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode         BOOLEAN NOT NULL,
    id               CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name             VARCHAR(200) NOT NULL,
    description      TEXT NULL,
    status           TINYINT UNSIGNED NOT NULL, -- 1 draft, 2 active, 3 paused, 4 completed, 5 deleted
    status_reason    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    objectives       MEDIUMTEXT NOT NULL,       -- documents are checked JSON, kept as text
    platforms        VARCHAR(500) NOT NULL,
    platform_set     INT UNSIGNED NOT NULL,     -- the same as bits
    constraints      MEDIUMTEXT NOT NULL,
    kpis             MEDIUMTEXT NOT NULL,
    brand_context_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
    duration_days    INT NOT NULL,
    starts_ms        BIGINT NOT NULL,
    ends_ms          BIGINT NOT NULL,
    pipeline_job_id  CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
    created_ms       BIGINT NOT NULL,
    updated_ms       BIGINT NOT NULL,
    revision         BIGINT NOT NULL DEFAULT 1, -- one more with each change: the ETag
    PRIMARY KEY (tenant_id, livemode, id),
    KEY by_status (tenant_id, livemode, status, id),
    KEY by_brand (tenant_id, livemode, brand_context_id, status)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Exact totals without a scan. The slot spreads writers, so that they do not queue for one row.
CREATE TABLE IF NOT EXISTS mission_count (
    tenant_id    CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode     BOOLEAN NOT NULL,
    status       TINYINT UNSIGNED NOT NULL,
    platform_set INT UNSIGNED NOT NULL,
    slot         TINYINT UNSIGNED NOT NULL,
    n            BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, livemode, status, platform_set, slot)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS stage (
    tenant_id  CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode   BOOLEAN NOT NULL,
    mission_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    stage      TINYINT UNSIGNED NOT NULL, -- 1 intake … 6 optimize
    input      MEDIUMTEXT NULL,           -- what it worked from; none: the output before it
    output     MEDIUMTEXT NOT NULL,
    started_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, livemode, mission_id, stage)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
