-- Invitations to a tenant, and the log of who did what.

CREATE TABLE IF NOT EXISTS invitation (
    tenant_id  CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    id         CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    token_hash BINARY(32) NOT NULL,     -- SHA-256 of the token in the link
    email      VARCHAR(254) NOT NULL,   -- lower case
    role       TINYINT UNSIGNED NOT NULL,
    invited_by VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- usr_… or key_…
    user_id    CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,     -- the user behind it, as of a key
    expires_ms BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE KEY token (token_hash),
    UNIQUE KEY email (tenant_id, email),
    KEY by_end (expires_ms)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Written and read, never changed: the user that serves requests has no right to.
CREATE TABLE IF NOT EXISTS audit (
    tenant_id  CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- '0000000000000000': none
    livemode   BOOLEAN NOT NULL,
    id         CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    actor      VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL,  -- usr_…, key_…, cli, system
    action     VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    object     VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL,
    detail     VARCHAR(300) NULL,
    status     INT NULL,                -- of the answer; NULL: no request
    address    VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NULL,
    request_id VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NULL,
    created_ms BIGINT NOT NULL,         -- real time
    PRIMARY KEY (tenant_id, livemode, id),
    KEY by_actor (tenant_id, livemode, actor, id),
    KEY by_action (tenant_id, livemode, action, id),
    KEY by_object (tenant_id, livemode, object, id),
    KEY by_age (created_ms)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
