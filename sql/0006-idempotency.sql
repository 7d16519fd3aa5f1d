-- Answers to requests that carried an Idempotency-Key, for those who ask again.

CREATE TABLE IF NOT EXISTS idempotency (
    tenant_id       CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode        BOOLEAN NOT NULL,
    principal       VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- key_… or usr_…
    idempotency_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    fingerprint     CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- SHA-256 of the request
    status          INT NOT NULL,              -- 0: still running
    locked_until_ms BIGINT NOT NULL DEFAULT 0, -- real time; who runs it has died if it is past
    location        VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL,
    etag            VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    body_sealed     MEDIUMBLOB NULL,
    sealed_by       SMALLINT AS (ORD(body_sealed)) VIRTUAL, -- its first byte: the number of the key
    created_ms      BIGINT NOT NULL,           -- real time; kept for a day
    PRIMARY KEY (tenant_id, livemode, principal, idempotency_key),
    KEY by_age (created_ms),
    KEY by_seal (sealed_by)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
