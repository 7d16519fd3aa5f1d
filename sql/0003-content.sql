-- Content, how much there is, and what was sent of it.

CREATE TABLE IF NOT EXISTS content (
    tenant_id          CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode           BOOLEAN NOT NULL,
    id                 CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    mission_id         CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    platform           TINYINT UNSIGNED NOT NULL,
    type               TINYINT UNSIGNED NOT NULL,
    status             TINYINT UNSIGNED NOT NULL,
    slot_ms            BIGINT NULL,         -- the place in the mission's calendar
    copy               MEDIUMTEXT NOT NULL,
    visuals            MEDIUMTEXT NOT NULL,
    topic              VARCHAR(500) NULL,
    pillar             VARCHAR(200) NULL,
    tags               TEXT NOT NULL,
    language           VARCHAR(35) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    confidence         DOUBLE NULL,
    model              VARCHAR(200) NOT NULL,
    cost_microcents        BIGINT NOT NULL DEFAULT 0,
    scheduled_ms       BIGINT NULL,
    zone               VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    published_ms       BIGINT NULL,
    platform_post_id   VARCHAR(255) NULL,
    platform_url       VARCHAR(2000) NULL,
    provider_post_id   VARCHAR(255) NULL,
    attempts           INT NOT NULL DEFAULT 0,
    last_error         VARCHAR(1000) NULL,
    review_required    BOOLEAN NOT NULL,
    approvals          INT NOT NULL DEFAULT 0,
    approvals_required INT NOT NULL DEFAULT 1,
    reviewed_by        VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL, -- usr_… or key_…
    reviewed_ms        BIGINT NULL,
    notes              TEXT NULL,
    rejection_reason   TEXT NULL,
    version            INT NOT NULL DEFAULT 1,
    created_ms         BIGINT NOT NULL,
    updated_ms         BIGINT NOT NULL,
    revision           BIGINT NOT NULL DEFAULT 1, -- one more with each change: the ETag
    PRIMARY KEY (tenant_id, livemode, id),
    UNIQUE KEY slot (tenant_id, livemode, mission_id, platform, slot_ms),
    KEY by_mission (tenant_id, livemode, mission_id, id),
    KEY by_status (tenant_id, livemode, status, id),
    KEY by_time (tenant_id, livemode, scheduled_ms),
    KEY queue (tenant_id, livemode, status, scheduled_ms)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Exact totals without a scan: a row for each mission, and one for all ('0000000000000000').
CREATE TABLE IF NOT EXISTS content_count (
    tenant_id  CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode   BOOLEAN NOT NULL,
    mission_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    status     TINYINT UNSIGNED NOT NULL,
    platform   TINYINT UNSIGNED NOT NULL,
    type       TINYINT UNSIGNED NOT NULL,
    slot       TINYINT UNSIGNED NOT NULL,
    n          BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, livemode, mission_id, status, platform, type, slot)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Who approved which version: nobody counts twice.
CREATE TABLE IF NOT EXISTS approval (
    tenant_id   CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode    BOOLEAN NOT NULL,
    content_id  CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    version     INT NOT NULL,
    approver    VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    approved_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, livemode, content_id, version, approver)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What exactly was, or is about to be, handed to the provider: written before anything leaves.
CREATE TABLE IF NOT EXISTS publication (
    tenant_id        CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode         BOOLEAN NOT NULL,
    content_id       CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    attempt          INT NOT NULL,
    state            TINYINT UNSIGNED NOT NULL, -- 1 intended, 2 unclear, 3 accepted, 4 published, 5 refused
    platform         TINYINT UNSIGNED NOT NULL,
    type             TINYINT UNSIGNED NOT NULL,
    copy             MEDIUMTEXT NOT NULL,
    media            MEDIUMTEXT NOT NULL,
    publish_ms       BIGINT NOT NULL,
    sent_ms          BIGINT NULL,     -- real time of the last sending
    provider_post_id VARCHAR(255) NULL,
    provider_uuid    VARCHAR(255) NULL,
    problem          VARCHAR(1000) NULL,
    created_ms       BIGINT NOT NULL,
    updated_ms       BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, livemode, content_id, attempt),
    KEY by_post (tenant_id, livemode, provider_post_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The account at the publishing provider.
CREATE TABLE IF NOT EXISTS integration (
    tenant_id    CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode     BOOLEAN NOT NULL,
    provider     TINYINT UNSIGNED NOT NULL, -- 1 metricool
    blog_id      VARCHAR(64) NOT NULL,
    user_id      VARCHAR(64) NOT NULL,
    blog_name    VARCHAR(200) NULL,
    zone         VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    networks     MEDIUMTEXT NOT NULL,
    pinterest_board_id VARCHAR(64) NULL,    -- where pins go
    token_sealed VARBINARY(2000) NULL,      -- NULL: the sandbox's own
    sealed_by    SMALLINT AS (ORD(token_sealed)) VIRTUAL, -- its first byte: the number of the key
    status       TINYINT UNSIGNED NOT NULL, -- 1 healthy, 2 degraded, 3 error, 4 disconnected
    last_error   VARCHAR(1000) NULL,
    last_sync_ms BIGINT NULL,
    connected_ms BIGINT NOT NULL,
    latency_ms   INT NOT NULL DEFAULT 0,    -- of the last call
    failures     INT NOT NULL DEFAULT 0,    -- calls in a row that got no usable answer
    pause_ms     BIGINT NOT NULL DEFAULT 0, -- real time; no call before it
    slot_ms      BIGINT NOT NULL DEFAULT 0, -- real time; when the next call may be made
    PRIMARY KEY (tenant_id, livemode, provider),
    KEY by_seal (sealed_by)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
