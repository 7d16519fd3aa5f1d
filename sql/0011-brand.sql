-- Brand contexts: who speaks in the texts of missions.

CREATE TABLE IF NOT EXISTS brand_context (
    tenant_id       CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode        BOOLEAN NOT NULL,
    id              CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name            VARCHAR(200) NOT NULL,
    voice           TEXT NULL,
    tone            VARCHAR(200) NULL,
    audience        VARCHAR(500) NULL,
    topics          MEDIUMTEXT NOT NULL,       -- documents are checked JSON, kept as text
    preferred_words MEDIUMTEXT NOT NULL,
    banned_words    MEDIUMTEXT NOT NULL,
    links           MEDIUMTEXT NOT NULL,
    hashtags        MEDIUMTEXT NOT NULL,
    examples        MEDIUMTEXT NOT NULL,
    created_ms      BIGINT NOT NULL,
    updated_ms      BIGINT NOT NULL,
    revision        BIGINT NOT NULL DEFAULT 1, -- one more with each change: the ETag
    PRIMARY KEY (tenant_id, livemode, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
