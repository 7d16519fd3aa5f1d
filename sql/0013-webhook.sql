-- Who wants to hear of what happens, and what they were told.

CREATE TABLE IF NOT EXISTS webhook (
    tenant_id        CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode         BOOLEAN NOT NULL,
    id               CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    url              VARCHAR(2000) NOT NULL,
    description      VARCHAR(500) NULL,
    event_set        BIGINT NOT NULL,         -- bits: 1 << number of the event
    enabled          BOOLEAN NOT NULL,
    disabled_reason  VARCHAR(500) NULL,
    secret_sealed    VARBINARY(500) NOT NULL,
    old_sealed       VARBINARY(500) NULL,     -- the secret before, which signs as well until:
    old_until_ms     BIGINT NULL,             -- real time
    sealed_by        SMALLINT AS (ORD(secret_sealed)) VIRTUAL, -- first bytes: numbers of the keys
    old_sealed_by    SMALLINT AS (ORD(old_sealed)) VIRTUAL,
    created_ms       BIGINT NOT NULL,
    updated_ms       BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, livemode, id),
    KEY by_seal (sealed_by),
    KEY by_old_seal (old_sealed_by)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS webhook_delivery (
    tenant_id    CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode     BOOLEAN NOT NULL,
    id           CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    webhook_id   CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    event_id     CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    event        TINYINT UNSIGNED NOT NULL,
    payload      MEDIUMTEXT NOT NULL,         -- what is sent, byte for byte
    state        TINYINT UNSIGNED NOT NULL,   -- 1 pending, 2 delivered, 3 failed
    attempts     INT NOT NULL DEFAULT 0,
    http_status  INT NULL,                    -- of the last answer
    problem      VARCHAR(500) NULL,
    kept_from_ms BIGINT NOT NULL,             -- real time: when it was made, for housekeeping
    created_ms   BIGINT NOT NULL,
    updated_ms   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, livemode, id),
    KEY by_webhook (tenant_id, livemode, webhook_id, id),
    KEY by_age (kept_from_ms)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
