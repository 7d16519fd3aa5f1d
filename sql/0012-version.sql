-- What content said before, and sketches of what it says, to find what would be said twice.

-- Kept from the second version on: content that was never changed is its own first version.
CREATE TABLE IF NOT EXISTS content_version (
    tenant_id  CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode   BOOLEAN NOT NULL,
    content_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    id         CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- in the order of versions
    version    INT NOT NULL,
    copy       MEDIUMTEXT NOT NULL,
    visuals    MEDIUMTEXT NOT NULL,
    cause      TINYINT UNSIGNED NOT NULL, -- 1 written, 2 edited, 3 regenerated
    author     VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL, -- usr_… or key_…; NULL: AMP
    reason     TEXT NULL,
    confidence DOUBLE NULL,
    model      VARCHAR(200) NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, livemode, content_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS content_sketch (
    tenant_id  CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode   BOOLEAN NOT NULL,
    mission_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    content_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sketch     BINARY(64) NOT NULL,
    PRIMARY KEY (tenant_id, livemode, mission_id, content_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
